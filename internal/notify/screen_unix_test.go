//go:build !windows && !darwin

package notify

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/stretchr/testify/require"
)

// heardOf collects what a Screen tells.
type heardOf struct {
	mu   sync.Mutex
	told [][2]bool
}

func (h *heardOf) changed(locked, known bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told = append(h.told, [2]bool{locked, known})
}

func (h *heardOf) last() [2]bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.told) == 0 {
		return [2]bool{}
	}
	return h.told[len(h.told)-1]
}

var (
	lockedNow = [2]bool{true, true}
	openNow   = [2]bool{false, true}
	unknown   = [2]bool{}
)

// becomes waits until the screen is said and told to be so.
func becomes(t *testing.T, s *Screen, h *heardOf, want [2]bool, what string) {
	t.Helper()
	eventually(t, func() bool {
		locked, known := s.Locked()
		return [2]bool{locked, known} == want && h.last() == want
	}, what)
}

func watchScreen(t *testing.T, system, session string) (*Screen, *heardOf) {
	t.Helper()
	h := &heardOf{}
	s := WatchScreen(t.Context(), ScreenOptions{SystemBus: system, SessionBus: session, Changed: h.changed})
	t.Cleanup(s.Close)
	return s, h
}

// hint makes the fake logind say that its session was locked or unlocked.
func (f *fakeLogin) hint(locked bool) {
	f.set(loginSession, lockedHint, locked)
	require.NoError(f.t, f.conn.Emit(ownPath, sigProps, loginSession, map[string]dbus.Variant{lockedHint: dbus.MakeVariant(locked)}, []string{}))
}

// fakeSaver is a desktop's screen saver.
type fakeSaver struct {
	sv     saver
	conn   *dbus.Conn
	active bool
}

// GetActive is called over the bus.
func (f *fakeSaver) GetActive() (bool, *dbus.Error) { return f.active, nil }

func startSaver(b *bus, sv saver, active bool) *fakeSaver {
	b.t.Helper()
	f := &fakeSaver{sv, b.connect(), active}
	require.NoError(b.t, f.conn.Export(f, sv.path, sv.name))
	_, err := f.conn.RequestName(sv.name, dbus.NameFlagDoNotQueue)
	require.NoError(b.t, err)
	return f
}

func (f *fakeSaver) say(t *testing.T, body ...any) {
	t.Helper()
	require.NoError(t, f.conn.Emit(f.sv.path, f.sv.name+".ActiveChanged", body...))
}

const nowhere = "unix:path=/nowhere/bus"

func TestScreenByLogin(t *testing.T) {
	for _, byPID := range []bool{true, false} {
		b := startBus(t)
		f := startLogin(b)
		f.mu.Lock()
		f.byPID = byPID
		f.mu.Unlock()
		f.set(loginSession, lockedHint, true)
		s, h := watchScreen(t, b.address, nowhere)
		becomes(t, s, h, lockedNow, "locked when the watching begins")
		f.hint(false)
		becomes(t, s, h, openNow, "unlocked")
		f.hint(true)
		becomes(t, s, h, lockedNow, "locked again")
		require.NoError(t, f.conn.Close())
		becomes(t, s, h, unknown, "nobody tells any more")
		startLogin(b).hint(true)
		becomes(t, s, h, lockedNow, "it was started again")
	}
}

func TestScreenBySavers(t *testing.T) {
	b := startBus(t)
	kde := startSaver(b, savers[0], false)
	s, h := watchScreen(t, nowhere, b.address)
	becomes(t, s, h, openNow, "asked at the beginning")
	kde.say(t, true)
	becomes(t, s, h, lockedNow, "its signal")
	kde.say(t, false)
	becomes(t, s, h, openNow, "its signal")
	gnome := startSaver(b, savers[1], true)
	becomes(t, s, h, lockedNow, "one that comes later is asked, and one lock is enough")
	require.NoError(t, gnome.conn.Close())
	becomes(t, s, h, openNow, "its last word does not count for ever")
	require.NoError(t, kde.conn.Close())
	becomes(t, s, h, unknown, "nobody is left")
}

