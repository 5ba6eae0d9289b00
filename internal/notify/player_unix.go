//go:build !windows && !darwin

package notify

import "github.com/llutray/llutray/internal/lang"

const noPlayer = lang.Error("nothing here can play a sound: install pipewire-bin, pulseaudio-utils or alsa-utils")

// programs in the order they are tried: those of the sound servers first, which
// mix with whatever else is playing; then ALSA; then big ones that may be there
// for other reasons.
var programs = [][]string{
	{"pw-play"},
	{"paplay"},
	{"aplay", "-q"},
	{"canberra-gtk-play", "-f"},
	{"play", "-q"},
	{"mpv", "--no-config", "--no-video", "--really-quiet"},
	{"ffplay", "-nodisp", "-autoexit", "-loglevel", "error"},
}
