package chart

import (
	"cmp"
	"math"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/stats"
)

// AGPSpec says what an ambulatory glucose profile shows.
type AGPSpec struct {
	Profile       stats.Profile
	Unit          glucose.Unit
	Limits        glucose.Limits
	Width, Height int    // of the view box; 0 for 720 by 320
	Title         string // for screen readers; "" for a usual one
}

// leastProfileDays is how many days a time of the day needs to be drawn: of
// fewer the outer percentiles are just the lowest and the highest value.
const leastProfileDays = 5

// AGP draws the profile: the median, the middle half and nine tenths of the
// values at each time of the day.
func AGP(spec AGPSpec) Drawing {
	midnight := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	f := newFrame(cmp.Or(spec.Width, 720), cmp.Or(spec.Height, 320), margins{left: 36, right: 34, top: 26, bottom: 24},
		midnight, midnight.Add(24*time.Hour))
	parts := knownParts(spec.Profile)
	for _, part := range parts {
		for _, s := range part {
			f.scale = f.scale.fit(glucose.MgDL(s.P5), glucose.MgDL(math.Ceil(s.P95)))
		}
	}
	d := Drawing{Plot: f.Plot, Scale: f.scale, Words: profileWords(spec, parts)}
	var s svg
	s.open(f, "agp", cmp.Or(spec.Title, lang.T("Glucose profile of the day")), d.Words)
	s.band(f, spec.Limits)
	s.grid(f, f.profileTicks(spec))
	s.unit(f, spec.Unit)
	var outer, inner, median path
	area := func(p *path, part []stats.Slot, low, high func(stats.Slot) float64) {
		for i, s := range part {
			p.to(i == 0, f.x(midnight.Add(s.At)), f.y(high(s)))
		}
		for i := len(part) - 1; i >= 0; i-- {
			p.line(f.x(midnight.Add(part[i].At)), f.y(low(part[i])))
		}
		p.end()
	}
	for _, part := range parts {
		area(&outer, part, func(s stats.Slot) float64 { return s.P5 }, func(s stats.Slot) float64 { return s.P95 })
		area(&inner, part, func(s stats.Slot) float64 { return s.P25 }, func(s stats.Slot) float64 { return s.P75 })
		for i, s := range part {
			median.to(i == 0, f.x(midnight.Add(s.At)), f.y(s.P50))
		}
	}
	s.path(outer, `class="percentiles-5-95" fill="#0072B2" fill-opacity=".2"`)
	s.path(inner, `class="percentiles-25-75" fill="#0072B2" fill-opacity=".4"`)
	var limits path
	for _, v := range []glucose.MgDL{spec.Limits.Low, spec.Limits.High} {
		limits.move(f.Left, f.y(float64(v)))
		limits.line(f.Right, f.y(float64(v)))
	}
	s.path(limits, `class="limit" fill="none" stroke="#333"`)
	s.path(median, `class="median" fill="none" stroke="#00405F" stroke-width="2.5" stroke-linejoin="round"`)
	if len(parts) > 0 {
		f.percentileLabels(&s, parts[len(parts)-1])
	} else {
		s.label((f.Left+f.Right)/2, f.y(125), lang.F("too few days: %d of at least %d", spec.Profile.Days, leastProfileDays), `class="empty" fill="#444" text-anchor="middle"`)
	}
	d.SVG = s.close()
	return d
}

// knownParts are the stretches of the day with enough data. The day goes
// round: its end is its beginning.
func knownParts(p stats.Profile) (parts [][]stats.Slot) {
	slots := p.Slots
	if len(slots) > 0 {
		last := slots[0]
		last.At = 24 * time.Hour
		slots = append(slots[:len(slots):len(slots)], last)
	}
	open := false
	for _, s := range slots {
		switch {
		case s.Days < leastProfileDays:
			open = false
		case !open:
			parts, open = append(parts, []stats.Slot{s}), true
		default:
			parts[len(parts)-1] = append(parts[len(parts)-1], s)
		}
	}
	return parts
}

// profileTicks are round values, and the limits in the place of those that
// are near.
func (f frame) profileTicks(spec AGPSpec) []yTick {
	out := f.limitTicks(spec.Limits, spec.Unit)
	for _, tick := range f.yTicks(spec.Unit) {
		if math.Abs(tick.y-out[0].y) >= fontSize && math.Abs(tick.y-out[1].y) >= fontSize {
			out = append(out, tick)
		}
	}
	return out
}

// percentileLabels names the lines at their right end, moved apart where they
// are too near each other.
func (f frame) percentileLabels(s *svg, part []stats.Slot) {
	end := part[len(part)-1]
	ys := []float64{f.y(end.P95), f.y(end.P75), f.y(end.P50), f.y(end.P25), f.y(end.P5)}
	spread(ys, fontSize, f.Top+4, f.Bottom-4)
	s.put(`<g class="axis percentile-label" fill="#444">`)
	for i, share := range []float64{95, 75, 50, 25, 5} {
		s.label(f.x(f.from.Add(end.At))+4, ys[i]+4, lang.Percent(share, 0), "")
	}
	s.put(`</g>`)
}

// spread moves ascending places as little as it takes for them to be least
// apart, within top and bottom: what is too near becomes a block around its
// own middle.
func spread(ys []float64, least, top, bottom float64) {
	type block struct{ sum, n float64 }
	var blocks []block
	for i, y := range ys {
		blocks = append(blocks, block{y - float64(i)*least, 1})
		for k := len(blocks) - 1; k > 0 && blocks[k].sum/blocks[k].n < blocks[k-1].sum/blocks[k-1].n; k-- {
			blocks[k-1].sum += blocks[k].sum
			blocks[k-1].n += blocks[k].n
			blocks = blocks[:k]
		}
	}
	i := 0
	for _, b := range blocks {
		start := max(top, min(b.sum/b.n, bottom-float64(len(ys)-1)*least))
		for range int(b.n) {
			ys[i] = start + float64(i)*least
			i++
		}
	}
}

// profileWords tells the profile to those who do not see it.
func profileWords(spec AGPSpec, parts [][]stats.Slot) string {
	if len(parts) == 0 {
		return lang.F("A profile needs at least %d days with data; there are %d.", leastProfileDays, spec.Profile.Days)
	}
	low, high, wide := parts[0][0], parts[0][0], parts[0][0]
	for _, part := range parts {
		for _, s := range part {
			if s.P50 < low.P50 {
				low = s
			}
			if s.P50 > high.P50 {
				high = s
			}
			if s.P75-s.P25 > wide.P75-wide.P25 {
				wide = s
			}
		}
	}
	at := func(d time.Duration) string { return lang.Clock(time.Time{}.Add(d)) }
	value := func(v float64) string { return spec.Unit.Format(glucose.MgDL(math.Round(v))) }
	return lang.F("Of %d days: the median is lowest at %s, %s, and highest at %s, %s %s. The middle half of the values lies furthest apart at %s, from %s to %s.",
		spec.Profile.Days, at(low.At), value(low.P50), at(high.At), value(high.P50), spec.Unit, at(wide.At), value(wide.P25), value(wide.P75))
}
