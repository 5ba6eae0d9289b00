//go:build !windows && !darwin

package notify

const voiceHint = "install speech-dispatcher or espeak-ng"

// newVoices: the desktop's own, which the user has set to their liking and
// which does not talk over a screen reader; else a voice by itself.
func newVoices() []voice {
	return []voice{
		talker{"spd-say", []string{"--wait", "--application-name", "llutray", "--language", "en"}},
		talker{"espeak-ng", []string{"-v", "en"}},
		talker{"espeak", []string{"-v", "en"}},
	}
}
