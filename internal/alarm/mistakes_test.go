package alarm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// Each test named TestMistake… is a mistake that another program has made: those
// here, in soon_test.go (a flat line that predicted, a forecast from too little,
// one that could not fire) and in still_test.go (high already at bedtime). Two
// are about numbers and stand with them in package glucose: 5.6 shown as 6
// (TestMmolIsTheServersConversion), and a delta between the live value and
// smoothed history (TestDelta).

func TestMistakeWindowsCountedInSamples(t *testing.T) {
	for _, cadence := range []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute} {
		r := newRig(t, cadence)
		start := r.now
		r.read(65)
		for r.now.Before(start.Add(30 * time.Minute)) {
			r.feed(65)
		}
		require.Equal(t, []string{"0 low first", "30 low repeat"}, times(r.log, start), "30 minutes are 30 minutes on a %s feed", cadence)
	}
}

func TestMistakeStalenessOnlyAfterASuccessfulFetch(t *testing.T) {
	r := newRig(t, time.Minute)
	r.read(100)
	r.fault = &glucose.Fault{Kind: glucose.ServerError, Message: "LibreLinkUp does not answer."}
	got := r.pass(20 * time.Minute) // not one update: the request hangs
	require.Equal(t, "no_data first", said(got))
	require.Equal(t, r.fault, got[0].Fault, "and the message can name the link")
}

func TestMistakeSecondUrgentLowStayedSilent(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.answer = true
	require.Equal(t, "urgent_low first", said(r.feed(50)))
	require.Empty(t, said(r.feed(58, 60, 62)), "above 54 for 15 minutes, but low all the time")
	require.NotNil(t, r.e.find(Low))
	require.Equal(t, "urgent_low worse", said(r.feed(53)))
}

func TestMistakeMemoryNeverCleared(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.answer = true
	for range 3 {
		require.Equal(t, "low first", said(r.feed(65)))
		require.Equal(t, "urgent_low worse", said(r.feed(50)))
		require.Empty(t, said(r.feed(90, 90, 90)))
		require.Equal(t, "high first", said(r.feed(270, 270)))
		require.Empty(t, said(r.feed(200, 200, 200)))
	}
	require.Empty(t, r.e.m.Episodes)
}

func TestMistakeSnoozedHighHidALow(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.feed(270, 270)
	r.answers(Answer{SnoozeFor, High, 3 * time.Hour})
	require.Equal(t, "low first, urgent_low worse", said(r.feed(240, 150, 65, 50)))
}

func TestMistakeExpectedRecoverySilencedALow(t *testing.T) {
	r := newRig(t, time.Minute)
	r.feed(58, 61, 64)
	require.Equal(t, "low first", said(r.log), "a first message is never held back by a rise")
	r = newRig(t, time.Minute)
	r.feed(flat(45, 3)...)
	r.log = nil
	r.feed(46, 47, 48, 49, 50, 51)
	require.Equal(t, "urgent_low repeat", said(r.log), "nor an urgent low nobody has answered")
}

func TestMistakeReRaisedWithoutANewReading(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.read(50)
	x := glucose.Reading{Time: r.now, Value: 50}
	r.log = nil
	for range 18 {
		r.pass(time.Minute)
		r.take(x) // the service serves it again and again
	}
	require.Empty(t, said(r.log))
	x.Time = x.Time.Add(-time.Minute)
	require.Empty(t, all(r.take(x)), "nor for an older one that comes late")
}

func TestMistakeLowToHighWasNotNew(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.feed(65)
	require.Equal(t, "xlow cleared, -high held", all(r.feed(270)), "at once, not after 15 minutes")
	require.Equal(t, "high first", said(r.feed(270)))
	require.Equal(t, "xhigh cleared, low first", all(r.feed(60)), "and back")
}

// 10.0 mmol/L is 180 mg/dL and not above it.
func TestMistakeConvertedLimit(t *testing.T) {
	cfg := DefaultConfig()
	cfg.High.Limit = glucose.FromMmol(10.0)
	r := newRig(t, 5*time.Minute)
	r.e.SetConfig(cfg)
	require.Empty(t, all(r.feed(flat(180, 6)...)))
	require.Equal(t, "high first", said(r.feed(181, 181)))
}

func TestMistakeFalseNoData(t *testing.T) {
	t.Run("midnight, clock change, another zone", func(t *testing.T) {
		berlin, err := time.LoadLocation("Europe/Berlin")
		require.NoError(t, err)
		fiji := time.FixedZone("+12", 12*3600)
		for _, day := range []time.Time{
			time.Date(2026, 3, 28, 20, 0, 0, 0, time.UTC),  // to summer time
			time.Date(2026, 10, 24, 20, 0, 0, 0, time.UTC), // back
		} {
			r := &rig{t: t, e: New(DefaultConfig(), State{}), now: day, cadence: time.Minute}
			for i := range 10 * 60 {
				r.pass(time.Minute)
				r.now = r.now.In([]*time.Location{berlin, fiji, time.UTC}[i/7%3])
				r.read(100)
			}
			require.Empty(t, r.log)
		}
	})
	t.Run("the first minutes after a start", func(t *testing.T) {
		r := newRig(t, time.Minute)
		r.newest = r.now.Add(-10 * time.Hour)
		require.Empty(t, said(r.step(Input{Resumed: true})))
		require.Empty(t, said(r.until(noon.Add(2*time.Minute-1))))
		require.Empty(t, said(r.read(100)))
		require.Empty(t, said(r.pass(19*time.Minute)))
	})
	t.Run("wake from sleep", func(t *testing.T) {
		r := newRig(t, time.Minute)
		r.read(100)
		r.now = r.now.Add(9 * time.Hour)
		require.Empty(t, said(r.step(Input{Resumed: true})))
		require.Empty(t, said(r.pass(time.Minute)))
		require.Empty(t, said(r.read(100)))
	})
}

func TestMistakeRestartShoutedOrForgot(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.feed(65)
	r.answers(Answer{SnoozeFor, High, time.Hour})
	r.e = reborn(t, r.e)
	require.Empty(t, r.step(Input{Resumed: true}))
	require.Empty(t, said(r.feed(65, 65, 65, 65, 65)))
	require.Equal(t, []Snooze{{High, noon.Add(65 * time.Minute)}}, r.e.Snoozes(r.now))
	require.Equal(t, "low repeat", said(r.feed(65)), "and the half hour runs on")
}
