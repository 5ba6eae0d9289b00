package stats

import (
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// Episode is a time spent beyond a limit.
type Episode struct {
	// From is the first reading beyond the limit, To when the last one beyond
	// it had lasted its step.
	From, To time.Time
	Extreme  glucose.MgDL // the lowest or the highest value
}

// Episodes are those of a window, oldest first. A very low one usually lies
// within a low one, a very high one within a high one.
type Episodes struct {
	VeryLow, Low, High, VeryHigh []Episode
}

const (
	// An episode is at least 15 minutes beyond the limit and ends with at
	// least 15 minutes back (Danne et al., "International Consensus on Use of
	// Continuous Glucose Monitoring", Diabetes Care 2017;40:1631-1640).
	episodeLeast = 15 * time.Minute
	// A longer gap in the data ends it.
	episodeGap = 45 * time.Minute
)

// EpisodesOf finds the episodes in w: at least 15 minutes beyond the limit,
// ended by at least 15 minutes back or a gap of more than 45 minutes. readings
// are oldest first.
func EpisodesOf(readings []glucose.Reading, limits glucose.Limits, w Window) Episodes {
	in := within(readings, w.From, w.To)
	steps := StepsOf(in)
	find := func(beyond func(glucose.Range) bool, worse func(a, b glucose.MgDL) glucose.MgDL) (out []Episode) {
		var e Episode          // the candidate or the open episode
		var open bool          // it has lasted long enough
		var backFrom time.Time // since when values are back; zero while beyond
		finish := func() {
			if open {
				out = append(out, e)
			}
			e, open, backFrom = Episode{}, false, time.Time{}
		}
		for i, r := range in {
			step := steps.Of(r)
			if i > 0 && r.Time.Sub(in[i-1].Time) > episodeGap {
				finish()
			}
			// Half a step less is enough: a feed is never on the second.
			least := episodeLeast - step/2
			end := r.Time.Add(step)
			switch {
			case beyond(limits.Of(r)):
				v := number(r)
				if e.From.IsZero() {
					e = Episode{From: r.Time, Extreme: v}
				}
				e.To, e.Extreme, backFrom = end, worse(e.Extreme, v), time.Time{}
				open = open || e.To.Sub(e.From) >= least
			case e.From.IsZero():
			case !open:
				e = Episode{}
			default:
				if backFrom.IsZero() {
					backFrom = r.Time
				}
				if end.Sub(backFrom) >= least {
					finish()
				}
			}
		}
		finish()
		return out
	}
	lower := func(a, b glucose.MgDL) glucose.MgDL { return min(a, b) }
	higher := func(a, b glucose.MgDL) glucose.MgDL { return max(a, b) }
	return Episodes{
		VeryLow:  find(func(r glucose.Range) bool { return r == glucose.UrgentLow }, lower),
		Low:      find(func(r glucose.Range) bool { return r == glucose.UrgentLow || r == glucose.Low }, lower),
		High:     find(func(r glucose.Range) bool { return r >= glucose.High }, higher),
		VeryHigh: find(func(r glucose.Range) bool { return r == glucose.UrgentHigh }, higher),
	}
}
