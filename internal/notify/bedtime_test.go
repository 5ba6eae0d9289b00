package notify

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// calm is an evening on which nothing is wrong.
func calm() Evening {
	return Evening{
		Now:    time.Date(2026, 11, 24, 22, 30, 0, 0, time.FixedZone("", 3600)),
		Audio:  AudioState{Known: true, Via: "wpctl", Volume: 70},
		Player: true, Notified: true, Tray: true,
		SleepKnown: true,
		Power:      Power{Known: true, Percent: -1},
	}
}

func TestBedtime(t *testing.T) {
	for _, tt := range []struct {
		name     string
		with     func(*Evening)
		severity Severity
		sentence string
		what     string // the line that is not in order
		text     string
	}{
		{"all well", func(*Evening) {}, Ready, "Ready for the night: alarms will be heard.", "", ""},
		{"muted", func(e *Evening) { e.Audio.Muted = true }, Unheard,
			"Alarms would not be heard: the sound is muted.", "sound", "The sound is muted."},
		{"muted goes before everything milder", func(e *Evening) {
			e.DoNotDisturb, e.Audio.Muted, e.Tray = true, true, false
			e.Snoozes = []Snooze{{"high", e.Now.Add(time.Hour)}}
		}, Unheard, "Alarms would not be heard: the sound is muted.", "sound", "The sound is muted."},
		{"sleep goes before headphones", func(e *Evening) {
			e.Audio.Headphones, e.SleepAfter = true, 20*time.Minute
		}, Unheard, "Alarms would not be heard: the computer goes to sleep after 20 min without use.", "sleep",
			"The computer goes to sleep after 20 min without use."},
		{"no output", func(e *Evening) { e.Audio = AudioState{Known: true, Missing: true} }, Unheard,
			"Alarms would not be heard: there is no sound output.", "sound", "There is no sound output: connect loudspeakers."},
		{"no player", func(e *Evening) { e.Player = false }, Unheard,
			"Alarms would not be heard: nothing here can play a sound.", "sound", "Nothing here can play a sound: install a sound player."},
		{"volume zero", func(e *Evening) { e.Audio.Volume = 0 }, Unheard,
			"Alarms would not be heard: the volume is at 0 %.", "sound", "The volume is at 0 %."},
		{"whisper", func(e *Evening) { e.Audio.Volume = 24 }, Doubtful,
			"Alarms may not be heard: the volume is at 24 %.", "sound", "The volume is at 24 %."},
		{"just loud enough", func(e *Evening) { e.Audio.Volume = 25 }, Ready,
			"Ready for the night: alarms will be heard.", "", ""},
		{"headphones", func(e *Evening) { e.Audio.Headphones = true }, Doubtful,
			"Alarms may not be heard: the sound goes to headphones.", "sound",
			"The sound goes to headphones: you will not hear it across the room."},
		{"do not disturb", func(e *Evening) { e.DoNotDisturb = true }, Doubtful,
			"Alarms would not be seen: do not disturb is on.", "notifications",
			"Do not disturb is on: the desktop holds messages back."},
		{"no notifications", func(e *Evening) { e.Notified = false }, Doubtful,
			"Alarms would not be seen: the desktop shows no messages.", "notifications",
			"The desktop shows no messages: start a notification service."},
		{"no tray", func(e *Evening) { e.Tray = false }, Doubtful,
			"The tray icon is not shown: alarms come as a message and a sound only.", "tray", "The desktop shows no tray icon."},
		{"kept awake", func(e *Evening) { e.SleepAfter, e.KeptAwake = 20*time.Minute, true }, Ready,
			"Ready for the night: alarms will be heard.", "", ""},
		{"battery", func(e *Evening) { e.Power = Power{Known: true, OnBattery: true, Percent: 40} }, Doubtful,
			"Alarms may not be heard: the computer runs on its battery (40 %).", "power", "The computer runs on its battery (40 %)."},
		{"short battery", func(e *Evening) {
			e.Power = Power{Known: true, OnBattery: true, Percent: 40, Left: 150 * time.Minute}
		}, Unheard, "Alarms would end before the morning: the battery lasts about 3 h.", "power",
			"The computer runs on its battery (40 %), which lasts about 3 h."},
		{"battery for the night", func(e *Evening) {
			e.Power = Power{Known: true, OnBattery: true, Percent: -1, Left: night}
		}, Ready, "Ready for the night: alarms will be heard.", "", ""},
		{"no word on power", func(e *Evening) { e.Power = Power{} }, Ready,
			"Ready for the night: alarms will be heard.", "", ""},
		{"snoozed", func(e *Evening) { e.Snoozes = []Snooze{{"high alarms", e.Now.Add(2 * time.Hour)}} }, Doubtful,
			"Some alarms are held back: high alarms snoozed until 00:30.", "snooze", "High alarms snoozed until 00:30."},
		{"several snoozes", func(e *Evening) {
			e.Snoozes = []Snooze{{"low", e.Now.Add(time.Minute)}, {"over", e.Now}, {"high", e.Now.Add(26 * time.Hour).UTC()}}
		}, Doubtful, "Some alarms are held back: high snoozed until Thu 00:30, and 1 more.", "snooze", "High snoozed until Thu 00:30."},
		{"snoozes that are over", func(e *Evening) { e.Snoozes = []Snooze{{"low", e.Now}} }, Ready,
			"Ready for the night: alarms will be heard.", "", ""},
		{"sound untold", func(e *Evening) { e.Audio = AudioState{} }, Untold,
			"Ready for the night, as far as can be told: make sure that the sound is on.", "", ""},
		{"sleep untold", func(e *Evening) { e.SleepKnown = false }, Untold,
			"Ready for the night, as far as can be told: make sure that the computer stays awake.", "", ""},
		{"neither told", func(e *Evening) { e.Audio, e.SleepKnown = AudioState{}, false }, Untold,
			"Ready for the night, as far as can be told: make sure that the sound is on and that the computer stays awake.", "", ""},
		{"what is untold does not hide trouble", func(e *Evening) { e.Audio, e.DoNotDisturb = AudioState{}, true }, Doubtful,
			"Alarms would not be seen: do not disturb is on.", "notifications", "Do not disturb is on: the desktop holds messages back."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := calm()
			tt.with(&in)
			v := Bedtime(in)
			require.Equal(t, tt.sentence, v.Sentence)
			require.Equal(t, tt.severity, v.Severity)
			worst, found := Ready, tt.what == ""
			for _, f := range v.Findings {
				worst = max(worst, f.Severity)
				if f.What == tt.what && !f.OK() && f.Text == tt.text {
					found = true
				}
				if tt.what == "" {
					require.True(t, f.OK(), f.Text)
				}
				require.NotEmpty(t, f.Text)
			}
			require.True(t, found, v.Findings)
			require.Equal(t, v.Severity, worst, "the sentence is about the gravest line")
		})
	}
}

