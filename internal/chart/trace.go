package chart

import (
	"fmt"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/stats"
)

// TraceSpec says what a trace shows. Readings are oldest first and may come
// from glucose.Merge; those outside of From and To are passed over.
type TraceSpec struct {
	Readings []glucose.Reading
	// From and To are the edges; the axis is labelled by the clock of From's
	// location.
	From, To time.Time
	Now      time.Time // the present is marked if it lies within; zero for none
	Unit     glucose.Unit
	Limits   glucose.Limits
	// AlarmLimits are drawn as dashed lines.
	AlarmLimits []glucose.MgDL
	Alarms      []AlarmMark
	// Width and Height of the view box; 0 for 720 by 320. Text is 12 units
	// high: give the size in pixels that the picture will have.
	Width, Height int
	// Title names the picture for screen readers; "" for a usual one.
	Title string
}

// AlarmMark is an alarm that was said.
type AlarmMark struct {
	Time   time.Time
	Label  string // "Low 3.7"
	Urgent bool
}

// Trace draws the course of glucose over some hours, a day at most.
func Trace(spec TraceSpec) Drawing {
	w, h := size(spec.Width, spec.Height, 720, 320)
	f := frame{Plot: Plot{36, float64(w) - 34, 20, float64(h) - 24, float64(w), float64(h)}, from: spec.From, to: spec.To}
	return trace(spec, f, true)
}

// Day draws a day as a small strip; 0 for 720 by 96. From and To should be
// those of stats.Day.
func Day(spec TraceSpec) Drawing {
	w, h := size(spec.Width, spec.Height, 720, 96)
	f := frame{Plot: Plot{36, float64(w) - 34, 6, float64(h) - 18, float64(w), float64(h)}, from: spec.From, to: spec.To}
	return trace(spec, f, false)
}

func trace(spec TraceSpec, f frame, full bool) Drawing {
	in := visible(spec)
	lowest, highest := glucose.MgDL(scaleBottom), glucose.MgDL(scaleTop)
	for _, r := range in {
		if r.Limit == glucose.LimitNone {
			lowest, highest = min(lowest, r.Value), max(highest, r.Value)
		}
	}
	f.scale = scaleFor(lowest, highest)
	d := Drawing{Plot: f.Plot, Scale: f.scale, Gaps: gaps(in, spec)}
	title := spec.Title
	if title == "" {
		title = "Glucose from " + spec.From.Format("15:04") + " to " + spec.To.Format("15:04")
	}
	d.Words = fmt.Sprintf("%d readings.", len(in))
	var s svg
	s.open(int(f.Width), int(f.Height), "trace", title, d.Words)
	s.rect(f.Left, f.y(float64(spec.Limits.High)), f.Right, f.y(float64(spec.Limits.Low)), `class="band" fill="#E3F0F8"`)
	for _, t := range f.yTicks(spec.Unit) {
		s.line(f.Left, t.y, f.Right, t.y, `class="grid" stroke="#DDD"`)
		s.label(f.Left-6, t.y+4, t.text, `class="axis" text-anchor="end" fill="#444"`)
	}
	for _, t := range f.xTicks() {
		s.line(t.x, f.Top, t.x, f.Bottom, `class="grid" stroke="#DDD"`)
		s.label(t.x, f.Height-6, t.text, `class="axis" text-anchor="middle" fill="#444"`)
	}
	steps := stats.StepsOf(in)
	var line path
	for i, r := range in {
		x, y := f.x(r.Time), f.y(float64(r.Value))
		if i == 0 || steps.Gap(in[i-1], r) {
			line.move(x, y)
		} else {
			line.line(x, y)
		}
	}
	s.path(line, `class="trace-line" fill="none" stroke="#555" stroke-width="1.5" stroke-linejoin="round"`)
	d.SVG = s.close()
	return d
}

// visible are the readings to draw.
func visible(spec TraceSpec) (in []glucose.Reading) {
	for _, r := range spec.Readings {
		if r.Plausible() && !r.Time.Before(spec.From) && !r.Time.After(spec.To) {
			in = append(in, r)
		}
	}
	return in
}

// gaps are the times without data between the readings.
func gaps(in []glucose.Reading, spec TraceSpec) (out []Gap) {
	steps := stats.StepsOf(in)
	for i := 1; i < len(in); i++ {
		if steps.Gap(in[i-1], in[i]) {
			out = append(out, Gap{in[i-1].Time, in[i].Time})
		}
	}
	return out
}
