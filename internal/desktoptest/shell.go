//go:build linux

package desktoptest

import (
	"image"
	"image/color"
	"os/exec"
	"slices"
)

// Shell is what makes one desktop environment differ from another, as data and
// as a few steps of its start.
type Shell struct {
	Name  string            // as in XDG_CURRENT_DESKTOP
	Tools map[string]string // the programs it needs, and the packages that hold them
	Env   []string          // more of the environment, KEY=VALUE

	Configure     func(*Desktop) // writes the files that keep it from asking
	Session       func(*Desktop) // starts what comes before the panel: window manager, compositor
	Notifications func(*Desktop) // starts what shows messages; nil where the panel does
	Panel         []string       // the command of what shows tray icons
	Ready         func(*Desktop) // waits until the panel has settled; nil where it takes no while
	NoTray        bool           // it shows no icons
	Label         bool           // it shows a text beside the icon
	Scrolls       bool           // its menus scroll where they are long
	Elsewhere     bool           // another program watches for icons, and outlives the panel

	Area       func(screen image.Point) image.Rectangle     // where the panel is; nil for PanelHeight at the top
	IconSide   int                                          // how large it draws icons, in pixels
	Seen       func(plate color.RGBA, dark bool) color.RGBA // a plate's colour as drawn; nil for as it was sent
	MenuButton int                                          // of the mouse, opens the menu
	// Press presses a button of the message that has come since a picture; nil
	// for a click on its words.
	Press func(d *Desktop, before *image.RGBA, button string)
}

// common are the programs that every desktop here needs.
var common = map[string]string{"Xvfb": "xvfb", "dbus-daemon": "dbus", "xdotool": "xdotool", "gnome-keyring-daemon": "gnome-keyring"}

// missing are the packages of the programs that are not installed.
func (s *Shell) missing() (packages []string) {
	for _, tools := range []map[string]string{common, s.Tools} {
		for tool, pkg := range tools {
			if _, err := exec.LookPath(tool); err != nil && !slices.Contains(packages, pkg) {
				packages = append(packages, pkg)
			}
		}
	}
	slices.Sort(packages)
	return packages
}

// XFCE is the desktop of make test: the panel of XFCE and the notification
// daemon dunst, which tells what it shows.
var XFCE = &Shell{
	Name:          "XFCE",
	Tools:         map[string]string{"openbox": "openbox", "xfce4-panel": "xfce4-panel", "dunst": "dunst", "dunstctl": "dunst"},
	Configure:     (*Desktop).writePanelConfig,
	Session:       (*Desktop).startOpenbox,
	Notifications: (*Desktop).startNotifications,
	Panel:         []string{"xfce4-panel", "--disable-wm-check"},
	IconSide:      22,
	MenuButton:    3,
}

func (d *Desktop) startOpenbox() { d.start("openbox", nil, nil, "openbox") }
