package tray

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"

	"github.com/llutray/llutray/internal/chart"
)

// backend is the part of the tray library that is used. Its calls come from
// one goroutine, after onReady.
type backend interface {
	run(onReady func()) // until quit
	quit()
	setIcon([]byte)
	setTitle(string)
	setTooltip(string)
	add(parent entry, label string, checkable bool) entry // parent nil for the menu itself
	addSeparator(parent entry)
	reset() // removes every row
}

// entry is one row of the real menu.
type entry interface {
	SetTitle(string)
	Enable()
	Disable()
	Check()
	Uncheck()
	Show()
	Hide()
	clicked() <-chan struct{}
}

// painter keeps what is shown equal to the view with as few calls as can be:
// every call of the library is sent at once, even when it changes nothing,
// and makes desktops redraw or close an open menu.
type painter struct {
	backend backend
	desktop desktop
	log     *slog.Logger

	icon                  chart.IconSpec
	title, tooltip, label string
	shown                 bool // the fields above were sent, except for
	settled               bool // whether the title was
	rows                  []*row
	deafen                context.CancelFunc // ends listening to rows
}

// row is a row of the real menu and what it shows.
type row struct {
	entry    entry // nil for a separator, of which the library gives no handle
	sent     Item
	children []*row
	action   atomic.Pointer[Action] // of the newest layout
}

// build makes the rows that the view has room for, starts listening to them,
// and shows it.
func (p *painter) build(ctx context.Context, v View, send func(Action)) error {
	p.rows = p.grow(nil, Layout(v))
	hearing, deafen := context.WithCancel(ctx)
	p.deafen = deafen
	go listen(hearing, p.rows, send)
	return p.show(ctx, v, send)
}

func (p *painter) grow(parent entry, items []Item) []*row {
	var rows []*row
	for _, item := range items {
		r := &row{sent: item}
		rows = append(rows, r)
		if item.Separator {
			p.backend.addSeparator(parent)
			continue
		}
		r.entry = p.backend.add(parent, escape(item.Label), item.Checkable)
		r.action.Store(item.Action)
		if item.Hidden {
			r.entry.Hide()
		}
		if item.Disabled {
			r.entry.Disable()
		}
		if item.Checked {
			r.entry.Check()
		}
		if item.Children != nil {
			r.children = p.grow(r.entry, item.Children)
		}
	}
	return rows
}

// rebuild throws the menu away and builds it anew for a host that came later
// than the first. The library gives the tree level by level, without which
// panels lose the rows of submenus, only until it was read once; a new menu
// makes it begin again.
func (p *painter) rebuild(ctx context.Context, v View, send func(Action)) error {
	p.deafen()
	p.backend.reset()
	return p.build(ctx, v, send)
}

// listen sends the actions of the rows that are clicked. The library drops a
// click that nobody is waiting for, so this does nothing else. It is one
// goroutine for all: one for each of 200 rows would be half a megabyte of
// stacks, and a tenth of all computing to look through them for garbage.
func listen(ctx context.Context, rows []*row, send func(Action)) {
	clickable := leaves(rows)
	cases := []reflect.SelectCase{{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(ctx.Done())}}
	for _, r := range clickable {
		cases = append(cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(r.entry.clicked())})
	}
	for {
		i, _, open := reflect.Select(cases)
		if i == 0 || !open { // the library closes all, with the menu
			return
		}
		if a := clickable[i-1].action.Load(); a != nil {
			send(*a)
		}
	}
}

// leaves are the rows that can be clicked: not submenus, and no separators.
func leaves(rows []*row) (out []*row) {
	for _, r := range rows {
		switch {
		case r.children != nil:
			out = append(out, leaves(r.children)...)
		case r.entry != nil:
			out = append(out, r)
		}
	}
	return out
}

