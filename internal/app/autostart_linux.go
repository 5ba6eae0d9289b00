package app

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/adrg/xdg"

	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/packaging"
)

// DesktopAutostart starts the program at login through the desktop's
// autostart folder (Desktop Application Autostart Specification 0.5).
type DesktopAutostart struct{ Exe string }

func (d DesktopAutostart) path() string {
	return filepath.Join(xdg.ConfigHome, "autostart", "llutray.desktop")
}

// Enabled reports whether the program starts at login.
func (d DesktopAutostart) Enabled() bool {
	b, err := os.ReadFile(d.path())
	return err == nil && !strings.Contains(string(b), "Hidden=true")
}

// Set switches the start at login.
func (d DesktopAutostart) Set(on bool) error {
	if !on {
		err := os.Remove(d.path())
		if os.IsNotExist(err) {
			return nil
		}
		return err
	}
	if err := os.MkdirAll(filepath.Dir(d.path()), 0o755); err != nil {
		return err
	}
	entry := strings.Replace(packaging.DesktopEntry, "Exec=llutray", "Exec="+quoteExec(d.Exe), 1)
	return settings.WriteFile(d.path(), []byte(entry), 0o644)
}

// quoteExec writes a path as the Exec key wants it (Desktop Entry
// Specification 1.5, "The Exec key"): quoted, with the reserved characters
// escaped, a percent sign doubled, and each backslash doubled again since the
// value is a string of the file format.
func quoteExec(path string) string {
	r := strings.NewReplacer(`\`, `\\\\`, `"`, `\\"`, "`", "\\\\`", `$`, `\\$`, `%`, `%%`)
	return `"` + r.Replace(path) + `"`
}
