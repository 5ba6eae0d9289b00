package alarm

import (
	"slices"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// Gap is a time without readings.
type Gap struct{ From, To time.Time }

// Summary is what happened in a night, or any other span of time.
type Summary struct {
	From, To        time.Time
	Lowest, Highest *glucose.Reading // nil without readings
	Below, Above    time.Duration    // out of range; what was not measured does not count
	Alarms          int              // raised; repeats are part of the alarm they repeat
	Answered        int              // of these
	Unheard         int              // of these, not one message of which arrived
	Gaps            []Gap            // longer than one missed reading, oldest first
}

// Night sums up the time from from up to to: records and readings are oldest
// first, and what lies outside is not looked at. Low and high are the borders
// of the range. Readings may be of mixed origin, see glucose.Merge.
func Night(records []Record, readings []glucose.Reading, from, to time.Time, limits glucose.Limits) Summary {
	s := Summary{From: from, To: to}
	in := slices.DeleteFunc(slices.Clone(readings), func(r glucose.Reading) bool {
		return !r.Plausible() || r.Time.Before(from) || !r.Time.Before(to)
	})
	s.addReadings(in, limits)
	s.addRecords(records)
	return s
}

func (s *Summary) addReadings(rs []glucose.Reading, limits glucose.Limits) {
	cadence := stepOf(rs)
	longest := gapAfter(cadence)
	last := s.From
	for i := range rs {
		r := &rs[i]
		if s.Lowest == nil || pointOf(*r).Value < pointOf(*s.Lowest).Value {
			s.Lowest = r
		}
		if s.Highest == nil || pointOf(*r).Value > pointOf(*s.Highest).Value {
			s.Highest = r
		}
		if r.Time.Sub(last) > longest {
			s.Gaps = append(s.Gaps, Gap{last, r.Time})
		}
		last = r.Time

		// A reading stands until the next one, and before a gap for its step.
		until := s.To
		if i+1 < len(rs) {
			until = rs[i+1].Time
		}
		stands := until.Sub(r.Time)
		if stands > longest {
			stands = cadence
		}
		switch limits.Of(*r) {
		case glucose.UrgentLow, glucose.Low:
			s.Below += stands
		case glucose.High, glucose.UrgentHigh:
			s.Above += stands
		}
	}
	if s.To.Sub(last) > longest {
		s.Gaps = append(s.Gaps, Gap{last, s.To})
	}
}

// stepOf is the usual step between readings of any origin.
func stepOf(rs []glucose.Reading) time.Duration {
	if len(rs) < 2 {
		return 5 * time.Minute
	}
	var steps []time.Duration
	for i := 1; i < len(rs); i++ {
		steps = append(steps, rs[i].Time.Sub(rs[i-1].Time))
	}
	slices.Sort(steps)
	return min(steps[len(steps)/2], 15*time.Minute)
}

// addRecords counts alarms, not messages: one begins with its first message,
// or with the first that is seen of it.
func (s *Summary) addRecords(records []Record) {
	type alarm struct{ answered, arrived bool }
	var all []*alarm
	open := map[Kind]*alarm{}
	for _, r := range records {
		if r.Time.Before(s.From) || !r.Time.Before(s.To) {
			continue
		}
		if r.Reason == Cleared {
			delete(open, r.Kind)
		}
		if r.ID == "" {
			continue // it kept silent
		}
		a := open[r.Kind]
		if a == nil || r.Reason == First {
			a = &alarm{}
			all, open[r.Kind] = append(all, a), a
		}
		a.answered = a.answered || r.Answer != ""
		a.arrived = a.arrived || r.Delivery == DeliveryOK
	}
	s.Alarms = len(all)
	for _, a := range all {
		if a.answered {
			s.Answered++
		}
		if !a.arrived {
			s.Unheard++
		}
	}
}

// Sentence is the summary for a menu: "Last night: 3.7 to 12.4, 25 min low, 2
// alarms (both seen), no gaps".
func (s Summary) Sentence(u glucose.Unit) string {
	if s.Lowest == nil {
		return lang.F("Last night: no readings, %s", s.alarms())
	}
	parts := []string{lang.F("Last night: %s to %s", s.Lowest.Number(u), s.Highest.Number(u))}
	if m := s.Below.Round(time.Minute); m > 0 {
		parts = append(parts, lang.F("%s low", lang.Exact(m)))
	}
	if m := s.Above.Round(time.Minute); m > 0 {
		parts = append(parts, lang.F("%s high", lang.Exact(m)))
	}
	return strings.Join(append(parts, s.alarms(), s.gaps()), ", ")
}

func (s Summary) alarms() string {
	if s.Alarms == 0 {
		return lang.T("no alarms")
	}
	var fate string
	switch {
	case s.Answered == 0:
		fate = lang.C("alarms", "not answered")
	case s.Answered < s.Alarms:
		fate = lang.N(s.Answered, "%d seen", "%d seen")
	case s.Alarms == 1:
		fate = lang.C("alarm", "seen")
	case s.Alarms == 2:
		fate = lang.T("both seen")
	default:
		fate = lang.T("all seen")
	}
	if s.Unheard > 0 {
		fate += ", " + lang.N(s.Unheard, "%d could not be shown", "%d could not be shown")
	}
	return lang.N(s.Alarms, "%d alarm", "%d alarms") + " (" + fate + ")"
}

func (s Summary) gaps() string {
	var sum time.Duration
	for _, g := range s.Gaps {
		sum += g.To.Sub(g.From)
	}
	length := lang.Exact(sum.Round(time.Minute))
	switch n := len(s.Gaps); n {
	case 0:
		return lang.T("no gaps")
	case 1:
		return lang.F("a gap of %s", length)
	default:
		return lang.N(n, "%d gap (%s)", "%d gaps (%s)", n, length)
	}
}
