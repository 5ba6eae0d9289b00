package stats

import (
	"fmt"
	"math"
)

// Percent writes a share as clinics do: whole, but with a tenth below 10 %, so
// that 0.6 % is not read as 1, which is a goal.
func Percent(v float64) string {
	switch {
	case v > 0 && v < 0.05:
		return "<0.1 %"
	case v > 0 && v < 9.95:
		return fmt.Sprintf("%.1f %%", v)
	}
	return fmt.Sprintf("%.0f %%", math.Round(v))
}

// Minutes writes a length of time: "35 min", "3 h 5 min".
func Minutes(m int) string {
	if m < 60 {
		return fmt.Sprintf("%d min", m)
	}
	return fmt.Sprintf("%d h %d min", m/60, m%60)
}
