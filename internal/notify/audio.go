package notify

import "github.com/llutray/llutray/internal/lang"

// AudioState is the default sound output as its mixer tells it. It says what
// would keep a sound from being heard, not that somebody hears it: loudspeakers
// have switches of their own.
type AudioState struct {
	Known      bool   // the rest means something
	Via        string // the program that told: "wpctl", "pactl" or "amixer"
	Missing    bool   // there is no output at all; nothing below means anything
	Muted      bool
	Volume     int    // per cent as the desktop shows it; above 100 is amplified
	Headphones bool   // worn on or in the ears, as far as the mixer knows
	Device     string // for people, "" if unnamed
}

// ErrAudioUntold is why Audio knows nothing on a system it cannot ask.
var ErrAudioUntold error = lang.Error("this system does not tell whether the sound is on: play the test alarm and listen")

// whisper is the volume below which an alarm is not trusted to wake. The
// desktops' per cent are cubic: at 25 % a sound is 36 dB quieter than at full,
// and ours at full are about as loud as speech a metre away.
const whisper = 25

// Audible reports that nothing known stands between a sound and a sleeper in
// the room.
func (a AudioState) Audible() bool {
	return a.Known && !a.Missing && !a.Muted && a.Volume >= whisper && !a.Headphones
}

// Sentence says for people what is to be known about the output, the gravest
// only.
func (a AudioState) Sentence() string {
	switch {
	case !a.Known:
		return lang.T("Whether the sound is on cannot be told.")
	case a.Missing:
		return lang.T("There is no sound output: connect loudspeakers.")
	case a.Muted:
		return lang.T("The sound is muted.")
	case a.Headphones && a.Volume >= whisper:
		return lang.T("The sound goes to headphones: you will not hear it across the room.")
	}
	return lang.F("The volume is at %d %%.", a.Volume)
}
