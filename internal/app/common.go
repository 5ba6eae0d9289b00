package app

import (
	"slices"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/poll"
)

// A fault that concerns all who are followed through an account is said once and
// not for each of them. It must come no later for that: whoever's data ended
// first is told of in time, and only from then on the others are silent.

// common reports whether what stands in the way concerns all who share with it.
func (a *account) common() bool { return a.fault != nil && a.fault.Kind != glucose.ShareRevoked }

func (a *account) offline() bool { return a.fault != nil && a.fault.Kind == glucose.Offline }

// joined are the accounts that fail together with one, itself among them: all
// that this computer has no network for.
func (s *state) joined(a *account) []*account {
	if !a.offline() {
		return []*account{a}
	}
	return slices.DeleteFunc(slices.Clone(s.accounts), func(o *account) bool { return !o.offline() })
}

// relieve keeps that of several accounts without a network one was answered: the
// others will be in a moment, and what was said of them together with it must not
// be said of them alone until they have been asked.
func (s *state) relieve(a *account, was *glucose.Fault, at time.Time) {
	a.relieved = time.Time{}
	if was == nil || was.Kind != glucose.Offline || a.offline() {
		return
	}
	for _, o := range s.accounts {
		if o.offline() {
			o.relieved = at
		}
	}
}

// common reports whether something stands in the way of everybody.
func (s *state) common() bool {
	people := s.followed()
	if len(people) == 0 {
		return s.of(nil).common()
	}
	return !slices.ContainsFunc(people, func(p *person) bool { return !s.of(p).common() })
}

// ofAll reports whether an alarm of that kind is everybody's while a fault
// concerns all.
func ofAll(k alarm.Kind) bool { return k == alarm.NoData || k == alarm.NeedsYou }

// concerned are those of whom an alarm of a person tells, because it is of a
// fault that concerns all of them and holds for each; nil if it is theirs alone.
func (s *state) concerned(p *person, k alarm.Kind) []*person {
	a := s.of(p)
	if !a.common() || !s.several() || !ofAll(k) {
		return nil
	}
	if k == alarm.NoData && (p.who.ID != a.speaker || !s.speaksForAll(a, p)) {
		return nil
	}
	group := s.group(a)
	if len(group) == 1 && len(s.accounts) > 1 {
		return nil
	}
	return group
}

// speaksForAll reports whether no data of a person can be said for all who are
// followed through an account, and those that fail with it: when it is due the
// fault is there, and nobody's value is young. Of a phone that was away before
// it was, or is to be, said by name.
func (s *state) speaksForAll(a *account, p *person) bool {
	at, _ := p.noDataAt()
	for _, o := range s.joined(a) {
		if at.Before(o.began) {
			return false
		}
	}
	return !at.Before(s.allOld(a))
}

// allOld is when the newest value of each who is followed through an account is
// old.
func (s *state) allOld(a *account) (at time.Time) {
	for _, p := range s.group(a) {
		if t := p.newestAt(); !t.IsZero() && t.Add(glucose.StaleAfter(p.cadence())).After(at) {
			at = t.Add(glucose.StaleAfter(p.cadence()))
		}
	}
	return at
}

// overFor keeps what an answer tells of the end of a fault that concerned all.
func (a *account) overFor(u poll.Update) {
	switch {
	case a.common():
		if !a.uncaught {
			a.began = u.At
		}
		a.uncaught, a.partly = true, time.Time{}
	case u.Fault != nil:
		a.partly = time.Time{}
	case !u.Graph:
		a.uncaught, a.partly = false, time.Time{}
	case a.uncaught && a.partly.IsZero():
		a.partly = u.At
	}
}

// othersWithin is how long the others' data is waited for after an answer about
// one person.
const othersWithin = 90 * time.Second

// catchingUp reports whether a fault that concerned all is just over, and the
// first answer was about one of them alone. The next fault ends that: what is
// waited for must not be put off by each of a row.
func (a *account) catchingUp(now time.Time) bool {
	return a.uncaught && !a.partly.IsZero() && now.Sub(a.partly).Abs() < othersWithin
}

// noDataAt is when no data is to be said of the person, and when loudly.
func (p *person) noDataAt() (first, loud time.Time) {
	cfg := p.set.Alarms()
	return cfg.NoDataAt(p.newestAt(), p.cadence())
}

// newestAt is when the newest live reading was taken, zero for none. The alarms
// may know of one that the history has lost: killed on a full disk.
func (p *person) newestAt() time.Time {
	r, _ := newestLive(p.readings)
	if p.engine != nil && p.engine.Newest().After(r.Time) {
		return p.engine.Newest()
	}
	return r.Time
}

// settleSpeakers decides for each account for whom a fault that concerns all its
// people is said.
func (s *state) settleSpeakers(now time.Time) {
	for _, a := range s.accounts {
		if first := s.joined(a)[0]; first != a {
			a.speaker = first.speaker
			continue
		}
		s.settleSpeaker(a, now)
	}
}

