//go:build linux

package costtest

import (
	"bufio"
	"encoding/binary"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/llutray/llutray/internal/desktoptest"
)

// desk is a session bus with a panel that behaves as the common ones do: it
// takes icons, and reads anew whatever is said to have changed.
type desk struct {
	b       testing.TB
	address string

	mu         sync.Mutex
	registered time.Time            // when the first icon was
	titles     map[string]time.Time // titles and tooltips, and when they were first read
	tooltips   []time.Time          // when one was said to be new
	asking     map[string]bool      // who is about to be asked for a menu
	sent       map[string]int       // bytes on the bus, by sender
	kinds      map[string]int       // the same by kind of message
	conn       *dbus.Conn
}

// layoutPause is how long a panel's main loop takes to come to it.
const layoutPause = 5 * time.Millisecond

const (
	watcher  = "org.kde.StatusNotifierWatcher"
	item     = "org.kde.StatusNotifierItem"
	itemPath = "/StatusNotifierItem"
)

func newDesk(b testing.TB) *desk {
	cmd := exec.Command("dbus-daemon", "--session", "--nofork", "--print-address=1")
	out, err := cmd.StdoutPipe()
	must(b, err)
	must(b, cmd.Start())
	b.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	must(b, err)
	d := &desk{b: b, address: strings.TrimSpace(line), titles: map[string]time.Time{}, sent: map[string]int{}, asking: map[string]bool{}, kinds: map[string]int{}}
	d.conn = d.dial()
	must(b, d.conn.Export(d, "/StatusNotifierWatcher", watcher))
	must(b, d.conn.AddMatchSignal(dbus.WithMatchPathNamespace(itemPath)))
	signals := make(chan *dbus.Signal, 4096)
	d.conn.Signal(signals)
	go func() {
		for s := range signals {
			d.heard(s)
		}
	}()
	_, err = d.conn.RequestName(watcher, dbus.NameFlagDoNotQueue)
	must(b, err)
	d.listen()
	return d
}

func (d *desk) dial() *dbus.Conn {
	c, err := dbus.Connect(d.address)
	must(d.b, err)
	d.b.Cleanup(func() { _ = c.Close() })
	return c
}

// RegisterStatusNotifierItem is called by items over the bus.
func (d *desk) RegisterStatusNotifierItem(_ string, from dbus.Sender) *dbus.Error {
	d.mu.Lock()
	if d.registered.IsZero() {
		d.registered = time.Now()
	}
	d.mu.Unlock()
	for _, p := range []string{"IconPixmap", "Title", "ToolTip"} {
		go d.read(string(from), p)
	}
	return nil
}

func (d *desk) heard(s *dbus.Signal) {
	switch s.Name {
	case item + ".NewIcon":
		d.read(s.Sender, "IconPixmap")
	case item + ".NewTitle":
		d.read(s.Sender, "Title")
	case item + ".NewToolTip":
		d.mu.Lock()
		d.tooltips = append(d.tooltips, time.Now())
		d.mu.Unlock()
		d.read(s.Sender, "ToolTip")
	case "com.canonical.dbusmenu.LayoutUpdated":
		// One question at a time, as libdbusmenu asks: what changes meanwhile is
		// in the next answer.
		d.mu.Lock()
		asks := !d.asking[s.Sender]
		d.asking[s.Sender] = true
		d.mu.Unlock()
		if asks {
			time.AfterFunc(layoutPause, func() {
				d.mu.Lock()
				d.asking[s.Sender] = false
				d.mu.Unlock()
				d.conn.Object(s.Sender, itemPath+"/menu").Call("com.canonical.dbusmenu.GetLayout", 0, int32(0), int32(-1), []string{})
			})
		}
	}
}

func (d *desk) read(sender, property string) {
	v, err := d.conn.Object(sender, itemPath).GetProperty(item + "." + property)
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil {
		return
	}
	text := ""
	switch v := v.Value().(type) {
	case string:
		text = v
	case []any: // a tooltip: icon's name, icon, title, text
		if len(v) > 2 {
			text, _ = v[2].(string)
		}
	}
	if _, known := d.titles[text]; !known {
		d.titles[text] = time.Now()
	}
}

// listen counts the bytes of every message on the bus.
func (d *desk) listen() {
	c := d.dial()
	must(d.b, c.BusObject().Call("org.freedesktop.DBus.Monitoring.BecomeMonitor", 0, []string{}, uint32(0)).Err)
	d.b.Cleanup(desktoptest.Overhear(c, func(m *dbus.Message) {
		from, _ := m.Headers[dbus.FieldSender].Value().(string)
		var n counter
		_ = m.EncodeTo(&n, binary.LittleEndian) // a counter takes all
		d.mu.Lock()
		defer d.mu.Unlock()
		d.sent[from] += int(n)
		member, _ := m.Headers[dbus.FieldMember].Value().(string)
		d.kinds[from+" "+m.Type.String()+" "+member] += int(n)
	}))
}

type counter int

func (c *counter) Write(b []byte) (int, error) { *c += counter(len(b)); return len(b), nil }

// bytesOf is what a process has sent on the bus.
func (d *desk) bytesOf(pid int) (n int) {
	d.mu.Lock()
	senders := map[string]int{}
	for k, v := range d.sent {
		senders[k] = v
	}
	d.mu.Unlock()
	for name, bytes := range senders {
		var p uint32
		if d.conn.BusObject().Call("org.freedesktop.DBus.GetConnectionUnixProcessID", 0, name).Store(&p) == nil && int(p) == pid {
			n += bytes
		}
	}
	return n
}

// awaitTitle waits for a title or tooltip with a part, and tells when it came.
func (d *desk) awaitTitle(part string, within time.Duration) (title string, at time.Time) {
	for deadline := time.Now().Add(within); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		d.mu.Lock()
		for t, when := range d.titles {
			if strings.Contains(t, part) {
				d.mu.Unlock()
				return t, when
			}
		}
		d.mu.Unlock()
	}
	d.b.Fatalf("no icon was called %q within %v", part, within)
	return "", time.Time{}
}

func (d *desk) registeredAt(within time.Duration) time.Time {
	for deadline := time.Now().Add(within); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		d.mu.Lock()
		at := d.registered
		d.mu.Unlock()
		if !at.IsZero() {
			return at
		}
	}
	d.b.Fatalf("no icon came within %v", within)
	return time.Time{}
}

func must(b testing.TB, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
