package stats_test

import (
	"testing"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/musthave"
	"github.com/llutray/llutray/internal/stats"
)

// Everything that a report needs, of 90 days of 1-minute readings.
func BenchmarkNinetyDays(b *testing.B) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		musthave.Missing(b, "there are no time zones here: %v", err)
	}
	var readings []glucose.Reading
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, berlin)
	for i := range 90 * 24 * 60 {
		v := 60 + (i/7)%200 + i%5
		readings = append(readings, glucose.Reading{Time: from.Add(time.Duration(i) * time.Minute).UTC(), Value: glucose.MgDL(v)})
	}
	w := stats.Window{From: from, To: from.AddDate(0, 0, 91)}
	for name, f := range map[string]func(){
		"summary":  func() { stats.Summarize(readings, glucose.DefaultLimits, w.From, w.To) },
		"profile":  func() { stats.ProfileOf(readings, w, 15*time.Minute) },
		"episodes": func() { stats.EpisodesOf(readings, glucose.DefaultLimits, w) },
		"mage":     func() { stats.MAGE(readings, w) },
		"all": func() {
			stats.Summarize(readings, glucose.DefaultLimits, w.From, w.To)
			stats.ProfileOf(readings, w, 15*time.Minute)
			stats.EpisodesOf(readings, glucose.DefaultLimits, w)
			stats.MAGE(readings, w)
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
		})
	}
}
