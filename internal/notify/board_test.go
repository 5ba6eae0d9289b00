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
		b.landed(b.begin(m.Tag), m, uint32(i+1))
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
		b.landed(b.begin(m.Tag), m, id)
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
	b.landed(waiting, Message{Tag: "low"}, 1)
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
