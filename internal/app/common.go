package app

import (
	"slices"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/poll"
)

// A fault that concerns everybody is said once and not for each of them. It
// must come no later for that: whoever's data ended first is told of in time,
// and only from then on the others are silent.

// common reports whether what stands in the way concerns everybody.
func (s *state) common() bool { return s.fault != nil && s.fault.Kind != glucose.ShareRevoked }

// ofAll reports whether an alarm of that kind is everybody's while a fault
// concerns all.
func ofAll(k alarm.Kind) bool { return k == alarm.NoData || k == alarm.NeedsYou }

// ofEveryone reports whether an alarm of a person tells of a fault that
// concerns all, and holds for each of them.
func (s *state) ofEveryone(p *person, k alarm.Kind) bool {
	switch {
	case !s.common() || !s.several() || !ofAll(k):
		return false
	case k == alarm.NeedsYou:
		return true
	}
	return p.who.ID == s.speaker && s.speaksForAll(p)
}

// speaksForAll reports whether no data of a person can be said for everybody:
// when it is due the fault is there, and nobody's value is young. Of a phone
// that was away before it was, or is to be, said by name.
func (s *state) speaksForAll(p *person) bool {
	at, _ := p.noDataAt()
	return !at.Before(s.began) && !at.Before(s.allOld())
}

// allOld is when the newest value of each who is followed is old.
func (s *state) allOld() (at time.Time) {
	for _, p := range s.followed() {
		if r, ok := newestLive(p.readings); ok {
			if t := r.Time.Add(glucose.StaleAfter(p.cadence())); t.After(at) {
				at = t
			}
		}
	}
	return at
}

// overFor keeps what an answer tells of the end of a fault that concerned all.
func (s *state) overFor(u poll.Update) {
	switch {
	case s.common():
		if !s.uncaught {
			s.began = u.At
		}
		s.uncaught, s.partly = true, time.Time{}
	case u.Fault != nil:
		s.partly = time.Time{}
	case !u.Graph:
		s.uncaught, s.partly = false, time.Time{}
	case s.uncaught && s.partly.IsZero():
		s.partly = u.At
	}
}

// othersWithin is how long the others' data is waited for after an answer about
// one person.
const othersWithin = 90 * time.Second

// catchingUp reports whether a fault that concerned all is just over, and the
// first answer was about one of them alone. The next fault ends that: what is
// waited for must not be put off by each of a row.
func (s *state) catchingUp(now time.Time) bool {
	return s.uncaught && !s.partly.IsZero() && now.Sub(s.partly).Abs() < othersWithin
}

// noDataAt is when no data is to be said of the person, and when loudly.
func (p *person) noDataAt() (first, loud time.Time) {
	r, _ := newestLive(p.readings)
	cfg := p.set.Alarms()
	return cfg.NoDataAt(r.Time, p.cadence())
}

// settleSpeaker decides for whom a fault that concerns everybody is said: of
// those who can speak for all, and are not held, for the one of whom it is due
// first. The others speak for themselves: nobody must wait for the repeat of a
// message about a phone that was away before.
func (s *state) settleSpeaker(now time.Time) {
	if !s.common() && !s.uncaught {
		s.speaker = ""
		return
	}
	free := slices.DeleteFunc(s.followed(), func(p *person) bool {
		return !p.set.NoData.On || p.engine != nil && (p.snoozes(now, alarm.NoData) || !p.offUntil(now).IsZero())
	})
	together := slices.DeleteFunc(slices.Clone(free), func(p *person) bool { return !s.speaksForAll(p) })
	is := func(id string) func(*person) bool { return func(p *person) bool { return p.who.ID == id } }
	soonest := func(a, b *person) int {
		one, _ := a.noDataAt()
		two, _ := b.noDataAt()
		return one.Compare(two)
	}
	switch {
	case slices.ContainsFunc(together, is(s.speaker)):
	case len(together) > 0:
		s.speaker = slices.MinFunc(together, soonest).who.ID
	case len(free) > 0:
		s.speaker = slices.MaxFunc(free, soonest).who.ID
	case !slices.ContainsFunc(s.followed(), is(s.speaker)):
		s.speaker = s.chosen
	}
}

func (p *person) snoozes(now time.Time, k alarm.Kind) bool {
	return slices.ContainsFunc(p.engine.Snoozes(now), func(z alarm.Snooze) bool { return z.Kind == k })
}

// elsewhere is what of a fault is said for another person: no data once it was
// due there, and was due for all. Data that came after that is missing anew.
// While the others' data is about to come nothing is said of theirs.
func (s *state) elsewhere(p *person, now time.Time) alarm.Elsewhere {
	if s.catchingUp(now) && p.answered.Before(s.partly) {
		return alarm.Elsewhere{NoData: true, Loud: true}
	}
	speaker := s.people[s.speaker]
	if !s.common() || speaker == nil || speaker == p {
		return alarm.Elsewhere{}
	}
	e := alarm.Elsewhere{NeedsYou: speaker.set.NeedsYou.On && speaker.offUntil(now).IsZero()}
	if s.speaksForAll(speaker) {
		first, loud := speaker.noDataAt()
		told := func(at time.Time) bool { return !now.Before(at) && !p.got.After(at) }
		e.NoData, e.Loud = told(first), told(loud)
	}
	return e
}

// saidElsewhere reports whether an alarm that stands is said for another person.
func (s *state) saidElsewhere(p *person, k alarm.Kind, now time.Time) bool {
	e := s.elsewhere(p, now)
	return k == alarm.NeedsYou && e.NeedsYou || k == alarm.NoData && e.NoData
}

// forEveryone reports whether an answer given for a person, "" for everybody,
// is one to what concerns all.
func (s *state) forEveryone(id string, k alarm.Kind, now time.Time) bool {
	p := s.people[id]
	return id == "" || s.common() && ofAll(k) && (p == nil || id == s.speaker || s.saidElsewhere(p, k, now))
}
