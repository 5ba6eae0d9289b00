package poll

import (
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// read learns from a successful answer and reports whether it brought a new
// reading of the followed person.
func (s *Schedule) read(a Answer) (news bool) {
	if s.person == "" && len(a.Snapshots) == 1 {
		s.person = a.Snapshots[0].Person.ID
	}
	step := s.cadence.Step
	gap, news := s.feed.read(s.current(a.Snapshots), a)
	if gap > step*5/2 && !a.Graph {
		s.wantGraph = true // to fill the gap
	}
	if news {
		s.retries = 0
	}
	s.readOthers(a)
	return news
}

// read learns from an answer with the newest reading, nil for none, of whoever it
// is about. It reports whether that is news, and how long after the one before it
// was taken: zero for the first.
func (f *feed) read(r *glucose.Reading, a Answer) (gap time.Duration, news bool) {
	if ahead := a.At.Add(glucose.MaxAhead); r != nil && f.newest.After(ahead) && !r.Time.After(ahead) {
		// By a clock that has been set right since, and so was the delay.
		f.newest, f.delay, f.outside = time.Time{}, newBelief(defaultBase), 0
	}
	if r == nil || !r.Time.After(f.newest) {
		if r == nil && f.newest.IsZero() && f.since.IsZero() {
			f.since = a.At
		}
		f.missed = a.Sent
		return 0, false
	}
	if f.newest.IsZero() {
		// One look at a value tells neither the step nor the delay.
		f.newest, f.missed = r.Time, a.Sent
		return 0, true
	}
	gap = r.Time.Sub(f.newest)
	f.cadence.add(gap)
	lo, hi := f.missed.Sub(r.Time).Seconds(), a.Sent.Sub(r.Time).Seconds()
	f.learn(lo, hi)
	f.newest, f.missed = r.Time, a.Sent
	return gap, true
}

func (f *feed) learn(lo, hi float64) {
	from, to := f.delay.span()
	if hi-to > time.Hour.Seconds() {
		// Not late, but by another clock: it was set, and a computer that cannot
		// tell so from sleep told of that.
		f.delay, f.outside = newBelief(defaultBase), 0
		return
	}
	switch {
	case hi <= from+2*beliefCell:
		f.outside = elsewhere // earlier than thought possible: our clock is behind
	case lo >= to:
		f.outside++ // or only a phone that was late
	case hi <= to:
		f.outside = 0
	}
	if f.outside >= elsewhere {
		f.outside = 0
		f.delay = newBelief(hi - (to-from)*2/3)
	}
	f.delay.learn(lo, hi)
}

// elsewhere is how many delays in a row beyond the grid mean that the clocks
// disagree and not that the phone was late.
const elsewhere = 3

// current is the newest reading of the followed person, or of anybody until
// it is settled who that is.
func (s *Schedule) current(all []glucose.Snapshot) *glucose.Reading {
	var newest *glucose.Reading
	for _, p := range all {
		if p.Current == nil || s.person != "" && p.Person.ID != s.person {
			continue
		}
		if newest == nil || p.Current.Time.After(newest.Time) {
			newest = p.Current
		}
	}
	return newest
}

// follow plans the request after a success.
func (s *Schedule) follow(a Answer, news bool) {
	soonest := a.At.Add(minGap)
	if s.newest.IsZero() {
		wait := shareQuick
		if a.At.Sub(s.since) >= silentAfter {
			wait = silentEvery * time.Minute
		}
		s.at(a.At.Add(scatter(wait, s.rnd)), true)
		return
	}
	if !news {
		if t, ok := s.retry(a.Sent, soonest); ok {
			s.at(t, false)
			return
		}
	}
	s.retries = 0
	probed := s.probed
	s.at(s.due(a, soonest), true)
	if s.askForOthers(soonest) {
		s.probed = probed // a probe that comes after it, or not at all, is planned anew
	}
}

// retry plans another request for a reading that should have been there; not
// when the next reading is due by then anyway.
func (s *Schedule) retry(sent, soonest time.Time) (t time.Time, ok bool) {
	step := s.cadence.Step
	overdue := int(s.behind(sent) / step)
	// Nothing was due yet after a request out of turn. When several readings
	// are overdue the phone is away, and asking once for each is enough.
	if overdue < 1 || overdue > 1 && step < longStep || s.behind(sent) > step+silentAfter {
		return t, false
	}
	if step < longStep && (s.retries >= oneMinuteRetries || s.planned.spare(s.phase(soonest)) < enough) {
		return t, false
	}
	wait := retryWaits[min(s.retries, len(retryWaits)-1)]
	// Ask when it is most likely there, if the delays seen so far tell.
	reading := s.newest.Add(step * time.Duration(overdue))
	x := sent.Sub(reading).Seconds()
	if late := s.delay.late(x); late > 2*stray {
		best := seconds(s.delay.after(late*retryEager) - x)
		wait = min(wait, best)
	}
	t = later(sent.Add(max(wait, minGap)), soonest)
	next := s.phase(t)
	if next.Sub(t) < 2*minGap && step < longStep {
		return next, true
	}
	s.retries++
	return t, true
}

// due is when to ask for the next reading first.
func (s *Schedule) due(a Answer, soonest time.Time) time.Time {
	step := s.cadence.Step
	age := s.behind(a.At)
	if step >= longStep {
		if age > step+silentAfter {
			return a.At.Add(scatter(silentEvery*time.Minute, s.rnd))
		}
		if a.At.Sub(s.probed) >= probeEvery {
			s.probed = a.At
			probe := s.newest.Add(time.Minute + seconds(s.first(soonest)))
			if probe.After(soonest) {
				return probe
			}
		}
		next := s.phase(soonest)
		for t := next.Add(lookEvery - step); step > frequent && t.Before(next); t = t.Add(lookEvery) {
			if !t.Before(soonest) {
				return t
			}
		}
		return next
	}
	next := s.phase(soonest)
	switch {
	case age >= quietAfter:
		next = next.Add((quietEvery - 1) * time.Minute)
	case age >= silentAfter:
		next = next.Add((silentEvery - 1) * time.Minute)
	}
	return next
}

// behind is how old the newest reading is, less the delay that is usual by
// our clock, be it wrong or not.
func (s *Schedule) behind(t time.Time) time.Duration {
	const slack = 3 * time.Second // the usual is not what it was when t was planned
	return t.Sub(s.newest) - seconds(s.first(t)) + slack
}

// phase is the first moment from t on at which a reading should be asked for.
func (s *Schedule) phase(t time.Time) time.Time { return s.feed.phase(t, s.first(t)) }

// phase is the first moment from t on that is so many seconds after a reading.
func (f *feed) phase(t time.Time, delay float64) time.Time {
	step := f.cadence.Step
	at := f.newest.Add(step + seconds(delay))
	if at.Before(t) {
		n := (t.Sub(at) + step - 1) / step
		at = at.Add(n * step)
	}
	if n := at.Sub(t) / step; n > 1 {
		// The clock was moved, and the usual delay by it is not what it was:
		// there is a reading in every step all the same.
		at = at.Add(-n * step)
	}
	return at
}

// first is the delay after which to ask first for the reading that is due at
// or after t: the earlier, the sooner it shows and the more often the request
// comes in vain. How often it may is what is left of the hour's retries, spread
// over its readings.
func (s *Schedule) first(t time.Time) float64 {
	spare := s.planned.spare(later(t, s.sent.Add(s.cadence.Step)))
	if spare < enough {
		return s.delay.after(lastEager)
	}
	p := eagerness * (spare - keptBack) / float64(time.Hour/s.cadence.Step)
	return s.delay.after(max(leastEager, min(maxEager, p)))
}

// enough of what is spare is a request: readings are not asked for at the very
// same second of each minute.
const enough = 0.5
