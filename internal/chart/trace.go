package chart

import (
	"cmp"
	"slices"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/stats"
)

// TraceSpec says what a trace shows. Readings are oldest first and may come
// from glucose.Merge; those outside of From and To are passed over.
type TraceSpec struct {
	Readings []glucose.Reading
	// From and To are the edges; the axis is labelled by the clock of From's
	// location.
	From, To time.Time
	// Now is marked if it lies within, and what lies after it is not called
	// missing; zero for none.
	Now    time.Time
	Unit   glucose.Unit
	Limits glucose.Limits
	// AlarmLimits are drawn as dashed lines with a bell.
	AlarmLimits []glucose.MgDL
	Alarms      []AlarmMark
	// Width and Height of the view box; 0 for a usual one. Text is 12 units
	// high: give the size in pixels that the picture will have.
	Width, Height int
	// Top lets the scale reach at least to it, for pictures side by side.
	Top glucose.MgDL
	// Title names the picture for screen readers; "" for a usual one.
	Title string
}

// AlarmMark is an alarm that was said.
type AlarmMark struct {
	Time   time.Time
	Label  string // "Low 3.7"
	Urgent bool
}

// Trace draws the course of glucose over some hours, a day at most; usually
// 720 by 320.
func Trace(spec TraceSpec) Drawing {
	t := newTrace(spec, 720, 320, margins{left: 36, right: 48, top: 26, bottom: 24})
	t.open("trace")
	t.band()
	t.gaps()
	t.grid(t.yTicks(spec.Unit))
	t.limits()
	t.gapLabels()
	t.rightLabels()
	t.unit(t.spec.Unit)
	t.data()
	t.now()
	t.alarms()
	return t.done()
}

// Day draws a day as a small strip to lie below others; usually 720 by 96.
// From and To should be those of stats.Day.
func Day(spec TraceSpec) Drawing {
	t := newTrace(spec, 720, 96, margins{left: 36, right: 12, top: 6, bottom: 20})
	t.open("day")
	t.band()
	t.gaps()
	t.grid(t.limitTicks(spec.Limits, spec.Unit))
	t.gapLabels()
	t.data()
	t.alarms()
	return t.done()
}

// tracing is a trace on its way to the paper.
type tracing struct {
	svg
	frame
	spec     TraceSpec
	readings []glucose.Reading // those to be drawn
	steps    stats.Steps
	missing  []Gap
}

func newTrace(spec TraceSpec, width, height int, m margins) *tracing {
	t := &tracing{
		spec:  spec,
		frame: newFrame(cmp.Or(spec.Width, width), cmp.Or(spec.Height, height), m, spec.From, spec.To),
	}
	for _, r := range spec.Readings {
		if r.Plausible() && !r.Time.Before(spec.From) && !r.Time.After(spec.To) {
			t.readings = append(t.readings, r)
			if r.Limit == glucose.LimitNone {
				t.scale = t.scale.fit(r.Value, r.Value)
			}
		}
	}
	t.scale = t.scale.fit(t.scale.Bottom, spec.Top)
	t.steps = stats.StepsOf(t.readings)
	t.missing = t.findGaps()
	return t
}

// findGaps are the times without data: between readings, and at the ends, but
// not in the future.
func (t *tracing) findGaps() (out []Gap) {
	end := t.spec.To
	if now := t.spec.Now; !now.IsZero() && now.Before(end) {
		end = now
	}
	if len(t.readings) == 0 {
		if t.from.Before(end) {
			out = append(out, Gap{t.from, end})
		}
		return out
	}
	add := func(a, b glucose.Reading) {
		if t.steps.Gap(a, b) {
			out = append(out, Gap{a.Time, b.Time})
		}
	}
	first, last := t.readings[0], t.readings[len(t.readings)-1]
	add(glucose.Reading{Time: t.from, Origin: first.Origin}, first)
	for i := 1; i < len(t.readings); i++ {
		add(t.readings[i-1], t.readings[i])
	}
	add(last, glucose.Reading{Time: end, Origin: last.Origin})
	return out
}

