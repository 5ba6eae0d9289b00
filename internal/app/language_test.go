package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/lang/langtest"
	"github.com/llutray/llutray/internal/page"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/tray"
)

// A language that is chosen in the settings is spoken at once, and a change of
// something else leaves the one that is spoken alone.
func TestLanguageOfTheSettings(t *testing.T) {
	defer lang.Use(lang.English)
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "")
		change := make(chan settings.Settings)
		h.opt.WatchSettings = func(ctx context.Context, _ string, f func(settings.Settings, error)) error {
			for {
				select {
				case s := <-change:
					f(s, nil)
				case <-ctx.Done():
					return nil
				}
			}
		}
		h.run()
		time.Sleep(time.Second)
		change <- parsed(t, "display.language = \"pl\"\n")
		time.Sleep(time.Second)
		require.Equal(t, "pl", lang.Code())

		lang.Use("fr")
		change <- parsed(t, "display.language = \"pl\"\nlog.level = \"debug\"\n")
		time.Sleep(time.Second)
		require.Equal(t, "fr", lang.Code())
		h.end()
	})
}

// A day of two people whose names are of letters that no text has, in a
// made-up language: whatever is English has not passed through package lang.
func TestTextsPassThroughLang(t *testing.T) {
	defer lang.Pretend(langtest.Masked)()
	clean := func(where, text string) {
		t.Helper()
		if bare := langtest.Bare(text, "--person all", "--person", "a1", "b1", "GNOME", "macOS", "AppIndicator Support"); len(bare) > 0 {
			t.Errorf("%s: %q: %q", where, text, bare)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "speech.alarms = true\nspeech.value = \"5m\"\n")
		p := h.withPage()
		h.opt.Version = ""
		h.opt.Speak = func(_ context.Context, text string) error { clean("spoken", text); return nil }
		h.children[0].name, h.children[1].name = "Анна", "Борис"
		curve := []glucose.MgDL{110, 110, 66, 48, 110, 260, 300, 110}
		h.children[0].curve = func(since time.Duration) glucose.MgDL { return curve[min(int(since/(40*time.Minute)), len(curve)-1)] }
		h.children[1].silent = within(90*time.Minute, 9*time.Hour)
		h.fault = func(since time.Duration) *glucose.Fault {
			if since > 7*time.Hour {
				return &glucose.Fault{Kind: glucose.Offline}
			}
			return nil
		}
		h.run()
		see := func() {
			v := h.view()
			clean("tooltip", tray.Tooltip(v))
			clean("title", tray.Title(v))
			var rows func([]tray.Item)
			rows = func(items []tray.Item) {
				for _, i := range items {
					clean("menu", i.Label)
					rows(i.Children)
				}
			}
			rows(tray.Layout(v))
			for _, m := range h.desk.Sent() {
				clean("message", m.Title+"; "+m.Body)
				for _, b := range m.Buttons {
					clean("button", b.Label)
				}
			}
			s := p.State()
			clean("page", s.Spoken+s.Night+s.Trouble+s.Bedtime)
			if s.Fault != nil {
				clean("page", s.Fault.Message+s.Fault.Hint)
			}
			if s.Reading != nil {
				clean("page", s.Reading.TrendWords+s.Reading.RangeWords)
			}
			for _, o := range s.OffDuty {
				clean("page", o.Text)
			}
			for _, o := range s.Passings {
				clean("page", o.Text)
			}
			for _, o := range s.Alarms {
				clean("page", o.Label)
			}
		}
		say := func(r Request) {
			reply := h.command(r)
			clean(r.Command, reply.Text)
			clean(r.Command, reply.Error)
		}
		for range 55 {
			time.Sleep(10 * time.Minute)
			see()
			if time.Since(h.start) == 2*time.Hour {
				for _, r := range []Request{
					{Command: "snooze", Kind: "low", For: 15 * time.Minute, Person: "a1"}, {Command: "snoozes"}, {Command: "unsnooze", Kind: "low"},
					{Command: "snooze", Kind: "low", For: 15 * time.Minute, Person: Everybody}, {Command: "unsnooze", Kind: "low", Person: "b1"},
					{Command: "snooze", Kind: "low", For: time.Hour * 9}, {Command: "snooze", Kind: "high", For: time.Hour},
					{Command: "snooze", Kind: "low", For: 15 * time.Minute, Person: "?"},
					{Command: "off"}, {Command: "duty"}, {Command: "on"}, {Command: "off", Person: "a1", For: 8 * time.Hour}, {Command: "on", Person: "a1"}, {Command: "off", For: time.Hour * 99},
					{Command: "tell", Kind: "above 300", Person: "a1"}, {Command: "tell", Kind: "below 300", Person: "a1"}, {Command: "tell", Kind: "9", Person: "a1"},
					{Command: "tell", Kind: "400", Person: "a1"}, {Command: "tell", Kind: "?"},
				} {
					say(r)
				}
				see()
				for _, r := range []Request{
					{Command: "untell", Person: "a1"}, {Command: "people"}, {Command: "sensor"}, {Command: "show"}, {Command: "test-alarm"}, {Command: "page"},
				} {
					say(r)
				}
				h.actions <- tray.Action{Kind: tray.About}
			}
		}
		entries, err := p.Log(t.Context(), h.start, time.Now())
		require.NoError(t, err)
		for _, e := range entries {
			clean("log", e.Label+"; "+e.Reason+"; "+e.Answer)
		}
		h.end()
	})
}

