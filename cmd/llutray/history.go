package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/history"
	"github.com/llutray/llutray/internal/settings"
)

func historyCommand() *cobra.Command {
	var format, since, who string
	c := &cobra.Command{
		Use:   "history",
		Short: "Print stored readings",
		Long: `Prints the stored readings, oldest first: live ones, and points of the
service's own history where there is no live reading.`,
		Example: "  llutray history --since 14d --format csv > readings.csv",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			d, err := parseDuration(since)
			if err != nil {
				return err
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
			now := time.Now()
			readings, err := store.Merged(c.Context(), p.ID, now.Add(-d), now.Add(time.Hour))
			if err != nil {
				return err
			}
			return printHistory(c.OutOrStdout(), format, p, readings, set.Unit)
		},
	}
	c.Flags().StringVar(&since, "since", "24h", "how far back: 90m, 24h or 14d")
	c.Flags().StringVar(&format, "format", "text", "text, csv or json")
	c.Flags().StringVar(&who, "person", "", "name or id of the person, if several share with you")
	return c
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

func printHistory(w io.Writer, format string, p glucose.Person, readings []glucose.Reading, u glucose.Unit) error {
	switch format {
	case "text":
		for _, r := range readings {
			if _, err := fmt.Fprintf(w, "%s  %5s %s %s\n", r.Time.Local().Format("2006-01-02 15:04"), r.Number(u), u, r.Trend.Arrow()); err != nil {
				return err
			}
		}
		return nil
	case "csv":
		// The columns our own import and replay read; the rest is extra.
		c := csv.NewWriter(w)
		_ = c.Write([]string{"id", "time", "mgdl", "trend", "limit", "origin"})
		for _, r := range readings {
			_ = c.Write([]string{p.ID, r.Time.UTC().Format(time.RFC3339), strconv.Itoa(int(r.Value)), r.Trend.String(), limitName(r.Limit), r.Origin.String()})
		}
		c.Flush()
		return c.Error()
	case "json":
		rows := make([]historyRow, 0, len(readings))
		for _, r := range readings {
			row := historyRow{p.ID, r.Time.UTC(), int(r.Value), r.Value.Mmol(), r.Trend.String(), nil, r.Origin.String()}
			if r.Limit != glucose.LimitNone {
				name := limitName(r.Limit)
				row.Limit = &name
			}
			rows = append(rows, row)
		}
		return json.NewEncoder(w).Encode(rows)
	}
	return usage("there is no format %q; use text, csv or json", format)
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