func (t *tracing) open(class string) {
	title := t.spec.Title
	if title == "" {
		title = lang.F("Glucose from %s to %s", t.ends()...)
	}
	t.svg.open(t.frame, class, title, t.words())
}

func (t *tracing) done() Drawing {
	return Drawing{SVG: t.close(), Plot: t.Plot, Scale: t.scale, Words: t.words(), Gaps: t.missing}
}

// gaps shades what is not known, so that it is not taken for a steady line
// that is hard to see.
func (t *tracing) gaps() {
	if len(t.missing) == 0 {
		return
	}
	t.put(`<g class="gap" fill="#EEE">`)
	for _, g := range t.missing {
		t.rect(t.x(g.From), t.Top, t.x(g.To), t.Bottom, "")
	}
	t.put(`</g>`)
}

// gapLabels says of what is shaded, where there is room, why.
func (t *tracing) gapLabels() {
	text := lang.T("no data")
	for _, g := range t.missing {
		if left, right := t.x(g.From), t.x(g.To); right-left > wide(text)+5 {
			t.label((left+right)/2, t.Top+16, text, `class="gap-label" fill="#555" stroke="#EEE" stroke-width="4" paint-order="stroke" text-anchor="middle"`)
		}
	}
}

// level is where a reading is drawn: a sensor's LO and HI at the edges.
func (t *tracing) level(r glucose.Reading) float64 {
	switch r.Limit {
	case glucose.LimitLow:
		return t.Bottom
	case glucose.LimitHigh:
		return t.Top
	}
	return t.y(float64(r.Value))
}

// data draws the line, which a gap breaks, and the marks.
func (t *tracing) data() {
	var line path
	for i, r := range t.readings {
		line.to(i == 0 || t.steps.Gap(t.readings[i-1], r), t.x(r.Time), t.level(r))
	}
	t.path(line, `class="trace-line" fill="none" stroke="#5A5A5A" stroke-width="1.5" stroke-linejoin="round"`)
	for _, look := range looks {
		marks := t.marks(look)
		if look.shape == "" {
			t.path(marks, `class="point `+look.class+`" fill="none" stroke="`+look.colour+`" stroke-width="4" stroke-linecap="round"`)
		} else {
			t.path(marks, `class="point `+look.class+`" fill="`+look.colour+`" stroke="`+look.rim+`" stroke-width=".8"`)
		}
	}
	t.outOfScale()
}

// marks are those of a range. They are thinned where they would run into each
// other, but the first of a stretch and its extreme are always there, and the
// newest of all.
func (t *tracing) marks(look rangeLook) (marks path) {
	last := -look.apart
	put := func(r glucose.Reading) {
		last = t.x(r.Time)
		if look.shape == "" {
			marks.shape(last, t.level(r), "h0")
		} else {
			marks.shape(last, t.level(r), look.shape)
		}
	}
	for i := 0; i < len(t.readings); {
		if t.spec.Limits.Of(t.readings[i]) != look.r {
			i++
			continue
		}
		end := i + 1
		for end < len(t.readings) && t.spec.Limits.Of(t.readings[end]) == look.r && !t.steps.Gap(t.readings[end-1], t.readings[end]) {
			end++
		}
		stretch := t.readings[i:end]
		extreme := t.extreme(stretch, look.r)
		for j, r := range stretch {
			needed := j == 0 || j == extreme || i+j == len(t.readings)-1
			if needed || t.x(r.Time)-last >= look.apart && (j > extreme || t.x(stretch[extreme].Time)-t.x(r.Time) >= look.apart) {
				put(r)
			}
		}
		i = end
	}
	return marks
}

// extreme is the index of the reading furthest from the range; 0 in range.
func (t *tracing) extreme(stretch []glucose.Reading, r glucose.Range) (at int) {
	for i := range stretch {
		higher := t.level(stretch[i]) < t.level(stretch[at])
		lower := t.level(stretch[i]) > t.level(stretch[at])
		if r > glucose.InRange && higher || r < glucose.InRange && lower {
			at = i
		}
	}
	return at
}

