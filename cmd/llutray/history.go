package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/history"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/settings"
)

func historyCommand() *cobra.Command {
	var format, since, until, who string
	c := &cobra.Command{
		Use:   "history",
		Short: lang.T("Print stored readings"),
		Long: lang.T(`Prints the stored readings, oldest first: live ones, and where there is no live
reading points of the service's own history and imported ones.

--since and --until take how long ago (90m, 24h, 14d), a day (2026-03-01, the
whole of it), or a moment (2026-03-01T13:30, or with a zone as in RFC 3339).`),
		Example: "  llutray history --since 14d --format csv > readings.csv\n  llutray history --since 2026-03-01 --until 2026-03-07",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			now := time.Now()
			from, err := parseMoment(since, now, false)
			if err != nil {
				return err
			}
			to := now.Add(time.Hour) // a phone's clock may run ahead
			if until != "" {
				if to, err = parseMoment(until, now, true); err != nil {
					return err
				}
			}
			if !from.Before(to) {
				return usage(lang.E("--since must be before --until"))
			}
			paths := settings.DefaultPaths()
			set, err := settings.Load(paths.Settings)
			if err != nil {
				return err
			}
			store, err := history.OpenReadOnly(paths.History)
			if errors.Is(err, history.ErrNoHistory) {
				return &exitError{exitNoReading, err}
			}
			if err != nil {
				return err
			}
			defer func() { _ = store.Close() }()
			p, err := choosePerson(c.Context(), store, who, set.Person)
			if err != nil {
				return err
			}
			return printHistory(c.OutOrStdout(), format, p, store.MergedSeq(c.Context(), p.ID, from, to), set.Unit)
		},
	}
	f := c.Flags()
	f.StringVar(&since, "since", "24h", lang.T("from when on: 90m, 24h, 14d, or a day or moment"))
	f.StringVar(&until, "until", "", lang.T("until when (default: now)"))
	f.StringVar(&format, "format", "text", lang.T("text, csv or json"))
	f.StringVar(&who, "person", "", lang.T("name or id of the person, if several share with you"))
	return c
}

// parseMoment reads how long ago something was, a day or a moment, by the
// computer's zone; of a day the end if end is set, else its beginning.
func parseMoment(s string, now time.Time, end bool) (time.Time, error) {
	if t, err := time.ParseInLocation(time.DateOnly, s, time.Local); err == nil {
		if end {
			t = t.AddDate(0, 0, 1)
		}
		return t, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, s, time.Local); err == nil {
			return t, nil
		}
	}
	d, err := parseDuration(s)
	if err != nil {
		return time.Time{}, usage(lang.E("%q is neither how long ago (90m, 24h, 14d) nor a day or moment (2026-03-01, 2026-03-01T13:30)", s))
	}
	return now.Add(-d), nil
}

type historyRow struct {
	ID     string    `json:"id"`
	Time   time.Time `json:"time"`
	MgDL   int       `json:"mgdl"`
	Mmol   float64   `json:"mmol"`
	Trend  string    `json:"trend"`
	Limit  *string   `json:"limit"`
	Origin string    `json:"origin"`
}

// printHistory writes readings as they come, however many there are.
func printHistory(w io.Writer, format string, p glucose.Person, readings iter.Seq2[glucose.Reading, error], u glucose.Unit) (err error) {
	out := bufio.NewWriter(w)
	switch format {
	case "text":
		err = historyText(out, readings, u)
	case "csv":
		err = historyCSV(out, p, readings)
	case "json":
		err = historyJSON(out, p, readings)
	default:
		return usage(lang.E("there is no format %q; use text, csv or json", format))
	}
	if err != nil {
		return err
	}
	return out.Flush()
}

func historyText(w io.Writer, readings iter.Seq2[glucose.Reading, error], u glucose.Unit) error {
	for r, err := range readings {
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s  %5s %s %s\n", r.Time.Local().Format(momentLayout), r.Number(u), u, r.Trend.Arrow()); err != nil {
			return err
		}
	}
	return nil
}

// historyCSV writes the columns our own import and replay read; the rest is
// extra.
func historyCSV(w io.Writer, p glucose.Person, readings iter.Seq2[glucose.Reading, error]) error {
	c := csv.NewWriter(w)
	_ = c.Write([]string{"id", "time", "mgdl", "trend", "limit", "origin"}) // its error is met again below
	for r, err := range readings {
		if err != nil {
			return err
		}
		row := []string{p.ID, r.Time.UTC().Format(time.RFC3339), strconv.Itoa(int(r.Value)), r.Trend.String(), limitName(r.Limit), r.Origin.String()}
		if err := c.Write(row); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// historyJSON writes one array.
func historyJSON(w io.Writer, p glucose.Person, readings iter.Seq2[glucose.Reading, error]) error {
	separator, end := "[", "[]"
	for r, err := range readings {
		if err != nil {
			return err
		}
		b, err := json.Marshal(newHistoryRow(p, r))
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s%s", separator, b); err != nil {
			return err
		}
		separator, end = ",", "]"
	}
	_, err := fmt.Fprintln(w, end)
	return err
}

func newHistoryRow(p glucose.Person, r glucose.Reading) historyRow {
	row := historyRow{p.ID, r.Time.UTC(), int(r.Value), r.Value.Mmol(), r.Trend.String(), nil, r.Origin.String()}
	if r.Limit != glucose.LimitNone {
		name := limitName(r.Limit)
		row.Limit = &name
	}
	return row
}

func limitName(l glucose.Limit) string {
	switch l {
	case glucose.LimitLow:
		return "low"
	case glucose.LimitHigh:
		return "high"
	}
	return ""
}
