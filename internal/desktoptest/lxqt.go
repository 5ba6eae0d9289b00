//go:build linux && desktops

package desktoptest

import "fmt"

// LXQt is the panel of LXQt with its own notification daemon.
var LXQt = &Shell{
	Name: "LXQt",
	Tools: map[string]string{
		"openbox": "openbox", "lxqt-panel": "lxqt-panel", "lxqt-notificationd": "lxqt-notificationd", "tesseract": "tesseract-ocr",
	},
	Env:       []string{"QT_QPA_PLATFORM=xcb", "QT_QPA_PLATFORMTHEME=lxqt"},
	Configure: (*Desktop).configureLXQt,
	Session:   (*Desktop).startOpenbox,
	Notifications: func(d *Desktop) {
		d.start("notificationd", nil, nil, "lxqt-notificationd")
		d.waitOwned(notifications)
	},
	Panel:      []string{"lxqt-panel"},
	IconSide:   22,
	MenuButton: 3,
}

func (d *Desktop) configureLXQt() {
	d.tb.Helper()
	theme, palette := "light", "window_color=#f6f5f4\nbase_color=#ffffff\ntext_color=#241f31\nwindow_text_color=#241f31\n"
	if d.opt.Dark {
		theme, palette = "dark", "window_color=#242424\nbase_color=#1e1e1e\ntext_color=#ffffff\nwindow_text_color=#ffffff\n"
	}
	d.write("lxqt/lxqt.conf", "[General]\n__userfile__=true\ntheme="+theme+"\n\n[Palette]\n"+palette+"\n[Qt]\nstyle=Fusion\nfont=\"DejaVu Sans,10\"\n")
	d.write("lxqt/notifications.conf", "[General]\n__userfile__=true\nplacement=bottom-right\n")
	d.write("lxqt/panel.conf", fmt.Sprintf(`[General]
__userfile__=true
panels=panel1

[panel1]
plugins=left, tray, clock, right
position=Top
panelSize=%d
iconSize=22
width=100
width-percent=true
desktop=0

[left]
type=spacer
expandable=true

[tray]
type=statusnotifier
alignment=Left

[clock]
type=worldclock
alignment=Left

[right]
type=spacer
expandable=true
`, PanelHeight))
}