// outOfScale writes LO and HI at their marks, once a stretch.
func (t *tracing) outOfScale() {
	for i := 0; i < len(t.readings); {
		first, end := t.readings[i], i+1
		for end < len(t.readings) && t.readings[end].Limit == first.Limit && !t.steps.Gap(t.readings[end-1], t.readings[end]) {
			end++
		}
		middle := (t.x(first.Time) + t.x(t.readings[end-1].Time)) / 2
		attributes := func(l rangeLook) string {
			// The rim keeps it readable on the line.
			return `class="out-of-scale ` + l.class + `" fill="` + l.colour + `" stroke="#FFF" stroke-width="3" paint-order="stroke" font-weight="bold" text-anchor="middle"`
		}
		switch first.Limit {
		case glucose.LimitLow:
			t.label(middle, t.Bottom-10, "LO", attributes(looks[0]))
		case glucose.LimitHigh:
			t.label(middle, t.Top+18, "HI", attributes(looks[len(looks)-1]))
		}
		i = end
	}
}

// now marks the present.
func (t *tracing) now() {
	n := t.spec.Now
	if n.Before(t.from) || n.After(t.to) {
		return
	}
	x := t.x(n)
	t.line(x, t.Top, x, t.Bottom, `class="now" stroke="#000" stroke-opacity=".6"`)
	text := lang.T("now")
	t.label(min(x, t.Right-1.2-wide(text)/2), t.Top-12, text, `class="now-label" fill="#333" text-anchor="middle"`)
}

// bell stands for alarms, 8 units wide.
const bell = "m0-4c-2.2 0-3 1.6-3 3.4v1.6l-1.2 2h8.4l-1.2-2v-1.6c0-1.8-.8-3.4-3-3.4zm-1.2 7.8h2.4"

// alarms are bells above the plot, filled when urgent, with a thin line down
// to the time they were said.
func (t *tracing) alarms() {
	for _, a := range t.spec.Alarms {
		if a.Time.Before(t.from) || a.Time.After(t.to) {
			continue
		}
		x := t.x(a.Time)
		class, fill := "alarm-mark", "none"
		if a.Urgent {
			class, fill = "alarm-mark urgent", "#B84A00"
		}
		t.put(`<g class="%s" stroke="#B84A00" fill="%s"><title>%s</title>`, class, fill, escape(t.clock(a.Time)+" "+a.Label))
		t.put(`<path d="M%s %sV%s" stroke-opacity=".35"/>`, num(x), num(t.Top), num(t.Bottom))
		t.put(`<path d="M%s %s%s"/></g>`, num(x), num(max(5, t.Top-6)), bell)
	}
}

// rightLabels names the limits and the alarm limits beside the plot; these
// have a bell. Where two would overlap, the limits of the range win.
func (t *tracing) rightLabels() {
	type label struct {
		v    glucose.MgDL
		bell bool
	}
	l := t.spec.Limits
	var labels []label
	for _, v := range []glucose.MgDL{l.Low, l.High, l.UrgentLow, l.UrgentHigh} {
		labels = append(labels, label{v, slices.Contains(t.spec.AlarmLimits, v)})
	}
	for _, v := range t.spec.AlarmLimits {
		labels = append(labels, label{v, true})
	}
	var taken []float64
	t.put(`<g class="axis limit-label" fill="#444">`)
	for _, l := range labels {
		y := t.y(float64(l.v))
		near := func(other float64) bool { return max(y-other, other-y) < fontSize }
		if y < t.Top || y > t.Bottom || slices.ContainsFunc(taken, near) {
			continue
		}
		taken = append(taken, y)
		t.label(t.Right+4, y+4, t.spec.Unit.Format(l.v), "")
		if l.bell {
			t.put(`<path class="bell" d="M%s %s%s" fill="none" stroke="#444"/>`, num(t.Width-7), num(y), bell)
		}
	}
	t.put(`</g>`)
}
