package alarm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// slope is values from first to last in steps, both included.
func slope(first, last, step glucose.MgDL) (out []glucose.MgDL) {
	for v := first; (step < 0 && v >= last) || (step > 0 && v <= last); v += step {
		out = append(out, v)
	}
	return out
}

func TestLowSoonOnEachFeed(t *testing.T) {
	for _, c := range []struct {
		name    string
		cadence time.Duration
		fall    []glucose.MgDL
	}{
		{"1-minute feed", time.Minute, slope(110, 71, -1)},
		{"5-minute feed", 5 * time.Minute, slope(110, 74, -4)},
		{"15-minute feed", 15 * time.Minute, slope(120, 75, -15)},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, c.cadence)
			got := r.feed(c.fall...)
			require.Equal(t, "low_soon first", said(got))
			d := got[len(got)-1]
			require.False(t, d.Loud, "soft")
			require.Equal(t, LevelPredict, d.Level)
			require.Equal(t, glucose.MgDL(70), d.Limit)
		})
	}
}

// It follows the low limit, so it can be reached whatever that is.
func TestLowSoonFollowsTheLimit(t *testing.T) {
	for _, limit := range []glucose.MgDL{60, 70, 80, 100} {
		r := newRig(t, 5*time.Minute)
		cfg := DefaultConfig()
		cfg.Low.Limit = limit
		r.e.SetConfig(cfg)
		require.Equal(t, "low_soon first", said(r.feed(slope(limit+40, limit+4, -4)...)), "limit %d", limit)
		require.Equal(t, "low first", said(r.feed(limit-1)))
	}
}

func TestLowSoonOfASteepFallComesEarlier(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	require.Equal(t, "low_soon first", said(r.feed(150, 142, 122, 98)), "98 and falling by 5 a minute: below 54 before anybody has eaten")
	r = newRig(t, 5*time.Minute)
	require.Empty(t, said(r.feed(116, 110, 104, 98)), "a gentle fall is waited for")
}

func TestMistakeFlatLinePredictedALow(t *testing.T) {
	for _, cadence := range []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute} {
		for _, v := range []glucose.MgDL{70, 71, 72} {
			r := newRig(t, cadence)
			require.Empty(t, said(r.feed(flat(v, 60)...)), "%d each %s", v, cadence)
		}
		r := newRig(t, cadence)
		require.Empty(t, said(r.feed(slope(70, 110, 1)...)), "rising")
	}
}

func TestMistakeForecastFromTooLittle(t *testing.T) {
	t.Run("less than 15 minutes of readings", func(t *testing.T) {
		r := newRig(t, time.Minute)
		r.feed(slope(98, 70, -2)[:15]...) // the 15th is 14 min after the first
		require.Empty(t, said(r.log))
		require.Equal(t, "low_soon first", said(r.feed(71)))

		r = newRig(t, 5*time.Minute)
		require.Empty(t, said(r.feed(100, 85, 71)), "steep, but 10 minutes only")
		r = newRig(t, 15*time.Minute)
		require.Empty(t, said(r.feed(71)), "one reading")
	})
	t.Run("across a gap", func(t *testing.T) {
		for _, c := range []struct {
			gap  time.Duration
			want string
		}{{bridge, "low_soon first"}, {bridge + time.Second, ""}} {
			r := newRig(t, 5*time.Minute)
			r.feed(112, 108, 104, 100)
			r.pass(c.gap)
			require.Equal(t, c.want, said(r.read(72)))
		}
	})
	t.Run("before a sensor's gap and after it", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.feed(112, 108, 104, 100)
		r.pass(25 * time.Minute)
		r.log = nil
		r.read(80)
		require.Empty(t, said(r.feed(76, 72)))
		require.Equal(t, "low_soon first", said(r.feed(71)), "15 minutes after the gap")
	})
}

