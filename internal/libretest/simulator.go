package libretest

import (
	"math"
	"time"
)

// Glucose is a person's glucose in mg/dL at any instant, past or future.
type Glucose func(t time.Time) float64

// meal is something eaten, and the insulin for it.
type meal struct {
	at    time.Time
	rise  float64       // mg/dL at the peak
	peak  time.Duration // from the first bite to the peak
	under float64       // mg/dL the insulin takes off afterwards
}

// dip is a stretch of too much insulin.
type dip struct {
	at    time.Time
	depth float64
	width time.Duration
}

// day is what happens between two local midnights.
type day struct {
	meals []meal
	dips  []dip
	dawn  time.Time
}

// body turns days into a curve. Seed and zone are all there is to it.
type body struct {
	seed uint64
	zone *time.Location
	plan func(midnight time.Time) day
	calm float64 // factor on the body's own unrest; 1 is ordinary
}

// NewSimulator returns the glucose of a person with type 1 diabetes who lives in
// zone (nil is UTC): three meals a day and sometimes a snack, a dawn rise, nights
// in range, every other day a low. It is a pure function of seed and time, stays
// within 40 to 400 mg/dL and moves at most about 4 mg/dL a minute.
func NewSimulator(seed uint64, zone *time.Location) Glucose {
	return newBody(seed, zone).at
}

func newBody(seed uint64, zone *time.Location) *body {
	if zone == nil {
		zone = time.UTC
	}
	b := &body{seed: seed, zone: zone, calm: 1}
	b.plan = b.ordinaryDay
	return b
}

const (
	resting   = 118.0 // mg/dL between meals
	dawnRise  = 20.0  // mg/dL, the liver's own breakfast
	dawnWidth = 90 * time.Minute
)

func (b *body) at(t time.Time) float64 {
	local := t.In(b.zone)
	v := resting
	for offset := -1; offset <= 1; offset++ {
		d := b.plan(time.Date(local.Year(), local.Month(), local.Day()+offset, 0, 0, 0, 0, b.zone))
		for _, m := range d.meals {
			v += m.effect(t)
		}
		for _, d := range d.dips {
			v -= d.depth * hump(t.Sub(d.at), d.width)
		}
		v += dawnRise * hump(t.Sub(d.dawn), dawnWidth)
	}
	return tame(v + b.calm*b.unrest(t))
}

// unrest is what no meal explains, in mg/dL: slow drift over hours, and the
// correlated error of a sensor over minutes.
func (b *body) unrest(t time.Time) float64 {
	return 26*wander(b.seed+1, t, 5*time.Hour) + 6*wander(b.seed+2, t, 50*time.Minute) + b.flutter(t)
}

func (b *body) flutter(t time.Time) float64 {
	return 2.5 * wander(b.seed+3, t, 11*time.Minute)
}

// ordinaryDay draws the day that begins at midnight.
func (b *body) ordinaryDay(midnight time.Time) day {
	date := int64(midnight.Year())*400 + int64(midnight.YearDay())
	draw := func(what uint64, lo, hi float64) float64 { return between(b.seed+100+what, date, lo, hi) }
	at := func(minutes float64) time.Time { return clockTime(midnight, minutes) }
	minutes := func(m float64) time.Duration { return time.Duration(m * float64(time.Minute)) }

	d := day{
		dawn: at(draw(0, 360, 420)),
		meals: []meal{
			{at(draw(1, 405, 500)), draw(2, 45, 95), minutes(draw(3, 56, 72)), draw(4, 12, 30)},
			{at(draw(5, 730, 815)), draw(6, 55, 130), minutes(draw(7, 72, 95)), draw(8, 14, 34)},
			{at(draw(9, 1085, 1190)), draw(10, 45, 125), minutes(draw(11, 72, 95)), draw(12, 12, 32)},
		},
	}
	if draw(13, 0, 1) < 0.4 {
		d.meals = append(d.meals, meal{at(draw(14, 950, 1000)), draw(15, 18, 40), minutes(draw(16, 40, 55)), 6})
	}
	if draw(17, 0, 1) < 0.5 {
		hour := []float64{180, 660, 1050, 1350}[int(draw(18, 0, 4))]
		d.dips = []dip{{at(hour + draw(19, -40, 40)), draw(20, 45, 75), minutes(draw(21, 30, 40))}}
	}
	return d
}

// clockTime is the wall-clock time so many minutes into the day that begins at
// midnight; on the two odd days of a year that is not midnight plus a duration.
func clockTime(midnight time.Time, minutes float64) time.Time {
	y, m, d := midnight.Date()
	return time.Date(y, m, d, 0, int(minutes), 0, 0, midnight.Location())
}

func (m meal) effect(t time.Time) float64 {
	since := t.Sub(m.at)
	return m.rise*gulp(since, m.peak) - m.under*gulp(since, m.peak*26/10)
}

// gulp rises from 0 to 1 at peak and decays: the shape of a meal on a trace.
func gulp(since, peak time.Duration) float64 {
	if since <= 0 {
		return 0
	}
	x := float64(since) / float64(peak)
	return x * x * math.Exp(2*(1-x))
}

func hump(off, width time.Duration) float64 {
	x := float64(off) / float64(width)
	return math.Exp(-x * x / 2)
}

// tame bends the curve away from what a sensor cannot show, without a corner:
// a hard clamp would draw a ruler-straight low.
func tame(v float64) float64 {
	const low, lowRoom, high, highRoom = 62, 20, 300, 90
	switch {
	case v < low:
		return low - lowRoom*math.Tanh((low-v)/lowRoom)
	case v > high:
		return high + highRoom*math.Tanh((v-high)/highRoom)
	}
	return v
}
