package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/stats"
)

func statsCommand() *cobra.Command {
	var (
		p      period
		format string
		agp    bool
	)
	c := &cobra.Command{
		Use:   "stats [FILE]",
		Short: lang.T("Print the figures that clinics look at"),
		Long: lang.T(`Prints time in range, mean, variation, episodes and more, with the goals of the
international consensus for adults, of the stored readings or of a CSV file with
the columns time and mgdl (and id for several people). FILE may be - for
standard input.

The limits are those of the consensus: 54, 70, 180 and 250 mg/dL (3.0, 3.9, 10.0
and 13.9 mmol/L), whatever yours are.`),
		Example: "  llutray stats --since 30d\n  llutray stats --format json readings.csv",
		Args:    oneAtMost,
		RunE: func(c *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return usage(lang.E("there is no format %q; use text or json", format))
			}
			set, err := settings.Load(settings.DefaultPaths().Settings)
			if err != nil {
				return err
			}
			subjects, err := p.load(c.Context(), c.InOrStdin(), args, set, time.Now())
			if err != nil {
				return err
			}
			if format == "json" {
				return statsJSON(c.OutOrStdout(), subjects, agp)
			}
			set = identifiedByStore(c.Context(), set)
			for i, s := range subjects {
				if i > 0 {
					_, _ = fmt.Fprintln(c.OutOrStdout())
				}
				if err := statsText(c.OutOrStdout(), s, set.For(s.person.ID), len(subjects) > 1); err != nil {
					return err
				}
			}
			return nil
		},
	}
	p.register(c)
	c.Flags().StringVar(&format, "format", "text", lang.T("text or json"))
	c.Flags().BoolVar(&agp, "agp", false, lang.T("with the percentiles by time of day, in json"))
	return c
}

// figures are the statistics of a subject.
type figures struct {
	stats.Summary
	wear     float64
	mage     float64
	hasMAGE  bool
	episodes stats.Episodes
	before   stats.Summary
	change   stats.Change
}

func figuresOf(s subject) (f figures) {
	limits, before := stats.Adults.Limits, s.window.Before()
	f.Summary = stats.Summarize(s.readings, limits, s.window.From, s.window.To)
	f.wear = f.Wear(s.window)
	f.mage, f.hasMAGE = stats.MAGE(s.readings, s.window)
	f.episodes = stats.EpisodesOf(s.readings, limits, s.window)
	f.before = stats.Summarize(s.readings, limits, before.From, before.To)
	f.change = stats.Compare(f.Summary, f.before, s.window)
	return f
}

// statsText prints the figures for people, in their unit.
func statsText(w io.Writer, s subject, set settings.Settings, named bool) error {
	f := figuresOf(s)
	var err error
	line := func(format string, args ...any) {
		if err == nil {
			_, err = fmt.Fprintf(w, format+"\n", args...)
		}
	}
	if named {
		line("%s", s.person.ID)
	}
	if f.Count == 0 {
		line("%s", lang.F("There are no readings in the %s.", periodWords(s.window)))
		return err
	}
	line("%s", lang.F("%s, sensor active %s", periodWords(s.window), lang.Percent(float64(int(f.wear)), 0)))
	if !f.Known {
		line("%s", lang.T("There is less than an hour of readings in this time: too little to tell anything from."))
		return err
	}
	if !f.Reportable {
		line("%s", lang.F("Too little for a report: that takes 14 days with at least 70 %% of the readings."))
	}
	line("")
	rows := statsLines(s, f, set)
	labels, values := 20, 8
	for _, r := range rows {
		labels, values = widest(labels, r.label), widest(values, r.value)
	}
	for _, r := range rows {
		line("%-*s %*s%s", labels, r.label, values, r.value, r.more)
	}
	if f.change.Known {
		line("\n%s", f.change.Sentence())
	}
	return err
}

// statsLine is a line of the table: what it is about, its figure, and what is
// said of that.
type statsLine struct{ label, value, more string }

