package stats_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/stats"
)

var midnight = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// every makes n readings of one origin from start on.
func every(step time.Duration, start time.Time, n int, v glucose.MgDL, o glucose.Origin) (out []glucose.Reading) {
	for i := range n {
		out = append(out, glucose.Reading{Time: start.Add(time.Duration(i) * step), Value: v, Origin: o})
	}
	return out
}

func TestLimitsAreSharp(t *testing.T) {
	var day []glucose.Reading
	for i, v := range []glucose.MgDL{53, 54, 69, 70, 180, 181, 250, 251} {
		day = append(day, every(5*time.Minute, midnight.Add(time.Duration(i)*time.Hour), 12, v, glucose.Live)...)
	}
	s := stats.Summarize(day, glucose.DefaultLimits, midnight, midnight.Add(24*time.Hour))
	require.InDelta(t, 12.5, s.UrgentLow, 1e-9, "53 only")
	require.InDelta(t, 37.5, s.Below, 1e-9, "53, 54 and 69")
	require.InDelta(t, 25.0, s.InRange, 1e-9, "70 and 180")
	require.InDelta(t, 37.5, s.Above, 1e-9, "181, 250 and 251")
	require.InDelta(t, 12.5, s.UrgentHigh, 1e-9, "251 only")
	require.InDelta(t, 100, s.Below+s.InRange+s.Above, 1e-9)
}

func TestTooLittleDataIsNotKnown(t *testing.T) {
	tests := map[string]struct {
		readings []glucose.Reading
		known    bool
	}{
		"nothing":                      {nil, false},
		"one reading":                  {every(time.Minute, midnight, 1, 100, glucose.Live), false},
		"59 minutes of a minute feed":  {every(time.Minute, midnight, 59, 100, glucose.Live), false},
		"an hour of a minute feed":     {every(time.Minute, midnight, 60, 100, glucose.Live), true},
		"an hour of a 15-minute feed":  {every(15*time.Minute, midnight, 4, 100, glucose.Graph), true},
		"two readings eight hours off": {every(8*time.Hour, midnight, 2, 100, glucose.Live), false},
		"gap markers":                  {every(time.Minute, midnight, 90, 0, glucose.Live), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := stats.Summarize(tt.readings, glucose.DefaultLimits, midnight, time.Time{})
			require.Equal(t, tt.known, s.Known)
			require.False(t, s.Reportable)
		})
	}
}

func TestReportNeedsFourteenDaysWithSeventyPercent(t *testing.T) {
	const perDay = 96 // a 15-minute feed
	full := every(15*time.Minute, midnight, 14*perDay, 120, glucose.Live)
	require.True(t, stats.Summarize(full, glucose.DefaultLimits, time.Time{}, time.Time{}).Reportable)
	require.False(t, stats.Summarize(full[perDay:], glucose.DefaultLimits, time.Time{}, time.Time{}).Reportable, "a day short")
	holed := append(append([]glucose.Reading{}, full[:9*perDay]...), full[14*perDay-1])
	s := stats.Summarize(holed, glucose.DefaultLimits, time.Time{}, time.Time{})
	require.False(t, s.Reportable, "five days missing")
	require.InDelta(t, 100*9/14.0, s.Active, 0.1)
}

// The window takes in its beginning and leaves out its end, so that two days
// side by side share no reading.
func TestWindowIsHalfOpen(t *testing.T) {
	day := every(time.Hour, midnight, 25, 100, glucose.Live)
	s := stats.Summarize(day, glucose.DefaultLimits, midnight, midnight.Add(24*time.Hour))
	require.Equal(t, 24, s.Count)
	require.Equal(t, midnight, s.First)
	require.Equal(t, midnight.Add(23*time.Hour), s.Last)
}

// Six hours of history every 15 minutes and six of live values a minute weigh
// alike, although there are fifteen times as many of these.
func TestMixedOriginsWeighByTime(t *testing.T) {
	morning := every(15*time.Minute, midnight, 24, 60, glucose.Graph)
	noon := every(time.Minute, midnight.Add(6*time.Hour), 360, 100, glucose.Live)
	s := stats.Summarize(append(morning, noon...), glucose.DefaultLimits, midnight, midnight.Add(24*time.Hour))
	require.InDelta(t, 50, s.Below, 1e-9)
	require.InDelta(t, 50, s.InRange, 1e-9)
	require.InDelta(t, 80, s.Mean, 1e-9)
	require.Equal(t, 12*time.Hour, s.Covered.Round(time.Minute))
	require.InDelta(t, 100, s.Active, 1e-9)
}

// LO and HI are an urgent low and an urgent high whatever number comes along,
// and count with the end of the scale.
func TestOutOfScale(t *testing.T) {
	hour := every(time.Minute, midnight, 60, 100, glucose.Live)
	for i := range 30 {
		hour[i].Limit, hour[i].Value = glucose.LimitLow, 0
	}
	hour[59].Limit, hour[59].Value = glucose.LimitHigh, 0
	s := stats.Summarize(hour, glucose.DefaultLimits, midnight, midnight.Add(time.Hour))
	require.InDelta(t, 50, s.UrgentLow, 1e-9)
	require.InDelta(t, 100/60.0, s.UrgentHigh, 1e-9)
	require.EqualValues(t, 40, s.Min)
	require.EqualValues(t, 500, s.Max)
}