// settleSpeaker decides for whom a fault of an account is said: of those who can
// speak for all, and are not held, for the one of whom it is due first. The
// others speak for themselves: nobody must wait for the repeat of a message about
// a phone that was away before.
func (s *state) settleSpeaker(a *account, now time.Time) {
	if !a.common() && !a.uncaught {
		a.speaker = ""
		return
	}
	group := s.group(a)
	free := slices.DeleteFunc(slices.Clone(group), func(p *person) bool {
		return !p.set.NoData.On || p.engine != nil && (p.snoozes(now, alarm.NoData) || !p.offUntil(now).IsZero())
	})
	together := slices.DeleteFunc(slices.Clone(free), func(p *person) bool { return !s.speaksForAll(a, p) })
	is := func(id string) func(*person) bool { return func(p *person) bool { return p.who.ID == id } }
	soonest := func(a, b *person) int {
		one, _ := a.noDataAt()
		two, _ := b.noDataAt()
		return one.Compare(two)
	}
	switch {
	case slices.ContainsFunc(together, is(a.speaker)):
	case len(together) > 0:
		a.speaker = slices.MinFunc(together, soonest).who.ID
	case len(free) > 0:
		a.speaker = slices.MaxFunc(free, soonest).who.ID
	case slices.ContainsFunc(group, is(a.speaker)):
	case slices.ContainsFunc(group, is(s.chosen)) || len(group) == 0:
		a.speaker = s.chosen
	default:
		a.speaker = group[0].who.ID
	}
}

func (p *person) snoozes(now time.Time, k alarm.Kind) bool {
	return slices.ContainsFunc(p.engine.Snoozes(now), func(z alarm.Snooze) bool { return z.Kind == k })
}

// elsewhere is what of a fault is said for another person: no data once it was
// due there, and was due for all. Data that came after that is missing anew.
// While the others' data is about to come nothing is said of theirs.
func (s *state) elsewhere(p *person, now time.Time) alarm.Elsewhere {
	a := s.of(p)
	if a.catchingUp(now) && p.answered.Before(a.partly) {
		return alarm.Elsewhere{NoData: true, Loud: true}
	}
	if !a.relieved.IsZero() && now.Sub(a.relieved).Abs() < othersWithin {
		return p.elsewhere
	}
	return s.covered(p, now)
}

// covered is what of a fault that concerns all was said for another of them. What
// was said stays so when other accounts come to fail together with theirs, for
// whose people it is due later.
func (s *state) covered(p *person, now time.Time) alarm.Elsewhere {
	a := s.of(p)
	speaker := s.people[a.speaker]
	if !a.common() || speaker == nil || speaker == p {
		return alarm.Elsewhere{}
	}
	e := alarm.Elsewhere{NeedsYou: speaker.set.NeedsYou.On && speaker.offUntil(now).IsZero()}
	if s.speaksForAll(a, speaker) && !speaker.byName() {
		first, loud := speaker.noDataAt()
		told := func(at time.Time, before bool) bool {
			if now.Before(at) {
				return before && len(s.joined(a)) > 1
			}
			return !p.got.After(at)
		}
		e.NoData, e.Loud = told(first, p.covered.NoData), told(loud, p.covered.Loud)
	}
	return e
}

// byName reports whether no data that stands was said of the person alone, as
// the fault was not everybody's then, or somebody's value was young.
func (p *person) byName() bool { return !p.named.IsZero() && !p.got.After(p.named) }

// saidElsewhere reports whether an alarm that stands is said for another person.
func (s *state) saidElsewhere(p *person, k alarm.Kind, now time.Time) bool {
	e := s.elsewhere(p, now)
	return k == alarm.NeedsYou && e.NeedsYou || k == alarm.NoData && e.NoData
}

// notYet reports whether no data is due later for whoever speaks for an account,
// and those that fail with it: what was said of its people was said before.
func (s *state) notYet(a *account, k alarm.Kind, now time.Time) bool {
	speaker := s.people[a.speaker]
	if k != alarm.NoData || speaker == nil || len(s.joined(a)) == 1 {
		return false
	}
	first, _ := speaker.noDataAt()
	return now.Before(first)
}

// answering are those whom an answer given for a person, "" for everybody, is
// for, because it is one to what concerns them all; nil if it is not.
func (s *state) answering(id string, k alarm.Kind, now time.Time) []*person {
	p := s.people[id]
	a := s.of(p)
	switch {
	case id == "":
		return s.followed()
	case !a.common() || !ofAll(k):
		return nil
	case p == nil:
		return s.followed()
	case s.notYet(a, k, now) && s.saidElsewhere(p, k, now):
		return s.through(a)
	case id == a.speaker || s.saidElsewhere(p, k, now):
		return s.group(a)
	}
	return nil
}
