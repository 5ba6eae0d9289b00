package alarm

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// walk wanders between very low and very high, with momentum and noise.
type walk struct {
	rnd         *rand.Rand
	value, pace float64
}

func (w *walk) next(cadence time.Duration) glucose.MgDL {
	for range int(cadence / time.Minute) {
		w.pace = 0.97*w.pace + 0.35*w.rnd.NormFloat64() + (130-w.value)*0.0006
		w.value = min(max(w.value+w.pace, 38), 420)
	}
	return glucose.MgDL(w.value + 2*w.rnd.NormFloat64())
}

// watch holds the engine's messages against the rules, with books of its own.
type watch struct {
	t        *testing.T
	seed     uint64
	ids      map[string]bool
	said     map[Kind]time.Time // reading of the last message
	hours    []time.Time
	urgentAt time.Time // reading of the last message of this urgent low, zero when armed
	calm     time.Time // not urgent since
	last     time.Time
	answered bool
	seen     int // of the rig's log

	highFrom time.Time // without a reading at or below the limit since
	stillAt  time.Time // reading of the last still high
	meals    []time.Time
}

// beyondTheHigh holds the other kinds against their rules.
func (w *watch) beyondTheHigh(r *rig, ds []Decision, x glucose.Reading) {
	low, high := r.e.cfg.LimitsAt(r.now)
	require.Equal(w.t, [2]glucose.MgDL{low, high}, [2]glucose.MgDL{r.e.hours.low, r.e.hours.high})
	if x.Value <= high || x.Time.Sub(w.last) > gapAfter(r.cadence) {
		w.highFrom = time.Time{}
	}
	if x.Value > high && w.highFrom.IsZero() {
		w.highFrom = x.Time
	}
	for _, d := range ds {
		if !d.Say {
			continue
		}
		if k := d.Kind; k == High || k == SecondRise || k == FallingFast || k == RisingFast {
			holding, through := false, false
			for _, q := range InForce(r.e.cfg.Quiet, d.Time) {
				holding, through = holding || q.Hold, through || slices.Contains(q.Through, k)
			}
			require.False(w.t, holding && !through, "seed %d: %s said in quiet hours, %s", w.seed, k, d.Time)
		}
		switch d.Kind {
		case StillHigh, UrgentHigh: // heard when both are due, the worse stands in
			w.stillAt = d.Reading.Time
		case SecondRise:
			for _, at := range w.meals {
				require.False(w.t, at.Equal(d.Since), "seed %d: twice for one turn", w.seed)
			}
			w.meals = append(w.meals, d.Since)
			require.GreaterOrEqual(w.t, d.Reading.Value, climbFrom-10, "seed %d", w.seed)
			require.Positive(w.t, d.Trough)
		}
		require.True(w.t, d.Escalation == EscalateNone || d.Loud && !d.Raised.IsZero(), "seed %d: a soft one escalates", w.seed)
	}
	from := w.highFrom
	if w.stillAt.After(from) {
		from = w.stillAt
	}
	snoozed := slices.ContainsFunc(r.e.Snoozes(r.now), func(z Snooze) bool { return z.Kind.covers(StillHigh) })
	if !w.highFrom.IsZero() && !snoozed {
		require.Less(w.t, x.Time.Sub(from), r.e.cfg.StillHigh.After, "seed %d: high for longer, and nothing said", w.seed)
	}
}

