package alarm

import (
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// Replay runs readings, oldest first, through a new engine as if they had
// come live, and returns its decisions. Every message arrives at once; with
// seen it is also answered with Seen at once.
func Replay(cfg Config, readings []glucose.Reading, seen bool) []Decision {
	return replay(New(cfg, State{}), readings, seen)
}

func replay(e *Engine, readings []glucose.Reading, seen bool) []Decision {
	var out []Decision
	var newest time.Time
	var cadence feed
	step := func(now time.Time, in Input) time.Time {
		in.Newest, in.Cadence, in.Pace = newest, cadence.step(4), cadence.step(2)
		res := e.Step(now, in)
		out = append(out, res.Decisions...)
		var next Input
		for _, d := range res.Decisions {
			if d.Say {
				next.Delivered = append(next.Delivered, Delivery{ID: d.ID})
				if seen {
					next.Answers = append(next.Answers, Answer{Kind: Seen, Alarm: d.Kind})
				}
			}
		}
		if next.Delivered == nil {
			return res.Wake
		}
		next.Newest, next.Cadence = newest, in.Cadence
		res = e.Step(now, next)
		out = append(out, res.Decisions...)
		return res.Wake
	}
	var wake time.Time
	for i := range readings {
		r := &readings[i]
		for !wake.IsZero() && wake.Before(r.Time) {
			wake = step(wake, Input{})
		}
		newest = r.Time
		cadence.add(r.Time)
		wake = step(r.Time, Input{Reading: r, Resumed: i == 0})
	}
	return out
}

// feed is the step of a feed as glucose.Cadence and glucose.Pace tell it, kept up
// with each reading.
type feed struct {
	last  time.Time
	steps []time.Duration // the newest, in the order they came
	sum   [3]int          // how many are of 1, 5 and 15 minutes
}

const feedSteps = 24

func (f *feed) add(t time.Time) {
	if !f.last.IsZero() {
		d := t.Sub(f.last)
		if d > glucose.LongestStep {
			f.last = t
			return
		}
		if len(f.steps) == feedSteps {
			f.sum[class(f.steps[0])]--
			f.steps = append(f.steps[:0], f.steps[1:]...)
		}
		f.steps = append(f.steps, d)
		f.sum[class(d)]++
	}
	f.last = t
}

func class(d time.Duration) int {
	switch {
	case d < 3*time.Minute:
		return 0
	case d < 10*time.Minute:
		return 1
	}
	return 2
}

// step is the class of the median step, but 15 minutes only if no more than one
// step in so many is shorter; 5 minutes as long as nothing is known.
func (f *feed) step(shorter int) time.Duration {
	n := len(f.steps)
	switch {
	case n < 3:
		return 5 * time.Minute
	case f.sum[0] > n/2:
		return time.Minute
	case f.sum[0]+f.sum[1] > n/shorter:
		return 5 * time.Minute
	}
	return 15 * time.Minute
}
