package stats

import (
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// Profile is the ambulatory glucose profile: how the values of many days lie
// at each time of the day.
type Profile struct {
	Step time.Duration // of the slots; they divide the day
	Days int           // calendar days with at least one reading
	// Slots go from midnight to midnight by the wall clock. The hour that the
	// clocks repeat in autumn counts twice in its slots, the one they leave
	// out in spring not at all.
	Slots []Slot
}

// Slot is one time of the day. Percentiles are in mg/dL; they mean nothing
// when Days is 0.
type Slot struct {
	At                     time.Duration // its beginning, since midnight by the wall clock
	Days                   int           // with at least one reading in it
	P5, P25, P50, P75, P95 float64
}

// ProfileOf computes the profile of the readings in w, by the wall clock of
// w.From's location, in slots of step (15 minutes or an hour are usual).
// readings are oldest first and may come from glucose.Merge.
func ProfileOf(readings []glucose.Reading, w Window, step time.Duration) Profile {
	p := Profile{Step: step}
	for at := time.Duration(0); at < 24*time.Hour; at += step {
		p.Slots = append(p.Slots, Slot{At: at})
	}
	counts := make([]histogram, len(p.Slots))
	seen := make([]int, len(p.Slots))
	day := 0
	for _, r := range within(readings, w.From, w.To) {
		t := r.Time.In(w.From.Location())
		if d := t.Year()*1000 + t.YearDay(); d != day {
			day = d
			p.Days++
		}
		h, m, s := t.Clock()
		i := int((time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second) / step)
		counts[i].add(number(r), 1)
		if seen[i] != day {
			seen[i] = day
			p.Slots[i].Days++
		}
	}
	for i := range p.Slots {
		s, h := &p.Slots[i], &counts[i]
		s.P5, s.P25, s.P50, s.P75, s.P95 = h.quantile(.05), h.quantile(.25), h.quantile(.5), h.quantile(.75), h.quantile(.95)
	}
	return p
}
