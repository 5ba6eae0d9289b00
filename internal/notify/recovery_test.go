//go:build !windows && !darwin

package notify

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestServerRestarts(t *testing.T) {
	b := startBus(t)
	s := startServer(b)
	d := newDesktop(t, b, Options{})
	require.NoError(t, d.Send(t.Context(), alarm("3.4")))
	require.NoError(t, s.conn.Close())
	require.Equal(t, Event{Tag: "low", Closed: true, Lost: true}, nextEvent(t, d), "it is gone from the screen")

	require.ErrorIs(t, d.Send(t.Context(), alarm("3.3")), ErrNoServer)
	_, err := d.Check(t.Context())
	require.ErrorIs(t, err, ErrNoServer)

	again := startServer(b, "body")
	require.NoError(t, d.Send(t.Context(), alarm("3.2")))
	require.Zero(t, again.got()[0].replaces, "ids of the former server mean nothing")
	require.Empty(t, again.got()[0].actions, "what it can do is asked anew")
	again.closed(t, "3.2", 2)
	require.Equal(t, Event{Tag: "low", Closed: true, ByUser: true}, nextEvent(t, d))
}

// The death of a server is seen by the call before it is seen by the signal.
func TestServerReplacedBetweenSends(t *testing.T) {
	b := startBus(t)
	s := startServer(b)
	d := newDesktop(t, b, Options{})
	for i := range 10 {
		require.NoError(t, d.Send(t.Context(), alarm(fmt.Sprint(i))))
		require.NoError(t, s.conn.Close())
		b.free()
		s = startServer(b)
	}
	require.NoError(t, d.Send(t.Context(), alarm("last")))
	s.press(t, "last", "seen")
	for e := nextEvent(t, d); e.Button != "seen"; e = nextEvent(t, d) {
		require.Equal(t, Event{Tag: "low", Closed: true, Lost: true}, e)
	}
}

// The server goes between its answer to what it can do and the message: that is
// no reason to call nobody, for which the bus would hang up on us.
func TestServerGoesOnceMet(t *testing.T) {
	b := startBus(t)
	s := startServer(b)
	d := newDesktop(t, b, Options{})
	require.NoError(t, d.Send(t.Context(), alarm("3.4")))
	f := d.road.(*freedesktop)
	l, err := f.connect(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.conn.Close())
	require.Equal(t, Event{Tag: "low", Closed: true, Lost: true}, nextEvent(t, d))
	require.ErrorIs(t, f.notify(t.Context(), l, alarm("3.3")), errGone)
	owner, err := l.owner(t.Context(), busName)
	require.NoError(t, err, "the connection holds")
	require.Equal(t, busName, owner)
}

// Until the signal is handled we address a server that is no more.
func TestServerKnownByAnOldName(t *testing.T) {
	b := startBus(t)
	s := startServer(b)
	d := newDesktop(t, b, Options{})
	require.NoError(t, d.Send(t.Context(), alarm("3.4")))
	f := d.road.(*freedesktop)
	f.mu.Lock()
	f.board.owner, f.capsOf = ":1.9999", ":1.9999"
	f.mu.Unlock()
	require.NoError(t, d.Send(t.Context(), alarm("3.3")))
	require.Zero(t, s.got()[1].replaces)
	s.press(t, "3.3", "seen")
	require.Equal(t, Event{Tag: "low", Closed: true, Lost: true}, nextEvent(t, d))
	require.Equal(t, Event{Tag: "low", Button: "seen"}, nextEvent(t, d))
}

func TestServerRefuses(t *testing.T) {
	b := startBus(t)
	s := startServer(b)
	var logged bytes.Buffer
	d := newDesktop(t, b, Options{Log: slog.New(slog.NewTextHandler(&logged, nil))})
	s.set(func(s *fakeServer) { s.refuse = "org.freedesktop.DBus.Error.LimitsExceeded" })
	m := alarm("LOW 3.4 John")
	m.Body = "3.4 John"
	err := d.Send(t.Context(), m)
	require.ErrorContains(t, err, "LimitsExceeded")
	require.NotContains(t, err.Error()+logged.String(), "John")

	s.set(func(s *fakeServer) { s.refuse, s.reply0 = "", true })
	require.Error(t, d.Send(t.Context(), m), "0 is not an id")
	s.set(func(s *fakeServer) { s.reply0 = false })
	require.NoError(t, d.Send(t.Context(), m))
}

