package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/chart"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/stats"
)

// contents is the report as the page shows it: words, and pictures.
type contents struct {
	Style        string // CSS of our own
	Lang         string
	Name         string
	Period, Made string
	By           string // the program and its version
	Notice       string // what to know before reading any figure; "" when all is well
	Empty        bool   // there is nothing but the notice
	Unit         glucose.Unit
	Metrics      []metric
	Ranges       []rangeRow
	GoalsFor     string
	Change       string
	Episodes     []episodeRow
	Bar, AGP     string // SVG of our own
	Days         []day
	Low, High    string // limits of the range
}

// metric is a line of the table of figures.
type metric struct{ Label, Value, Goal, Verdict string }

// rangeRow is a line of the table of ranges.
type rangeRow struct{ Label, Limits, Share, PerDay, Goal, Verdict string }

// episodeRow is a line of the table of episodes.
type episodeRow struct{ Label, Count, PerWeek, Mean, Longest string }

// day is one strip.
type day struct {
	Date  string
	Facts []string
	Strip string // SVG of our own
}

// The pictures, in pixels of a page 700 wide: a sheet of A4 with its margins.
const (
	agpWidth, agpHeight = 700, 300
	agpLower            = 250 // where longer words need the room above it
	barWidth, barHeight = 284, 180
	dayWidth, dayHeight = 566, 68
)

func contentsOf(d Data) contents {
	if d.Goals.Name == "" {
		d.Goals = stats.Adults
	}
	limits, w := d.Goals.Limits, d.Window
	d.Readings = stats.Window{To: w.To}.Clip(d.Readings)
	s := stats.Summarize(d.Readings, limits, w.From, w.To)
	c := contents{
		Style: style, Name: d.Name, Period: period(w), Made: lang.Date(d.Made) + ", " + lang.Clock(d.Made),
		Lang: lang.Code(), By: strings.TrimSpace("llutray " + d.Version), Unit: d.Unit, Notice: notice(s, w), Empty: s.Count == 0, GoalsFor: d.Goals.Words(),
		Low: d.Unit.Format(limits.Low), High: d.Unit.Format(limits.High),
	}
	if c.Empty {
		return c
	}
	judged := map[stats.Measure]stats.Judged{}
	for _, j := range d.Goals.Judge(s) {
		judged[j.Measure] = j
	}
	c.Metrics = metrics(d, s, judged[stats.Variation])
	c.Ranges = ranges(d, s, judged)
	c.Episodes = episodes(stats.EpisodesOf(d.Readings, limits, w), s)
	before := w.Before()
	c.Change = stats.Compare(s, stats.Summarize(d.Readings, limits, before.From, before.To), w).Sentence()
	c.Bar = chart.Bar(chart.BarSpec{Summary: s, Unit: d.Unit, Limits: limits, Width: barWidth, Height: barHeight}).SVG
	high := agpHeight
	if lang.Code() != lang.English {
		high = agpLower
	}
	agp := chart.AGP(chart.AGPSpec{Profile: stats.ProfileOf(d.Readings, w, 15*time.Minute), Unit: d.Unit, Limits: limits, Width: agpWidth, Height: high})
	c.AGP = agp.SVG
	for _, of := range w.Each() {
		c.Days = append(c.Days, strip(d, of, s.Max))
	}
	return c
}

// notice says what a reader must know first.
func notice(s stats.Summary, w stats.Window) string {
	switch {
	case s.Count == 0:
		return lang.T("There are no readings in this time.")
	case !s.Known:
		return lang.T("There is less than an hour of readings in this time: too little to tell anything from.")
	case !s.Reportable:
		return lang.F("There is too little data for a report that decisions can rest on: that takes 14 days with at least 70 %% of the readings. "+
			"Here the sensor was active %s of %s. GMI is left out.", percent(s.Wear(w)), days(w))
	}
	return ""
}

func metrics(d Data, s stats.Summary, cv stats.Judged) []metric {
	gmi := lang.T("not shown")
	if s.Reportable {
		gmi = lang.Percent(s.GMI, 1)
	}
	wear := s.Wear(d.Window)
	out := []metric{{lang.T("Sensor active"), fmt.Sprintf(lang.C("share", "%s of %s"), percent(wear), days(d.Window)), lang.F("at least %s", lang.Percent(70, 0)), verdict(wear >= 70)}}
	if !s.Known {
		return out
	}
	return append(out,
		metric{lang.T("Mean glucose"), value(d.Unit, s.Mean) + " " + string(d.Unit), "", ""},
		metric{lang.T("GMI"), gmi, "", ""},
		metric{stats.Variation.Label(), lang.Percent(s.CV, 1), goalText(cv), judgedText(cv)},
		metric{lang.F("In tight range, %s to %s", d.Unit.Format(70), d.Unit.Format(140)), stats.Percent(s.Tight), "", ""},
		metric{lang.T("Risk index (GRI)"), lang.F("%s of 100", lang.Float(s.GRI, 0)), "", ""},
	)
}