// A threshold in its way has kept another program's forecast from ever firing:
// here every low that comes down steadily is told of ahead.
func TestMistakeForecastThatCouldNotFire(t *testing.T) {
	for _, cadence := range []time.Duration{time.Minute, 5 * time.Minute} {
		for pace := glucose.MgDL(2); pace <= 12; pace += 2 { // in 5 minutes
			r := newRig(t, cadence)
			v := 160.0
			for r.feed(flat(160, int(20*time.Minute/cadence))...); v >= 60; v -= float64(pace) * cadence.Minutes() / 5 {
				r.feed(glucose.MgDL(v))
			}
			require.Contains(t, said(r.log), "low_soon first, low first", "%d in 5 minutes, each %s", pace, cadence)
		}
	}
}

// fall brings a rig on a 5-minute feed to a low soon with the last reading.
func fall(t *testing.T) *rig {
	r := newRig(t, 5*time.Minute)
	require.Equal(t, "low_soon first", said(r.feed(92, 88, 84, 80, 76, 73)))
	r.log = nil
	return r
}

func TestLowSoonStandsInOnlyIfAnswered(t *testing.T) {
	t.Run("answered", func(t *testing.T) {
		r := fall(t)
		start := r.now
		r.answers(Answer{Seen, LowSoon, 0})
		require.Equal(t, "-low_soon cleared, -low covered", all(r.feed(69)))
		require.Equal(t, Low, r.e.Standing(r.now)[0].Kind)
		r.feed(flat(66, 12)...)
		require.Equal(t, []string{"30 low first", "60 low repeat"}, times(r.log, start), "owed half an hour after the low soon")
	})
	t.Run("nobody answered", func(t *testing.T) {
		r := fall(t)
		require.Equal(t, "low first", said(r.feed(69)))
	})
	t.Run("not delivered, and seen in the tray all the same", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.err = "no notification service"
		r.feed(92, 88, 84, 80, 76, 73)
		require.Zero(t, r.e.find(LowSoon).Said)
		r.err = ""
		r.now = r.now.Add(5 * time.Minute)
		require.Equal(t, "low first", said(r.read(69)))
	})
	t.Run("snoozed only", func(t *testing.T) {
		r := fall(t)
		r.answers(Answer{SnoozeFor, LowSoon, 30 * time.Minute})
		require.Equal(t, "low first", said(r.feed(69)))
	})
	t.Run("15 minutes old", func(t *testing.T) {
		r := fall(t)
		r.answers(Answer{Kind: Seen})
		require.Equal(t, "low first", said(r.feed(72, 71, 69)))
	})
	t.Run("the urgent low is never stood in for", func(t *testing.T) {
		r := fall(t)
		r.answers(Answer{Kind: Seen})
		require.Equal(t, "urgent_low first", said(r.feed(52)))
	})
	t.Run("nor the one after it", func(t *testing.T) {
		r := fall(t)
		r.answers(Answer{Kind: Seen})
		require.Equal(t, "urgent_low first", said(r.feed(69, 52)))
	})
	t.Run("rising holds back what is owed, for an hour", func(t *testing.T) {
		r := fall(t)
		start := r.now
		r.answers(Answer{Kind: Seen})
		r.feed(55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66)
		require.Equal(t, []string{"60 low first"}, times(r.log, start))
	})
	t.Run("over a restart", func(t *testing.T) {
		r := fall(t)
		start := r.now
		r.restart = true
		r.answers(Answer{Kind: Seen})
		r.feed(flat(66, 6)...)
		require.Equal(t, []string{"30 low first"}, times(r.log, start))
	})
}

func TestLowSoonOncePerEpisode(t *testing.T) {
	r := fall(t)
	require.Empty(t, said(r.feed(73, 72, 72, 71, 71)), "still coming: said once")
	require.NotNil(t, r.e.find(LowSoon))
	require.Equal(t, "xlow_soon cleared", all(r.feed(72)), "half an hour on, and not falling")
	require.Empty(t, said(r.feed(73, 73, 73)))
	require.Equal(t, "low_soon first", said(r.feed(70)), "a new fall is told again")
}

