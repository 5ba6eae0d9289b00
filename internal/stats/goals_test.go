package stats_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/stats"
)

func TestGoalsAreSharp(t *testing.T) {
	met := func(s stats.Summary) (out []bool) {
		s.Known = true
		for _, j := range stats.Adults.Judge(s) {
			require.True(t, j.Known)
			out = append(out, j.Met)
		}
		return out
	}
	require.Equal(t, []bool{true, true, true, true, true, true},
		met(stats.Summary{InRange: 70.1, Below: 3.9, UrgentLow: 0.9, Above: 24.9, UrgentHigh: 4.9, CV: 36}))
	require.Equal(t, []bool{false, false, false, false, false, false},
		met(stats.Summary{InRange: 70, Below: 4, UrgentLow: 1, Above: 25, UrgentHigh: 5, CV: 36.1}))
	words := func(s stats.Summary, i int) string { return stats.Adults.Judge(s)[i].Words }
	require.Equal(t, "Time in range 71 %, goal above 70 %: met", words(stats.Summary{Known: true, InRange: 71.4}, 0))
	require.Equal(t, "Time very low 1.2 %, goal below 1 %: not met", words(stats.Summary{Known: true, UrgentLow: 1.2}, 2))
	require.Equal(t, "Variation (CV) not known, goal at most 36 %", words(stats.Summary{}, 5))
	for _, j := range stats.Adults.Judge(stats.Summary{}) {
		require.False(t, j.Known || j.Met, "nothing is met by nobody")
	}
}

// Every set counts by its own limits, and its goals have names.
func TestGoalSets(t *testing.T) {
	for _, set := range []stats.GoalSet{stats.Adults, stats.OlderHighRisk, stats.Pregnancy} {
		l := set.Limits
		require.True(t, l.UrgentLow < l.Low && l.Low < l.High && l.High < l.UrgentHigh, set.Name)
		for _, g := range set.Goals {
			require.NotEqual(t, string(g.Measure), g.Measure.Label())
			require.Positive(t, g.Target)
		}
	}
}

func TestCompare(t *testing.T) {
	const day = 24 * time.Hour
	to := midnight.Add(28 * day)
	w := stats.Days(14, to)
	share := func(inRange int, from time.Time, days int) (out []glucose.Reading) {
		for i := range days * 96 {
			v := glucose.MgDL(120)
			if i%96 >= inRange*96/100 {
				v = 200
			}
			out = append(out, glucose.Reading{Time: from.Add(time.Duration(i) * 15 * time.Minute), Value: v})
		}
		return out
	}
	compare := func(readings []glucose.Reading, w stats.Window) stats.Change {
		b := w.Before()
		return stats.Compare(stats.Summarize(readings, glucose.DefaultLimits, w.From, w.To), stats.Summarize(readings, glucose.DefaultLimits, b.From, b.To), w)
	}
	both := append(share(66, midnight, 14), share(71, w.From, 14)...)
	c := compare(both, w)
	require.True(t, c.Known)
	require.InDelta(t, 5, c.InRange, 0.5)
	require.InDelta(t, -5, c.Above, 0.5)
	require.InDelta(t, -4, c.Mean, 0.5)
	require.Equal(t, "time in range 71 %, 5 more than the two weeks before", c.Words)
	require.Equal(t, "Time in range 71 %, 5 more than the two weeks before.", c.Sentence())
	require.Equal(t, "time in range 71 %, 29 less than the week before",
		compare(append(share(100, midnight, 7), share(71, midnight.Add(7*day), 7)...), stats.Days(7, midnight.Add(14*day))).Words)
	require.Equal(t, "time in range 71 %, the same as the day before",
		compare(append(share(71, midnight, 1), share(71, midnight.Add(day), 1)...), stats.Days(1, midnight.Add(2*day))).Words)

	// Nothing is said when one side has less than 70 % of its readings.
	require.Equal(t, stats.Change{}, compare(both[14*96:], w), "nothing before")
	require.Equal(t, stats.Change{}, compare(both[5*96:], w), "nine days of fourteen before")
	require.True(t, compare(both[4*96:], w).Known, "ten are enough")
	require.Equal(t, stats.Change{}, compare(both[:20*96], w), "six days now")
	require.Empty(t, stats.Change{}.Sentence())
}

// Active counts from the first reading, wear over the whole window.
func TestWearIsHonest(t *testing.T) {
	to := midnight.AddDate(0, 0, 14)
	twoDays := every(15*time.Minute, to.AddDate(0, 0, -2), 2*96, 120, glucose.Live)
	w := stats.Days(14, to)
	s := stats.Summarize(twoDays, glucose.DefaultLimits, w.From, w.To)
	require.InDelta(t, 100, s.Active, 1e-9)
	require.InDelta(t, 100*2.0/14, s.Wear(w), 1e-9)
	require.False(t, s.Reportable)
	require.Zero(t, stats.Summary{}.Wear(w))
}

func TestStepsOf(t *testing.T) {
	readings := append(every(15*time.Minute, midnight, 9, 100, glucose.Graph), every(time.Minute, midnight.Add(3*time.Hour), 9, 100, glucose.Live)...)
	steps := stats.StepsOf(readings)
	require.Equal(t, stats.Steps{time.Minute, 15 * time.Minute, 15 * time.Minute}, steps)
	require.Equal(t, 15*time.Minute, stats.StepsOf(every(time.Hour, midnight, 9, 100, glucose.Live))[glucose.Live], "at most")
	require.Equal(t, time.Minute, stats.StepsOf(every(time.Second, midnight, 9, 100, glucose.Live))[glucose.Live], "at least")
	require.Equal(t, 15*time.Minute, steps.Of(glucose.Reading{Origin: 99}))
	at := func(m int) glucose.Reading {
		return glucose.Reading{Time: midnight.Add(time.Duration(m) * time.Minute)}
	}
	require.False(t, steps.Gap(at(0), at(3)))
	require.True(t, steps.Gap(at(0), at(4)))
}

func TestPercentAndMinutes(t *testing.T) {
	for v, want := range map[float64]string{0: "0 %", 0.04: "<0.1 %", 0.6: "0.6 %", 9.94: "9.9 %", 9.96: "10 %", 62.5: "63 %", 100: "100 %"} {
		require.Equal(t, want, stats.Percent(v))
	}
	require.Equal(t, "59 min", stats.Minutes(59))
	require.Equal(t, "1 h 0 min", stats.Minutes(60))
}
