package notify

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSpeakable(t *testing.T) {
	for text, want := range map[string]string{
		"Low. Robin. 3.4, falling.":              "Low. Robin. 3.4, falling.",
		"--help":                                 "help",
		"a [[h@'loU]] <audio src=x/> b":          "a h 'loU audio src x b",
		"$(touch x); `id` | cat & \\rate\\ \x07": "touch x ; id cat rate",
		"Zoë\u202e\n\tn":                         "Zoë n",
		"\xff":                                   "",
		strings.Repeat("ab ", 200):               strings.Repeat("ab ", 67)[:200],
	} {
		require.Equal(t, want, speakable(text))
	}
}

// fake is a voice for tests.
type fakeVoice struct {
	title  string
	absent bool
	take   time.Duration
	err    error
	said   []string
}

func (f *fakeVoice) name() string  { return f.title }
func (f *fakeVoice) present() bool { return !f.absent }
func (f *fakeVoice) say(ctx context.Context, text string) error {
	select {
	case <-time.After(f.take):
	case <-ctx.Done():
		return ctx.Err()
	}
	if f.err == nil {
		f.said = append(f.said, text)
	}
	return f.err
}

func TestSpeakerTriesTheNextVoice(t *testing.T) {
	absent, broken, good := &fakeVoice{title: "a", absent: true}, &fakeVoice{title: "b", err: errors.New("no output")}, &fakeVoice{title: "c"}
	s := NewSpeaker(nil)
	s.voices = []voice{absent, broken, good}
	who, ok := s.Available()
	require.True(t, ok)
	require.Equal(t, "b", who)
	require.NoError(t, s.Say(t.Context(), "5.4, steady"))
	require.Equal(t, []string{"5.4, steady"}, good.said)

	s.voices = []voice{absent, broken}
	require.ErrorContains(t, s.Say(t.Context(), "x"), "no output")
	s.voices = []voice{absent}
	require.ErrorIs(t, s.Say(t.Context(), "x"), ErrNoVoice)
	_, ok = s.Available()
	require.False(t, ok)
	require.NoError(t, s.Say(t.Context(), " -- "), "there is nothing to say")
}

func TestVoiceThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hangs, next := &fakeVoice{title: "spd-say", take: time.Hour}, &fakeVoice{title: "espeak-ng"}
		s := NewSpeaker(nil)
		s.voices = []voice{hangs, next}
		start := time.Now()
		require.ErrorContains(t, s.Say(t.Context(), "x"), "did not end in time")
		require.Equal(t, speechTimeout, time.Since(start))
		require.Empty(t, next.said, "it may have been heard")
	})
}
