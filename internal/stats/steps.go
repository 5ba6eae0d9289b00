package stats

import (
	"slices"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// Steps are how far apart the readings of each origin usually are.
type Steps [glucose.Imported + 1]time.Duration

// usualStep is taken for an origin with a single reading: points of the
// service's history are at most 15 minutes apart, and a single reading cannot
// stand for more than that.
const usualStep = 15 * time.Minute

// StepsOf is the median step of each origin in whole minutes, from 1 to 15.
// readings are oldest first.
func StepsOf(readings []glucose.Reading) (steps Steps) {
	for origin := range steps {
		steps[origin] = stepOf(readings, glucose.Origin(origin))
	}
	return steps
}

func stepOf(readings []glucose.Reading, origin glucose.Origin) time.Duration {
	var gaps []time.Duration
	var last time.Time
	for _, r := range readings {
		if r.Origin != origin {
			continue
		}
		if !last.IsZero() {
			gaps = append(gaps, r.Time.Sub(last))
		}
		last = r.Time
	}
	if len(gaps) == 0 {
		return usualStep
	}
	slices.Sort(gaps)
	// The lower middle: two readings an hour apart do not stand for an hour,
	// and the cap says so.
	return max(time.Minute, min(gaps[(len(gaps)-1)/2].Round(time.Minute), usualStep))
}

// Of is the step of a reading's origin.
func (s Steps) Of(r glucose.Reading) time.Duration {
	if r.Origin < 0 || int(r.Origin) >= len(s) {
		return usualStep
	}
	return s[r.Origin]
}

// Gap reports whether data is missing between two neighbours: whether the
// later one comes more than half a step late, and at least two minutes.
func (s Steps) Gap(earlier, later glucose.Reading) bool {
	step := max(s.Of(earlier), s.Of(later))
	return later.Time.Sub(earlier.Time) > step+max(step/2, 2*time.Minute)
}
