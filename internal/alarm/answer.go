package alarm

import (
	"slices"
	"time"
)

// answers applies what the user said.
func (s *step) answers() {
	for _, a := range s.in.Answers {
		switch a.Kind {
		case Seen:
			s.seen(a.Alarm)
		case SnoozeFor:
			s.snooze(a)
		case Treated:
			s.treated(a)
		case TakeBack:
			for i := range s.m.Snoozes {
				if z := &s.m.Snoozes[i]; a.Alarm == "" || z.Kind == a.Alarm {
					z.Until, z.Treated = s.now.UTC(), treatment{} // over; expireSnoozes does the rest
				}
			}
		}
	}
}

// seen marks what stands as answered. Seen on a low says nothing about the
// urgent low it has become in the meantime.
func (s *step) seen(k Kind) {
	for _, ep := range s.m.Episodes {
		if !ep.Due || k != "" && !k.covers(ep.Kind) {
			continue
		}
		ep.Answered = s.now.UTC()
		// Seen elsewhere, in the tray: no need to try that message again.
		if ep.Pending != nil {
			s.arrivedAt(ep)
		}
	}
}

func (s *step) snooze(a Answer) {
	kinds := []Kind{a.Alarm}
	if a.Alarm == "" {
		kinds = nil
		for _, st := range s.Standing(s.now) {
			kinds = append(kinds, st.Kind)
		}
	}
	for _, k := range kinds {
		d := min(a.For, s.longestSnooze(k))
		if d <= 0 {
			continue
		}
		s.m.Snoozes = slices.DeleteFunc(s.m.Snoozes, func(z snooze) bool { return z.Kind == k })
		ep := s.find(k)
		// Said for another person first, no data may not be due here yet.
		bound := ep != nil && ep.Due || k == NoData && s.in.Elsewhere.NoData
		s.m.Snoozes = append(s.m.Snoozes, snooze{Kind: k, Until: s.now.UTC().Add(d), Bound: bound})
		s.seen(k)
	}
}

// snoozed reports whether the user asked for silence about this kind: by a
// snooze of it or of a worse one on its side, never of a milder one.
func (s *step) snoozed(k Kind) bool {
	return slices.ContainsFunc(s.m.Snoozes, func(z snooze) bool {
		return z.Until.After(s.now) && z.Kind.covers(k) &&
			(k != StillHigh || z.Until.Sub(s.now) <= s.cfg.StillHigh.After)
	})
}

// longestSnooze is the longest one of this kind under the present settings:
// none that covers still high is longer than that one's own time.
func (e *Engine) longestSnooze(k Kind) time.Duration {
	d := k.longestSnooze()
	if e.cfg.StillHigh.On && k.covers(StillHigh) {
		d = min(d, e.cfg.StillHigh.After)
	}
	return d
}

// allowed decides whether something that is due may be said, in view of what
// the user asked for.
func (s *step) allowed(k Kind, why Reason) (Reason, bool) {
	switch {
	case s.snoozed(k):
		return Snoozed, false
	case s.offDuty(k):
		return OffDuty, false
	case s.quieted(k):
		return Quiet, false
	}
	return why, true
}

// expireSnoozes drops those that are over and reports whether there were any.
func (s *step) expireSnoozes() bool {
	s.looksAgain()
	n := len(s.m.Snoozes)
	s.m.Snoozes = slices.DeleteFunc(s.m.Snoozes, func(z snooze) bool { return !z.Until.After(s.now) })
	return len(s.m.Snoozes) < n
}

// endSnooze ends the snooze that was asked for in an episode of kind k. If a
// milder one goes on, what is left of the time covers that one, and not the
// next urgent low.
func (s *step) endSnooze(k Kind, heir *episode) {
	var rest time.Time
	s.m.Snoozes = slices.DeleteFunc(s.m.Snoozes, func(z snooze) bool {
		over := z.Kind == k && z.Bound
		if over {
			rest = z.Until
		}
		return over
	})
	if rest.IsZero() || heir == nil || !k.covers(heir.Kind) {
		return
	}
	for i := range s.m.Snoozes {
		if z := &s.m.Snoozes[i]; z.Kind == heir.Kind {
			if rest.After(z.Until) {
				z.Until, z.Treated = rest, treatment{}
			}
			return
		}
	}
	s.m.Snoozes = append(s.m.Snoozes, snooze{Kind: heir.Kind, Until: rest, Bound: true})
}
