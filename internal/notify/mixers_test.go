//go:build !windows && !darwin

package notify

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var nothingToTell = AudioState{}

func TestParseWpctl(t *testing.T) {
	for _, tt := range []struct {
		name, said string
		want       AudioState
	}{
		{"0.4", "Volume: 1.00\n", AudioState{Known: true, Volume: 100}},
		{"muted", "Volume: 0.08 [MUTED]\n", AudioState{Known: true, Volume: 8, Muted: true}},
		{"amplified", "Volume: 1.30\n", AudioState{Known: true, Volume: 130}},
		{"comma of a locale", "Volume: 0,45\n", AudioState{Known: true, Volume: 45}},
		{"silent", "Volume: 0.00\n", AudioState{Known: true}},
		{"no sink, exit code 0", "Translate ID error: '-1' is not a valid ID (returned by default-nodes-api)\n\n", AudioState{Known: true, Missing: true}},
		{"no sink, 0.5", "Translate ID error: '@DEFAULT_AUDIO_SINK@' is not a valid ID\n", AudioState{Known: true, Missing: true}},
		{"no server", "Could not connect to PipeWire\n", nothingToTell},
		{"a warning first", "M 00:11:46 wp-device: missing\nVolume: 0.50\n", AudioState{Known: true, Volume: 50}},
		{"not a number", "Volume: NaN\n", nothingToTell},
		{"beyond all measure", "Volume: 1e300\n", nothingToTell},
		{"below", "Volume: -0.5\n", nothingToTell},
		{"empty", "", nothingToTell},
		{"cut", "Volume:", nothingToTell},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := parseWpctl(tt.said)
			require.Equal(t, tt.want.Known, ok)
			if ok {
				tt.want.Via = "wpctl"
			}
			require.Equal(t, tt.want, got)
		})
	}
}

func TestParseInspect(t *testing.T) {
	base := AudioState{Known: true, Via: "wpctl", Volume: 40}
	got := parseInspect(base, `id 55, type PipeWire:Interface:Node
    api.bluez5.profile = "a2dp-sink"
  * device.form-factor = "headset"
    device.icon-name = "audio-headset-bluetooth"
  * media.class = "Audio/Sink"
  * node.description = "WH-1000XM4"
  * node.name = "bluez_output.38_18_4C_00_00_01.1"
`)
	require.Equal(t, AudioState{Known: true, Via: "wpctl", Volume: 40, Headphones: true, Device: "WH-1000XM4"}, got)
	got = parseInspect(base, "  * node.description = \"Built-in Audio Analog Stereo\"\n  * node.name = \"alsa_output.pci-0000_00_1f.3.analog-stereo\"\n")
	require.Equal(t, AudioState{Known: true, Via: "wpctl", Volume: 40, Device: "Built-in Audio Analog Stereo"}, got)
	got = parseInspect(base, "  * node.description = \"Dummy Output\"\n  * node.name = \"auto_null\"\n")
	require.Equal(t, AudioState{Known: true, Via: "wpctl", Missing: true}, got)
	require.Equal(t, base, parseInspect(base, ""))
}

// entry is one sink as pactl prints it.
func entry(name, description, mute, volume, properties, ports, active string) string {
	s := "Sink #49\n\tState: RUNNING\n\tName: " + name + "\n\tDescription: " + description + "\n\tDriver: PipeWire\n" +
		"\tSample Specification: s32le 2ch 48000Hz\n\tChannel Map: front-left,front-right\n\tOwner Module: 4294967295\n" +
		"\tMute: " + mute + "\n\tVolume: " + volume + "\n\t        balance 0.00\n\tBase Volume: 65536 / 100% / 0.00 dB\n" +
		"\tMonitor Source: " + name + ".monitor\n\tLatency: 0 usec, configured 0 usec\n\tFlags: HARDWARE DECIBEL_VOLUME LATENCY \n" +
		"\tProperties:\n"
	for p := range strings.SplitSeq(properties, ";") {
		s += "\t\t" + p + "\n"
	}
	if ports != "" {
		s += "\tPorts:\n"
		for p := range strings.SplitSeq(ports, ";") {
			s += "\t\t" + p + "\n"
		}
		s += "\tActive Port: " + active + "\n"
	}
	return s + "\tFormats:\n\t\tpcm\n"
}

