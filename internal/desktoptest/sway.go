//go:build linux && desktops

package desktoptest

import (
	"fmt"
	"image"
	"path/filepath"
	"time"
)

// Sway is the compositor sway with the bar Waybar and the daemon mako. It runs
// in a window of the X server, so that there is a mouse: without one, nothing
// on Wayland would take the clicks of a test.
var Sway = &Shell{
	Name: "sway",
	Tools: map[string]string{
		"sway": "sway", "waybar": "waybar", "mako": "mako-notifier", "makoctl": "mako-notifier", "tesseract": "tesseract-ocr",
	},
	Env: []string{
		"WLR_BACKENDS=x11", "WLR_RENDERER=pixman", "WLR_RENDERER_ALLOW_SOFTWARE=1", "WLR_LIBINPUT_NO_DEVICES=1", "GDK_BACKEND=wayland",
	},
	Configure:     (*Desktop).configureSway,
	Session:       (*Desktop).startSway,
	Notifications: (*Desktop).startMako,
	Panel:         []string{"waybar"},
	IconSide:      22,
	MenuButton:    3,
	Press: func(d *Desktop, before *image.RGBA, button string) {
		d.choose(center(d.Changed(before)), button)
	},
}

func (d *Desktop) configureSway() {
	d.tb.Helper()
	d.write("sway/config", fmt.Sprintf("output X11-1 mode %dx%d\nxwayland disable\n", d.opt.Size.X, d.opt.Size.Y))
	d.write("waybar/config", fmt.Sprintf(`{"layer": "top", "position": "top", "height": %d,
"modules-center": ["tray", "clock"], "tray": {"icon-size": 22, "spacing": 8}}`, PanelHeight))
	panel, text, message := "#f6f5f4", "#241f31", "background-color=#f6f5f4\ntext-color=#241f31\n"
	if d.opt.Dark {
		panel, text, message = "#242424", "#ffffff", "background-color=#303030\ntext-color=#ffffff\n"
	}
	d.write("waybar/style.css", fmt.Sprintf("* {font-family: DejaVu Sans; font-size: 13px;}\nwindow#waybar {background: %s; color: %s;}\n", panel, text))
	d.write("mako/config", "font=DejaVu Sans 10\nwidth=400\nheight=220\nanchor=bottom-right\n"+message+
		"on-button-middle=exec makoctl menu -n \"$id\" "+d.chooser()+"\n")
}

func (d *Desktop) startSway() {
	d.tb.Helper()
	d.start("sway", nil, nil, "sway", "--unsupported-gpu", "--config", filepath.Join(d.Dir("XDG_CONFIG_HOME"), "sway", "config"))
	var sockets []string
	d.Until("sway to listen", time.Minute, func() bool {
		sockets, _ = filepath.Glob(filepath.Join(d.Dir("XDG_RUNTIME_DIR"), "wayland-?"))
		return len(sockets) > 0
	})
	d.Setenv("WAYLAND_DISPLAY", filepath.Base(sockets[0]))
	d.tellBus()
}

func (d *Desktop) startMako() {
	d.tb.Helper()
	d.start("mako", nil, nil, "mako")
	d.waitOwned(notifications)
}
