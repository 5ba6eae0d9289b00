//go:build !windows && !darwin

package notify

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/musthave"
)

func TestTextIsOneArgument(t *testing.T) {
	log := programsDir(t, map[string]string{"spd-say": "exit 1", "espeak-ng": ""})
	s := NewSpeaker(nil)
	require.NoError(t, s.Say(t.Context(), "--version; $(touch x) 5.4"))
	said := log()
	// A failing desktop service leaves the word to the next voice.
	require.Equal(t, []string{"spd-say", "[--wait]", "[--application-name]", "[llutray]", "[--language]", "[en]", "[--]", "[version; touch x 5.4]"}, said[:8])
	require.Equal(t, []string{"espeak-ng", "[-v]", "[en]", "[--]", "[version; touch x 5.4]"}, said[9:14])
}

// The real voice, into a file: what it is given is speech and no option.
func TestRealVoice(t *testing.T) {
	musthave.Program(t, "espeak-ng")
	length := func(text string) uint32 {
		file := filepath.Join(t.TempDir(), "said.wav")
		s := NewSpeaker(nil)
		s.voices = []voice{talker{"espeak-ng", []string{"-v", "en", "-w", file}}}
		require.NoError(t, s.Say(t.Context(), text))
		wav, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, "RIFF", string(wav[:4]))
		rate := binary.LittleEndian.Uint32(wav[24:])
		return uint32(len(wav)-44) / 2 * 1000 / rate // ms of 16-bit mono
	}
	short, long := length("Low"), length("Urgent low. Robin. 2.9, falling fast.")
	require.Greater(t, short, uint32(200))
	require.Greater(t, long, short+1500)
	require.Greater(t, length("-w /dev/null"), uint32(300), "an option is said, not obeyed")
}

// What is said in German is said by a German voice.
func TestVoiceSpeaksTheLanguage(t *testing.T) {
	log := programsDir(t, map[string]string{"spd-say": "exit 1", "espeak-ng": ""})
	lang.Use("de-AT")
	defer lang.Use(lang.English)
	require.NoError(t, NewSpeaker(nil).Say(t.Context(), "Niedrig. 3,4, fällt."))
	said := log()
	require.Equal(t, []string{"[--language]", "[de]", "[--]", "[Niedrig. 3,4, fällt.]"}, said[4:8])
	require.Equal(t, []string{"espeak-ng", "[-v]", "[de]", "[--]", "[Niedrig. 3,4, fällt.]"}, said[9:14])
}

// Every language of ours has a voice in espeak-ng, which says a decimal comma.
func TestRealVoicesOfAllLanguages(t *testing.T) {
	musthave.Program(t, "espeak-ng")
	defer lang.Use(lang.English)
	for _, locale := range append(lang.Codes(), "pt-BR") {
		lang.Use(locale)
		file := filepath.Join(t.TempDir(), "said.wav")
		require.NoError(t, talker{"espeak-ng", []string{"-v", inLanguage, "-w", file}}.say(t.Context(), "5,4"), locale)
		wav, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Greater(t, len(wav), 10000, locale)
	}
}
