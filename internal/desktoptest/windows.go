//go:build linux && desktops

package desktoptest

import (
	"image"
	"os/exec"
	"path/filepath"
)

// Windows is the desktop of Wine with its own taskbar. It is no Windows: what
// it shows is what a program asked for, in the plainest form.
var Windows = &Shell{
	Name:       "Windows",
	Tools:      map[string]string{"wine": "wine", "tesseract": "tesseract-ocr"},
	Env:        []string{"WINEDEBUG=-all", "WINEDLLOVERRIDES=mscoree,mshtml="}, // asks to download nothing
	Configure:  (*Desktop).makeWindows,
	Session:    func(*Desktop) {},
	Panel:      explorer(),
	NoTray:     true, // none of the kind that the session bus knows of
	Area:       func(screen image.Point) image.Rectangle { return image.Rect(0, screen.Y-24, screen.X, screen.Y) },
	IconSide:   16,
	MenuButton: 3,
}

// explorer starts a program as the Start menu does, or the desktop alone.
func explorer(program ...string) []string {
	return append([]string{"wine", "explorer", "/desktop=llutray,1280x800"}, program...)
}

func (d *Desktop) makeWindows() {
	d.tb.Helper()
	server := "wineserver"
	if _, err := exec.LookPath(server); err != nil {
		server = "/usr/lib/wine/wineserver64" // where Debian hides it
	}
	// Without its server no program of this Windows goes on.
	d.tb.Cleanup(func() {
		end := exec.Command(server, "-k")
		end.Env = d.env
		_ = end.Run()
	})
	d.Run("wine", "wineboot", "--init")
	d.Run(server, "--wait")
	d.must(GiveRandom(filepath.Join(d.home, ".wine")))
}
