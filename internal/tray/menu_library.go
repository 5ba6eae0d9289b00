//go:build windows || (darwin && cgo)

package tray

import (
	"context"

	"fyne.io/systray"
)

func (*library) run(onReady func()) { systray.Run(onReady, nil) }

// restart has nothing to do: these desktops do not come back.
func (*library) restart([]byte, string) {}

// menu is the menu of the library, which sends every call at once.
type menu struct{}

func (menu) add(parent entry, label string, checkable bool) entry {
	var item *systray.MenuItem
	p, _ := parent.(libraryEntry)
	switch {
	case p.MenuItem == nil && checkable:
		item = systray.AddMenuItemCheckbox(label, "", false)
	case p.MenuItem == nil:
		item = systray.AddMenuItem(label, "")
	case checkable:
		item = p.AddSubMenuItemCheckbox(label, "", false)
	default:
		item = p.AddSubMenuItem(label, "")
	}
	return libraryEntry{item}
}

func (menu) addSeparator(parent entry) {
	if p, ok := parent.(libraryEntry); ok {
		p.AddSeparator()
		return
	}
	systray.AddSeparator()
}

func (menu) flush() {}

type libraryEntry struct{ *systray.MenuItem }

// listen has a goroutine that does nothing else, since the library drops a
// click that nobody is waiting for.
func (e libraryEntry) listen(ctx context.Context, clicked func()) {
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-e.ClickedCh:
				clicked()
			}
		}
	}()
}