func statsLines(s subject, f figures, set settings.Settings) (out []statsLine) {
	u := set.Unit
	value := func(v float64) string { return u.Format(glucose.MgDL(v + 0.5)) }
	for _, j := range stats.Adults.Judge(f.Summary) {
		goal := lang.F("goal %s, not met", j.Text())
		if j.Met {
			goal = lang.F("goal %s, met", j.Text())
		}
		out = append(out, statsLine{j.Measure.Label(), stats.Percent(j.Value), "   " + goal})
	}
	out = append(out, statsLine{lang.T("Mean glucose"), value(f.Mean), " " + string(u)})
	if f.Reportable {
		out = append(out, statsLine{"GMI", lang.Percent(f.GMI, 1), ""})
	}
	out = append(out, statsLine{lang.T("Median"), value(f.Median), " " + lang.F("%s, middle half %s to %s, all %s to %s",
		u, value(f.P25), value(f.P75), u.Format(f.Min), u.Format(f.Max))})
	for _, e := range []struct {
		label string
		list  []stats.Episode
	}{
		{lang.T("Low episodes"), f.episodes.Low}, {"  " + lang.T("of them very low"), f.episodes.VeryLow},
		{lang.T("High episodes"), f.episodes.High}, {"  " + lang.T("of them very high"), f.episodes.VeryHigh},
	} {
		average := ""
		if len(e.list) > 0 {
			average = "   " + lang.F("on average %s", stats.Minutes(stats.MeanMinutes(e.list)))
		}
		out = append(out, statsLine{e.label, strconv.Itoa(len(e.list)), average})
	}
	if set.Limits != stats.Adults.Limits {
		own := stats.Summarize(s.readings, set.Limits, s.window.From, s.window.To)
		out = append(out, statsLine{
			lang.T("Within your limits"), stats.Percent(own.InRange),
			"   " + lang.F("from %s to %s", u.Format(set.Limits.Low), u.Format(set.Limits.High)),
		})
	}
	return out
}

// statsRow is a person's statistics as JSON. Shares are percentages of the
// readings, concentrations mg/dL; null is what is not known.
type statsRow struct {
	Schema        int            `json:"schema"`
	ID            string         `json:"id"`
	From          time.Time      `json:"from"`
	To            time.Time      `json:"to"`
	First         *time.Time     `json:"first"`
	Last          *time.Time     `json:"last"`
	Count         int            `json:"count"`
	Reportable    bool           `json:"reportable"`
	WearPercent   float64        `json:"wear_percent"`
	*statsNumbers                // left out without readings
	Previous      *statsPrevious `json:"previous"`
	Goals         []statsGoal    `json:"goals"`
	AGP           []statsSlot    `json:"agp,omitempty"`
}

type statsNumbers struct {
	ActivePercent float64            `json:"active_percent"`
	Mean          float64            `json:"mean"`
	SD            float64            `json:"sd"`
	CV            float64            `json:"cv"`
	GMI           *float64           `json:"gmi"`
	Below54       float64            `json:"below_54"`
	Below70       float64            `json:"below_70"`
	In54To69      float64            `json:"in_54_69"`
	In70To180     float64            `json:"in_70_180"`
	In70To140     float64            `json:"in_70_140"`
	In181To250    float64            `json:"in_181_250"`
	Above180      float64            `json:"above_180"`
	Above250      float64            `json:"above_250"`
	LBGI          float64            `json:"lbgi"`
	HBGI          float64            `json:"hbgi"`
	GRI           float64            `json:"gri"`
	MAGE          *float64           `json:"mage"`
	Min           int                `json:"min"`
	Max           int                `json:"max"`
	Quantiles     map[string]float64 `json:"quantiles"`
	Episodes      map[string]int     `json:"episodes"`
	EpisodeMean   map[string]*int    `json:"episode_minutes"`
}

