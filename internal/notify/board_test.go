//go:build !windows && !darwin

package notify

import (
	"math/rand/v2"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/stretchr/testify/require"
)

const theServer = ":1.5"

// peopled is a board with one message of each kind on it.
func peopled() *board {
	b := newBoard()
	b.learnOwner(theServer, 1)
	for i, m := range []Message{
		{Tag: "low", Buttons: []Button{seen, snooze}},
		{Tag: "high", Buttons: []Button{seen}, Resident: true},
		{Tag: "plain"},
	} {
		b.landed(b.begin(m.Tag), m, uint32(i+1), 0)
	}
	return b
}

func signal(name string, body ...any) *dbus.Signal {
	return &dbus.Signal{Sender: theServer, Path: serverPath, Name: name, Body: body}
}

func TestPressAfterTheClosing(t *testing.T) {
	b := peopled()
	require.Equal(t, []Event{{Tag: "low", Closed: true, ByUser: true}}, b.signal(signal(sigClosed, uint32(1), uint32(2))))
	require.Equal(t, []Event{{Tag: "low", Button: "snooze"}}, b.signal(signal(sigInvoked, uint32(1), "snooze")))
	require.Empty(t, b.signal(signal(sigInvoked, uint32(1), "snooze")))
}

// A button is pressed while the next message is on its way to take the place of
// the one pressed: the closing of the old one must not take down the new one.
func TestPressWhileTheNextIsUnderWay(t *testing.T) {
	for name, c := range map[string]struct {
		lands  func(*board, ticket)
		closed []uint32
	}{
		"in its place": {func(b *board, t ticket) { b.landed(t, Message{Tag: "low"}, 1, 0) }, nil},
		"beside it":    {func(b *board, t ticket) { b.landed(t, Message{Tag: "low"}, 9, 0) }, []uint32{1}},
		"not at all":   {func(b *board, t ticket) { b.failed(t) }, []uint32{1}},
	} {
		t.Run(name, func(t *testing.T) {
			b := peopled()
			next := b.begin("low")
			require.EqualValues(t, 1, next.replaces)
			require.Equal(t, []Event{{Tag: "low", Button: "seen"}}, b.signal(signal(sigInvoked, uint32(1), "seen")))
			require.Empty(t, b.excess(), "not before it is known what the server did")
			c.lands(b, next)
			require.Equal(t, c.closed, b.excess())
		})
	}
}

// The reply may be handled before a signal that came first.
func TestSignalOfTheOneReplaced(t *testing.T) {
	at := func(n dbus.Sequence, s *dbus.Signal) *dbus.Signal { s.Sequence = n; return s }
	b := peopled()
	again := Message{Tag: "low", About: "urgent", Buttons: []Button{{Key: "seen urgent"}}}
	b.landed(b.begin("low"), again, 1, 20)
	require.Equal(t, []Event{{Tag: "low", Button: "seen"}}, b.signal(at(18, signal(sigInvoked, uint32(1), "seen"))))
	require.Equal(t, []Event{{Tag: "low", Closed: true, ByUser: true}}, b.signal(at(19, signal(sigClosed, uint32(1), dismissed))))
	require.Empty(t, b.excess())
	require.EqualValues(t, 1, b.begin("low").replaces, "the new one is on the screen")
	require.Equal(t, []Event{{Tag: "low", About: "urgent", Closed: true, ByUser: true}}, b.signal(at(21, signal(sigClosed, uint32(1), dismissed))))
	require.Zero(t, b.begin("low").replaces)
}

func TestResidentTellsOfItsClosing(t *testing.T) {
	b := peopled()
	require.Len(t, b.signal(signal(sigInvoked, uint32(2), "seen")), 1)
	require.Equal(t, []Event{{Tag: "high", Closed: true, ByUser: true}}, b.signal(signal(sigClosed, uint32(2), uint32(2))))
	require.Len(t, b.signal(signal(sigInvoked, uint32(1), "seen")), 1)
	require.Equal(t, []uint32{1}, b.excess(), "the server may leave it on the screen")
	require.Empty(t, b.signal(signal(sigClosed, uint32(1), uint32(3))), "part of the press")
	require.Zero(t, b.begin("low").replaces)
}

func TestClosedOnesAreForgottenInTime(t *testing.T) {
	b := peopled()
	for id := uint32(10); id < 10+10*maxForgiven; id++ {
		m := Message{Tag: "low", Buttons: []Button{seen}}
		b.landed(b.begin(m.Tag), m, id, 0)
		require.Len(t, b.signal(signal(sigClosed, id, uint32(1))), 1)
	}
	require.LessOrEqual(t, len(b.ids), maxForgiven+3)
	require.LessOrEqual(t, len(b.tags), 3)
}

func TestOlderWordAboutTheOwnerIsNotBelieved(t *testing.T) {
	b := peopled()
	require.Empty(t, b.learnOwner(theServer, 9))
	s := signal(sigOwner, serverName, theServer, "")
	s.Sender, s.Sequence = busName, 8
	require.Empty(t, b.signal(s))
	require.Equal(t, theServer, b.owner)
	s.Sequence = 10
	require.Len(t, b.signal(s), 3)
	require.Empty(t, b.owner)
	require.Empty(t, b.ids)
}

func TestEarlySignalsAreBounded(t *testing.T) {
	b := peopled()
	waiting := b.begin("low")
	for id := range uint32(10 * maxEarly) {
		b.signal(signal(sigClosed, id+100, uint32(1)))
	}
	require.Len(t, b.early, maxEarly)
	b.landed(waiting, Message{Tag: "low"}, 1, 0)
	require.Empty(t, b.early)
}

// FuzzSignal lets anybody on the bus send anything: it must not bring us down,
// and only the server may cause an event.
func FuzzSignal(f *testing.F) {
	for seed := range uint64(64) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // reproducible on purpose
		b := peopled()
		if r.IntN(2) == 0 {
			b.begin("waiting")
		}
		for range 200 {
			s := randomSignal(r)
			owner := b.owner
			events := b.signal(s)
			if s != nil && len(events) > 0 && s.Sender != busName {
				require.Equal(t, owner, s.Sender)
				require.Len(t, events, 1)
				require.NotEmpty(t, events[0].Tag)
			}
		}
	})
}

func randomSignal(r *rand.Rand) *dbus.Signal {
	if r.IntN(50) == 0 {
		return nil
	}
	values := []any{
		uint32(r.IntN(5)), uint32(1), uint32(2), int32(1), uint64(1), byte(1), "", "seen", "snooze", serverName, ":1.9", theServer,
		nil, []any{uint32(1)}, map[string]dbus.Variant{}, dbus.MakeVariant(uint32(1)), true, 1.5, dbus.ObjectPath("/"), []string{"seen"},
	}
	s := &dbus.Signal{
		Sender:   []string{theServer, theServer, busName, ":1.66", ""}[r.IntN(5)],
		Path:     []dbus.ObjectPath{serverPath, serverPath, "/", ""}[r.IntN(4)],
		Name:     []string{sigInvoked, sigClosed, sigOwner, serverName + ".ActivationToken", ""}[r.IntN(5)],
		Sequence: dbus.Sequence(r.IntN(4)),
	}
	for range r.IntN(5) {
		s.Body = append(s.Body, values[r.IntN(len(values))])
	}
	return s
}
