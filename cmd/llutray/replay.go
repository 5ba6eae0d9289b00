package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/history"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/settings"
)

func replayCommand() *cobra.Command {
	var r replay
	c := &cobra.Command{
		Use:   "replay [FILE]",
		Short: lang.T("Show which alarms the present settings would have raised"),
		Long: lang.T(`Runs the alarm engine with your present settings over the stored readings, or
over a CSV file with the columns time and mgdl (and id for several people), and
shows what you would have heard. FILE may be - for standard input.

Every message counts as answered Seen at once, unless --answer never.

With --set KEY=VALUE it also shows what another setting would have done: side by
side as text, and as csv or json with a column that says whether a message is
heard now, then, or both.`),
		Example: "  llutray replay --since 14d --set alarms.low.limit=4.2\n  llutray replay --format csv readings.csv",
		Args:    oneAtMost,
		RunE: func(c *cobra.Command, args []string) error {
			r.out = c.OutOrStdout()
			return r.run(c.Context(), c.InOrStdin(), args)
		},
	}
	f := c.Flags()
	f.StringVar(&r.since, "since", "30d", lang.T("how far back in the stored readings"))
	f.StringVar(&r.format, "format", "text", lang.T("text, csv or json"))
	f.StringVar(&r.who, "person", "", lang.T("name or id of the person, if several share with you"))
	f.StringVar(&r.answer, "answer", "seen", lang.T("how messages are answered: seen or never"))
	f.StringArrayVar(&r.set, "set", nil, lang.T("a setting to compare with, KEY=VALUE; may be given more than once"))
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
	was    app.Heard
	text   string
	In     string `json:"in,omitempty"` // of a comparison: "now", "then" or "both"
}

func (r *replay) run(ctx context.Context, stdin io.Reader, args []string) error {
	if r.answer != "seen" && r.answer != "never" {
		return usage(lang.E("--answer is seen or never, not %q", r.answer))
	}
	if r.format != "text" && r.format != "csv" && r.format != "json" {
		return usage(lang.E("there is no format %q; use text, csv or json", r.format))
	}
	set, err := settings.Load(settings.DefaultPaths().Settings)
	if err != nil {
		return err
	}
	traces, err := r.load(ctx, stdin, args, set)
	if err != nil {
		return err
	}
	set = identifiedByStore(ctx, set)
	then := set
	if len(r.set) > 0 {
		values, err := changes(r.set)
		if err != nil {
			return err
		}
		if len(traces) == 1 {
			values = forPerson(set, traces[0].id, values)
		}
		if then, err = settings.With(settings.DefaultPaths().Settings, values); err != nil {
			return usage(err)
		}
		then = identifiedByStore(ctx, then)
	}
	said := r.simulate(traces, set, then)
	switch {
	case r.format == "csv":
		return writeHeard(r.out, said, len(r.set) > 0)
	case r.format == "json":
		return json.NewEncoder(r.out).Encode(said)
	case len(r.set) > 0:
		return r.compare(traces, said)
	}
	return r.text(traces, said)
}

