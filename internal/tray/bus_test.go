//go:build linux

package tray

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/chart"
	"github.com/llutray/llutray/internal/glucose"
)

// quiet is a view whose label is off, so that nothing is repeated by time.
func quiet(change ...func(*View)) View {
	v := base()
	v.Settings.Label = false
	for _, c := range change {
		c(&v)
	}
	return v
}

// everyKind are views that have something of every kind in the menu.
var everyKind = []string{"stale", "two-people", "signed-out", "snoozed", "hostile-names", "demo", "undelivered", "locked", "in-range"}

func TestBusItem(t *testing.T) {
	address, _ := privateBus(t)
	p := newPanel(t, address)
	c := startChild(t, "DBUS_SESSION_BUS_ADDRESS="+address)
	c.show(quiet())
	p.appear()
	p.settle()

	require.Equal(t, id, p.property("Id"))
	require.Equal(t, "6.3 mmol/L, rising", p.property("Title"))
	tooltip := p.property("ToolTip").([]any)
	require.Equal(t, Tooltip(quiet()), tooltip[2])

	pixmaps := p.property("IconPixmap").([][]any)
	require.Len(t, pixmaps, 1)
	requirePixmap(t, IconOf(quiet()), pixmaps[0])

	p.readsAll()
	// Every view's menu is what the layout says, whatever stood there before.
	for i, name := range everyKind {
		v := views[name]
		v.Settings.Label = false
		v.Version = fmt.Sprint("0.1.", i) // a change that tells when all is sent
		c.show(v)
		want := withoutActions(dump(Layout(v), ""))
		require.Eventually(t, func() bool { return dumpMenu(t, p.menu(), "") == want }, 5*time.Second, 5*time.Millisecond, name)
	}
}

func requirePixmap(t *testing.T, spec chart.IconSpec, got []any) {
	t.Helper()
	img := chart.Icon(spec, 64)
	require.EqualValues(t, 64, got[0])
	require.EqualValues(t, 64, got[1])
	var want []byte
	for i := 0; i < len(img.Pix); i += 4 {
		want = append(want, img.Pix[i+3], img.Pix[i], img.Pix[i+1], img.Pix[i+2])
	}
	require.True(t, bytes.Equal(want, got[2].([]byte)), "the picture on the bus is not the one drawn")
}

func withoutActions(dump string) string {
	lines := strings.Split(dump, "\n")
	for i := range lines {
		lines[i], _, _ = strings.Cut(lines[i], "  => ")
	}
	return strings.Join(lines, "\n")
}

func TestBusSendsOnlyChanges(t *testing.T) {
	address, _ := privateBus(t)
	p := newPanel(t, address)
	c := startChild(t, "DBUS_SESSION_BUS_ADDRESS="+address)
	c.show(quiet())
	p.appear()
	p.settle()
	p.readsAll()

	for range 1000 {
		c.show(quiet())
	}
	started := time.Now()
	c.show(quiet(reading(140, glucose.Rising)))
	before := p.awaitSignal(itemName + ".NewIcon")
	t.Logf("1000 equal views and a new one: icon on the bus after %v", time.Since(started))
	require.Equal(t, []string{"org.freedesktop.DBus.Properties.PropertiesChanged"}, before, "only the new icon's own")
	var rows []wireProperties
	after := p.await("the first line", func(s *dbus.Signal) bool {
		return s.Name == menuName+".ItemsPropertiesUpdated" && dbus.Store(s.Body[:1], &rows) == nil
	})
	require.Len(t, after, 4, "title and tooltip, each with its property: %v", after)
	require.Len(t, rows, 1, "the row with the value")
	require.Len(t, rows[0].Properties, 1, "its text alone")
}

// A panel may close an open menu when it hears that the menu is another one, as
// LXQt does. Whatever is shown, only texts and marks of rows change.
func TestBusNeverClosesTheMenu(t *testing.T) {
	address, _ := privateBus(t)
	p := newPanel(t, address)
	c := startChild(t, "DBUS_SESSION_BUS_ADDRESS="+address)
	c.show(quiet())
	p.appear()
	p.settle()
	p.readsAll()
	for _, name := range everyKind {
		v := views[name]
		v.Settings.Label = false
		c.show(v)
		p.showing(v)
	}
	told := 0
	for len(p.signals) > 0 {
		s := <-p.signals
		require.NotEqual(t, menuName+".LayoutUpdated", s.Name)
		if s.Name == menuName+".ItemsPropertiesUpdated" {
			told++
		}
	}
	require.Greater(t, told, len(everyKind)/2)
}

