//go:build !windows && !darwin

package notify

import (
	"bytes"
	"image"
	"image/draw"
	"image/png"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"
)

// category is ours by the specification's rule for names of one's own: none of
// the standard ones is about health, and a wrong one would be filtered wrongly.
const category = "x-llutray.alarm"

// maxIcon is the widest icon sent, in pixels. Servers show 48 to 96, and the
// pixels travel uncompressed: at 128 they are 64 KiB a message.
const maxIcon = 128

// markup is for servers that read the body as markup. Only the three
// characters the notification specification names: some servers do not know
// the entities for quotes and would print them.
var markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// arguments are those of the Notify call, cut to what the server can do.
func arguments(m Message, caps []string, opts Options, replaces uint32) []any {
	can := func(what string) bool { return slices.Contains(caps, what) }
	title, body := m.Title, m.Body
	if !can("body") && body != "" {
		title, body = line(title+": "+body, maxTitle), ""
	}
	if can("body-markup") {
		body = markup.Replace(body)
	}
	actions := []string{}
	if can("actions") {
		for _, b := range m.Buttons {
			label := b.Label
			if opts.narrow && b.Short != "" && len(m.Buttons) > 2 {
				label = b.Short
			}
			actions = append(actions, b.Key, label)
		}
	}
	expire := int32(-1) // as the server thinks best
	if m.Urgency == Critical || m.Resident {
		expire = 0 // never
	}
	return []any{opts.AppName, replaces, "", title, body, actions, hints(m, can, opts), expire}
}

// narrowButtons tells the desktops, named as in XDG_CURRENT_DESKTOP, whose
// messages cut the label of a third button: “Snoo…” on LXQt.
func narrowButtons(desktop string) bool { return slices.Contains(strings.Split(desktop, ":"), "LXQt") }

func hints(m Message, can func(string) bool, opts Options) map[string]dbus.Variant {
	h := map[string]dbus.Variant{
		"urgency":       dbus.MakeVariant(byte(min(max(m.Urgency, Low), Critical))),
		"desktop-entry": dbus.MakeVariant("llutray"),
		"category":      dbus.MakeVariant(category),
	}
	if m.Resident {
		h["resident"] = dbus.MakeVariant(true)
	}
	if m.Urgency == Low && !m.Resident {
		h["transient"] = dbus.MakeVariant(true)
	}
	if name := serverSound(m.Sound); opts.ServerSound && name != "" && can("sound") {
		h["sound-name"] = dbus.MakeVariant(name)
	} else {
		h["suppress-sound"] = dbus.MakeVariant(true)
	}
	if pixels, ok := iconPixels(m.Icon); ok {
		h["image-data"] = dbus.MakeVariant(pixels)
	}
	return h
}

// serverSound is the nearest name in the freedesktop sound naming specification.
func serverSound(s Sound) string {
	switch s {
	case SoundSoft:
		return "dialog-information"
	case SoundLow:
		return "dialog-warning"
	case SoundUrgent:
		return "alarm-clock-elapsed"
	}
	return ""
}

// pixels is the image-data hint, (iiibiiay) on the bus.
type pixels struct {
	Width, Height, Stride int32
	Alpha                 bool
	Bits, Channels        int32
	Data                  []byte
}

func iconPixels(icon []byte) (pixels, bool) {
	size, err := png.DecodeConfig(bytes.NewReader(icon))
	if err != nil || size.Width > maxIcon || size.Height > maxIcon {
		return pixels{}, false
	}
	src, err := png.Decode(bytes.NewReader(icon))
	if err != nil {
		return pixels{}, false
	}
	img := image.NewNRGBA(image.Rect(0, 0, size.Width, size.Height)) // servers expect straight alpha
	draw.Draw(img, img.Bounds(), src, src.Bounds().Min, draw.Src)
	return pixels{int32(size.Width), int32(size.Height), int32(img.Stride), true, 8, 4, img.Pix}, true
}
