package poll

import "time"

const (
	// mostOthers is how many people beside the followed one are asked for in
	// their own seconds. Five on feeds of 5 minutes use up the hour.
	mostOthers = 8
	// othersLate is the share of the others' readings that a request may be too
	// early for. There is no retry: the next comes with the followed person's.
	othersLate = 0.02
	// oneRequest is how near two people's readings are for one request, and
	// leftForOthers what must be spare of the hour's for another one.
	oneRequest, leftForOthers = 12 * time.Second, 2
)

// readOthers learns from an answer when the readings of those come who are not
// followed in the first place. One with history is about one person alone.
func (s *Schedule) readOthers(a Answer) {
	if a.Graph || len(a.Snapshots) == 0 {
		return
	}
	before := s.others
	s.others = map[string]*feed{}
	for _, p := range a.Snapshots {
		if p.Person.ID == s.person || len(s.others) == mostOthers {
			continue
		}
		f := before[p.Person.ID]
		if f == nil {
			fresh := newFeed()
			f = &fresh
		}
		f.read(p.Current, a)
		s.others[p.Person.ID] = f
	}
}

// change follows another person, by what is known of theirs already.
func (s *Schedule) change(person string) {
	before, known := s.feed, s.others[person]
	if s.person != "" && s.others != nil {
		s.others[s.person] = &before
	}
	delete(s.others, person)
	if s.person, s.feed = person, newFeed(); known != nil {
		s.feed = *known
	}
}

// askForOthers plans a request before the present plan if somebody else's reading
// is due by then, and reports whether it did. On a feed of 5 or 15 minutes it would
// be seen a whole step late if it is published just after the followed person's. While
// that one is asked for each minute so is everybody.
func (s *Schedule) askForOthers(soonest time.Time) bool {
	if s.cadence.Step < longStep && soonest.Sub(s.newest) < silentAfter {
		return false
	}
	var due []time.Time
	for _, f := range s.others {
		if f.newest.IsZero() || f.cadence.Step < longStep || soonest.Sub(f.newest) > f.cadence.Step+silentAfter {
			continue
		}
		if at := f.phase(soonest, f.delay.after(othersLate)); at.Before(s.plan.At.Add(-oneRequest)) {
			due = append(due, at)
		}
	}
	if len(due) == 0 {
		return false
	}
	first := due[0]
	for _, at := range due {
		first = sooner(first, at)
	}
	at := first
	for _, t := range due {
		if t.Sub(first) < oneRequest {
			at = later(at, t)
		}
	}
	if at = later(at, s.hold); s.planned.paced(at).After(at) || s.planned.spare(at) < leftForOthers {
		return false
	}
	s.plan, s.isExtra = Plan{At: at}, false
	return true
}

func sooner(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
