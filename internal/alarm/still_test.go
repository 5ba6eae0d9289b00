package alarm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// kinds keeps the messages of some kinds.
func only(ds []Decision, kinds ...Kind) (out []Decision) {
	for _, d := range ds {
		for _, k := range kinds {
			if d.Kind == k {
				out = append(out, d)
			}
		}
	}
	return out
}

func TestStillHighByTheClock(t *testing.T) {
	for _, cadence := range []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute} {
		r := newRig(t, cadence)
		r.answer = true
		start := r.now
		r.read(300)
		for v := glucose.MgDL(300); r.now.Before(start.Add(9 * time.Hour)); {
			if v > 260 && r.now.Sub(start)%(20*time.Minute) == 0 {
				v-- // falling or flat, the slope is no matter
			}
			r.feed(v)
		}
		require.Equal(t, []string{"180 still_high first", "360 still_high repeat", "540 still_high repeat"},
			times(only(r.log, StillHigh), start), "%s feed", cadence)
	}
}

// What it says is what the high would have said: not both.
func TestStillHighStandsInForTheHigh(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	start := r.now
	r.read(260)
	r.feed(flat(260, 50)...)
	require.Equal(t, []string{
		"5 high first", "65 high repeat", "125 high repeat", "180 still_high first", "240 high repeat",
	}, times(r.log, start))
	require.Equal(t, StillHigh, r.e.Standing(r.now)[0].Kind)
	require.Len(t, r.e.Standing(r.now), 1)
	r.log = nil
	r.feed(flat(240, 3)...)
	require.Equal(t, "-still_high cleared, xhigh cleared", all(r.log), "one message, taken away once")
	require.Empty(t, r.e.m.Episodes)
}

func TestStillHighAtItsEdge(t *testing.T) {
	for _, early := range []time.Duration{1, 0} {
		r := newRig(t, 5*time.Minute)
		r.read(260)
		r.feed(flat(260, 35)...)
		r.until(noon.Add(3*time.Hour - slack - early))
		require.Equal(t, early == 0, len(only(r.read(260), StillHigh)) > 0)
	}
}

func TestStillHighSettable(t *testing.T) {
	for _, after := range []time.Duration{time.Hour, 6 * time.Hour} {
		cfg := DefaultConfig()
		cfg.StillHigh.After, cfg.High.On = after, false
		r := newRig(t, 5*time.Minute)
		r.e.SetConfig(cfg)
		start := r.now
		r.read(251)
		r.feed(flat(251, 12*7)...)
		require.Equal(t, start.Add(after), only(r.log, StillHigh)[0].Time, "also when the high itself is off")
	}
}

// The vendor's app alarms once; at bedtime the value is above the limit, and
// the program has only just been started.
func TestMistakeAlreadyHighAtBedtime(t *testing.T) {
	r := newRig(t, time.Minute)
	r.answer = true
	night := r.now
	for range 8 * 60 {
		r.feed(270)
		if r.now.Sub(night) == 100*time.Minute {
			r.e = reborn(t, r.e)
			r.step(Input{Resumed: true})
		}
	}
	require.Equal(t, []string{"181 still_high first", "361 still_high repeat"}, times(only(r.log, StillHigh), night))
}

func TestStillHighHeardThroughSnoozesOfTheHigh(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.feed(260, 260)
	r.answers(Answer{SnoozeFor, High, 3 * time.Hour})
	r.log = nil
	start := r.now
	r.feed(flat(260, 12*3)...)
	require.Equal(t, []string{"175 still_high first"}, times(r.log, start))
}