func ranges(d Data, s stats.Summary, judged map[stats.Measure]stats.Judged) []rangeRow {
	if !s.Known {
		return nil
	}
	l, u := d.Goals.Limits, d.Unit.Format
	rows := []struct {
		m      stats.Measure
		limits string
	}{
		{stats.TimeVeryHigh, lang.F("above %s", u(l.UrgentHigh))},
		{stats.TimeAbove, lang.F("above %s", u(l.High))},
		{stats.TimeInRange, lang.F("%s to %s", u(l.Low), u(l.High))},
		{stats.TimeBelow, lang.F("below %s", u(l.Low))},
		{stats.TimeUrgentLow, lang.F("below %s", u(l.UrgentLow))},
	}
	var out []rangeRow
	for _, r := range rows {
		share := r.m.Of(s)
		out = append(out, rangeRow{r.m.Label(), r.limits, stats.Percent(share), stats.Minutes(int(math.Round(share / 100 * 24 * 60))), goalText(judged[r.m]), judgedText(judged[r.m])})
	}
	return out
}

func episodes(e stats.Episodes, s stats.Summary) []episodeRow {
	if !s.Known {
		return nil
	}
	var out []episodeRow
	for _, row := range []struct {
		label string
		list  []stats.Episode
	}{{lang.T("Very high"), e.VeryHigh}, {lang.T("High"), e.High}, {lang.T("Low"), e.Low}, {lang.T("Very low"), e.VeryLow}} {
		r := episodeRow{Label: row.label, Count: strconv.Itoa(len(row.list)), PerWeek: "–", Mean: "–", Longest: "–"}
		if s.Covered >= 7*24*time.Hour {
			r.PerWeek = lang.Float(float64(len(row.list))/(s.Covered.Hours()/24/7), 1)
		}
		if len(row.list) > 0 {
			longest := 0
			for _, e := range row.list {
				longest = max(longest, e.Minutes())
			}
			r.Mean, r.Longest = stats.Minutes(stats.MeanMinutes(row.list)), stats.Minutes(longest)
		}
		out = append(out, r)
	}
	return out
}

// strip is one day; the scale is that of the period, so that days compare.
func strip(d Data, of stats.Window, top glucose.MgDL) day {
	s := stats.Summarize(d.Readings, d.Goals.Limits, of.From, of.To)
	out := day{Date: lang.WeekdayShort(of.From)}
	if s.Known {
		out.Facts = []string{
			lang.F("%s in range", stats.Percent(s.InRange)),
			lang.F("%s below", stats.Percent(s.Below)),
			lang.F("%s to %s", d.Unit.Format(s.Min), d.Unit.Format(s.Max)),
		}
	}
	out.Strip = chart.Day(chart.TraceSpec{
		Readings: of.Clip(d.Readings), From: of.From, To: of.To, Now: d.Window.To,
		Unit: d.Unit, Limits: d.Goals.Limits, Width: dayWidth, Height: dayHeight, Top: top,
		Title: lang.F("Glucose on %s", lang.WeekdayDate(of.From)),
	}).SVG
	return out
}

// period is the window in words: "3 May to 16 May 2026".
func period(w stats.Window) string {
	last := w.To.Add(-1)
	from := lang.DayMonth(w.From)
	if w.From.Year() != last.Year() {
		from = lang.Date(w.From)
	}
	return fmt.Sprintf(lang.C("dates", "%s to %s"), from, lang.Date(last))
}

func days(w stats.Window) string {
	return lang.N(int(math.Round(w.To.Sub(w.From).Hours()/24)), "%d day", "%d days")
}

func percent(v float64) string { return lang.Percent(math.Floor(v), 0) }

// value is a computed value or difference in the unit.
func value(u glucose.Unit, v float64) string { return u.Format(glucose.MgDL(math.Round(v))) }

func verdict(met bool) string {
	if met {
		return lang.T("met")
	}
	return lang.T("not met")
}

func goalText(j stats.Judged) string {
	if j.Measure == "" {
		return "" // the set has no such goal
	}
	return j.Goal.Text()
}

func judgedText(j stats.Judged) string {
	if j.Measure == "" || !j.Known {
		return ""
	}
	return verdict(j.Met)
}
