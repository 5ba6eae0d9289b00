//go:build !windows && !darwin

package tray

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"fyne.io/systray"
	"github.com/godbus/dbus/v5"
)

const (
	menuPath = itemPath + "/menu"
	menuName = "com.canonical.dbusmenu"

	// What a host is told after its first look at the menu, and when.
	wholeAfter    = 150 * time.Millisecond // that there is more than the first level
	submenusAfter = 500 * time.Millisecond // that each submenu has rows

	// exportWithin is how long the library may take to put its own menu on the
	// bus, which ours replaces.
	exportWithin = 5 * time.Second
)

func (l *library) run(onReady func()) {
	// The first title becomes the item's Id, by which desktops remember it.
	systray.SetTitle(id)
	systray.Run(func() {
		onReady()
		l.takeOver()
	}, nil)
}

// restart has the library connect to the bus anew, by the way in that it keeps
// for programs with a loop of their own: the loop of run goes on meanwhile.
func (l *library) restart(icon []byte, tooltip string) {
	func() {
		// The library keeps the icon, then panics for want of its bus.
		defer func() { _ = recover() }()
		systray.SetIcon(icon)
	}()
	systray.SetTooltip(tooltip)
	systray.SetTitle(id) // as in run
	start, _ := systray.RunWithExternalLoop(nil, nil)
	start()
	l.takeOver()
}

// menu is the menu on the bus, as com.canonical.dbusmenu. The library's
// own says with every changed text that the whole menu is another, at which
// LXQt closes it; this one tells the texts alone, all in one message. It also
// tells of each submenu by itself: Plasma reads them only then before they are
// opened, and one that grows while it is open lies beyond the screen's edge.
type menu struct {
	mu       sync.Mutex
	rows     []*busRow // the menu itself, then each row at the place of its ID
	conn     *dbus.Conn
	revision uint32
	hosts    []dbus.Sender // that have had their first look, the last to ask last
}

// busRow is a row of the menu as it is told on the bus.
type busRow struct {
	menu       *menu
	id         int32
	properties map[string]dbus.Variant
	changed    map[string]dbus.Variant // not told yet
	children   []*busRow
	clicked    func()
}

func (m *menu) add(parent entry, label string, checkable bool) entry {
	r := m.newRow(parent)
	r.set("label", label)
	r.set("enabled", true)
	r.set("toggle-type", map[bool]string{true: "checkmark"}[checkable])
	r.set("toggle-state", int32(0))
	return r
}

func (m *menu) addSeparator(parent entry) { m.newRow(parent).set("type", "separator") }

func (m *menu) newRow(parent entry) *busRow {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rows == nil {
		m.rows = []*busRow{{menu: m, properties: map[string]dbus.Variant{"children-display": dbus.MakeVariant("submenu")}}}
	}
	above := m.rows[0]
	if p, ok := parent.(*busRow); ok {
		above = p
		p.properties["children-display"] = dbus.MakeVariant("submenu")
	}
	r := &busRow{menu: m, id: int32(len(m.rows)), properties: map[string]dbus.Variant{}, changed: map[string]dbus.Variant{}}
	m.rows, above.children = append(m.rows, r), append(above.children, r)
	return r
}

func (r *busRow) set(name string, value any) {
	r.menu.mu.Lock()
	defer r.menu.mu.Unlock()
	r.properties[name] = dbus.MakeVariant(value)
	r.changed[name] = r.properties[name]
}

func (r *busRow) SetTitle(label string) { r.set("label", label) }
func (r *busRow) Enable()               { r.set("enabled", true) }
func (r *busRow) Disable()              { r.set("enabled", false) }
func (r *busRow) Check()                { r.set("toggle-state", int32(1)) }
func (r *busRow) Uncheck()              { r.set("toggle-state", int32(0)) }
func (r *busRow) Show()                 { r.set("visible", true) }
func (r *busRow) Hide()                 { r.set("visible", false) }

func (r *busRow) listen(_ context.Context, clicked func()) {
	r.menu.mu.Lock()
	defer r.menu.mu.Unlock()
	r.clicked = clicked
}

// The wire forms.
type (
	wireRow struct {
		ID         int32
		Properties map[string]dbus.Variant
		Children   []dbus.Variant
	}
	wireProperties struct {
		ID         int32
		Properties map[string]dbus.Variant
	}
	wireRemoved struct {
		ID    int32
		Names []string
	}
	wireEvent struct {
		ID   int32
		Name string
		Data dbus.Variant
		Time uint32
	}
)

// flush tells what has changed since.
func (m *menu) flush() {
	m.mu.Lock()
	defer m.mu.Unlock()
	var changed []wireProperties
	for _, r := range m.rows {
		if len(r.changed) > 0 {
			changed = append(changed, wireProperties{r.id, r.changed})
			r.changed = map[string]dbus.Variant{}
		}
	}
	if len(changed) > 0 {
		m.emit("ItemsPropertiesUpdated", changed, []wireRemoved{})
	}
}

// emit sends a signal once the menu is on the bus; of one that has gone, the
// desktop tells.
func (m *menu) emit(name string, values ...any) {
	if m.conn != nil {
		_ = m.conn.Emit(menuPath, menuName+"."+name, values...)
	}
}