// Whatever is wrong, the menu never promises that alarms will be heard.
func TestBedtimePromisesOnlyWhatItKnows(t *testing.T) {
	bools := []bool{false, true}
	for _, known := range bools {
		for _, muted := range bools {
			for _, player := range bools {
				for _, sleepKnown := range bools {
					for _, after := range []time.Duration{0, time.Minute} {
						in := calm()
						in.Audio.Known, in.Audio.Muted, in.Player = known, muted, player
						in.SleepKnown, in.SleepAfter = sleepKnown, after
						promised := Bedtime(in).Severity == Ready
						heard := known && !muted && player && sleepKnown && after == 0
						require.Equal(t, heard, promised, in)
					}
				}
			}
		}
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		45 * time.Second: "45 s", time.Minute: "1 min", 20 * time.Minute: "20 min",
		119 * time.Minute: "119 min", 2 * time.Hour: "2 h", 150 * time.Minute: "3 h",
	} {
		require.Equal(t, want, span(d))
	}
}

func TestAudioSentence(t *testing.T) {
	for _, tt := range []struct {
		state   AudioState
		want    string
		audible bool
	}{
		{AudioState{}, "Whether the sound is on cannot be told.", false},
		{AudioState{Known: true, Missing: true}, "There is no sound output: connect loudspeakers.", false},
		{AudioState{Known: true, Muted: true, Volume: 80}, "The sound is muted.", false},
		{AudioState{Known: true, Headphones: true, Volume: 80}, "The sound goes to headphones: you will not hear it across the room.", false},
		{AudioState{Known: true, Headphones: true, Volume: 8}, "The volume is at 8 %.", false},
		{AudioState{Known: true, Volume: 8}, "The volume is at 8 %.", false},
		{AudioState{Known: true, Volume: 80}, "The volume is at 80 %.", true},
	} {
		require.Equal(t, tt.want, tt.state.Sentence())
		require.Equal(t, tt.audible, tt.state.Audible(), tt.want)
	}
}
