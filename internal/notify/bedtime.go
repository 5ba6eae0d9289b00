package notify

import (
	"cmp"
	"slices"
	"time"

	"github.com/llutray/llutray/internal/lang"
)

// Severity is how much stands between the alarms and the person in the night.
type Severity int

// The severities, mildest first.
const (
	Ready    Severity = iota // alarms will be heard
	Untold                   // nothing is wrong, but something cannot be told here
	Doubtful                 // an alarm may be missed
	Unheard                  // alarms would not be heard
)

// Snooze is one that is in force, in words.
type Snooze struct {
	Label string // what it holds back: "high alarms of John"
	Until time.Time
}

// Evening is what Bedtime judges by.
type Evening struct {
	Now          time.Time // in the zone that times are shown in
	Audio        AudioState
	Player       bool // something here can play a sound
	Notified     bool // the desktop shows notifications
	DoNotDisturb bool // but holds them back: Status.Paused
	Tray         bool // the icon is shown
	SleepKnown   bool // of WillSleep
	SleepAfter   time.Duration
	KeptAwake    bool // an inhibitor is held through the night
	Power        Power
	Snoozes      []Snooze
}

// Finding is one line of the check.
type Finding struct {
	What     string // "sound", "notifications", "tray", "sleep", "power" or "snooze"
	Severity Severity
	Text     string
}

// OK reports that the line says nothing to be done.
func (f Finding) OK() bool { return f.Severity <= Untold }

// Verdict is what Bedtime comes to.
type Verdict struct {
	Sentence string // for the menu
	Severity Severity
	Findings []Finding // every line, good ones too, in a fixed order
}

// trouble is a finding with the sentence that it puts into the menu.
type trouble struct {
	Finding
	menu string
}

// night is how long a battery must last. Less than a long sleep ends in
// silence before the morning does.
const night = 9 * time.Hour

// Bedtime says whether an alarm of this night would be heard: in one sentence
// the gravest trouble, and in lines all there is. It claims that alarms will
// be heard only when everything could be told.
func Bedtime(in Evening) Verdict {
	all := []trouble{in.sound(), in.notifications(), in.tray(), in.sleep(), in.power()}
	all = append(all, in.snoozes()...)
	v := Verdict{Sentence: lang.T("Ready for the night: alarms will be heard.")}
	for _, t := range all {
		v.Findings = append(v.Findings, t.Finding)
		// Among equals the first: the list is in the order of weight.
		if t.Severity > v.Severity {
			v.Severity, v.Sentence = t.Severity, t.menu
		}
	}
	if v.Severity == Untold {
		v.Sentence = in.untold()
	}
	return v
}

// untold asks the person for what the computer cannot tell.
func (in Evening) untold() string {
	sound, awake := !in.Audio.Known, !in.KeptAwake && !in.SleepKnown
	switch {
	case sound && awake:
		return lang.T("Ready for the night, as far as can be told: make sure that the sound is on and that the computer stays awake.")
	case sound:
		return lang.T("Ready for the night, as far as can be told: make sure that the sound is on.")
	}
	return lang.T("Ready for the night, as far as can be told: make sure that the computer stays awake.")
}

func wouldNot(why string) string {
	return lang.F("Alarms would not be heard: %s", lang.Lower(why))
}

func mayNot(why string) string {
	return lang.F("Alarms may not be heard: %s", lang.Lower(why))
}

func (in Evening) sound() trouble {
	a := in.Audio
	t := trouble{Finding: Finding{What: "sound", Text: a.Sentence()}}
	switch {
	case !in.Player:
		t.Severity, t.Text = Unheard, lang.T("Nothing here can play a sound: install a sound player.")
		t.menu = wouldNot(lang.T("Nothing here can play a sound."))
	case !a.Known:
		t.Severity = Untold
	case a.Missing:
		t.Severity, t.menu = Unheard, wouldNot(lang.T("There is no sound output."))
	case a.Muted, a.Volume <= 0:
		t.Severity, t.menu = Unheard, wouldNot(a.Sentence())
	case !a.Audible():
		t.Severity, t.menu = Doubtful, mayNot(a.Sentence())
		if a.Headphones && a.Volume >= whisper {
			t.menu = mayNot(lang.T("The sound goes to headphones."))
		}
	case a.Device != "":
		t.Text = lang.F("The volume is at %d %%, on %s.", a.Volume, line(a.Device, maxLabel))
	}
	return t
}

