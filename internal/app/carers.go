package app

import (
	"slices"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/page"
	"github.com/llutray/llutray/internal/tray"
)

// offUntil is the hour of the wall clock at which a hand-over ends when nobody
// says otherwise: the end of the night.
const offUntil = nightTo

// dutyEnd is when a hand-over of that length ends; of 0, when the night does.
// It is cut to a day.
func dutyEnd(now time.Time, d time.Duration) time.Time {
	end := now.Add(min(d, alarm.LongestOff))
	if d == 0 {
		y, m, day := now.Date()
		end = time.Date(y, m, day, offUntil, 0, 0, 0, now.Location())
		if !end.After(now) {
			end = time.Date(y, m, day+1, offUntil, 0, 0, 0, now.Location())
		}
		if latest := now.Add(alarm.LongestOff); end.After(latest) {
			end = latest
		}
	}
	return end
}

// dutyCommand hands over to another carer, or takes the duty back: for
// everybody unless somebody is named.
func (a *App) dutyCommand(now time.Time, r Request) (string, error) {
	if r.For < 0 || r.For > alarm.LongestOff || r.For > 0 && r.For < time.Minute {
		return "", lang.E("you can be off duty for 1 min to 24 h; say it again then")
	}
	who := r.Person
	if who == "" {
		who = Everybody
	}
	people, err := a.meant(now, who, alarm.UrgentLow, false)
	if err != nil {
		return "", err
	}
	of := ""
	if len(people) == 1 && a.state.several() {
		of = people[0].name()
	}
	end := time.Time{}
	if r.Command == "off" {
		end = dutyEnd(now.In(a.state.zone), r.For)
	}
	for _, p := range people {
		a.stepOne(p, now, alarm.Input{Duty: &alarm.Duty{Until: end}})
	}
	a.log.Info("handed over", "off", r.Command == "off", "people", len(people))
	switch {
	case r.Command == "on" && of == "":
		return lang.T("You are on duty: all alarms are heard here."), nil
	case r.Command == "on":
		return lang.F("You are on duty for %s: all alarms are heard here.", of), nil
	}
	text := lang.F("You are off duty until %s.", lang.Moment(end, now.In(a.state.zone)))
	if of != "" {
		text = lang.F("You are off duty for %s until %s.", of, lang.Moment(end, now.In(a.state.zone)))
	}
	text += " " + people[0].off(end).StillHeard()
	if len(a.relays.rules) > 0 {
		text += " " + lang.T("Its relays carry no more than that either: whoever is told by them alone hears nothing else.")
	}
	return text, nil
}

// off tells that another carer is on for this person, and what is left.
func (p *person) off(until time.Time) tray.OffDuty {
	rule := p.set.Alarms().OffDuty
	return tray.OffDuty{Person: p.who.ID, Until: until, UrgentLow: rule.UrgentLow, NoData: rule.NoData}
}

// tellCommand asks to be told once, or takes that back. Kind is "above 8.0",
// "below 6.0", or "8.0" for the side on which the value is not; of untell it
// may also be "", for both.
func (a *App) tellCommand(now time.Time, r Request) (string, error) {
	back := r.Command == "untell"
	people, err := a.meant(now, r.Person, alarm.Once, back)
	if err != nil {
		return "", err
	}
	direction, number, found := strings.Cut(r.Kind, " ")
	if !found && direction != "above" && direction != "below" {
		direction, number = "", r.Kind
	}
	if direction != "" && direction != "above" && direction != "below" {
		return "", lang.E("say above or below")
	}
	if back {
		for _, p := range people {
			for _, above := range []bool{true, false} {
				if direction == "" || above == (direction == "above") {
					a.stepOne(p, now, alarm.Input{Passings: []alarm.Passing{{Above: above}}})
				}
			}
		}
		return lang.T("Taken back."), nil
	}
	var out []string
	for _, p := range people {
		limit, err := p.set.Unit.Parse(number)
		if err != nil {
			return "", err
		}
		text, err := a.tellOnce(now, p, direction, limit)
		if err != nil {
			return "", err
		}
		out = append(out, text)
	}
	return strings.Join(out, " "), nil
}