func (w *watch) see(r *rig, x glucose.Reading) {
	urgent := false
	ds := r.log[w.seen:]
	w.seen = len(r.log)
	w.beyondTheHigh(r, ds, x)
	for _, d := range ds {
		if !d.Say {
			continue
		}
		require.NotEmpty(w.t, d.ID)
		if d.Reason != Undelivered {
			require.False(w.t, w.ids[d.ID], "seed %d: an ID twice", w.seed)
			w.ids[d.ID] = true
		}
		if d.Kind.byValue() {
			require.LessOrEqual(w.t, d.Time.Sub(d.Reading.Time), maxAge(r.cadence))
			require.NotEqual(w.t, w.said[d.Kind], d.Reading.Time, "seed %d: %s twice for one reading", w.seed, d.Kind)
			w.said[d.Kind] = d.Reading.Time
			w.hours = append(slices.DeleteFunc(w.hours, func(t time.Time) bool { return d.Time.Sub(t) >= time.Hour }), d.Time)
			require.LessOrEqual(w.t, len(w.hours), 16, "seed %d: too many in an hour", w.seed)
		}
		urgent = urgent || d.Kind == UrgentLow
		if d.Kind == UrgentLow && d.Reading.Time.Before(x.Time) {
			// At the end of a snooze, with the reading before this one.
			w.urgentAt, w.answered = d.Reading.Time, r.answer
		}
	}
	if x.Time.Sub(w.last) > gapAfter(r.cadence) {
		w.urgentAt = time.Time{}
	}
	w.last = x.Time
	if x.Value >= 54 {
		if w.calm.IsZero() {
			w.calm = x.Time
		}
		if x.Time.Sub(w.calm)+r.cadence >= backFor-slack {
			w.urgentAt = time.Time{}
		}
		return
	}
	w.calm = time.Time{}
	switch {
	case urgent:
		if w.urgentAt.IsZero() {
			w.answered = false
		}
		w.urgentAt = x.Time
		w.answered = w.answered || r.answer
	case slices.ContainsFunc(r.e.Snoozes(r.now), func(z Snooze) bool { return z.Kind == UrgentLow }):
	case w.urgentAt.IsZero():
		require.Fail(w.t, "an urgent low was not said", "seed %d at %s", w.seed, r.now)
	case w.answered:
		require.Less(w.t, x.Time.Sub(w.urgentAt), time.Hour, "seed %d", w.seed)
	default:
		require.Less(w.t, x.Time.Sub(w.urgentAt), 5*time.Minute, "seed %d", w.seed)
	}
}

// everything has all kinds switched on, and windows that meet, overlap and go
// across midnight.
func everything(t testing.TB, seed uint64) Config {
	c := DefaultConfig()
	c.UrgentHigh.On, c.FallingFast.On, c.RisingFast.On = true, true, true
	c.StillHigh.After = time.Duration(1+seed%6) * time.Hour
	c.Quiet = []Window{
		{Name: ByNight, From: 22 * 60, To: 6 * 60, Hold: true, Low: 80, High: 220},
		{Name: WhenOut, From: 5 * 60, To: 7 * 60, Hold: true, Through: []Kind{SecondRise}, Days: []time.Weekday{1, 3, 6}},
		{Name: ByDay, From: 12 * 60, To: 13 * 60, High: 180},
	}
	require.NoError(t, c.Validate())
	return c
}

func TestPropertiesOfRandomWeeks(t *testing.T) {
	urgents := 0
	for seed := range uint64(12) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		r := newRig(t, []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute}[seed%3])
		if seed%2 == 1 {
			r.e.SetConfig(everything(t, seed))
		}
		w := watch{t: t, seed: seed, ids: map[string]bool{}, said: map[Kind]time.Time{}}
		path := walk{rnd: rnd, value: 100}
		for end := noon.Add(7 * 24 * time.Hour); r.now.Before(end); {
			r.pass(r.cadence)
			switch rnd.IntN(150) {
			case 0: // away from the phone
				r.pass(time.Duration(rnd.IntN(120)) * time.Minute)
			case 1:
				k := []Kind{Low, High, NoData, UrgentLow, LowSoon, StillHigh, SecondRise, UrgentHigh}[rnd.IntN(8)]
				r.answers(Answer{SnoozeFor, k, time.Hour})
				w.answered = w.answered || k == UrgentLow // who asks for silence has heard it
			case 2:
				r.answers(Answer{Kind: Seen})
				w.answered = true
			case 4:
				k := []Kind{Low, ""}[rnd.IntN(2)]
				r.answers(Answer{Kind: Treated, Alarm: k})
				w.answered = w.answered || k == ""
			case 3: // what is no reading for us changes nothing
				x := glucose.Reading{Time: r.now, Value: 40}
				switch rnd.IntN(4) {
				case 0:
					x.Value = 0
				case 1:
					x.Origin = glucose.Graph
				case 2:
					x.Time = r.now.Add(6 * time.Minute)
				case 3:
					x.Time = w.last
				}
				require.Empty(t, said(r.step(Input{Reading: &x})))
			}
			r.answer = rnd.IntN(3) == 0
			x := glucose.Reading{Time: r.now, Value: path.next(r.cadence)}
			r.take(x)
			w.see(r, x)
		}
		for _, d := range r.log {
			if d.Say && d.Kind == UrgentLow {
				urgents++
			}
		}
		// Every episode ends, by itself.
		r.pass(r.cadence)
		r.feed(flat(120, 40)...)
		require.Empty(t, r.e.Standing(r.now), "seed %d", seed)
		r.pass(48 * time.Hour)
		require.Empty(t, r.e.Standing(r.now), "seed %d", seed)
	}
	require.Greater(t, urgents, 100, "the weeks must hold something to see")
}

