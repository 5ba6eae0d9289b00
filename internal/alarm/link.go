package alarm

import (
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// maxGrace bounds the silence after a start, whatever a stored state says.
const maxGrace = 10 * time.Minute

// judgeUser decides about needs you: on transition, then every few hours.
func (s *step) judgeUser() {
	ep, f := s.find(NeedsYou), s.in.Fault
	if f == nil || !needsUser(f.Kind) {
		if ep != nil && (f == nil || !unclear(f.Kind)) {
			s.end(ep)
		}
		return
	}
	if !s.cfg.NeedsYou.On || s.in.Elsewhere.NeedsYou && ep == nil {
		return
	}
	if ep == nil {
		ep = &episode{Kind: NeedsYou}
		s.m.Episodes = append(s.m.Episodes, ep)
	}
	if ep.Fault != f.Kind {
		// Something else is asked of the user now: a new episode under the
		// message of the old one.
		ep.dropPending()
		*ep = episode{Kind: NeedsYou, Fault: f.Kind, Since: s.now.UTC(), Due: true, Shown: ep.Shown}
	}
	switch {
	case ep.Pending != nil:
	case s.off():
		s.silent(ep, OffDuty)
	case s.in.Elsewhere.NeedsYou:
		s.silent(ep, Covered)
	case ep.Said == 0:
		s.say(ep, First, pending{Mark: s.now.UTC(), Loud: s.cfg.NeedsYou.Loud})
	case s.now.Sub(ep.SaidAt) >= s.cfg.NeedsYou.Repeat:
		s.say(ep, Repeat, pending{Mark: s.now.UTC(), Loud: s.cfg.NeedsYou.Loud})
	}
}

// needsUser tells which faults are said as needs you. Being signed out is
// not: the user did that, or has not begun yet.
func needsUser(k glucose.FaultKind) bool { return k.NeedsUser() && k != glucose.SignedOut }

// unclear tells which faults hide whether the user still has to act: a
// network that is away for a minute must not make a refused sign-in new.
func unclear(k glucose.FaultKind) bool {
	switch k {
	case glucose.Offline, glucose.ServerError, glucose.Maintenance, glucose.Throttled, glucose.Locked, glucose.Blocked:
		return true
	}
	return false
}

// dataSince is what the age of the data is counted from: the newest reading,
// or the first time anybody waited for one.
func (m *memory) dataSince() time.Time {
	if m.Newest.IsZero() {
		return m.Watching
	}
	return m.Newest
}

// dataTimes are the two times of no data on this feed. What is missing does not
// become less so because the feed is taken for a slower one meanwhile.
func (s *step) dataTimes() (after, loud time.Duration) {
	cadence := s.cadence
	if ep := s.find(NoData); ep != nil && ep.Cadence > 0 {
		cadence = min(cadence, ep.Cadence)
	}
	return s.cfg.NoData.times(cadence)
}

// NoDataAt is when no data is to be said of readings that ended at newest, and
// when loudly, of a feed with that step.
func (c *Config) NoDataAt(newest time.Time, cadence time.Duration) (first, loud time.Time) {
	after, loudAfter := c.NoData.times(cadence)
	return newest.Add(after), newest.Add(loudAfter)
}

func (n *NoDataRule) times(cadence time.Duration) (after, loud time.Duration) {
	if slow(cadence) {
		return n.SlowAfter, n.SlowLoudAfter
	}
	return n.After, n.LoudAfter
}

// judgeData decides about no data, by the clock alone: also while a request
// hangs, fails or is backing off.
func (s *step) judgeData() {
	n, ep := &s.cfg.NoData, s.find(NoData)
	age := s.now.Sub(s.m.dataSince())
	after, loudAfter := s.dataTimes()
	nobody := s.m.Newest.IsZero() && s.in.Fault != nil && s.in.Fault.Kind == glucose.SignedOut
	if age < after || nobody {
		if ep != nil {
			s.end(ep)
		}
		s.m.GaveUp = false
		return
	}
	if !n.On || s.m.GaveUp {
		return
	}
	if ep == nil {
		ep = &episode{Kind: NoData}
		s.m.Episodes = append(s.m.Episodes, ep)
	}
	if s.now.Before(s.m.Quiet) {
		s.silent(ep, Quiet)
		return
	}
	if !ep.Due {
		// Normally now is exactly that much after the newest reading. After a
		// night asleep the hours nobody could hear are not counted.
		ep.Due, ep.Since, ep.Cadence = true, s.now.UTC().Add(-after), s.cadence
	}
	p := pending{Mark: s.now.UTC(), Loud: age >= loudAfter}
	over := !s.now.Before(s.lastWordAt(ep))
	if ep.Pending != nil {
		// A message that cannot be shown gets louder all the same, and is
		// given up when its time is over.
		ep.Pending.Loud = ep.Pending.Loud || p.Loud && !ep.Pending.underWay()
		if over && !ep.Pending.underWay() && !ep.Pending.Final {
			ep.dropPending()
			s.m.GaveUp = true
		}
		return
	}
	why, say := First, true
	switch {
	case over:
		why, p.Final = Still, true
	case ep.Said == 0:
	case p.Loud && !ep.Loud:
		why = Worse
	case s.now.Before(ep.SaidAt.Add(s.dataEvery(ep))):
		return // nothing is due, and a clock that ticks is no news to log
	default:
		why = Repeat
	}
	if e := s.in.Elsewhere; say && (s.userCovers(p.Loud) || e.NoData && (e.Loud || !p.Loud)) {
		why, say = Covered, false
	}
	if say && s.snoozed(NoData) {
		why, say = Snoozed, false
	}
	if say && s.offDuty(NoData) {
		why, say = OffDuty, false
	}
	if !say {
		s.silent(ep, why)
		return
	}
	s.say(ep, why, p)
}

// userCovers reports whether needs you stands in for no data: it has arrived,
// here or elsewhere, and is at least as loud.
func (s *step) userCovers(loud bool) bool {
	ep := s.find(NeedsYou)
	there := s.in.Elsewhere.NeedsYou && s.in.Fault != nil && needsUser(s.in.Fault.Kind) && s.cfg.NeedsYou.On
	return (there || ep != nil && ep.Said > 0) && !s.off() && (s.cfg.NeedsYou.Loud || !loud)
}

// dataEvery is the pause before the next repeat of no data.
func (s *step) dataEvery(ep *episode) time.Duration {
	n := &s.cfg.NoData
	switch ep.Repeats {
	case 0:
		return n.FirstRepeat
	case 1:
		return n.SecondRepeat
	}
	return n.LaterRepeats
}

// lastWordAt is when no data is given up: an answer brings it forward. Who has
// just been told, or has just seen it, is not told again for that.
func (s *step) lastWordAt(ep *episode) time.Time {
	at, rested := ep.Since.Add(s.cfg.NoData.GiveUp), ep.SaidAt.Add(s.cfg.NoData.FirstRepeat)
	if ep.Answered.IsZero() {
		at = ep.Since.Add(s.cfg.NoData.GiveUpUnanswered)
	}
	if rested.After(at) {
		return rested
	}
	return at
}

// wakeForData names the instants at which judgeData may come to another
// decision.
func (s *step) wakeForData(soonest func(time.Time)) {
	if !s.cfg.NoData.On || s.m.GaveUp {
		return
	}
	after, loud := s.dataTimes()
	soonest(s.m.dataSince().Add(after))
	soonest(s.m.dataSince().Add(loud))
	ep := s.find(NoData)
	if ep == nil {
		return
	}
	soonest(s.m.Quiet)
	if ep.Due {
		soonest(s.lastWordAt(ep))
	}
	if ep.Said > 0 {
		soonest(ep.SaidAt.Add(s.dataEvery(ep)))
	}
}
