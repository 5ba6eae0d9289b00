package alarm

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"
	_ "time/tzdata" // the zones, also where the system has none

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

func at(t testing.TB, text string) ClockTime {
	c, err := ParseClockTime(text)
	require.NoError(t, err)
	return c
}

func zone(t testing.TB, name string) *time.Location {
	l, err := time.LoadLocation(name)
	require.NoError(t, err)
	return l
}

func TestClockTime(t *testing.T) {
	for _, text := range []string{"00:00", "06:30", "23:59", "24:00"} {
		require.Equal(t, text, at(t, text).String())
		b, err := json.Marshal(at(t, text))
		require.NoError(t, err)
		var c ClockTime
		require.NoError(t, json.Unmarshal(b, &c))
		require.Equal(t, at(t, text), c)
	}
	for _, text := range []string{"", "24:01", "6:30", "0630", "12:60", "-1:00", "12:00 "} {
		_, err := ParseClockTime(text)
		require.EqualError(t, err, fmt.Sprintf("%q is not a time of day: write it like 22:30", text))
	}
}

func TestWindowIncludes(t *testing.T) {
	night := Window{From: at(t, "22:30"), To: at(t, "06:30"), Days: []time.Weekday{time.Friday, time.Saturday}}
	whole := Window{From: 0, To: at(t, "24:00"), Days: []time.Weekday{time.Sunday}}
	for _, c := range []struct {
		w    Window
		at   time.Time
		want bool
	}{ // 6 March 2026 is a Friday
		{night, time.Date(2026, 3, 6, 22, 29, 59, 999999999, time.UTC), false},
		{night, time.Date(2026, 3, 6, 22, 30, 0, 0, time.UTC), true},
		{night, time.Date(2026, 3, 7, 6, 29, 59, 999999999, time.UTC), true},
		{night, time.Date(2026, 3, 7, 6, 30, 0, 0, time.UTC), false},
		{night, time.Date(2026, 3, 6, 3, 0, 0, 0, time.UTC), false}, // of Thursday's night
		{night, time.Date(2026, 3, 8, 3, 0, 0, 0, time.UTC), true},  // of Saturday's
		{night, time.Date(2026, 3, 8, 23, 0, 0, 0, time.UTC), false},
		{whole, time.Date(2026, 3, 8, 0, 0, 0, 0, time.UTC), true},
		{whole, time.Date(2026, 3, 8, 23, 59, 59, 0, time.UTC), true},
		{whole, time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC), false},
	} {
		require.Equal(t, c.want, c.w.Includes(c.at), "%s to %s at %s", c.w.From, c.w.To, c.at)
	}
}

// Each minute of both days on which the clocks change: in force exactly when
// the clock on the wall says so, by a rule written down differently; and the
// next edge is never missed, early or late.
func TestWindowsOnClockChangeDays(t *testing.T) {
	for _, c := range []struct {
		zone   string
		days   [2]time.Time
		from   string // a window with both edges in the hours that are skipped or come twice
		to     string
		within [2]int // minutes it is in force on the two days
	}{
		{"Europe/Berlin", [2]time.Time{time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC)}, "02:15", "02:45", [2]int{0, 60}},
		{"America/New_York", [2]time.Time{time.Date(2026, 3, 8, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}, "01:15", "02:30", [2]int{45, 120}},
	} {
		loc := zone(t, c.zone)
		ws := []Window{
			{From: at(t, "22:30"), To: at(t, "06:30")},
			{From: at(t, c.from), To: at(t, c.to)},
			{From: at(t, "02:30"), To: at(t, "01:30"), Days: []time.Weekday{time.Saturday, time.Sunday}},
		}
		for i, day := range c.days {
			y, m, d := day.Date()
			from, to := time.Date(y, m, d, 0, 0, 0, 0, loc), time.Date(y, m, d+1, 0, 0, 0, 0, loc)
			require.NotEqual(t, 24*time.Hour, to.Sub(from), "a day on which the clocks change")
			minutes, edge := 0, NextEdge(ws, from.Add(-time.Second))
			before := inForce(ws, from.Add(-time.Second))
			for now := from; now.Before(to); now = now.Add(time.Minute) {
				wall := now.Format("15:04")
				require.Equal(t, wall >= "22:30" || wall < "06:30", ws[0].Includes(now), "%s", now)
				short := wall >= c.from && wall < c.to
				require.Equal(t, short, ws[1].Includes(now), "%s", now)
				if short {
					minutes++
				}
				late := wall >= "02:30" && now.Weekday() != time.Monday || wall < "01:30" && now.Weekday() != time.Saturday
				require.Equal(t, late, ws[2].Includes(now), "%s", now)

				have := inForce(ws, now)
				if fmt.Sprint(have) != fmt.Sprint(before) {
					require.True(t, edge.Equal(now), "%s: the edge was told to be at %s", now, edge)
				} else {
					require.False(t, edge.Equal(now), "%s is no edge", now)
				}
				before, edge = have, NextEdge(ws, now)
				require.True(t, edge.After(now))
			}
			require.Equal(t, c.within[i], minutes, "%s %s", c.zone, day.Format("2 Jan"))
		}
	}
}

