package app

import (
	"slices"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
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
	p := s.shown()
	v := s.viewOf(p, now)
	v.Undelivered, v.Settings, v.Version, v.Demo = s.trouble(now), s.menuSettings(env), env.version, env.demo
	v.People, v.Bedtime = s.rows(now), s.bedtime
	if p == nil {
		return v
	}
	for _, r := range slices.Backward(p.readings) {
		if len(v.Recent) == recentReadings {
			break
		}
		if r.Origin == glucose.Live {
			v.Recent = append(v.Recent, r)
		}
	}
	first, _ := slices.BinarySearchFunc(p.readings, now.Add(-traceHours), func(r glucose.Reading, t time.Time) int { return r.Time.Compare(t) })
	v.Trace = slices.Clone(p.readings[first:])
	v.Today = today(p.readings, v.Limits, now)
	v.Night = p.night(now)
	s.viewAlarms(&v, now)
	s.viewCarers(&v, now)
	if on := s.onIcon(now); on != nil && on != p {
		icon := s.viewOf(on, now)
		icon.People, icon.Settings, icon.Undelivered, icon.Demo = v.People, v.Settings, v.Undelivered, v.Demo
		icon.OffDuty = v.OffDuty
		v.OnIcon = &icon
	}
	return v
}

// viewOf is the value of one person, nil for nobody, as icon, label and
// tooltip show it. now is in the user's zone.
func (s *state) viewOf(p *person, now time.Time) tray.View {
	v := tray.View{Now: now, Unit: s.settings.Unit, Limits: s.settings.Ranges(), Fault: s.standing(p, now)}
	if p == nil {
		return v
	}
	v.Limits, v.PersonID = p.set.Ranges(), p.who.ID
	if s.settings.Display.ShowName || s.several() {
		v.Person = p.name()
	}
	if r, ok := p.newest(); ok {
		v.Reading = &r
		v.Stale = r.Stale(now, p.cadence())
		v.StaleAt = r.Time.Add(glucose.StaleAfter(p.cadence()))
	}
	if d, ok := glucose.DeltaOf(p.readings); ok && !v.Stale {
		v.Delta = &d
	}
	if p.engine != nil {
		standing := p.engine.Standing(now)
		v.Held = len(standing) > 0 && p.snoozes(now, standing[0].Kind) || !p.offUntil(now).IsZero()
	}
	return v
}

// rows are those of the People menu.
func (s *state) rows(now time.Time) (out []tray.Person) {
	for _, p := range s.ordered() {
		row := tray.Person{ID: p.who.ID, Name: p.name(), Chosen: p.who.ID == s.chosen, NotFollowed: !p.followed()}
		if r, ok := p.newest(); ok {
			row.Reading, row.Stale = &r, r.Stale(now, p.cadence())
			if !row.Stale {
				row.Range = p.set.Ranges().Of(r)
			}
		}
		if standing := s.unanswered(p, now); len(standing) > 0 {
			row.Alarm = standing[0].Kind.Label()
		}
		out = append(out, row)
	}
	return out
}

// unanswered are a person's alarms that wait for an answer, the worst first.
// What concerns everybody waits with one of them alone.
func (s *state) unanswered(p *person, now time.Time) []alarm.Episode {
	if p.engine == nil || !p.followed() {
		return nil
	}
	return slices.DeleteFunc(p.engine.Standing(now), func(e alarm.Episode) bool { return !s.open(p, e, now) })
}

// open reports whether an alarm of a person waits for an answer to it.
func (s *state) open(p *person, e alarm.Episode, now time.Time) bool {
	return e.Answered.IsZero() && !e.OffDuty && !s.saidElsewhere(p, e.Kind, now)
}

// viewAlarms fills in the alarms of everybody: those that stand, what may be
// snoozed and is, and the log.
func (s *state) viewAlarms(v *tray.View, now time.Time) {
	people := s.followed()
	if worst := s.byUrgency(now); len(worst) > 0 {
		if waiting := s.unanswered(worst[0], now); len(waiting) > 0 {
			v.Alarm = waiting[0].Kind.Label()
		}
		if len(people) > tray.StandingRows {
			people = worst // there is no room for those who are well
		}
	}
	for _, p := range people[:min(len(people), tray.StandingRows)] {
		row := tray.Standing{Person: p.who.ID, Name: s.byName(p), Treatable: p.treatable(now)}
		if waiting := s.unanswered(p, now); len(waiting) > 0 {
			row.Kind, row.Label = string(waiting[0].Kind), waiting[0].Kind.Label()
			if concerned := s.concerned(p, waiting[0].Kind); concerned != nil {
				row.Name = s.callAll(concerned, lang.T("Everyone"))
			}
		}
		v.Standing = append(v.Standing, row)
	}
	for _, p := range s.followed() {
		name := s.byName(p)
		for _, r := range p.log[max(0, len(p.log)-logEntries):] {
			text := logText(r, p.set.Unit)
			if name != "" {
				text = lang.F("%s: %s", name, text)
			}
			v.Log = append(v.Log, tray.LogEntry{Time: r.Time.In(s.zone), Text: text})
		}
		for _, k := range inMenu {
			lengths := k.SnoozeLengths()
			if name != "" {
				lengths = []time.Duration{snoozeOf(k)} // all of them would fill the screen
			}
			v.Snoozable = append(v.Snoozable, tray.Snoozable{Person: p.who.ID, Name: name, Kind: string(k), Label: k.Label(), For: lengths})
		}
		if p.engine == nil {
			continue
		}
		for _, z := range p.engine.Snoozes(now) {
			v.Snoozes = append(v.Snoozes, tray.Snooze{Person: p.who.ID, Name: name, Kind: string(z.Kind), Label: z.Kind.Label(), Until: z.Until.In(s.zone)})
		}
	}
	slices.SortStableFunc(v.Log, func(a, b tray.LogEntry) int { return a.Time.Compare(b.Time) })
	slices.Reverse(v.Log)
	v.Log = v.Log[:min(len(v.Log), logEntries)]
}

