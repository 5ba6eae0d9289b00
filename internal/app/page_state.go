package app

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/page"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/tray"
)

// glance is what can be answered and held back of everybody's alarms: the page
// has room for more of it than the menu.
type glance struct {
	section   string      // of the person shown, in the settings
	worst     *page.Alarm // that waits for an answer
	alarms    []page.Alarm
	snoozes   []page.Snooze
	snoozable []page.Snoozable
	accounts  []page.Account // of several
}

// glance lists everybody in the user's order and not by urgency: a row must
// not move away under a finger that wants to answer for one child, and does
// for the other.
func (s *state) glance(now time.Time) (g glance) {
	now = now.In(s.zone)
	g.accounts = s.pageAccounts()
	if p := s.shown(); p != nil {
		g.section = s.settings.Personal(p.who.ID).Section
	}
	for _, p := range s.followed() {
		if p.engine == nil {
			continue
		}
		waiting := s.pageAlarms(p, now)
		g.alarms = append(g.alarms, waiting...)
		name := s.byName(p)
		for _, z := range p.engine.Snoozes(now) {
			g.snoozes = append(g.snoozes, page.Snooze{Who: p.who.ID, Name: name, Kind: string(z.Kind), Label: z.Kind.Label(), Until: z.Until.UTC()})
		}
		for _, k := range inMenu {
			row := page.Snoozable{Who: p.who.ID, Name: name, Kind: string(k), Label: k.Label(), Minutes: []int{}}
			for _, d := range k.SnoozeLengths() {
				row.Minutes = append(row.Minutes, int(d/time.Minute))
			}
			g.snoozable = append(g.snoozable, row)
		}
	}
	if people := s.byUrgency(now); len(people) > 0 {
		if waiting := s.pageAlarms(people[0], now); len(waiting) > 0 && waiting[0].Label != "" {
			g.worst = &waiting[0]
		}
	}
	return g
}

func (s *state) pageAccounts() (out []page.Account) {
	if len(s.accounts) == 1 {
		return nil
	}
	for _, a := range s.accounts {
		row := page.Account{Name: a.call(), People: []string{}, SignedIn: !a.absent()}
		for _, p := range s.ordered() {
			if p.shares[a] != nil {
				row.People = append(row.People, p.name())
			}
		}
		if a.common() && row.SignedIn {
			row.Trouble = a.fault.Message
		}
		out = append(out, row)
	}
	return out
}

// pageAlarms are a person's alarms that wait for an answer, the worst first;
// or else a low that is answered and may still be treated, without a label.
func (s *state) pageAlarms(p *person, now time.Time) (out []page.Alarm) {
	treatable := p.treatable(now)
	for _, e := range s.unanswered(p, now) {
		name := s.byName(p)
		if concerned := s.concerned(p, e.Kind, now); concerned != nil {
			name = s.callAll(concerned, "Everyone")
		}
		out = append(out, page.Alarm{Who: p.who.ID, Name: name, Kind: string(e.Kind), Label: e.Kind.Label(), Treatable: treatable})
	}
	if treatable && len(out) == 0 {
		out = append(out, page.Alarm{Who: p.who.ID, Name: s.byName(p), Kind: string(alarm.Low), Treatable: true})
	}
	return out
}

// State is the view of the loop as the page shows it, at the present moment:
// between two views only the age grows.
func (p *Page) State() page.State {
	p.mu.Lock()
	v, g := p.view, p.alarms
	p.mu.Unlock()
	now := p.opt.Clock.Now()
	if !v.Now.IsZero() {
		now = now.In(v.Now.Location())
	}
	s := pageState(v, g, now)
	s.Speed = max(1, p.opt.Speed)
	return s
}