func TestServerHangs(t *testing.T) {
	b := startBus(t)
	s := startServer(b)
	d := newDesktop(t, b, Options{Timeout: 400 * time.Millisecond})
	require.NoError(t, d.Send(t.Context(), Message{Tag: "x", Title: "before"}))

	hang := make(chan struct{})
	s.set(func(s *fakeServer) { s.hang = hang })
	for _, title := range []string{"3.6", "3.5", "3.4"} {
		start := time.Now()
		require.ErrorIs(t, d.Send(t.Context(), alarm(title)), ErrHangs)
		require.Less(t, time.Since(start), patience/2)
	}
	_, err := d.Check(t.Context())
	require.ErrorIs(t, err, ErrHangs)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, d.Send(cancelled, alarm("3.3")), context.Canceled)

	s.set(func(s *fakeServer) { s.hang = nil })
	close(hang)
	eventually(t, func() bool { return d.Send(t.Context(), alarm("now")) == nil }, "the server is back")
	eventually(t, func() bool { return len(s.onScreen()) == 2 }, "late ones stay on the screen")
	require.Equal(t, []string{"before", "now"}, s.onScreen())
	s.press(t, "now", "seen")
	require.Equal(t, Event{Tag: "low", Button: "seen"}, nextEvent(t, d))
}

func TestWithdrawnWhileTheServerHangs(t *testing.T) {
	b := startBus(t)
	s := startServer(b)
	d := newDesktop(t, b, Options{Timeout: 400 * time.Millisecond})
	require.NoError(t, d.Send(t.Context(), Message{Tag: "x", Title: "before"}))
	hang := make(chan struct{})
	s.set(func(s *fakeServer) { s.hang = hang })
	require.ErrorIs(t, d.Send(t.Context(), alarm("3.4")), ErrHangs)
	require.NoError(t, d.Withdraw(t.Context(), "low"))
	s.set(func(s *fakeServer) { s.hang = nil })
	close(hang)
	eventually(t, func() bool { return len(s.got()) == 2 && len(s.onScreen()) == 1 }, "it was shown after all")
}

func TestBusComesBack(t *testing.T) {
	b := startBus(t)
	startServer(b)
	d := newDesktop(t, b, Options{})
	require.NoError(t, d.Send(t.Context(), alarm("3.4")))
	b.stop()
	require.Equal(t, Event{Tag: "low", Closed: true, Lost: true}, nextEvent(t, d))
	require.ErrorIs(t, d.Send(t.Context(), alarm("3.3")), ErrNoBus)
	require.ErrorIs(t, d.Send(t.Context(), alarm("3.3")), ErrNoBus, "at once, without trying")

	b.start()
	s := startServer(b)
	eventually(t, func() bool { return d.Send(t.Context(), alarm("3.2")) == nil }, "no new connection")
	s.press(t, "3.2", "snooze")
	require.Equal(t, Event{Tag: "low", Button: "snooze"}, nextEvent(t, d), "signals are subscribed again")
}

// A bus that stops reading blocks the writer, which the D-Bus library bounds
// neither when it writes nor when it closes.
func TestBusFreezes(t *testing.T) {
	b := startBus(t)
	startServer(b)
	d := newDesktop(t, b, Options{Timeout: 400 * time.Millisecond})
	m := alarm("3.4")
	m.Icon = picture(t, maxIcon) // a few of these fill the socket
	require.NoError(t, d.Send(t.Context(), alarm("3.5")))
	require.NoError(t, b.cmd.Process.Signal(syscall.SIGSTOP))
	for range 6 {
		start := time.Now()
		require.ErrorIs(t, d.Send(t.Context(), m), ErrHangs)
		require.Less(t, time.Since(start), patience/2)
	}
	other := newDesktop(t, b, Options{Timeout: 100 * time.Millisecond})
	require.ErrorIs(t, other.Send(t.Context(), m), ErrHangs)
	start := time.Now()
	other.Close()
	require.Less(t, time.Since(start), patience/2)

	require.NoError(t, b.cmd.Process.Signal(syscall.SIGCONT))
	eventually(t, func() bool { return d.Send(t.Context(), alarm("3.3")) == nil }, "no recovery")
	require.NoError(t, b.cmd.Process.Signal(syscall.SIGSTOP))
	require.Error(t, d.Send(t.Context(), m))
	start = time.Now()
	d.Close()
	require.Less(t, time.Since(start), patience/2, "closing while the bus is frozen")
}
