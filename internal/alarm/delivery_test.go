package alarm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

func TestSaidOnlyWhenDelivered(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.err = "no notification service"
	start := r.now
	first := r.read(65)
	require.Equal(t, "low first, -low undelivered", all(first))
	require.Equal(t, "no notification service", r.e.Standing(r.now)[0].Undelivered)
	require.Zero(t, r.e.Standing(r.now)[0].Said)

	r.until(start.Add(5*time.Second - 1))
	require.Empty(t, r.step(Input{}))
	r.log = nil
	r.until(start.Add(4 * time.Minute))
	var after []float64
	for _, d := range r.log {
		if d.Say {
			require.Equal(t, Undelivered, d.Reason)
			require.Equal(t, first[0].ID, d.ID, "the same message, tried again")
			after = append(after, d.Time.Sub(start).Seconds())
		}
	}
	require.Equal(t, []float64{5, 20, 50, 110, 170, 230}, after)

	r.err = ""
	r.log = nil
	r.pass(time.Minute)
	require.Equal(t, "low undelivered", said(r.log))
	require.Equal(t, 1, r.e.Standing(r.now)[0].Said)
	require.Empty(t, r.e.Standing(r.now)[0].Undelivered)
	require.Empty(t, said(r.feed(65)), "and the half hour begins")
}

func TestNoOutcomeIsFailure(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.hang = true
	first := r.read(65)
	require.Empty(t, said(r.pass(answerBound-1)))
	require.Empty(t, r.step(Input{}))
	require.Equal(t, "-low undelivered", all(r.pass(1)))
	require.Equal(t, "low undelivered", said(r.pass(5*time.Second)))
	require.Empty(t, r.step(Input{Delivered: []Delivery{{ID: first[0].ID}}}))
	require.Empty(t, r.until(noon.Add(4*time.Minute)), "a late success counts, though it was being tried again")
	require.Equal(t, 1, r.e.Standing(r.now)[0].Said)
}

// An urgent low that the desktop never took is a low by the next reading, which
// comes while the desktop still hangs: the low is said once it is known to, and
// not only with the reading after that.
func TestMilderOneInPlaceOfOneThatFailed(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.hang = true
	require.Equal(t, "urgent_low first", said(r.read(50)))
	r.pass(20 * time.Second)
	require.Empty(t, said(r.read(57)), "it may still arrive")
	require.Equal(t, "low first", said(r.pass(20*time.Second)))
}

func TestRetryOnlyWhileTrue(t *testing.T) {
	t.Run("it came back", func(t *testing.T) {
		r := newRig(t, time.Minute)
		r.err = "no notification service"
		r.read(65)
		require.Equal(t, "low undelivered, low undelivered, low undelivered", said(r.feed(75)))
		require.Empty(t, said(r.feed(75, 75)))
		r.err = ""
		require.Equal(t, "-low cleared", all(r.feed(flat(75, 12)...)), "nothing to take away from who never heard of it")
	})
	t.Run("it got worse", func(t *testing.T) {
		r := newRig(t, time.Minute)
		r.hang = true
		r.read(65)
		r.pass(10 * time.Second)
		require.Equal(t, "urgent_low first", said(r.read(50)), "at once, whatever becomes of the low")
		r.hang = false
		require.Equal(t, "urgent_low undelivered", said(r.pass(time.Minute)), "and only this one is tried again")
	})
	t.Run("the reading got old: no data takes over", func(t *testing.T) {
		r := newRig(t, time.Minute)
		r.err = "no notification service"
		r.read(65)
		r.log = nil
		r.pass(30 * time.Minute)
		for _, d := range r.log {
			if d.Say && d.Kind == Low {
				require.LessOrEqual(t, d.Time.Sub(noon), 10*time.Minute)
			}
		}
		require.Contains(t, said(r.log), "no_data first")
	})
	t.Run("the user has seen it in the tray", func(t *testing.T) {
		r := newRig(t, time.Minute)
		r.err = "no notification service"
		r.read(65)
		r.step(Input{Answers: []Answer{{Kind: Seen}}})
		require.Empty(t, said(r.pass(4*time.Minute)))
	})
	t.Run("the user wants silence", func(t *testing.T) {
		r := newRig(t, time.Minute)
		r.err = "no notification service"
		r.read(65)
		r.step(Input{Answers: []Answer{{SnoozeFor, Low, 15 * time.Minute}}})
		require.Empty(t, said(r.pass(4*time.Minute)))
	})
}

// While an urgent low is under way its low is not said beside it; when it
// fails and the value has come up, the low is said.
func TestWorseUnderWayStandsIn(t *testing.T) {
	r := newRig(t, time.Minute)
	r.hang = true
	id := r.read(50)[0].ID
	r.pass(10 * time.Second)
	require.Empty(t, said(r.read(60)))
	require.Empty(t, said(r.step(Input{Delivered: []Delivery{{id, "refused"}}})))
	require.Equal(t, "low first", said(r.pass(10*time.Second)), "without another reading")
}

func TestWorseThatFailedAndIsNoLongerTrue(t *testing.T) {
	r := newRig(t, time.Minute)
	r.err = "refused"
	r.read(50)
	r.err = ""
	r.pass(3 * time.Second) // before the next try
	require.Equal(t, "low first", said(r.read(60)))
}

func TestUndeliveredNoDataGetsLouderAndEnds(t *testing.T) {
	r := newRig(t, time.Minute)
	r.read(100)
	r.err = "refused"
	r.pass(48 * time.Hour)
	var last Decision
	for _, d := range r.log {
		if d.Say {
			last = d
			if after := d.Time.Sub(noon); after != 40*time.Minute { // that try may still be the soft one's
				require.Equal(t, after > 40*time.Minute, d.Loud)
			}
		}
	}
	require.LessOrEqual(t, last.Time.Sub(noon), 12*time.Hour)
	require.Greater(t, last.Time.Sub(noon), 11*time.Hour)
	require.Empty(t, r.e.Standing(r.now))
	require.True(t, r.wake.IsZero())
}

// What could not be said is not said under another fault's name.
func TestUndeliveredNeedsYouWaitsBehindAnotherFault(t *testing.T) {
	r := newRig(t, time.Minute)
	r.fault, r.err = refused(), "refused"
	r.step(Input{})
	r.fault, r.err = &glucose.Fault{Kind: glucose.Offline}, ""
	require.Empty(t, said(r.pass(5*time.Minute)))
	r.fault = refused()
	require.Equal(t, "needs_you undelivered", said(r.step(Input{})))
}

// A message that may have appeared is taken away, one that cannot have is not.
func TestWithdrawWhatMayBeShown(t *testing.T) {
	for _, hang := range []bool{true, false} {
		r := newRig(t, 15*time.Minute)
		r.hang, r.err = hang, "refused"
		r.read(65)
		r.now = r.now.Add(15 * time.Minute)
		got := r.read(70)
		require.Equal(t, hang, got[len(got)-1].Withdraw)
		require.Equal(t, Cleared, got[len(got)-1].Reason)
	}
}
