package alarm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestValidate(t *testing.T) {
	require.NoError(t, DefaultConfig().Validate())
	for _, c := range []struct {
		change func(*Config)
		want   string
	}{
		{func(c *Config) { c.UrgentLow.On = false }, "urgent_low.on is false: the urgent low cannot be switched off"},
		{func(c *Config) { c.UrgentLow.Limit = 49 }, "urgent_low.limit is 49 mg/dL: allowed are 50 to 65 mg/dL"},
		{func(c *Config) { c.UrgentLow.Limit = 66 }, "urgent_low.limit is 66 mg/dL: allowed are 50 to 65 mg/dL"},
		{func(c *Config) { c.Low.Limit = 59 }, "low.limit is 59 mg/dL: allowed are 60 to 100 mg/dL"},
		{func(c *Config) { c.Low.Limit = 101 }, "low.limit is 101 mg/dL: allowed are 60 to 100 mg/dL"},
		{func(c *Config) { c.High.Limit = 119 }, "high.limit is 119 mg/dL: allowed are 120 to 400 mg/dL"},
		{func(c *Config) { c.High.Limit = 401 }, "high.limit is 401 mg/dL: allowed are 120 to 400 mg/dL"},
		{func(c *Config) { c.UrgentLow.Limit, c.Low.Limit = 62, 62 }, "urgent_low.limit is 62 mg/dL: it must be below low.limit, 62 mg/dL"},
		{func(c *Config) { c.UrgentLow.Unanswered = 6 * time.Minute }, "urgent_low.unanswered is 6m0s: allowed are 1 min to 5 min"},
		{func(c *Config) { c.UrgentLow.Repeat = 16 * time.Minute }, "urgent_low.repeat is 16m0s: allowed are 5 min to 15 min"},
		{func(c *Config) { c.Low.Hold = time.Minute }, "low.hold is 1m0s: allowed are 0 min to 0 min"},
		{func(c *Config) { c.Low.AtLatest = 61 * time.Minute }, "low.at_latest is 1h1m0s: allowed are 30 min to 1 h"},
		{func(c *Config) { c.High.AtLatest = 4 * time.Hour }, "high.at_latest is 4h0m0s: allowed are 1 h to 3 h"},
		{func(c *Config) { c.NoData.LoudAfter = 10 * time.Minute }, "no_data.loud_after is 10m0s: allowed are 20 min to 2 h"},
		{func(c *Config) { c.NeedsYou.Repeat = 0 }, "needs_you.repeat is 0s: allowed are 15 min to 3 h"},
	} {
		cfg := DefaultConfig()
		c.change(&cfg)
		require.EqualError(t, cfg.Validate(), c.want)
	}
}

// A configuration that slipped through must not switch the alarms off.
func TestInvalidConfigIsNotObeyed(t *testing.T) {
	r := newRig(t, time.Minute)
	r.e.SetConfig(Config{})
	require.Equal(t, "urgent_low first", said(r.read(53)))
}

func TestKinds(t *testing.T) {
	require.Equal(t, []Kind{
		UrgentLow, Low, LowSoon, FallingFast, UrgentHigh, StillHigh, High, SecondRise, RisingFast, NoData, SensorEnds, NeedsYou, Once,
	}, Kinds())
	for _, k := range Kinds() {
		got, err := ParseKind(k.Label())
		require.NoError(t, err)
		require.Equal(t, k, got)
	}
	require.Equal(t, "Urgent low", UrgentLow.Label())
	_, err := ParseKind("lows")
	require.EqualError(t, err, `there is no alarm "lows": use one of urgent_low, low, low_soon, falling_fast, urgent_high, still_high, high, second_rise, rising_fast, no_data, sensor_ends, needs_you, once`)
}

func TestReasonsHaveWords(t *testing.T) {
	for _, r := range []Reason{First, Worse, Repeat, Still, Cleared, Undelivered, Held, Snoozed, Quiet, Covered, Rising, Falling, TooSoon, Stale, Future, RelayedOn} {
		require.NotContains(t, r.Words(), "_")
		require.NotEmpty(t, r.Words())
	}
}
