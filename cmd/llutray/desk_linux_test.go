package main

import (
	"bufio"
	"cmp"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/busapi"
	"github.com/llutray/llutray/internal/libretest"
	"github.com/llutray/llutray/internal/musthave"
)

// desk is a desktop as far as the session's bus shows it, whose parts can fail
// one by one: the bus, a panel, a notification service. The real program runs
// on it. Only the service and the players are the test's own.
type desk struct {
	t      *testing.T
	dir    string
	bin    string // the programs that the desktop has
	where  string // address of the bus
	server *libretest.Server
	endBus func()
	conn   *dbus.Conn // of the panel

	mu    sync.Mutex
	items []string // who has shown an icon
}

func newDesk(t *testing.T, programs ...string) *desk {
	t.Helper()
	d := &desk{t: t, dir: t.TempDir(), bin: t.TempDir(), server: quietServer(t)}
	d.where = "unix:path=" + filepath.Join(t.TempDir(), "bus")
	for _, name := range programs {
		script := "#!/bin/sh\necho \"$@\" >> " + filepath.Join(d.bin, name+".told") + "\n"
		require.NoError(t, os.WriteFile(filepath.Join(d.bin, name), []byte(script), 0o700))
	}
	d.startBus()
	return d
}

// told is what a program of the desktop was called with, a line each time.
func (d *desk) told(name string) string {
	b, _ := os.ReadFile(filepath.Join(d.bin, name+".told")) // none yet
	return string(b)
}

// startBus starts the bus and the panel.
func (d *desk) startBus() {
	d.t.Helper()
	d.endBus = busAt(d.t, d.where)
	d.conn = d.connect()
	d.mu.Lock()
	d.items = nil
	d.mu.Unlock()
	const watcher = "org.kde.StatusNotifierWatcher"
	require.NoError(d.t, d.conn.Export(panelOf{d}, "/StatusNotifierWatcher", watcher))
	_, err := d.conn.RequestName(watcher, dbus.NameFlagDoNotQueue)
	require.NoError(d.t, err)
}

// busAt starts a bus at an address, and returns what ends it.
func busAt(t *testing.T, where string) (end func()) {
	t.Helper()
	_ = os.Remove(strings.TrimPrefix(where, "unix:path=")) // of one that was killed
	// Without the services that the computer has, a keyring above all.
	config := filepath.Join(t.TempDir(), "bus.conf")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `<busconfig><type>session</type><listen>%s</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`, where), 0o600))
	cmd := exec.Command(musthave.Program(t, "dbus-daemon"), "--config-file="+config, "--nofork", "--print-address=1")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	end = sync.OnceFunc(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	t.Cleanup(end)
	_, err = bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return end
}

func (d *desk) connect() *dbus.Conn {
	d.t.Helper()
	c, err := dbus.Connect(d.where)
	require.NoError(d.t, err)
	d.t.Cleanup(func() { _ = c.Close() })
	return c
}

type panelOf struct{ d *desk }

// RegisterStatusNotifierItem is called by icons over the bus.
func (p panelOf) RegisterStatusNotifierItem(_ string, from dbus.Sender) *dbus.Error {
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	p.d.items = append(p.d.items, string(from))
	return nil
}

// run starts the program in the tray; the sign-in is in the environment.
func (d *desk) run() *exec.Cmd {
	d.t.Helper()
	return d.runWith("LLUTRAY_EMAIL="+testEmail, "LLUTRAY_PASSWORD="+testPassword)
}

func (d *desk) runWith(env ...string) *exec.Cmd {
	d.t.Helper()
	out := &buffer{}
	cmd := exec.Command(binary)
	cmd.Env = append(d.env(), env...)
	cmd.Stdout, cmd.Stderr = out, out
	require.NoError(d.t, cmd.Start())
	d.t.Cleanup(func() {
		menu := d.menu()
		if cmd.ProcessState == nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
		if d.t.Failed() {
			log, _ := os.ReadFile(filepath.Join(d.dir, "state/llutray/llutray.log"))
			d.t.Logf("llutray said:\n%s\nand its log:\n%s\nand its menu:\n%s", out, log, menu)
		}
	})
	return cmd
}

func (d *desk) env() []string {
	env := slices.DeleteFunc(environment(d.dir), func(kv string) bool { return strings.HasPrefix(kv, "PATH=") })
	// A display on another computer cannot be seen to end.
	return append(env, "PATH="+d.bin, "DBUS_SESSION_BUS_ADDRESS="+d.where, "DISPLAY=elsewhere:0", "LLUTRAY_SERVER="+d.server.RegionURL())
}

// push has a value measured now.
func (d *desk) push(mgdl int) {
	d.t.Helper()
	require.NoError(d.t, d.server.Push("", libretest.Reading{MgDL: mgdl, Time: time.Now()}))
}

// pushed has a value measured so long ago that the next is expected at once.
func (d *desk) pushed(mgdl int) {
	d.t.Helper()
	require.NoError(d.t, d.server.Push("", libretest.Reading{MgDL: mgdl, Time: time.Now().Add(-55 * time.Second)}))
}

// follows waits until a value is stored: within one interval of the schedule.
func (d *desk) follows(mgdl int, what string) {
	d.t.Helper()
	d.until(pollInterval, what, func() bool {
		return strings.Contains(string(commandOutput(d.t, d.dir, "status", "--format", "json")), fmt.Sprintf(`"mgdl":%d,`, mgdl))
	})
}

// pollInterval is the longest that the schedule leaves a feed of one minute
// alone, and what a loaded machine adds to it.
const pollInterval = 75 * time.Second

// deskPatience is how long anything may take that happens at once.
const deskPatience = 40 * time.Second