const (
	stereo40 = "front-left: 26214 /  40% / -23.88 dB,   front-right: 26214 /  40% / -23.88 dB"
	laptop   = "alsa_output.pci-0000_00_1f.3.analog-stereo"
	wireless = "bluez_output.38_18_4C_00_00_01.1"
	card     = `alsa.card = "0";device.form_factor = "internal";device.icon_name = "audio-card-pci"`
	jacks    = "[Out] Speaker: Speaker (type: Speaker, priority: 100, availability unknown);[Out] Headphones: Headphones (type: Headphones, priority: 200, availability group: Headphone, available)"
	oldJacks = "analog-output-speaker: Speakers (priority: 10000, not available);analog-output-headphones: Headphones (priority: 9000, available)"
)

// Pieces printed by the real programs, PulseAudio 16.1 and PipeWire 0.3.65.
const (
	realNull = `Sink #0
	State: IDLE
	Name: test
	Description: Null Output
	Driver: module-null-sink.c
	Sample Specification: s16le 2ch 44100Hz
	Channel Map: front-left,front-right
	Owner Module: 1
	Mute: yes
	Volume: front-left: 5242 /   8% / -65.82 dB,   front-right: 5242 /   8% / -65.82 dB
	        balance 0.00
	Base Volume: 65536 / 100% / 0.00 dB
	Monitor Source: test.monitor
	Latency: 1979372 usec, configured 2000000 usec
	Flags: DECIBEL_VOLUME LATENCY SET_FORMATS 
	Properties:
		device.description = "Null Output"
		device.class = "abstract"
		device.icon_name = "audio-card"
	Formats:
		pcm
`
	realInfo = `Server String: /run/user/1000/pulse/native
Server Name: pulseaudio
Server Version: 16.1
Default Sample Specification: s16le 2ch 44100Hz
Default Sink: test
Default Source: test.monitor
`
)

func TestParsePactl(t *testing.T) {
	two := entry(laptop, "Built-in Audio Analog Stereo", "yes", stereo40, card, jacks, "[Out] Speaker") + "\n" +
		entry(wireless, "WH-1000XM4", "no", "front-left: 49152 /  75% / -7.50 dB,   front-right: 45875 /  70% / -9.29 dB",
			`api.bluez5.profile = "a2dp-sink";device.form_factor = "headset"`, "headset-output: Headset (type: Headset, priority: 0, available)", "headset-output")
	hdmi := entry("alsa_output.pci-0000_01_00.1.hdmi-stereo", "HDMI", "no", stereo40, card,
		"hdmi-output-0: HDMI / DisplayPort (type: HDMI, priority: 5900, availability group: Legacy 1, available)", "hdmi-output-0")
	one := func(properties, ports, active string) string {
		return entry(laptop, "Built-in Audio", "no", stereo40, properties, ports, active)
	}
	for _, tt := range []struct {
		name, sink, list string
		want             AudioState
	}{
		{"the chosen one of two", laptop, two, AudioState{Known: true, Muted: true, Volume: 40, Device: "Built-in Audio Analog Stereo"}},
		{"wireless headset, louder channel", wireless, two, AudioState{Known: true, Volume: 75, Headphones: true, Device: "WH-1000XM4"}},
		{"HDMI", "alsa_output.pci-0000_01_00.1.hdmi-stereo", hdmi, AudioState{Known: true, Volume: 40, Device: "HDMI"}},
		{"headphones plugged in", laptop, one(card, jacks, "[Out] Headphones"), AudioState{Known: true, Volume: 40, Headphones: true, Device: "Built-in Audio"}},
		{"port without a type", laptop, one(card, oldJacks, "analog-output-headphones"), AudioState{Known: true, Volume: 40, Headphones: true, Device: "Built-in Audio"}},
		{"speakers without a type", laptop, one(card, oldJacks, "analog-output-speaker"), AudioState{Known: true, Volume: 40, Device: "Built-in Audio"}},
		{"USB headset whose port is an analog one", laptop, one(`device.form_factor = "headset"`, "analog-output: Analog Output (type: Analog, priority: 9900, availability unknown)", "analog-output"),
			AudioState{Known: true, Volume: 40, Headphones: true, Device: "Built-in Audio"}},
		{"wireless loudspeaker", laptop, one(`device.form_factor = "portable"`, "speaker-output: Speaker (type: Speaker, priority: 0, available)", "speaker-output"),
			AudioState{Known: true, Volume: 40, Device: "Built-in Audio"}},
		{"before version 5", laptop, entry(laptop, "Internal", "no", "0:  65% 1:  60%", card, "", ""), AudioState{Known: true, Volume: 65, Device: "Internal"}},
		{"real", "test", realNull, AudioState{Known: true, Muted: true, Volume: 8, Device: "Null Output"}},
		{"stand-in for no card", "auto_null", entry("auto_null", "Dummy Output", "no", stereo40, "", "", ""), AudioState{Known: true, Missing: true}},
		{"no sink, PipeWire", "@DEFAULT_SINK@", "", AudioState{Known: true, Missing: true}},
		{"no sink, PulseAudio", laptop, "", AudioState{Known: true, Missing: true}},
		{"another one only", "gone", realNull, nothingToTell},
		{"in German", laptop, strings.NewReplacer("Mute: no", "Stumm: nein").Replace(one(card, jacks, "[Out] Speaker")), nothingToTell},
		{"no default told", "", realNull, nothingToTell},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := parsePactl(strings.Replace(realInfo, "Default Sink: test", "Default Sink: "+tt.sink, 1), tt.list)
			require.Equal(t, tt.want.Known, ok)
			if ok {
				tt.want.Via = "pactl"
			}
			require.Equal(t, tt.want, got)
		})
	}
	_, ok := parsePactl("Connection failure: Connection refused\n", "")
	require.False(t, ok)
}