type statsPrevious struct {
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	Mean      float64   `json:"mean"`
	CV        float64   `json:"cv"`
	Below70   float64   `json:"below_70"`
	In70To180 float64   `json:"in_70_180"`
	Above180  float64   `json:"above_180"`
}

type statsGoal struct {
	Name   stats.Measure `json:"name"`
	Value  float64       `json:"value"`
	Target string        `json:"target"`
	Met    bool          `json:"met"`
}

type statsSlot struct {
	Time string  `json:"time"`
	Days int     `json:"days"`
	P05  float64 `json:"p05"`
	P25  float64 `json:"p25"`
	P50  float64 `json:"p50"`
	P75  float64 `json:"p75"`
	P95  float64 `json:"p95"`
}

// statsJSON prints one object, or an object of them by id.
func statsJSON(w io.Writer, subjects []subject, agp bool) error {
	byID := map[string]statsRow{}
	for _, s := range subjects {
		byID[s.person.ID] = rowOf(s, agp)
	}
	if len(subjects) == 1 {
		return json.NewEncoder(w).Encode(byID[subjects[0].person.ID])
	}
	return json.NewEncoder(w).Encode(byID)
}

func rowOf(s subject, agp bool) statsRow {
	f := figuresOf(s)
	row := statsRow{
		Schema: 1, ID: s.person.ID, From: s.window.From.UTC(), To: s.window.To.UTC(),
		Count: f.Count, Reportable: f.Reportable, WearPercent: f.wear, Goals: []statsGoal{},
	}
	if f.Count == 0 {
		return row
	}
	first, last := f.First.UTC(), f.Last.UTC()
	row.First, row.Last = &first, &last
	n := statsNumbers{
		ActivePercent: f.Active, Mean: f.Mean, SD: f.SD, CV: f.CV,
		Below54: f.UrgentLow, Below70: f.Below, In54To69: f.Below - f.UrgentLow, In70To180: f.InRange, In70To140: f.Tight,
		In181To250: f.Above - f.UrgentHigh, Above180: f.Above, Above250: f.UrgentHigh,
		LBGI: f.LBGI, HBGI: f.HBGI, GRI: f.GRI, Min: int(f.Min), Max: int(f.Max),
		Quantiles: map[string]float64{"p05": f.P5, "p25": f.P25, "p50": f.Median, "p75": f.P75, "p95": f.P95},
		Episodes:  map[string]int{}, EpisodeMean: map[string]*int{},
	}
	if f.Reportable {
		n.GMI = &f.GMI
	}
	if f.hasMAGE {
		n.MAGE = &f.mage
	}
	for name, list := range map[string][]stats.Episode{
		"very_low": f.episodes.VeryLow, "low": f.episodes.Low, "high": f.episodes.High, "very_high": f.episodes.VeryHigh,
	} {
		n.Episodes[name], n.EpisodeMean[name] = len(list), nil
		if len(list) > 0 {
			mean := stats.MeanMinutes(list)
			n.EpisodeMean[name] = &mean
		}
	}
	row.statsNumbers = &n
	if f.change.Known {
		w, b := s.window.Before(), f.before
		row.Previous = &statsPrevious{w.From.UTC(), w.To.UTC(), b.Mean, b.CV, b.Below, b.InRange, b.Above}
	}
	for _, j := range stats.Adults.Judge(f.Summary) {
		if j.Known {
			row.Goals = append(row.Goals, statsGoal{j.Measure, j.Value, j.Text(), j.Met})
		}
	}
	if agp {
		for _, slot := range stats.ProfileOf(s.readings, s.window, 15*time.Minute).Slots {
			if slot.Days == 0 {
				continue
			}
			row.AGP = append(row.AGP, statsSlot{
				fmt.Sprintf("%02d:%02d", int(slot.At.Hours()), int(slot.At.Minutes())%60), slot.Days, slot.P5, slot.P25, slot.P50, slot.P75, slot.P95,
			})
		}
	}
	return row
}