func TestNextEdge(t *testing.T) {
	require.Zero(t, NextEdge(nil, noon))
	require.Zero(t, NextEdge([]Window{{From: 0, To: wholeDay}}, noon), "always in force")
	sunday := []Window{{From: at(t, "13:00"), To: at(t, "14:00"), Days: []time.Weekday{time.Sunday}}}
	require.Equal(t, time.Date(2026, 3, 8, 13, 0, 0, 0, time.UTC), NextEdge(sunday, noon))
	require.Equal(t, time.Date(2026, 3, 8, 14, 0, 0, 0, time.UTC), NextEdge(sunday, time.Date(2026, 3, 8, 13, 0, 0, 0, time.UTC)))
	require.Equal(t, time.Date(2026, 3, 15, 13, 0, 0, 0, time.UTC), NextEdge(sunday, time.Date(2026, 3, 8, 14, 0, 0, 0, time.UTC)))
}

// quietRig holds what it may from 11:00 to 14:00.
func quietRig(t *testing.T, through ...Kind) *rig {
	cfg := DefaultConfig()
	cfg.UrgentHigh.On, cfg.FallingFast.On, cfg.RisingFast.On = true, true, true
	cfg.Quiet = []Window{{Name: ByDay, From: at(t, "11:00"), To: at(t, "14:00"), Hold: true, Through: through}}
	require.NoError(t, cfg.Validate())
	r := newRig(t, 5*time.Minute)
	r.e.SetConfig(cfg)
	return r
}

func TestQuietHoursHold(t *testing.T) {
	r := quietRig(t)
	require.Equal(t, "-high held, -high quiet", all(r.feed(flat(270, 20)...)), "told once")
	require.Equal(t, High, r.e.Standing(r.now)[0].Kind, "it stands all the same")

	edge := time.Date(2026, 3, 2, 14, 0, 0, 0, time.UTC)
	for r.now.Before(edge.Add(-5 * time.Minute)) {
		r.feed(270)
	}
	require.Empty(t, said(r.until(edge.Add(-1))))
	require.Empty(t, said(r.step(Input{})))
	require.Equal(t, edge, r.wake)
	require.Equal(t, "high first", said(r.until(edge)), "what still holds is said when they end")
	require.Empty(t, said(r.feed(270)))

	t.Run("not with an old reading", func(t *testing.T) {
		r := quietRig(t)
		r.feed(flat(270, 3)...)
		require.Empty(t, only(r.until(edge.Add(time.Minute)), High))
		require.Equal(t, "high first", said(only(r.feed(270, 270), High)), "but with the next ones")
	})
	t.Run("not what is over", func(t *testing.T) {
		r := quietRig(t)
		r.feed(flat(270, 3)...)
		r.feed(flat(200, 20)...)
		require.Empty(t, said(r.until(edge.Add(time.Minute))))
	})
	t.Run("what breaks through", func(t *testing.T) {
		r := quietRig(t, High)
		require.Equal(t, "high first", said(r.feed(270, 270)))
	})
	t.Run("another window that lets it through is enough", func(t *testing.T) {
		r := quietRig(t)
		cfg := r.e.cfg
		cfg.Quiet = append(cfg.Quiet, Window{Name: WhenOut, From: at(t, "12:00"), To: at(t, "13:00"), Hold: true, Through: []Kind{High}})
		r.e.SetConfig(cfg)
		require.Equal(t, "high first", said(r.feed(270, 270)))
	})
	t.Run("what was snoozed before", func(t *testing.T) {
		r := quietRig(t)
		r.answers(Answer{SnoozeFor, High, time.Hour})
		require.Equal(t, "-high held, -high snoozed, -high quiet", all(r.feed(flat(270, 14)...)))
	})
	t.Run("a message that did not arrive before them is not tried in them", func(t *testing.T) {
		r := quietRig(t)
		r.now = time.Date(2026, 3, 2, 10, 50, 0, 0, time.UTC)
		r.e = New(r.e.cfg, State{})
		r.err = "no notification service"
		r.feed(270, 270)
		r.err = ""
		r.log = nil
		r.pass(2 * time.Minute)
		require.Empty(t, said(r.log))
	})
}

