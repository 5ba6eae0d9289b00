package tray

import "strings"

// NoHost says, for people, that nothing on a desktop shows tray icons and what
// to do about it. desktop is named as in XDG_CURRENT_DESKTOP.
func NoHost(desktop string) string {
	const trouble = "Nothing on this desktop shows tray icons. "
	for name, remedy := range map[string]string{
		"gnome":    "Install the extension AppIndicator Support (package gnome-shell-extension-appindicator), log out and in, and switch it on in the Extensions app.",
		"kde":      "Add the widget System Tray to a panel.",
		"xfce":     "Right-click the panel, choose Panel, then Add New Items, and add the Status Tray Plugin.",
		"lxqt":     "Add the plugin Status Notifier to the panel.",
		"sway":     "Add the module tray to your bar, for example in Waybar's modules-right.",
		"hyprland": "Add the module tray to your bar, for example in Waybar's modules-right.",
	} {
		if strings.Contains(strings.ToLower(desktop), name) {
			return trouble + remedy
		}
	}
	return trouble + "Add a system tray (status notifier) to your panel or bar."
}
