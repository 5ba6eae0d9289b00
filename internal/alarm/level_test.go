package alarm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

func TestLimitsAreStrict(t *testing.T) {
	for _, c := range []struct {
		name    string
		reading glucose.Reading
		want    string
	}{
		{"54 is a low", glucose.Reading{Value: 54}, "low first"},
		{"53 is an urgent low", glucose.Reading{Value: 53}, "urgent_low first"},
		{"69 is a low", glucose.Reading{Value: 69}, "low first"},
		{"70 is none", glucose.Reading{Value: 70}, ""},
		{"LO is an urgent low, whatever number comes with it", glucose.Reading{Value: 300, Limit: glucose.LimitLow}, "urgent_low first"},
		{"0 is no reading", glucose.Reading{Value: 0}, ""},
		{"a point of the service's graph is not judged", glucose.Reading{Value: 50, Origin: glucose.Graph}, ""},
		{"a high waits", glucose.Reading{Value: 0, Limit: glucose.LimitHigh}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, 5*time.Minute)
			c.reading.Time = r.now
			require.Equal(t, c.want, said(r.take(c.reading)))
		})
	}
}

func TestAgeOfAReading(t *testing.T) {
	for _, c := range []struct {
		name    string
		cadence time.Duration
		age     time.Duration
		want    string
	}{
		{"10 minutes", time.Minute, 10 * time.Minute, "low first"},
		{"a moment older", time.Minute, 10*time.Minute + 1, "-low stale"},
		{"15 minutes on a slow feed", 15 * time.Minute, 15 * time.Minute, "low first"},
		{"a moment older on a slow feed", 15 * time.Minute, 15*time.Minute + 1, "-low stale"},
		{"5 minutes ahead", time.Minute, -5 * time.Minute, "low first"},
		{"a moment further ahead", time.Minute, -5*time.Minute - 1, "-no_data future"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, c.cadence)
			r.pass(time.Hour)
			x := glucose.Reading{Time: r.now.Add(-c.age), Value: 65}
			require.Contains(t, all(r.step(Input{Reading: &x})), c.want)
			if c.want != "low first" {
				require.Nil(t, r.e.find(Low))
			}
		})
	}
}

func TestUrgentLowUntilAnswered(t *testing.T) {
	r := newRig(t, time.Minute)
	start := r.now
	r.read(50)
	r.feed(flat(50, 16)...)
	require.Equal(t, []string{
		"0 urgent_low first", "5 urgent_low repeat", "10 urgent_low repeat", "15 urgent_low repeat",
	}, times(r.log, start))

	r.step(Input{Answers: []Answer{{Kind: Seen}}})
	r.log = nil
	r.feed(flat(50, 60)...)
	require.Equal(t, []string{
		"30 urgent_low repeat", "45 urgent_low repeat", "60 urgent_low repeat", "75 urgent_low repeat",
	}, times(r.log, start), "each 15 minutes once answered")
}

// A rise holds repeats back only once somebody has answered, and not beyond
// an hour.
func TestRisingHoldsRepeatsOnly(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	start := r.now
	r.read(40)
	r.feed(41, 42)
	require.Equal(t, []string{"0 urgent_low first", "5 urgent_low repeat", "10 urgent_low repeat"}, times(r.log, start))
	r.step(Input{Answers: []Answer{{Kind: Seen}}})
	r.log = nil
	r.feed(43, 43, 44, 44, 45, 45, 46, 46, 47, 47, 48, 48)
	require.Equal(t, []string{"70 urgent_low still"}, times(r.log, start), "at the latest after an hour")
	require.Equal(t, "-urgent_low too_soon, -urgent_low rising", all(r.log)[:len("-urgent_low too_soon, -urgent_low rising")])
}

