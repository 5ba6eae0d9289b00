package page

import (
	"net/http"
	"time"

	"github.com/llutray/llutray/internal/chart"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/stats"
)

// metrics are the numbers of a stretch of time: shares in per cent, values in
// mg/dL.
type metrics struct {
	Count      int      `json:"count"`
	Active     float64  `json:"active_percent"`
	Mean       float64  `json:"mean"`
	MeanText   string   `json:"mean_text"` // in the user's unit
	SD         float64  `json:"sd"`
	CV         float64  `json:"cv"`
	GMI        *float64 `json:"gmi"` // nil on too little data for it
	InRange    float64  `json:"in_range"`
	Below      float64  `json:"below"`
	UrgentLow  float64  `json:"urgent_low"`
	Above      float64  `json:"above"`
	UrgentHigh float64  `json:"urgent_high"`
	Min        int      `json:"min"`
	Max        int      `json:"max"`
}

// newMetrics is nil on too little data to say anything: zeros would be read
// as a day without a low.
func newMetrics(s stats.Summary, u glucose.Unit) *metrics {
	if !s.Known {
		return nil
	}
	m := &metrics{
		Count: s.Count, Active: s.Active, Mean: s.Mean, MeanText: u.Format(glucose.MgDL(s.Mean + 0.5)), SD: s.SD, CV: s.CV,
		InRange: s.InRange, Below: s.Below, UrgentLow: s.UrgentLow, Above: s.Above, UrgentHigh: s.UrgentHigh,
		Min: int(s.Min), Max: int(s.Max),
	}
	if s.Reportable {
		m.GMI = &s.GMI
	}
	return m
}

type goal struct {
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
	Target string  `json:"target"`
	Met    *bool   `json:"met"` // nil on too little data
	Words  string  `json:"words"`
}

type counts struct {
	Low      int `json:"low"`
	VeryLow  int `json:"very_low"`
	High     int `json:"high"`
	VeryHigh int `json:"very_high"`
}

type numbersAnswer struct {
	Days     int       `json:"days"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Metrics  *metrics  `json:"metrics"`
	Previous *metrics  `json:"previous"`
	Change   string    `json:"change"` // against the period before, "" when nothing can be said
	Goals    []goal    `json:"goals"`
	AGP      picture   `json:"agp"`
	Bar      picture   `json:"bar"`
	Episodes counts    `json:"episodes"`
	Enough   bool      `json:"enough"`
	Why      string    `json:"why"`
}

// profileStep is the width of the profile's slots, as clinics have it.
const profileStep = 15 * time.Minute

func (s *Server) numbers(w http.ResponseWriter, r *http.Request) {
	days, ok := number(r.URL.Query(), "days", 1, maxDays, 14)
	width, height, ok2 := size(r.URL.Query())
	if !ok || !ok2 {
		badQuery(w, r)
		return
	}
	st := s.opt.Source.State()
	now := stats.Days(days, st.Here)
	before := now.Before()
	all, err := s.opt.Source.Readings(r.Context(), before.From, now.To)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	at := func(x glucose.Reading) time.Time { return x.Time }
	in, earlier := between(all, now, at), between(all, before, at)
	sum := stats.Summarize(in, st.Ranges, now.From, now.To)
	old := stats.Summarize(earlier, st.Ranges, before.From, before.To)
	e := stats.EpisodesOf(in, st.Ranges, now)
	a := numbersAnswer{
		Days: days, From: now.From.UTC(), To: now.To.UTC(),
		Metrics: newMetrics(sum, st.Measure), Previous: newMetrics(old, st.Measure), Change: stats.Compare(sum, old, now).Words,
		Goals:    judge(in, sum, st.Ranges, now),
		AGP:      picture{chart.AGP(chart.AGPSpec{Profile: stats.ProfileOf(in, now, profileStep), Unit: st.Measure, Limits: st.Ranges, Width: width, Height: height}).SVG},
		Bar:      picture{chart.Bar(chart.BarSpec{Summary: sum, Unit: st.Measure, Limits: st.Ranges}).SVG},
		Episodes: counts{len(e.Low), len(e.VeryLow), len(e.High), len(e.VeryHigh)},
		Enough:   sum.Reportable,
	}
	switch {
	case a.Enough:
	case !sum.Known:
		a.Why = lang.T("There are too few readings in this time.")
	case days < 14:
		a.Why = lang.T("Clinics look at 14 days or more; a shorter time says little about how things usually are.")
	default:
		a.Why = lang.F("Less than %s of the readings of 14 days are there, which is too little for a GMI.", lang.Percent(70, 0))
	}
	answer(w, http.StatusOK, a)
}

// judge holds the readings against the goals for most adults. The goals' own
// borders count for it, whatever the user's colours are.
func judge(in []glucose.Reading, sum stats.Summary, limits glucose.Limits, w stats.Window) []goal {
	set := stats.Adults
	if limits != set.Limits {
		sum = stats.Summarize(in, set.Limits, w.From, w.To)
	}
	out := []goal{}
	for _, j := range set.Judge(sum) {
		g := goal{Name: j.Measure.Label(), Value: j.Value, Target: j.Text(), Words: j.Words}
		if j.Known {
			g.Met = &j.Met
		}
		out = append(out, g)
	}
	return out
}
