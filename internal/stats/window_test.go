package stats_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/musthave"
	"github.com/llutray/llutray/internal/stats"
)

// berlin changes its clocks on 29 March and 25 October 2026.
func berlin(t testing.TB) *time.Location {
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		musthave.Missing(t, "there are no time zones here: %v", err)
	}
	return loc
}

func TestDaysWhenClocksChange(t *testing.T) {
	loc := berlin(t)
	at := func(m time.Month, d, h, min int) time.Time { return time.Date(2026, m, d, h, min, 0, 0, loc) }
	for _, tt := range []struct {
		t     time.Time
		hours float64
	}{
		{at(3, 28, 12, 0), 24}, {at(3, 29, 0, 0), 23}, {at(3, 29, 23, 59), 23}, {at(3, 30, 0, 0), 24},
		{at(10, 25, 2, 30), 25}, {at(10, 26, 0, 0), 24},
	} {
		day := stats.Day(tt.t)
		require.Equal(t, tt.hours, day.To.Sub(day.From).Hours(), tt.t)
		require.False(t, tt.t.Before(day.From) || !tt.t.Before(day.To), "%v lies in its day", tt.t)
	}
	night := stats.Night(at(3, 29, 12, 0))
	require.Equal(t, stats.Window{From: at(3, 28, 22, 0), To: at(3, 29, 7, 0)}, night)
	require.Equal(t, 8.0, night.To.Sub(night.From).Hours())

	fortnight := stats.Days(14, at(4, 5, 9, 30))
	require.Equal(t, at(3, 22, 9, 30), fortnight.From)
	require.Equal(t, at(3, 8, 9, 30), fortnight.Before().From)
	require.Equal(t, at(3, 22, 9, 30), fortnight.Before().To)
	require.Len(t, fortnight.Each(), 15)
	require.Equal(t, at(3, 22, 0, 0), fortnight.Each()[0].From)
	var hours float64
	for _, d := range fortnight.Each() {
		hours += d.To.Sub(d.From).Hours()
	}
	require.Equal(t, 15*24-1.0, hours)
	require.Len(t, stats.Window{From: at(10, 25, 0, 0), To: at(10, 26, 0, 0)}.Each(), 1, "a day's end is no day")
}

func TestNight(t *testing.T) {
	at := func(d, h int) time.Time { return time.Date(2026, 5, d, h, 0, 0, 0, time.UTC) }
	for now, evening := range map[time.Time]time.Time{
		at(3, 7): at(2, 22), at(3, 21): at(2, 22), at(3, 22): at(2, 22), at(3, 23): at(3, 22), at(4, 3): at(3, 22), at(1, 1): time.Date(2026, 4, 30, 22, 0, 0, 0, time.UTC),
	} {
		require.Equal(t, stats.Window{From: evening, To: evening.Add(9 * time.Hour)}, stats.Night(now), now)
	}
}

func TestBeforeOfHours(t *testing.T) {
	w := stats.Window{From: midnight, To: midnight.Add(3 * time.Hour)}
	require.Equal(t, stats.Window{From: midnight.Add(-3 * time.Hour), To: midnight}, w.Before())
}

func TestClip(t *testing.T) {
	day := every(time.Hour, midnight, 5, 100, glucose.Live)
	require.Equal(t, day, stats.Window{}.Clip(day))
	require.Equal(t, day[1:3], stats.Window{From: midnight.Add(time.Hour), To: midnight.Add(3 * time.Hour)}.Clip(day))
	require.Empty(t, stats.Window{From: midnight.Add(9 * time.Hour), To: midnight}.Clip(day))
	require.Empty(t, stats.Window{}.Clip(nil))
}

// On the day the clocks go forward nobody has a value at 02:30, and the times
// after it are right by the wall clock; on the day they go back the first of
// the two counts.
func TestProfileWhenClocksChange(t *testing.T) {
	loc := berlin(t)
	// 100 mg/dL and the hour of the wall clock, flat within each hour.
	byClock := func(from time.Time) (out []glucose.Reading) {
		w := stats.Day(from)
		for at := w.From; at.Before(w.To); at = at.Add(5 * time.Minute) {
			out = append(out, glucose.Reading{Time: at.UTC(), Value: glucose.MgDL(100 + at.Hour())})
		}
		return out
	}
	for _, tt := range []struct {
		name string
		day  time.Time
		days map[int]int // of some hours
	}{
		{"spring", time.Date(2026, 3, 29, 0, 0, 0, 0, loc), map[int]int{1: 1, 2: 0, 3: 1, 23: 1}},
		{"autumn", time.Date(2026, 10, 25, 0, 0, 0, 0, loc), map[int]int{1: 1, 2: 1, 3: 1, 23: 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := stats.ProfileOf(byClock(tt.day), stats.Day(tt.day), 30*time.Minute)
			require.Equal(t, 1, p.Days)
			require.Len(t, p.Slots, 48)
			for hour, days := range tt.days {
				for _, slot := range p.Slots[2*hour : 2*hour+2] {
					require.Equal(t, days, slot.Days, slot.At)
					if days > 0 && slot.At != 23*time.Hour+30*time.Minute {
						require.InDelta(t, 100+hour, slot.P50, 1e-9, slot.At)
					}
				}
			}
		})
	}
}

func TestProfileOfNothing(t *testing.T) {
	p := stats.ProfileOf(nil, stats.Day(midnight), 15*time.Minute)
	require.Zero(t, p.Days)
	require.Len(t, p.Slots, 96)
	// A lone reading between the slots says nothing of them.
	p = stats.ProfileOf(every(time.Hour, midnight.Add(7*time.Minute), 1, 100, glucose.Live), stats.Day(midnight), 15*time.Minute)
	require.Zero(t, p.Days)
}