// byName is what to call a person where it is not plain who is meant.
func (s *state) byName(p *person) string {
	if s.several() {
		return p.name()
	}
	return ""
}

func (p *person) treatable(now time.Time) bool {
	return p.engine != nil && slices.ContainsFunc(p.engine.Standing(now), func(e alarm.Episode) bool { return e.Kind == alarm.Low && e.TreatedUntil.IsZero() })
}

// inMenu are the kinds that the menu can snooze. A snooze covers the milder
// ones of its side, so these are enough; the others are for the command line.
var inMenu = []alarm.Kind{alarm.UrgentLow, alarm.Low, alarm.High, alarm.NoData}

// The night that the menu sums up, by the wall clock.
const nightFrom, nightTo = 22, 7

// nightSum is the sentence about a night and what it was computed from.
type nightSum struct {
	to         time.Time
	first, end int // of the readings
	records    int
	changed    int // of the log, see relog
	limits     glucose.Limits
	unit       glucose.Unit
	language   string
	sentence   string
}

// night is the sentence about the last night, from its end on; "" without
// readings. It is computed anew only when something of that night has changed.
func (p *person) night(now time.Time) string {
	y, m, d := now.Date()
	to := time.Date(y, m, d, nightTo, 0, 0, 0, now.Location())
	if now.Before(to) {
		return ""
	}
	from := time.Date(y, m, d-1, nightFrom, 0, 0, 0, now.Location())
	before := func(r glucose.Reading, t time.Time) int { return r.Time.Compare(t) }
	first, _ := slices.BinarySearchFunc(p.readings, from, before)
	end, _ := slices.BinarySearchFunc(p.readings, to, before)
	sum := nightSum{
		to: to, first: first, end: end, records: len(p.log), changed: p.relogged,
		limits: p.set.Ranges(), unit: p.set.Unit, language: lang.Locale(), sentence: p.lastNight.sentence,
	}
	if sum != p.lastNight {
		sum.sentence = ""
		if s := alarm.Night(p.log, glucose.Merge(p.readings), from, to, sum.limits); s.Lowest != nil {
			sum.sentence = s.Sentence(sum.unit)
		}
		p.lastNight = sum
	}
	return sum.sentence
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
func (s *state) trouble(now time.Time) string {
	switch {
	case s.undelivered != "":
		return lang.F("The last alarm could not be shown: %s", s.undelivered)
	case s.unheard() != nil:
		return lang.F("The last alarm could not be shown: %s", s.unheard().undelivered)
	case s.mute != "":
		return lang.F("The last alarm made no sound: %s", s.mute)
	case s.unsaid != "" && s.settings.Speech != (settings.Speech{}):
		return lang.F("Nothing could be said aloud: %s", s.unsaid)
	case s.unrelayed != "":
		return lang.F("The last alarm was not passed on by %s", s.unrelayed)
	case s.halfTrouble() != "":
		return s.halfTrouble()
	case s.accountTrouble() != "":
		return s.accountTrouble()
	case s.settingsErr != nil:
		return lang.F("The settings file is not in force: %s", s.settingsErr)
	case s.storeErr != nil:
		return lang.F("Readings cannot be stored: %s", s.storeErr)
	case s.stateErr != nil:
		return lang.F("Snoozes and what was said cannot be kept for the next start: %s", s.stateErr)
	case s.notice != "":
		return s.notice
	case s.unmatched() != "":
		return lang.F("The settings of [people.%s] fit nobody who shares with this account: give the section an id.", s.unmatched())
	}
	return s.failingOutput(now)
}

// unheard is somebody whose last alarm could not be shown.
func (s *state) unheard() *person {
	for _, p := range s.followed() {
		if p.undelivered != "" {
			return p
		}
	}
	return nil
}

func (s *state) menuSettings(env viewEnv) tray.Settings {
	set := s.settings
	if p := s.shown(); p != nil {
		set = p.set
	}
	cfg := set.Alarms()
	out := tray.Settings{
		UrgentLow: cfg.UrgentLow.Limit, Low: cfg.Low.Limit, High: cfg.High.Limit, HighOn: cfg.High.On,
		Autostart: env.autostart, Label: s.settings.Display.Label,
		Icon: s.settings.Display.Look, Contrast: s.settings.Display.Contrast, Words: s.settings.Display.Words,
	}
	for _, k := range slices.Concat(inMenu, []alarm.Kind{alarm.LowSoon, alarm.StillHigh, alarm.SecondRise, alarm.NeedsYou}) {
		out.Sounds = append(out.Sounds, tray.Sound{Kind: string(k), Label: k.Label(), On: set.Sound(k) != settings.SoundNone})
	}
	return out
}

// logText tells one alarm of the past: "Low 3.7: first; seen".
func logText(r alarm.Record, u glucose.Unit) string {
	what := r.Kind.Label()
	if r.Limit != glucose.LimitNone || r.Value > 0 {
		what += " " + glucose.Reading{Value: r.Value, Limit: r.Limit}.Number(u)
	}
	text := lang.F("%s: %s", what, r.Reason.Words())
	switch {
	case r.Delivery != "" && r.Delivery != alarm.DeliveryOK:
		text += "; " + lang.T("could not be shown")
	case r.Answer != "":
		text += "; " + r.AnswerWords()
	}
	return text
}
