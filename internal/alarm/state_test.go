package alarm

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// A program that is started anew before every single step decides the same as
// long as messages arrive: whatever is under way survives in the state.
func TestStateSurvivesEveryStep(t *testing.T) {
	for seed := range uint64(12) {
		whole, broken := play(t, seed, false, true), play(t, seed, true, true)
		require.NotEmpty(t, said(whole))
		require.Equal(t, describe(t, whole), describe(t, broken), "seed %d", seed)
	}
}

// play is two days of everything that can happen; arrive keeps messages from
// getting lost.
func play(t testing.TB, seed uint64, restart, arrive bool) []Decision {
	rnd := rand.New(rand.NewPCG(seed, 1))
	r := newRig(t, []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute}[seed%3])
	if seed%2 == 1 {
		r.e.SetConfig(everything(t, seed))
	}
	r.restart = restart
	w := walk{rnd: rnd, value: 120}
	for end := noon.Add(48 * time.Hour); r.now.Before(end); {
		r.answer, r.err, r.hang, r.fault = rnd.IntN(2) == 0, "", !arrive && rnd.IntN(20) == 0, nil
		if !arrive && rnd.IntN(10) == 0 {
			r.err = "no notification service"
		}
		if rnd.IntN(30) == 0 {
			r.fault = &glucose.Fault{Kind: []glucose.FaultKind{glucose.WrongPassword, glucose.Offline, glucose.Terms}[rnd.IntN(3)]}
		}
		switch rnd.IntN(60) {
		case 0:
			r.pass(time.Duration(rnd.IntN(90)) * time.Minute)
		case 1:
			k := Kinds()[rnd.IntN(len(Kinds()))]
			r.answers(Answer{SnoozeFor, k, time.Duration(rnd.IntN(90)) * time.Minute})
		case 2:
			r.answers(Answer{Kind: TakeBack})
		case 3, 4:
			r.answers(Answer{Kind: Treated})
		}
		r.feed(w.next(r.cadence))
	}
	return r.log
}

// What did not arrive before a restart is tried at once, and then as if it were
// new: the desktop may be about to start, too.
func TestRestartTriesAtOnce(t *testing.T) {
	for _, hang := range []bool{false, true} {
		r := newRig(t, time.Minute)
		r.err, r.hang = "refused", hang
		r.feed(50)
		r.pass(3 * time.Minute)
		r.step(Input{})
		r.e, r.hang, r.log = reborn(t, r.e), false, nil
		start := r.now
		r.step(Input{})
		r.pass(time.Minute)
		var after []time.Duration
		for _, d := range r.log {
			require.Equal(t, "urgent_low undelivered", said([]Decision{d}))
			after = append(after, d.Time.Sub(start))
		}
		require.Equal(t, []time.Duration{0, 5 * time.Second, 20 * time.Second, 50 * time.Second}, after, "hang %v", hang)
		r.e, r.err, r.log = reborn(t, r.e), "", nil
		require.Equal(t, "urgent_low undelivered", said(r.step(Input{})))
		require.Empty(t, said(r.pass(3*time.Minute)), "it has arrived")
	}
}

func describe(t testing.TB, ds []Decision) string {
	b, err := json.MarshalIndent(ds, "", " ")
	require.NoError(t, err)
	return string(b)
}

func TestStateDoesNotChangeWhenNothingHappens(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.feed(100)
	before := r.e.State()
	r.pass(time.Minute)
	r.step(Input{})
	require.Equal(t, before, r.e.State(), "or every poll would write the file")
}

func TestStateIsACopy(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.hang = true
	r.feed(65)
	st := r.e.State()
	before, err := json.Marshal(st)
	require.NoError(t, err)
	r.hang = false
	r.feed(65, 50)
	r.answers(Answer{SnoozeFor, UrgentLow, 15 * time.Minute})
	after, err := json.Marshal(st)
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))
}

func TestStateOnDoubtIsEmpty(t *testing.T) {
	for _, s := range []string{
		`{}`, `null`, `[]`, `"x"`, `7`,
		`{"version":2,"snoozes":[{"kind":"urgent_low","until":"2026-03-02T12:20:00Z"}]}`,
		`{"version":1,"seq":-4}`,
		`{"version":1,"now":"no time"}`,
		`{"version":1,"episodes":"x"}`,
		`{"version":1,"episodes":[null,{"kind":"urgent_low","said":-1},{"kind":"nonsense"}]}`,
		`{"version":1,"snoozes":[{"kind":"needs_you","until":"2026-03-02T13:00:00Z"}]}`,
	} {
		var st State
		require.NoError(t, json.Unmarshal([]byte(s), &st), s)
		r := &rig{t: t, e: New(DefaultConfig(), st), now: noon, cadence: time.Minute}
		require.Equal(t, "urgent_low first, -low covered", all(r.read(50)), s)
	}
}

// Times in a state that lie in the future, by a clock that was wrong or by
// damage, silence nothing.
func TestStateFromTheFuture(t *testing.T) {
	far := `"2199-01-01T00:00:00Z"`
	var st State
	require.NoError(t, json.Unmarshal([]byte(`{"version":1,"watching":`+far+`,"quiet":`+far+`,"newest":`+far+`,"judged":`+far+`,
		"last":{"Time":`+far+`,"Value":50},"window":[{"t":`+far+`,"v":50}],
		"snoozes":[{"kind":"urgent_low","until":`+far+`}],
		"episodes":[{"kind":"urgent_low","since":`+far+`,"said":1,"said_at":`+far+`,"due":true},
			{"kind":"needs_you","fault":"wrong_password","since":`+far+`,"said":1,"said_at":`+far+`,"due":true},
			{"kind":"no_data","since":`+far+`,"said":1,"said_at":`+far+`,"due":true}]}`), &st))
	r := &rig{t: t, e: New(DefaultConfig(), st), now: noon, cadence: time.Minute}
	require.Equal(t, "urgent_low repeat", said(r.read(50)))
	r.fault = refused()
	r.step(Input{})
	require.Equal(t, "no_data first", said(slices.DeleteFunc(r.pass(40*time.Minute), func(d Decision) bool { return d.Kind != NoData })), "needs you covers the soft one")
	r.log = nil
	r.pass(3 * time.Hour)
	require.Contains(t, said(r.log), "needs_you repeat")
}

