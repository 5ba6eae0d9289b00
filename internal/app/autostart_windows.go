package app

import (
	"errors"

	"golang.org/x/sys/windows/registry"
)

const runKey = `Software\Microsoft\Windows\CurrentVersion\Run`

// DesktopAutostart starts the program at login through the user's Run key.
type DesktopAutostart struct{ Exe string }

// Enabled reports whether the program starts at login.
func (d DesktopAutostart) Enabled() bool {
	k, err := registry.OpenKey(registry.CURRENT_USER, runKey, registry.QUERY_VALUE)
	if err != nil {
		return false
	}
	defer func() { _ = k.Close() }()
	_, _, err = k.GetStringValue("llutray")
	return err == nil
}

// Set switches the start at login.
func (d DesktopAutostart) Set(on bool) error {
	k, _, err := registry.CreateKey(registry.CURRENT_USER, runKey, registry.SET_VALUE)
	if err != nil {
		return err
	}
	defer func() { _ = k.Close() }()
	if on {
		return k.SetStringValue("llutray", `"`+d.Exe+`"`)
	}
	if err := k.DeleteValue("llutray"); err != nil && !errors.Is(err, registry.ErrNotExist) {
		return err
	}
	return nil
}
