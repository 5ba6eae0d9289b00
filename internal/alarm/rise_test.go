package alarm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// line is the way from one value to another in steps of five minutes, without
// the first one.
func line(from, to glucose.MgDL, steps int) (out []glucose.MgDL) {
	for i := 1; i <= steps; i++ {
		out = append(out, from+(to-from)*glucose.MgDL(i)/glucose.MgDL(steps))
	}
	return out
}

func join5(parts ...[]glucose.MgDL) (out []glucose.MgDL) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// A meal as the one who asked for this describes it: two hours after it the
// curve stops falling and rises again.
func dinner() []glucose.MgDL {
	return join5(flat(100, 6), line(100, 190, 9), line(190, 140, 8), line(140, 200, 10))
}

func TestSecondRise(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.feed(dinner()...)
	require.Equal(t, "second_rise first", said(r.log))
	d := r.log[0]
	require.Equal(t, glucose.MgDL(140), d.Trough)
	require.Equal(t, glucose.MgDL(164), d.Reading.Value, "20 above the trough")
	require.False(t, d.Loud)
	require.Equal(t, LevelSoft, d.Level)
	_, body := Text(d, "John", glucose.MmolPerL, Full)
	require.Contains(t, body, "Came down to 7.8, now rising again: 9.1 mmol/L at ")
	title, _ := Text(d, "John", glucose.MmolPerL, Full)
	require.Equal(t, "RISING AGAIN 9.1 John", title)

	r.log = nil
	r.feed(join5(line(200, 150, 6), line(150, 200, 6))...)
	require.Equal(t, "xsecond_rise cleared", all(r.log), "once for the meal, and it ends when it turns")

	t.Run("again at the next meal", func(t *testing.T) {
		r.feed(line(200, 100, 20)...)
		r.log = nil
		r.feed(dinner()...)
		require.Equal(t, "second_rise first", said(r.log))
	})
}

// The numbers of the detector, each at its edge.
func TestSecondRiseEdges(t *testing.T) {
	for _, c := range []struct {
		name   string
		values []glucose.MgDL
		want   bool
	}{
		{"as it should be", join5(flat(100, 6), line(100, 190, 9), line(190, 140, 8), line(140, 170, 6)), true},
		{"up by 50", join5(flat(130, 3), line(130, 180, 5), line(180, 145, 6), line(145, 175, 6)), true},
		{"up by 49", join5(flat(131, 3), line(131, 180, 5), line(180, 145, 6), line(145, 175, 6)), false},
		{"a peak of 150", join5(flat(90, 3), line(90, 150, 6), line(150, 125, 6), line(125, 145, 4)), true},
		{"a peak of 149", join5(flat(90, 3), line(90, 149, 6), line(149, 124, 6), line(124, 148, 4)), false},
		{"down by 25", join5(flat(100, 3), line(100, 190, 9), line(190, 165, 3), line(165, 188, 4)), true},
		{"down by 24", join5(flat(100, 3), line(100, 190, 9), line(190, 166, 3), line(166, 189, 4)), false},
		{"up again by 20", join5(flat(100, 3), line(100, 190, 9), line(190, 140, 5), line(140, 160, 4), flat(160, 6)), true},
		{"up again by 19", join5(flat(100, 3), line(100, 190, 9), line(190, 140, 5), line(140, 159, 4), flat(159, 6)), false},
		{"to 140", join5(flat(80, 3), line(80, 160, 9), line(160, 110, 5), line(110, 140, 4), flat(140, 3)), true},
		{"to 139", join5(flat(80, 3), line(80, 160, 9), line(160, 110, 5), line(110, 139, 4), flat(139, 3)), false},
		{"a step down in each 10 minutes", join5(flat(100, 3), line(100, 190, 9), line(190, 140, 5), []glucose.MgDL{150, 149, 160, 159, 170, 169, 180, 179}), false},
		{"before an hour has gone by", join5(flat(100, 3), line(100, 180, 4), line(180, 145, 3), line(145, 169, 3)), false},
		{"after four hours", join5(flat(100, 3), line(100, 190, 9), line(190, 140, 20), flat(140, 18), line(140, 165, 4)), false},
		{"back to where it began, plus 5", join5(flat(100, 3), line(100, 160, 9), line(160, 105, 5), line(105, 145, 6)), false},
		{"almost back", join5(flat(100, 3), line(100, 160, 9), line(160, 106, 5), line(106, 145, 6)), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, 5*time.Minute)
			r.feed(c.values...)
			require.Equal(t, c.want, len(only(r.log, SecondRise)) > 0)
		})
	}
	t.Run("across a gap", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.feed(join5(flat(100, 6), line(100, 190, 9), line(190, 140, 8))...)
		r.pass(16 * time.Minute)
		r.feed(line(140, 200, 10)...)
		require.Empty(t, only(r.log, SecondRise))
	})
}

