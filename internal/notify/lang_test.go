package notify

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/lang/langtest"
)

func TestTextsPassThroughLang(t *testing.T) {
	defer lang.Pretend(langtest.Masked)()
	clean := func(text string) {
		if bare := langtest.Bare(text); len(bare) > 0 {
			t.Errorf("%q: %q", text, bare)
		}
	}
	now := time.Date(2026, 11, 24, 22, 30, 0, 0, time.UTC)
	each := func(n int, f func(bit func() bool)) {
		for i := range n {
			f(func() (set bool) { set, i = i%2 > 0, i/2; return set })
		}
	}
	each(1<<8, func(bit func() bool) {
		in := Evening{Now: now, Audio: AudioState{Known: bit(), Missing: bit(), Muted: bit(), Headphones: bit(), Volume: 20}}
		in.Player, in.Notified, in.DoNotDisturb, in.Tray = bit(), bit(), bit(), bit()
		in.SleepKnown, in.KeptAwake = in.Tray, in.Audio.Muted
		v := Bedtime(in)
		clean(v.Sentence)
		for _, f := range v.Findings {
			clean(f.Text)
		}
	})
	each(1<<7, func(bit func() bool) {
		in := calm()
		in.SleepKnown, in.KeptAwake = bit(), bit()
		if bit() {
			in.SleepAfter = 20 * time.Minute
		}
		in.Power = Power{Known: true, OnBattery: bit(), Percent: -1}
		if bit() {
			in.Power.Percent = 40
		}
		if bit() {
			in.Power.Left = 3 * time.Hour
		}
		if bit() {
			in.Snoozes = []Snooze{{"н", in.Now.Add(time.Hour)}, {"н", in.Now.Add(30 * time.Hour)}}
		}
		v := Bedtime(in)
		clean(v.Sentence)
		for _, f := range v.Findings {
			clean(f.Text)
		}
	})
	loud := AudioState{Known: true, Volume: 80, Device: "н"}
	clean(Bedtime(Evening{Now: now, Audio: loud, Player: true}).Findings[0].Text)
	clean(span(time.Second))
	for _, err := range []error{ErrNoServer, ErrNoBus, ErrHangs, ErrClosed, ErrNoInhibitor, ErrMaySleep, ErrAudioUntold, ErrNoPlayer, ErrNoVoice} {
		clean(err.Error())
	}
}

// A voice is asked for the language of what it is to say.
func TestVoiceLanguage(t *testing.T) {
	defer lang.Use(lang.English)
	for locale, want := range map[string]string{"en-US": "en", "de-AT": "de", "pt-PT": "pt", "pt-BR": "pt-br", "pl": "pl"} {
		lang.Use(locale)
		require.Equal(t, want, voiceLanguage())
	}
	require.True(t, speaks("409;9", []string{"809", "409"}))
	require.True(t, speaks("c0a", []string{"C0A"}))
	require.True(t, speaks("0407", []string{"407"}))
	require.False(t, speaks("416;9", []string{"816"}))
	require.False(t, speaks("", []string{"409"}))
}