func TestTextsOfFaultsAndThePage(t *testing.T) {
	defer lang.Pretend(langtest.Masked)()
	clean := func(text string, but ...string) {
		t.Helper()
		if bare := langtest.Bare(text, but...); len(bare) > 0 {
			t.Errorf("%q: %q", text, bare)
		}
	}
	for _, f := range ownFaults() {
		clean(f.Message + " " + f.Hint)
	}
	broken := errors.New("1")
	for _, s := range []*state{
		{undelivered: "1"}, {mute: "1"}, {unrelayed: "1"}, {settingsErr: broken}, {storeErr: broken}, {notice: "1"},
		{unsaid: "1", settings: settings.Settings{Speech: settings.Speech{Alarms: true}}},
		{accounts: []*account{{ofLibre: &glucose.Fault{}}}}, {accounts: []*account{{ofSite: &glucose.Fault{}}}}, {stateErr: broken},
	} {
		if s.accounts == nil {
			s.accounts = []*account{{}}
		}
		require.NotEmpty(t, s.trouble(time.Time{}))
		clean(s.trouble(time.Time{}))
	}
	for _, k := range settings.Default().Keys() {
		name, _ := settings.Section(k.Key)
		clean(sectionTitle(name), "D-Bus", "MQTT")
		clean(sectionTitle("people.1."+name), "d-Bus", "mQTT", "nightscout")
	}
	for _, days := range []int{1, 7, 14} {
		for _, more := range []int{-1, 0, 1} {
			clean(replaySentence(page.ReplayQuestion{Days: days}, settings.Default(), more))
		}
	}
	for _, err := range []error{busy(), ofDemo(), signing(), ErrNotRunning, ErrNoBrowser} {
		clean(err.Error())
	}
	m := TestMessage()
	clean(m.Title + m.Body + m.Buttons[0].Label)
	for _, k := range alarm.Kinds() {
		for _, b := range buttonsOf(k) {
			clean(b.Label)
		}
		clean(spokenAlarm(alarm.Decision{Kind: k, Reading: &glucose.Reading{Limit: glucose.LimitLow, Trend: glucose.Flat}}, "", glucose.MgPerDL))
		clean(Heard{Kind: k}.Text(glucose.MgPerDL))
		for _, r := range []alarm.Record{{Kind: k, Reason: alarm.First, Delivery: "x"}, {Kind: k, Reason: alarm.Repeat, Answer: alarm.Answer{Kind: alarm.Seen}.Words()}} {
			clean(logText(r, glucose.MgPerDL))
		}
	}
	for _, o := range offers(glucose.Account{AlarmLow: 90, AlarmHigh: 300}) {
		clean(o.Name + " " + o.label(glucose.MgPerDL))
	}
}

