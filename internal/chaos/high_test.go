package chaos

import (
	"slices"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// above is a time above the high limit, without a gap, in one life.
type above struct {
	from, to time.Time // readings
	got      time.Time // bubble, of the first
	mark     time.Time // and of the last
}

// above follows it with a reading that came as old as that.
func (o *oracle) above(b *book, r glucose.Reading, gap, age time.Duration) {
	if value(r) <= int(o.w.set.High.Limit) || age > 9*time.Minute {
		b.high = above{}
		return
	}
	if b.high.from.IsZero() || gap > 16*time.Minute || b.high.got.Before(o.began) || b.high.got.Before(o.changed) {
		b.high = above{from: r.Time, got: time.Now()}
	}
	b.high.to, b.high.mark = r.Time, time.Now()
}

// tellsHigh: a high that lasts is told, and one that goes on for hours is.
func (o *oracle) tellsHigh(b *book) {
	h := b.high
	doubt := later(o.stepped, later(o.changed, later(o.full, o.began)))
	if h.from.IsZero() || !h.got.After(doubt) || time.Since(h.mark) < 5*time.Second || o.wall().Sub(h.to) > 9*time.Minute || o.snoozed(b, "high") {
		return
	}
	lasts := h.to.Sub(h.from)
	told := func(within time.Duration, kinds ...string) bool {
		return slices.ContainsFunc(kinds, func(k string) bool {
			at := b.heard[k].reading
			if t := b.answered[k]; !t.IsZero() {
				at = later(at, b.readingAt(t)) // who answers has seen it, wherever
			}
			return h.to.Sub(at) <= within
		})
	}
	set := o.w.set
	if set.High.On && !set.Quiet[0].On && lasts >= set.High.After+o.w.step && !told(3*time.Hour+o.w.step, "high", "still_high", "urgent_high") {
		o.breaks("%s: %d is high since %s and was never told", b.name(), value(b.newest), lasts)
		b.heard["high"] = heard{time.Now(), h.to}
	}
	if set.StillHigh.On && lasts >= set.StillHigh.After+o.w.step && !told(set.StillHigh.After+o.w.step, "still_high", "urgent_high") {
		o.breaks("%s: %d is high for %s and that was not told", b.name(), value(b.newest), lasts)
		b.heard["still_high"] = heard{time.Now(), h.to}
	}
}

// noLonger reports whether an alarm does not hold for a value: a low is none
// while it is an urgent one, either.
func (o *oracle) noLonger(kind string, v int) bool {
	switch kind {
	case "low":
		return v >= int(o.w.set.Low.Limit) || v < int(o.w.set.UrgentLow.Limit)
	case "still_high":
		return v <= int(o.w.set.High.Limit)
	}
	return false
}
