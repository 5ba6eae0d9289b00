package glucose

import (
	"slices"
	"time"
)

// Limit tells that the sensor ran out of scale.
type Limit int

// LimitLow is a sensor's "LO", LimitHigh its "HI".
const (
	LimitNone Limit = iota
	LimitLow
	LimitHigh
)

// Origin tells where a reading came from. Origins are never mixed for delta,
// trend or alarms: graph points are smoothed and 5 to 15 minutes apart.
type Origin int

// Live is a current value as it was served, Graph a point of the service's
// own history, Imported a row of a file.
const (
	Live Origin = iota
	Graph
	Imported
)

var originNames = [...]string{"live", "graph", "imported"}

// String returns the name used in the store and in exports.
func (o Origin) String() string {
	if o < 0 || int(o) >= len(originNames) {
		return "unknown"
	}
	return originNames[o]
}

// Source names the service that told a reading. Two services may tell the same
// sensor's values differently calibrated or smoothed, so a difference is only
// ever taken between readings of one source.
type Source string

// LibreLinkUp is the source of a reading that names none.
const (
	LibreLinkUp Source = ""
	Nightscout  Source = "nightscout"
)

// Reading is one measurement of one person's sensor.
type Reading struct {
	Time   time.Time // UTC, by the sensor's own clock
	Value  MgDL
	Trend  Trend
	Limit  Limit
	Origin Origin
	Source Source
}

// Plausible reports whether the reading is a measurement at all: 0 and null
// are gap markers, not glucose. A sensor's LO or HI counts whatever number
// comes with it.
func (r Reading) Plausible() bool {
	return !r.Time.IsZero() && (r.Limit != LimitNone || r.Value >= 20 && r.Value <= 600)
}

// Number is the value as people read it: "104", "5.8", "LO" or "HI".
func (r Reading) Number(u Unit) string {
	switch r.Limit {
	case LimitLow:
		return "LO"
	case LimitHigh:
		return "HI"
	}
	return u.Format(r.Value)
}

// Text is the number and its arrow: "5.8 ↗", or the number alone when the
// trend is unknown.
func (r Reading) Text(u Unit) string {
	if a := r.Trend.Arrow(); a != "" {
		return r.Number(u) + " " + a
	}
	return r.Number(u)
}

// Age is how old the reading is at now, never negative: a phone's clock may
// run ahead of ours.
func (r Reading) Age(now time.Time) time.Duration { return max(0, now.Sub(r.Time)) }

// Delta is the change between two live readings some minutes apart. It is not
// scaled to a standard distance: +2 in one minute is not +10 in five.
type Delta struct {
	Change  MgDL
	Minutes int
}

// The distances over which a delta is told: nearest to five minutes, at least
// half of that, and never across a gap (17.6 minutes is one missed reading of
// a 15-minute feed's jitter above its step).
const (
	deltaAim = 5 * time.Minute
	deltaMin = 150 * time.Second
	deltaMax = 1056 * time.Second
)

// DeltaOf computes the change from the live reading about five minutes before
// the newest live one. readings are oldest first and may be mixed with other
// origins; ok is false unless two live in-scale readings allow it.
func DeltaOf(readings []Reading) (d Delta, ok bool) {
	last := len(readings) - 1
	for last >= 0 && readings[last].Origin != Live {
		last--
	}
	if last < 0 || readings[last].Limit != LimitNone {
		return Delta{}, false
	}
	newest, best := readings[last], time.Duration(-1)
	for i := last - 1; i >= 0; i-- {
		r := readings[i]
		distance := newest.Time.Sub(r.Time)
		if distance > deltaMax {
			break
		}
		if r.Origin != Live || r.Source != newest.Source || r.Limit != LimitNone || distance < deltaMin {
			continue
		}
		if off := (distance - deltaAim).Abs(); best < 0 || off < best {
			best = off
			d = Delta{newest.Value - r.Value, int((distance + 30*time.Second) / time.Minute)}
		}
	}
	return d, best >= 0
}

// LongestStep is longer than the step of any feed; what is more is an outage.
const LongestStep = 20 * time.Minute

// Cadence is the feed's step in minutes, 1, 5 or 15, as long as values are
// believed by. It is the Pace but for 15, for which three steps in four must
// agree: where readings are missed they only look like it.
func Cadence(readings []Reading) time.Duration { return class(steps(readings), 4) }

// Pace is the feed's step in minutes, 1, 5 or 15, by which values are judged:
// how far the next is away, and what is a fall. It is the median of the newest
// two dozen steps between live readings of the newest one's source, and 5 until
// three steps are known. Readings are oldest first.
func Pace(readings []Reading) time.Duration { return class(steps(readings), 2) }

// class is the class of the median step, but 15 minutes only if no more than
// one step in so many is shorter.
func class(steps []time.Duration, shorter int) time.Duration {
	if len(steps) < 3 {
		return 5 * time.Minute
	}
	slices.Sort(steps)
	switch {
	case steps[len(steps)/2] < 3*time.Minute:
		return time.Minute
	case steps[len(steps)/shorter] < 10*time.Minute:
		return 5 * time.Minute
	}
	return 15 * time.Minute
}

func steps(readings []Reading) (steps []time.Duration) {
	var newer Reading
	for i := len(readings) - 1; i >= 0 && len(steps) < 24; i-- {
		r := readings[i]
		if r.Origin != Live || !newer.Time.IsZero() && r.Source != newer.Source {
			continue
		}
		if d := newer.Time.Sub(r.Time); !newer.Time.IsZero() && d <= LongestStep {
			steps = append(steps, d)
		}
		newer = r
	}
	return steps
}
