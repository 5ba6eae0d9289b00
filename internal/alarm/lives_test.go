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

// messages is what the book knows of the messages of a kind.
type messages struct {
	said     time.Time // reading of the last message that arrived, or was answered
	tried    time.Time // last attempt, by the clock
	answered bool      // since this episode's first message
	snoozed  time.Time // end of the longest silence that was asked for
}

// attempt takes note of a message.
func (m *messages) attempt(d Decision, arrived bool) {
	m.tried = d.Time
	if d.Repeat == 0 && d.Reason != Undelivered {
		m.answered = false
	}
	if arrived {
		m.said = d.Reading.Time
	}
}

// seen takes note of an answer: a message that could not be shown has been
// seen in the menu.
func (m *messages) seen(at, judged time.Time) {
	m.answered = true
	switch {
	case at.Sub(m.tried) > forgetAfter:
	case judged.After(m.said):
		m.said = judged
	case m.said.IsZero():
		m.said = at
	}
}

func (m *messages) silence(until time.Time) {
	if until.After(m.snoozed) {
		m.snoozed = until
	}
}

// lowBook watches over the promise above all: a low, and more so an urgent
// one, is not kept silent for longer than its rules allow, whatever happens.
// It knows nothing of the engine's state.
type lowBook struct {
	t       *testing.T
	r       *rig
	judged  time.Time // newest reading that counts
	values  []glucose.MgDL
	checked int

	urgent, low, soon messages

	off   time.Time // another carer is on until then
	deep  time.Time // by the clock: the first of the urgent readings that go on; zero for none
	fresh time.Time // by the clock: of the last reading that counted
}

// take hands in a reading and holds what the engine says against the rules.
func (b *lowBook) take(x glucose.Reading) {
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
	off, held := r.now.Before(b.off), b.dive(v)
	b.values = append(b.values, v)
	heard := func(kinds ...Kind) bool {
		return slices.ContainsFunc(r.log[from:], func(d Decision) bool { return d.Say && slices.Contains(kinds, d.Kind) })
	}
	excused := func(m *messages) bool { // the user's own wish, or delivery is at it
		return r.now.Before(m.snoozed) || r.now.Sub(m.tried) <= retryAfter[len(retryAfter)-1]+answerBound
	}
	rule := r.e.cfg.UrgentLow
	if v < rule.Limit && !heard(UrgentLow) && !excused(&b.urgent) && !held {
		since := x.Time.Sub(b.urgent.said)
		switch {
		case b.urgent.said.IsZero() || gap:
			require.Fail(b.t, "an urgent low was not said", "at %s", r.now)
		case !b.urgent.answered:
			require.Less(b.t, since, rule.Unanswered, "urgent low, unanswered, at %s", r.now)
		case b.falls():
			require.Less(b.t, since, rule.Repeat, "urgent low, it falls, at %s", r.now)
		default:
			require.Less(b.t, since, rule.AtLatest, "urgent low, at %s", r.now)
		}
	}
	if limit, _ := r.e.cfg.LimitsAt(r.now); v < limit && r.e.cfg.Low.On {
		b.checked++
		rule := r.e.cfg.Low
		foretold := !gap && x.Time.Sub(b.soon.said) < rule.AtLatest // and answered, it may stand in
		if !heard(Low, UrgentLow) && !excused(&b.low) && !foretold && !off {
			require.False(b.t, b.low.said.IsZero() || gap, "a low was not said, at %s", r.now)
			require.Less(b.t, x.Time.Sub(b.low.said), rule.AtLatest, "low, at %s", r.now)
		}
	}
}

// dive follows an urgent low and reports whether it may be silent because
// another carer is on: for the time that is set, from its first reading,
// whatever is missing or restarted in between.
func (b *lowBook) dive(v glucose.MgDL) bool {
	now, rule := b.r.now, b.r.e.cfg
	if v >= rule.UrgentLow.Limit || now.Sub(b.fresh) >= forgetAfter-maxAge(15*time.Minute) {
		b.deep = time.Time{}
	}
	b.fresh = now
	if v < rule.UrgentLow.Limit && b.deep.IsZero() {
		b.deep = now
	}
	return now.Before(b.off) && now.Sub(b.deep) < rule.OffDuty.UrgentLow
}

// falls reports whether the last readings leave no doubt that it is not rising.
func (b *lowBook) falls() bool {
	n := len(b.values)
	return n > 25 && slices.IsSortedFunc(b.values[n-25:], func(a, b glucose.MgDL) int { return int(b) - int(a) })
}

