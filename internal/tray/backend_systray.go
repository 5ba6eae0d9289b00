//go:build cgo || !darwin

package tray

import (
	"runtime"

	"fyne.io/systray"
)

// library is fyne.io/systray. Its state belongs to the process.
type library struct{}

func newBackend() backend { return library{} }

func (library) run(onReady func()) {
	if runtime.GOOS != "windows" && runtime.GOOS != "darwin" {
		// The first title becomes the item's Id, by which desktops remember
		// it; the others take a title only once they run.
		systray.SetTitle(id)
	}
	systray.Run(onReady, nil)
}

// restart has the library connect to the bus anew, by the way in that it keeps
// for programs with a loop of their own: the loop of run goes on meanwhile.
func (library) restart(icon []byte, tooltip string) {
	func() {
		// The library keeps the icon, then panics for want of its bus.
		defer func() { _ = recover() }()
		systray.SetIcon(icon)
	}()
	systray.SetTooltip(tooltip)
	systray.SetTitle(id) // as in run
	start, _ := systray.RunWithExternalLoop(nil, nil)
	start()
}

func (library) quit()                  { systray.Quit() }
func (library) setIcon(data []byte)    { systray.SetIcon(data) }
func (library) setTitle(text string)   { systray.SetTitle(text) }
func (library) setTooltip(text string) { systray.SetTooltip(text) }

func (library) add(parent entry, label string, checkable bool) entry {
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

func (library) addSeparator(parent entry) {
	if p, ok := parent.(libraryEntry); ok {
		p.AddSeparator()
		return
	}
	systray.AddSeparator()
}

func (library) reset() { systray.ResetMenu() }

type libraryEntry struct{ *systray.MenuItem }

func (e libraryEntry) clicked() <-chan struct{} { return e.ClickedCh }
