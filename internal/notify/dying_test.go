//go:build !windows && !darwin

package notify

import (
	"io"
	"net"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/stretchr/testify/require"
)

// TestServerDiesInItsReply has the server end in the very moment in which it
// takes a message: the message is told as shown only if somebody shows it, or
// its loss is told.
func TestServerDiesInItsReply(t *testing.T) {
	for name, dies := range map[string]func(*fakeServer, *gate){
		"before the reply":              func(s *fakeServer, _ *gate) { _ = s.conn.Close() },
		"with the reply":                func(s *fakeServer, g *gate) { g.afterNext(func() { _ = s.conn.Close() }) },
		"after the reply, in one write": func(s *fakeServer, g *gate) { g.joinNext(func() { release(s.conn) }) },
		"before the reply, yet replies": func(s *fakeServer, _ *gate) { release(s.conn) },
	} {
		for heir, queued := range map[string]bool{"with an heir": true, "without one": false} {
			t.Run(name+" "+heir, func(t *testing.T) {
				b := startBus(t)
				for range 20 {
					dieInReply(t, b, dies, queued)
				}
			})
		}
	}
}

func dieInReply(t *testing.T, b *bus, dies func(*fakeServer, *gate), queued bool) {
	b.free()
	s, g := startGated(b)
	defer func() { _ = s.conn.Close() }()
	var heir *fakeServer
	if queued { // for the name: the bus hands it over in one go
		heir = &fakeServer{conn: b.connect(), caps: allCaps, screen: map[uint32]shownNote{}}
		defer func() { _ = heir.conn.Close() }()
		require.NoError(t, heir.conn.Export(heir, serverPath, serverName))
		_, err := heir.conn.RequestName(serverName, 0)
		require.NoError(t, err)
	}
	d := newDesktop(t, b, Options{})
	defer d.Close()
	s.set(func(s *fakeServer) { s.dying = func() { dies(s, g) } })
	err := d.Send(t.Context(), alarm("3.4"))
	if err != nil {
		require.False(t, queued, "the heir would have shown it: %v", err)
		require.ErrorIs(t, err, ErrNoServer)
		return
	}
	if queued && len(heir.got()) > 0 {
		require.Equal(t, []string{"3.4"}, heir.onScreen())
		heir.press(t, "3.4", "seen")
		e := nextEvent(t, d)
		for ; e.Lost; e = nextEvent(t, d) {
		}
		require.Equal(t, Event{Tag: "low", Button: "seen"}, e)
		return
	}
	require.Equal(t, Event{Tag: "low", Closed: true, Lost: true}, nextEvent(t, d), "it was taken, and is gone")
}

// free waits until the bus has no server.
func (b *bus) free() {
	b.t.Helper()
	conn := b.connect()
	defer func() { _ = conn.Close() }()
	eventually(b.t, func() bool {
		owned := true
		return conn.BusObject().Call(busName+".NameHasOwner", 0, serverName).Store(&owned) == nil && !owned
	}, "the server does not end")
}

func release(conn *dbus.Conn) {
	conn.BusObject().Go(busName+".ReleaseName", dbus.FlagNoReplyExpected, nil, serverName)
}

// startGated is startServer over a connection whose writes can be joined.
func startGated(b *bus) (*fakeServer, *gate) {
	b.t.Helper()
	sock, err := net.Dial("unix", b.socket)
	require.NoError(b.t, err)
	g := &gate{ReadWriteCloser: sock}
	conn, err := dbus.NewConn(g)
	require.NoError(b.t, err)
	b.t.Cleanup(func() { _ = conn.Close() })
	require.NoError(b.t, conn.Auth(nil))
	require.NoError(b.t, conn.Hello())
	s := &fakeServer{conn: conn, caps: allCaps, next: 7, screen: map[uint32]shownNote{}}
	s.serve(b.t)
	return s, g
}

// gate is a connection that can hold a message back until the next is written.
type gate struct {
	io.ReadWriteCloser

	mu   sync.Mutex
	then func() // after the next message
	join bool
	held []byte
}

// afterNext does something once the next message is written.
func (g *gate) afterNext(do func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.then = do
}

// joinNext has the next message wait for the one that do writes.
func (g *gate) joinNext(do func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.then, g.join = do, true
}

// Write is called with a message, or with a part of the authentication.
func (g *gate) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	do := g.then
	g.then = nil
	if do != nil {
		defer func() { go do() }()
		if g.join {
			g.join = false
			g.held = append(g.held, p...)
			return len(p), nil
		}
	}
	if _, err := g.ReadWriteCloser.Write(append(g.held, p...)); err != nil {
		return 0, err
	}
	g.held = nil
	return len(p), nil
}
