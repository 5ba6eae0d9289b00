package alarm

import (
	"slices"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

const (
	// backFor is how long values must be within the limit, each reading
	// counting its cadence, before an episode is over: one reading of a
	// 15-minute feed, three of a 5-minute one.
	backFor = 15 * time.Minute
	// forgetAfter is when an episode about a value ends without another
	// reading: by then no data has long taken over.
	forgetAfter = 6 * time.Hour
)

// level is an alarm about a value beyond a limit. Another one on either side
// is another row in levelsOf.
type level struct {
	LevelRule
	kind   Kind
	side   side
	margin glucose.MgDL // one reading this far within the limit is asked for before it is over
	better Reason       // the trend that holds back repeats
}

// levelsOf lists the levels, the worst of a side first.
func levelsOf(c Config) []level {
	// The high asks for a margin, the lows do not: a margin on the low hides
	// second dips that never got that far up.
	all := []level{
		{c.UrgentLow, UrgentLow, lowSide, 0, Rising},
		{c.Low, Low, lowSide, 0, Rising},
		{c.UrgentHigh, UrgentHigh, highSide, 10, Falling},
		{c.High, High, highSide, 10, Falling},
	}
	var on []level
	for _, l := range all {
		if c.on(l.kind) {
			on = append(on, l)
		}
	}
	return on
}

// beyond reports whether v is past the limit by more than the margin.
func (l *level) beyond(v, margin glucose.MgDL) bool {
	if l.side == lowSide {
		return v < l.Limit-margin
	}
	return v > l.Limit+margin
}

// crossed reports whether v has gone right through to the other side's alarm.
func (s *step) crossed(l *level, v glucose.MgDL) bool {
	if l.side == lowSide {
		return v > s.hours.high
	}
	return v < s.hours.low
}

// judgeReading takes in a new reading. freed says that a snooze has just
// ended: the last reading may be said then if it is fresh and never was.
func (s *step) judgeReading(freed bool) {
	s.forget()
	if s.in.Reading != nil && s.accept(*s.in.Reading) {
		s.judge()
	} else if freed && s.fresh() {
		s.speak()
		s.speakSoon()
	}
	s.untreated()
}

// accept decides whether a reading is judged, and keeps it as Last if so.
func (s *step) accept(r glucose.Reading) bool {
	r.Time = r.Time.UTC()
	if !r.Plausible() || r.Origin == glucose.Graph {
		return false
	}
	if r.Time.After(s.now.Add(maxAhead)) {
		if !r.Time.Equal(s.m.Refused) {
			s.m.Refused = r.Time
			s.refuse(r, NoData, Future)
		}
		return false
	}
	if !r.Time.After(s.m.Judged) {
		return false
	}
	s.m.Judged = r.Time
	s.arrived(r.Time)
	if s.now.Sub(r.Time) <= maxAge(s.pace) {
		s.m.Last = r
		return true
	}
	// Too old to be told: to the episodes it is as if it were missing.
	v := pointOf(r).Value
	for i := range s.levels {
		if l := &s.levels[i]; l.beyond(v, 0) {
			s.refuse(r, l.kind, Stale)
			break
		}
	}
	return false
}

// refuse tells that a reading was not judged, under the kind it would have
// been.
func (s *step) refuse(r glucose.Reading, k Kind, why Reason) {
	s.out = append(s.out, Decision{
		Time: s.now, Kind: k, Level: k.trait().level, Reason: why, Reading: &r, Since: r.Time,
	})
}

// fresh reports whether the last reading may still be told.
func (s *step) fresh() bool {
	return s.now.Sub(s.m.Last.Time) <= maxAge(s.pace)
}

// forget ends the episodes of values that have not been heard of for long.
func (s *step) forget() {
	if s.now.Sub(s.m.lastValue()) < forgetAfter {
		return
	}
	for i := len(s.m.Episodes) - 1; i >= 0; i-- {
		if ep := s.m.Episodes[i]; ep.Kind.byValue() {
			s.end(ep)
		}
	}
}

// lastValue is when a value was last known, for what stands about values.
func (m *memory) lastValue() time.Time {
	if m.Last.Time.IsZero() {
		return m.dataSince() // lost when the clock was set back
	}
	return m.Last.Time
}

// judge updates the episodes with the last reading, the worst first, and
// speaks.
func (s *step) judge() {
	p := pointOf(s.m.Last)
	before := s.m.newest()
	gap := s.m.push(p, s.pace)
	changed := s.m.from(s.m.Last.Source)
	turned := s.m.Meal.add(p, gap || changed)
	s.stretch(p, before)
	for i := range s.levels {
		l := &s.levels[i]
		ep := s.find(l.kind)
		if ep != nil && gap {
			// What happened in between is not known: armed again, snoozes
			// stay.
			answered := !ep.Answered.IsZero()
			ep.Said, ep.SaidAt, ep.Answered, ep.Due, ep.Readings, ep.Silent = 0, time.Time{}, time.Time{}, false, 0, ""
			ep.Since, ep.Back, ep.Deep, ep.Owed = p.Time, time.Time{}, false, time.Time{}
			ep.dropPending()
			if answered {
				ep.Raised = time.Time{}
			}
		}
		switch {
		case l.beyond(p.Value, 0):
			if ep == nil {
				ep = &episode{Kind: l.kind, Since: p.Time}
				if l.kind == UrgentLow {
					ep.Stood = earlier(p.Time, s.now.UTC())
				}
				s.m.Episodes = append(s.m.Episodes, ep)
			}
			ep.Readings++
			ep.Back, ep.Deep = time.Time{}, false
		case ep != nil:
			s.comeBack(l, ep, p)
		}
	}
	s.judgeSoon(p, gap)
	s.trends(p, gap, turned)
	s.pass()
	s.speak()
}

// comeBack looks whether an episode is over.
func (s *step) comeBack(l *level, ep *episode, p point) {
	if !ep.Due && !ep.Shown {
		s.end(ep) // it did not last: hysteresis is for leaving only
		return
	}
	if s.over(l, ep, p) {
		s.end(ep)
	}
}

// over notes that the value is back within the limit, and reports whether it
// has been for long enough.
func (s *step) over(l *level, ep *episode, p point) bool {
	if ep.Back.IsZero() {
		ep.Back = p.Time
	}
	ep.Deep = ep.Deep || !l.beyond(p.Value, -l.margin)
	long := p.Time.Sub(ep.Back)+s.pace >= backFor-slack
	return long && ep.Deep || s.crossed(l, p.Value)
}

// speak says the worst level that the last reading is beyond, if it is due.
func (s *step) speak() {
	var worst *episode
	still := s.stillDue()
	for i := range s.levels {
		l := &s.levels[i]
		ep := s.find(l.kind)
		switch {
		case ep == nil || !ep.Back.IsZero():
		case worst == nil && still && StillHigh.covers(l.kind):
			ep.Due = true
			if ep.Said == 0 {
				s.silent(ep, Covered)
			}
		case worst == nil:
			worst = ep
			s.consider(l, ep)
		case worst.Kind.covers(ep.Kind) && worst.Due:
			// The low beneath an urgent low: it stands, and is never said
			// beside it.
			ep.Due = true
			if ep.Said == 0 {
				s.silent(ep, Covered)
			}
		}
	}
	if still {
		s.sayStill()
	}
	s.speakOnce()
}

// consider decides whether an episode is said with the last reading.
func (s *step) consider(l *level, ep *episode) {
	at := s.m.Last.Time
	if !ep.Due && l.Hold > 0 && (at.Sub(ep.Since)+s.pace < l.Hold-slack || ep.Readings < 2) {
		s.silent(ep, Held)
		return
	}
	ep.Due = true
	if ep.Pending != nil || s.awaited(ep) {
		return // delivery is at it
	}
	why, say := First, true
	switch {
	case s.failedTreatment(ep):
		why = Still
	case ep.Said > 0:
		why, say = s.again(l, ep, at)
	case !ep.Owed.IsZero():
		why, say = s.owed(l, ep, at)
	case s.milderSaid(ep):
		why = Worse
	}
	if say {
		why, say = s.allowed(ep.Kind, why)
	}
	if !say {
		s.silent(ep, why)
		return
	}
	s.say(ep, why, pending{Mark: at, Loud: l.Loud})
}

// again decides whether an alarm that was said is to be repeated. Only a
// newer reading than the one it was said with can do that.
func (s *step) again(l *level, ep *episode, at time.Time) (Reason, bool) {
	every, unheard := l.Repeat, l.Unanswered > 0 && ep.Answered.IsZero()
	if unheard {
		every = l.Unanswered
	}
	// Below 0 the clocks have moved: on doubt it is due.
	since := at.Sub(ep.SaidAt)
	due := func(d time.Duration) bool { return since < 0 || since >= d-min(slack, d/2) }
	switch {
	case !due(every):
		return TooSoon, false
	case unheard || !s.better(l):
		return Repeat, true
	case !due(l.AtLatest):
		return l.better, false
	}
	return Still, true
}

// better reports whether the trend leads back to the limit. A low is repeated
// as if it did not as long as a change of source leaves that in doubt.
func (s *step) better(l *level) bool {
	if l.side == lowSide {
		return s.m.rising(s.pace) && !s.m.unsettled()
	}
	return s.m.falling(s.pace)
}

// milderSaid reports whether a milder alarm of the same side has been said.
func (s *step) milderSaid(ep *episode) bool {
	for _, o := range s.m.Episodes {
		// A rise is not a milder high.
		if o != ep && ep.Kind.covers(o.Kind) && o.Said > 0 && !slices.Contains(once, o.Kind) {
			return true
		}
	}
	return false
}
