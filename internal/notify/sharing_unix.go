//go:build !windows && !darwin

package notify

import (
	"context"
	"encoding/json"
	"strings"
)

// sharedNow looks through PipeWire's graph: under Wayland every picture of the
// screen that leaves the compositor goes through it.
func sharedNow(ctx context.Context) (shared, known bool) {
	said, err := askQuietly(ctx, "pw-dump")
	if err != nil {
		return false, false
	}
	return parseGraph(said)
}

// graphObject is what counts here of an object in pw-dump's list.
type graphObject struct {
	Type string `json:"type"`
	Info *struct {
		State string         `json:"state"`
		Props map[string]any `json:"props"`
	} `json:"info"`
}

// parseGraph reads pw-dump. It may print its list again with changes, of which
// the first is enough.
func parseGraph(said string) (shared, known bool) {
	var objects []graphObject
	if json.NewDecoder(strings.NewReader(said)).Decode(&objects) != nil || len(objects) == 0 {
		return false, false
	}
	for _, o := range objects {
		if o.Type == "PipeWire:Interface:Node" && o.Info != nil && o.Info.State == "running" && screencast(o.Info.Props) {
			return true, true
		}
	}
	return false, true
}

// screencast tells a picture of the screen from a camera. GNOME and KDE make a
// stream of it, by gnome-shell and kwin_wayland; programs make none of that
// class that play to a screen. The portals of wlroots and Hyprland call it a
// source, as cameras are.
func screencast(props map[string]any) bool {
	word := func(key string) string { s, _ := props[key].(string); return s }
	switch word("media.class") {
	case "Stream/Output/Video":
		return true
	case "Video/Source":
		for _, key := range []string{"node.name", "media.name", "application.name", "application.process.binary"} {
			if s := word(key); strings.Contains(s, "xdg-desktop-portal") || strings.HasPrefix(s, "xdpw") || strings.HasPrefix(s, "xdph") {
				return true
			}
		}
	}
	return false
}