func TestLowRepeats(t *testing.T) {
	t.Run("each 30 minutes while not rising", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		start := r.now
		r.read(65)
		r.feed(flat(65, 13)...)
		require.Equal(t, []string{"0 low first", "30 low repeat", "60 low repeat"}, times(r.log, start))
	})
	t.Run("each hour while rising", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		start := r.now
		r.read(55)
		for i := range 26 {
			r.feed(glucose.MgDL(55 + (i+1)/2))
		}
		require.Equal(t, []string{"0 low first", "60 low still", "120 low still"}, times(r.log, start))
	})
	t.Run("on a slow feed a rise is one reading or half an hour", func(t *testing.T) {
		r := newRig(t, 15*time.Minute)
		start := r.now
		r.read(60)
		r.feed(61, 62, 62, 62, 62)
		require.Equal(t, []string{"0 low first", "60 low repeat"}, times(r.log, start), "not at 30, and not at 45")
	})
}

// The edges of a repeat, with the half minute that sensors' clocks are given.
func TestRepeatAtItsEdge(t *testing.T) {
	for _, c := range []struct {
		name  string
		value glucose.MgDL
		after time.Duration
	}{
		{"urgent low unanswered", 50, 5*time.Minute - slack},
		{"low", 65, 30*time.Minute - slack},
	} {
		for _, early := range []time.Duration{1, 0} {
			r := newRig(t, 5*time.Minute)
			r.read(c.value)
			// On the way there the feed must not have a gap.
			if c.after > 10*time.Minute {
				r.pass(10 * time.Minute)
				r.read(c.value)
				r.until(noon.Add(20 * time.Minute))
				r.read(c.value)
			}
			r.until(noon.Add(c.after - early))
			got := said(r.read(c.value))
			require.Equal(t, early == 0, got != "", "%s, %d ns early: %q", c.name, early, got)
		}
	}
}

func TestLowEndsAfter15Minutes(t *testing.T) {
	for _, c := range []struct {
		name    string
		cadence time.Duration
		back    int // readings at 70 that end it
	}{
		{"1-minute feed", time.Minute, 15},
		{"5-minute feed", 5 * time.Minute, 3},
		{"15-minute feed", 15 * time.Minute, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, c.cadence)
			r.read(65)
			require.Empty(t, said(r.feed(flat(70, c.back-1)...)))
			require.NotNil(t, r.e.find(Low))
			require.Equal(t, "xlow cleared", all(r.feed(70)))
			require.Equal(t, "low first", said(r.feed(69)), "the next reading below sounds again, without any margin")
		})
	}
	t.Run("to the nanosecond", func(t *testing.T) {
		for _, early := range []time.Duration{1, 0} {
			r := newRig(t, 5*time.Minute)
			r.read(65)
			r.feed(72)
			r.pass(backFor - slack - r.cadence - early)
			r.read(72)
			require.Equal(t, early == 0, r.e.find(Low) == nil)
		}
	})
	t.Run("a dip in between starts the time anew and does not sound", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.read(65)
		require.Empty(t, said(r.feed(70, 70, 69, 70, 70)))
		require.Equal(t, "xlow cleared", all(r.feed(70)))
	})
}

func TestHighMustLast(t *testing.T) {
	for _, c := range []struct {
		name    string
		cadence time.Duration
		silent  int // readings above it that stay silent
	}{
		{"1-minute feed: 10 readings are 10 minutes", time.Minute, 9},
		{"5-minute feed: 2 readings", 5 * time.Minute, 1},
		{"15-minute feed: 2 readings", 15 * time.Minute, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, c.cadence)
			r.read(200)
			require.Equal(t, "-high held", all(r.feed(flat(251, c.silent)...)))
			require.Equal(t, "high first", said(r.feed(251)))
		})
	}
	t.Run("to the nanosecond", func(t *testing.T) {
		for _, early := range []time.Duration{1, 0} {
			r := newRig(t, time.Minute)
			r.read(251)
			r.pass(5 * time.Minute)
			r.read(251)
			r.until(noon.Add(10*time.Minute - slack - r.cadence - early))
			require.Equal(t, early == 0, said(r.read(251)) != "")
		}
	})
	t.Run("a reading at the limit in between starts anew", func(t *testing.T) {
		r := newRig(t, time.Minute)
		require.Empty(t, said(r.feed(append(append(flat(260, 8), 250), flat(260, 9)...)...)))
		require.Equal(t, "high first", said(r.feed(260)))
	})
}