func TestDeterministic(t *testing.T) {
	for seed := range uint64(3) {
		require.Equal(t, describe(t, play(t, seed, false, false)), describe(t, play(t, seed, false, false)))
	}
}

// FuzzStep plays any sequence of readings, times, answers, outcomes and
// restarts. Whatever came before, an urgent low after it is said.
func FuzzStep(f *testing.F) {
	f.Add([]byte{0, 50, 1, 0, 5, 0, 0, 49, 2, 1, 3, 0, 4, 3})
	f.Add([]byte{0, 255, 1, 5, 0, 255, 1, 30, 8, 200, 0, 40, 7, 0, 6, 1})
	f.Fuzz(func(t *testing.T, ops []byte) {
		r := newRig(t, time.Minute)
		if len(ops) > 400 {
			ops = ops[:400]
		}
		for i := 0; i+1 < len(ops); i += 2 {
			arg := ops[i+1]
			switch ops[i] % 10 {
			case 0:
				r.read(glucose.MgDL(arg) * 2)
			case 1:
				r.pass(time.Duration(arg) * time.Minute)
			case 2:
				x := glucose.Reading{Time: r.now.Add(time.Duration(int8(arg)) * time.Minute), Value: 50, Limit: glucose.Limit(arg % 3)}
				r.step(Input{Reading: &x})
			case 3:
				r.answers(Answer{SnoozeFor, Kinds()[int(arg)%len(Kinds())], time.Duration(arg) * time.Minute})
			case 4:
				r.answers(Answer{Kind: []AnswerKind{Seen, TakeBack, SnoozeFor, Treated, "?"}[arg%5], For: time.Hour})
			case 5:
				r.err, r.hang = "", arg%4 == 1
				if arg%4 == 2 {
					r.err = "refused"
				}
			case 6:
				r.fault = []*glucose.Fault{nil, refused(), {Kind: glucose.Offline}, {Kind: glucose.SignedOut}}[arg%4]
				if arg > 127 {
					r.step(Input{Sensor: &glucose.Sensor{Activated: r.now.Add(-time.Duration(arg) * 2 * time.Hour)}})
				}
			case 7:
				r.e = reborn(t, r.e)
				r.step(Input{Resumed: arg%2 == 0})
			case 8: // the clock is set
				r.now = r.now.Add(time.Duration(int8(arg)) * 7 * time.Minute)
				r.newest = time.Time{}
				r.step(Input{})
			case 9:
				r.cadence = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute}[arg%3]
				if arg > 127 {
					r.e.SetConfig(everything(t, uint64(arg)))
				}
			}
			for _, d := range r.log {
				if d.Say && d.Kind.byValue() {
					require.LessOrEqual(t, d.Time.Sub(d.Reading.Time), 15*time.Minute)
					require.LessOrEqual(t, d.Reading.Time.Sub(d.Time), maxAhead)
				}
			}
			r.log = nil
			for _, z := range r.e.Snoozes(r.now) {
				require.LessOrEqual(t, z.Until.Sub(r.now), z.Kind.longestSnooze())
			}
		}
		r.err, r.hang = "", false
		r.pass(8 * time.Hour)
		require.Empty(t, r.e.Snoozes(r.now))
		require.Equal(t, "urgent_low first", said(slices.DeleteFunc(r.read(40), func(d Decision) bool { return d.Kind != UrgentLow })))
	})
}