// ownFaults are all that the app itself finds.
func ownFaults() []*glucose.Fault {
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	old := glucose.Reading{Time: now.Add(-30 * time.Hour), Value: 100}
	worn := func(age time.Duration) *glucose.Sensor {
		return &glucose.Sensor{Activated: now.Add(-age), WarmUp: time.Hour}
	}
	read := func(p person) *glucose.Fault { p.readings = []glucose.Reading{old}; return p.standing(now) }
	return []*glucose.Fault{
		siteFault(old, false, now), siteFault(old, true, now), read(person{futureBy: time.Hour}), read(person{shares: map[*account]*share{{}: {missing: now}}}), read(person{sensor: worn(48 * time.Hour)}),
		sensorFault(nil, old, false, now), sensorFault(worn(time.Minute), old, false, now), sensorFault(worn(20*24*time.Hour), old, true, now),
		sensorFault(worn(48*time.Hour), old, false, now), keyringFault(nil), glucose.AsFault(errors.New("x")),
	}
}

// What is wrong and what to do about it is read to its end in any language.
func TestFaultsFitTheMenu(t *testing.T) {
	defer lang.Use(lang.English)
	for _, code := range lang.Codes() {
		lang.Use(code)
		for _, f := range ownFaults() {
			require.NotNil(t, f)
			f.Since = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
			for _, i := range tray.Layout(tray.View{Now: f.Since.Add(24 * time.Hour), Fault: f}) {
				require.False(t, strings.HasSuffix(i.Label, " …"), "%s: %q and before it are too long for the menu", code, i.Label)
			}
		}
	}
}

// Three buttons stand side by side below a message.
func TestButtonsAreShort(t *testing.T) {
	defer lang.Use(lang.English)
	for _, code := range lang.Codes() {
		lang.Use(code)
		for _, k := range alarm.Kinds() {
			for _, b := range buttonsOf(k) {
				require.LessOrEqual(t, utf8.RuneCountInString(b.Label), 26, "%s: %s", code, b.Label)
			}
		}
	}
}

// The sentence about the night is kept, but not in the language of before.
func TestNightIsToldInTheLanguage(t *testing.T) {
	now := time.Date(2026, 11, 28, 8, 0, 0, 0, time.UTC)
	p := &person{set: settings.Default()}
	for at := now.Add(-10 * time.Hour); at.Before(now); at = at.Add(5 * time.Minute) {
		p.readings = append(p.readings, glucose.Reading{Time: at, Value: 100})
	}
	require.Contains(t, p.night(now), "Last night")
	defer lang.Pretend(langtest.Masked)()
	require.Empty(t, langtest.Bare(p.night(now)))
}

// A failure that the menu tells of is a whole sentence: none is a word that
// only a log would take.
func TestWhatFailedIsASentence(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	calls := 0
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		code, err := os.ReadFile(f)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`a\.(?:work|inTurn)\((.*)`).FindAllStringSubmatch(string(code), -1) {
			if calls++; !strings.HasPrefix(m[1], "failed,") {
				require.True(t, strings.HasPrefix(m[1], `lang.Mark("llutray could not `), "%s: %s", f, m[0])
			}
		}
	}
	require.Greater(t, calls, 5)

	err = signInProblem(&glucose.Fault{Message: "Non.", Hint: "Identifiez-vous\u202f: llutray login"})
	var p *page.Problem
	require.ErrorAs(t, err, &p)
	require.Equal(t, "Identifiez-vous.", p.Hint)
}
