//go:build !windows && !darwin

package notify

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// The parsers of what the mixers print in the C locale. They look for the few
// words they need, since every version adds some around them.

// maxVolume in per cent; anything above is a misreading.
const maxVolume = 1000

// parseWpctl reads `wpctl get-volume`: "Volume: 0.40 [MUTED]". Where there is
// no default output it complains about the ID, whatever its exit code.
func parseWpctl(said string) (AudioState, bool) {
	for l := range strings.Lines(said) {
		if strings.Contains(l, "is not a valid ID") {
			return AudioState{Known: true, Via: "wpctl", Missing: true}, true
		}
		rest, ok := strings.CutPrefix(strings.TrimSpace(l), "Volume:")
		if !ok {
			continue
		}
		fields := strings.Fields(rest)
		if len(fields) == 0 {
			continue
		}
		part, err := strconv.ParseFloat(strings.Replace(fields[0], ",", ".", 1), 64)
		percent := math.Round(part * 100)
		if err != nil || !(percent >= 0 && percent <= maxVolume) { // NaN too
			continue
		}
		return AudioState{Known: true, Via: "wpctl", Volume: int(percent), Muted: strings.Contains(rest, "[MUTED]")}, true
	}
	return AudioState{}, false
}

// nobody is the output that both servers put in when no card is left, so that
// programs go on playing, to nobody.
const nobody = "auto_null"

// parseInspect adds to state what `wpctl inspect` lists of the output.
func parseInspect(state AudioState, said string) AudioState {
	for l := range strings.Lines(said) {
		key, value := property(strings.TrimLeft(l, " \t*"))
		switch key {
		case "node.name":
			if value == nobody {
				return AudioState{Known: true, Via: state.Via, Missing: true}
			}
		case "node.description":
			state.Device = line(value, maxTitle)
		case "device.form-factor", "device.form_factor", "device.icon-name", "device.icon_name":
			state.Headphones = state.Headphones || onEars(value)
		}
	}
	return state
}

// sink is one entry of `pactl list sinks`.
type sink struct {
	name, description string
	muted, knowsMute  bool
	volume            int // -1 unknown
	ports             map[string]string
	port              string // the active one
	onEars            bool   // by the device's properties
}

// parsePactl reads `pactl info` and `pactl list sinks`, of PulseAudio or of
// PipeWire standing in for it.
func parsePactl(info, list string) (AudioState, bool) {
	chosen := ""
	for l := range strings.Lines(info) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(l), "Default Sink:"); ok {
			chosen = strings.TrimSpace(name)
		}
	}
	if chosen == "" {
		return AudioState{}, false
	}
	sinks := parseSinks(list)
	// Where there is none PipeWire gives the question back as the answer.
	if chosen == nobody || chosen == "@DEFAULT_SINK@" || strings.TrimSpace(list) == "" {
		return AudioState{Known: true, Via: "pactl", Missing: true}, true
	}
	for _, s := range sinks {
		if s.name == chosen && s.knowsMute && s.volume >= 0 {
			return AudioState{Known: true, Via: "pactl", Muted: s.muted, Volume: s.volume,
				Headphones: s.headphones(), Device: s.description}, true
		}
	}
	return AudioState{}, false
}

func parseSinks(list string) []*sink {
	var sinks []*sink
	var s *sink
	section := ""
	for l := range strings.Lines(list) {
		if strings.HasPrefix(l, "Sink #") {
			s = &sink{volume: -1, ports: map[string]string{}}
			sinks = append(sinks, s)
			section = ""
			continue
		}
		if s == nil {
			continue
		}
		l = strings.TrimRight(l, "\r\n ")
		if deep, ok := strings.CutPrefix(l, "\t\t"); ok {
			s.detail(section, deep)
			continue
		}
		key, value, ok := strings.Cut(strings.TrimSpace(l), ":")
		if !ok {
			continue
		}
		section, value = key, strings.TrimSpace(value)
		switch key {
		case "Name":
			s.name = value
		case "Description":
			s.description = line(value, maxTitle)
		case "Mute":
			s.muted, s.knowsMute = value == "yes", value == "yes" || value == "no"
		case "Volume":
			s.volume = loudest(value, pactlPercent)
		case "Active Port":
			s.port = value
		}
	}
	return sinks
}

// detail takes in a line of a sink's lists.
func (s *sink) detail(section, l string) {
	switch section {
	case "Ports":
		// PipeWire's names have colons of their own, but not before a space.
		if name, about, ok := strings.Cut(l, ": "); ok {
			s.ports[strings.TrimSpace(name)] = about
		}
	case "Properties":
		switch key, value := property(l); key {
		case "device.form_factor", "device.icon_name":
			s.onEars = s.onEars || onEars(value)
		}
	}
}

var portType = regexp.MustCompile(`\(type: ([^,)]*)`)

// headphones: a device that is worn is worn whatever its port is called; for
// the rest the port that is in use decides, by its type where the version
// tells it, else by its name.
func (s *sink) headphones() bool {
	if s.onEars {
		return true
	}
	if m := portType.FindStringSubmatch(s.ports[s.port]); m != nil && m[1] != "Unknown" && m[1] != "Analog" {
		return onEars(m[1])
	}
	return onEars(s.port)
}

func onEars(word string) bool {
	word = strings.ToLower(word)
	for _, w := range []string{"headphone", "headset", "earpiece", "earbud"} {
		if strings.Contains(word, w) {
			return true
		}
	}
	return false
}

// property splits `key = "value"`.
func property(l string) (key, value string) {
	key, value, _ = strings.Cut(strings.TrimSpace(l), " = ")
	return key, strings.Trim(value, `"`)
}

var (
	pactlPercent  = regexp.MustCompile(`\b(\d{1,4})\s*%`)
	amixerPercent = regexp.MustCompile(`\[(\d{1,4})%\]`)
)

// loudest is the highest of the channels' volumes, -1 if there is none.
func loudest(s string, percent *regexp.Regexp) int {
	volume := -1
	for _, m := range percent.FindAllStringSubmatch(s, -1) {
		if n, err := strconv.Atoi(m[1]); err == nil && n <= maxVolume {
			volume = max(volume, n)
		}
	}
	return volume
}

// parseAmixer reads `amixer sget`: "Front Left: Playback 65 [75%] [-16.50dB] [on]".
// It is muted when every channel is off; a control without a switch never is.
func parseAmixer(said string) (AudioState, bool) {
	volume, on, off := -1, false, false
	for l := range strings.Lines(said) {
		channel, levels, ok := strings.Cut(l, ":")
		if !ok || strings.Contains(channel, "Limits") {
			continue
		}
		levels, _, _ = strings.Cut(levels, "Capture")
		if _, playback, ok := strings.Cut(levels, "Playback"); ok {
			levels = playback
		}
		n := loudest(levels, amixerPercent)
		if n < 0 {
			continue
		}
		if strings.Contains(levels, "[off]") {
			off = true
			continue
		}
		on = true
		volume = max(volume, n)
	}
	switch {
	case on:
		return AudioState{Known: true, Via: "amixer", Volume: volume}, true
	case off:
		return AudioState{Known: true, Via: "amixer", Muted: true}, true
	}
	return AudioState{}, false
}
