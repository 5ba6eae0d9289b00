package app

import (
	"cmp"
	"slices"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/settings"
)

// turn is how long each has the icon: long enough to read a name in the
// tooltip or label, short enough to wait for.
const turn = 10 * time.Second

func untilTurn(now time.Time) time.Duration { return now.Truncate(turn).Add(turn).Sub(now) }

func (s *state) takingTurns() bool {
	return s.settings.Display.Icon == settings.IconTurns && len(s.followed()) > 1
}

// onIcon is whom the icon shows; nil for the person of the menu.
func (s *state) onIcon(now time.Time) *person {
	people := s.followed()
	if len(people) < 2 || s.settings.Display.Icon == settings.IconChosen {
		return nil
	}
	worst := s.byUrgency(now)[0]
	if s.takingTurns() && len(s.unanswered(worst, now)) == 0 {
		return people[now.Unix()/int64(turn/time.Second)%int64(len(people))]
	}
	return worst // also while turns are taken: an alarm keeps the icon until it is answered
}

// byUrgency are all who are followed, the most urgent first: by alarms that
// wait for an answer, then by alarms and present values; among equals the
// person of the menu, then in their order.
func (s *state) byUrgency(now time.Time) []*person {
	out := s.followed()
	type rank struct{ waiting, any int }
	ranks := map[*person]rank{}
	for _, p := range out {
		r := rank{calm, rangeRank(p, now)}
		for _, e := range s.unanswered(p, now) {
			r.waiting = min(r.waiting, slices.Index(alarm.Kinds(), e.Kind))
		}
		if p.engine != nil {
			for _, e := range p.engine.Standing(now) {
				r.any = min(r.any, slices.Index(alarm.Kinds(), e.Kind))
			}
		}
		ranks[p] = r
	}
	first := func(p *person) int {
		if p.who.ID == s.chosen {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(out, func(a, b *person) int {
		x, y := ranks[a], ranks[b]
		return cmp.Or(cmp.Compare(x.waiting, y.waiting), cmp.Compare(x.any, y.any), cmp.Compare(first(a), first(b)))
	})
	return out
}

// calm is the rank of nothing to worry about.
const calm = 100

// rangeRank is the rank of the alarm that the present value would be. A value
// of the past has none.
func rangeRank(p *person, now time.Time) int {
	r, ok := p.newest()
	if !ok || r.Stale(now, p.cadence()) {
		return calm
	}
	kind := map[glucose.Range]alarm.Kind{
		glucose.UrgentLow: alarm.UrgentLow, glucose.Low: alarm.Low,
		glucose.UrgentHigh: alarm.UrgentHigh, glucose.High: alarm.High,
	}[p.set.Ranges().Of(r)]
	if i := slices.Index(alarm.Kinds(), kind); i >= 0 {
		return i
	}
	return calm
}
