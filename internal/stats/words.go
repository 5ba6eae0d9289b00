package stats

import (
	"math"

	"github.com/llutray/llutray/internal/lang"
)

// Percent writes a share as clinics do: whole, but with a tenth below 10 %, so
// that 0.6 % is not read as 1, which is a goal.
func Percent(v float64) string {
	switch {
	case v > 0 && v < 0.05:
		return "<" + lang.Percent(0.1, 1)
	case v > 0 && v < 9.95:
		return lang.Percent(v, 1)
	}
	return lang.Percent(math.Round(v), 0)
}

// Minutes writes a length of time: "35 min", "3 h 5 min".
func Minutes(m int) string {
	if m < 60 {
		return lang.F("%d min", m)
	}
	return lang.F("%d h %d min", m/60, m%60)
}
