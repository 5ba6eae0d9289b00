package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/chart"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/settings"
)

// barFormats are those for the bars of desktops and terminals.
var barFormats = []string{"waybar", "i3blocks", "polybar", "tmux", "xbar", "plain"}

var statusFormats = append([]string{"text", "json"}, barFormats...)

func isBar(format string) bool { return slices.Contains(barFormats, format) }

// wordList is a choice for people: "a, b or c".
func wordList(words []string) string {
	last := len(words) - 1
	return lang.F("%s or %s", strings.Join(words[:last], ", "), words[last])
}

// statusText is the status in a format, without the line's end.
func statusText(format string, st app.Status, set settings.Settings) (string, error) {
	var v any
	switch format {
	case "text":
		return textLine(st, set.Unit), nil
	case "json":
		v = st
	case "waybar":
		v = waybar(st, set)
	case "i3blocks":
		return strings.Join([]string{st.Text, shortText(st, set.Unit), barColour(st)}, "\n"), nil
	case "tmux":
		return fmt.Sprintf("#[fg=%s]%s#[default]", barColour(st), strings.ReplaceAll(st.Text, "#", "##")), nil
	case "polybar":
		return fmt.Sprintf("%%{F%s}%s%%{F-}", barColour(st), strings.ReplaceAll(st.Text, "%{", "")), nil
	case "xbar":
		return xbar(st, set), nil
	case "plain":
		return st.Text, nil
	default:
		return "", usage(lang.E("there is no format %q; use %s", format, wordList(statusFormats)))
	}
	b, err := json.Marshal(v)
	return string(b), err
}

// xbar is the output of a plugin of xbar, SwiftBar or the GNOME extension
// Argos: the title, and below the line what the menu shows. A bar in a line
// begins its parameters.
func xbar(st app.Status, set settings.Settings) string {
	out := []string{fmt.Sprintf("%s | color=%s", st.Text, barColour(st)), "---"}
	for line := range strings.Lines(textLine(st, set.Unit)) {
		out = append(out, strings.TrimSpace(strings.ReplaceAll(line, "|", "¦")))
	}
	if st.Reading != nil {
		out = append(out, lang.F("Measured at %s", lang.Clock(st.Reading.Time.Local())))
	}
	return strings.Join(out, "\n")
}

// followEvery is how often it is looked whether the files have changed, and
// agesEvery how often without: ages are told in minutes.
const (
	followEvery = 2 * time.Second
	agesEvery   = 30 * time.Second
)

// followStatus prints a line whenever what it says has changed, until ctx ends
// or nobody reads it any more.
func followStatus(ctx context.Context, w io.Writer, format, who string) error {
	if format == "i3blocks" || format == "xbar" {
		return usage(lang.E("--follow prints one line each time, and %s wants several: leave it out", format))
	}
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	last := ""
	var seen string
	var looked time.Time
	for ; ; waitFor(ctx, tick.C) {
		if ctx.Err() != nil {
			return nil
		}
		now := changeOf(settings.DefaultPaths())
		if now == seen && time.Since(looked) < agesEvery {
			continue
		}
		seen, looked = now, time.Now()
		st, set, err := loadStatus(ctx, who)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		line, err := statusText(format, st, set)
		if err != nil {
			return err
		}
		same := st
		same.AgeSeconds = nil // it changes every second
		said, err := statusText(format, same, set)
		if err != nil {
			return err
		}
		if said != last {
			last = said
			if _, err := fmt.Fprintln(w, line); err != nil {
				return err
			}
		}
	}
}

func waitFor(ctx context.Context, c <-chan time.Time) {
	select {
	case <-ctx.Done():
	case <-c:
	}
}

// changeOf differs whenever the store or the settings have been written.
func changeOf(p settings.Paths) string {
	var out strings.Builder
	for _, file := range []string{p.History, p.History + "-wal", p.Settings} {
		if info, err := os.Stat(file); err == nil {
			fmt.Fprintf(&out, "%s %d\n", info.ModTime(), info.Size())
		}
	}
	return out.String()
}

// shortText is the number alone, for a narrow bar.
func shortText(st app.Status, u glucose.Unit) string {
	if st.Reading == nil {
		return st.Text
	}
	r := glucose.Reading{Value: glucose.MgDL(st.Reading.MgDL)}
	if l := st.Reading.Limit; l != nil {
		r.Limit = map[string]glucose.Limit{"low": glucose.LimitLow, "high": glucose.LimitHigh}[*l]
	}
	return r.Number(u)
}

// barColour gives bars the colours of the tray icon.
func barColour(st app.Status) string {
	if st.Stale {
		return chart.StaleColour
	}
	switch st.Range {
	case glucose.UrgentLow.String(), glucose.Low.String():
		return chart.LowColour
	case glucose.High.String(), glucose.UrgentHigh.String():
		return chart.HighColour
	}
	return chart.InRangeColour
}

type waybarModule struct {
	Text       string `json:"text"`
	Tooltip    string `json:"tooltip"`
	Class      string `json:"class"`
	Percentage int    `json:"percentage"`
}

// waybar is the module's output: text and tooltip are Pango markup there, so
// what comes from outside is escaped.
func waybar(st app.Status, set settings.Settings) waybarModule {
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace
	m := waybarModule{Text: escape(st.Text), Tooltip: escape(textLine(st, set.Unit)), Class: st.Range}
	if st.Stale {
		m.Class = "stale"
	}
	if st.Reading != nil {
		// The scale of the sensor, 40 to 400 mg/dL, as Waybar's icons want it.
		m.Percentage = int(math.Round(100 * float64(min(max(st.Reading.MgDL, 40), 400)-40) / 360))
	}
	return m
}
