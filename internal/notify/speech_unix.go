//go:build !windows && !darwin

package notify

import "github.com/llutray/llutray/internal/lang"

const noVoice = lang.Error("nothing here can speak: install speech-dispatcher or espeak-ng")

// newVoices: the desktop's own, which the user has set to their liking and
// which does not talk over a screen reader; else a voice by itself.
func newVoices() []voice {
	return []voice{
		talker{"spd-say", []string{"--wait", "--application-name", "llutray", "--language", inLanguage}},
		talker{"espeak-ng", []string{"-v", inLanguage}},
		talker{"espeak", []string{"-v", inLanguage}},
	}
}