func TestHighRepeatsAndEnds(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	start := r.now
	r.read(260)
	r.feed(flat(260, 26)...)
	require.Equal(t, []string{"5 high first", "65 high repeat", "125 high repeat"}, times(r.log, start))

	require.Empty(t, said(r.feed(flat(241, 12)...)))
	require.NotNil(t, r.e.find(High), "one reading 10 below is asked for")
	require.Equal(t, "xhigh cleared", all(r.feed(240)))

	t.Run("falling holds it back, for three hours at most", func(t *testing.T) {
		cfg := DefaultConfig()
		cfg.StillHigh.On = false
		r := newRig(t, 5*time.Minute)
		r.e.SetConfig(cfg)
		start := r.now
		r.read(400)
		for i := range 45 {
			r.feed(glucose.MgDL(398 - 2*i))
		}
		require.Equal(t, []string{"5 high first", "185 high still"}, times(r.log, start))
	})
}

func TestSwitchedOffAndConfigured(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Low.On, cfg.High.On = false, false
	r := newRig(t, 5*time.Minute)
	r.read(65)
	r.e.SetConfig(cfg)
	require.Equal(t, "xlow cleared", all(r.step(Input{})), "what is switched off while it stands is taken away")
	require.Empty(t, all(r.feed(60, 60)))
	require.Equal(t, "urgent_low first", said(r.feed(50)))
	require.Empty(t, said(r.feed(append(flat(100, 3), flat(300, 5)...)...)))
	require.Nil(t, r.e.find(High))
}

func TestRisingByRule7(t *testing.T) {
	minute := func(values ...glucose.MgDL) (m memory) {
		for i, v := range values {
			m.push(point{noon.Add(time.Duration(i) * time.Minute), v}, time.Minute)
		}
		return m
	}
	t.Run("means of five minutes, not single readings", func(t *testing.T) {
		m := minute(61, 61, 60, 61, 61, 58, 58, 62)
		require.False(t, m.rising(time.Minute), "2 above the reading of 5 minutes ago, and yet falling")
		m = minute(56, 56, 58, 56, 56, 60, 60, 57)
		require.True(t, m.rising(time.Minute), "1 below it, and yet rising")
	})
	t.Run("a sudden fall is none, though the mean of five minutes rises", func(t *testing.T) {
		for last, want := range map[glucose.MgDL]bool{43: true, 42: false, belowScale: false} {
			m := minute(43, 43, 43, 44, 45, 46, 63, 65, 67, last)
			short, _ := m.change(time.Minute)
			require.Positive(t, short)
			require.Equal(t, want, m.rising(time.Minute), "%d", last)
		}
	})
	t.Run("level now, and above 15 minutes ago", func(t *testing.T) {
		var m memory
		for i, v := range []glucose.MgDL{50, 55, 60, 60} {
			m.push(point{noon.Add(time.Duration(i) * 5 * time.Minute), v}, 5*time.Minute)
		}
		require.True(t, m.rising(5*time.Minute))
	})
	t.Run("one reading, a flat line, a gap: not rising", func(t *testing.T) {
		m := minute(60)
		require.False(t, m.rising(time.Minute))
		m = minute(flat(60, 20)...)
		require.False(t, m.rising(time.Minute))
		m = minute(40)
		require.True(t, m.push(point{noon.Add(21 * time.Minute), 60}, time.Minute))
		require.False(t, m.rising(time.Minute))
	})
	t.Run("a missed reading is bridged, a longer hole is not", func(t *testing.T) {
		for _, c := range []struct {
			step time.Duration
			want bool
		}{{bridge, true}, {bridge + 1, false}} {
			var m memory
			m.push(point{noon, 50}, 5*time.Minute)
			m.push(point{noon.Add(c.step), 60}, 5*time.Minute)
			require.Equal(t, c.want, m.rising(5*time.Minute))
		}
	})
}
