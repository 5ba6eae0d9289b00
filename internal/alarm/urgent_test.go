package alarm

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// urgentBook watches over the one promise above all: an urgent low is not kept
// silent for longer than its rules allow, whatever happens. It knows nothing
// of the engine's state.
type urgentBook struct {
	t        *testing.T
	r        *rig
	judged   time.Time // newest reading that counts
	values   []glucose.MgDL
	said     time.Time // reading of the last message that arrived, or was answered
	tried    time.Time // last attempt, by the clock
	answered bool      // since this episode's first message
	snoozed  time.Time // end of the longest snooze that was asked for
	checked  int
}

// take hands in a reading and holds what the engine says against the rules.
func (b *urgentBook) take(x glucose.Reading) {
	r := b.r
	counts := x.Plausible() && x.Origin == glucose.Live && !x.Time.After(r.now.Add(maxAhead)) && x.Time.After(b.judged)
	fresh := counts && r.now.Sub(x.Time) <= maxAge(r.cadence)
	gap := !b.judged.IsZero() && x.Time.Sub(b.judged) > gapAfter(r.cadence)
	from := len(r.log)
	r.take(x)
	b.see(from)
	if counts {
		b.judged = x.Time
	}
	if !fresh {
		return
	}
	v := pointOf(x).Value
	b.values = append(b.values, v)
	rule := r.e.cfg.UrgentLow
	if v >= rule.Limit {
		return
	}
	b.checked++
	switch since := x.Time.Sub(b.said); {
	case said(r.log[from:]) != "" && slices.ContainsFunc(r.log[from:], func(d Decision) bool { return d.Say && d.Kind == UrgentLow }):
	case r.now.Before(b.snoozed): // the user's own wish, never above half an hour
	case r.now.Sub(b.tried) <= retryAfter[len(retryAfter)-1]+answerBound: // delivery is at it
	case b.said.IsZero() || gap:
		require.Fail(b.t, "an urgent low was not said", "at %s", r.now)
	case !b.answered:
		require.Less(b.t, since, max(rule.Unanswered, time.Minute), "unanswered, at %s", r.now)
	case b.falls():
		require.Less(b.t, since, rule.Repeat, "it falls, at %s", r.now)
	default:
		require.Less(b.t, since, rule.AtLatest, "at %s", r.now)
	}
}

// falls reports whether the last readings leave no doubt that it is not rising.
func (b *urgentBook) falls() bool {
	n := len(b.values)
	return n > 25 && slices.IsSortedFunc(b.values[n-25:], func(a, b glucose.MgDL) int { return int(b) - int(a) })
}

// see takes note of the messages from an index of the log on.
func (b *urgentBook) see(from int) {
	for _, d := range b.r.log[from:] {
		if d.Kind.byValue() && d.Say {
			require.LessOrEqual(b.t, d.Time.Sub(d.Reading.Time), maxAge(15*time.Minute), "an old reading")
			require.LessOrEqual(b.t, d.Reading.Time.Sub(d.Time), maxAhead, "a future reading")
			require.True(b.t, d.Reading.Plausible())
		}
		seen := d.Say && b.r.answer && !b.r.hang // and all that stands with it
		b.answered = b.answered || seen
		if seen {
			b.seen(d.Time)
		}
		if !d.Say || d.Kind != UrgentLow {
			continue
		}
		b.tried = d.Time
		if d.Repeat == 0 && d.Reason != Undelivered {
			b.answered = false
		}
		if b.r.err == "" && !b.r.hang || seen {
			b.said = d.Reading.Time
		}
		b.answered = b.answered || seen
	}
}

// seen takes note of an answer: a message that could not be shown has been
// seen in the menu.
func (b *urgentBook) seen(at time.Time) {
	if at.Sub(b.tried) > backFor {
		return
	}
	if b.judged.After(b.said) {
		b.said = b.judged
	} else if b.said.IsZero() {
		b.said = at
	}
}

// pass lets time pass.
func (b *urgentBook) pass(d time.Duration) {
	from := len(b.r.log)
	b.r.pass(d)
	b.see(from)
}

func (b *urgentBook) answer(a Answer) {
	if a.Kind != TakeBack {
		b.answered = true
		b.seen(b.r.now)
	}
	if a.Kind == SnoozeFor && (a.Alarm == UrgentLow || a.Alarm == "") {
		until := b.r.now.Add(min(a.For, 30*time.Minute))
		if until.After(b.snoozed) {
			b.snoozed = until
		}
	}
	from := len(b.r.log)
	b.r.answers(a)
	b.see(from)
}