// The same curve on every feed: noise of single readings on a fast one, the
// line between readings on a slow one.
func TestSecondRiseOnEveryFeed(t *testing.T) {
	curve := dinner()
	value := func(at time.Duration) glucose.MgDL {
		i := int(at / (5 * time.Minute))
		if i+1 >= len(curve) {
			return curve[len(curve)-1]
		}
		part := float64(at%(5*time.Minute)) / float64(5*time.Minute)
		return curve[i] + glucose.MgDL(part*float64(curve[i+1]-curve[i]))
	}
	for _, cadence := range []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute} {
		r := newRig(t, cadence)
		r.restart = true
		for at := time.Duration(0); at < time.Duration(len(curve))*5*time.Minute; at += cadence {
			noise := glucose.MgDL(0)
			if cadence == time.Minute {
				noise = []glucose.MgDL{3, -3, 2, -2, 0}[int(at/time.Minute)%5]
			}
			r.feed(value(at) + noise)
		}
		got := only(r.log, SecondRise)
		require.Equal(t, "second_rise first", said(got), "%s feed", cadence)
		require.InDelta(t, 135, got[0].Time.Sub(noon).Minutes(), max(5, cadence.Minutes()), "%s feed", cadence)
	}
}

func TestSecondRiseHeldBack(t *testing.T) {
	t.Run("by a snooze of the high", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.answers(Answer{SnoozeFor, High, 3 * time.Hour})
		r.feed(dinner()...)
		require.Equal(t, "-second_rise snoozed", all(r.log))
	})
	t.Run("by quiet hours, and said after them while it still rises", func(t *testing.T) {
		r := quietRig(t)
		r.now = time.Date(2026, 3, 2, 11, 10, 17, 0, time.UTC)
		r.e = New(r.e.cfg, State{})
		r.feed(dinner()...)
		require.Equal(t, "-second_rise quiet", all(only(r.log, SecondRise)))
		r.log = nil
		r.feed(line(200, 230, 6)...)
		require.Equal(t, "second_rise first", said(only(r.log, SecondRise)))
		require.Equal(t, "14:00", r.log[0].Time.Format("15:04"))
	})
	t.Run("when switched off", func(t *testing.T) {
		cfg := DefaultConfig()
		cfg.SecondRise.On = false
		r := newRig(t, 5*time.Minute)
		r.e.SetConfig(cfg)
		r.feed(dinner()...)
		require.Empty(t, r.log)
	})
}

// A snoozed or standing second rise hides neither the high nor a low.
func TestSecondRiseHidesNothing(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.feed(dinner()...)
	r.answers(Answer{SnoozeFor, SecondRise, 3 * time.Hour})
	r.log = nil
	r.feed(270, 270)
	require.Equal(t, "high first", said(r.log))
	r.feed(60)
	require.Contains(t, said(r.log), "low first")
}

func fastRig(t *testing.T, cadence time.Duration) *rig {
	cfg := DefaultConfig()
	cfg.FallingFast.On, cfg.RisingFast.On = true, true
	r := newRig(t, cadence)
	r.e.SetConfig(cfg)
	return r
}

func TestFallingAndRisingFast(t *testing.T) {
	for _, c := range []struct {
		name    string
		cadence time.Duration
		values  []glucose.MgDL
		want    string
	}{
		{"falling by 2 a minute, below 120", 5 * time.Minute, []glucose.MgDL{139, 129, 119}, "falling_fast first"},
		{"not at 120", 5 * time.Minute, []glucose.MgDL{140, 130, 120}, ""},
		{"a little slower", 5 * time.Minute, []glucose.MgDL{138, 129, 119}, ""},
		{"one step is none", 5 * time.Minute, []glucose.MgDL{119, 119, 99}, ""},
		{"two that do not agree", 5 * time.Minute, []glucose.MgDL{135, 111, 112}, ""},
		{"rising above 160", 5 * time.Minute, []glucose.MgDL{141, 151, 161}, "rising_fast first"},
		{"not at 160", 5 * time.Minute, []glucose.MgDL{140, 150, 160}, ""},
		{"on a slow feed", 15 * time.Minute, []glucose.MgDL{149, 134, 104}, "falling_fast first"},
		{"not with two readings", 15 * time.Minute, []glucose.MgDL{134, 104}, ""},
		{"on a fast one", time.Minute, []glucose.MgDL{138, 136, 134, 131, 129, 127, 124, 122, 120, 117, 115, 112}, "falling_fast first"},
		{"a low has the arrow", 5 * time.Minute, []glucose.MgDL{100, 80, 60}, "falling_fast first, low first"},
		{"and covers it", 5 * time.Minute, []glucose.MgDL{130, 66, 60}, "low first"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := fastRig(t, c.cadence)
			if c.name == "a low has the arrow" {
				r.feed(120)
			}
			require.Equal(t, c.want, said(r.feed(c.values...)))
			r = newRig(t, c.cadence)
			r.feed(c.values...)
			require.Empty(t, only(r.log, FallingFast, RisingFast), "off unless asked for")
		})
	}
	t.Run("once an episode, and again after 15 minutes", func(t *testing.T) {
		r := fastRig(t, 5*time.Minute)
		require.Equal(t, "rising_fast first", said(r.feed(150, 165, 180, 195, 210)))
		require.Equal(t, "xrising_fast cleared", all(only(r.feed(210, 210, 210, 210, 210), RisingFast)))
		require.Equal(t, "rising_fast first", said(only(r.feed(222, 235), RisingFast)))
	})
	t.Run("not over a gap", func(t *testing.T) {
		r := fastRig(t, 5*time.Minute)
		r.feed(180, 170)
		r.pass(17 * time.Minute)
		require.Empty(t, only(r.feed(90), FallingFast))
	})
}
