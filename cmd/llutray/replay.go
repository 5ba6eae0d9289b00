package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/history"
	"github.com/llutray/llutray/internal/settings"
)

func replayCommand() *cobra.Command {
	var r replay
	c := &cobra.Command{
		Use:   "replay [FILE]",
		Short: "Show which alarms the present settings would have raised",
		Long: `Runs the alarm engine with your present settings over the stored readings, or
over a CSV file with the columns time and mgdl (and id for several people), and
shows what you would have heard. FILE may be - for standard input.

Every message counts as answered Seen at once, unless --answer never.

With --set KEY=VALUE it also shows what another setting would have done.`,
		Example: "  llutray replay --since 14d --set alarms.low.limit=4.2\n  llutray replay --format csv readings.csv",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			r.out = c.OutOrStdout()
			return r.run(c.Context(), c.InOrStdin(), args)
		},
	}
	f := c.Flags()
	f.StringVar(&r.since, "since", "30d", "how far back in the stored readings")
	f.StringVar(&r.format, "format", "text", "text, csv or json")
	f.StringVar(&r.who, "person", "", "name or id of the person, if several share with you")
	f.StringVar(&r.answer, "answer", "seen", "how messages are answered: seen or never")
	f.StringArrayVar(&r.set, "set", nil, "a setting to compare with, KEY=VALUE; may be given more than once")
	return c
}

type replay struct {
	since, format, who, answer string
	set                        []string
	out                        io.Writer
}

// heard is one message of a replay.
type heard struct {
	ID     string       `json:"id"`
	Time   time.Time    `json:"time"`
	Level  alarm.Level  `json:"level"`
	Kind   alarm.Kind   `json:"kind"`
	Reason alarm.Reason `json:"reason"`
	MgDL   *int         `json:"mgdl"`
	text   string
}

func (r *replay) run(ctx context.Context, stdin io.Reader, args []string) error {
	if r.answer != "seen" && r.answer != "never" {
		return usage("--answer is seen or never, not %q", r.answer)
	}
	if r.format != "text" && r.format != "csv" && r.format != "json" {
		return usage("there is no format %q; use text, csv or json", r.format)
	}
	if len(r.set) > 0 && r.format != "text" {
		return usage("--set compares in the text format only")
	}
	set, err := settings.Load(settings.DefaultPaths().Settings)
	if err != nil {
		return err
	}
	traces, err := r.load(ctx, stdin, args, set)
	if err != nil {
		return err
	}
	now := r.simulate(r.identified(ctx, set), traces)
	switch {
	case r.format == "csv":
		return writeHeard(r.out, now)
	case r.format == "json":
		return json.NewEncoder(r.out).Encode(now)
	case len(r.set) > 0:
		other, err := withSettings(r.set)
		if err != nil {
			return err
		}
		return r.compare(traces, now, r.simulate(r.identified(ctx, other), traces))
	}
	return r.text(traces, now)
}

// load gets the readings from the file or from the store.
func (r *replay) load(ctx context.Context, stdin io.Reader, args []string, set settings.Settings) ([]trace, error) {
	if len(args) == 1 {
		return openTraces(stdin, args[0])
	}
	d, err := parseDuration(r.since)
	if err != nil {
		return nil, err
	}
	store, err := history.OpenReadOnly(settings.DefaultPaths().History)
	if err != nil {
		return nil, err
	}
	defer func() { _ = store.Close() }()
	p, err := choosePerson(ctx, store, r.who, set.Person)
	if err != nil {
		return nil, err
	}
	readings, err := store.Readings(ctx, p.ID, time.Now().Add(-d), time.Time{})
	if err != nil {
		return nil, err
	}
	return []trace{{p.ID, glucose.Merge(readings)}}, nil
}

// identified finds out whom the sections of the settings are about, as far as
// the store knows.
func (r *replay) identified(ctx context.Context, set settings.Settings) settings.Settings {
	store, err := history.OpenReadOnly(settings.DefaultPaths().History)
	if err != nil {
		return set // a replay of a file needs no store
	}
	defer func() { _ = store.Close() }()
	return identified(ctx, store, set)
}

// simulate is what every person would have heard.
func (r *replay) simulate(set settings.Settings, traces []trace) []heard {
	out := []heard{}
	for _, t := range traces {
		for _, d := range alarm.Replay(set.For(t.id).Alarms(), t.readings, r.answer == "seen") {
			if !d.Say {
				continue
			}
			h := heard{ID: t.id, Time: d.Time.UTC(), Level: d.Level, Kind: d.Kind, Reason: d.Reason, text: strings.ToLower(d.Kind.Label())}
			if d.Reading != nil && d.Kind != alarm.NoData {
				v := int(d.Reading.Value)
				h.MgDL = &v
				h.text += " " + d.Reading.Number(set.Unit)
			}
			out = append(out, h)
		}
	}
	return out
}