func (a *App) tellOnce(now time.Time, p *person, direction string, limit glucose.MgDL) (string, error) {
	u := p.set.Unit
	if limit < alarm.PassingLeast || limit > alarm.PassingMost {
		return "", lang.E("llutray can tell when a value passes %s to %s %s", u.Format(alarm.PassingLeast), u.Format(alarm.PassingMost), u)
	}
	r, ok := newestLive(p.readings)
	known := ok && !r.Stale(now, p.cadence())
	if direction == "" {
		if !known {
			return "", lang.E("there is no current value; say whether it is to rise above that or to fall below it")
		}
		direction = "above"
		if r.Value > limit {
			direction = "below"
		}
	}
	wish := alarm.Passing{Above: direction == "above", Limit: limit}
	a.stepOne(p, now, alarm.Input{Passings: []alarm.Passing{wish}})
	until := lang.Moment(now.Add(alarm.PassingFor), now.In(a.state.zone))
	text := lang.F("You will be told once when the value %s, until %s.", wish.Words(u), until)
	if a.state.several() {
		text = lang.F("You will be told once when %s %s, until %s.", p.name(), wish.Words(u), until)
	}
	if known && (wish.Above && r.Value > limit || !wish.Above && r.Value < limit) {
		text += " " + lang.T("It is there now, so it must come back first.")
	}
	return text, nil
}

// actCarer does what a carer chose in the menu.
func (a *App) actCarer(now time.Time, act tray.Action) {
	r := Request{Person: act.Person, Kind: act.Key, For: act.For}
	switch act.Kind {
	case tray.GoOff:
		r.Command = "off"
	case tray.GoOn:
		r.Command = "on"
	case tray.Untell:
		r.Command = "untell"
	default:
		if p := a.state.people[act.Person]; p != nil && p.followed() {
			_, _ = a.tellOnce(now, p, act.Key, act.Value) // the menu offers what is allowed
		}
		return
	}
	var err error
	if r.Command == "untell" {
		_, err = a.tellCommand(now, r)
	} else {
		_, err = a.dutyCommand(now, r)
	}
	if err != nil {
		a.log.Warn("the wish of the menu was not possible", "err", err)
	}
}

func (p *person) offUntil(now time.Time) time.Time {
	if p.engine == nil {
		return time.Time{}
	}
	return p.engine.OffUntil(now)
}

// offDuty is for whom another carer is on; one row when it is everybody.
func (s *state) offDuty(now time.Time) (out []tray.OffDuty) {
	people := s.followed()
	for _, p := range people {
		if until := p.offUntil(now); !until.IsZero() {
			row := p.off(until.In(s.zone))
			row.Name = s.byName(p)
			out = append(out, row)
		}
	}
	same := func(o tray.OffDuty) bool {
		return o.Until.Equal(out[0].Until) && o.UrgentLow == out[0].UrgentLow && o.NoData == out[0].NoData
	}
	if len(out) > 1 && len(out) == len(people) && !slices.ContainsFunc(out, func(o tray.OffDuty) bool { return !same(o) }) {
		out = out[:1]
		out[0].Person, out[0].Name = "", ""
	}
	return out
}

// passings are the wishes to be told once, of everybody.
func (s *state) passings(now time.Time) (out []tray.Passing) {
	for _, p := range s.followed() {
		if p.engine == nil {
			continue
		}
		for _, w := range p.engine.Passings(now) {
			row := tray.Passing{Person: p.who.ID, Name: s.byName(p), Key: "below", Text: w.Words(p.set.Unit), Until: w.Until.In(s.zone)}
			if w.Above {
				row.Key = "above"
			}
			out = append(out, row)
		}
	}
	return out
}

// viewCarers fills in what carers see.
func (s *state) viewCarers(v *tray.View, now time.Time) {
	v.OffDuty, v.Passings = s.offDuty(now), s.passings(now)
	v.OffNext = dutyEnd(now, 0)
	if p := s.shown(); p != nil && p.followed() {
		v.Tellable = &tray.Tellable{Person: p.who.ID, Name: s.byName(p)}
	}
	if v.Bedtime != "" && len(v.OffDuty) > 0 {
		v.Bedtime = tray.OffText(v.OffDuty[0], now) + " " + v.Bedtime
	}
}

// offDutyText is the same in a line for the check. The name is whole there, so
// that a report can leave it out.
func (s *state) offDutyText(now time.Time) string {
	var out []string
	for _, o := range s.offDuty(now) {
		who := ""
		if o.Name != "" {
			who, o.Name = o.Name+": ", ""
		}
		out = append(out, who+tray.OffText(o, now.In(s.zone)))
	}
	return strings.Join(out, " ")
}

// pageCarers is the same for the page; what is over between two views is left
// out.
func pageCarers(s *page.State, v tray.View, now time.Time) {
	s.OffNext = v.OffNext.UTC()
	for _, o := range v.OffDuty {
		if now.Before(o.Until) {
			s.OffDuty = append(s.OffDuty, page.OffDuty{Who: o.Person, Name: o.Name, Until: o.Until.UTC(), Text: tray.OffText(o, now)})
		}
	}
	for _, p := range v.Passings {
		if now.Before(p.Until) {
			s.Passings = append(s.Passings, page.Passing{Who: p.Person, Name: p.Name, Key: p.Key, Text: p.Text, Until: p.Until.UTC()})
		}
	}
}
