package stats

import (
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// Episode is a time spent beyond a limit.
type Episode struct {
	From, To time.Time
	Extreme  glucose.MgDL // the lowest or the highest value in it
}

// Minutes is how long it lasted.
func (e Episode) Minutes() int { return int(e.To.Sub(e.From) / time.Minute) }

// MeanMinutes is the mean length of at least one episode, rounded.
func MeanMinutes(list []Episode) int {
	sum := 0
	for _, e := range list {
		sum += e.Minutes()
	}
	return (sum + len(list)/2) / len(list)
}

// Episodes are those of a window, oldest first. A very low one usually lies
// within a low one, a very high one within a high one.
type Episodes struct {
	VeryLow, Low, High, VeryHigh []Episode
}

// episodeLeast is how long it takes to begin and to end an episode (Danne et
// al., "International Consensus on Use of Continuous Glucose Monitoring",
// Diabetes Care 2017;40:1631-1640).
const episodeLeast = 15 * time.Minute

// EpisodesOf finds the episodes in w: at least 15 minutes beyond the limit,
// ended by at least 15 minutes back or a gap of more than 45 minutes. readings
// are oldest first.
//
// Between two readings the course is taken for a straight line, looked at in
// the step of the readings, so that a single value just beyond the limit is no
// quarter of an hour.
func EpisodesOf(readings []glucose.Reading, limits glucose.Limits, w Window) Episodes {
	in := within(readings, w)
	step := finest(in)
	need := int((episodeLeast + step - 1) / step)
	below := func(limit glucose.MgDL) finder {
		return finder{step: step, need: need, beyond: func(v float64) bool { return v < float64(limit) }}
	}
	above := func(limit glucose.MgDL) finder {
		return finder{step: step, need: need, high: true, beyond: func(v float64) bool { return v > float64(limit) }}
	}
	finders := [...]finder{below(limits.UrgentLow), below(limits.Low), above(limits.High), above(limits.UrgentHigh)}
	c := curve{readings: in}
	c.grid(step, func(t time.Time, v float64, ok bool) {
		for i := range finders {
			finders[i].add(t, v, ok)
		}
	})
	for i := range finders {
		finders[i].finish()
	}
	return Episodes{VeryLow: finders[0].found, Low: finders[1].found, High: finders[2].found, VeryHigh: finders[3].found}
}

// finest is the shortest step of the origins that occur.
func finest(in []glucose.Reading) time.Duration {
	steps := StepsOf(in)
	step := usualStep
	for _, r := range in {
		step = min(step, steps.Of(r))
	}
	return step
}

// finder looks for the episodes beyond one limit.
type finder struct {
	step   time.Duration
	need   int // points in a row that begin and end an episode
	high   bool
	beyond func(v float64) bool

	found   []Episode
	current Episode // the run beyond the limit, or the open episode
	run     int     // points beyond in a row
	back    int     // points back in a row
	open    bool
}

func (f *finder) add(t time.Time, v float64, ok bool) {
	switch {
	case !ok:
		f.finish()
	case f.beyond(v):
		whole := glucose.MgDL(v + 0.5)
		if f.run == 0 && !f.open {
			f.current = Episode{From: t, Extreme: whole}
		}
		f.run++
		f.back = 0
		f.open = f.open || f.run >= f.need
		f.current.To = t.Add(f.step)
		if f.high {
			f.current.Extreme = max(f.current.Extreme, whole)
		} else {
			f.current.Extreme = min(f.current.Extreme, whole)
		}
	default:
		f.run = 0
		f.back++
		if f.back >= f.need {
			f.finish()
		}
	}
}

// finish ends the episode, if one is open.
func (f *finder) finish() {
	if f.open {
		f.found = append(f.found, f.current)
	}
	f.open, f.run, f.back = false, 0, 0
}
