package app

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"

	"github.com/llutray/llutray/internal/settings"
)

// DesktopAutostart starts the program at login through a launch agent.
type DesktopAutostart struct{ Exe string }

func (d DesktopAutostart) path() (string, error) {
	home, err := os.UserHomeDir()
	return filepath.Join(home, "Library", "LaunchAgents", "com.github.llutray.plist"), err
}

// Enabled reports whether the program starts at login.
func (d DesktopAutostart) Enabled() bool {
	p, err := d.path()
	if err != nil {
		return false
	}
	_, err = os.Stat(p)
	return err == nil
}

// Set switches the start at login.
func (d DesktopAutostart) Set(on bool) error {
	p, err := d.path()
	if err != nil {
		return err
	}
	if !on {
		if err := os.Remove(p); err != nil && !os.IsNotExist(err) {
			return err
		}
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		return err
	}
	var exe strings.Builder
	if err := xml.EscapeText(&exe, []byte(d.Exe)); err != nil {
		return err
	}
	return settings.WriteFile(p, []byte(`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>Label</key><string>com.github.llutray</string>
<key>ProgramArguments</key><array><string>`+exe.String()+`</string></array>
<key>RunAtLoad</key><true/>
</dict></plist>
`), 0o644)
}
