package libretest

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// minutes samples a curve every minute.
func minutes(g Glucose, from time.Time, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = g(from.Add(time.Duration(i) * time.Minute))
	}
	return out
}

func share(values []float64, in func(float64) bool) float64 {
	n := 0
	for _, v := range values {
		if in(v) {
			n++
		}
	}
	return float64(n) / float64(len(values))
}

func inRange(v float64) bool { return v >= 70 && v <= 180 }

func requirePlausible(t *testing.T, values []float64) {
	t.Helper()
	for i, v := range values {
		require.GreaterOrEqual(t, v, 40.0)
		require.LessOrEqual(t, v, 400.0)
		if i > 0 {
			require.LessOrEqual(t, math.Abs(v-values[i-1]), 4.0, "minute %d", i)
		}
	}
}

func TestSimulatorIsPlausible(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	for seed := range uint64(2) {
		// Over both changes of the clock.
		for _, from := range []time.Time{noon.Add(20 * 24 * time.Hour), noon.Add(230 * 24 * time.Hour)} {
			values := minutes(NewSimulator(seed, zone), from, 7*1440)
			requirePlausible(t, values)
			require.Greater(t, share(values, inRange), 0.70)
			require.Less(t, share(values, inRange), 0.99)
		}
		month := minutes(NewSimulator(seed, zone), noon, 30*1440)
		require.Greater(t, share(month, func(v float64) bool { return v < 70 }), 0.002, "lows happen")
		require.Less(t, share(month, func(v float64) bool { return v < 54 }), 0.02)
	}
}

func TestSimulatorDoesNotDependOnTheOrderOfQuestions(t *testing.T) {
	forward := minutes(NewSimulator(7, nil), noon, 1440)
	g := NewSimulator(7, nil)
	for i := 1439; i >= 0; i-- {
		require.InDelta(t, forward[i], g(noon.Add(time.Duration(i)*time.Minute)), 0)
	}
	require.NotEqual(t, forward, minutes(NewSimulator(8, nil), noon, 1440))
}

func TestDemoTellsItsStoryAtAnyHour(t *testing.T) {
	for hour := 0; hour < 24; hour += 4 {
		for seed := range uint64(2) {
			start := noon.Add(time.Duration(hour)*time.Hour + 17*time.Minute)
			g := NewDemo(start, seed, nil)
			requirePlausible(t, minutes(g, start.Add(-62*time.Hour), 3*1440))

			before := minutes(g, start.Add(-24*time.Hour), 1440)
			require.GreaterOrEqual(t, share(before, inRange), 0.60)
			require.LessOrEqual(t, share(before, inRange), 0.95, "hour %d", hour)

			list := NewSensor(g, Feed{}, seed).Readings(start.Add(-3*time.Minute), start.Add(8*time.Hour))
			var low, urgent, back, high time.Duration
			below54 := 0
			lowest := 400
			for _, r := range list {
				in := r.Time.Sub(start)
				if in < 5*time.Hour {
					lowest = min(lowest, r.MgDL)
				}
				switch {
				case low == 0 && r.MgDL < 70:
					low = in
				case urgent == 0 && r.MgDL < 54:
					urgent = in
				case urgent > 0 && back == 0 && r.MgDL >= 75:
					back = in
				case back > 0 && high == 0 && r.MgDL > 200:
					high = in
				}
				if r.MgDL < 54 {
					below54++
				}
			}
			require.Greater(t, low, 45*time.Minute)
			require.Less(t, low, 60*time.Minute)
			require.Greater(t, urgent, low)
			require.Less(t, urgent, 75*time.Minute)
			require.GreaterOrEqual(t, below54, 10)
			require.InDelta(t, 49, lowest, 4)
			require.Greater(t, back, 85*time.Minute)
			require.Less(t, back, 110*time.Minute)
			require.Greater(t, high, 150*time.Minute)
			require.Less(t, high, 240*time.Minute)
		}
	}
}

func TestDemoMovesInItsFirstMinute(t *testing.T) {
	moved := 0
	for seed := range uint64(50) {
		list := NewSensor(NewDemo(noon, seed, nil), Feed{}, seed).Readings(noon.Add(-time.Minute), noon.Add(2*time.Minute))
		require.GreaterOrEqual(t, len(list), 2)
		if list[0].MgDL != list[len(list)-1].MgDL {
			moved++
		}
	}
	require.GreaterOrEqual(t, moved, 45, "noise may hide the fall now and then")
}

func TestReplayReadsBothHeaders(t *testing.T) {
	now := noon
	for name, text := range map[string]string{
		"time,mgdl":    "time,mgdl\n2023-06-01T10:05:00Z,120\n2023-06-01T10:00:00Z,110\n2023-06-01T10:10:00+00:00,39\n",
		"id,time,mgdl": "id,time,mgdl\na,2023-06-01T10:00:00Z,110\nb,2023-06-01T10:01:00Z,300\na,2023-06-01T10:05:00Z,120\na,2023-06-01T12:10:00+02:00,39\n",
	} {
		src, err := NewReplay(strings.NewReader(text), ReplayOptions{Now: now, Moment: time.Date(2023, 6, 1, 10, 5, 0, 0, time.UTC)})
		require.NoError(t, err, name)
		require.Equal(t, []Reading{at(-5*time.Minute, 110), at(0, 120), {Time: noon.Add(5 * time.Minute), MgDL: 39, Low: true}},
			src.Readings(noon.Add(-time.Hour), noon.Add(time.Hour)), name)
		require.Equal(t, []Reading{at(0, 120)}, src.Readings(noon.Add(-5*time.Minute), noon), "the earlier end is left out")
		require.Empty(t, src.Readings(noon, noon))
	}
	last, err := NewReplay(strings.NewReader("time,mgdl\n2023-06-01T10:05:00Z,120\n"), ReplayOptions{Now: now})
	require.NoError(t, err)
	require.Equal(t, []Reading{at(0, 120)}, last.Readings(noon.Add(-1), noon))
}

func TestReplaySaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"":                                      "header",
		"when,mgdl\n":                           "time and mgdl",
		"time,mgdl\n":                           "no readings",
		"time,mgdl\nyesterday,100\n":            "line 2",
		"time,mgdl\n2023-06-01T10:05:00Z,5.5\n": "mg/dL",
		"time,mgdl\n2023-06-01T10:05:00Z\n":     "reading the trace",
	} {
		_, err := NewReplay(strings.NewReader(text), ReplayOptions{Now: noon})
		require.ErrorContains(t, err, want)
	}
}
