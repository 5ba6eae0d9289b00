//go:build !windows && !darwin

package notify

import (
	"bufio"
	"fmt"

	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/musthave"
)

// patience is how long a test waits for what must happen. It is only ever used
// up by a failure.
const patience = 10 * time.Second

// bus is a session bus of the test's own, without any of the computer's
// services.
type bus struct {
	t        *testing.T
	socket   string
	services string
	daemon   string // found once: tests change PATH
	cmd      *exec.Cmd
	address  string
}

func startBus(t *testing.T) *bus {
	t.Helper()
	daemon := musthave.Program(t, "dbus-daemon")
	dir, err := os.MkdirTemp("", "bus") //nolint:usetesting // t.TempDir may be too long for a socket
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	b := &bus{t: t, daemon: daemon, socket: filepath.Join(dir, "bus"), services: filepath.Join(dir, "services")}
	require.NoError(t, os.Mkdir(b.services, 0o700))
	b.address = "unix:path=" + b.socket
	b.start()
	t.Cleanup(func() { b.stop() })
	return b
}

func (b *bus) start() {
	b.t.Helper()
	config := b.socket + ".conf"
	require.NoError(b.t, os.WriteFile(config, fmt.Appendf(nil, `<busconfig><type>session</type>
<listen>%s</listen><servicedir>%s</servicedir><auth>EXTERNAL</auth><policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`,
		b.address, b.services), 0o600))
	_ = os.Remove(b.socket)
	b.cmd = exec.Command(b.daemon, "--config-file="+config, "--nofork", "--print-address")
	out, err := b.cmd.StdoutPipe()
	require.NoError(b.t, err)
	require.NoError(b.t, b.cmd.Start())
	_, err = bufio.NewReader(out).ReadString('\n')
	require.NoError(b.t, err)
}

func (b *bus) stop() {
	if b.cmd != nil {
		_ = b.cmd.Process.Kill()
		_, _ = b.cmd.Process.Wait()
		b.cmd = nil
	}
}

// serves starts the bus anew as one that knows a notification service to start.
func (b *bus) serves(t *testing.T) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(b.services, serverName+".service"),
		fmt.Appendf(nil, "[D-BUS Service]\nName=%s\nExec=%s NOTIFY_TEST_SERVER=1 %s\n", serverName, musthave.Program(t, "env"), self), 0o600))
	b.stop()
	b.start()
}

