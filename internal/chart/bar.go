package chart

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/stats"
)

// BarSpec says what a time-in-range bar shows.
type BarSpec struct {
	Summary       stats.Summary
	Unit          glucose.Unit
	Limits        glucose.Limits // those the summary was counted by
	Width, Height int            // of the view box; 0 for 320 by 260
	Title         string         // for screen readers; "" for a usual one
}

// barWidth of the bar itself; the labels are to its right.
const barWidth = 56

// textsAt is where the texts begin, right of the bar.
const textsAt = 76

// leastPart is the height of a share that is not nothing, so that it is seen.
const leastPart = 2.5

// Bar draws the shares of the five ranges as one upright bar, labelled at its
// side.
func Bar(spec BarSpec) Drawing {
	f := newFrame(cmp.Or(spec.Width, 320), cmp.Or(spec.Height, 260), margins{left: 4, right: 0, top: 8, bottom: 8}, time.Time{}, time.Time{}.Add(1))
	f.Right = f.Left + barWidth
	parts := partsOf(spec)
	if spec.Summary.Known {
		for _, p := range parts { // a language with longer words makes the picture wider
			f.Width = max(f.Width, f.Right+textsAt+wide(p.name+" "+p.bound))
		}
	}
	d := Drawing{Plot: f.Plot}
	var words []string
	for i := len(parts) - 1; i >= 0; i-- {
		words = append(words, stats.Percent(parts[i].share)+" "+parts[i].name)
	}
	d.Words = strings.Join(words, ", ") + "."
	if !spec.Summary.Known {
		d.Words = lang.T("There is too little data to tell the time in range.")
	}
	var s svg
	s.open(f, "tir", cmp.Or(spec.Title, lang.T("Time in ranges")), d.Words)
	if spec.Summary.Known {
		s.bar(f, parts)
	} else {
		s.rect(f.Left, f.Top, f.Right, f.Bottom, `class="empty" fill="none" stroke="#8A8A8A" stroke-dasharray="4 4"`)
		s.label(f.Right+14, (f.Top+f.Bottom)/2+4, lang.T("too little data"), `class="axis" fill="#444"`)
	}
	d.SVG = s.close()
	return d
}

// part is one range of the bar.
type part struct {
	rangeLook
	share float64
	name  string // "very high"
	bound string // "above 13.9"
}

// partsOf are the ranges from the bottom up.
func partsOf(spec BarSpec) []part {
	sum, l, u := spec.Summary, spec.Limits, spec.Unit.Format
	shares := []float64{sum.UrgentLow, sum.Below - sum.UrgentLow, sum.InRange, sum.Above - sum.UrgentHigh, sum.UrgentHigh}
	names := []string{lang.T("very low"), lang.T("low"), lang.T("in range"), lang.T("high"), lang.T("very high")}
	bounds := []string{
		lang.F("below %s", u(l.UrgentLow)), lang.F("%s to %s", u(l.UrgentLow), u(l.Low)), lang.F("%s to %s", u(l.Low), u(l.High)),
		lang.F("%s to %s", u(l.High), u(l.UrgentHigh)), lang.F("above %s", u(l.UrgentHigh)),
	}
	out := make([]part, len(looks))
	for i, look := range looks {
		out[i] = part{look, shares[i], names[i], bounds[i]}
	}
	return out
}

func (s *svg) bar(f frame, parts []part) {
	// What small shares are given beyond their due is taken from the largest.
	heights := make([]float64, len(parts))
	largest, sum := 0, 0.0
	for i, p := range parts {
		if p.share > 0 {
			heights[i] = max(leastPart, p.share/100*(f.Bottom-f.Top))
		}
		sum += heights[i]
		if heights[i] > heights[largest] {
			largest = i
		}
	}
	heights[largest] -= sum - (f.Bottom - f.Top)

	middles := make([]float64, len(parts)) // from the top down, as spread wants it
	y := f.Bottom
	for i, p := range parts {
		s.rect(f.Left, y-heights[i], f.Right, y, fmt.Sprintf(`class="part %s" fill="%s" stroke="#FFF" stroke-width=".7"`, p.class, p.colour))
		middles[len(parts)-1-i] = y - heights[i]/2
		y -= heights[i]
	}
	places := append([]float64(nil), middles...)
	const lineHeight = 20
	spread(places, lineHeight, f.Top+6, f.Bottom-6)
	for i, p := range parts {
		from, to := middles[len(parts)-1-i], places[len(parts)-1-i]
		s.put(`<path class="leader" d="M%s %sL%s %sh6" fill="none" stroke="#8A8A8A"/>`, num(f.Right+2), num(from), num(f.Right+14), num(to))
		s.label(f.Right+68, to+4, stats.Percent(p.share), `class="share" fill="#222" font-weight="bold" text-anchor="end"`)
		s.put(`<text class="axis" x="%s" y="%s" fill="#444">%s <tspan class="bound">%s</tspan></text>`, num(f.Right+textsAt), num(to+4), escape(p.name), escape(p.bound))
	}
}