// What quiet hours never hold.
func TestQuietHoursNeverHold(t *testing.T) {
	for _, c := range []struct {
		name   string
		values []glucose.MgDL
		want   string
	}{
		{"urgent low", []glucose.MgDL{50}, "urgent_low first"},
		{"low", []glucose.MgDL{65}, "low first"},
		{"urgent high", []glucose.MgDL{310}, "urgent_high first"},
		{"still high", flat(260, 37), "still_high first"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := quietRig(t)
			w := &r.e.cfg.Quiet[0]
			w.From, w.To = 0, wholeDay
			require.Equal(t, c.want, said(r.feed(c.values...)))
		})
	}
	t.Run("missing data, and what only the user can mend", func(t *testing.T) {
		r := quietRig(t)
		r.read(100)
		r.fault = refused()
		require.Equal(t, "needs_you first", said(r.step(Input{})))
		r.fault = nil
		require.Equal(t, "no_data first", said(r.pass(20*time.Minute)))
	})
}

func TestQuietHoursGoByTheZone(t *testing.T) {
	r := quietRig(t)
	r.now = r.now.In(zone(t, "America/New_York")) // 07:00 there
	require.Equal(t, "high first", said(r.feed(270, 270)))
	r.now = r.now.In(time.UTC)
	r.log = nil
	r.feed(flat(270, 14)...)
	require.Empty(t, said(r.log), "the computer moved, and it is noon")
}

func TestWindowLimits(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Quiet = []Window{
		{Name: ByNight, From: at(t, "12:30"), To: at(t, "13:30"), Low: 80, High: 200},
		{Name: WhenOut, From: at(t, "13:00"), To: at(t, "14:00"), Low: 75, High: 180},
	}
	require.NoError(t, cfg.Validate())
	for text, want := range map[string][2]glucose.MgDL{"12:29": {70, 250}, "12:30": {80, 200}, "13:15": {80, 180}, "13:30": {75, 180}, "14:00": {70, 250}} {
		now := time.Date(2026, 3, 2, 0, int(at(t, text)), 0, 0, time.UTC)
		low, high := cfg.LimitsAt(now)
		require.Equal(t, want, [2]glucose.MgDL{low, high}, text)
	}
	r := newRig(t, 5*time.Minute)
	r.e.SetConfig(cfg)
	require.Empty(t, said(r.feed(79, 79, 79, 79, 79)))
	require.Equal(t, "low first", said(r.feed(79, 79)), "nothing holds it in a window that only sets limits")
	r.log = nil
	r.feed(100, 100, 100)
	require.Equal(t, "xlow cleared", all(r.log))
	r.log = nil
	r.feed(flat(190, 16)...) // from 12:55 to 14:10
	require.Equal(t, "13:05 high first, 14:10 high cleared", func() (out string) {
		for _, d := range r.log {
			if d.Reason == First || d.Reason == Cleared {
				out += ", " + d.Time.Format("15:04") + " high " + string(d.Reason)
			}
		}
		return out[2:]
	}())
}

func TestValidateQuiet(t *testing.T) {
	for _, c := range []struct {
		w    Window
		want string
	}{
		{Window{To: 60}, `quiet window 1 (): it has no name`},
		{Window{Name: ByDay, From: 60, To: 60}, "quiet window 1 (day): it begins and ends at 01:00: for a whole day use 00:00 to 24:00"},
		{Window{Name: ByDay, From: 1440, To: 60}, "quiet window 1 (day): from 24:00 to 01:00 are not times of day: use 00:00 to 24:00"},
		{Window{Name: ByDay, To: 60, Days: []time.Weekday{7}}, "quiet window 1 (day): there is no weekday 7: use 0 for Sunday to 6 for Saturday"},
		{Window{Name: ByDay, To: 60, Days: []time.Weekday{1, 1}}, "quiet window 1 (day): Monday is named twice"},
		{Window{Name: ByDay, To: 60, Through: []Kind{"lows"}}, `quiet window 1 (day): there is no alarm "lows" to break through`},
		{Window{Name: ByNight, To: 60, Low: 101}, "quiet window 1 (night): low is 101 mg/dL: allowed are 60 to 100 mg/dL"},
		{Window{Name: ByNight, To: 60, Low: 60}, "quiet window 1 (night): low is 60 mg/dL: it must be above urgent_low.limit, 62 mg/dL"},
		{Window{Name: WhenOut, To: 60, High: 119}, "quiet window 1 (away): high is 119 mg/dL: allowed are 120 to 400 mg/dL"},
		{Window{Name: WhenOut, To: 60, High: 300}, "quiet window 1 (away): high is 300 mg/dL: it must be below urgent_high.limit, 300 mg/dL"},
	} {
		cfg := DefaultConfig()
		cfg.UrgentLow.Limit, cfg.UrgentHigh.On = 62, true
		cfg.Quiet = []Window{c.w}
		require.EqualError(t, cfg.Validate(), c.want)
	}
}
