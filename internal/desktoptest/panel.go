//go:build linux

package desktoptest

import (
	"fmt"
	"image"
	"image/color"
	"time"
)

// PanelHeight is the height of the panel in pixels, at the top of the screen.
const PanelHeight = 32

// The plates of the tray icon by what they say.
var (
	PlateLow     = color.RGBA{0xB8, 0x4A, 0x00, 255}
	PlateInRange = color.RGBA{0x00, 0x72, 0xB2, 255}
	PlateHigh    = color.RGBA{0xE6, 0x9F, 0x00, 255}
	PlateGrey    = color.RGBA{0x5A, 0x5A, 0x5A, 255}
)

var plates = map[string]color.RGBA{"low": PlateLow, "in range": PlateInRange, "high": PlateHigh, "grey": PlateGrey}

// writePanelConfig gives the panel all it wants to know, or it would ask.
func (d *Desktop) writePanelConfig() {
	d.tb.Helper()
	background, dark := [3]float64{0.965, 0.961, 0.957}, "false" // Adwaita's, light and dark
	if d.opt.Dark {
		background, dark = [3]float64{0.14, 0.14, 0.14}, "true"
	}
	programs, programsPlugin := "", ""
	if d.opt.Programs {
		programs = `<value type="int" value="5"/>`
		programsPlugin = `<property name="plugin-5" type="string" value="applicationsmenu"/>`
	}
	text := fmt.Sprintf(panelConfig, dark, PanelHeight, background[0], background[1], background[2], programs, programsPlugin)
	d.write("xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml", text)
}

// panelConfig is one panel at the top: the tray and a clock between two
// stretches, so that a submenu has room beside its menu.
const panelConfig = `<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="%s"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="%d"/>
      <property name="icon-size" type="uint" value="0"/>
      <property name="background-style" type="uint" value="1"/>
      <property name="background-rgba" type="array">
        <value type="double" value="%f"/>
        <value type="double" value="%f"/>
        <value type="double" value="%f"/>
        <value type="double" value="1"/>
      </property>
      <property name="plugin-ids" type="array">
        %s
        <value type="int" value="1"/>
        <value type="int" value="2"/>
        <value type="int" value="3"/>
        <value type="int" value="4"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    %s
    <property name="plugin-1" type="string" value="separator">
      <property name="expand" type="bool" value="true"/>
      <property name="style" type="uint" value="0"/>
    </property>
    <property name="plugin-2" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
      <property name="known-items" type="array"/>
    </property>
    <property name="plugin-3" type="string" value="clock"/>
    <property name="plugin-4" type="string" value="separator">
      <property name="expand" type="bool" value="true"/>
      <property name="style" type="uint" value="0"/>
    </property>
  </property>
</channel>
`

// panelBound is how long a panel may take to start on a loaded machine.
const panelBound = time.Minute

const watcher = "org.kde.StatusNotifierWatcher"

// StartPanel starts the panel and waits until it takes tray icons.
func (d *Desktop) StartPanel() {
	d.tb.Helper()
	d.panel = d.start("panel", nil, nil, d.shell.Panel[0], d.shell.Panel[1:]...)
	if !d.shell.NoTray {
		d.Until("the panel to take tray icons", panelBound, func() bool { return d.owned(watcher) })
	}
	if d.shell.Ready != nil {
		d.shell.Ready(d)
	}
}

// StopPanel ends the panel, and with it the tray.
func (d *Desktop) StopPanel() {
	d.tb.Helper()
	d.panel.Stop()
	if d.shell.Elsewhere {
		return
	}
	d.Until("the tray to go with the panel", 5*time.Second, func() bool { return !d.owned(watcher) })
}

// Panel is the area of the panel.
func (d *Desktop) Panel() image.Rectangle {
	if d.shell.Area != nil {
		return d.shell.Area(d.opt.Size)
	}
	return image.Rect(0, 0, d.opt.Size.X, PanelHeight)
}

// Icon finds the program's icon on the panel and says which plate it has, ""
// when there is none.
func (d *Desktop) Icon() (plate string, box image.Rectangle) {
	d.tb.Helper()
	m := d.Screenshot()
	for name, c := range plates {
		if d.shell.Seen != nil {
			c = d.shell.Seen(c, d.opt.Dark)
		}
		if b := FindPlate(m, d.Panel(), c, d.shell.IconSide); !b.Empty() {
			return name, b
		}
	}
	return "", image.Rectangle{}
}

// WaitIcon waits until the icon has a plate, "" for no icon, and returns where
// it is.
func (d *Desktop) WaitIcon(plate string, within time.Duration) (box image.Rectangle) {
	d.tb.Helper()
	d.Until(fmt.Sprintf("an icon with the plate %q", plate), within, func() bool {
		var got string
		got, box = d.Icon()
		return got == plate
	})
	return box
}
