package stats

import (
	"slices"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// Profile is the ambulatory glucose profile: how the values of many days lie
// at each time of the day.
type Profile struct {
	Step  time.Duration // between the slots
	Days  int           // calendar days with data at one of the slots at least
	Slots []Slot        // from 00:00 by the wall clock
}

// Slot is one time of the day. The percentiles over the days are in mg/dL, by
// R's type 7; they mean nothing when Days is 0.
type Slot struct {
	At                     time.Duration // since midnight, by the wall clock
	Days                   int           // with a value at that time
	P5, P25, P50, P75, P95 float64
}

// ProfileOf computes the profile of the readings in w by the wall clock of
// w.From's location, at times that are step apart. readings are oldest first
// and may come from glucose.Merge.
//
// The value of a day at some time lies on the straight line between the
// readings around it, and is unknown when they are more than 45 minutes apart.
// A time that the clocks leave out in spring is missing on that day; of one
// that they show twice in autumn the first counts.
func ProfileOf(readings []glucose.Reading, w Window, step time.Duration) Profile {
	p := Profile{Step: step, Slots: make([]Slot, 0, 24*time.Hour/step)}
	for at := time.Duration(0); at < 24*time.Hour; at += step {
		p.Slots = append(p.Slots, Slot{At: at})
	}
	in := within(readings, w)
	if len(in) == 0 {
		return p
	}
	loc := w.From.Location()
	values := make([][]float64, len(p.Slots))
	days := Window{in[0].Time.In(loc), in[len(in)-1].Time.In(loc).Add(1)}
	c := curve{readings: in}
	for _, day := range days.Each() {
		if p.day(day, &c, values) {
			p.Days++
		}
	}
	for i, v := range values {
		s := &p.Slots[i]
		if s.Days = len(v); s.Days > 0 {
			slices.Sort(v)
			s.P5, s.P25, s.P50, s.P75, s.P95 = quantile(v, .05), quantile(v, .25), quantile(v, .5), quantile(v, .75), quantile(v, .95)
		}
	}
	return p
}

// day adds the values of a day and reports whether there was one.
func (p *Profile) day(day Window, c *curve, values [][]float64) (any bool) {
	y, m, d := day.From.Date()
	for i, s := range p.Slots {
		t := day.From.Add(s.At)
		if day.To.Sub(day.From) != 24*time.Hour {
			t = time.Date(y, m, d, 0, 0, 0, int(s.At), day.From.Location())
			if h, min, sec := t.Clock(); clock(h, min, sec) != s.At {
				continue // left out by the clocks
			}
		}
		if v, ok := c.at(t); ok {
			values[i] = append(values[i], v)
			any = true
		}
	}
	return any
}

func clock(h, m, s int) time.Duration {
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second
}
