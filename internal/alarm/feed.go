package alarm

import (
	"slices"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

const (
	// maxAhead is how far a reading may be ahead of the computer's clock: a
	// phone's clock may run a little fast.
	maxAhead = glucose.MaxAhead
	// window is how long readings are kept for the trend: it looks back 30
	// minutes, half a mean and one bridge.
	window    = 51 * time.Minute
	maxWindow = 512
	// bridge is the longest step over which a value is taken from the line
	// between two readings: one missed reading of a 5-minute feed or the
	// jitter of a 15-minute one.
	bridge = 1056 * time.Second // 17.6 min
	// slack is how much an interval between readings may fall short of what
	// is asked: sensors and servers round to seconds in different ways.
	slack = 30 * time.Second

	belowScale glucose.MgDL = 39  // what a sensor's LO counts as, and
	aboveScale glucose.MgDL = 501 // its HI; scales are 40 to 400 or 500
)

// point is a value at a time.
type point struct {
	Time  time.Time    `json:"t"`
	Value glucose.MgDL `json:"v"`
}

func pointOf(r glucose.Reading) point {
	switch r.Limit {
	case glucose.LimitLow:
		return point{r.Time, belowScale}
	case glucose.LimitHigh:
		return point{r.Time, aboveScale}
	}
	return point{r.Time, r.Value}
}

// slow reports whether this is a feed of about 15 minutes.
func slow(cadence time.Duration) bool { return cadence >= 10*time.Minute }

// maxAge is how old a reading may be when it is handled to raise an alarm.
func maxAge(cadence time.Duration) time.Duration {
	if slow(cadence) {
		return 15 * time.Minute
	}
	return 10 * time.Minute
}

// gapAfter is the step between readings beyond which what was before says
// nothing about the present.
func gapAfter(cadence time.Duration) time.Duration {
	if slow(cadence) {
		return 37*time.Minute + 30*time.Second
	}
	return 20 * time.Minute
}

// push adds a reading to the window and reports whether a gap lies before it;
// the window starts anew then.
func (m *memory) push(p point, cadence time.Duration) (gap bool) {
	if n := len(m.Window); n > 0 {
		gap = p.Time.Sub(m.Window[n-1].Time) > gapAfter(cadence)
	}
	if gap {
		m.Window = m.Window[:0]
	}
	drop := 0
	for drop < len(m.Window) && (p.Time.Sub(m.Window[drop].Time) > window || len(m.Window)-drop >= maxWindow) {
		drop++
	}
	m.Window = append(m.Window[drop:], p)
	return gap
}

// from tells which source told the reading that was just pushed. Another one
// than before begins the window anew, with that reading alone, and from
// reports so: two services may tell one sensor's value differently, and what
// lies between them is no trend. It is no gap all the same. Levels hold
// whoever told the value, and nothing that stands about one begins or ends.
func (m *memory) from(source glucose.Source) (changed bool) {
	n := len(m.Window)
	changed = source != m.Source && n > 1
	m.Source = source
	if changed {
		m.Window, m.Changed = m.Window[n-1:], m.Window[n-1].Time
	}
	return changed
}

// unsettled reports whether the window is shorter for a change of source. A
// mean of two noisy readings would rise where one of five falls.
func (m *memory) unsettled() bool {
	return !m.Changed.IsZero() && m.newest().Sub(m.Changed) < window
}

// newest is the time of the last reading in the window, zero for none.
func (m *memory) newest() time.Time {
	if n := len(m.Window); n > 0 {
		return m.Window[n-1].Time
	}
	return time.Time{}
}

// at is the value some time before the newest one: the mean of the readings
// of five minutes around it, which takes the noise out of a 1-minute feed and
// is the reading itself on slower ones. Where there is none, the line between
// its neighbours, if they are near enough.
func (m *memory) at(ago time.Duration) (value float64, ok bool) {
	const half = 150 * time.Second
	w := m.Window
	if len(w) == 0 {
		return 0, false
	}
	middle := w[len(w)-1].Time.Add(-ago)
	from, to := middle.Add(-half), middle.Add(half)
	sum, n, after := 0, 0, len(w)
	for i := len(w) - 1; i >= 0 && w[i].Time.After(from); i-- {
		if !w[i].Time.After(to) {
			sum += int(w[i].Value)
			n++
		}
		after = i
	}
	if n > 0 {
		return float64(sum) / float64(n), true
	}
	if after == 0 || after == len(w) {
		return 0, false
	}
	a, b := w[after-1], w[after]
	d := b.Time.Sub(a.Time)
	if d > bridge {
		return 0, false
	}
	part := float64(middle.Sub(a.Time)) / float64(d)
	return float64(a.Value) + float64(b.Value-a.Value)*part, true
}

// change is the newest change: over five minutes of means, or since the reading
// before on a slow feed; and the change over three times that. A change that
// is not known counts as none.
func (m *memory) change(cadence time.Duration) (short, long float64) {
	now, ok := m.at(0)
	if !ok {
		return 0, 0
	}
	near, far := 5*time.Minute, 15*time.Minute
	if slow(cadence) {
		far = 30 * time.Minute
		n := len(m.Window)
		now = float64(m.Window[n-1].Value)
		if n > 1 {
			short = now - float64(m.Window[n-2].Value)
		}
	} else if v, ok := m.at(near); ok {
		short = now - v
	}
	if v, ok := m.at(far); ok {
		long = now - v
	}
	return short, long
}

// rising: not falling now, and above the value of one or three steps ago. A value
// below all others of the window is none: the mean of five minutes may rise for
// minutes more when it has just fallen.
func (m *memory) rising(cadence time.Duration) bool {
	short, long := m.change(cadence)
	return short >= 0 && (short > 0 || long > 0) && !m.lowest()
}

// lowest reports whether the newest value is below all others.
func (m *memory) lowest() bool {
	n := len(m.Window)
	return n > 1 && !slices.ContainsFunc(m.Window[:n-1], func(p point) bool { return p.Value <= m.Window[n-1].Value })
}

// falling: by 2 mg/dL in five minutes or faster.
func (m *memory) falling(cadence time.Duration) bool {
	short, _ := m.change(cadence)
	if slow(cadence) && len(m.Window) > 1 {
		n := len(m.Window)
		d := m.Window[n-1].Time.Sub(m.Window[n-2].Time)
		return short*float64(5*time.Minute) <= -2*float64(d)
	}
	return short <= -2
}