func pageState(v tray.View, g glance, now time.Time) page.State {
	s := page.State{
		Schema: 1, Now: now.UTC(), Zone: zoneName(now), Version: v.Version, Demo: v.Demo, Unit: string(v.Unit),
		Limits: page.Limits{
			UrgentLow: int(v.Limits.UrgentLow), Low: int(v.Limits.Low), High: int(v.Limits.High), UrgentHigh: int(v.Limits.UrgentHigh),
		},
		AlarmLimits: page.AlarmLimits{UrgentLow: int(v.Settings.UrgentLow), Low: int(v.Settings.Low)},
		People:      []page.Row{},
		Fault:       pageFault(v.Fault), Trouble: v.Undelivered, Today: pageToday(v.Today, v.Unit), Night: v.Night, Bedtime: v.Bedtime,
		Alarms: []page.Alarm{}, Snoozes: []page.Snooze{}, Snoozable: []page.Snoozable{},
		OffDuty: []page.OffDuty{}, Passings: []page.Passing{},
		SignedIn: v.Fault == nil || v.Fault.Kind != glucose.SignedOut, Autostart: v.Settings.Autostart,
		Discreet: v.Settings.Icon == settings.LookDiscreet,
		Spoken:   lang.T("no value yet"),
		Here:     now, Measure: v.Unit, Ranges: v.Limits,
	}
	if v.Settings.HighOn {
		s.AlarmLimits.High = int(v.Settings.High)
	}
	for _, p := range v.People {
		row := page.Row{ID: p.ID, Name: p.Name, Chosen: p.Chosen}
		if p.Reading != nil && !p.Stale {
			row.Text = p.Reading.Text(v.Unit)
		}
		s.People = append(s.People, row)
		if p.Chosen {
			s.Person = &page.Person{ID: p.ID, Name: v.Person, Section: g.section}
		}
	}
	if v.Reading != nil {
		setReading(&s, *v.Reading, v, now)
	}
	s.Alarm, s.Alarms = g.worst, append(s.Alarms, g.alarms...)
	for _, x := range g.snoozes {
		if now.Before(x.Until) {
			s.Snoozes = append(s.Snoozes, x)
		}
	}
	s.Snoozable = append(s.Snoozable, g.snoozable...)
	if s.Accounts = g.accounts; len(s.Accounts) > 0 {
		s.SignedIn = slices.ContainsFunc(s.Accounts, func(a page.Account) bool { return a.SignedIn })
	}
	pageCarers(&s, v, now)
	return s
}

// setReading shows the newest value with what depends on its age.
func setReading(s *page.State, r glucose.Reading, v tray.View, now time.Time) {
	stale := v.Stale || !now.Before(v.StaleAt)
	age := r.Age(now)
	seconds, staleAt := int64(age/time.Second), v.StaleAt.UTC()
	rng := v.Limits.Of(r)
	s.AgeSeconds, s.StaleAt = &seconds, &staleAt
	s.Reading = &page.Reading{
		Time: r.Time.UTC(), MgDL: int(r.Value), Text: r.Number(v.Unit), Arrow: r.Trend.Arrow(),
		Trend: r.Trend.String(), TrendWords: r.Trend.Words(), Range: rng.String(), RangeWords: rng.Words(), Stale: stale,
	}
	if stale {
		// An arrow beside an old number would be believed.
		s.Reading.Arrow = ""
		s.Spoken = lang.F("no current value; the last was %s, %s", r.Number(v.Unit), lang.FullAgo(age))
		for i := range s.People {
			if s.People[i].Chosen {
				s.People[i].Text = ""
			}
		}
		return
	}
	if v.Delta != nil {
		s.Delta = &page.Delta{Text: v.Unit.FormatDifference(v.Delta.Change), Minutes: v.Delta.Minutes}
	}
	s.Spoken = strings.Join([]string{spokenNumber(r, v.Unit), r.Trend.Words(), rng.Words(), lang.FullAgo(age)}, ", ")
}

func spokenNumber(r glucose.Reading, u glucose.Unit) string {
	switch {
	case r.Limit == glucose.LimitLow:
		return lang.T("below what the sensor can measure")
	case r.Limit == glucose.LimitHigh:
		return lang.T("above what the sensor can measure")
	case u == glucose.MmolPerL:
		return u.Format(r.Value) + " " + lang.T("millimoles per litre")
	}
	return u.Format(r.Value) + " " + lang.T("milligrams per decilitre")
}

func pageFault(f *glucose.Fault) *page.Fault {
	if f == nil {
		return nil
	}
	out := &page.Fault{Kind: string(f.Kind), Since: f.Since.UTC(), Message: f.Message, Hint: f.Hint, Action: "none", Account: f.Account}
	switch f.Kind {
	case glucose.SignedOut, glucose.WrongPassword, glucose.Terms, glucose.VerifyEmail:
		out.Action = "sign_in"
	}
	return out
}

func pageToday(t tray.Today, u glucose.Unit) page.Today {
	if !t.Known {
		return page.Today{}
	}
	return page.Today{
		Known: true, InRange: t.InRange, Below: t.Below, Above: t.Above, Lowest: u.Format(t.Lowest), Highest: u.Format(t.Highest),
	}
}

// zoneName is the zone in a form that a browser knows. A zone whose name is not
// told is written as its present distance from UTC.
func zoneName(now time.Time) string {
	name := now.Location().String()
	if name == "Local" {
		name = strings.TrimPrefix(os.Getenv("TZ"), ":")
		if name == "" {
			target, _ := filepath.EvalSymlinks("/etc/localtime") // "" on Windows
			_, name, _ = strings.Cut(filepath.ToSlash(target), "/zoneinfo/")
		}
	}
	if _, err := time.LoadLocation(name); err != nil || name == "" {
		return now.Format("-07:00")
	}
	return name
}
