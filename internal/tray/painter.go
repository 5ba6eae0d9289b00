package tray

import (
	"context"
	"fmt"
	"log/slog"
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
	flush() // sends what the rows gathered
	// restart begins anew on the desktop that came in place of a lost one, with
	// the rows that there are.
	restart(icon []byte, tooltip string)
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
	// listen calls a function for each click until ctx ends. It must not block.
	listen(ctx context.Context, clicked func())
}

// painter keeps what is shown equal to the view with as few calls as can be:
// the library sends every call at once, even when it changes nothing, and
// makes desktops redraw.
type painter struct {
	backend backend
	desktop desktop
	log     *slog.Logger

	icon                  chart.IconSpec
	title, tooltip, label string
	shown                 bool // the fields above were sent, except for
	settled               bool // whether the title was
	rows                  []*row
}

// row is a row of the real menu and what it shows.
type row struct {
	entry    entry // nil for a separator, of which the library gives no handle
	sent     Item
	children []*row
	action   atomic.Pointer[Action] // of the newest layout
}

// build makes the rows there will ever be, starts listening to them, and
// shows the first view.
func (p *painter) build(ctx context.Context, v View, send func(Action)) error {
	p.rows = p.grow(ctx, nil, Layout(v), send)
	return p.show(v)
}

func (p *painter) grow(ctx context.Context, parent entry, items []Item, send func(Action)) []*row {
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
			r.children = p.grow(ctx, r.entry, item.Children, send)
			continue
		}
		r.entry.listen(ctx, func() {
			if a := r.action.Load(); a != nil {
				send(*a)
			}
		})
	}
	return rows
}

// restart begins anew on another bus, as at the start of the program.
func (p *painter) restart(v View) error {
	p.shown, p.settled = false, false
	p.backend.restart(iconBytes(IconOf(v)), Tooltip(v))
	return p.show(v)
}

// show sends what differs from what is shown, the icon first.
func (p *painter) show(v View) error {
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
	update(p.rows, Layout(v))
	p.backend.flush()
	return nil
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
