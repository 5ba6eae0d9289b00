package alarm

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// treatedLow is a low of 60 on a 1-minute feed that was answered with Treated.
func treatedLow(t *testing.T) *rig {
	r := newRig(t, time.Minute)
	require.Equal(t, "low first", said(r.read(60)))
	r.answers(Answer{Treated, Low, 0})
	r.log = nil
	return r
}

func TestTreatedIsQuietAndLooksAgain(t *testing.T) {
	for _, c := range []struct {
		after glucose.MgDL
		want  []string
	}{
		{60, []string{"15 low still"}},
		{63, []string{"15 low still"}},
		{64, nil},
		{69, nil},
	} {
		r := treatedLow(t)
		r.feed(flat(c.after, 25)...)
		require.Equal(t, c.want, times(r.log, noon), "%d", c.after)
	}
	r := treatedLow(t)
	r.feed(flat(60, 16)...)
	require.Equal(t, "-low too_soon", all(r.log[len(r.log)-1:]))
	d := r.log[len(r.log)-2]
	require.Equal(t, noon, d.Treated)
	_, body := Text(d, "John", glucose.MgPerDL, Full)
	require.Equal(t, "60 mg/dL at 12:14, low since 12:00. Treated at 12:00, and it has not risen. Said once before.", body)
	require.Equal(t, []string{"44 low repeat"}, times(r.feed(flat(60, 43)...), noon), "the half hour runs from that reading; it is told once")
}

// What was asked for beforehand and lasts longer does not hide that it did not
// help.
func TestTreatedReplacesASnoozeOfTheLow(t *testing.T) {
	r := newRig(t, time.Minute)
	r.read(60)
	r.answers(Answer{SnoozeFor, Low, time.Hour}, Answer{Treated, Low, 0})
	require.Equal(t, []Snooze{{Low, noon.Add(15 * time.Minute)}}, r.e.Snoozes(r.now))
	require.Equal(t, noon.Add(15*time.Minute), r.e.Standing(r.now)[0].TreatedUntil)
	require.Equal(t, "low still", said(r.feed(flat(60, 15)...)))
	require.Zero(t, r.e.Standing(r.now)[0].TreatedUntil)
}

func TestTreatedNeverSilencesAnUrgentLow(t *testing.T) {
	t.Run("that comes", func(t *testing.T) {
		r := treatedLow(t)
		require.Equal(t, "urgent_low worse", said(r.feed(53)))
		require.Equal(t, "urgent_low repeat", said(r.feed(flat(53, 5)...)), "nor its fast repeats")
	})
	t.Run("that stands: it counts as seen, no more", func(t *testing.T) {
		r := newRig(t, time.Minute)
		r.read(50)
		r.answers(Answer{Kind: Treated})
		r.log = nil
		r.feed(flat(50, 31)...)
		require.Equal(t, []string{"15 urgent_low repeat", "30 urgent_low repeat"}, times(r.log, noon))
	})
	t.Run("the button of an old low says nothing of it", func(t *testing.T) {
		r := newRig(t, time.Minute)
		r.feed(60, 50)
		r.answers(Answer{Treated, Low, 0})
		require.Equal(t, "urgent_low repeat", said(r.feed(flat(50, 5)...)))
	})
}

func TestTreatedIsCancelledByRecovery(t *testing.T) {
	r := newRig(t, time.Minute)
	r.read(60)
	r.feed(flat(75, 10)...)
	r.answers(Answer{Treated, Low, 0})
	r.feed(flat(75, 4)...)
	require.Len(t, r.e.Snoozes(r.now), 1)
	r.feed(75)
	require.Empty(t, r.e.Snoozes(r.now), "15 minutes within the limit")
	require.Equal(t, "low first", said(r.feed(68)), "the next low is another one")
}

