package chart

import (
	"fmt"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/stats"
)

// BarSpec says what a time-in-range bar shows.
type BarSpec struct {
	Summary       stats.Summary
	Unit          glucose.Unit
	Limits        glucose.Limits
	Width, Height int    // of the view box; 0 for 320 by 280
	Title         string // for screen readers; "" for a usual one
}

// Bar draws the shares of the five ranges as one upright bar, labelled at its
// side.
func Bar(spec BarSpec) Drawing {
	w, h := size(spec.Width, spec.Height, 320, 280)
	d := Drawing{Plot: Plot{10, 60, 10, float64(h) - 10, float64(w), float64(h)}}
	d.Words = fmt.Sprintf("%.0f %% in range.", spec.Summary.InRange)
	var s svg
	s.open(w, h, "tir", spec.Title, d.Words)
	y := d.Plot.Bottom
	for _, part := range []struct {
		r     glucose.Range
		share float64
	}{
		{glucose.UrgentLow, spec.Summary.UrgentLow}, {glucose.Low, spec.Summary.Below - spec.Summary.UrgentLow},
		{glucose.InRange, spec.Summary.InRange},
		{glucose.High, spec.Summary.Above - spec.Summary.UrgentHigh}, {glucose.UrgentHigh, spec.Summary.UrgentHigh},
	} {
		height := part.share / 100 * (d.Plot.Bottom - d.Plot.Top)
		s.rect(d.Plot.Left, y-height, d.Plot.Right, y, fmt.Sprintf(`class="%s" fill="%s"`, class(part.r), colour(part.r)))
		y -= height
	}
	d.SVG = s.close()
	return d
}
