//go:build linux

package tray

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// size is what a process holds.
type size struct {
	Heap       uint64 // bytes, after a collection
	Goroutines int
	Files      int
	Matches    int // at the bus, of all its connections
}

// ownSize is told by the child when it is asked through a file, so that the
// views on its input need no other kind of line.
func ownSize() size {
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	files, _ := os.ReadDir("/proc/self/fd")
	return size{Heap: m.HeapAlloc, Goroutines: runtime.NumGoroutine(), Files: len(files)}
}

// TestBusLeaksNothing shows views that differ in everything the tray shows,
// and looks whether the tray's process or the bus holds more for it. `make
// leaks` does the same with many more.
func TestBusLeaksNothing(t *testing.T) {
	updates := 4000
	if v := os.Getenv("LLUTRAY_UPDATES"); v != "" {
		var err error
		updates, err = strconv.Atoi(v)
		require.NoError(t, err)
	}
	address, _ := privateBus(t)
	p := newPanel(t, address)
	ask := filepath.Join(t.TempDir(), "size")
	c := startChild(t, "DBUS_SESSION_BUS_ADDRESS="+address, sizeMark+"="+ask)
	go func() { // nobody else reads them, and the bus would keep them
		for range p.signals {
		}
	}()
	c.show(base())
	p.appear()
	p.menu()

	shown := 0
	show := func(n int) {
		for range n {
			shown++
			v := quiet(reading(glucose.MgDL(60+shown%200), glucose.Trend(1+shown%5)))
			v.Stale = shown%7 == 0
			v.Version = fmt.Sprint(shown)
			c.show(v)
			if shown%25 == 0 { // else the latest wins, and most are never sent
				p.showing(v)
			}
		}
	}
	look := func() size {
		require.NoError(t, os.WriteFile(ask, nil, 0o600))
		var s size
		require.Eventually(t, func() bool {
			text, err := os.ReadFile(ask + ".answer")
			return err == nil && json.Unmarshal(text, &s) == nil
		}, 10*time.Second, 5*time.Millisecond)
		require.NoError(t, os.Remove(ask+".answer"))
		s.Matches = p.matches()
		return s
	}
	show(updates / 4) // pools and caches fill
	before := look()
	show(updates - updates/4)
	after := look()
	t.Logf("%d views: %+v, after %d: %+v", updates/4, before, updates, after)
	require.LessOrEqual(t, after.Goroutines, before.Goroutines+2)
	require.LessOrEqual(t, after.Files, before.Files)
	require.LessOrEqual(t, after.Matches, before.Matches)
	require.Less(t, after.Heap, before.Heap+before.Heap/4+1<<20)
}

// showing waits until the bus has the view.
func (p *panel) showing(v View) {
	p.t.Helper()
	want := Tooltip(v)
	require.Eventually(p.t, func() bool {
		tip, ok := p.property("ToolTip").([]any)
		return ok && tip[2] == want
	}, 20*time.Second, time.Millisecond)
}

// matches is how many match rules the bus holds for everybody, the tests' own
// included.
func (p *panel) matches() int {
	p.t.Helper()
	var stats map[string]dbus.Variant
	err := p.conn.BusObject().Call("org.freedesktop.DBus.Debug.Stats.GetStats", 0).Store(&stats)
	if err != nil && strings.Contains(err.Error(), "UnknownMethod") || err != nil && strings.Contains(err.Error(), "UnknownInterface") {
		require.NotEqual(p.t, "true", os.Getenv("CI"), "this bus counts no match rules")
		return 0 // the rest is looked at all the same
	}
	require.NoError(p.t, err)
	n, _ := stats["MatchRules"].Value().(uint32)
	return int(n)
}

// TestBusClicksAllTheTime clicks a hundred times a second while views change:
// the tray goes on answering and showing.
func TestBusClicksAllTheTime(t *testing.T) {
	address, _ := privateBus(t)
	p := newPanel(t, address)
	c := startChild(t, "DBUS_SESSION_BUS_ADDRESS="+address)
	go func() {
		for range p.signals {
		}
	}()
	c.show(quiet())
	p.appear()
	var row int32
	require.Eventually(t, func() bool { row = find(t, p.menu(), "Refresh now"); return row != 0 }, 10*time.Second, 10*time.Millisecond)
	click := func() {
		require.NoError(t, p.conn.Object(string(p.item), menuPath).Call(
			"com.canonical.dbusmenu.Event", 0, row, "clicked", dbus.MakeVariant(""), uint32(0)).Err)
	}
	const clicks = 300
	answered := 0
	for i := range clicks {
		c.show(quiet(reading(glucose.MgDL(60+i), glucose.Flat)))
		click()
		time.Sleep(10 * time.Millisecond)
		for len(c.says) > 0 {
			require.Equal(t, Refresh, c.next().Action.Kind)
			answered++
		}
	}
	for answered < clicks {
		require.Equal(t, Refresh, c.next().Action.Kind)
		answered++
	}
	click()
	require.Equal(t, Refresh, c.next().Action.Kind)
	p.showing(quiet(reading(glucose.MgDL(60+clicks-1), glucose.Flat)))
}
