package chart

import (
	"strings"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// Spark is a course of readings as one line of text.
type Spark struct {
	Line            string // one character a cell, oldest first; a gap is a gap
	Lowest, Highest glucose.Reading
}

const (
	blocks = "▁▂▃▄▅▆▇█"
	// gap is as wide as a block in the fonts of desktops, so that time stays
	// to scale, and light enough not to be taken for a level.
	gap = '░'

	// graphStep is how far apart the points of the service's own history are
	// at most; between two live readings it is the feed's own step.
	graphStep = 15 * time.Minute

	// leastSpan in mg/dL (3 mmol/L) fills the height of the line: a steady
	// hour must look steady, and not show the sensor's noise as mountains.
	leastSpan = 54
)

// Sparkline draws the readings in [from, to) in cells of equal time. readings
// are oldest first and may be of any origin. A cell shows the mean of its
// readings; an empty one shows the reading before it only until the next was
// due, so that missing data is never bridged. ok is false when there is
// nothing to draw.
func Sparkline(readings []glucose.Reading, from, to time.Time, cells int) (s Spark, ok bool) {
	if cells < 1 || !from.Before(to) {
		return Spark{}, false
	}
	width := to.Sub(from) / time.Duration(cells)
	live := glucose.Cadence(readings)
	sums, counts := make([]int, cells), make([]int, cells)
	held := make([]glucose.MgDL, cells) // 0 for nothing
	for _, r := range readings {
		if !r.Plausible() || r.Time.Before(from) || !r.Time.Before(to) {
			continue
		}
		cell := min(int(r.Time.Sub(from)/width), cells-1)
		v := level(r)
		sums[cell] += int(v)
		counts[cell]++
		step := graphStep
		if r.Origin == glucose.Live {
			step = live
		}
		// Only cells that end before the next reading is due, with half a
		// step for its being late.
		due := r.Time.Add(step + step/2)
		for i := cell + 1; i < cells && !from.Add(time.Duration(i+1)*width).After(due); i++ {
			held[i] = v
		}
		if !ok || v < level(s.Lowest) {
			s.Lowest = r
		}
		if !ok || v > level(s.Highest) {
			s.Highest = r
		}
		ok = true
	}
	if !ok {
		return Spark{}, false
	}
	low, high := scale(level(s.Lowest), level(s.Highest))
	steps := []rune(blocks)
	var b strings.Builder
	for i := range cells {
		v := held[i]
		if counts[i] > 0 {
			v = glucose.MgDL(sums[i] / counts[i])
		}
		if v == 0 {
			b.WriteRune(gap)
			continue
		}
		n := int(v-low) * len(steps) / int(high-low)
		b.WriteRune(steps[min(max(n, 0), len(steps)-1)])
	}
	s.Line = b.String()
	return s, true
}

// level is where a reading is drawn. A sensor's LO and HI have no number of
// their own; they lie beyond the scale, which is 40 to 400 mg/dL on the
// sensors with the narrower one.
func level(r glucose.Reading) glucose.MgDL {
	switch r.Limit {
	case glucose.LimitLow:
		return 39
	case glucose.LimitHigh:
		return max(401, r.Value)
	}
	return r.Value
}

// scale returns the values at the bottom and the top of the line.
func scale(low, high glucose.MgDL) (bottom, top glucose.MgDL) {
	if missing := leastSpan - (high - low); missing > 0 {
		low -= missing / 2
		high = low + leastSpan
	}
	return low, high
}