// anyConfig is any configuration that is allowed.
func anyConfig(t testing.TB, pick func(n int) int) Config {
	c := DefaultConfig()
	c.UrgentLow.Limit = glucose.MgDL(50 + pick(16))
	c.UrgentLow.Unanswered = time.Duration(1+pick(5)) * time.Minute
	c.UrgentLow.Repeat = time.Duration(5+pick(11)) * time.Minute
	c.UrgentLow.AtLatest = c.UrgentLow.Repeat + time.Duration(pick(45))*time.Minute
	c.Low.Limit = c.UrgentLow.Limit + 10 + glucose.MgDL(pick(25))
	c.Low.On, c.LowSoon.On, c.High.On = pick(3) > 0, pick(3) > 0, pick(2) > 0
	c.UrgentHigh.On, c.FallingFast.On, c.RisingFast.On = pick(2) > 0, pick(2) > 0, pick(2) > 0
	for range pick(3) {
		from := ClockTime(pick(24 * 60))
		c.Quiet = append(c.Quiet, Window{
			Name: ByNight, From: from, To: (from + 1 + ClockTime(pick(12*60))) % (24 * 60), Hold: pick(2) > 0,
			Low: c.UrgentLow.Limit + 10 + glucose.MgDL(pick(25)), High: glucose.MgDL(120 + pick(170)),
		})
	}
	require.NoError(t, c.Validate())
	return c
}

// live plays a life that is decided by pick, which returns any number below
// its argument.
func live(t *testing.T, steps int, pick func(n int) int) (checked int) {
	r := newRig(t, time.Minute)
	b := &urgentBook{t: t, r: r}
	value := 60
	for range steps {
		switch op := pick(40); {
		case op < 22: // the sensor goes on
			b.pass(r.cadence)
			value = min(max(value+pick(9)-4, 36), 90)
			b.take(glucose.Reading{Time: r.now, Value: glucose.MgDL(value), Limit: []glucose.Limit{glucose.LimitNone, glucose.LimitLow, glucose.LimitHigh}[max(0, pick(40)-37)]})
		case op < 24:
			value = 36 + pick(100)
		case op == 24:
			b.pass(time.Duration(pick(90)) * time.Minute)
		case op == 25: // late, twice, ahead, from history, nothing
			x := glucose.Reading{Time: r.now.Add(time.Duration(pick(40)-25) * time.Minute), Value: glucose.MgDL(value)}
			switch pick(4) {
			case 0:
				x.Origin = glucose.Graph
			case 1:
				x.Value = 0
			}
			b.take(x)
			b.take(x)
		case op == 26:
			b.answer(Answer{SnoozeFor, append(Kinds(), "")[pick(len(Kinds())+1)], time.Duration(1+pick(200)) * time.Minute})
		case op < 29:
			b.answer(Answer{Kind: Seen, Alarm: []Kind{"", Low, UrgentLow, LowSoon}[pick(4)]})
		case op == 29:
			b.answer(Answer{Kind: Treated, Alarm: []Kind{"", Low, UrgentLow}[pick(3)]})
		case op == 30:
			b.answer(Answer{Kind: TakeBack})
		case op == 31: // the desktop refuses, hangs, works
			r.err, r.hang = []string{"", "refused"}[pick(2)], pick(4) == 0
		case op == 32:
			r.err, r.hang = "", false
		case op == 33:
			r.e = reborn(t, r.e)
			from := len(r.log)
			r.step(Input{Resumed: pick(2) > 0})
			b.see(from)
		case op == 34: // the clock is set
			by := time.Duration(pick(241)-120) * time.Minute
			r.now = r.now.Add(by)
			if by < 0 {
				b.snoozed, b.tried = b.snoozed.Add(by), b.tried.Add(by)
			}
			r.newest = time.Time{}
			if b.judged.After(r.now.Add(maxAhead)) {
				b.judged, b.said = time.Time{}, time.Time{} // by the old clock
			}
			from := len(r.log)
			r.step(Input{})
			b.see(from)
		case op == 35:
			r.now = r.now.In(time.FixedZone("", (pick(27)-12)*3600))
		case op == 36:
			r.cadence = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute}[pick(3)]
		case op == 37:
			r.e.SetConfig(anyConfig(t, pick))
		case op == 38:
			r.answer = pick(3) == 0
		case op == 39:
			r.fault = []*glucose.Fault{nil, refused(), {Kind: glucose.Offline}}[pick(3)]
		}
	}
	// Every episode ends by itself.
	r.fault, r.err, r.hang = nil, "", false
	r.pass(r.cadence)
	for range 60 {
		r.feed(110)
	}
	for _, st := range r.e.Standing(r.now) {
		require.NotEqual(t, lowSide, st.Kind.trait().side, "%s stands for ever", st.Kind)
		require.NotEqual(t, highSide, st.Kind.trait().side, "%s stands for ever", st.Kind)
	}
	r.pass(48 * time.Hour)
	require.Empty(t, r.e.Standing(r.now))
	require.Empty(t, r.e.Snoozes(r.now))
	return b.checked
}

func TestUrgentLowIsNeverSilencedForLonger(t *testing.T) {
	checked := 0
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 5))
		if !t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) { checked += live(t, 300, rnd.IntN) }) {
			break
		}
	}
	require.Greater(t, checked, 5000, "the lives must hold something to see")
}

func FuzzUrgentLow(f *testing.F) {
	f.Add([]byte("a low that is treated, then a restart, and the clock is set back"))
	f.Fuzz(func(t *testing.T, b []byte) {
		i := 0
		live(t, min(len(b), 400), func(n int) int {
			if i >= len(b) {
				return 0
			}
			i++
			return int(b[i-1]) % n
		})
	})
}
