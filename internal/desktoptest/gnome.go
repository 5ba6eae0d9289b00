//go:build linux && desktops

package desktoptest

import (
	"image/color"
	"strings"
	"time"
)

// GNOME is GNOME Shell with the extension AppIndicator Support, without which
// it shows no tray icons. The shell is window manager, panel and messages in
// one, here as a client of the X server.
var GNOME = &Shell{
	Name:  "GNOME",
	Tools: map[string]string{"gnome-shell": "gnome-shell", "tesseract": "tesseract-ocr"},
	Env: []string{
		"GSETTINGS_BACKEND=keyfile", "XDG_SESSION_TYPE=x11", "GNOME_SHELL_SESSION_MODE=user",
	},
	Configure:  func(d *Desktop) { d.configureGNOME("'ubuntu-appindicators@ubuntu.com'") },
	Session:    (*Desktop).startSystemBus,
	Panel:      []string{"gnome-shell", "--x11", "--mode=user"},
	Ready:      (*Desktop).leaveOverview,
	Scrolls:    true,
	Label:      true,
	IconSide:   16,
	MenuButton: 1,
	Seen:       gnomeSeen,
}

// BareGNOME is GNOME Shell as it comes, without the extension.
func BareGNOME() *Shell {
	s := *GNOME
	s.Configure = func(d *Desktop) { d.configureGNOME("") }
	s.NoTray = true
	return &s
}

// gnomeSeen is a plate's colour as the extension draws it: not quite opaque
// (240 of 255) on a nearly black panel.
func gnomeSeen(c color.RGBA, _ bool) color.RGBA {
	const opacity, panel = 240, 18
	mix := func(v uint8) uint8 { return uint8((int(v)*opacity + panel*(255-opacity)) / 255) }
	return color.RGBA{mix(c.R), mix(c.G), mix(c.B), 255}
}

// wallpaper is the colour of GNOME's desktop here.
var wallpaper = color.RGBA{0x3d, 0x6a, 0x8f, 255}

// leaveOverview leaves the overview of windows in which a session begins, and
// waits for the message to go that the screen can't be locked.
func (d *Desktop) leaveOverview() {
	d.tb.Helper()
	d.Rest()
	d.Until("the desktop without the overview", time.Minute, func() bool {
		m := d.Still()
		aside, banner := m.RGBAAt(60, d.opt.Size.Y/2), m.RGBAAt(d.opt.Size.X/2, 60)
		if !near(aside, wallpaper) {
			d.Key("Escape")
			return false
		}
		return near(banner, wallpaper)
	})
}

func (d *Desktop) configureGNOME(extensions string) {
	d.tb.Helper()
	scheme, theme := "'default'", "'Adwaita'"
	if d.opt.Dark {
		scheme, theme = "'prefer-dark'", "'Adwaita-dark'"
	}
	d.write("glib-2.0/settings/keyfile", strings.Join([]string{
		"[org/gnome/shell]", "enabled-extensions=[" + extensions + "]", "disable-extension-version-validation=true",
		"welcome-dialog-last-shown-version='999'",
		"[org/gnome/desktop/interface]", "enable-animations=false", "color-scheme=" + scheme, "gtk-theme=" + theme,
		"[org/gnome/desktop/background]", "picture-options='none'", "primary-color='#3d6a8f'", "",
	}, "\n"))
}

// startSystemBus starts a second bus for what the shell asks of the system:
// there it finds nobody, and goes on.
func (d *Desktop) startSystemBus() {
	d.tb.Helper()
	d.Setenv("DBUS_SYSTEM_BUS_ADDRESS", d.listen("system"))
}