// show sends what differs from what is shown, the icon first. A menu that has
// not enough room, or more than it needs, is built anew.
func (p *painter) show(ctx context.Context, v View, send func(Action)) error {
	icon, title, tooltip := IconOf(v), Title(v), Tooltip(v)
	if panelTextIsTitle {
		title = PanelLabel(v)
	}
	if !p.shown || icon != p.icon {
		if err := p.setIcon(icon); err != nil {
			return err
		}
	}
	if p.settled && title != p.title {
		p.backend.setTitle(title)
	}
	if !p.shown || tooltip != p.tooltip {
		p.backend.setTooltip(tooltip)
	}
	label := PanelLabel(v)
	changed := label != p.label
	p.icon, p.title, p.tooltip, p.label, p.shown = icon, title, tooltip, label, true
	if changed {
		p.emitLabel()
	}
	items := Layout(v)
	if !fits(p.rows, items) {
		return p.rebuild(ctx, v, send)
	}
	update(p.rows, items)
	return nil
}

// fits tells whether the rows are those of the items.
func fits(rows []*row, items []Item) bool {
	if len(rows) != len(items) {
		return false
	}
	for i, item := range items {
		if !fits(rows[i].children, item.Children) {
			return false
		}
	}
	return true
}

// resend sends the title, and icon and tooltip again.
func (p *painter) resend() error {
	p.settled = true
	if err := p.setIcon(p.icon); err != nil {
		return err
	}
	p.backend.setTitle(p.title)
	p.backend.setTooltip(p.tooltip)
	return nil
}

// sendLabel repeats the label. Where there is none, there is nothing that a
// host could have forgotten.
func (p *painter) sendLabel() {
	if p.label != "" {
		p.emitLabel()
	}
}

func (p *painter) emitLabel() {
	if err := p.desktop.setLabel(p.label); err != nil {
		p.log.Debug("the text beside the icon could not be sent", "err", err)
	}
}

// setIcon guards against the library's panic when its connection is gone.
func (p *painter) setIcon(spec chart.IconSpec) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", ErrLost, r)
		}
	}()
	p.backend.setIcon(iconBytes(spec))
	return nil
}

// iconBytes is the icon as the system's tray takes it. Windows keeps every
// different icon until the program ends and stops at 10,000 handles; all
// values of the sensors' scale with all trends and marks are fewer, and equal
// specs give equal bytes, which it finds again.
func iconBytes(spec chart.IconSpec) []byte {
	if runtime.GOOS == "windows" {
		return chart.IconICO(spec)
	}
	return chart.IconPNG(spec)
}

// update sends what differs between rows and items, which have the same shape.
func update(rows []*row, items []Item) {
	for i, item := range items {
		if r := rows[i]; r.entry != nil {
			r.update(item)
			update(r.children, item.Children)
		}
	}
}

func (r *row) update(item Item) {
	r.action.Store(item.Action)
	if item.Hidden {
		if !r.sent.Hidden {
			r.entry.Hide()
			r.sent.Hidden = true
		}
		return // nobody sees the rest
	}
	if item.Label != r.sent.Label {
		r.entry.SetTitle(escape(item.Label))
		r.sent.Label = item.Label
	}
	if item.Disabled != r.sent.Disabled {
		if item.Disabled {
			r.entry.Disable()
		} else {
			r.entry.Enable()
		}
		r.sent.Disabled = item.Disabled
	}
	if item.Checked != r.sent.Checked {
		if item.Checked {
			r.entry.Check()
		} else {
			r.entry.Uncheck()
		}
		r.sent.Checked = item.Checked
	}
	if r.sent.Hidden {
		r.entry.Show()
		r.sent.Hidden = false
	}
}

// escape protects the characters that menus take as the mark of a keyboard
// shortcut.
func escape(label string) string {
	switch runtime.GOOS {
	case "windows":
		return strings.ReplaceAll(label, "&", "&&")
	case "darwin":
		return label
	}
	return strings.ReplaceAll(label, "_", "__")
}