// connect is a neighbour on the bus.
func (b *bus) connect() *dbus.Conn {
	b.t.Helper()
	conn, err := dbus.Connect(b.address)
	require.NoError(b.t, err)
	b.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// shownNote is one Notify call as the server got it.
type shownNote struct {
	sender   dbus.Sender
	app      string
	replaces uint32
	title    string
	body     string
	actions  []string
	hints    map[string]dbus.Variant
	expire   int32
}

// fakeServer is a notification service as configurable as the real ones differ.
type fakeServer struct {
	conn *dbus.Conn
	caps []string

	mu      sync.Mutex
	next    uint32
	calls   []shownNote
	screen  map[uint32]shownNote
	hang    chan struct{} // calls wait for it to be closed; nil: they do not
	refuse  string        // error name
	forgets bool          // ignores replaces_id
	reply0  bool
	atOnce  string // button pressed before the reply is out of the door
	dying   func() // called before the reply
}

var allCaps = []string{"actions", "body", "body-markup", "persistence", "sound"}

func startServer(b *bus, caps ...string) *fakeServer {
	b.t.Helper()
	if caps == nil {
		caps = allCaps
	}
	s := &fakeServer{conn: b.connect(), caps: caps, next: 7, screen: map[uint32]shownNote{}}
	s.serve(b.t)
	return s
}

func (s *fakeServer) serve(t require.TestingT) {
	require.NoError(t, s.conn.Export(s, serverPath, serverName))
	got, err := s.conn.RequestName(serverName, dbus.NameFlagDoNotQueue)
	require.NoError(t, err)
	require.Equal(t, dbus.RequestNameReplyPrimaryOwner, got)
}

func (s *fakeServer) set(change func(*fakeServer)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

func (s *fakeServer) wait() {
	s.mu.Lock()
	hang := s.hang
	s.mu.Unlock()
	if hang != nil {
		<-hang
	}
}

// Notify is called over the bus.
func (s *fakeServer) Notify(sender dbus.Sender, app string, replaces uint32, _, title, body string, actions []string, hints map[string]dbus.Variant, expire int32) (uint32, *dbus.Error) {
	s.wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	n := shownNote{sender, app, replaces, title, body, actions, hints, expire}
	s.calls = append(s.calls, n)
	if s.refuse != "" {
		return 0, dbus.NewError(s.refuse, []any{"no: " + body})
	}
	if s.reply0 {
		return 0, nil
	}
	id := replaces
	if id == 0 || s.forgets {
		s.next++
		id = s.next
	}
	s.screen[id] = n
	if s.atOnce != "" {
		_ = s.conn.Emit(serverPath, sigInvoked, id, s.atOnce)
	}
	if s.dying != nil {
		s.dying()
	}
	return id, nil
}

// CloseNotification is called over the bus.
func (s *fakeServer) CloseNotification(id uint32) *dbus.Error {
	s.wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.screen[id]; !ok {
		return dbus.NewError("org.freedesktop.Notifications.InvalidId", nil)
	}
	delete(s.screen, id)
	_ = s.conn.Emit(serverPath, sigClosed, id, uint32(3))
	return nil
}

// GetCapabilities is called over the bus.
func (s *fakeServer) GetCapabilities() ([]string, *dbus.Error) {
	s.wait()
	return s.caps, nil
}

// GetServerInformation is called over the bus.
func (s *fakeServer) GetServerInformation() (name, vendor, version, spec string, err *dbus.Error) {
	s.wait()
	return "fake", "nobody", "9.1", "1.2", nil
}

func (s *fakeServer) got() []shownNote {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

func (s *fakeServer) onScreen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var titles []string
	for _, n := range s.screen {
		titles = append(titles, n.title)
	}
	slices.Sort(titles)
	return titles
}

// id returns the id of the message with this title.
func (s *fakeServer) id(t *testing.T, title string) uint32 {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, n := range s.screen {
		if n.title == title {
			return id
		}
	}
	t.Fatalf("%q is not on the screen", title)
	return 0
}

func (s *fakeServer) press(t *testing.T, title, key string) {
	t.Helper()
	require.NoError(t, s.conn.Emit(serverPath, sigInvoked, s.id(t, title), key))
}

func (s *fakeServer) closed(t *testing.T, title string, reason uint32) {
	t.Helper()
	require.NoError(t, s.conn.Emit(serverPath, sigClosed, s.id(t, title), reason))
}

// newDesktop is a Desktop on this bus with no command to fall back on.
func newDesktop(t *testing.T, b *bus, opts Options) *Desktop {
	t.Helper()
	t.Setenv("PATH", t.TempDir())
	opts.BusAddress = b.address
	d := New(opts)
	t.Cleanup(d.Close)
	return d
}

func nextEvent(t *testing.T, d *Desktop) Event {
	t.Helper()
	select {
	case e, ok := <-d.Events():
		require.True(t, ok, "the events ended")
		return e
	case <-time.After(patience):
		t.Fatal("no event came")
		return Event{}
	}
}

func eventually(t *testing.T, cond func() bool, what string) {
	t.Helper()
	require.Eventually(t, cond, patience, 5*time.Millisecond, what)
}

var (
	seen   = Button{Key: "seen", Label: "Seen"}
	snooze = Button{Key: "snooze", Label: "Snooze 15 min"}
)

func alarm(title string) Message {
	return Message{Tag: "low", Title: title, Body: "17:02, falling", Urgency: Critical, Sound: SoundLow, Buttons: []Button{seen, snooze}}
}

// TestMain lets the test binary be the notification service that a bus starts.
func TestMain(m *testing.M) {
	if os.Getenv("NOTIFY_TEST_SERVER") != "" {
		conn, err := dbus.Connect(os.Getenv("DBUS_STARTER_ADDRESS"))
		if err != nil {
			os.Exit(1)
		}
		s := &fakeServer{conn: conn, caps: allCaps, screen: map[uint32]shownNote{}}
		s.serve(fatal{})
		<-conn.Context().Done() // until the bus ends
		os.Exit(0)
	}
	os.Exit(m.Run())
}

type fatal struct{}

func (fatal) Errorf(format string, args ...any) { _, _ = fmt.Fprintf(os.Stderr, format, args...) }
func (fatal) FailNow()                          { os.Exit(1) }
