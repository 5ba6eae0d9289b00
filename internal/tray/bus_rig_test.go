//go:build linux

package tray

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/musthave"
)

// A process can run the tray library once, so each test runs the tray in a
// process of its own: this test's program, told so by the environment. It
// reads views from its input and writes actions to its output, as JSON lines,
// and at the end how the tray ended.
const childMark = "LLUTRAY_TRAY_CHILD"

// sizeMark names the file through which a child is asked for its size.
const sizeMark = "LLUTRAY_TRAY_SIZE"

func TestMain(m *testing.M) {
	if os.Getenv(childMark) == "" {
		os.Exit(m.Run())
	}
	actions := make(chan Action, 16)
	tr := New(Options{Actions: actions, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for in := json.NewDecoder(os.Stdin); ; {
			var v View
			if in.Decode(&v) != nil {
				cancel()
				return
			}
			tr.Show(v)
		}
	}()
	if ask := os.Getenv(sizeMark); ask != "" {
		go func() {
			for ; ; time.Sleep(5 * time.Millisecond) {
				if os.Remove(ask) == nil {
					text, _ := json.Marshal(ownSize())
					_ = os.WriteFile(ask+".part", text, 0o600)
					_ = os.Rename(ask+".part", ask+".answer")
				}
			}
		}()
	}
	out := json.NewEncoder(os.Stdout)
	go func() {
		for a := range actions {
			_ = out.Encode(childSays{Action: &a})
		}
	}()
	end := "nil"
	if err := tr.Run(ctx); err != nil {
		end = err.Error()
	}
	_ = out.Encode(childSays{End: end})
	os.Exit(0)
}

type childSays struct {
	Action *Action
	End    string
}

type child struct {
	t      *testing.T
	views  *json.Encoder
	input  io.Closer
	says   chan childSays
	stderr *lockedBuffer
	cmd    *exec.Cmd
}

// lockedBuffer can be read while the child writes to it.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func startChild(t *testing.T, env ...string) *child {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	c := &child{t: t, says: make(chan childSays, 64), stderr: &lockedBuffer{}, cmd: exec.Command(exe)}
	c.cmd.Env = append(os.Environ(), append(env, childMark+"=1", "GORACE=exitcode=0")...)
	c.cmd.Stderr = c.stderr
	in, err := c.cmd.StdinPipe()
	require.NoError(t, err)
	out, err := c.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.cmd.Start())
	c.views, c.input = json.NewEncoder(in), in
	go func() {
		defer close(c.says)
		for d := json.NewDecoder(out); ; {
			var s childSays
			if d.Decode(&s) != nil {
				return
			}
			c.says <- s
		}
	}()
	t.Cleanup(func() {
		_ = in.Close()
		killed := time.AfterFunc(10*time.Second, func() { _ = c.cmd.Process.Kill() })
		defer killed.Stop()
		for range c.says { // until it has ended
		}
		require.NoError(t, c.cmd.Wait(), c.stderr.String())
		require.NotContains(t, withoutTheirRace(c.stderr.String()), "DATA RACE")
		require.NotContains(t, c.stderr.String(), "panic")
	})
	return c
}

func (c *child) show(v View) { require.NoError(c.t, c.views.Encode(v), "%s", c.stderr) }

func (c *child) next() childSays {
	c.t.Helper()
	select {
	case s, open := <-c.says:
		require.True(c.t, open, "the tray's process ended: %s", c.stderr)
		return s
	case <-time.After(10 * time.Second):
		require.Fail(c.t, "the tray's process says nothing", "%s", c.stderr)
		return childSays{}
	}
}

// privateBus starts a message bus for one test and returns its address and a
// way to end it.
func privateBus(t *testing.T) (address string, kill func()) {
	t.Helper()
	return busAt(t, "unix:dir="+t.TempDir())
}

