package alarm

import (
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

const (
	// standsIn is how old a low soon may be, by readings, to stand in for the
	// low it told of.
	standsIn = 15 * time.Minute
	// soonRests is the time after the last message on the low side before a
	// low soon may be said anew without the value having risen to soonClear.
	soonRests = 30 * time.Minute
	// owedAfter is when a low is said at last that a low soon stood in for.
	owedAfter = 30 * time.Minute

	soonClear glucose.MgDL = 10 // above the low limit: the low is not near any more
)

// judgeSoon updates low soon with the last reading, after the levels were.
func (s *step) judgeSoon(p point, gap bool) {
	ep := s.find(LowSoon)
	if gap {
		if ep != nil {
			s.end(ep)
			ep = nil
		}
		s.m.SoonRest = false
	}
	if p.Value < s.cfg.Low.Limit {
		s.m.SoonRest = true
		if ep != nil {
			s.cameTrue(ep, p)
		}
		return
	}
	calm := p.Value >= s.cfg.Low.Limit+soonClear || !s.m.sinking()
	if l := s.find(Low); l != nil && l.Said == 0 && !l.Owed.IsZero() && calm && p.Time.Sub(l.Owed) >= soonRests {
		s.end(l) // the low was never said: it ends as the low soon would have
	}
	if s.find(Low) != nil || s.find(UrgentLow) != nil {
		return
	}
	if ep != nil && calm && p.Time.Sub(ep.soonSince()) >= soonRests {
		s.end(ep)
		ep = nil
	}
	if s.m.SoonRest && (p.Value >= s.cfg.Low.Limit+soonClear || calm && p.Time.Sub(s.m.LowSaid) >= soonRests) {
		s.m.SoonRest = false
	}
	if ep == nil {
		if !s.cfg.LowSoon.On || s.m.SoonRest || !s.lowAhead() {
			return
		}
		ep = &episode{Kind: LowSoon, Since: p.Time, Due: true}
		s.m.Episodes = append(s.m.Episodes, ep)
	}
	if s.m.steady() && ep.Pending != nil && !ep.Pending.underWay() {
		ep.dropPending() // could not be shown, and is no longer true
	}
	s.speakSoon()
}

// soonSince is when a low soon was said, or could have been.
func (ep *episode) soonSince() time.Time {
	if ep.Said > 0 {
		return ep.SaidAt
	}
	return ep.Since
}

func (s *step) lowAhead() bool {
	return s.m.lowAhead(s.pace, s.cfg.Low.Limit, s.cfg.UrgentLow.Limit)
}

// speakSoon says a low soon once, if it is so with the last reading.
func (s *step) speakSoon() {
	ep := s.find(LowSoon)
	if ep == nil || ep.Said > 0 || ep.Pending != nil || !s.lowAhead() || s.awaited(ep) {
		return
	}
	if why, say := s.allowed(LowSoon, First); !say {
		s.silent(ep, why)
		return
	}
	s.say(ep, First, pending{Mark: s.m.Last.Time, Loud: s.cfg.LowSoon.Loud})
}

// cameTrue ends a low soon with the first reading below the limit. If somebody
// has just answered it, the low has been heard of and is owed. A low soon that
// did not arrive, that nobody reacted to or that was only snoozed stands in
// for nothing.
func (s *step) cameTrue(ep *episode, p point) {
	age := p.Time.Sub(ep.SaidAt)
	heard := ep.Said > 0 && !ep.Answered.IsZero() && !s.snoozed(LowSoon)
	if l := s.find(Low); l != nil && l.Said == 0 && heard && age >= 0 && age < standsIn-slack {
		l.Owed = ep.SaidAt
	}
	s.end(ep)
}

// owed decides about a low that a low soon stands in for: it is said half an
// hour after that if it is still low and not rising, and an hour after it in
// any case.
func (s *step) owed(l *level, ep *episode, at time.Time) (Reason, bool) {
	since := at.Sub(ep.Owed)
	switch {
	case since >= 0 && since < min(l.Repeat, owedAfter)-slack:
		return Covered, false
	case since >= 0 && since < l.AtLatest-slack && s.better(l):
		return l.better, false
	}
	return First, true
}
