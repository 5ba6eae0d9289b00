package glucose

import (
	"iter"
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
// reading's origin. It is readings itself where nothing is to be merged, so it
// must not be changed. Never use it for delta, trend or alarms.
func Merge(readings []Reading) []Reading {
	byTime := func(a, b Reading) int { return a.Time.Compare(b.Time) }
	count := map[Origin]int{}
	for i := range readings {
		count[readings[i].Origin]++
	}
	if len(count) == 1 && slices.IsSortedFunc(readings, byTime) {
		return readings
	}
	of := func(o Origin) iter.Seq[Reading] {
		out := make([]Reading, 0, count[o])
		for _, r := range readings {
			if r.Origin == o {
				out = append(out, r)
			}
		}
		if !slices.IsSortedFunc(out, byTime) {
			slices.SortStableFunc(out, byTime)
		}
		return slices.Values(out)
	}
	merged := Layer(Layer(of(Live), of(Graph)), of(Imported))
	return slices.AppendSeq(make([]Reading, 0, len(readings)), merged)
}

// Layer yields every reading of better, and those of worse that are not near
// one of better. Both must be oldest first; so is the result. It holds two
// readings at a time, however long they are.
func Layer(better, worse iter.Seq[Reading]) iter.Seq[Reading] {
	return func(yield func(Reading) bool) {
		next, stop := iter.Pull(worse)
		defer stop()
		w, more := next()
		var last time.Time // of better, zero before its first
		far := func() bool { return last.IsZero() || w.Time.Sub(last) >= mergeGap }
		for b := range better {
			for ; more && w.Time.Before(b.Time); w, more = next() {
				if far() && b.Time.Sub(w.Time) >= mergeGap && !yield(w) {
					return
				}
			}
			if !yield(b) {
				return
			}
			last = b.Time
		}
		for ; more; w, more = next() {
			if far() && !yield(w) {
				return
			}
		}
	}
}
