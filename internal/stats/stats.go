// Package stats computes the metrics of continuous glucose monitoring that
// clinics have agreed on. It is pure: the window is passed in.
//
// The sources are Battelino et al., "Clinical Targets for Continuous Glucose
// Monitoring Data Interpretation", Diabetes Care 2019;42:1593-1603 (time in
// range, coefficient of variation, how much data a report needs), and
// Bergenstal et al., "Glucose Management Indicator (GMI)", Diabetes Care
// 2018;41:2275-2280.
package stats

import (
	"math"
	"slices"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// How much data a number needs before it is shown.
const (
	// An hour of readings is the least a share of the day is told from: with
	// less, one reading of a 15-minute feed moves it by a quarter or more.
	leastCovered = time.Hour
	// A report needs 14 days with at least 70 % of the readings
	// (Battelino 2019), and GMI was fitted on such periods.
	reportPeriod = 14 * 24 * time.Hour
	reportActive = 70.0
)

// What a reading out of the sensor's scale counts as in the mean when no
// usable number comes with it: Libre 2 and 3 measure 40 to 500 mg/dL.
const (
	scaleBottom glucose.MgDL = 40
	scaleTop    glucose.MgDL = 500
)

// Summary tells how a stretch of time went. The shares are percentages of the
// time the readings cover.
type Summary struct {
	// Known is false when the readings cover less than an hour: then nothing
	// else should be shown.
	Known bool
	// Reportable is true when the readings meet what the consensus asks of a
	// report, 14 days with 70 % of the readings. GMI means something only then.
	Reportable bool

	Count       int           // readings that were counted
	First, Last time.Time     // of those readings
	Covered     time.Duration // what they stand for, gaps left out
	Active      float64       // percent of the readings expected from First to Last

	UrgentLow  float64 // strictly below Limits.UrgentLow
	Below      float64 // strictly below Limits.Low, urgent lows among it
	InRange    float64 // from Limits.Low to Limits.High, both included
	Above      float64 // strictly above Limits.High, urgent highs among it
	UrgentHigh float64 // strictly above Limits.UrgentHigh

	Min, Max glucose.MgDL
	Mean     float64 // mg/dL
	SD       float64 // mg/dL, of a sample (n-1)
	CV       float64 // percent; at most 36 is called stable
	GMI      float64 // percent, 3.31 + 0.02392 x mean

	P5, P25, Median, P75, P95 float64 // mg/dL, R's type 7

	Tight float64 // percent from 70 to 140 mg/dL, both included
	LBGI  float64 // low blood glucose index
	HBGI  float64 // high blood glucose index
	GRI   float64 // glycemia risk index, 0 to 100
}

// Wear is the share of w, in percent, that the readings cover. Active counts
// from the first reading on; Wear tells that a sensor was put on yesterday.
func (s Summary) Wear(w Window) float64 {
	return min(100, 100*float64(s.Covered)/float64(w.To.Sub(w.From)))
}

// Summarize computes the metrics of the readings from from (included) to to
// (excluded); a zero from or to leaves that side open. readings are oldest
// first and may come from glucose.Merge.
//
// Readings of one origin count alike, as the consensus has it. When origins
// are mixed each reading counts for the usual step of its own origin, so that
// a graph point that stands for 15 minutes does not weigh the same as one of
// fifteen live values.
func Summarize(readings []glucose.Reading, limits glucose.Limits, from, to time.Time) Summary {
	in := within(readings, Window{from, to})
	if len(in) == 0 {
		return Summary{}
	}
	s := Summary{Count: len(in), First: in[0].Time, Last: in[len(in)-1].Time}
	steps := StepsOf(in)
	s.cover(in, steps)
	s.count(in, steps, limits)
	s.Known = s.Covered >= leastCovered
	// To the nearest day: a person does not start and stop at the same minute.
	days := s.Last.Sub(s.First).Round(24 * time.Hour)
	s.Reportable = days >= reportPeriod && s.Active >= reportActive
	return s
}

// within are the plausible readings of a window; a part of readings itself
// when it can be.
func within(readings []glucose.Reading, w Window) []glucose.Reading {
	in := w.Clip(readings)
	if !slices.ContainsFunc(in, implausible) {
		return in
	}
	return slices.DeleteFunc(slices.Clone(in), implausible)
}

func implausible(r glucose.Reading) bool { return !r.Plausible() }

// cover measures gaps: what lies between two readings beyond the longer of
// their steps is missing.
func (s *Summary) cover(in []glucose.Reading, steps Steps) {
	var missing time.Duration
	for i := 1; i < len(in); i++ {
		step := max(steps.Of(in[i-1]), steps.Of(in[i]))
		missing += max(0, in[i].Time.Sub(in[i-1].Time)-step)
	}
	span := s.Last.Sub(s.First) + steps.Of(in[len(in)-1])
	s.Covered = span - missing
	s.Active = 100 * float64(s.Covered) / float64(span)
}

func (s *Summary) count(in []glucose.Reading, steps Steps, limits glucose.Limits) {
	var ranges [glucose.UrgentHigh + 1]int
	var values histogram
	first, mixed := in[0].Origin, false
	for i := range in {
		mixed = mixed || in[i].Origin != first
	}
	for _, r := range in {
		n := 1
		if mixed {
			n = int(steps.Of(r) / time.Minute)
		}
		ranges[limits.Of(r)] += n
		values.add(number(r), n)
	}
	share := func(of ...glucose.Range) (sum float64) {
		for _, r := range of {
			sum += 100 * float64(ranges[r]) / float64(values.total)
		}
		return sum
	}
	s.UrgentLow, s.Below = share(glucose.UrgentLow), share(glucose.UrgentLow, glucose.Low)
	s.InRange = share(glucose.InRange)
	s.UrgentHigh, s.Above = share(glucose.UrgentHigh), share(glucose.UrgentHigh, glucose.High)
	s.Tight = values.share(70, 140)

	s.Min, s.Max = glucose.MgDL(values.ranked(0)), glucose.MgDL(values.ranked(values.total-1))
	s.P5, s.P25, s.Median = values.quantile(.05), values.quantile(.25), values.quantile(.5)
	s.P75, s.P95 = values.quantile(.75), values.quantile(.95)

	s.Mean = values.mean(func(v float64) float64 { return v })
	s.GMI = 3.31 + 0.02392*s.Mean
	if n := float64(len(in)); n > 1 {
		s.SD = math.Sqrt(values.mean(func(v float64) float64 { return (v - s.Mean) * (v - s.Mean) }) * n / (n - 1))
		s.CV = 100 * s.SD / s.Mean
	}
	s.LBGI, s.HBGI, s.GRI = values.lbgi(), values.hbgi(), values.gri()
}

// number is the value a reading counts with. A sensor's LO and HI come with
// any number or none.
func number(r glucose.Reading) glucose.MgDL {
	switch {
	case r.Limit == glucose.LimitLow && (r.Value < 20 || r.Value > scaleBottom):
		return scaleBottom
	case r.Limit == glucose.LimitHigh && (r.Value < 400 || r.Value > 600):
		return scaleTop
	}
	return r.Value
}
