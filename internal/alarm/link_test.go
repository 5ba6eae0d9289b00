package alarm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

func TestNoDataByTheClock(t *testing.T) {
	for _, c := range []struct {
		name    string
		cadence time.Duration
		want    []string
	}{
		{"fast feed", time.Minute, []string{
			"20 no_data first", "40 no_data worse", "70 no_data repeat", "130 no_data repeat", "250 no_data repeat", "360 no_data still",
		}},
		{"slow feed", 15 * time.Minute, []string{
			"35 no_data first", "60 no_data worse", "90 no_data repeat", "150 no_data repeat", "270 no_data repeat", "360 no_data still",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, c.cadence)
			r.answer = true
			start := r.now
			r.read(100)
			r.pass(48 * time.Hour)
			require.Equal(t, c.want, times(r.log, start))
			require.Empty(t, r.e.Standing(r.now), "after the last word it is over")
			for i, d := range r.log {
				if d.Say {
					require.Equal(t, i > 0, d.Loud, "soft once, then loud")
				}
			}
			require.True(t, r.log[len(r.log)-1].Final)
			require.Equal(t, "xno_data cleared", all(r.read(100)), "and its message is taken away")
			r.log = nil
			r.pass(r.cadence + 40*time.Minute)
			require.Contains(t, said(r.log), "no_data first", "armed again")
		})
	}
}

func TestNoDataUnansweredGoesOn(t *testing.T) {
	r := newRig(t, time.Minute)
	start := r.now
	r.read(100)
	r.pass(48 * time.Hour)
	require.Equal(t, []string{
		"20 no_data first", "40 no_data worse", "70 no_data repeat", "130 no_data repeat",
		"250 no_data repeat", "370 no_data repeat", "490 no_data repeat", "610 no_data repeat", "720 no_data still",
	}, times(r.log, start), "each two hours through a night, with an end")
}

// The step of a feed can look longer while nothing comes: what is missing is
// not told as new for that.
func TestNoDataOfAFeedThatLooksSlower(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	start := r.now
	r.read(100)
	r.pass(25 * time.Minute)
	r.cadence = 15 * time.Minute
	require.Empty(t, all(r.step(Input{})))
	r.pass(50 * time.Minute)
	require.Equal(t, []string{"20 no_data first", "40 no_data worse", "70 no_data repeat"}, times(r.log, start))
	r.log, start = nil, r.now
	r.read(100)
	r.pass(40 * time.Minute)
	require.Equal(t, []string{"35 no_data first"}, times(r.log, start))
}

// Who answers after hours has just seen it: the last word is not said to that.
func TestNoDataAnsweredLate(t *testing.T) {
	r := newRig(t, time.Minute)
	start := r.now
	r.read(100)
	r.pass(492 * time.Minute)
	r.log = nil
	require.Empty(t, said(r.answers(Answer{Kind: Seen})))
	r.pass(48 * time.Hour)
	require.Equal(t, []string{"520 no_data still"}, times(r.log, start))

	// Nor is who was told a moment before, as the clock has it after a sleep.
	cfg := DefaultConfig()
	cfg.NoData.GiveUpUnanswered = 615 * time.Minute
	require.NoError(t, cfg.Validate())
	r = newRig(t, time.Minute)
	r.e.SetConfig(cfg)
	start = r.now
	r.read(100)
	r.pass(48 * time.Hour)
	require.Contains(t, times(r.log, start), "610 no_data repeat")
	require.Equal(t, "640 no_data still", times(r.log, start)[len(times(r.log, start))-1])
}

func TestNoDataAtItsEdges(t *testing.T) {
	r := newRig(t, time.Minute)
	r.read(100)
	r.until(noon.Add(20*time.Minute - 1))
	require.Empty(t, r.step(Input{}))
	require.Equal(t, noon.Add(20*time.Minute), r.wake)
	require.Equal(t, "no_data first", said(r.until(noon.Add(20*time.Minute))))
	r.until(noon.Add(40*time.Minute - 1))
	require.Empty(t, said(r.step(Input{})))
	require.Equal(t, "no_data worse", said(r.until(noon.Add(40*time.Minute))))
}

func TestNoDataNeedsNoReadingEver(t *testing.T) {
	r := newRig(t, time.Minute)
	got := r.pass(20 * time.Minute)
	require.Equal(t, "no_data first", said(got))
	require.True(t, got[0].Since.IsZero())

	r = newRig(t, time.Minute)
	r.fault = &glucose.Fault{Kind: glucose.SignedOut}
	require.Empty(t, r.pass(48*time.Hour), "nobody has signed in yet: no readings are expected")
}