// load gets the readings from the file or from the store.
func (r *replay) load(ctx context.Context, stdin io.Reader, args []string, set settings.Settings) ([]trace, error) {
	if len(args) == 1 {
		traces, err := openTraces(stdin, args[0])
		if err != nil {
			return nil, err
		}
		return only(traces, r.who)
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

// simulate is what every person would have heard, and of a comparison also
// what they would with other settings.
func (r *replay) simulate(traces []trace, set, then settings.Settings) []heard {
	out := []heard{}
	for _, t := range traces {
		said := app.WouldHear(set.For(t.id), t.readings, r.answer == "seen")
		if len(r.set) > 0 {
			said = app.Both(said, app.WouldHear(then.For(t.id), t.readings, r.answer == "seen"))
		}
		for _, x := range said {
			h := heard{ID: t.id, Time: x.Time, Level: x.Level, Kind: x.Kind, Reason: x.Reason, In: x.In, was: x, text: x.Text(set.Unit)}
			if x.Reading != nil {
				v := int(x.Reading.Value)
				h.MgDL = &v
			}
			out = append(out, h)
		}
	}
	return out
}

// changes reads the KEY=VALUE of --set.
func changes(all []string) (map[string]string, error) {
	out := map[string]string{}
	for _, c := range all {
		key, value, ok := strings.Cut(c, "=")
		if !ok {
			return nil, usage(lang.E("--set wants KEY=VALUE, not %q", c))
		}
		out[strings.TrimSpace(key)] = strings.TrimSpace(value)
	}
	return out, nil
}

// forPerson are settings under the keys that decide them for one person: a
// limit of everybody's would change nothing for who has one of their own.
func forPerson(set settings.Settings, id string, values map[string]string) map[string]string {
	out := map[string]string{}
	for key, value := range values {
		out[set.KeyFor(id, key)] = value
	}
	return out
}

func writeHeard(w io.Writer, all []heard, compared bool) error {
	c := csv.NewWriter(w)
	columns := []string{"id", "time", "level", "kind", "reason"}
	if compared {
		columns = append(columns, "in")
	}
	_ = c.Write(columns)
	for _, h := range all {
		line := []string{h.ID, h.Time.Format(time.RFC3339), string(h.Level), string(h.Kind), string(h.Reason)}
		if compared {
			line = append(line, h.In)
		}
		_ = c.Write(line)
	}
	c.Flush()
	return c.Error()
}

// The night of the text output, by the wall clock.
const nightFrom, nightTo = 22, 7

// text tells the last night in a sentence, then each day in a line.
func (r *replay) text(traces []trace, all []heard) error {
	if len(traces) == 0 || len(traces[0].readings) == 0 {
		_, err := fmt.Fprintln(r.out, lang.T("There are no readings to replay."))
		return err
	}
	if len(traces) > 1 {
		return r.people(traces, all)
	}
	readings := traces[0].readings
	last := readings[len(readings)-1].Time.Local()
	days := map[string][]string{}
	for _, h := range all {
		day := h.Time.Local().Format(time.DateOnly)
		days[day] = append(days[day], h.short())
	}
	night := lang.T("Last night you would have heard nothing.")
	if heard := lastNight(last, all); len(heard) > 0 {
		night = lang.F("Last night you would have heard %d: %s.", len(heard), strings.Join(heard, ", "))
	}
	if _, err := fmt.Fprintf(r.out, "%s\n\n", night); err != nil {
		return err
	}
	weekdays := 0
	for d := range time.Saturday + 1 {
		weekdays = widest(weekdays, lang.Weekday(d))
	}
	for d := readings[0].Time.Local(); ; d = d.AddDate(0, 0, 1) {
		day := time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, time.Local)
		if day.After(last) {
			return nil
		}
		date := day.Format(time.DateOnly)
		if _, err := fmt.Fprintf(r.out, "%-*s %s  %s\n", weekdays, lang.Weekday(day.Weekday()), date, count(days[date])); err != nil {
			return err
		}
	}
}

// short is the message in a line of several: "01:40 low 3.7".
func (h heard) short() string { return lang.Clock(h.Time.Local()) + " " + h.text }

// lastNight picks what would have been heard in the night before the last
// reading, or in the one it is in.
func lastNight(last time.Time, all []heard) (out []string) {
	morning := time.Date(last.Year(), last.Month(), last.Day(), nightTo, 0, 0, 0, time.Local)
	if morning.After(last) {
		morning = last
	}
	evening := time.Date(last.Year(), last.Month(), last.Day()-1, nightFrom, 0, 0, 0, time.Local)
	for _, h := range all {
		if h.Time.After(evening) && !h.Time.After(morning) {
			out = append(out, h.short())
		}
	}
	return out
}

func count(said []string) string {
	if len(said) == 0 {
		return lang.T("nothing")
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
				parts = append(parts, fmt.Sprintf("%d %s", n, lang.Lower(k.Label())))
			}
		}
		if _, err := fmt.Fprintf(r.out, "%s  %s  %s\n", t.id, lang.N(int(daysOf(t)+0.5), "%d day", "%d days"), strings.Join(parts, ", ")); err != nil {
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