// withSettings is the user's settings with other values, by way of a copy of
// the file, so that the rules of the file hold for them.
func withSettings(changes []string) (settings.Settings, error) {
	dir, err := os.MkdirTemp("", "llutray-what-if-")
	if err != nil {
		return settings.Settings{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "settings.toml")
	now, err := os.ReadFile(settings.DefaultPaths().Settings)
	if err != nil && !os.IsNotExist(err) {
		return settings.Settings{}, err
	}
	if err == nil {
		if err := settings.WriteFile(path, now, 0o600); err != nil {
			return settings.Settings{}, err
		}
	}
	for _, c := range changes {
		key, value, ok := strings.Cut(c, "=")
		if !ok {
			return settings.Settings{}, usage("--set wants KEY=VALUE, not %q", c)
		}
		if err := settings.Set(path, strings.TrimSpace(key), strings.TrimSpace(value)); err != nil {
			return settings.Settings{}, usage("%w", err)
		}
	}
	return settings.Load(path)
}

func writeHeard(w io.Writer, all []heard) error {
	c := csv.NewWriter(w)
	_ = c.Write([]string{"id", "time", "level", "kind", "reason"})
	for _, h := range all {
		_ = c.Write([]string{h.ID, h.Time.Format(time.RFC3339), string(h.Level), string(h.Kind), string(h.Reason)})
	}
	c.Flush()
	return c.Error()
}

// The night of the text output, by the wall clock.
const nightFrom, nightTo = 22, 7

// text tells the last night in a sentence, then each day in a line.
func (r *replay) text(traces []trace, all []heard) error {
	if len(traces) == 0 || len(traces[0].readings) == 0 {
		_, err := fmt.Fprintln(r.out, "There are no readings to replay.")
		return err
	}
	if len(traces) > 1 {
		return r.people(traces, all)
	}
	readings := traces[0].readings
	last := readings[len(readings)-1].Time.Local()
	morning := time.Date(last.Year(), last.Month(), last.Day(), nightTo, 0, 0, 0, time.Local)
	if morning.After(last) {
		morning = last
	}
	evening := time.Date(last.Year(), last.Month(), last.Day()-1, nightFrom, 0, 0, 0, time.Local)
	var night []string
	days := map[string][]string{}
	for _, h := range all {
		at := h.Time.Local()
		if at.After(evening) && !at.After(morning) {
			night = append(night, at.Format("15:04")+" "+h.text)
		}
		day := at.Format("Mon 2006-01-02")
		days[day] = append(days[day], at.Format("15:04")+" "+h.text)
	}
	if _, err := fmt.Fprintf(r.out, "Last night you would have heard %s.\n\n", count(night)); err != nil {
		return err
	}
	for d := readings[0].Time.Local(); ; d = d.AddDate(0, 0, 1) {
		day := time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, time.Local)
		if day.After(last) {
			return nil
		}
		name := day.Format("Mon 2006-01-02")
		if _, err := fmt.Fprintf(r.out, "%s  %s\n", name, count(days[name])); err != nil {
			return err
		}
	}
}

func count(said []string) string {
	if len(said) == 0 {
		return "nothing"
	}
	return fmt.Sprintf("%d: %s", len(said), strings.Join(said, ", "))
}

// people sums up a file with several of them.
func (r *replay) people(traces []trace, all []heard) error {
	counts := map[string]map[alarm.Kind]int{}
	for _, h := range all {
		if counts[h.ID] == nil {
			counts[h.ID] = map[alarm.Kind]int{}
		}
		counts[h.ID][h.Kind]++
	}
	for _, t := range traces {
		var parts []string
		for _, k := range alarm.Kinds() {
			if n := counts[t.id][k]; n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", n, strings.ToLower(k.Label())))
			}
		}
		if _, err := fmt.Fprintf(r.out, "%s  %.0f days  %s\n", t.id, daysOf(t), strings.Join(parts, ", ")); err != nil {
			return err
		}
	}
	return nil
}

func daysOf(t trace) float64 {
	if len(t.readings) == 0 {
		return 0
	}
	return t.readings[len(t.readings)-1].Time.Sub(t.readings[0].Time).Hours() / 24
}

// compare shows two settings side by side, by kind.
func (r *replay) compare(traces []trace, now, other []heard) error {
	var days float64
	for _, t := range traces {
		days += daysOf(t)
	}
	weeks := max(days/7, 1.0/7)
	tally := func(all []heard) map[alarm.Kind]int {
		m := map[alarm.Kind]int{}
		for _, h := range all {
			m[h.Kind]++
		}
		return m
	}
	a, b := tally(now), tally(other)
	if _, err := fmt.Fprintf(r.out, "%-12s %10s %10s   with %s\n", "", "now", "then", strings.Join(r.set, ", ")); err != nil {
		return err
	}
	for _, k := range alarm.Kinds() {
		if a[k]+b[k] == 0 {
			continue
		}
		if _, err := fmt.Fprintf(r.out, "%-12s %10d %10d   %+.1f a week\n", k.Label(), a[k], b[k], float64(b[k]-a[k])/weeks); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(r.out, "%-12s %10d %10d   %+.1f a week\n", "in all", len(now), len(other), float64(len(other)-len(now))/weeks)
	return err
}
