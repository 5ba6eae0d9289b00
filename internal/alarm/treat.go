package alarm

import (
	"slices"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

const (
	// treatedFor is how long sugar is given to work, by the rule of 15 that
	// people with diabetes are taught: 15 g, then look again after 15 min.
	treatedFor = 15 * time.Minute
	// mustRise is what it must have brought by then.
	mustRise glucose.MgDL = 4
)

// treatment is what was known when a low was answered with Treated.
type treatment struct {
	At      time.Time    `json:"at"`      // by the clock
	Reading time.Time    `json:"reading"` // the reading it was about, and
	Value   glucose.MgDL `json:"value"`   // its value
}

// treated asks for the quiet of a treated low. It is a snooze of the low, so
// it never reaches the urgent low, and ends with what stands. Without a low
// nothing is asked for: what is coming later must be heard.
func (s *step) treated(a Answer) {
	k := a.Alarm
	if k == "" {
		k = UrgentLow // whatever stands on that side
	}
	if k.trait().side != lowSide || s.m.Last.Time.IsZero() {
		return
	}
	stands := false
	for _, ep := range s.m.Episodes {
		stands = stands || ep.Due && ep.Kind.trait().side == lowSide
	}
	if !stands {
		return
	}
	s.m.Snoozes = slices.DeleteFunc(s.m.Snoozes, func(z snooze) bool { return z.Kind == Low })
	s.m.Recheck = treatment{}
	p := pointOf(s.m.Last)
	s.m.Snoozes = append(s.m.Snoozes, snooze{
		Kind: Low, Until: s.now.UTC().Add(treatedFor), Bound: true,
		Treated: treatment{s.now.UTC(), p.Time, p.Value},
	})
	s.seen(k)
}

// untreated ends the quiet of a treated low when nothing low stands any more:
// the next low is another one.
func (s *step) untreated() {
	for _, ep := range s.m.Episodes {
		if ep.Kind.trait().side == lowSide {
			return
		}
	}
	s.m.Recheck = treatment{}
	s.m.Snoozes = slices.DeleteFunc(s.m.Snoozes, func(z snooze) bool { return z.treated() })
}

// looksAgain remembers that the quiet of a treated low is over: the next
// reading tells whether it helped.
func (s *step) looksAgain() {
	for _, z := range s.m.Snoozes {
		if z.treated() && !z.Until.After(s.now) {
			s.m.Recheck = z.Treated
		}
	}
}

// failedTreatment reports whether the low was treated and has not risen
// enough since.
func (s *step) failedTreatment(ep *episode) bool {
	if ep.Kind != Low || s.m.Recheck.At.IsZero() || !s.m.Last.Time.After(s.m.Recheck.Reading) {
		return false
	}
	if pointOf(s.m.Last).Value-s.m.Recheck.Value >= mustRise {
		s.m.Recheck = treatment{} // it helped; the usual repeats are in force
		return false
	}
	return true
}

// treatedUntil is when the quiet of a treated low ends; zero for none.
func (e *Engine) treatedUntil(now time.Time) time.Time {
	for _, z := range e.m.Snoozes {
		if z.treated() && z.Until.After(now) {
			return z.Until
		}
	}
	return time.Time{}
}

func (z snooze) treated() bool { return !z.Treated.At.IsZero() }

// aboutLow adds what a decision tells about the low side only.
func (s *step) aboutLow(d *Decision, ep *episode) {
	switch {
	case ep.Kind == LowSoon:
		d.Limit = s.cfg.Low.Limit
	case s.failedTreatment(ep):
		d.Treated = s.m.Recheck.At
	}
}
