package tray

import (
	"fmt"
	"slices"

	"github.com/llutray/llutray/internal/chart"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// standing are the answers to the alarms that stand. Each person has rows of
// their own, hidden as long as there is nothing to answer.
func standing(v View) []Item {
	var rows []Item
	for i := range StandingRows {
		seen := button(fmt.Sprintf("seen.%d", i), "", Action{Kind: Seen})
		treated := button(fmt.Sprintf("treated.%d", i), "", Action{Kind: Treated})
		seen.Hidden, treated.Hidden = true, true
		if i < len(v.Standing) {
			s := v.Standing[i]
			// A low that turns urgent under the mouse is not answered by the click.
			seen.Action.Person, seen.Action.Key, treated.Action.Person = s.Person, s.Kind, s.Person
			seen.Hidden, treated.Hidden = s.Label == "", !s.Treatable
			seen.Label = lang.F("Alarm: %s – I have seen it", clean(s.Label))
			treated.Label = lang.T("I have treated the low (look again in 15 minutes)")
			if clean(s.Name) != "" {
				seen.Label = ofWhom(s.Name, s.Label, func(what string) string { return lang.F("Alarm: %s – I have seen it", what) })
				treated.Label = fitted(s.Name, func(name string) string { return lang.F("Treated: low of %s (look again in 15 min)", name) })
			}
		}
		rows = append(rows, seen, treated)
	}
	return rows
}

func alarms(v View) []Item {
	var rows, held, log []Item
	for _, s := range v.Snoozes {
		label := ofWhom(s.Name, s.Label, func(what string) string {
			return lang.F("%s: snoozed until %s (take back)", what, lang.Moment(s.Until, v.Now))
		})
		held = append(held, button("", label, Action{Kind: Unsnooze, Person: s.Person, Key: s.Kind}))
	}
	rows = append(rows, fill("held", kindRows, false, held)...)
	rows = append(rows, snoozes(v)...)
	rows = append(rows, info("snooze.none", lang.T("There is nothing to snooze"), len(v.Snoozable) == 0))
	rows = append(rows, separator("log-"))
	for _, e := range v.Log {
		log = append(log, Item{Label: cut(lang.Moment(e.Time, v.Now)+" · "+clean(e.Text), lineWidth)})
	}
	rows = append(rows, fill("log", logRows, false, log)...)
	rows = append(rows, info("log.none", lang.T("No alarms in the last day"), len(v.Log) == 0))
	rows = append(rows, separator("test-"))
	return append(rows, button("test", lang.T("Send a test alarm"), Action{Kind: TestAlarm}))
}

// ofWhom is a line about an alarm, and about whose where that is not plain.
func ofWhom(name, label string, line func(what string) string) string {
	if clean(name) == "" {
		return line(clean(label))
	}
	return fitted(name, func(name string) string { return line(name + ", " + lang.Lower(clean(label))) })
}

// snoozes are the choices of all kinds and people. They keep their places, for
// a row that turned into another's under the pointer would silence the wrong
// person.
func snoozes(v View) []Item {
	var rows []Item
	for _, k := range v.Snoozable {
		for _, d := range k.For[:min(len(k.For), forRows)] {
			label := lang.F("Snooze %s for %s", lang.Lower(k.Label), lang.Span(d))
			if k.Name != "" {
				label = fitted(k.Name, func(name string) string {
					return lang.F("%s: snooze %s for %s", name, lang.Lower(k.Label), lang.Span(d))
				})
			}
			rows = append(rows, button("", label, Action{Kind: SnoozeAlarm, Person: k.Person, Key: k.Kind, For: d}))
		}
	}
	return fill("snooze", snoozeRows, false, rows)
}

// The quick choices of the limits in mg/dL, values that read well in both
// units. A low limit is only offered above the urgent one in force, and the
// other way round.
var (
	urgentLowChoices = []glucose.MgDL{54, 60, 65}
	lowChoices       = []glucose.MgDL{65, 70, 75, 80}
	highChoices      = []glucose.MgDL{180, 200, 250, 300}
)

func settings(v View) []Item {
	s := v.Settings
	var rows []Item
	add := func(more ...Item) { rows = append(rows, more...) }

	for _, u := range []glucose.Unit{glucose.MmolPerL, glucose.MgPerDL} {
		add(choice("unit."+string(u), lang.F("Show %s", u), v.Unit == u, Action{Kind: SetUnit, Unit: u}))
	}
	add(separator("limits-"))
	add(limits(v, "urgent_low", func(m string) string { return lang.F("Urgent low alarm below %s", m) }, s.UrgentLow, urgentLowChoices,
		func(m glucose.MgDL) bool { return s.Low == 0 || m < s.Low })...)
	add(separator("low-"))
	add(limits(v, "low", func(m string) string { return lang.F("Low alarm below %s", m) }, s.Low, lowChoices,
		func(m glucose.MgDL) bool { return m > s.UrgentLow })...)
	add(separator("high-"))
	high := limits(v, "high", func(m string) string { return lang.F("High alarm above %s", m) }, s.High, highChoices,
		func(m glucose.MgDL) bool { return m > s.Low })
	for i := range high {
		high[i].Hidden = high[i].Hidden || !s.HighOn
	}
	add(high...)
	add(info("high.off", lang.T("The high alarm is off (see the settings file)"), !s.HighOn))
	add(separator("sounds-"))
	var sounds []Item
	for _, k := range s.Sounds {
		sounds = append(sounds, choice("", soundLabel(k), k.On, Action{Kind: SetSound, Key: k.Kind, On: !k.On}))
	}
	add(fill("sound", kindRows, true, sounds)...)
	add(choice("label", lang.T("Show the value as text beside the icon (GNOME, macOS)"), s.Label, Action{Kind: SetLabel, On: !s.Label}))
	add(choice("discreet", lang.T("Hide the number in the icon (a shape only)"), look(v) == chart.Discreet, Action{Kind: SetDiscreet, On: look(v) != chart.Discreet}))
	add(choice("autostart", lang.T("Start with the desktop"), s.Autostart, Action{Kind: SetAutostart, On: !s.Autostart}))
	add(separator("file-"))
	add(button("file", lang.T("Open the settings file…"), Action{Kind: OpenSettings}))
	return rows
}

// soundLabel names a sound after the alarm it goes with.
func soundLabel(s Sound) string {
	if s.Kind == "needs_you" {
		return lang.T("Sound when llutray needs you")
	}
	return lang.F("Sound for %s", lang.Lower(s.Label))
}

// limits are the choices of one limit, with the one in force among them even
// when it is none of ours.
func limits(v View, key string, label func(value string) string, now glucose.MgDL, choices []glucose.MgDL, allowed func(glucose.MgDL) bool) []Item {
	offered := slices.DeleteFunc(slices.Clone(choices), func(m glucose.MgDL) bool { return m != now && !allowed(m) })
	if i, found := slices.BinarySearch(offered, now); !found && now > 0 {
		offered = slices.Insert(offered, i, now)
	}
	var rows []Item
	for _, m := range offered {
		rows = append(rows, choice("", label(v.Unit.Format(m)+" "+string(v.Unit)), m == now, Action{Kind: SetLimit, Key: key, Value: m}))
	}
	return fill("limit."+key, len(choices)+1, true, rows)
}
