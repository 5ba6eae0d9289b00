package glucose

import (
	"slices"
	"time"
)

// mergeGap is the distance within which a reading of a better origin stands
// for a moment: half of the 15 minutes that the service's own history is
// apart at most.
const mergeGap = 450 * time.Second

// Merge makes one series for pictures and statistics out of readings of mixed
// origin, oldest first: live readings, and graph or imported points only
// where no reading of a better origin is near. The result keeps each
// reading's origin. Never use it for delta, trend or alarms.
func Merge(readings []Reading) []Reading {
	out := make([]Reading, 0, len(readings))
	for origin := Live; origin <= Imported; origin++ {
		better := len(out)
		for _, r := range readings {
			if r.Origin == origin && !near(out[:better], r.Time) {
				out = append(out, r)
			}
		}
		slices.SortStableFunc(out, func(a, b Reading) int { return a.Time.Compare(b.Time) })
	}
	return out
}

// near reports whether sorted has a reading within mergeGap of t.
func near(sorted []Reading, t time.Time) bool {
	i, _ := slices.BinarySearchFunc(sorted, t, func(r Reading, t time.Time) int { return r.Time.Compare(t) })
	return i < len(sorted) && sorted[i].Time.Sub(t) < mergeGap ||
		i > 0 && t.Sub(sorted[i-1].Time) < mergeGap
}
