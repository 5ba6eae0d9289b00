package alarm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func (r *rig) answers(a ...Answer) []Decision { return r.step(Input{Answers: a}) }

func TestSnoozeLengths(t *testing.T) {
	require.NoError(t, UrgentLow.CheckSnooze(15*time.Minute))
	require.EqualError(t, UrgentLow.CheckSnooze(31*time.Minute), `"Urgent low" can be snoozed for at most 30 min`)
	require.EqualError(t, High.CheckSnooze(time.Second), `"High" can be snoozed for 1 min or longer`)
	require.Error(t, NeedsYou.CheckSnooze(time.Hour))
	require.Empty(t, NeedsYou.SnoozeLengths())
	require.EqualError(t, SensorEnds.CheckSnooze(time.Hour), `"Sensor ends" cannot be snoozed: it ends when you have done what it asks for`)

	r := newRig(t, time.Minute)
	r.answers(Answer{SnoozeFor, UrgentLow, 10 * time.Hour}, Answer{SnoozeFor, NeedsYou, time.Hour}, Answer{SnoozeFor, High, -time.Hour})
	require.Equal(t, []Snooze{{UrgentLow, noon.Add(30 * time.Minute)}}, r.e.Snoozes(r.now), "cut to the longest allowed")
}

// A snooze ends to the nanosecond, and what it held back is said then, if the
// reading is fresh and was never said.
func TestSnoozeEnds(t *testing.T) {
	r := newRig(t, time.Minute)
	r.answers(Answer{SnoozeFor, UrgentLow, 15 * time.Minute})
	require.Equal(t, "-urgent_low snoozed, -low covered", all(r.feed(flat(50, 14)...)))
	r.until(noon.Add(15*time.Minute - 1))
	require.Empty(t, r.step(Input{}))
	require.Len(t, r.e.Snoozes(r.now), 1)
	require.Equal(t, noon.Add(15*time.Minute), r.wake)
	require.Equal(t, "urgent_low first", said(r.until(r.wake)))
	require.Empty(t, r.e.Snoozes(r.now))
}

func TestSnoozeNeverReRaisesWithoutAReading(t *testing.T) {
	r := newRig(t, time.Minute)
	r.read(65)
	r.answers(Answer{SnoozeFor, Low, 15 * time.Minute})
	require.Empty(t, said(r.answers(Answer{Kind: TakeBack})))
	require.Empty(t, said(r.pass(15*time.Minute)))
}

func TestSnoozeCovers(t *testing.T) {
	t.Run("milder on the same side", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.answers(Answer{SnoozeFor, UrgentLow, 30 * time.Minute})
		require.Equal(t, "-low snoozed", all(r.feed(65)))
	})
	t.Run("not worse", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.read(65)
		r.answers(Answer{Kind: SnoozeFor, For: time.Hour})
		require.Empty(t, said(r.feed(60, 60, 60, 60, 60, 60, 60)))
		require.Equal(t, "urgent_low worse", said(r.feed(53)))
	})
	t.Run("whatever stands", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.read(50)
		r.answers(Answer{Kind: SnoozeFor, For: time.Hour})
		require.Equal(t, []Snooze{{UrgentLow, noon.Add(30 * time.Minute)}}, r.e.Snoozes(r.now))
	})
	t.Run("nothing stands", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.read(100)
		r.answers(Answer{Kind: SnoozeFor, For: time.Hour})
		require.Empty(t, r.e.Snoozes(r.now))
	})
}

func TestSnoozeEndsWithItsEpisode(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.feed(65)
	r.answers(Answer{SnoozeFor, Low, time.Hour})
	r.feed(80, 80, 80)
	require.Empty(t, r.e.Snoozes(r.now))
	require.Equal(t, "low first", said(r.feed(65)))

	t.Run("what is left of an urgent low's covers the low, and not the next urgent low", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.feed(50)
		r.answers(Answer{SnoozeFor, UrgentLow, 30 * time.Minute})
		until := r.e.Snoozes(r.now)[0].Until
		require.Empty(t, said(r.feed(56, 56, 56)))
		require.Equal(t, []Snooze{{Low, until}}, r.e.Snoozes(r.now))
		require.Equal(t, "urgent_low worse", said(r.feed(52)))
	})
	t.Run("one asked for beforehand lasts its time", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.answers(Answer{SnoozeFor, High, 2 * time.Hour})
		require.Empty(t, said(r.feed(append(flat(300, 4), flat(200, 4)...)...)))
		require.Len(t, r.e.Snoozes(r.now), 1)
		require.Empty(t, said(r.feed(flat(300, 10)...)))
	})
	t.Run("a gap does not end it", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.feed(65)
		r.answers(Answer{SnoozeFor, Low, time.Hour})
		r.pass(21 * time.Minute)
		require.Equal(t, "-low snoozed, xno_data cleared", all(r.read(65)))
		r.pass(21 * time.Minute)
		r.read(75)
		require.Len(t, r.e.Snoozes(r.now), 1)
		r.feed(75, 75)
		require.Empty(t, r.e.Snoozes(r.now), "15 minutes within the limit do")
	})
}

func TestTakeBack(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.answers(Answer{SnoozeFor, Low, time.Hour}, Answer{SnoozeFor, High, time.Hour})
	r.feed(65)
	require.Equal(t, "low first", said(r.answers(Answer{TakeBack, Low, 0})), "what it held back is said at once")
	require.Len(t, r.e.Snoozes(r.now), 1)
	r.answers(Answer{Kind: TakeBack})
	require.Empty(t, r.e.Snoozes(r.now))
	require.Empty(t, r.answers(Answer{Kind: TakeBack}), "twice does no harm")
}

func TestSeenCountsForItsClassAndMilder(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.feed(50)
	r.answers(Answer{Seen, Low, 0})
	require.True(t, r.e.find(UrgentLow).Answered.IsZero(), "the button of an old low says nothing of the urgent low")
	require.Equal(t, "urgent_low repeat", said(r.feed(50)))
	r.answers(Answer{Seen, UrgentLow, 0})
	require.Equal(t, r.now, r.e.Standing(r.now)[0].Answered)
	require.Empty(t, said(r.feed(50, 50)))
}

func TestAnswerWords(t *testing.T) {
	require.Equal(t, "seen", Answer{Kind: Seen}.Words())
	require.Equal(t, "snoozed for 1 h 30 min", Answer{SnoozeFor, Low, 90 * time.Minute}.Words())
	require.Equal(t, "treated", Answer{Kind: Treated}.Words())
	require.Equal(t, "snooze taken back", Answer{Kind: TakeBack}.Words())
}

// A message that was never shown, and is no longer true when it is answered,
// is not what the next dip says: that one is unanswered, and repeated so.
func TestAnsweredBeforeItWasSaid(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.err = "refused"
	r.feed(50, 56) // the value came back before the desktop did
	r.answers(Answer{Kind: Seen})
	r.err = ""
	start := r.now
	require.Equal(t, "urgent_low worse, urgent_low repeat, urgent_low repeat", said(r.feed(53, 52, 51)), "each 5 min until answered")
	require.Equal(t, start.Add(5*time.Minute), r.e.find(UrgentLow).Raised, "and it escalates from then on")
}
