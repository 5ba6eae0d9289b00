package libretest

import (
	"math"
	"time"
)

// Arrows as the service numbers them. ArrowAuto lets the server compute the
// arrow from the readings before, as a sensor does.
const (
	ArrowAuto        = 0
	ArrowFallingFast = 1
	ArrowFalling     = 2
	ArrowFlat        = 3
	ArrowRising      = 4
	ArrowRisingFast  = 5
	ArrowUnknown     = -1 // sent as 0
)

// Reading is one measurement of a sensor.
type Reading struct {
	Time  time.Time
	MgDL  int
	Arrow int
	High  bool // beyond what the sensor can show: HI
	Low   bool // LO
	// Published is when the service has it; zero leaves that to the feed's delay.
	Published time.Time
}

// Source gives a sensor's readings with after < Time <= until, oldest first, the
// same ones however often and in whatever order it is asked. It must be safe for
// concurrent use.
type Source interface {
	Readings(after, until time.Time) []Reading
}

// Feed is how readings get from the arm to the service.
type Feed struct {
	Step  time.Duration // between readings: one minute if zero; 5 and 15 minutes exist too
	Phase time.Duration // the sensor's own second within a step; drawn from the seed if zero (Step itself is the full minute)
	// Publication delay, drawn evenly for each reading; 4 to 20 s if both are zero.
	MinDelay, MaxDelay time.Duration
	// Delay replaces the draw; it is given the reading's time.
	Delay func(reading time.Time) time.Duration
}

func (f Feed) withDefaults(seed uint64) Feed {
	if f.Step <= 0 {
		f.Step = time.Minute
	}
	if f.Phase <= 0 {
		f.Phase = time.Duration(between(seed, 11, 0, f.Step.Seconds())) * time.Second
	}
	if f.MinDelay == 0 && f.MaxDelay == 0 {
		f.MinDelay, f.MaxDelay = 4*time.Second, 20*time.Second
	}
	if f.Delay == nil {
		lo, hi := f.MinDelay, f.MaxDelay
		f.Delay = func(reading time.Time) time.Duration {
			return lo + time.Duration(unit(seed+12, reading.Unix())*float64(hi-lo))
		}
	}
	return f
}

type sensor struct {
	glucose Glucose
	feed    Feed
	seed    uint64
}

// NewSensor reads a curve as a sensor does: whole mg/dL between 40 and 500, with
// a little white noise, at its own second, which wanders by at most one.
func NewSensor(g Glucose, feed Feed, seed uint64) Source {
	return &sensor{glucose: g, feed: feed.withDefaults(seed), seed: seed}
}

func (s *sensor) Readings(after, until time.Time) []Reading {
	var out []Reading
	step := int64(s.feed.Step / time.Second)
	phase := int64(s.feed.Phase / time.Second)
	for n := (after.Unix() - phase) / step; ; n++ {
		t := time.Unix(n*step+phase, 0).UTC()
		t = t.Add(time.Duration(math.Round(wander(s.seed+21, t, 4*time.Hour))) * time.Second)
		if t.After(until) {
			return out
		}
		if t.After(after) {
			noise := 0.6 * bell(s.seed+22, t.Unix())
			mgdl := int(math.Round(s.glucose(t) + noise))
			out = append(out, Reading{Time: t, MgDL: min(max(mgdl, 40), 500)})
		}
	}
}

// arrow is the trend at the last of the readings, oldest first: the least-squares
// slope of the last quarter of an hour, or of the last two readings where they
// are further apart. The borders are the vendor's, 1 and 2 mg/dL a minute.
func arrow(readings []Reading) int {
	if len(readings) == 0 {
		return ArrowUnknown
	}
	last := readings[len(readings)-1]
	if last.Arrow != ArrowAuto {
		return last.Arrow
	}
	if last.High || last.Low {
		return ArrowUnknown
	}
	var n, sx, sy, sxx, sxy float64
	for i := len(readings) - 1; i >= 0; i-- {
		x := readings[i].Time.Sub(last.Time).Minutes()
		if x < -20 || (x < -15 && n > 1) {
			break
		}
		y := float64(readings[i].MgDL)
		n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	spread := n*sxx - sx*sx
	if n < 2 || spread == 0 {
		return ArrowUnknown
	}
	switch slope := (n*sxy - sx*sy) / spread; {
	case slope < -2:
		return ArrowFallingFast
	case slope < -1:
		return ArrowFalling
	case slope <= 1:
		return ArrowFlat
	case slope <= 2:
		return ArrowRising
	default:
		return ArrowRisingFast
	}
}
