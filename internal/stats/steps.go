package stats

import (
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// Steps are how far apart the readings of each origin usually are.
type Steps [glucose.Imported + 1]time.Duration

// usualStep is the longest a reading can stand for: points of the service's
// history are at most 15 minutes apart. It is also that of a single one.
const usualStep = 15 * time.Minute

// StepsOf is the median step of each origin in whole minutes, from 1 to 15.
// readings are oldest first.
func StepsOf(readings []glucose.Reading) (steps Steps) {
	// Steps by their minutes; the last count is of all that are longer.
	const longest = int(usualStep / time.Minute)
	var counts [len(steps)][longest + 1]int
	var totals [len(steps)]int
	var last [len(steps)]time.Time
	for i := range readings {
		o := originOf(readings[i])
		if t := readings[i].Time; last[o].IsZero() {
			last[o] = t
		} else {
			minutes := int(t.Sub(last[o]).Round(time.Minute) / time.Minute)
			counts[o][min(max(minutes, 0), longest)]++
			totals[o]++
			last[o] = t
		}
	}
	for o := range steps {
		steps[o] = usualStep
		// The lower middle: two readings an hour apart do not stand for an
		// hour, and neither do three of which one is.
		rank := (totals[o] - 1) / 2
		for minutes, n := range counts[o] {
			if rank -= n; totals[o] > 0 && rank < 0 {
				steps[o] = time.Duration(max(1, minutes)) * time.Minute
				break
			}
		}
	}
	return steps
}

// originOf is an index of Steps, whatever the reading claims.
func originOf(r glucose.Reading) glucose.Origin {
	return min(max(r.Origin, glucose.Live), glucose.Imported)
}

// Of is the step of a reading's origin.
func (s Steps) Of(r glucose.Reading) time.Duration { return s[originOf(r)] }

// Gap reports whether data is missing between two neighbours: whether the
// later one comes more than half a step late, and at least two minutes.
func (s Steps) Gap(earlier, later glucose.Reading) bool {
	step := max(s.Of(earlier), s.Of(later))
	return later.Time.Sub(earlier.Time) > step+max(step/2, 2*time.Minute)
}
