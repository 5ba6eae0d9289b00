//go:build !windows && !darwin

package notify

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// shelf is a Keeper in memory.
type shelf struct {
	mu     sync.Mutex
	text   []byte
	full   bool
	notice string
}

func (s *shelf) Load(v any) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.text == nil {
		return "", nil
	}
	return s.notice, json.Unmarshal(s.text, v)
}

func (s *shelf) Save(v any) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full {
		return errors.New("no room")
	}
	s.text, err = json.Marshal(v)
	return err
}

func (s *shelf) left() (r remains) {
	_, _ = s.Load(&r)
	return r
}

// hangUp ends the connection to the bus as the end of the process would: without a
// word to anybody.
func hangUp(d *Desktop) {
	f := d.road.(*freedesktop)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.link.close()
}

// shown sends two messages and waits until they are kept.
func shown(t *testing.T, d *Desktop, s *shelf) {
	t.Helper()
	require.NoError(t, d.Send(t.Context(), alarm("3.4")))
	high := alarm("14.2")
	high.Tag = "high"
	require.NoError(t, d.Send(t.Context(), high))
	eventually(t, func() bool { return len(s.left().Left) == 2 }, "it is kept what is on the screen")
}

// What a killed run has left on the screen goes: its values grow old, and its
// buttons do nothing.
func TestNextRunTakesDownWhatWasLeft(t *testing.T) {
	b := startBus(t)
	s := startServer(b)
	var kept shelf
	first := newDesktop(t, b, Options{Left: &kept})
	shown(t, first, &kept)
	s.closed(t, "3.4", dismissed)
	require.Equal(t, Event{Tag: "low", Closed: true, ByUser: true}, nextEvent(t, first))
	eventually(t, func() bool { return len(kept.left().Left) == 1 }, "and that one is not")
	hangUp(first)
	require.True(t, nextEvent(t, first).Lost)

	second := newDesktop(t, b, Options{Left: &kept})
	eventually(t, func() bool { return !slices.Contains(s.onScreen(), "14.2") }, "it is taken down though nothing else is sent")
	eventually(t, func() bool { return len(kept.left().Left) == 0 }, "once")
	require.NoError(t, second.Send(t.Context(), alarm("3.3")))
	require.Len(t, s.got(), 3)
	require.Zero(t, s.got()[2].replaces)
}

// Its IDs mean nothing to another service, or on another bus: there they may
// be another program's messages.
func TestLeftOfAnotherTime(t *testing.T) {
	for name, restart := range map[string]func(*bus, *fakeServer) *fakeServer{
		"service": func(b *bus, s *fakeServer) *fakeServer {
			require.NoError(t, s.conn.Close())
			b.free()
			return startServer(b)
		},
		"bus": func(b *bus, _ *fakeServer) *fakeServer {
			b.stop()
			b.start()
			return startServer(b)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := startBus(t)
			s := startServer(b)
			var kept shelf
			first := newDesktop(t, b, Options{Left: &kept})
			shown(t, first, &kept)
			low := s.id(t, "3.4")
			hangUp(first)
			s = restart(b, s)
			s.set(func(s *fakeServer) { s.next = low - 1 })
			neighbour := newDesktop(t, b, Options{})
			require.NoError(t, neighbour.Send(t.Context(), alarm("a neighbour's")))
			require.Equal(t, low, s.id(t, "a neighbour's"))

			second := newDesktop(t, b, Options{Left: &kept})
			require.NoError(t, second.Send(t.Context(), alarm("3.3")))
			require.Equal(t, []string{"3.3", "a neighbour's"}, s.onScreen())
		})
	}
}

// A connection that broke alone leaves its messages where they are, too.
func TestLeftByABrokenConnection(t *testing.T) {
	b := startBus(t)
	s := startServer(b)
	d := newDesktop(t, b, Options{})
	require.NoError(t, d.Send(t.Context(), alarm("3.4")))
	hangUp(d)
	require.True(t, nextEvent(t, d).Lost)
	require.NoError(t, d.Send(t.Context(), alarm("3.4 again")))
	eventually(t, func() bool { return len(s.onScreen()) == 1 }, "one alarm, one message")
	s.press(t, "3.4 again", "seen")
	require.Equal(t, "seen", nextEvent(t, d).Button)
}

// A run that ends in order takes its messages along. Whoever only says something
// and ends leaves it there.
func TestEndTakesMessagesDown(t *testing.T) {
	b := startBus(t)
	s := startServer(b)
	says := newDesktop(t, b, Options{})
	require.NoError(t, says.Send(t.Context(), alarm("could not start")))
	says.Close()
	var kept shelf
	first := newDesktop(t, b, Options{Left: &kept})
	shown(t, first, &kept)
	first.Close()
	eventually(t, func() bool { return slices.Equal(s.onScreen(), []string{"could not start"}) }, "its messages are down")
}

// What cannot be kept or read keeps nothing from the screen.
func TestNothingKeptOfTheScreen(t *testing.T) {
	b := startBus(t)
	s := startServer(b)
	kept := shelf{text: []byte(`{"left":[7]}`), full: true, notice: "it was damaged"}
	var log bytes.Buffer
	d := newDesktop(t, b, Options{Left: &kept, Log: slog.New(slog.NewTextHandler(&log, nil))})
	require.NoError(t, d.Send(t.Context(), alarm("3.4")))
	require.Equal(t, []string{"3.4"}, s.onScreen())
	d.Close()
	require.Contains(t, log.String(), "it was damaged")
}

// Where the bus or the service is another one there is nothing to take down, and
// none is started for that.
func TestNoServiceIsStartedForWhatWasLeft(t *testing.T) {
	b := startBus(t)
	b.serves(t)
	kept := shelf{text: []byte(`{"bus":"of the last boot","owner":":1.5","left":[8]}`)}
	f := newDesktop(t, b, Options{Left: &kept}).road.(*freedesktop)
	require.NoError(t, f.take(t.Context()))
	require.NoError(t, f.takeDown(t.Context(), kept.left()))
	f.release()
	var has bool
	require.NoError(t, b.connect().BusObject().Call(busName+".NameHasOwner", 0, serverName).Store(&has))
	require.False(t, has)
}

// What is told once, and can't be answered, stays until it is read.
func TestNoticeIsLeft(t *testing.T) {
	b := startBus(t)
	s := startServer(b)
	var kept shelf
	first := newDesktop(t, b, Options{Left: &kept})
	require.NoError(t, first.Send(t.Context(), Message{Tag: "gone", Title: "shares no longer", Urgency: Critical}))
	shown(t, first, &kept)
	first.Close()
	eventually(t, func() bool { return len(s.onScreen()) == 1 }, "the others are down")
	require.Equal(t, []string{"shares no longer"}, s.onScreen())
}

// The end does not wait for a service that hangs at the start.
func TestEndRightAfterTheStart(t *testing.T) {
	b := startBus(t)
	s := startServer(b)
	hang := make(chan struct{})
	defer close(hang)
	var kept shelf
	first := newDesktop(t, b, Options{Left: &kept})
	shown(t, first, &kept)
	hangUp(first)
	s.set(func(s *fakeServer) { s.hang = hang })
	second := newDesktop(t, b, Options{Left: &kept})
	f := second.road.(*freedesktop)
	eventually(t, func() bool { return len(f.turn) == 1 }, "it looks after what was left")
	ended := make(chan struct{})
	go func() { second.Close(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(sendTimeout / 2):
		t.Fatal("it waits")
	}
}