// A panel reads level by level at its first look, or some lose the rows of
// submenus; Plasma reads a submenu before it is opened only when told of it.
func TestBusEachNewPanelReadsLevelByLevel(t *testing.T) {
	address, _ := privateBus(t)
	c := startChild(t, "DBUS_SESSION_BUS_ADDRESS="+address)
	c.show(quiet())
	for range 3 {
		p := newPanel(t, address)
		p.appear()
		var submenus []int32
		require.Eventually(t, func() bool { // the first is there before the program
			for _, r := range p.menu().rows(t) {
				require.Empty(t, r.Children, "at the first look")
				if r.Props["children-display"].Value() == "submenu" {
					submenus = append(submenus, r.ID)
				}
			}
			return submenus != nil
		}, 5*time.Second, time.Millisecond)
		require.Len(t, submenus, 6)
		updated := func(id int32) {
			p.await(fmt.Sprint("of ", id), func(s *dbus.Signal) bool { return s.Name == menuName+".LayoutUpdated" && s.Body[1] == id })
		}
		updated(0)
		for _, id := range submenus {
			updated(id)
		}
		require.Equal(t, withoutActions(dump(Layout(quiet()), "")), dumpMenu(t, p.menu(), ""))
		require.NoError(t, p.conn.Close())
	}
}

func TestBusClicks(t *testing.T) {
	address, _ := privateBus(t)
	p := newPanel(t, address)
	c := startChild(t, "DBUS_SESSION_BUS_ADDRESS="+address)
	c.show(quiet())
	p.appear()
	var menu menuRow
	require.Eventually(t, func() bool {
		menu = p.menu()
		return find(t, menu, "Snooze urgent low for 30 minutes") != 0
	}, 10*time.Second, 10*time.Millisecond)
	click := func(label string) {
		row := find(t, menu, label)
		require.NotZero(t, row, label)
		require.NoError(t, p.conn.Object(string(p.item), menuPath).Call(
			"com.canonical.dbusmenu.Event", 0, row, "clicked", dbus.MakeVariant(""), uint32(0)).Err)
	}
	for range 20 {
		click("Refresh now")
		require.Equal(t, Action{Kind: Refresh}, *c.next().Action)
	}
	click("Snooze urgent low for 30 minutes")
	require.Equal(t, Action{Kind: SnoozeAlarm, Key: "urgent_low", For: 30 * time.Minute}, *c.next().Action)
	click("Quit")
	require.Equal(t, Action{Kind: Quit}, *c.next().Action)

	require.NoError(t, c.input.Close()) // the program ends the tray
	require.Equal(t, "nil", c.next().End)
}

func TestBusPanelRestarts(t *testing.T) {
	address, _ := privateBus(t)
	c := startChild(t, "DBUS_SESSION_BUS_ADDRESS="+address)
	c.show(base())
	for range 3 { // the first one comes late, too
		p := newPanel(t, address)
		p.appear()
		require.Equal(t, id, p.property("Id"))
		require.NoError(t, p.conn.Close())
	}
}

// A panel that appears just when the library is not looking is told again,
// and one that knows the item is not.
func TestBusPanelThatMissedTheItem(t *testing.T) {
	address, _ := privateBus(t)
	p := newPanel(t, address)
	p.deaf.Store(1)
	c := startChild(t, "DBUS_SESSION_BUS_ADDRESS="+address)
	c.show(base())
	p.appear()
	p.awaitSignal(itemName + ".NewTitle")
	p.awaitSignal(itemName + ".XAyatanaNewLabel") // the last thing of the start
	require.Empty(t, p.registered, "registered twice")
}