func busAt(t *testing.T, where string) (address string, kill func()) {
	t.Helper()
	cmd := exec.Command(musthave.Program(t, "dbus-daemon"), "--session", "--nofork", "--print-address=1", "--address="+where)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	ended := false
	kill = func() {
		if !ended {
			ended = true
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}
	t.Cleanup(kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(line), kill
}

// panel is a desktop's panel as far as the bus sees it: the watcher that
// items register with, and a reader of their properties and signals.
type panel struct {
	t          *testing.T
	conn       *dbus.Conn
	registered chan dbus.Sender
	signals    chan *dbus.Signal
	item       dbus.Sender
	deaf       atomic.Int32 // how many registrations are still to be missed
	mu         sync.Mutex
	items      []string
}

func newPanel(t *testing.T, address string) *panel {
	t.Helper()
	conn, err := dbus.Connect(address)
	require.NoError(t, err)
	p := &panel{t: t, conn: conn, registered: make(chan dbus.Sender, 8), signals: make(chan *dbus.Signal, 4096)}
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.Export(p, watcherPath, watcherName))
	require.NoError(t, conn.Export(panelProperties{p}, watcherPath, "org.freedesktop.DBus.Properties"))
	require.NoError(t, conn.AddMatchSignal(dbus.WithMatchPathNamespace(itemPath)))
	conn.Signal(p.signals)
	return p
}

// RegisterStatusNotifierItem is called by items over the bus.
func (p *panel) RegisterStatusNotifierItem(service string, from dbus.Sender) *dbus.Error {
	if p.deaf.Add(-1) >= 0 {
		return nil
	}
	p.mu.Lock()
	p.items = append(p.items, string(from)+service)
	p.mu.Unlock()
	p.registered <- from
	return nil
}

type panelProperties struct{ p *panel }

// Get is called by items over the bus.
func (q panelProperties) Get(_, name string) (dbus.Variant, *dbus.Error) {
	if name != "RegisteredStatusNotifierItems" {
		return dbus.Variant{}, dbus.MakeFailedError(errors.New(name))
	}
	q.p.mu.Lock()
	defer q.p.mu.Unlock()
	return dbus.MakeVariant(slices.Clone(q.p.items)), nil
}

// appear takes the watcher's name and waits for the item.
func (p *panel) appear() {
	p.t.Helper()
	reply, err := p.conn.RequestName(watcherName, dbus.NameFlagDoNotQueue)
	require.NoError(p.t, err)
	require.Equal(p.t, dbus.RequestNameReplyPrimaryOwner, reply)
	p.awaitItem()
}

func (p *panel) awaitItem() {
	p.t.Helper()
	select {
	case p.item = <-p.registered:
	case <-time.After(10 * time.Second):
		require.Fail(p.t, "no item registers")
	}
}

func (p *panel) property(name string) any {
	p.t.Helper()
	v, err := p.conn.Object(string(p.item), itemPath).GetProperty(itemName + "." + name)
	require.NoError(p.t, err)
	return v.Value()
}

// await drops signals until one that fits.
func (p *panel) await(what string, fits func(*dbus.Signal) bool) (before []string) {
	p.t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		select {
		case s := <-p.signals:
			if fits(s) {
				return before
			}
			before = append(before, s.Name)
		case <-deadline:
			require.Fail(p.t, "no signal", "%s; only %v", what, before)
		}
	}
}

func (p *panel) awaitSignal(name string) []string {
	p.t.Helper()
	return p.await(name, func(s *dbus.Signal) bool { return s.Name == name })
}

// settle waits for the tray's last sending at its start.
func (p *panel) settle() {
	p.t.Helper()
	p.awaitSignal(itemName + ".NewTitle")
	p.awaitSignal(itemName + ".NewToolTip")
}

// readsAll has the panel look for the first time, and waits until it was told
// of all that is left to read.
func (p *panel) readsAll() {
	p.t.Helper()
	p.menu()
	submenus := 0
	for _, r := range p.menu().rows(p.t) {
		if r.Props["children-display"].Value() == "submenu" {
			submenus++
		}
	}
	for range 1 + submenus {
		p.awaitSignal(menuName + ".LayoutUpdated")
	}
}

type menuRow struct {
	ID       int32
	Props    map[string]dbus.Variant
	Children []dbus.Variant
}

func (p *panel) menu() menuRow {
	p.t.Helper()
	var revision uint32
	var root menuRow
	call := p.conn.Object(string(p.item), menuPath).Call("com.canonical.dbusmenu.GetLayout", 0, int32(0), int32(-1), []string{})
	require.NoError(p.t, call.Store(&revision, &root))
	return root
}

func (m menuRow) rows(t *testing.T) (rows []menuRow) {
	t.Helper()
	for _, c := range m.Children {
		var r menuRow
		require.NoError(t, dbus.Store([]any{c.Value()}, &r))
		rows = append(rows, r)
	}
	return rows
}

// dumpMenu writes a menu read from the bus as dump writes a layout.
func dumpMenu(t *testing.T, m menuRow, indent string) string {
	t.Helper()
	var b strings.Builder
	for _, r := range m.rows(t) {
		if visible, ok := r.Props["visible"]; ok && visible.Value() == false {
			continue
		}
		if r.Props["type"].Value() == "separator" {
			b.WriteString(indent + "---\n")
			continue
		}
		mark := "  "
		if r.Props["toggle-type"].Value() == "checkmark" {
			mark = "☐ "
			if r.Props["toggle-state"].Value() == int32(1) {
				mark = "✓ "
			}
		}
		b.WriteString(indent + mark + strings.ReplaceAll(r.Props["label"].Value().(string), "__", "_"))
		if r.Props["enabled"].Value() == false {
			b.WriteString("  (disabled)")
		}
		b.WriteString("\n" + dumpMenu(t, r, indent+"    "))
	}
	return b.String()
}

func find(t *testing.T, m menuRow, label string) int32 {
	t.Helper()
	for _, r := range m.rows(t) {
		if r.Props["label"].Value() == label {
			return r.ID
		}
		if id := find(t, r, label); id != 0 {
			return id
		}
	}
	return 0
}
