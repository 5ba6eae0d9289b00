//go:build cgo || !darwin

package tray

import "fyne.io/systray"

// library is fyne.io/systray. Its state belongs to the process. The menu is
// its own on Windows and macOS, and ours on the bus.
type library struct{ menu }

func newBackend() backend { return &library{} }

func (*library) quit()                  { systray.Quit() }
func (*library) setIcon(data []byte)    { systray.SetIcon(data) }
func (*library) setTitle(text string)   { systray.SetTitle(text) }
func (*library) setTooltip(text string) { systray.SetTooltip(text) }