func TestStillHighSnooze(t *testing.T) {
	t.Run("no longer than its own time", func(t *testing.T) {
		cfg := DefaultConfig()
		cfg.StillHigh.After, cfg.UrgentHigh.On = time.Hour, true
		r := newRig(t, 5*time.Minute)
		r.e.SetConfig(cfg)
		for _, k := range []Kind{StillHigh, UrgentHigh} {
			r.answers(Answer{SnoozeFor, k, 3 * time.Hour})
			require.Equal(t, []Snooze{{k, noon.Add(time.Hour)}}, r.e.Snoozes(r.now))
			r.answers(Answer{Kind: TakeBack})
		}
		r.answers(Answer{SnoozeFor, High, 3 * time.Hour})
		require.Equal(t, noon.Add(3*time.Hour), r.e.Snoozes(r.now)[0].Until)
	})
	t.Run("it ends, and what it held is said", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.feed(flat(260, 24)...)
		r.answers(Answer{SnoozeFor, StillHigh, 3 * time.Hour})
		until := r.e.Snoozes(r.now)[0].Until
		r.log = nil
		r.feed(flat(260, 35)...)
		require.Empty(t, said(r.log), "the high with it")
		require.Equal(t, "still_high first", said(r.until(until)))
	})
	t.Run("a shorter time set since is obeyed", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.answers(Answer{SnoozeFor, StillHigh, 3 * time.Hour})
		cfg := DefaultConfig()
		cfg.StillHigh.After = time.Hour
		r.e.SetConfig(cfg)
		r.feed(flat(260, 13)...)
		require.Equal(t, "still_high first", said(only(r.log, StillHigh)))
	})
}

func TestStillHighAndDips(t *testing.T) {
	t.Run("one reading above is no stretch", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.feed(251)
		r.feed(flat(245, 36)...)
		require.Empty(t, said(r.feed(251)))
	})
	t.Run("a value about the limit does not restart the hours", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		for i := range 37 {
			r.feed([]glucose.MgDL{256, 255, 249, 252}[i%4])
		}
		require.Equal(t, "still_high first", said(only(r.log, StillHigh)))
	})
	t.Run("15 minutes within it, and one reading 10 below, do", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.feed(flat(260, 30)...)
		r.feed(248, 240, 248)
		r.feed(flat(260, 36)...)
		require.Empty(t, only(r.log, StillHigh))
		require.Equal(t, "still_high first", said(only(r.feed(260), StillHigh)))
	})
}

func TestStillHighAndGaps(t *testing.T) {
	for _, c := range []struct {
		gap  time.Duration
		want bool
	}{{stillGap, true}, {stillGap + 1, false}} {
		r := newRig(t, 5*time.Minute)
		r.read(260)
		r.feed(flat(260, 12)...)
		r.pass(c.gap)
		r.read(260)
		r.feed(flat(260, 12)...)
		require.Equal(t, c.want, len(only(r.log, StillHigh)) > 0, "a gap of %s", c.gap)
	}
}

func TestUrgentHigh(t *testing.T) {
	cfg := DefaultConfig()
	cfg.UrgentHigh.On = true
	r := newRig(t, 5*time.Minute)
	r.e.SetConfig(cfg)
	start := r.now
	require.Equal(t, "urgent_high first", said(r.read(301)), "on the first reading")
	r.feed(flat(301, 13)...)
	require.Equal(t, []string{"0 urgent_high first", "60 urgent_high repeat"}, times(r.log, start), "and no high beside it")
	r.answers(Answer{SnoozeFor, High, 3 * time.Hour})
	require.Equal(t, "urgent_high repeat", said(r.feed(flat(301, 11)...)), "a milder one's snooze does not hold it")
	r.feed(flat(290, 3)...)
	require.Equal(t, High, r.e.Standing(r.now)[0].Kind)
	require.Equal(t, "urgent_high worse", said(r.feed(301)))

	t.Run("off unless asked for", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		require.Equal(t, "high first", said(r.feed(400, 400)))
	})
}

// Both due with one reading: the worse is said, and the night goes on from it.
func TestUrgentHighStandsInForStillHigh(t *testing.T) {
	cfg := DefaultConfig()
	cfg.UrgentHigh.On = true
	r := newRig(t, 5*time.Minute)
	r.e.SetConfig(cfg)
	start := r.now
	r.read(260)
	r.feed(flat(260, 35)...)
	r.log = nil
	r.feed(310)
	r.feed(flat(260, 36)...)
	require.Equal(t, []string{"180 urgent_high worse", "240 high repeat", "300 high repeat", "360 still_high repeat"}, times(r.log, start))
}
