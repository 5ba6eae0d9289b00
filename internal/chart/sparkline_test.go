package chart

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

var start = time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)

// series are readings step apart from start on; 0 is a missing one.
func series(origin glucose.Origin, step time.Duration, values ...glucose.MgDL) []glucose.Reading {
	var out []glucose.Reading
	for i, v := range values {
		if v != 0 {
			out = append(out, glucose.Reading{Time: start.Add(time.Duration(i) * step), Value: v, Origin: origin})
		}
	}
	return out
}

func TestSparkline(t *testing.T) {
	for _, tt := range []struct {
		name     string
		readings []glucose.Reading
		minutes  int
		cells    int
		want     string
	}{
		{"rising over the whole height",
			series(glucose.Live, 5*time.Minute, 70, 80, 90, 100, 110, 120, 130, 140), 40, 8, "▁▂▃▄▅▆▇█"},
		{"steady is not shown as mountains",
			series(glucose.Live, 5*time.Minute, 100, 102, 99, 101), 20, 4, "▄▅▄▅"},
		{"mean of a cell",
			series(glucose.Live, time.Minute, 70, 70, 70, 70, 70, 150, 100, 150, 150, 150), 10, 2, "▁█"},
		{"missing live data is a gap",
			series(glucose.Live, time.Minute, 70, 70, 70, 70, 70, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 150, 150, 150, 150, 150), 20, 4, "▁░░█"},
		{"15-minute history in 5-minute cells is whole",
			series(glucose.Graph, 15*time.Minute, 70, 140, 70), 45, 9, "▁▁▁███▁▁▁"},
		{"a missing history point is a gap",
			series(glucose.Graph, 15*time.Minute, 70, 0, 0, 140), 60, 12, "▁▁▁▁░░░░░███"},
		{"a 15-minute feed is whole",
			series(glucose.Live, 15*time.Minute, 70, 140, 70, 140), 60, 12, "▁▁▁███▁▁▁███"},
		{"nothing before the first, nothing long after the last",
			series(glucose.Live, 5*time.Minute, 0, 0, 70, 130, 130, 0, 0, 0), 40, 8, "░░▁██░░░"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, ok := Sparkline(tt.readings, start, start.Add(time.Duration(tt.minutes)*time.Minute), tt.cells)
			require.True(t, ok)
			require.Equal(t, tt.want, s.Line)
		})
	}
}

func TestSparklineExtremes(t *testing.T) {
	readings := series(glucose.Live, 5*time.Minute, 80, 100, 60, 70)
	readings = append(readings,
		glucose.Reading{Time: start.Add(20 * time.Minute), Limit: glucose.LimitLow},
		glucose.Reading{Time: start.Add(25 * time.Minute), Limit: glucose.LimitHigh, Value: 400},
		glucose.Reading{Time: start.Add(26 * time.Minute)}, // a gap marker, not a value
		glucose.Reading{Time: start.Add(30 * time.Minute), Value: 500})
	s, ok := Sparkline(readings, start, start.Add(30*time.Minute), 6)
	require.True(t, ok)
	require.Equal(t, "LO", s.Lowest.Number(glucose.MmolPerL))
	require.Equal(t, "HI", s.Highest.Number(glucose.MmolPerL))
	require.Equal(t, "▁▂▁▁▁█", s.Line)
}

func TestSparklineNothing(t *testing.T) {
	for name, readings := range map[string][]glucose.Reading{
		"no readings":      nil,
		"only before":      {{Time: start.Add(-time.Minute), Value: 100}},
		"only at the end":  {{Time: start.Add(time.Hour), Value: 100}},
		"only gap markers": {{Time: start.Add(time.Minute)}},
	} {
		_, ok := Sparkline(readings, start, start.Add(time.Hour), 12)
		require.False(t, ok, name)
	}
	_, ok := Sparkline(series(glucose.Live, time.Minute, 100), start, start, 12)
	require.False(t, ok, "no time")
	_, ok = Sparkline(series(glucose.Live, time.Minute, 100), start, start.Add(time.Hour), 0)
	require.False(t, ok, "no cells")
}
