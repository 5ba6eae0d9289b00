package notify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
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

const (
	wouldNot = "Alarms would not be heard: "
	mayNot   = "Alarms may not be heard: "
	notSeen  = "Alarms would not be seen: "
)

// Bedtime says whether an alarm of this night would be heard: in one sentence
// the gravest trouble, and in lines all there is. It claims that alarms will
// be heard only when everything could be told.
func Bedtime(in Evening) Verdict {
	all := []trouble{in.sound(), in.notifications(), in.tray(), in.sleep(), in.power()}
	all = append(all, in.snoozes()...)
	v := Verdict{Sentence: "Ready for the night: alarms will be heard."}
	for _, t := range all {
		v.Findings = append(v.Findings, t.Finding)
		// Among equals the first: the list is in the order of weight.
		if t.Severity > v.Severity {
			v.Severity, v.Sentence = t.Severity, t.menu
		}
	}
	if v.Severity == Untold {
		v.Sentence = "Ready for the night, as far as can be told: " + in.untold() + "."
	}
	return v
}

// untold asks the person for what the computer cannot tell.
func (in Evening) untold() string {
	var ask []string
	if !in.Audio.Known {
		ask = append(ask, "that the sound is on")
	}
	if !in.KeptAwake && !in.SleepKnown {
		ask = append(ask, "that the computer stays awake")
	}
	return "make sure " + strings.Join(ask, " and ")
}

func (in Evening) sound() trouble {
	a := in.Audio
	t := trouble{Finding: Finding{What: "sound", Text: a.Sentence()}}
	switch {
	case !in.Player:
		t.Severity, t.Text = Unheard, "Nothing here can play a sound: install a sound player."
		t.menu = wouldNot + "nothing here can play a sound."
	case !a.Known:
		t.Severity = Untold
	case a.Missing:
		t.Severity, t.menu = Unheard, wouldNot+"there is no sound output."
	case a.Muted, a.Volume <= 0:
		t.Severity, t.menu = Unheard, wouldNot+lower(a.Sentence())
	case !a.Audible():
		t.Severity, t.menu = Doubtful, mayNot+lower(a.Sentence())
		if a.Headphones && a.Volume >= whisper {
			t.menu = mayNot + "the sound goes to headphones."
		}
	case a.Device != "":
		t.Text = strings.TrimSuffix(t.Text, ".") + ", on " + line(a.Device, maxLabel) + "."
	}
	return t
}

func (in Evening) notifications() trouble {
	t := trouble{Finding: Finding{What: "notifications", Text: "Messages are shown."}}
	switch {
	case !in.Notified:
		t.Severity, t.Text = Doubtful, "The desktop shows no messages: start a notification service."
		t.menu = notSeen + "the desktop shows no messages."
	case in.DoNotDisturb:
		t.Severity, t.Text = Doubtful, "Do not disturb is on: the desktop holds messages back."
		t.menu = notSeen + "do not disturb is on."
	}
	return t
}

func (in Evening) tray() trouble {
	t := trouble{Finding: Finding{What: "tray", Text: "The icon is shown."}}
	if !in.Tray {
		t.Text = "The desktop shows no tray icon."
		t.Severity, t.menu = Doubtful, "The tray icon is not shown: alarms come as a message and a sound only."
	}
	return t
}

func (in Evening) sleep() trouble {
	t := trouble{Finding: Finding{What: "sleep"}}
	switch {
	case in.KeptAwake:
		t.Text = "The computer is kept awake; a closed lid may still send it to sleep."
	case !in.SleepKnown:
		t.Severity, t.Text = Untold, sleepUntold
	case in.SleepAfter <= 0:
		t.Text = sleepText(0)
	default:
		t.Severity, t.Text = Unheard, sleepText(in.SleepAfter)
		t.menu = wouldNot + lower(t.Text)
	}
	return t
}

func (in Evening) power() trouble {
	p := in.Power
	t := trouble{Finding: Finding{What: "power", Text: "The computer is plugged in."}}
	switch {
	case !p.Known:
		// A computer that cannot tell is one without a battery nearly always.
		t.Text = "No battery is known of."
		return t
	case !p.OnBattery:
		return t
	}
	t.Text = "The computer runs on its battery"
	if p.Percent >= 0 {
		t.Text += fmt.Sprintf(" (%d %%)", p.Percent)
	}
	t.Severity, t.menu = Doubtful, mayNot+lower(t.Text)+"."
	switch {
	case p.Left > 0 && p.Left < night:
		t.Text += fmt.Sprintf(", which lasts about %s", span(p.Left))
		t.Severity = Unheard
		t.menu = "Alarms would end before the morning: the battery lasts about " + span(p.Left) + "."
	case p.Left >= night:
		t.Severity, t.menu = Ready, ""
		t.Text += fmt.Sprintf(", which lasts about %s", span(p.Left))
	}
	t.Text += "."
	return t
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
		return []trouble{{Finding: Finding{What: "snooze", Text: "No alarm is snoozed."}}}
	}
	slices.SortStableFunc(held, func(a, b Snooze) int {
		return cmp.Or(b.Until.Compare(a.Until), cmp.Compare(a.Label, b.Label))
	})
	out := make([]trouble, 0, len(held))
	for _, s := range held {
		text := fmt.Sprintf("%s snoozed until %s", line(s.Label, maxLabel), clock(s.Until.In(in.Now.Location()), in.Now))
		menu := "Some alarms are held back: " + text
		if more := len(held) - 1; more > 0 {
			menu += fmt.Sprintf(", and %d more", more)
		}
		out = append(out, trouble{
			Finding: Finding{What: "snooze", Severity: Doubtful, Text: upper(text) + "."},
			menu:    menu + ".",
		})
	}
	return out
}

// clock is a time of day, with the weekday when it is not within a day.
func clock(at, now time.Time) string {
	if at.Sub(now) < 24*time.Hour {
		return at.Format("15:04")
	}
	return at.Format("Mon 15:04")
}

func lower(s string) string { return first(s, unicode.ToLower) }
func upper(s string) string { return first(s, unicode.ToUpper) }

func first(s string, to func(rune) rune) string {
	r := []rune(s)
	if len(r) > 0 {
		r[0] = to(r[0])
	}
	return string(r)
}