func TestTreatedAheadOfTheLow(t *testing.T) {
	r := fall(t) // 73
	start := r.now
	r.answers(Answer{Treated, LowSoon, 0})
	r.feed(69, 67, 66, 66)
	require.Equal(t, []string{"15 low still"}, times(r.log, start))

	t.Run("cancelled when nothing came of it", func(t *testing.T) {
		r := fall(t)
		r.feed(74, 75, 76, 77, 78)
		r.answers(Answer{Treated, LowSoon, 0})
		r.feed(79)
		require.Nil(t, r.e.find(LowSoon))
		require.Empty(t, r.e.Snoozes(r.now))
	})
}

func TestTreatedWithoutALowAsksForNothing(t *testing.T) {
	for _, a := range []Answer{{Kind: Treated}, {Kind: Treated, Alarm: Low}, {Kind: Treated, Alarm: High}} {
		r := newRig(t, 5*time.Minute)
		r.feed(260, 260, 240, 220, 200, 180)
		r.answers(a)
		require.Empty(t, r.e.Snoozes(r.now))
		require.Equal(t, "low first", said(r.feed(69)))
	}
}

func TestTreatedOnSlowerFeeds(t *testing.T) {
	for _, cadence := range []time.Duration{5 * time.Minute, 15 * time.Minute} {
		r := newRig(t, cadence)
		r.read(60)
		r.until(noon.Add(2 * time.Minute))
		r.answers(Answer{Kind: Treated})
		r.log = nil
		for at := noon.Add(cadence); at.Before(noon.Add(20 * time.Minute)); at = at.Add(cadence) {
			r.until(at)
			r.read(60)
		}
		r.until(noon.Add(20*time.Minute - 1))
		require.Equal(t, []string{"17 low still"}, times(r.log, noon), "with the reading that came meanwhile")
	}
	t.Run("not without a newer reading", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.read(60)
		r.answers(Answer{Kind: Treated})
		require.Empty(t, said(r.pass(16*time.Minute)))
		require.Equal(t, "low still", said(r.read(60)))
	})
}

func TestTreatedSurvivesARestartAndCanBeTakenBack(t *testing.T) {
	r := treatedLow(t)
	r.restart = true
	require.Equal(t, "low still", said(r.feed(flat(60, 15)...)))

	r = treatedLow(t)
	r.answers(Answer{Kind: TakeBack})
	require.Empty(t, r.e.Snoozes(r.now))
	require.Empty(t, said(r.feed(flat(60, 20)...)))
	require.Equal(t, "low repeat", said(r.feed(flat(60, 10)...)), "the usual half hour")
}

func TestTreatedTwice(t *testing.T) {
	r := treatedLow(t)
	r.feed(flat(60, 10)...)
	r.answers(Answer{Treated, Low, 0})
	r.feed(flat(60, 20)...)
	require.Equal(t, []string{"25 low still"}, times(r.log, noon), "15 minutes from the last time")
}

// An alarm that did not arrive is tried again, and still says why.
func TestFailedTreatmentThatCouldNotBeShown(t *testing.T) {
	r := treatedLow(t)
	r.err = "refused"
	r.feed(flat(60, 15)...)
	r.err = ""
	got := r.pass(30 * time.Second)
	require.Equal(t, "low undelivered", said(got))
	require.False(t, got[0].Treated.IsZero())
}

// A quiet that lasts longer than a fresh one could is damage, and is not kept.
func TestTreatedFromADamagedState(t *testing.T) {
	for until, want := range map[string]string{"12:15:17": "", "12:15:18": "low repeat"} {
		var st State
		require.NoError(t, json.Unmarshal([]byte(`{"version":1,"snoozes":[{"kind":"low","until":"2026-03-02T`+until+`Z","bound":true,
			"treated":{"at":"2026-03-02T12:00:17Z","reading":"2026-03-02T12:00:00Z","value":60}}],
			"episodes":[{"kind":"low","since":"2026-03-02T11:00:00Z","said":1,"said_at":"2026-03-02T11:20:00Z","due":true}]}`), &st))
		r := &rig{t: t, e: New(DefaultConfig(), st), now: noon, cadence: time.Minute}
		require.Equal(t, want, said(r.read(60)), until)
	}
}
