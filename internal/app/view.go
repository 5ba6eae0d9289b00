package app

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/stats"
	"github.com/llutray/llutray/internal/tray"
)

// How much of the past the menu shows.
const (
	recentReadings = 12
	traceHours     = 3 * time.Hour
	logEntries     = 8
)

// view computes everything the fronts show at now. It is the one place where
// state becomes something to look at.
func (s *state) view(now time.Time, env viewEnv) tray.View {
	now = now.In(s.zone)
	v := tray.View{
		Now: now, Unit: s.settings.Unit, Limits: s.settings.Ranges(),
		Fault: s.standing(now), Undelivered: s.trouble(),
		Settings: s.menuSettings(env), Version: env.version, Demo: env.demo,
	}
	for _, p := range s.ordered() {
		row := tray.Person{ID: p.who.ID, Name: p.who.Name, Chosen: p.who.ID == s.chosen}
		if r, ok := p.newest(); ok && !r.Stale(now, p.cadence()) {
			row.Text = r.Text(s.settings.Unit)
		}
		v.People = append(v.People, row)
	}
	p := s.shown()
	if p == nil {
		return v
	}
	if s.settings.Display.ShowName || len(s.people) > 1 {
		v.Person = p.who.Name
	}
	if r, ok := p.newest(); ok {
		v.Reading = &r
		v.Stale = r.Stale(now, p.cadence())
		v.StaleAt = r.Time.Add(glucose.StaleAfter(p.cadence()))
	}
	if d, ok := glucose.DeltaOf(p.readings); ok && !v.Stale {
		v.Delta = &d
	}
	for _, r := range slices.Backward(p.readings) {
		if r.Origin == glucose.Live && len(v.Recent) < recentReadings {
			v.Recent = append(v.Recent, r)
		}
		if now.Sub(r.Time) <= traceHours {
			v.Trace = append(v.Trace, r)
		}
	}
	slices.Reverse(v.Trace)
	v.Today = today(p.readings, v.Limits, now)
	v.Night = p.night(now, s.settings)
	v.Bedtime = s.bedtime
	for _, k := range inMenu {
		if lengths := k.SnoozeLengths(); len(lengths) > 0 {
			v.Snoozable = append(v.Snoozable, tray.Snoozable{Kind: string(k), Label: k.Label(), For: lengths})
		}
	}
	if p.engine != nil {
		for _, sn := range p.engine.Snoozes(now) {
			v.Snoozes = append(v.Snoozes, tray.Snooze{Kind: string(sn.Kind), Label: sn.Kind.Label(), Until: sn.Until.In(s.zone)})
		}
		standing := p.engine.Standing(now)
		if i := slices.IndexFunc(standing, func(e alarm.Episode) bool { return e.Answered.IsZero() }); i >= 0 {
			v.Alarm, v.AlarmKind = standing[i].Kind.Label(), string(standing[i].Kind)
		}
		v.Treatable = slices.ContainsFunc(standing, func(e alarm.Episode) bool { return e.Kind == alarm.Low && e.TreatedUntil.IsZero() })
		v.Held = len(standing) > 0 && slices.ContainsFunc(v.Snoozes, func(s tray.Snooze) bool {
			return s.Kind == string(standing[0].Kind)
		})
	}
	for _, r := range slices.Backward(p.log) {
		if len(v.Log) == logEntries {
			break
		}
		v.Log = append(v.Log, tray.LogEntry{Time: r.Time.In(s.zone), Text: logText(r, s.settings.Unit)})
	}
	return v
}

// inMenu are the kinds that the menu can snooze. A snooze covers the milder
// ones of its side, so these are enough; the others are for the command line.
var inMenu = []alarm.Kind{alarm.UrgentLow, alarm.Low, alarm.High, alarm.NoData}

// The night that the menu sums up, by the wall clock.
const nightFrom, nightTo = 22, 7

// night is the sentence about the last night, from its end on; "" without
// readings.
func (p *person) night(now time.Time, set settings.Settings) string {
	y, m, d := now.Date()
	to := time.Date(y, m, d, nightTo, 0, 0, 0, now.Location())
	if now.Before(to) {
		return ""
	}
	s := alarm.Night(p.log, glucose.Merge(p.readings), time.Date(y, m, d-1, nightFrom, 0, 0, 0, now.Location()), to, set.Ranges())
	if s.Lowest == nil {
		return ""
	}
	return s.Sentence(set.Unit)
}

// viewEnv is what a view shows that is not state of the loop.
type viewEnv struct {
	version   string
	demo      bool
	autostart bool
}

// today summarises the day since local midnight. Graph points count where no
// live reading is near, so that a computer switched on at noon knows the
// morning.
func today(readings []glucose.Reading, l glucose.Limits, now time.Time) tray.Today {
	y, m, d := now.Date()
	from := time.Date(y, m, d, 0, 0, 0, 0, now.Location())
	first, _ := slices.BinarySearchFunc(readings, from, func(r glucose.Reading, t time.Time) int { return r.Time.Compare(t) })
	s := stats.Summarize(glucose.Merge(readings[first:]), l, from, now)
	return tray.Today{
		Known: s.Known, InRange: s.InRange, Below: s.Below, Above: s.Above,
		Lowest: s.Min, Highest: s.Max,
	}
}

// trouble is what keeps alarms from the user or readings from the store, in
// one line; "" when nothing does.
func (s *state) trouble() string {
	switch {
	case s.undelivered != "":
		return "The last alarm could not be shown: " + s.undelivered
	case s.mute != "":
		return "The last alarm made no sound: " + s.mute
	case s.settingsErr != nil:
		return "The settings file is not in force: " + s.settingsErr.Error()
	case s.storeErr != nil:
		return "Readings cannot be stored: " + s.storeErr.Error()
	}
	return ""
}

func (s *state) menuSettings(env viewEnv) tray.Settings {
	cfg := s.settings.Alarms()
	out := tray.Settings{
		UrgentLow: cfg.UrgentLow.Limit, Low: cfg.Low.Limit, High: cfg.High.Limit, HighOn: cfg.High.On,
		Autostart: env.autostart, Label: s.settings.Display.Label,
	}
	for _, k := range slices.Concat(inMenu, []alarm.Kind{alarm.LowSoon, alarm.StillHigh, alarm.SecondRise, alarm.NeedsYou}) {
		out.Sounds = append(out.Sounds, tray.Sound{Kind: string(k), Label: k.Label(), On: s.settings.Sound(k) != settings.SoundNone})
	}
	return out
}

// logText tells one alarm of the past: "Low 3.7: first; seen".
func logText(r alarm.Record, u glucose.Unit) string {
	var b strings.Builder
	b.WriteString(r.Kind.Label())
	if r.Limit != glucose.LimitNone || r.Value > 0 {
		fmt.Fprintf(&b, " %s", glucose.Reading{Value: r.Value, Limit: r.Limit}.Number(u))
	}
	fmt.Fprintf(&b, ": %s", r.Reason.Words())
	switch {
	case r.Delivery != "" && r.Delivery != alarm.DeliveryOK:
		b.WriteString("; could not be shown")
	case r.Answer != "":
		fmt.Fprintf(&b, "; %s", r.Answer)
	}
	return b.String()
}
