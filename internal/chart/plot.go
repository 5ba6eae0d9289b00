package chart

import (
	"math"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// The scale of a plot does not follow the data, so that two pictures can be
// compared: it only grows when a value would not fit.
const (
	scaleBottom = 40
	scaleTop    = 300
	scaleStep   = 50
)

// fit lets the scale grow until the values lie within it.
func (s Scale) fit(lowest, highest glucose.MgDL) Scale {
	if lowest < s.Bottom {
		s.Bottom = 20 // the lowest plausible value
	}
	for s.Top < highest {
		s.Top += scaleStep
	}
	return s
}

// frame is a plot with its scales.
type frame struct {
	Plot
	scale    Scale
	from, to time.Time
}

// margins are left for labels around a plot.
type margins struct{ left, right, top, bottom float64 }

func newFrame(width, height int, m margins, from, to time.Time) frame {
	w, h := float64(width), float64(height)
	if !from.Before(to) {
		to = from.Add(time.Hour) // no time at all cannot be drawn
	}
	return frame{
		Plot:  Plot{Left: m.left, Right: w - m.right, Top: m.top, Bottom: h - m.bottom, Width: w, Height: h},
		scale: Scale{scaleBottom, scaleTop}, from: from, to: to,
	}
}

func (f frame) x(t time.Time) float64 {
	return f.Left + (f.Right-f.Left)*float64(t.Sub(f.from))/float64(f.to.Sub(f.from))
}

func (f frame) y(v float64) float64 {
	return f.Bottom - (f.Bottom-f.Top)*(v-float64(f.scale.Bottom))/float64(f.scale.Top-f.scale.Bottom)
}

// yTick is a labelled height.
type yTick struct {
	y     float64
	text  string
	label float64 // where the text is: at y, or beside it where two are near
}

// The least distance between two labels, in units: of two lines, and of two
// times of day.
const (
	leastLine = 26
	leastTime = 46
)

// yTicks are round values of the unit.
func (f frame) yTicks(u glucose.Unit) (out []yTick) {
	unit, steps := 1.0, []float64{50, 100}
	if u == glucose.MmolPerL {
		unit, steps = 18, []float64{2, 4, 5, 10}
	}
	step := steps[len(steps)-1]
	for _, s := range steps {
		if f.y(0)-f.y(s*unit) >= leastLine {
			step = s
			break
		}
	}
	for v := step; v*unit <= float64(f.scale.Top); v += step {
		if v*unit >= float64(f.scale.Bottom) {
			out = append(out, yTick{f.y(v * unit), num(v), f.y(v * unit)})
		}
	}
	return out
}

// limitTicks are the borders of the target range only.
func (f frame) limitTicks(l glucose.Limits, u glucose.Unit) []yTick {
	high, low := f.y(float64(l.High)), f.y(float64(l.Low))
	labels := []float64{high, low}
	spread(labels, fontSize, f.Top, f.Bottom)
	return []yTick{{high, u.Format(l.High), labels[0]}, {low, u.Format(l.Low), labels[1]}}
}

// xTick is a labelled time.
type xTick struct {
	x        float64
	text     string
	midnight bool
}

// xTicks are full hours by the clock of from's location. On the days that the
// clocks change an hour is there twice or not at all, and so is its tick.
func (f frame) xTicks() (out []xTick) {
	perHour := (f.Right - f.Left) / f.to.Sub(f.from).Hours()
	step := 24
	for _, h := range []int{1, 2, 3, 4, 6, 12} {
		if perHour*float64(h) >= leastTime {
			step = h
			break
		}
	}
	// Offsets are whole quarters of an hour everywhere, and so are their
	// changes.
	const quarter = 15 * time.Minute
	last := math.Inf(-1)
	for t := f.from.Truncate(quarter); !t.After(f.to); t = t.Add(quarter) {
		if t.Before(f.from) || t.Minute() != 0 || t.Hour()%step != 0 {
			continue
		}
		if x := f.x(t); x-last >= leastTime-6 {
			out = append(out, xTick{x, lang.Hour(t), t.Hour() == 0})
			last = x
		}
	}
	return out
}