// The newest reading may be known from elsewhere, and old ones trickle in.
func TestNoDataCountsTheNewestReadingKnown(t *testing.T) {
	r := newRig(t, time.Minute)
	r.read(100)
	r.pass(15 * time.Minute)
	r.newest = r.now.Add(-2 * time.Minute)
	r.step(Input{})
	require.Empty(t, said(r.until(noon.Add(33*time.Minute-1))))
	got := r.until(noon.Add(33 * time.Minute))
	require.Equal(t, "no_data first", said(got))
	require.Nil(t, got[0].Reading, "a value older than the newest reading is not told as the last")

	r.newest = time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
	r.step(Input{})
	require.Equal(t, "no_data worse", said(r.pass(20*time.Minute)), "a reading from the future is none")
}

// After the last word a late reading, itself too old, is news.
func TestNoDataBeginsAnewAfterTheLastWord(t *testing.T) {
	r := newRig(t, time.Minute)
	r.answer = true
	r.read(100)
	r.pass(10 * time.Hour)
	require.Empty(t, r.step(Input{}))
	r.newest = r.now.Add(-25 * time.Minute)
	require.Equal(t, "no_data first", said(r.step(Input{})))
	require.Equal(t, "no_data worse", said(r.pass(15*time.Minute)))
}

func TestSleepThroughTheNight(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.answer = true
	r.read(100)
	r.now = noon.Add(8 * time.Hour) // asleep, no timer ran
	r.log = nil
	require.Equal(t, "-no_data quiet", all(r.step(Input{Resumed: true})))
	require.Empty(t, r.until(r.now.Add(2*time.Minute-1)))
	woken := r.now.Add(1)
	got := r.until(woken)
	require.Equal(t, "no_data first", said(got))
	require.True(t, got[0].Loud)
	require.False(t, got[0].Final, "the hours asleep, when nobody could hear, do not count")
	r.log = nil
	r.pass(12 * time.Hour)
	require.Equal(t, []string{"30 no_data repeat", "90 no_data repeat", "210 no_data repeat", "330 no_data repeat", "360 no_data still"}, times(r.log, woken))
}

func refused() *glucose.Fault {
	return &glucose.Fault{Kind: glucose.WrongPassword, Message: "LibreLinkUp refused the password.", Hint: "Sign in again."}
}

func TestNeedsYou(t *testing.T) {
	r := newRig(t, time.Minute)
	r.read(100)
	r.fault = refused()
	require.Equal(t, "needs_you first", said(r.step(Input{})), "on transition, at once")
	r.log = nil
	start := r.now
	// Readings go on for another reason here, so that no data keeps out.
	for range 60 * 7 {
		r.feed(100)
	}
	require.Equal(t, []string{"180 needs_you repeat", "360 needs_you repeat"}, times(r.log, start))

	r.fault = &glucose.Fault{Kind: glucose.Offline}
	require.Empty(t, r.step(Input{}), "offline hides it and does not end it")
	r.fault = refused()
	require.Empty(t, r.step(Input{}), "nor is it new afterwards")

	r.fault = &glucose.Fault{Kind: glucose.Terms}
	require.Equal(t, "needs_you first", said(r.step(Input{})), "another thing to do is new")
	r.fault = nil
	require.Equal(t, "xneeds_you cleared", all(r.step(Input{})))

	r.fault = &glucose.Fault{Kind: glucose.SignedOut}
	require.Empty(t, r.step(Input{}), "signed out is the user's own doing")
}

func TestNeedsYouAtItsEdge(t *testing.T) {
	cfg := DefaultConfig()
	cfg.NoData.On = false
	r := newRig(t, time.Minute)
	r.e.SetConfig(cfg)
	r.fault = refused()
	r.step(Input{})
	r.until(noon.Add(3*time.Hour - 1))
	require.Empty(t, r.step(Input{}))
	require.Equal(t, "needs_you repeat", said(r.until(noon.Add(3*time.Hour))))
}

func TestNeedsYouStandsInForNoData(t *testing.T) {
	for _, c := range []struct {
		name      string
		loud      bool
		delivered bool
		want      string
	}{
		{"soft covers soft, and not loud", false, true, "no_data first at 40"},
		{"loud covers both", true, true, ""},
		{"one that never arrived covers nothing", true, false, "no_data first at 20"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := DefaultConfig()
			cfg.NeedsYou.Loud = c.loud
			r := newRig(t, time.Minute)
			r.e.SetConfig(cfg)
			r.read(100)
			r.fault = refused()
			if !c.delivered {
				r.err = "no notification service"
			}
			r.step(Input{})
			r.log = nil
			r.pass(time.Hour)
			got := ""
			for _, d := range r.log {
				if d.Say && d.Kind == NoData && got == "" {
					got = said([]Decision{d}) + " at " + lang.Exact(d.Time.Sub(noon))[:2]
				}
			}
			require.Equal(t, c.want, got)
		})
	}
}