// see takes note of the messages from an index of the log on.
func (b *lowBook) see(from int) {
	for _, d := range b.r.log[from:] {
		if !d.Say {
			continue
		}
		seen := b.r.answer && !b.r.hang // and all that stands with it
		arrived := b.r.err == "" && !b.r.hang || seen
		if d.Kind.byValue() {
			require.LessOrEqual(b.t, d.Time.Sub(d.Reading.Time), maxAge(15*time.Minute), "an old reading")
			require.LessOrEqual(b.t, d.Reading.Time.Sub(d.Time), maxAhead, "a future reading")
			require.True(b.t, d.Reading.Plausible())
		}
		switch d.Kind {
		case UrgentLow:
			b.urgent.attempt(d, arrived)
			b.low.attempt(d, arrived)
		case Low:
			b.low.attempt(d, arrived)
		case LowSoon:
			b.soon.attempt(d, arrived)
		}
		if seen {
			b.seen(d.Time)
		}
	}
}

func (b *lowBook) all() []*messages { return []*messages{&b.urgent, &b.low, &b.soon} }

func (b *lowBook) seen(at time.Time) {
	for _, m := range b.all() {
		m.seen(at, b.judged)
	}
}

// pass lets time pass.
func (b *lowBook) pass(d time.Duration) {
	from := len(b.r.log)
	b.r.pass(d)
	b.see(from)
}

// step is a step without a reading.
func (b *lowBook) step(in Input) {
	from := len(b.r.log)
	b.r.step(in)
	b.see(from)
}

func (b *lowBook) answer(a Answer) {
	now := b.r.now
	if a.Kind != TakeBack {
		b.seen(now)
	}
	switch {
	case a.Kind == Treated:
		b.low.silence(now.Add(treatedFor))
	case a.Kind != SnoozeFor:
	case a.Alarm == UrgentLow || a.Alarm == "":
		b.urgent.silence(now.Add(min(a.For, 30*time.Minute)))
		b.low.silence(now.Add(min(a.For, time.Hour)))
	case a.Alarm == Low:
		b.low.silence(now.Add(min(a.For, time.Hour)))
	}
	from := len(b.r.log)
	b.r.answers(a)
	b.see(from)
}

// duty hands over for a while, or takes the duty back.
func (b *lowBook) duty(d time.Duration) {
	b.off = b.r.now.Add(min(d, LongestOff))
	b.step(Input{Duty: &Duty{Until: b.r.now.Add(d)}})
}

// clock sets the computer's clock.
func (b *lowBook) clock(by time.Duration) {
	r := b.r
	r.now, r.newest = r.now.Add(by), time.Time{}
	if by < 0 {
		b.off = b.off.Add(by + 10*time.Minute)
	}
	b.deep = time.Time{} // counted anew at the latest
	for _, m := range b.all() {
		if by < 0 {
			// A restart knows when it was to 10 minutes only.
			m.snoozed, m.tried = m.snoozed.Add(by+10*time.Minute), m.tried.Add(by)
		}
		if b.judged.After(r.now.Add(maxAhead)) {
			m.said = time.Time{} // by the old clock
		}
	}
	if b.judged.After(r.now.Add(maxAhead)) {
		b.judged = time.Time{}
	}
	b.step(Input{})
}

// anyConfig is any configuration that is allowed.
func anyConfig(t testing.TB, pick func(n int) int) Config {
	c := DefaultConfig()
	c.UrgentLow.Limit = glucose.MgDL(50 + pick(16))
	c.UrgentLow.Unanswered = time.Duration(1+pick(5)) * time.Minute
	c.UrgentLow.Repeat = time.Duration(5+pick(11)) * time.Minute
	c.UrgentLow.AtLatest = c.UrgentLow.Repeat + time.Duration(pick(45))*time.Minute
	c.Low.Limit = c.UrgentLow.Limit + 10 + glucose.MgDL(pick(25))
	c.OffDuty.UrgentLow = time.Duration(5+pick(26)) * time.Minute
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
	b := &lowBook{t: t, r: r}
	value := 60
	for range steps {
		switch op := pick(44); {
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
			b.step(Input{Resumed: pick(2) > 0})
		case op == 34: // the clock is set
			b.clock(time.Duration(pick(241)-120) * time.Minute)
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
		case op < 42:
			b.duty(time.Duration(pick(30*60)) * time.Minute)
		case op == 42:
			b.duty(0)
		case op == 43:
			b.step(Input{Passings: []Passing{{Above: pick(2) > 0, Limit: glucose.MgDL(pick(120))}}})
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
	require.Zero(t, r.e.OffUntil(r.now))
	require.Empty(t, r.e.Passings(r.now))
	return b.checked
}

func TestLowsAreNeverSilencedForLonger(t *testing.T) {
	checked := 0
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 5))
		if !t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) { checked += live(t, 300, rnd.IntN) }) {
			break
		}
	}
	require.Greater(t, checked, 10000, "the lives must hold something to see")
}

func FuzzLows(f *testing.F) {
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
