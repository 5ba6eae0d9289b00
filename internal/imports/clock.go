package imports

import "time"

// clock turns wall-clock times into moments.
//
// An hour of the day on which summer time ends comes twice. A file tells them
// apart only by its order, so of the two moments the one is taken that goes on
// from the row before, forwards or backwards as the file goes.
type clock struct {
	zone  *time.Location
	order Order
	runs  map[string]*run

	twice, never int
}

// run is the rows of one kind: exports list one kind after the other, or mix
// them.
type run struct {
	last      time.Time
	backwards bool
}

func newClock(zone *time.Location, order Order) *clock {
	return &clock{zone: zone, order: order, runs: map[string]*run{}}
}

// maxRuns is how many kinds of rows are followed: more than any export has,
// and not so many that a broken file fills the memory.
const maxRuns = 64

// at is the moment of a stamp in a row of some kind.
func (c *clock) at(st stamp, kind string) (t time.Time, ok bool) {
	month, day, ok := st.date(c.order)
	if !ok {
		return time.Time{}, false
	}
	wall := time.Date(st.year, month, day, st.hour, st.minute, st.second60, 0, time.UTC)
	r := c.runs[kind]
	if r == nil {
		r = &run{}
		if len(c.runs) < maxRuns {
			c.runs[kind] = r
		}
	}
	// The offsets a day before and a day behind are those of the two sides of
	// a change of the clock.
	before, behind := c.offset(wall.Add(-24*time.Hour)), c.offset(wall.Add(24*time.Hour))
	early, late := wall.Add(-before), wall.Add(-behind)
	isEarly, isLate := c.offset(early) == before, c.offset(late) == behind
	switch {
	case before == behind:
		t = early
	case isEarly && isLate:
		c.twice++
		t = r.choose(early, late)
	case isLate:
		t = late
	default:
		if !isEarly {
			c.never++ // a clock that was not put forward wrote it
		}
		t = early
	}
	if !r.last.IsZero() && !t.Equal(r.last) {
		r.backwards = t.Before(r.last)
	}
	r.last = t
	return t, true
}

// offset is the zone's distance from UTC at a moment.
func (c *clock) offset(t time.Time) time.Duration {
	_, seconds := t.In(c.zone).Zone()
	return time.Duration(seconds) * time.Second
}

func (r *run) choose(early, late time.Time) time.Time {
	switch {
	case r.last.IsZero():
		return early
	case r.backwards && !late.After(r.last):
		return late
	case r.backwards, !early.Before(r.last):
		return early
	}
	return late
}
