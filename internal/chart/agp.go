package chart

import (
	"time"

	"github.com/llutray/llutray/internal/glucose"
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

// AGP draws the profile: the median, the middle half and nine tenths of the
// values at each time of the day.
func AGP(spec AGPSpec) Drawing {
	w, h := size(spec.Width, spec.Height, 720, 320)
	midnight := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	f := frame{Plot: Plot{36, float64(w) - 34, 12, float64(h) - 24, float64(w), float64(h)},
		scale: Scale{scaleBottom, scaleTop}, from: midnight, to: midnight.Add(24 * time.Hour)}
	d := Drawing{Plot: f.Plot, Scale: f.scale, Words: "The median at each time of the day."}
	var s svg
	s.open(w, h, "agp", spec.Title, d.Words)
	var line path
	for _, slot := range spec.Profile.Slots {
		if slot.Days == 0 {
			continue
		}
		x, y := f.x(midnight.Add(slot.At)), f.y(slot.P50)
		if len(line.data) == 0 {
			line.move(x, y)
		} else {
			line.line(x, y)
		}
	}
	s.path(line, `class="median" fill="none" stroke="#0072B2" stroke-width="2"`)
	d.SVG = s.close()
	return d
}