func TestParseAmixer(t *testing.T) {
	head := "Simple mixer control 'Master',0\n  Capabilities: pvolume pswitch\n  Playback channels: Front Left - Front Right\n  Limits: Playback 0 - 87\n"
	for _, tt := range []struct {
		name, said string
		want       AudioState
	}{
		{"stereo", head + "  Mono:\n  Front Left: Playback 65 [75%] [-16.50dB] [on]\n  Front Right: Playback 60 [69%] [-20.25dB] [on]\n", AudioState{Known: true, Volume: 75}},
		{"mono, off", head + "  Mono: Playback 0 [0%] [-64.00dB] [off]\n", AudioState{Known: true, Muted: true}},
		{"one channel on", head + "  Front Left: Playback 65 [75%] [off]\n  Front Right: Playback 60 [69%] [on]\n", AudioState{Known: true, Volume: 69}},
		{"no switch", head + "  Front Left: Playback 255 [100%] [0.00dB]\n", AudioState{Known: true, Volume: 100}},
		{"both directions", head + "  Front Left: Playback 20 [20%] [on] Capture 80 [80%] [off]\n", AudioState{Known: true, Volume: 20}},
		{"capture only", head + "  Front Left: Capture 80 [80%] [off]\n", nothingToTell},
		{"the sound server's", "Simple mixer control 'Master',0\n  Front Left: Playback 26214 [40%] [on]\n", AudioState{Known: true, Volume: 40}},
		{"no card", "amixer: Mixer attach default error: No such file or directory\n", nothingToTell},
		{"no control", "amixer: Unable to find simple control 'Master',0\n", nothingToTell},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := parseAmixer(tt.said)
			require.Equal(t, tt.want.Known, ok)
			if ok {
				tt.want.Via = "amixer"
			}
			require.Equal(t, tt.want, got)
		})
	}
}

func FuzzMixers(f *testing.F) {
	f.Add("Volume: 0.08 [MUTED]\n", "  * node.name = \"auto_null\"\n")
	f.Add(realInfo, realNull)
	f.Add(realInfo, entry("test", "a", "no", stereo40, card, jacks, "[Out] Headphones"))
	f.Add("Front Left: Playback 65 [75%] [on]", "Sink #\n\tPorts:\n\t\t: \n")
	f.Fuzz(func(t *testing.T, a, b string) {
		check := func(s AudioState, ok bool) {
			require.Equal(t, s.Known, ok, "known and told are the same")
			require.GreaterOrEqual(t, s.Volume, 0)
			require.LessOrEqual(t, s.Volume, maxVolume)
			require.LessOrEqual(t, len([]rune(s.Device)), maxTitle)
			require.NotContains(t, s.Device, "\n")
			if !ok {
				require.Equal(t, AudioState{}, s)
			}
			require.False(t, s.Audible() && (s.Muted || s.Missing))
			require.NotEmpty(t, s.Sentence())
		}
		check(parseWpctl(a))
		check(parseAmixer(a))
		check(parsePactl(a, b))
		check(parseInspect(AudioState{Known: true}, b), true)
	})
}
