//go:build linux

package desktoptest

import (
	"fmt"
	"image"
	"image/color"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

const itemInterface = "org.kde.StatusNotifierItem"

// item is the tray's object of the program, as the panel sees it.
func (d *Desktop) item() (dbus.BusObject, bool) {
	d.tb.Helper()
	names, err := property[[]string](d, d.bus.Object(watcher, "/StatusNotifierWatcher"), watcher+".RegisteredStatusNotifierItems")
	if err != nil || len(names) == 0 {
		return nil, false
	}
	owner, path, _ := strings.Cut(names[0], "/") // some watchers put an @ between them
	return d.bus.Object(strings.TrimSuffix(owner, "@"), dbus.ObjectPath("/"+path)), true
}

// Title is the icon's title, which some desktops read to the user.
func (d *Desktop) Title() string {
	d.tb.Helper()
	item, ok := d.item()
	if !ok {
		return ""
	}
	title, err := property[string](d, item, itemInterface+".Title")
	d.must(err)
	return title
}

// Tooltip is the text of the icon's tooltip.
func (d *Desktop) Tooltip() string {
	d.tb.Helper()
	item, ok := d.item()
	if !ok {
		return ""
	}
	tip, err := property[struct {
		Icon    string
		Pixmaps []struct {
			W, H int32
			ARGB []byte
		}
		Title, Text string
	}](d, item, itemInterface+".ToolTip")
	d.must(err)
	return strings.TrimSpace(tip.Title + "\n" + tip.Text)
}

// MenuItem is a line of the program's menu.
type MenuItem struct {
	ID        int32
	Label     string
	Separator bool
	Enabled   bool
	Checkable bool
	Checked   bool
	Children  []MenuItem
}

// layout is the wire form of com.canonical.dbusmenu.
type layout struct {
	ID         int32
	Properties map[string]dbus.Variant
	Children   []dbus.Variant
}

func (l layout) item() (MenuItem, bool, error) {
	m := MenuItem{ID: l.ID, Enabled: true}
	visible := true
	for key, v := range l.Properties {
		switch key {
		case "label":
			m.Label, _ = v.Value().(string)
		case "type":
			m.Separator = v.Value() == "separator"
		case "enabled":
			m.Enabled, _ = v.Value().(bool)
		case "visible":
			visible, _ = v.Value().(bool)
		case "toggle-type":
			m.Checkable = v.Value() != ""
		case "toggle-state":
			m.Checked = v.Value() == int32(1)
		}
	}
	for _, v := range l.Children {
		var child layout
		if err := dbus.Store([]any{v.Value()}, &child); err != nil {
			return m, false, err
		}
		item, show, err := child.item()
		if err != nil {
			return m, false, err
		}
		if show {
			m.Children = append(m.Children, item)
		}
	}
	return m, visible, nil
}

// Menu is the program's menu as it tells it over the bus, without what is
// hidden.
func (d *Desktop) Menu() []MenuItem {
	d.tb.Helper()
	var root MenuItem
	for range 2 { // the tray library answers the first call without submenus
		var (
			revision uint32
			l        layout
			err      error
		)
		d.must(d.call(d.menuObject(), "com.canonical.dbusmenu.GetLayout", int32(0), int32(-1), []string{}).Store(&revision, &l))
		root, _, err = l.item()
		d.must(err)
	}
	return root.Children
}

func (d *Desktop) menuObject() dbus.BusObject {
	d.tb.Helper()
	item, ok := d.item()
	if !ok {
		d.tb.Fatal("there is no tray icon whose menu could be read")
	}
	path, err := property[dbus.ObjectPath](d, item, itemInterface+".Menu")
	d.must(err)
	return d.bus.Object(item.Destination(), path)
}

// MenuLabels are the lines of a menu: the program's, or the submenu below a
// path of labels. Separators are "-".
func (d *Desktop) MenuLabels(path ...string) []string {
	d.tb.Helper()
	var out []string
	for _, m := range d.submenu(path) {
		if m.Separator {
			m.Label = "-"
		}
		out = append(out, m.Label)
	}
	return out
}

func (d *Desktop) submenu(path []string) []MenuItem {
	d.tb.Helper()
	items := d.Menu()
	for _, label := range path {
		items = items[d.indexOf(items, label)].Children
	}
	return items
}

// indexOf finds a line by how its label starts: what follows may be a value.
func (d *Desktop) indexOf(items []MenuItem, label string) int {
	d.tb.Helper()
	i := slices.IndexFunc(items, func(m MenuItem) bool { return strings.HasPrefix(m.Label, label) })
	if i < 0 {
		var have []string
		for _, m := range items {
			have = append(have, m.Label)
		}
		d.tb.Fatalf("the menu has no line that starts with %q, but %q", label, have)
	}
	return i
}

// ClickMenu presses the line at the end of a path of labels over the bus, as a
// panel does.
func (d *Desktop) ClickMenu(path ...string) {
	d.tb.Helper()
	last := len(path) - 1
	items := d.submenu(path[:last])
	id := items[d.indexOf(items, path[last])].ID
	d.must(d.call(d.menuObject(), "com.canonical.dbusmenu.Event", id, "clicked", dbus.MakeVariant(""), uint32(0)).Err)
}

// Click presses a mouse button at a point of the screen.
func (d *Desktop) Click(at image.Point, button int) {
	d.tb.Helper()
	d.xdotool("mousemove", strconv.Itoa(at.X), strconv.Itoa(at.Y), "click", strconv.Itoa(button))
}

// Key presses keys, by their X names, one after the other.
func (d *Desktop) Key(keys ...string) {
	d.tb.Helper()
	d.xdotool(append([]string{"key", "--delay", "20"}, keys...)...)
}

// Popups are the open menus on the screen, those of the panel's programs.
func (d *Desktop) Popups() []image.Rectangle {
	d.tb.Helper()
	var out []image.Rectangle
	for _, w := range d.windows("panel|wrapper") {
		if w.Dy() > PanelHeight+8 && w.Dx() > 40 {
			out = append(out, w)
		}
	}
	return out
}

// windows are the visible windows of a class, a regular expression.
func (d *Desktop) windows(class string) []image.Rectangle {
	d.tb.Helper()
	var out []image.Rectangle
	for _, id := range strings.Fields(d.xdotool("search", "--onlyvisible", "--class", class)) {
		var r image.Rectangle
		var w, h int
		for _, line := range strings.Fields(d.xdotool("getwindowgeometry", "--shell", id)) {
			key, value, _ := strings.Cut(line, "=")
			n, _ := strconv.Atoi(value)
			switch key {
			case "X":
				r.Min.X = n
			case "Y":
				r.Min.Y = n
			case "WIDTH":
				w = n
			case "HEIGHT":
				h = n
			}
		}
		if w > 0 {
			r.Max = r.Min.Add(image.Pt(w, h))
			out = append(out, r)
		}
	}
	return out
}

// OpenMenu clicks the icon and waits until the menu is on the screen.
func (d *Desktop) OpenMenu() image.Rectangle {
	d.tb.Helper()
	_, icon := d.Icon()
	if icon.Empty() {
		d.tb.Fatal("there is no icon to click on")
	}
	d.Click(center(icon), d.shell.MenuButton)
	return d.waitPopups(1)[0]
}

// CloseMenu closes what is open.
func (d *Desktop) CloseMenu() {
	d.tb.Helper()
	d.Until("the menu to close", 5*time.Second, func() bool {
		if len(d.Popups()) == 0 {
			return true
		}
		d.Key("Escape")
		return false
	})
}

func (d *Desktop) waitPopups(n int) []image.Rectangle {
	d.tb.Helper()
	var open []image.Rectangle
	d.Until(fmt.Sprintf("%d open menus", n), 5*time.Second, func() bool {
		open = d.Popups()
		return len(open) == n
	})
	return open
}

// Highlight is the line of a menu that the keyboard or the mouse is on.
func (d *Desktop) Highlight(menu image.Rectangle) image.Rectangle {
	d.tb.Helper()
	box := FindColour(d.Screenshot(), menu, selection)
	if box.Dx() < menu.Dx()/2 {
		return image.Rectangle{}
	}
	return box
}

// selection is Adwaita's colour of the chosen line, light and dark.
var selection = color.RGBA{0x35, 0x84, 0xe4, 255}

// Reach opens the menu with the mouse, walks to the line at the end of a path
// of labels with the keyboard, and returns where on the screen it is. Return or
// a click there presses it.
func (d *Desktop) Reach(path ...string) image.Rectangle {
	d.tb.Helper()
	menu := d.OpenMenu()
	items := d.Menu()
	for depth, label := range path {
		at := d.indexOf(items, label)
		steps := 0
		for _, m := range items[:at] {
			if m.Enabled && !m.Separator {
				steps++
			}
		}
		if depth == 0 {
			steps++ // nothing is chosen yet
		}
		for range steps {
			d.Key("Down")
		}
		d.Until(fmt.Sprintf("%q to be highlighted", label), 5*time.Second, func() bool { return !d.Highlight(menu).Empty() })
		if depth == len(path)-1 {
			break
		}
		before := d.Popups()
		d.Key("Right")
		for _, p := range d.waitPopups(len(before) + 1) {
			if !slices.Contains(before, p) {
				menu = p
			}
		}
		items = items[at].Children
	}
	return d.Highlight(menu)
}

func center(r image.Rectangle) image.Point { return r.Min.Add(r.Size().Div(2)) }