func TestScreenBelievesNoNeighbour(t *testing.T) {
	b := startBus(t)
	f := startLogin(b)
	f.set(loginSession, lockedHint, false)
	kde := startSaver(b, savers[0], false)
	s, h := watchScreen(t, b.address, b.address)
	becomes(t, s, h, openNow, "open")
	eventually(t, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.heard) == 2
	}, "both are heard")
	// To everybody, and to each connection by its own name, past its matches.
	stranger := b.connect()
	var names []string
	require.NoError(t, stranger.BusObject().Call(busName+".ListNames", 0).Store(&names))
	lie := map[string]dbus.Variant{lockedHint: dbus.MakeVariant(true)}
	for _, dest := range append(names, "") {
		for _, sig := range []struct {
			path dbus.ObjectPath
			name string
			body []any
		}{
			{ownPath, sigProps, []any{loginSession, lie, []string{}}},
			{savers[0].path, savers[0].name + ".ActiveChanged", []any{true}},
			{busPath, sigOwner, []any{savers[0].name, "", ""}},
			{busPath, sigOwner, []any{loginName, uint32(1)}},
		} {
			msg := &dbus.Message{Type: dbus.TypeSignal, Headers: map[dbus.HeaderField]dbus.Variant{}, Body: sig.body}
			iface, member := cutLast(sig.name)
			msg.Headers[dbus.FieldPath] = dbus.MakeVariant(sig.path)
			msg.Headers[dbus.FieldInterface] = dbus.MakeVariant(iface)
			msg.Headers[dbus.FieldMember] = dbus.MakeVariant(member)
			msg.Headers[dbus.FieldSignature] = dbus.MakeVariant(dbus.SignatureOf(sig.body...))
			if dest != "" {
				msg.Headers[dbus.FieldDestination] = dbus.MakeVariant(dest)
			}
			require.NoError(t, (<-stranger.Send(msg, nil).Done).Err)
		}
	}
	// Nor is what the services themselves say taken as it comes.
	kde.say(t)
	kde.say(t, "yes")
	kde.say(t, uint32(1), true)
	require.NoError(t, f.conn.Emit(ownPath, sigProps, loginSession))
	require.NoError(t, f.conn.Emit(ownPath, sigProps, uint32(1), "x", []string{}))
	require.NoError(t, f.conn.Emit(ownPath, sigProps, loginSession, map[string]dbus.Variant{lockedHint: dbus.MakeVariant("true")}, []string{}))
	require.NoError(t, f.conn.Emit("/org/freedesktop/login1/session/other", sigProps, loginSession, lie, []string{}))
	f.hint(true)
	becomes(t, s, h, lockedNow, "it listens still")
	f.hint(false)
	becomes(t, s, h, openNow, "the lies before are handled by now")
	kde.say(t, true)
	becomes(t, s, h, lockedNow, "so does the other")
	h.mu.Lock()
	defer h.mu.Unlock()
	require.Equal(t, [][2]bool{openNow, lockedNow, openNow, lockedNow}, h.told, "nothing else was believed")
}

func cutLast(name string) (iface, member string) {
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '.' {
			return name[:i], name[i+1:]
		}
	}
	return "", name
}

func TestScreenUntold(t *testing.T) {
	s, h := watchScreen(t, nowhere, nowhere)
	locked, known := s.Locked()
	require.False(t, locked || known)
	start := time.Now()
	s.Close()
	s.Close()
	require.Less(t, time.Since(start), patience)
	require.Empty(t, h.told)
}

func TestScreenEndsWithItsContext(t *testing.T) {
	b := startBus(t)
	f := startLogin(b)
	f.set(loginSession, lockedHint, true)
	h := &heardOf{}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := WatchScreen(ctx, ScreenOptions{SystemBus: b.address, SessionBus: b.address, Changed: h.changed})
	becomes(t, s, h, lockedNow, "locked")
	cancel()
	s.wg.Wait()
	locked, known := s.Locked()
	require.False(t, locked || known, "what nobody watches is not known")
}

func FuzzScreenSignals(f *testing.F) {
	f.Add(sigProps, ":1.5", string(ownPath), loginSession, true, byte(7))
	f.Add(savers[0].name+".ActiveChanged", ":1.5", "/", "", true, byte(0))
	f.Add(sigOwner, busName, "/", loginName, false, byte(3))
	f.Fuzz(func(t *testing.T, name, sender, path, word string, flag bool, shape byte) {
		bodies := [][]any{nil, {flag}, {word}, {word, flag}, {word, "", word}, {nil, nil, nil},
			{word, map[string]dbus.Variant{}}, {word, map[string]dbus.Variant{lockedHint: dbus.MakeVariant(flag)}}}
		sig := &dbus.Signal{Name: name, Sender: sender, Path: dbus.ObjectPath(path), Body: bodies[int(shape)%len(bodies)]}
		owners := map[string]string{savers[0].name: ":1.5", savers[1].name: ""}
		if locked, ok := hintOf(sig, ":1.5", ownPath); ok {
			require.Equal(t, ":1.5", sender)
			require.Equal(t, flag, locked)
		}
		if _, active, ok := activeOf(sig, owners); ok {
			require.Equal(t, ":1.5", sender)
			require.Equal(t, flag, active)
		}
		if _, _, ok := newOwner(sig); ok {
			require.Equal(t, busName, sender)
		}
		_, ok := hintOf(nil, "", "")
		require.False(t, ok)
	})
}
