package alarm

import "time"

// stillGap is how long readings may be missing in a stretch above the high
// limit. The high itself is armed again after a much shorter gap and said at
// once; but a night with holes must not reset the hours for ever.
const stillGap = time.Hour

// stillLevel is the stretch as a level: it ends as the high does, so that a
// value about the limit neither restarts the hours nor counts as high again.
func (s *step) stillLevel() level {
	return level{LevelRule: LevelRule{Limit: s.hours.high}, kind: StillHigh, side: highSide, margin: 10}
}

// stretch follows how long the value has been above the high limit; before is
// the time of the reading before, zero for none. It knows nothing of the
// slope, nor of how the stretch began.
func (s *step) stretch(p point, before time.Time) {
	if !s.cfg.StillHigh.On {
		return
	}
	l, ep := s.stillLevel(), s.find(StillHigh)
	if ep != nil && !before.IsZero() && p.Time.Sub(before) > stillGap {
		ep.dropPending()
		*ep = episode{Kind: StillHigh, Since: p.Time, Shown: ep.Shown}
	}
	switch {
	case l.beyond(p.Value, 0):
		if ep == nil {
			ep = &episode{Kind: StillHigh, Since: p.Time}
			s.m.Episodes = append(s.m.Episodes, ep)
		}
		ep.Readings++
		ep.Back, ep.Deep = time.Time{}, false
	case ep == nil:
	case ep.Back.IsZero() && !s.lasted(ep, before):
		s.end(ep) // one high reading is no stretch
	case s.over(&l, ep, p):
		s.end(ep)
	}
}

// lasted reports whether a stretch was long enough for a high to be said.
func (s *step) lasted(ep *episode, last time.Time) bool {
	return ep.Readings >= 2 && last.Sub(ep.Since)+s.pace >= s.cfg.High.Hold-slack
}

// stillDue reports whether the value is high now and has been, or has not been
// told, for the time set.
func (s *step) stillDue() bool {
	ep := s.find(StillHigh)
	if ep == nil || !ep.Back.IsZero() {
		return false
	}
	return !s.ownClock(ep, s.m.Last.Time)
}

// ownClock reports whether an episode is a still high that was not due yet at
// that time: an urgent high that is heard every hour does not put it off. One
// that is heard when both are due stands in for it.
func (s *step) ownClock(ep *episode, at time.Time) bool {
	from := ep.Since
	if ep.SaidAt.After(from) {
		from = ep.SaidAt
	}
	return ep.Kind == StillHigh && at.Sub(from) < s.cfg.StillHigh.After-slack
}

// sayStill says that it is still high, in place of the high.
func (s *step) sayStill() {
	ep := s.find(StillHigh)
	ep.Due = true
	if ep.Pending != nil || !s.room(ep) {
		return
	}
	why := First
	if ep.Said > 0 {
		why = Repeat
	}
	if why, say := s.allowed(StillHigh, why); !say {
		s.silent(ep, why)
		return
	}
	s.say(ep, why, pending{Mark: s.m.Last.Time, Loud: s.cfg.StillHigh.Loud})
}

// room reports whether the message of an episode that goes by other rules
// than the levels may be sent: not beside a worse one of its side that is on
// its way. Milder ones give way.
func (s *step) room(ep *episode) bool {
	for _, o := range s.m.Episodes {
		if o != ep && o.Pending != nil && o.Kind.covers(ep.Kind) {
			return false
		}
	}
	for _, o := range s.m.Episodes {
		if o != ep && o.Pending != nil && ep.Kind.covers(o.Kind) {
			o.dropPending()
		}
	}
	return true
}