// takeOver puts the menu on the bus in place of the library's, on which it
// answers no question before this returns.
func (m *menu) takeOver() {
	conn, err := dbus.SessionBus() //nolint:forbidigo // only to answer and to emit
	if err != nil {
		return // the library says so
	}
	// It takes this name when its menu is there.
	name := fmt.Sprintf("org.kde.StatusNotifierItem-%d-1", os.Getpid())
	for deadline := time.Now().Add(exportWithin); !slices.Contains(conn.Names(), name) && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	if conn.Export(busMenu{m}, menuPath, menuName) != nil {
		return // the connection is closed
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.conn, m.revision, m.hosts = conn, 2, nil
	m.emit("LayoutUpdated", m.revision, int32(0)) // for who has asked the library meanwhile
}

// busMenu has the methods that the bus may call, and no others.
type busMenu struct{ m *menu }

var errNoRow = dbus.MakeFailedError(errors.New("the menu has no such row"))

// GetLayout tells the rows below one. Who asks for the first time gets one
// level only: GTK's reader of menus drops the rows of submenus that it has not
// made yet.
func (b busMenu) GetLayout(parent, depth int32, _ []string, from dbus.Sender) (uint32, wireRow, *dbus.Error) {
	m := b.m
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.row(parent)
	if r == nil {
		return 0, wireRow{}, errNoRow
	}
	if at := slices.Index(m.hosts, from); at >= 0 {
		m.hosts = slices.Delete(m.hosts, at, at+1)
	} else {
		depth = 1
		m.introduce()
	}
	const remembered = 8 // bounds what neighbours on the bus can fill
	m.hosts = append(m.hosts[max(0, len(m.hosts)+1-remembered):], from)
	return m.revision, r.wire(depth), nil
}

// introduce has a new host read the rest.
func (m *menu) introduce() {
	tell := func(after time.Duration, of func(*busRow) bool) {
		time.AfterFunc(after, func() {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.revision++
			for _, r := range m.rows {
				if of(r) {
					m.emit("LayoutUpdated", m.revision, r.id)
				}
			}
		})
	}
	tell(wholeAfter, func(r *busRow) bool { return r.id == 0 })
	tell(submenusAfter, func(r *busRow) bool { return r.id != 0 && r.children != nil })
}

func (m *menu) row(id int32) *busRow {
	if id < 0 || int(id) >= len(m.rows) {
		return nil
	}
	return m.rows[id]
}

func (r *busRow) wire(depth int32) wireRow {
	w := wireRow{r.id, r.copy(), []dbus.Variant{}}
	if depth != 0 {
		for _, c := range r.children {
			w.Children = append(w.Children, dbus.MakeVariant(c.wire(depth-1)))
		}
	}
	return w
}

// copy is sent while the row may change.
func (r *busRow) copy() map[string]dbus.Variant {
	out := make(map[string]dbus.Variant, len(r.properties))
	for k, v := range r.properties {
		out[k] = v
	}
	return out
}

// GetGroupProperties tells how some rows look.
func (b busMenu) GetGroupProperties(ids []int32, _ []string) ([]wireProperties, *dbus.Error) {
	b.m.mu.Lock()
	defer b.m.mu.Unlock()
	out := []wireProperties{}
	if len(ids) == 0 { // of all, as the interface has it
		for _, r := range b.m.rows {
			out = append(out, wireProperties{r.id, r.copy()})
		}
	}
	for _, id := range ids[:min(len(ids), len(b.m.rows))] {
		if r := b.m.row(id); r != nil {
			out = append(out, wireProperties{id, r.copy()})
		}
	}
	return out, nil
}

// GetProperty tells one thing of a row.
func (b busMenu) GetProperty(id int32, name string) (dbus.Variant, *dbus.Error) {
	b.m.mu.Lock()
	defer b.m.mu.Unlock()
	if r := b.m.row(id); r != nil {
		if v, ok := r.properties[name]; ok {
			return v, nil
		}
	}
	return dbus.MakeVariant(""), errNoRow
}

// Event is told what the user does.
func (b busMenu) Event(id int32, name string, _ dbus.Variant, _ uint32) *dbus.Error {
	b.m.mu.Lock()
	r := b.m.row(id)
	var clicked func()
	if r != nil && name == "clicked" {
		clicked = r.clicked
	}
	b.m.mu.Unlock()
	switch {
	case r == nil:
		return errNoRow
	case clicked != nil:
		clicked()
	}
	return nil
}

// EventGroup is Event for several at once.
func (b busMenu) EventGroup(events []wireEvent) (unknown []int32, _ *dbus.Error) {
	unknown = []int32{}
	for _, e := range events {
		if b.Event(e.ID, e.Name, e.Data, e.Time) != nil {
			unknown = append(unknown, e.ID)
		}
	}
	return unknown, nil
}

// AboutToShow needs to change nothing: hosts are told of changes as they come.
func (b busMenu) AboutToShow(int32) (bool, *dbus.Error) { return false, nil }

// AboutToShowGroup is AboutToShow for several at once.
func (b busMenu) AboutToShowGroup([]int32) (changed, unknown []int32, _ *dbus.Error) {
	return []int32{}, []int32{}, nil
}
