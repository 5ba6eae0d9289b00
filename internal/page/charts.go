package page

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/llutray/llutray/internal/chart"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/stats"
)

// maxDays is how far back the page looks at once.
const maxDays = 90

// size is that of a picture for a page with so many pixels to spare, so that
// letters stay legible; zero for the usual one. A trace is not as high on a
// narrow screen.
func size(q url.Values) (width, height int, ok bool) {
	width, ok = number(q, "width", 320, 1200, 0)
	if width > 0 {
		height = min(320, max(200, width*2/5))
	}
	return width, height, ok
}

type picture struct {
	SVG string `json:"svg"`
}

type point struct {
	Time   time.Time `json:"t"`
	MgDL   int       `json:"mgdl"`
	Text   string    `json:"text"`
	Range  string    `json:"range"`
	Trend  string    `json:"trend"`
	Origin string    `json:"origin"`
}

type mark struct {
	Time  time.Time `json:"t"`
	Kind  string    `json:"kind"`
	Label string    `json:"label"`
	Level string    `json:"level"`
	Text  string    `json:"text"`
}

type traceAnswer struct {
	From    time.Time   `json:"from"`
	To      time.Time   `json:"to"`
	SVG     string      `json:"svg"`
	Plot    chart.Plot  `json:"plot"`
	Scale   chart.Scale `json:"scale"`
	Points  []point     `json:"points"`
	Alarms  []mark      `json:"alarms"`
	Gaps    []chart.Gap `json:"gaps"`
	Summary string      `json:"summary"`
}

func (s *Server) trace(w http.ResponseWriter, r *http.Request) {
	st, q := s.opt.Source.State(), r.URL.Query()
	hours, ok := number(q, "hours", 3, 24, 3)
	until, ok2 := instant(q, "until", st.Here.Location())
	width, height, ok3 := size(q)
	if !ok || !ok2 || !ok3 {
		badQuery(w, r)
		return
	}
	to := st.Here
	if !until.IsZero() && until.Before(to) {
		to = until.In(st.Here.Location())
	}
	from := to.Add(-time.Duration(hours) * time.Hour)
	readings, said, err := s.course(r, from, to)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	spec := s.spec(st, readings, said, from, to)
	spec.Width, spec.Height = width, height
	for _, limit := range []int{st.AlarmLimits.UrgentLow, st.AlarmLimits.Low, st.AlarmLimits.High} {
		if limit > 0 {
			spec.AlarmLimits = append(spec.AlarmLimits, glucose.MgDL(limit))
		}
	}
	d := chart.Trace(spec)
	a := traceAnswer{
		From: from.UTC(), To: to.UTC(), SVG: d.SVG, Plot: d.Plot, Scale: d.Scale, Summary: d.Words,
		Points: make([]point, 0, len(readings)), Alarms: []mark{}, Gaps: []chart.Gap{},
	}
	for _, x := range readings {
		a.Points = append(a.Points, point{
			x.Time, int(x.Value), x.Number(st.Measure), st.Ranges.Of(x).String(), x.Trend.String(), x.Origin.String(),
		})
	}
	for _, e := range said {
		a.Alarms = append(a.Alarms, mark{e.Time.UTC(), e.Kind, e.Label, e.Level, e.text()})
	}
	for _, g := range d.Gaps {
		a.Gaps = append(a.Gaps, chart.Gap{From: g.From.UTC(), To: g.To.UTC()})
	}
	answer(w, http.StatusOK, a)
}

// course is what was measured and what was said in a stretch of time.
func (s *Server) course(r *http.Request, from, to time.Time) ([]glucose.Reading, []LogEntry, error) {
	readings, err := s.opt.Source.Readings(r.Context(), from, to)
	if err != nil {
		return nil, nil, err
	}
	entries, err := s.opt.Source.Log(r.Context(), from, to)
	if err != nil {
		return nil, nil, err
	}
	return readings, slices.DeleteFunc(entries, func(e LogEntry) bool { return !e.Said }), nil
}

