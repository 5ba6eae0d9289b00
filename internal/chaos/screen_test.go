package chaos

import (
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/tray"
)

// shown: the program shows something.
func (o *oracle) shown(v tray.View) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.view != nil {
		o.notOld("until now", *o.view, time.Second)
	}
	o.notOld("anew", v, 0)
	for _, p := range v.People {
		if p.Reading == nil {
			continue
		}
		b := o.book(p.ID)
		o.kept(b, *p.Reading, v.Undelivered != "" && o.w.diskFull.Load())
		if c := o.w.curves[p.ID]; c != nil && p.Reading.Origin == glucose.Live && p.Reading.Limit == glucose.LimitNone && int(p.Reading.Value)%2 != c.odd%2 {
			o.breaks("%s is shown another's %d", b.name(), p.Reading.Value)
		}
	}
	o.view, o.first = &v, false
}

// kept: a reading that is on the screen is in the store; and what was on it
// before the start still is.
func (o *oracle) kept(b *book, r glucose.Reading, told bool) {
	wall := o.wall()
	if o.first && r.Time.Before(b.shown.Time) && !b.unsure && !o.doubted(b, b.shown) && wall.Sub(b.shown.Time) < 28*time.Hour && b.shown.Time.Sub(wall) < time.Hour {
		o.breaks("%s: the reading of %s was on the screen, after the start it is that of %s", b.name(), b.shown.Time, r.Time)
	}
	if r.Origin == glucose.Live && !r.Time.Equal(b.kept) {
		b.kept, b.unsure = r.Time, false
		if o.w.db.has(b.id, r) {
			b.stored = append(b.stored, r)
		} else if b.unsure = told; !told && !o.w.lately("hi") && !o.w.lately("lo") { // which may tell another value of a second than before
			o.breaks("%s: the reading of %s is on the screen and not in the store", b.name(), r.Time)
		}
	}
	if r.Origin == glucose.Live {
		b.shown = r
	}
}

// doubted: a reading is not among the others any more, and was dated by a clock
// that was ahead, or was a LO or HI that the next scenario took back.
func (o *oracle) doubted(b *book, r glucose.Reading) bool {
	return (b.wrong[r.Time] || r.Limit != glucose.LimitNone) && o.w.db.doubts(b.id, r)
}

// nothingLost: whatever was on the screen in any life is in the store at the
// end, and where it belongs unless it was told by wrong clocks.
func (o *oracle) nothingLost() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, b := range o.books {
		for _, r := range b.stored {
			o.counts["shown and kept"]++
			if o.doubted(b, r) {
				o.counts["doubted"]++
				continue
			}
			if !o.w.db.has(b.id, r) {
				o.breaks("%s: the reading of %s was shown and stored, and is in the store no more", b.name(), r.Time)
			}
		}
	}
}

// notOld: what is shown as current is.
func (o *oracle) notOld(when string, v tray.View, late time.Duration) {
	if time.Since(o.woke) < 6*time.Second || time.Since(o.stepped) < 6*time.Second {
		return // the program notices within a heartbeat
	}
	limit := 10 * time.Minute
	if o.w.step == 15*time.Minute {
		limit = 20 * time.Minute
	}
	wall := o.wall()
	check := func(who string, r *glucose.Reading, stale bool) {
		if r == nil || stale {
			return
		}
		if age := wall.Sub(r.Time); age >= limit+late || age < -5*time.Minute-late {
			o.breaks("%s: %s, a value %s old is shown as current", when, who, age.Round(time.Second))
		}
	}
	check("menu", v.Reading, v.Stale)
	if v.OnIcon != nil {
		check("icon", v.OnIcon.Reading, v.OnIcon.Stale)
	}
	for _, p := range v.People {
		check("row", p.Reading, p.Stale)
	}
	if v.Stale && v.Delta != nil {
		o.breaks("a change is shown beside an old value")
	}
	for _, a := range o.w.lines {
		if a.answeredAt.IsZero() || time.Since(a.answeredAt) <= time.Second {
			return // what is in the way is not known yet
		}
	}
	if v.Stale && v.Reading != nil && v.Fault == nil {
		o.breaks("an old value does not say why")
	}
}