func TestBusLabel(t *testing.T) {
	address, _ := privateBus(t)
	p := newPanel(t, address)
	c := startChild(t, "DBUS_SESSION_BUS_ADDRESS="+address)
	c.show(quiet())
	p.appear()
	p.settle()
	c.show(base())
	p.await("the property first", func(s *dbus.Signal) bool {
		if s.Name != "org.freedesktop.DBus.Properties.PropertiesChanged" || s.Body[0] != itemName {
			require.NotEqual(t, itemName+".XAyatanaNewLabel", s.Name)
			return false
		}
		label, ok := s.Body[1].(map[string]dbus.Variant)["XAyatanaLabel"]
		return ok && label.Value() == "6.3 ↗" && s.Sender == string(p.item)
	})
	p.await("then the signal", func(s *dbus.Signal) bool {
		return s.Name == itemName+".XAyatanaNewLabel" && s.Body[0] == "6.3 ↗" && s.Body[1] == widestLabel
	})
	c.show(quiet())
	p.await("cleared", func(s *dbus.Signal) bool {
		return s.Name == itemName+".XAyatanaNewLabel" && s.Body[0] == ""
	})
}

func TestBusDies(t *testing.T) {
	address, kill := privateBus(t)
	p := newPanel(t, address)
	// Without a display the session is over.
	c := startChild(t, "DBUS_SESSION_BUS_ADDRESS="+address, "DISPLAY=", "WAYLAND_DISPLAY=")
	c.show(base())
	p.appear()
	kill()
	for i := range 10 {
		if c.views.Encode(with(reading(glucose.MgDL(100+10*i), glucose.Flat))) != nil {
			break // it has ended already
		}
	}
	require.Contains(t, c.next().End, ErrLost.Error())
}

// A bus that comes back at the same address has the icon again, by the same
// name, with a menu that can be read in full and clicked.
func TestBusComesBack(t *testing.T) {
	where := "unix:path=" + filepath.Join(t.TempDir(), "bus")
	_, kill := busAt(t, where)
	p := newPanel(t, where)
	c := startChild(t, "DBUS_SESSION_BUS_ADDRESS="+where, "DISPLAY=elsewhere:0", "WAYLAND_DISPLAY=")
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the tray's process: %v\n%s", len(c.says), c.stderr)
			select {
			case s := <-c.says:
				t.Logf("%+v", s)
			default:
			}
		}
	})
	c.show(base())
	p.appear()
	for i := range 3 {
		kill()
		c.show(with(reading(glucose.MgDL(180+18*i), glucose.Flat)))
		_, kill = busAt(t, where)
		p = newPanel(t, where)
		p.appear()
		require.Equal(t, id, p.property("Id"), "desktops remember the place by it")
		require.Contains(t, fmt.Sprint(p.property("ToolTip")), fmt.Sprintf("%d.0", 10+i))
		p.settle()
		value := fmt.Sprintf("%d.0", 10+i)
		var menu menuRow
		require.Eventually(t, func() bool {
			menu = p.menu()
			return find(t, menu, "Snooze urgent low for 30 minutes") != 0 && strings.Contains(dumpMenu(t, menu, ""), value)
		}, 10*time.Second, 10*time.Millisecond)
		require.NoError(t, p.conn.Object(string(p.item), itemPath+"/menu").Call(
			"com.canonical.dbusmenu.Event", 0, find(t, menu, "Refresh now"), "clicked", dbus.MakeVariant(""), uint32(0)).Err)
		require.Equal(t, Action{Kind: Refresh}, *c.next().Action)
	}
}

func TestNoBus(t *testing.T) {
	c := startChild(t, "DBUS_SESSION_BUS_ADDRESS=", "XDG_RUNTIME_DIR="+t.TempDir())
	require.Contains(t, c.next().End, ErrNoTray.Error())

	c = startChild(t, "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent/bus")
	require.Contains(t, c.next().End, ErrNoTray.Error())
}

func TestProbe(t *testing.T) {
	address, _ := privateBus(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
	hosted, err := Probe(t.Context())
	require.NoError(t, err)
	require.False(t, hosted)

	p := newPanel(t, address)
	_, err = p.conn.RequestName(watcherName, dbus.NameFlagDoNotQueue)
	require.NoError(t, err)
	hosted, err = Probe(t.Context())
	require.NoError(t, err)
	require.True(t, hosted)

	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	_, err = Probe(t.Context())
	require.ErrorIs(t, err, ErrNoTray)
}