// A clock that is set back freezes nothing, and makes no snooze longer than
// it was.
func TestClockSetBack(t *testing.T) {
	r := newRig(t, time.Minute)
	r.feed(65)
	r.answers(Answer{SnoozeFor, Low, 30 * time.Minute})
	r.pass(10 * time.Minute)
	r.step(Input{})
	r.now, r.newest = r.now.Add(-5*time.Hour), time.Time{}
	require.Empty(t, said(r.read(64)), "snoozed")
	require.Equal(t, []Snooze{{Low, r.now.Add(20 * time.Minute)}}, r.e.Snoozes(r.now))
	require.Equal(t, "urgent_low worse", said(r.feed(50)))
	r.log = nil
	start := r.now
	r.pass(25 * time.Minute)
	require.Equal(t, []string{"20 no_data first"}, times(r.log, start))

	t.Run("needs you", func(t *testing.T) {
		r := newRig(t, time.Minute)
		r.fault = refused()
		r.step(Input{})
		r.pass(time.Hour)
		r.step(Input{})
		r.now = r.now.Add(-10 * time.Hour)
		start := r.now
		r.log = nil
		r.step(Input{})
		r.pass(3 * time.Hour)
		require.Contains(t, times(r.log, start), "120 needs_you repeat")
	})
	t.Run("a delivery under way", func(t *testing.T) {
		r := newRig(t, time.Minute)
		r.hang = true
		r.read(65)
		r.now = r.now.Add(-time.Minute)
		r.step(Input{})
		require.Equal(t, "-low undelivered", all(r.pass(answerBound)))
	})
}

// After the clock was set back, the reading an alarm was said with is dated by
// a clock that is gone: the next one is said.
func TestClockSetBackForgetsWhenItWasSaid(t *testing.T) {
	r := newRig(t, time.Minute)
	r.answer = true
	require.Equal(t, "urgent_low first", said(r.feed(50)))
	r.feed(52, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60)
	r.now, r.newest = r.now.Add(-9*time.Minute), time.Time{}
	require.Equal(t, "urgent_low repeat", said(r.feed(50)), "said 12 minutes ago, not 3")

	t.Run("of a message that is tried again", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.err = "refused"
		r.feed(50, 50, 50)
		r.now, r.newest = r.now.Add(-14*time.Minute), time.Time{}
		r.step(Input{})
		r.answers(Answer{Kind: Seen, Alarm: UrgentLow})
		require.False(t, r.e.find(UrgentLow).SaidAt.After(r.now), "said in the future")
	})
}

// What waits for its next try is tried at once when the clock was set back: how
// long ago the last one was is known to the last step only.
func TestClockSetBackTriesAtOnce(t *testing.T) {
	r := newRig(t, time.Minute)
	r.fault, r.err = refused(), "refused"
	r.step(Input{})
	r.pass(10 * time.Minute)
	r.pass(50 * time.Second) // of the pause of a minute
	r.now, r.err, r.log = r.now.Add(-20*time.Minute), "", nil
	require.Equal(t, "needs_you undelivered", said(r.step(Input{})))
}

// A low that no desktop has taken is tried again also after the clock was set
// back, for as long as its reading is not too old in truth.
func TestClockSetBackWhileUndelivered(t *testing.T) {
	r := newRig(t, time.Minute)
	r.err = "refused"
	r.feed(50)
	r.pass(2 * time.Minute)
	r.now, r.newest = r.now.Add(-time.Hour), time.Time{}
	r.step(Input{})
	r.pass(5 * time.Minute)
	r.err, r.log = "", nil
	r.pass(time.Minute)
	require.Equal(t, "urgent_low undelivered", said(r.log))
	require.WithinDuration(t, noon.Add(time.Minute-time.Hour), r.log[0].Reading.Time, 10*time.Second, "the last try was 10 seconds before")

	t.Run("without a reading", func(t *testing.T) {
		r := newRig(t, time.Minute)
		r.take(glucose.Reading{Time: r.now.Add(-12 * time.Minute), Value: 50}) // too old to be judged
		r.now, r.newest = r.now.Add(-time.Hour), time.Time{}
		r.step(Input{})
		require.Nil(t, r.e.lastReading(), "none comes of it")
		require.Equal(t, r.now, r.e.m.lastValue())
	})
	t.Run("too old by now", func(t *testing.T) {
		r := newRig(t, time.Minute)
		r.err = "refused"
		r.feed(50)
		r.pass(9 * time.Minute)
		r.now, r.newest = r.now.Add(-time.Hour), time.Time{}
		r.step(Input{})
		r.pass(2 * time.Minute)
		r.err = ""
		require.Empty(t, said(r.pass(10*time.Minute)))
	})
	t.Run("and restarted", func(t *testing.T) {
		r := newRig(t, time.Minute)
		r.err = "refused"
		r.feed(50)
		r.pass(2 * time.Minute)
		r.now, r.newest, r.e = r.now.Add(-time.Hour), time.Time{}, reborn(t, r.e)
		r.step(Input{})
		r.err = ""
		require.Empty(t, said(r.pass(10*time.Minute)), "when that was is known to ten minutes only")
	})
}
