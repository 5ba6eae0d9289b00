package alarm

import (
	"time"

	"github.com/llutray/llutray/internal/lang"
)

// answerBound is how long the outcome of a delivery is waited for. Silence
// counts as failure: a desktop that hangs shows nothing.
const answerBound = 30 * time.Second

// retryAfter is the pause after each failed delivery; the last one stays.
var retryAfter = [...]time.Duration{5 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute}

// outcomes records what became of earlier messages.
func (s *step) outcomes() {
	for _, out := range s.in.Delivered {
		for _, ep := range s.m.Episodes {
			p := ep.Pending
			if p == nil || p.ID != out.ID {
				continue
			}
			switch {
			case out.Err == "":
				// Even when it comes late and is being tried again.
				s.arrivedAt(ep)
			case p.underWay():
				s.failed(ep, out.Err)
			}
			break
		}
	}
}

// arrivedAt records that the pending message of an episode was delivered, or
// that the user has plainly seen it.
func (s *step) arrivedAt(ep *episode) {
	p := ep.Pending
	ep.Pending, ep.Silent, ep.Shown = nil, "", true
	ep.SaidAt = p.Mark
	ep.Said++
	if ep.Kind.trait().side == lowSide {
		s.m.LowSaid, s.m.Recheck = p.Mark, treatment{}
	}
	ep.Stage = max(ep.Stage, p.Stage)
	if ep.Kind == NoData {
		if p.Final {
			s.m.GaveUp = true
			return
		}
		if ep.Loud {
			ep.Repeats++
		}
		ep.Loud = ep.Loud || p.Loud
		return
	}
	// Who heard the urgent low has heard of the low.
	for _, o := range s.m.Episodes {
		if o != ep && ep.Kind.covers(o.Kind) && !s.ownClock(o, p.Mark) {
			o.dropPending()
			o.SaidAt, o.Silent = p.Mark, ""
			o.Said++
		}
	}
}

// dropPending gives up a message; one that is under way may still appear.
func (ep *episode) dropPending() {
	ep.Shown = ep.Shown || ep.Pending.underWay()
	ep.Pending = nil
}

func (s *step) failed(ep *episode, err string) {
	p := ep.Pending
	p.RetryAt = s.now.UTC().Add(retryAfter[min(p.Failed, len(retryAfter)-1)])
	p.Failed++
	p.Err = err
	s.silent(ep, Undelivered)
}

// awaited clears the way for an episode among the pending messages of its
// side. It reports whether a worse message is still under way that would
// stand in for this one.
func (s *step) awaited(ep *episode) bool {
	for _, o := range s.m.Episodes {
		if o == ep || o.Pending == nil || o.Kind.trait().side != ep.Kind.trait().side {
			continue
		}
		if o.Kind.covers(ep.Kind) && o.Pending.underWay() {
			return true
		}
		o.dropPending() // milder, or worse and no longer true
	}
	return false
}

// tryAnew makes what had not arrived before a restart due at once, and soon again:
// nobody will tell what became of it, and the desktop may be well by now, or
// about to be.
func (s *step) tryAnew() {
	if !s.m.Restored {
		return
	}
	s.m.Restored = false
	for _, ep := range s.m.Episodes {
		if p := ep.Pending; p != nil {
			ep.Shown = ep.Shown || p.underWay()
			p.RetryAt, p.Failed = s.now.UTC(), 0
		}
	}
}

// retry sends again what did not arrive, as long as it is still true. What is
// not gives way to what is: an urgent low that nobody heard of may be a low by now.
func (s *step) retry() {
	untrue := false
	for _, ep := range s.m.Episodes {
		p := ep.Pending
		if p.underWay() && !s.now.Before(p.SentAt.Add(answerBound)) {
			ep.Shown = true // for all we know
			s.failed(ep, lang.Mark("the desktop did not answer"))
		}
		if p == nil || p.underWay() || s.now.Before(p.RetryAt) {
			continue
		}
		if ep.Kind == NeedsYou && (s.in.Fault == nil || s.in.Fault.Kind != ep.Fault) {
			continue // hidden behind another fault
		}
		if ep.Kind.byValue() || ep.Kind == Once {
			if !ep.Back.IsZero() {
				ep.Pending, untrue = nil, true
				continue
			}
			if !s.fresh() {
				continue // with the next reading, or no data takes over
			}
			p.Mark = s.m.Last.Time
		} else {
			p.Mark = s.now.UTC()
		}
		if why, say := s.allowed(ep.Kind, p.Reason); !say {
			ep.Pending = nil
			s.silent(ep, why)
			continue
		}
		p.SentAt, p.RetryAt = s.now.UTC(), time.Time{}
		d := s.decide(ep, Undelivered)
		d.ID, d.Say, d.Loud, d.Final = p.ID, true, p.Loud, p.Final
		s.escalate(ep, &d)
		s.out = append(s.out, d)
	}
	if untrue && s.fresh() {
		s.speak()
	}
}