func (d *desk) until(within time.Duration, what string, ok func() bool) {
	d.t.Helper()
	require.Eventually(d.t, ok, within, 100*time.Millisecond, what)
}

// icon is the tooltip of the icon, "" for none.
func (d *desk) icon() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, item := range slices.Backward(d.items) {
		v, err := d.conn.Object(item, "/StatusNotifierItem").GetProperty("org.kde.StatusNotifierItem.ToolTip")
		if err != nil {
			continue
		}
		if tip, ok := v.Value().([]any); ok && len(tip) > 2 {
			return fmt.Sprint(tip[2])
		}
	}
	return ""
}

// menuRow is one of the icon's menu, as the bus has it.
type menuRow struct {
	ID    int32
	Props map[string]dbus.Variant
	Rows  []dbus.Variant
}

// rows are the first level of the icon's menu, those that are seen.
func (d *desk) rows() (seen []menuRow) {
	d.mu.Lock()
	items := slices.Clone(d.items)
	d.mu.Unlock()
	if len(items) == 0 {
		return nil
	}
	var revision uint32
	var root menuRow
	call := d.conn.Object(items[len(items)-1], "/StatusNotifierItem/menu").Call("com.canonical.dbusmenu.GetLayout", 0, int32(0), int32(-1), []string{})
	if call.Store(&revision, &root) != nil {
		return nil
	}
	for _, row := range root.Rows {
		var r menuRow
		if dbus.Store([]any{row.Value()}, &r) == nil && r.Props["visible"].Value() != false {
			seen = append(seen, r)
		}
	}
	return seen
}

// menu is what the first level of the icon's menu shows, "" without one.
func (d *desk) menu() string {
	var text []string
	for _, r := range d.rows() {
		text = append(text, fmt.Sprint(r.Props["label"].Value()))
	}
	return strings.Join(strings.Fields(strings.Join(text, " ")), " ") // long lines are broken
}

// row is the number of the one with a label, 0 without one.
func (d *desk) row(label string) int32 {
	for _, r := range d.rows() {
		if r.Props["label"].Value() == label {
			return r.ID
		}
	}
	return 0
}

// offered reports whether the program's own interface is on the bus.
func (d *desk) offered() bool {
	var has bool
	return d.conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, busapi.Name).Store(&has) == nil && has
}

// notifications is a notification service that hangs and refuses as it is told.
type notifications struct {
	d    *desk
	conn *dbus.Conn

	mu     sync.Mutex
	shown  []string // titles
	screen map[uint32]string
	hang   chan struct{} // calls wait for it to be closed; nil when they do not
	refuse bool
}

// notify starts one.
func (d *desk) notify(change func(*notifications)) *notifications {
	d.t.Helper()
	n := &notifications{d: d, conn: d.connect(), screen: map[uint32]string{}}
	if change != nil {
		change(n)
	}
	const name = "org.freedesktop.Notifications"
	require.NoError(d.t, n.conn.Export(n, "/org/freedesktop/Notifications", name))
	got, err := n.conn.RequestName(name, dbus.NameFlagDoNotQueue)
	require.NoError(d.t, err)
	require.Equal(d.t, dbus.RequestNameReplyPrimaryOwner, got, "another service has not ended")
	return n
}

// end ends it, and waits until the bus has seen that. It may see it late: a
// program that is being started meanwhile holds the connection, too, until it runs.
func (n *notifications) end() {
	n.d.t.Helper()
	require.NoError(n.d.t, n.conn.Close())
	n.d.until(deskPatience, "the bus sees the service's end", func() bool { return !n.d.served() })
}

// served reports whether a notification service runs.
func (d *desk) served() bool {
	has := true
	err := d.conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "org.freedesktop.Notifications").Store(&has)
	return err != nil || has
}

func (n *notifications) wait() {
	n.mu.Lock()
	hang := n.hang
	n.mu.Unlock()
	if hang != nil {
		<-hang
	}
}

// Notify is called over the bus.
func (n *notifications) Notify(_ string, replaces uint32, _, title, _ string, _ []string, _ map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	n.wait()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.refuse {
		return 0, dbus.NewError("org.freedesktop.DBus.Error.LimitsExceeded", nil)
	}
	n.shown = append(n.shown, title)
	id := cmp.Or(replaces, uint32(len(n.shown)))
	n.screen[id] = title
	return id, nil
}

// CloseNotification is called over the bus.
func (n *notifications) CloseNotification(id uint32) *dbus.Error {
	n.wait()
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.screen, id)
	return nil
}

// onScreen are the titles of the messages there.
func (n *notifications) onScreen() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Sorted(maps.Values(n.screen))
}

// press presses a button of each.
func (n *notifications) press(key string) {
	n.d.t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	for id := range n.screen {
		require.NoError(n.d.t, n.conn.Emit("/org/freedesktop/Notifications", "org.freedesktop.Notifications.ActionInvoked", id, key))
	}
}

// GetCapabilities is called over the bus.
func (n *notifications) GetCapabilities() ([]string, *dbus.Error) {
	n.wait()
	return []string{"body", "actions"}, nil
}

// GetServerInformation is called over the bus.
func (n *notifications) GetServerInformation() (name, vendor, version, spec string, err *dbus.Error) {
	n.wait()
	return "test", "test", "1", "1.2", nil
}

// heal ends whatever is wrong with it.
func (n *notifications) heal() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.hang != nil {
		close(n.hang)
	}
	n.hang, n.refuse = nil, false
}

// shows reports whether a message with a part was taken.
func (n *notifications) shows(part string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.ContainsFunc(n.shown, func(title string) bool { return strings.Contains(title, part) })
}
