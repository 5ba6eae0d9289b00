package main

import (
	"context"
	"errors"
	"io"
	"math"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/history"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/stats"
)

// period is what the commands that sum up a time ask for.
type period struct {
	since, until, who string
	flags             *pflag.FlagSet
}

// subject is one person's readings in a window and the one before.
type subject struct {
	person   glucose.Person
	readings []glucose.Reading
	window   stats.Window
}

func (p *period) register(c *cobra.Command) {
	p.flags = c.Flags()
	p.flags.StringVar(&p.since, "since", "14d", lang.T("how far back: 24h or 14d; of a file all, unless given"))
	p.flags.StringVar(&p.until, "until", "", lang.T("the end: a day like 2026-05-31, which is included, or a time; now unless given"))
	p.flags.StringVar(&p.who, "person", "", lang.T("name or id of the person, if there are several"))
}

// load gets the readings from the file, or from the store when args are empty.
// Of a file that holds several people, there are several subjects.
func (p *period) load(ctx context.Context, stdin io.Reader, args []string, set settings.Settings, now time.Time) ([]subject, error) {
	since, err := parseDuration(p.since)
	if err != nil {
		return nil, err
	}
	end := now
	if p.until != "" {
		if end, err = parseUntil(p.until); err != nil {
			return nil, err
		}
	}
	if len(args) > 0 {
		return p.fromFile(stdin, args[0], since, end)
	}
	store, err := history.OpenReadOnly(settings.DefaultPaths().History)
	if errors.Is(err, history.ErrNoHistory) {
		return nil, &exitError{exitNoReading, err}
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = store.Close() }()
	person, err := choosePerson(ctx, store, p.who, set.Person)
	if err != nil {
		return nil, err
	}
	w := windowOf(since, end)
	readings, err := store.Merged(ctx, person.ID, w.Before().From, w.To)
	if err != nil {
		return nil, err
	}
	return []subject{{person, readings, w}}, nil
}

func (p *period) fromFile(stdin io.Reader, path string, since time.Duration, end time.Time) ([]subject, error) {
	traces, err := openTraces(stdin, path)
	if err == nil {
		traces, err = only(traces, p.who)
	}
	if err != nil {
		return nil, err
	}
	var out []subject
	for _, t := range traces {
		s := subject{person: glucose.Person{ID: t.id}, readings: t.readings}
		// The whole file, unless told otherwise. What is counted back from is
		// not today but the end of the data, when the last reading has lasted
		// its step.
		last := t.readings[len(t.readings)-1]
		s.window = stats.Window{
			From: t.readings[0].Time.In(time.Local),
			To:   last.Time.In(time.Local).Add(stats.StepsOf(t.readings).Of(last)),
		}
		if p.until != "" {
			s.window.To = end
		}
		if p.flags.Changed("since") {
			s.window = windowOf(since, s.window.To)
		}
		out = append(out, s)
	}
	return out, nil
}

// windowOf is the time before end: of whole days, to the same time of day.
func windowOf(since time.Duration, end time.Time) stats.Window {
	const day = 24 * time.Hour
	if since%day == 0 {
		return stats.Days(int(since/day), end)
	}
	return stats.Window{From: end.Add(-since), To: end}
}

// parseUntil reads the end of a period; a day is included.
func parseUntil(s string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.In(time.Local), nil
	}
	if t, err := time.ParseInLocation("2006-01-02 15:04", s, time.Local); err == nil {
		return t, nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, s, time.Local); err == nil {
		return t.AddDate(0, 0, 1), nil
	}
	return time.Time{}, usage(lang.E("%q is not a day like 2026-05-31 or a time like %q", s, "2026-05-31 08:00"))
}

// onlyOne refuses what is about one person when there are several.
func onlyOne(subjects []subject) (subject, error) {
	switch len(subjects) {
	case 0:
		return subject{}, lang.E("there are no readings in the file")
	case 1:
		return subjects[0], nil
	}
	return subject{}, usage(lang.E("the file has %d people; say which with --person, for example --person %s", len(subjects), subjects[0].person.ID))
}

// periodWords is the window for people: "14 days to 31 May 2026, 08:00".
func periodWords(w stats.Window) string {
	end := lang.F("%s, %s", lang.Date(w.To), lang.Clock(w.To))
	hours := w.To.Sub(w.From).Hours()
	if n := int(hours/24 + 0.5); n > 1 {
		return lang.N(n, "%[1]d day to %[2]s", "%[1]d days to %[2]s", n, end)
	}
	n := int(math.RoundToEven(hours))
	return lang.N(n, "%[1]d hour to %[2]s", "%[1]d hours to %[2]s", n, end)
}