func (in Evening) notifications() trouble {
	t := trouble{Finding: Finding{What: "notifications", Text: lang.T("Messages are shown.")}}
	switch {
	case !in.Notified:
		t.Severity, t.Text = Doubtful, lang.T("The desktop shows no messages: start a notification service.")
		t.menu = lang.T("Alarms would not be seen: the desktop shows no messages.")
	case in.DoNotDisturb:
		t.Severity, t.Text = Doubtful, lang.T("Do not disturb is on: the desktop holds messages back.")
		t.menu = lang.T("Alarms would not be seen: do not disturb is on.")
	}
	return t
}

func (in Evening) tray() trouble {
	t := trouble{Finding: Finding{What: "tray", Text: lang.T("The icon is shown.")}}
	if !in.Tray {
		t.Text = lang.T("The desktop shows no tray icon.")
		t.Severity, t.menu = Doubtful, lang.T("The tray icon is not shown: alarms come as a message and a sound only.")
	}
	return t
}

func (in Evening) sleep() trouble {
	t := trouble{Finding: Finding{What: "sleep"}}
	switch {
	case in.KeptAwake:
		t.Text = lang.T("The computer is kept awake; a closed lid may still send it to sleep.")
	case !in.SleepKnown:
		t.Severity, t.Text = Untold, lang.T(sleepUntold)
	case in.SleepAfter <= 0:
		t.Text = sleepText(0)
	default:
		t.Severity, t.Text = Unheard, sleepText(in.SleepAfter)
		t.menu = wouldNot(t.Text)
	}
	return t
}

func (in Evening) power() trouble {
	p := in.Power
	t := trouble{Finding: Finding{What: "power", Text: lang.T("The computer is plugged in.")}}
	switch {
	case !p.Known:
		// A computer that cannot tell is one without a battery nearly always.
		t.Text = lang.T("No battery is known of.")
		return t
	case !p.OnBattery:
		return t
	}
	t.Text = p.sentence()
	switch {
	case p.Left >= night:
	case p.Left > 0:
		t.Severity, t.menu = Unheard, lang.F("Alarms would end before the morning: the battery lasts about %s.", span(p.Left))
	default:
		t.Severity, t.menu = Doubtful, mayNot(t.Text)
	}
	return t
}

// sentence tells of a battery in use.
func (p Power) sentence() string {
	switch {
	case p.Left > 0 && p.Percent >= 0:
		return lang.F("The computer runs on its battery (%d %%), which lasts about %s.", p.Percent, span(p.Left))
	case p.Left > 0:
		return lang.F("The computer runs on its battery, which lasts about %s.", span(p.Left))
	case p.Percent >= 0:
		return lang.F("The computer runs on its battery (%d %%).", p.Percent)
	}
	return lang.T("The computer runs on its battery.")
}

// snoozes tells those in force, the longest first.
func (in Evening) snoozes() []trouble {
	var held []Snooze
	for _, s := range in.Snoozes {
		if s.Until.After(in.Now) {
			held = append(held, s)
		}
	}
	if len(held) == 0 {
		return []trouble{{Finding: Finding{What: "snooze", Text: lang.T("No alarm is snoozed.")}}}
	}
	slices.SortStableFunc(held, func(a, b Snooze) int {
		return cmp.Or(b.Until.Compare(a.Until), cmp.Compare(a.Label, b.Label))
	})
	out := make([]trouble, 0, len(held))
	for _, s := range held {
		text := lang.F("%s snoozed until %s", line(s.Label, maxLabel), clock(s.Until.In(in.Now.Location()), in.Now))
		menu := lang.F("Some alarms are held back: %s.", text)
		if more := len(held) - 1; more > 0 {
			menu = lang.N(more, "Some alarms are held back: %s, and %d more.", "Some alarms are held back: %s, and %d more.", text, more)
		}
		out = append(out, trouble{
			Finding: Finding{What: "snooze", Severity: Doubtful, Text: lang.Upper(text) + "."},
			menu:    menu,
		})
	}
	return out
}

// clock is a time of day, with the weekday when it is not within a day.
func clock(at, now time.Time) string {
	if at.Sub(now) < 24*time.Hour {
		return lang.Clock(at)
	}
	return lang.Weekday(at.Weekday()) + " " + lang.Clock(at)
}