func TestLowSoonRestsAfterALow(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.answer = true
	r.feed(80, 75, 69)
	require.Empty(t, said(r.feed(72, 76, 79, 75, 71)), "not up to 80, and the low was said less than half an hour ago")
	require.Equal(t, "low first", said(r.feed(69)), "the low itself asks for no rest")

	r.feed(75, 80, 84, 82, 78)
	require.Equal(t, "low_soon first", said(r.log[len(r.log)-1:])+said(r.feed(73)), "above 80 there is no rest")
}

func TestLowSoonAndSnoozes(t *testing.T) {
	require.Equal(t, minutes(15, 30, 60), LowSoon.SnoozeLengths())
	t.Run("its own", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.answers(Answer{SnoozeFor, LowSoon, time.Hour})
		require.Equal(t, "-low_soon snoozed", all(r.feed(92, 88, 84, 80, 76, 73)))
		require.Equal(t, "low first", said(r.feed(69)))
	})
	t.Run("the low's covers it", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.answers(Answer{SnoozeFor, Low, time.Hour})
		require.Equal(t, "-low_soon snoozed", all(r.feed(92, 88, 84, 80, 76, 73)))
	})
	t.Run("said when it ends, if it is still so", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.feed(92, 88, 84, 80)
		r.answers(Answer{SnoozeFor, LowSoon, 15 * time.Minute})
		r.feed(76, 73)
		require.Equal(t, "low_soon first", said(r.pass(5*time.Minute)))
	})
	t.Run("not said when it is no longer so", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.feed(92, 88, 84, 80)
		r.answers(Answer{SnoozeFor, LowSoon, 15 * time.Minute})
		r.feed(76, 73)
		r.now = r.now.Add(4 * time.Minute)
		r.read(90)
		require.Empty(t, said(r.pass(time.Minute)))
	})
}

func TestLowSoonSwitchedOff(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	cfg := DefaultConfig()
	cfg.LowSoon.On = false
	r.e.SetConfig(cfg)
	require.Equal(t, "low first", said(r.feed(92, 88, 84, 80, 76, 73, 69)))

	t.Run("and the low is", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		cfg := DefaultConfig()
		cfg.Low.On = false
		r.e.SetConfig(cfg)
		require.Equal(t, "low_soon first", said(r.feed(92, 88, 84, 80, 76, 73, 69, 66)))
		require.Equal(t, "urgent_low first", said(r.feed(53)))
	})
}

func TestSeenBeforeItWasSaidIsNoAnswer(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.feed(92, 88, 84, 80)
	r.answers(Answer{SnoozeFor, LowSoon, 15 * time.Minute})
	r.feed(76, 73)
	r.answers(Answer{Kind: Seen}) // in the menu, while it is silent
	require.Equal(t, "low_soon first", said(r.pass(5*time.Minute)))
	require.Equal(t, "low first", said(r.feed(69)))
}

// Someone lies on the sensor: the low is real to it, and nothing foretold it.
func TestLowSoonAndACompressionLow(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	require.Equal(t, "low first", said(r.feed(118, 120, 119, 120, 61, 60, 62, 117, 119, 120, 118)))
}

func TestLowSoonOnAFeedOfUnevenSteps(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	v := glucose.MgDL(120)
	for _, step := range []time.Duration{5, 10, 15, 5, 1, 1, 10, 5, 5, 5, 5, 10} {
		r.pass(step * time.Minute)
		v -= glucose.MgDL(step * 8 / 10)
		r.read(v)
		if v < 70 {
			break
		}
	}
	require.Contains(t, said(r.log), "low_soon first, low first")
}

func TestUndeliveredLowSoonIsGivenUpWhenItRises(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.err = "refused"
	r.feed(92, 88, 84, 80, 76, 73)
	require.Equal(t, "low_soon undelivered, low_soon undelivered", said(r.pass(30*time.Second)))
	r.now = r.now.Add(4*time.Minute + 30*time.Second)
	r.read(90)
	require.Empty(t, said(r.pass(4*time.Minute)))
}
