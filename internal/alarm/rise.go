package alarm

import (
	"math"
	"slices"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// The numbers of the second rise, chosen on 1738 recorded days of 27 people
// with type 1: 0.6 messages a day for the median person, after 57 % of which
// the value rose by 20 more within 45 minutes or stayed above 180 for an hour.
const (
	riseBy     glucose.MgDL = 50 // a meal: up by this much
	riseWithin              = 90 * time.Minute
	risePeak   glucose.MgDL = 150 // to at least this
	fallBy     glucose.MgDL = 25  // from the peak, before it counts as come down
	climbBy    glucose.MgDL = 20  // from the trough, before it counts as a second rise
	climbFor                = 10 * time.Minute
	climbFrom  glucose.MgDL = 140
	mealLeast               = 60 * time.Minute // after the rise began
	mealMost                = 240 * time.Minute
	mealBack   glucose.MgDL = 5  // this near to where it began, the meal is over
	turnBy     glucose.MgDL = 10 // down again from the second rise: it is over
	meanOf                  = 5 * time.Minute
	maxMeans                = 32
)

// mealStage is how far a meal has come.
type mealStage int

const (
	noMeal mealStage = iota
	mealRising
	mealFalling
	mealAgain // rising again, told once
	mealTold  // and over
)

// meal watches for a second rise on means of five minutes: the reading itself
// on a 5-minute feed, and the line between readings on a slower one.
type meal struct {
	Stage  mealStage `json:"stage"`
	Start  point     `json:"start"`
	Peak   point     `json:"peak"` // of the rise that is under way
	Trough point     `json:"trough"`
	Down   time.Time `json:"down"`            // of the last step down
	Means  []point   `json:"means,omitempty"` // of the last 90 minutes
	Sum    int       `json:"sum"`             // of the readings since the last mean
	Count  int       `json:"count"`
}

// trusted reports whether this can have been written by add.
func (m *meal) trusted() bool {
	return m.Stage >= noMeal && m.Stage <= mealTold && m.Count >= 0 && len(m.Means) <= maxMeans &&
		slices.IsSortedFunc(m.Means, func(a, b point) int { return a.Time.Compare(b.Time) })
}

// add takes in a reading and reports whether with it a second rise is found.
func (m *meal) add(p point, gap bool) (found bool) {
	if gap {
		*m = meal{}
	}
	m.Sum, m.Count = m.Sum+int(p.Value), m.Count+1
	n := len(m.Means)
	if n == 0 {
		return m.mean(m.take(p.Time))
	}
	last := m.Means[n-1]
	step := p.Time.Sub(last.Time)
	if step < meanOf-slack {
		return false
	}
	next := m.take(p.Time)
	parts := max(1, int((step+meanOf/2)/meanOf))
	for i := 1; i <= parts; i++ {
		part := float64(i) / float64(parts)
		found = m.mean(point{
			last.Time.Add(time.Duration(part * float64(step))),
			last.Value + glucose.MgDL(math.Round(part*float64(next.Value-last.Value))),
		}) || found
	}
	return found
}

// take closes the mean of the readings that have come in.
func (m *meal) take(at time.Time) point {
	v := glucose.MgDL(math.Round(float64(m.Sum) / float64(m.Count)))
	m.Sum, m.Count = 0, 0
	return point{at, v}
}

// mean follows the curve by one mean.
func (m *meal) mean(x point) (found bool) {
	before := x
	if n := len(m.Means); n > 0 {
		before = m.Means[n-1]
	}
	drop := 0
	for drop < len(m.Means) && (x.Time.Sub(m.Means[drop].Time) > riseWithin || len(m.Means)-drop >= maxMeans) {
		drop++
	}
	m.Means = append(m.Means[drop:], x)

	if m.Stage != noMeal && (x.Time.Sub(m.Start.Time) > mealMost || x.Value <= m.Start.Value+mealBack) {
		m.Stage = noMeal
	}
	switch m.Stage {
	case noMeal:
		low := x
		for _, p := range m.Means {
			if p.Value <= low.Value {
				low = p
			}
		}
		if x.Value-low.Value >= riseBy && x.Value >= risePeak {
			m.Stage, m.Start, m.Peak = mealRising, low, x
		}
	case mealRising:
		if x.Value > m.Peak.Value {
			m.Peak = x
		}
		if m.Peak.Value-x.Value >= fallBy {
			m.Stage, m.Trough, m.Down = mealFalling, x, x.Time
		}
	case mealFalling:
		if x.Value < before.Value {
			m.Down = x.Time
		}
		switch {
		case x.Value > m.Peak.Value:
			m.Stage, m.Peak = mealRising, x
		case x.Value < m.Trough.Value:
			m.Trough = x
		case m.climbs(x):
			m.Stage, m.Peak = mealAgain, x
			return true
		}
	case mealAgain:
		if x.Value > m.Peak.Value {
			m.Peak = x
		}
		if m.Peak.Value-x.Value >= turnBy || x.Value < climbFrom {
			m.Stage = mealTold
		}
	}
	return false
}

// climbs reports whether a mean after the trough makes a second rise.
func (m *meal) climbs(x point) bool {
	from := m.Trough.Time
	if m.Down.After(from) {
		from = m.Down
	}
	return x.Value-m.Trough.Value >= climbBy && x.Value >= climbFrom &&
		x.Time.Sub(from) >= climbFor-slack && x.Time.Sub(m.Start.Time) >= mealLeast
}