func (s *Server) spec(st State, readings []glucose.Reading, said []LogEntry, from, to time.Time) chart.TraceSpec {
	spec := chart.TraceSpec{Readings: readings, From: from, To: to, Now: st.Here, Unit: st.Measure, Limits: st.Ranges}
	for _, e := range said {
		spec.Alarms = append(spec.Alarms, chart.AlarmMark{Time: e.Time, Label: e.title(), Urgent: e.Level == "urgent"})
	}
	return spec
}

type dayRow struct {
	Date    string   `json:"date"`
	SVG     string   `json:"svg"`
	Summary *metrics `json:"summary"` // nil on too little data
}

func (s *Server) days(w http.ResponseWriter, r *http.Request) {
	st, q := s.opt.Source.State(), r.URL.Query()
	days, ok := number(q, "days", 1, maxDays, 14)
	until, ok2 := instant(q, "until", st.Here.Location())
	width, _, ok3 := size(q)
	if !ok || !ok2 || !ok3 {
		badQuery(w, r)
		return
	}
	last := stats.Day(st.Here)
	if !until.IsZero() && until.Before(last.To) {
		last = stats.Day(until.Add(-time.Nanosecond).In(st.Here.Location()))
	}
	first := stats.Day(last.From.AddDate(0, 0, 1-days))
	readings, said, err := s.course(r, first.From, last.To)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	a := struct {
		Days []dayRow `json:"days"`
	}{[]dayRow{}}
	for _, day := range slices.Backward((stats.Window{From: first.From, To: last.To}).Each()) {
		in := between(readings, day, func(x glucose.Reading) time.Time { return x.Time })
		spec := s.spec(st, in, between(said, day, func(e LogEntry) time.Time { return e.Time }), day.From, day.To)
		spec.Width = width
		date := day.From.Format(time.DateOnly)
		spec.Title = lang.F("Glucose on %s", lang.WeekdayDate(day.From))
		a.Days = append(a.Days, dayRow{
			Date: date, SVG: chart.Day(spec).SVG, Summary: newMetrics(stats.Summarize(in, st.Ranges, day.From, minTime(day.To, st.Here)), st.Measure),
		})
	}
	answer(w, http.StatusOK, a)
}

func minTime(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// between are those of a sorted list that lie in a window.
func between[T any](all []T, w stats.Window, at func(T) time.Time) []T {
	find := func(t time.Time) int {
		i, _ := slices.BinarySearchFunc(all, t, func(x T, t time.Time) int { return at(x).Compare(t) })
		return i
	}
	return all[find(w.From):find(w.To)]
}

func (s *Server) night(w http.ResponseWriter, r *http.Request) {
	st := s.opt.Source.State()
	width, height, ok := size(r.URL.Query())
	if !ok {
		badQuery(w, r)
		return
	}
	night := stats.Night(st.Here)
	readings, said, err := s.course(r, night.From, night.To)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	sentence, err := s.opt.Source.Night(r.Context(), night.From, minTime(night.To, st.Here))
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	spec := s.spec(st, readings, said, night.From, night.To)
	spec.Title, spec.Width, spec.Height = lang.T("Glucose of the last night"), width, height
	answer(w, http.StatusOK, struct {
		Sentence string     `json:"sentence"`
		From     time.Time  `json:"from"`
		To       time.Time  `json:"to"`
		SVG      string     `json:"svg"`
		Alarms   []LogEntry `json:"alarms"`
	}{sentence, night.From.UTC(), night.To.UTC(), chart.Trace(spec).SVG, append([]LogEntry{}, said...)})
}

func (s *Server) alarmLog(w http.ResponseWriter, r *http.Request) {
	days, ok := number(r.URL.Query(), "days", 1, maxDays, 7)
	if !ok {
		badQuery(w, r)
		return
	}
	here := s.opt.Source.State().Here
	entries, err := s.opt.Source.Log(r.Context(), here.AddDate(0, 0, -days), here.Add(time.Minute))
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	slices.Reverse(entries)
	answer(w, http.StatusOK, struct {
		Entries []LogEntry `json:"entries"`
	}{append([]LogEntry{}, entries...)})
}
