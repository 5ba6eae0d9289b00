package alarm

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestValidateTheOtherKinds(t *testing.T) {
	for _, c := range []struct {
		change func(*Config)
		want   string
	}{
		{func(c *Config) { c.UrgentHigh.Limit = 401 }, "urgent_high.limit is 401 mg/dL: allowed are 200 to 400 mg/dL"},
		{func(c *Config) { c.UrgentHigh.On, c.UrgentHigh.Limit = true, 250 }, "urgent_high.limit is 250 mg/dL: it must be above high.limit, 250 mg/dL"},
		{func(c *Config) { c.UrgentHigh.Hold = time.Minute }, "urgent_high.hold is 1m0s: allowed are 0 min to 0 min"},
		{func(c *Config) { c.StillHigh.After = 59 * time.Minute }, "still_high.after is 59m0s: allowed are 1 h to 6 h"},
		{func(c *Config) { c.StillHigh.After = 7 * time.Hour }, "still_high.after is 7h0m0s: allowed are 1 h to 6 h"},
		{func(c *Config) { c.FallingFast.Limit = 79 }, "falling_fast.limit is 79 mg/dL: allowed are 80 to 180 mg/dL"},
		{func(c *Config) { c.RisingFast.Rate = 0.9 }, "rising_fast.rate is 0.9 mg/dL in a minute: allowed are 1 to 5"},
		{func(c *Config) { c.RisingFast.Rate = math.NaN() }, "rising_fast.rate is NaN mg/dL in a minute: allowed are 1 to 5"},
		{func(c *Config) { c.SensorEnds.Life = time.Hour }, "sensor_ends.life is 1h0m0s: allowed are 7 to 30 days, or 0 to go by the model"},
		{func(c *Config) { c.UrgentLow.Escalate.Louder = time.Minute }, "urgent_low.louder is 1m0s: allowed are 5 min to 1 h"},
		{func(c *Config) { c.Low.Escalate.Second = 20 * time.Minute }, "low.second_channel is 20m0s: allowed are 30 min to 3 h"},
	} {
		cfg := DefaultConfig()
		c.change(&cfg)
		require.EqualError(t, cfg.Validate(), c.want)
	}
}

// degrees lists the escalation of the messages, in minutes after from.
func degrees(ds []Decision, from time.Time) map[float64]int {
	out := map[float64]int{}
	for _, d := range ds {
		if d.Say {
			out[d.Time.Sub(from).Minutes()] = d.Escalation
		}
	}
	return out
}

func TestEscalation(t *testing.T) {
	t.Run("an urgent low nobody answers", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.read(50)
		r.feed(50, 50, 50, 50)
		require.Equal(t, map[float64]int{0: EscalateNone, 5: EscalateNone, 10: EscalateLouder, 15: EscalateSecond, 20: EscalateSecond}, degrees(r.log, noon))
		require.Equal(t, noon, r.log[len(r.log)-1].Raised)
	})
	t.Run("an answer ends it", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.read(50)
		r.feed(50, 50)
		r.answers(Answer{Kind: Seen})
		r.log = nil
		r.feed(flat(50, 12)...)
		require.NotEmpty(t, said(r.log))
		for _, d := range r.log {
			require.Zero(t, d.Escalation)
			require.Zero(t, d.Raised)
		}
	})
	t.Run("a low", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.read(65)
		r.feed(flat(65, 18)...)
		require.Equal(t, map[float64]int{0: EscalateNone, 30: EscalateLouder, 60: EscalateSecond, 90: EscalateSecond}, degrees(r.log, noon))
	})
	t.Run("to the nanosecond", func(t *testing.T) {
		for _, early := range []time.Duration{1, 0} {
			r := newRig(t, time.Minute)
			r.read(50)
			r.until(noon.Add(10*time.Minute - slack - early))
			got := r.read(50)
			require.Equal(t, "urgent_low repeat", said(got))
			require.Equal(t, early == 0, got[0].Escalation == EscalateLouder)
		}
	})
	t.Run("what cannot be shown is not answered either", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.err = "no notification service"
		r.read(50)
		r.feed(50, 50, 50)
		last := Decision{}
		for _, d := range r.log {
			if d.Say {
				last = d
			}
		}
		require.Equal(t, Undelivered, last.Reason)
		require.Equal(t, EscalateSecond, last.Escalation)
	})
	t.Run("it goes on through a restart, and a new episode begins anew", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.restart = true
		r.read(50)
		require.Equal(t, EscalateLouder, r.feed(50, 50)[1].Escalation)
		r.feed(80, 80, 80)
		require.Zero(t, r.feed(50)[0].Escalation)
	})
	t.Run("never a soft one, and never when set so", func(t *testing.T) {
		cfg := DefaultConfig()
		cfg.High.Escalate = Escalation{Louder: time.Hour, Second: time.Hour}
		cfg.UrgentLow.Escalate = Escalation{}
		require.NoError(t, cfg.Validate())
		r := newRig(t, 5*time.Minute)
		r.e.SetConfig(cfg)
		r.feed(flat(300, 40)...)
		r.feed(flat(50, 10)...)
		for _, d := range r.log {
			require.Zero(t, d.Escalation)
		}
		cfg.High.Loud = true
		r.e.SetConfig(cfg)
		r.feed(flat(300, 16)...)
		require.Equal(t, EscalateSecond, r.log[len(r.log)-2].Escalation, "a high the user made loud")
	})
}
