package alarm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// off hands over for d from now on.
func (r *rig) off(d time.Duration) []Decision {
	return r.step(Input{Duty: &Duty{Until: r.now.Add(d)}})
}

// Only two alarms are left to who is off duty, and the log says why the others
// were silent.
func TestOffDutyIsSilent(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	c := r.e.cfg
	c.UrgentHigh.On = true
	r.e.SetConfig(c)
	r.off(8 * time.Hour)
	require.Equal(t, noon.Add(8*time.Hour), r.e.OffUntil(r.now))
	require.Empty(t, said(r.feed(flat(65, 20)...)))
	require.Contains(t, all(r.log), "-low off_duty")
	require.Len(t, r.e.Standing(r.now), 1)
	require.True(t, r.e.Standing(r.now)[0].OffDuty)
	require.Empty(t, said(r.feed(flat(310, 30)...)))
	require.Contains(t, all(r.log), "-urgent_high off_duty")
	r.fault = refused()
	require.Equal(t, "-needs_you off_duty", all(r.step(Input{})))
	require.Zero(t, r.e.Standing(r.now)[len(r.e.Standing(r.now))-1].Said)
}

// An urgent low breaks through when it has stood for 15 minutes: on the edge,
// with or without a reading at it.
func TestOffDutyUrgentLow(t *testing.T) {
	for _, cadence := range []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute} {
		r := newRig(t, cadence)
		r.off(8 * time.Hour)
		r.feed(80)
		ds := r.feed(50)
		require.Equal(t, "-urgent_low off_duty, -low covered", all(ds), "%s", cadence)
		begun := r.now
		r.answer = true
		for r.now.Before(begun.Add(40 * time.Minute)) {
			r.feed(50)
		}
		require.Equal(t, "15 urgent_low first", times(r.log, begun)[0], "%s", cadence)
	}
	t.Run("the last second", func(t *testing.T) {
		r := newRig(t, time.Minute)
		r.off(8 * time.Hour)
		r.feed(50)
		require.Empty(t, said(r.pass(7*time.Minute)))
		r.read(50)
		require.Empty(t, said(r.pass(8*time.Minute-time.Second)))
		require.Equal(t, "urgent_low first", said(r.pass(time.Second)), "by the clock; the last value is fresh")
		require.Equal(t, "urgent_low repeat", said(r.feed(flat(50, 5)...)), "then as usual")
	})
	t.Run("a gap", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.off(8 * time.Hour)
		r.feed(50)
		r.pass(25 * time.Minute)
		require.Equal(t, "urgent_low first", said(r.read(50)), "a gap does not hold it back again")
	})
	t.Run("a restart", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.off(8 * time.Hour)
		r.restart = true
		require.Empty(t, said(r.feed(50, 50, 50)))
		require.Contains(t, said(r.feed(50)), "urgent_low first")
	})
	t.Run("it was so before", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.answer = true
		r.feed(flat(50, 4)...)
		r.answer = false
		require.Equal(t, "urgent_low repeat", said(r.off(8*time.Hour))+said(r.feed(flat(50, 4)...)), "handing over is no snooze of what stands")
	})
}

// No data is said after an hour instead of twenty minutes.
func TestOffDutyNoData(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.off(8 * time.Hour)
	r.feed(100)
	last := r.now
	r.until(last.Add(time.Hour - time.Second))
	require.Empty(t, said(r.log))
	ds := r.until(last.Add(time.Hour))
	require.Equal(t, "no_data first", said(ds))
	require.True(t, ds[len(ds)-1].Loud)
	require.Equal(t, "no_data repeat", said(r.pass(30*time.Minute)), "then as usual")
}

// A sign-in that was refused just before does not stand in for it.
func TestOffDutyNoDataOfARefusedSignIn(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.e.cfg.NeedsYou.Loud = true
	r.feed(100)
	r.fault = refused()
	require.Equal(t, "needs_you first", said(r.step(Input{})))
	r.off(8 * time.Hour)
	require.Equal(t, "no_data first", said(r.pass(time.Hour)))
}

// It always ends: at its time, by hand, and after a day at the latest; and what
// stands then is said at once.
func TestOffDutyEnds(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.off(time.Hour)
	r.feed(flat(65, 11)...)
	require.Empty(t, said(r.log))
	require.Empty(t, said(r.until(noon.Add(time.Hour-time.Second))))
	require.Equal(t, "low first", said(r.until(noon.Add(time.Hour))))
	require.Zero(t, r.e.OffUntil(r.now))

	r = newRig(t, 5*time.Minute)
	r.off(8 * time.Hour)
	r.feed(65)
	require.Equal(t, "low first", said(r.off(0)))

	r = newRig(t, 5*time.Minute)
	r.off(100 * time.Hour)
	require.Equal(t, noon.Add(LongestOff), r.e.OffUntil(r.now))
}

func TestOffDutySurvives(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.off(8 * time.Hour)
	r.e = reborn(t, r.e)
	require.Equal(t, noon.Add(8*time.Hour), r.e.OffUntil(r.now))
	require.Empty(t, said(r.feed(65)))
	r.now = r.now.Add(-2 * time.Hour) // the clock was set back: it is no longer than before
	r.step(Input{})
	require.Equal(t, noon.Add(6*time.Hour), r.e.OffUntil(r.now))

	// On doubt the alarm comes.
	st := r.e.State()
	st.m.Off.Until = r.now.Add(25 * time.Hour)
	r.e = New(r.e.cfg, st)
	r.step(Input{})
	require.Zero(t, r.e.OffUntil(r.now))
}

func TestOffDutyConfig(t *testing.T) {
	c := DefaultConfig()
	c.OffDuty = OffDutyRule{5 * time.Minute, 2 * time.Hour}
	require.NoError(t, c.Validate())
	c.OffDuty = OffDutyRule{31 * time.Minute, 29 * time.Minute}
	require.EqualError(t, c.Validate(), "off_duty.urgent_low is 31m0s: allowed are 5 min to 30 min\noff_duty.no_data is 29m0s: allowed are 30 min to 2 h")
	require.LessOrEqual(t, 30*time.Minute, UrgentLow.longestSnooze(), "no longer than it may be snoozed")
	require.Equal(t, glucose.MgDL(54), c.UrgentLow.Limit)
}
