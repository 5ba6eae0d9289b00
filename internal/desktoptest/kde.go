//go:build linux && desktops

package desktoptest

import (
	"image"
	"time"
)

// KDE is the shell of Plasma with its own messages. Nothing but the tray's
// watcher is loaded of the daemon of KDE, which a whole session would load more
// of; the window manager is a light one.
var KDE = &Shell{
	Name:  "KDE",
	Tools: map[string]string{"openbox": "openbox", "plasmashell": "plasma-workspace", "kded5": "kded5", "tesseract": "tesseract-ocr"},
	Env: []string{
		"KDE_FULL_SESSION=true", "KDE_SESSION_VERSION=5", "QT_QUICK_BACKEND=software", "QT_QPA_PLATFORM=xcb", "KWIN_COMPOSE=N",
	},
	Configure:  (*Desktop).configureKDE,
	Session:    (*Desktop).startKDE,
	Panel:      []string{"plasmashell", "--no-respawn"},
	Ready:      (*Desktop).plasmaDrawn,
	Elsewhere:  true,
	Area:       func(screen image.Point) image.Rectangle { return image.Rect(0, screen.Y-44, screen.X, screen.Y) },
	IconSide:   22,
	MenuButton: 3,
}

func (d *Desktop) configureKDE() {
	d.tb.Helper()
	scheme, theme := "BreezeLight", "breeze-light"
	if d.opt.Dark {
		scheme, theme = "BreezeDark", "breeze-dark"
	}
	d.write("kdeglobals", "[General]\nColorScheme="+scheme+"\n\n[KDE]\nAnimationDurationFactor=0\nwidgetStyle=Breeze\n")
	d.write("plasmarc", "[Theme]\nname="+theme+"\n")
}

// plasmaDrawn waits for the picture behind everything: what is on the screen
// before it comes is all different afterwards.
func (d *Desktop) plasmaDrawn() {
	d.tb.Helper()
	d.Until("Plasma to be drawn", panelBound, func() bool {
		c := d.Screenshot().RGBAAt(d.opt.Size.X/2, d.opt.Size.Y/2)
		return c.R != c.G || c.G != c.B
	})
}

func (d *Desktop) startKDE() {
	d.tb.Helper()
	d.startOpenbox()
	d.activate("org.kde.ActivityManager")
	d.start("kde", nil, nil, "kded5")
	d.Until("the daemon of KDE", time.Minute, func() bool { return d.owned("org.kde.kded5") })
	var loaded bool
	daemon := d.bus.Object("org.kde.kded5", "/kded")
	d.Until("the tray's watcher", time.Minute, func() bool {
		err := d.call(daemon, "org.kde.kded5.loadModule", "statusnotifierwatcher").Store(&loaded)
		return err == nil && loaded
	})
	d.waitOwned(watcher)
}
