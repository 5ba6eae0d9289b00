package tray

import (
	"strings"

	"github.com/llutray/llutray/internal/lang"
)

// NoHost says, for people, that nothing on a desktop shows tray icons and what
// to do about it. desktop is named as in XDG_CURRENT_DESKTOP.
func NoHost(desktop string) string {
	remedy := lang.T("Add a system tray (status notifier) to your panel or bar.")
	for name, text := range map[string]string{
		"gnome":    lang.T("Install the extension AppIndicator Support (package gnome-shell-extension-appindicator), log out and in, and switch it on in the Extensions app."),
		"kde":      lang.T("Add the widget System Tray to a panel."),
		"xfce":     lang.T("Right-click the panel, choose Panel, then Add New Items, and add the Status Tray Plugin."),
		"lxqt":     lang.T("Add the plugin Status Notifier to the panel."),
		"sway":     lang.T("Add the module tray to your bar, for example in Waybar's modules-right."),
		"hyprland": lang.T("Add the module tray to your bar, for example in Waybar's modules-right."),
	} {
		if strings.Contains(strings.ToLower(desktop), name) {
			remedy = text
		}
	}
	return lang.T("Nothing on this desktop shows tray icons.") + " " + remedy
}
