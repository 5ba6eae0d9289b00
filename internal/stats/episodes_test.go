package stats_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/stats"
)

// series is one value every step from midnight; 0 is a missing one.
func series(step time.Duration, values ...glucose.MgDL) (out []glucose.Reading) {
	for i, v := range values {
		if v != 0 {
			out = append(out, glucose.Reading{Time: midnight.Add(time.Duration(i) * step), Value: v})
		}
	}
	return out
}

func repeat(n int, v glucose.MgDL) []glucose.MgDL {
	out := make([]glucose.MgDL, n)
	for i := range out {
		out[i] = v
	}
	return out
}

func join(parts ...[]glucose.MgDL) (out []glucose.MgDL) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func TestEpisodesAtTheirEdges(t *testing.T) {
	for _, tt := range []struct {
		name   string
		step   time.Duration
		values []glucose.MgDL
		low    []int // minutes of each
	}{
		{"15 minutes of a minute feed", time.Minute, join(repeat(60, 100), repeat(15, 69), repeat(60, 100)), []int{15}},
		{"14 minutes are none", time.Minute, join(repeat(60, 100), repeat(14, 69), repeat(60, 100)), nil},
		{"three of a 5-minute feed", 5 * time.Minute, join(repeat(9, 100), repeat(3, 69), repeat(9, 100)), []int{15}},
		{"two are none", 5 * time.Minute, join(repeat(9, 100), repeat(2, 69), repeat(9, 100)), nil},
		{"one of a 15-minute feed", 15 * time.Minute, join(repeat(4, 100), repeat(1, 69), repeat(4, 100)), []int{15}},
		{"the limit itself is not low", 5 * time.Minute, join(repeat(9, 100), repeat(9, 70), repeat(9, 100)), nil},
		{"back for 10 minutes is one", 5 * time.Minute, join(repeat(4, 60), repeat(2, 80), repeat(4, 60), repeat(9, 80)), []int{50}},
		{"back for 15 minutes are two", 5 * time.Minute, join(repeat(4, 60), repeat(3, 80), repeat(4, 60), repeat(9, 80)), []int{20, 20}},
		{"a gap of 45 minutes is one", 5 * time.Minute, join(repeat(4, 60), repeat(8, 0), repeat(4, 60)), []int{80}},
		{"a gap of 50 minutes splits", 5 * time.Minute, join(repeat(4, 60), repeat(9, 0), repeat(4, 60)), []int{20, 20}},
		{"short runs do not add up", 5 * time.Minute, join(repeat(2, 60), repeat(1, 80), repeat(2, 60), repeat(1, 80), repeat(2, 60)), nil},
		{"one that is not over", 5 * time.Minute, join(repeat(9, 100), repeat(6, 60)), []int{30}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := stats.EpisodesOf(series(tt.step, tt.values...), glucose.DefaultLimits, stats.Window{})
			var minutes []int
			for _, episode := range e.Low {
				minutes = append(minutes, episode.Minutes())
			}
			require.Equal(t, tt.low, minutes)
			require.Empty(t, e.VeryLow)
			require.Empty(t, e.High)
		})
	}
}

func TestEpisodesTellTheirExtremes(t *testing.T) {
	values := join(repeat(6, 100), []glucose.MgDL{65, 60, 52, 50, 53, 61, 66}, repeat(6, 100), []glucose.MgDL{190, 260, 270, 265, 200}, repeat(6, 100))
	e := stats.EpisodesOf(series(5*time.Minute, values...), glucose.DefaultLimits, stats.Window{})
	at := func(i int) time.Time { return midnight.Add(time.Duration(i) * 5 * time.Minute) }
	require.Equal(t, []stats.Episode{{From: at(6), To: at(13), Extreme: 50}}, e.Low)
	require.Equal(t, []stats.Episode{{From: at(8), To: at(11), Extreme: 50}}, e.VeryLow)
	require.Equal(t, []stats.Episode{{From: at(19), To: at(24), Extreme: 270}}, e.High)
	require.Equal(t, []stats.Episode{{From: at(20), To: at(23), Extreme: 270}}, e.VeryHigh)
	require.Equal(t, 35, stats.MeanMinutes(e.Low))
	require.Equal(t, stats.Episodes{}, stats.EpisodesOf(nil, glucose.DefaultLimits, stats.Window{}))
}

// A sensor's LO is a low whatever number comes along.
func TestEpisodeOutOfScale(t *testing.T) {
	readings := series(5*time.Minute, join(repeat(6, 100), repeat(4, 1), repeat(6, 100))...)
	for i := range readings {
		if readings[i].Value == 1 {
			readings[i].Value, readings[i].Limit = 0, glucose.LimitLow
		}
	}
	e := stats.EpisodesOf(readings, glucose.DefaultLimits, stats.Window{})
	require.Len(t, e.VeryLow, 1)
	require.EqualValues(t, 40, e.VeryLow[0].Extreme)
}

func TestMAGENeedsExcursions(t *testing.T) {
	_, ok := stats.MAGE(nil, stats.Window{})
	require.False(t, ok)
	_, ok = stats.MAGE(every(5*time.Minute, midnight, 20, 100, glucose.Live), stats.Window{})
	require.False(t, ok, "shorter than the long average")
	_, ok = stats.MAGE(every(5*time.Minute, midnight, 600, 100, glucose.Live), stats.Window{})
	require.False(t, ok, "flat")
}
