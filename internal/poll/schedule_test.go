package poll

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

func TestSlowFeeds(t *testing.T) {
	for _, c := range []struct {
		step     time.Duration
		lo, hi   float64
		requests float64       // an hour at most
		late     time.Duration // on average at most
	}{
		{5 * time.Minute, 4, 20, 25, 9 * time.Second},
		{5 * time.Minute, 10, 12, 25, 3 * time.Second},
		{15 * time.Minute, 4, 20, 20, 12 * time.Second},
	} {
		const length = 72 * time.Hour
		rnd := rand.New(rand.NewPCG(3, 4))
		feed := makeFeed(rnd, c.step, length, uniform(rnd, c.lo, c.hi))
		var kept []published
		for _, p := range feed {
			if rnd.IntN(40) != 0 { // now and then one is skipped
				kept = append(kept, p)
			}
		}
		sent := run(kept, length, 5)
		late := lateness(kept, sent, 2*time.Hour)
		perHour := float64(len(sent)) / length.Hours()
		t.Logf("step %s, delays %g to %g s: %s late, %.1f requests/h, at most %d", c.step, c.lo, c.hi, late, perHour, busiest(sent))
		assert.LessOrEqual(t, late, c.late)
		assert.LessOrEqual(t, perHour, c.requests)
		assert.LessOrEqual(t, busiest(sent), hourly)
	}
}

func TestCadenceChanges(t *testing.T) {
	for _, c := range []struct{ length, step, found time.Duration }{
		{6 * time.Hour, 5 * time.Minute, probeEvery + 5*time.Minute},
		{6 * time.Hour, 15 * time.Minute, lookEvery + 2*time.Minute},
		{6*time.Hour + 15*time.Minute, 15 * time.Minute, lookEvery + 2*time.Minute}, // between two probes
	} {
		rnd := rand.New(rand.NewPCG(3, 4))
		feed := makeFeed(rnd, c.step, c.length, uniform(rnd, 8, 10))
		slow := feed[len(feed)-1].reading
		for _, p := range makeFeed(rnd, time.Minute, 12*time.Hour, uniform(rnd, 8, 10)) {
			if p.reading.After(slow) {
				feed = append(feed, p)
			}
		}
		sent := run(feed, 12*time.Hour, 1)
		late := lateness(feed, sent, slow.Sub(day0)+c.found)
		assert.LessOrEqual(t, late, 3*time.Second, "a feed of %s that has become faster is soon found out", c.step)
		assert.LessOrEqual(t, busiest(sent), hourly)
	}
}

func TestBurstsDoNotBurnTheBudget(t *testing.T) {
	const length = 48 * time.Hour
	rnd := rand.New(rand.NewPCG(3, 4))
	feed := makeFeed(rnd, time.Minute, length, func(time.Duration) time.Duration { return 0 })
	upload := day0.Add(-time.Hour)
	var uploads []published // the newest of each burst
	for i := range feed {
		if !feed[i].reading.Before(upload) {
			for feed[i].reading.After(upload) {
				upload = upload.Add(10*time.Minute + time.Duration(rnd.Int64N(int64(10*time.Minute))))
			}
		}
		feed[i].at = upload
		if i > 0 && !feed[i-1].at.Equal(upload) {
			uploads = append(uploads, feed[i-1])
		}
	}
	sent := run(feed, length, 1)
	late := lateness(uploads, sent, time.Hour)
	t.Logf("%s late, %.1f requests/h, at most %d", late, float64(len(sent))/length.Hours(), busiest(sent))
	assert.LessOrEqual(t, busiest(sent), hourly)
	assert.LessOrEqual(t, late, 40*time.Second)
}

func TestSilentPhone(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	feed := makeFeed(rnd, time.Minute, 2*time.Hour, uniform(rnd, 8, 8))
	back := day0.Add(10 * time.Hour)
	for _, p := range makeFeed(rnd, time.Minute, 12*time.Hour, uniform(rnd, 8, 8)) {
		if p.at.After(back) {
			feed = append(feed, p)
		}
	}
	sent := run(feed, 12*time.Hour, 1)
	in := func(from, to time.Duration) (n int) {
		for _, s := range sent {
			if d := s.Sub(day0); d >= from && d < to {
				n++
			}
		}
		return n
	}
	assert.InDelta(t, 20, in(2*time.Hour, 2*time.Hour+20*time.Minute), 4)
	assert.InDelta(t, 30, in(3*time.Hour, 4*time.Hour), 2)
	assert.InDelta(t, 12, in(9*time.Hour, 10*time.Hour), 2)
	assert.InDelta(t, 62, in(11*time.Hour, 12*time.Hour), 4, "and is as it was when the phone is back")
}

// answer drives a schedule by hand.
func answer(s *Schedule, f *glucose.Fault, reading time.Time) (sent time.Time) {
	sent = s.Plan().At
	a := Answer{Sent: sent, At: sent.Add(latency), Graph: s.Plan().Graph, Fault: f}
	if f == nil {
		a.Snapshots = snapshot(&published{reading: reading})
	}
	s.Begin(sent)
	s.Done(a)
	return sent
}

func TestBackOff(t *testing.T) {
	minutes := func(m ...float64) (out []time.Duration) {
		for _, x := range m {
			out = append(out, time.Duration(x*float64(time.Minute)))
		}
		return out
	}
	for _, c := range []struct {
		kind    glucose.FaultKind
		waits   []time.Duration
		scatter float64
	}{
		{glucose.Offline, append(localWaits, time.Minute, time.Minute), 0},
		{glucose.ServerError, minutes(1, 2, 4, 8, 15, 15), 0.1},
		{glucose.Maintenance, minutes(1, 2, 4, 8, 15, 15), 0.1},
		{glucose.FaultKind("unheard_of"), minutes(1, 2, 4, 8, 15, 15), 0.1},
		{glucose.Throttled, minutes(5, 10, 20, 30, 30), 0},
		{glucose.Locked, minutes(5, 10, 20, 30, 30), 0},
		{glucose.Blocked, minutes(5, 10, 20, 30, 30), 0},
		{glucose.NotShared, minutes(1, 1, 1, 1, 1, 1, 1, 1), 0.1},
		{glucose.Terms, minutes(62.5, 62.5), 0.04},
		{glucose.TooOld, minutes(62.5, 62.5), 0.04},
		{glucose.Closed, minutes(62.5, 62.5), 0.04},
	} {
		s := NewSchedule(day0, 1, "p1")
		for i, want := range c.waits {
			at := answer(s, &glucose.Fault{Kind: c.kind}, time.Time{}).Add(latency)
			got := s.Plan().At.Sub(at)
			assert.InDelta(t, want, got, c.scatter*float64(want), "%s, wait %d", c.kind, i+1)
		}
		for range 14 {
			answer(s, &glucose.Fault{Kind: c.kind}, time.Time{})
		}
		if c.kind == glucose.NotShared {
			at := answer(s, &glucose.Fault{Kind: c.kind}, time.Time{})
			assert.InDelta(t, 5*time.Minute, s.Plan().At.Sub(at), float64(31*time.Second))
		}
		at := answer(s, nil, s.Plan().At.Add(-10*time.Second))
		assert.LessOrEqual(t, s.Plan().At.Sub(at), 2*time.Minute, "%s is forgotten at the first success", c.kind)
	}
}

// A request in the moment before a sign-in is free again would be in vain, and the
// next a whole step away. One for which there is long to wait may find that the
// token lives again.
func TestWaitForTheSignIn(t *testing.T) {
	for seed := range uint64(20) {
		s := NewSchedule(day0, seed, "p1")
		for i, want := range serverWaits {
			at := s.Plan().At.Add(latency)
			free := at.Add(want + want/9) // after the longest that it would wait by itself
			answer(s, &glucose.Fault{Kind: glucose.ServerError, SignIn: free}, time.Time{})
			require.Equal(t, free, s.Plan().At, "wait %d", i)
		}
		at := answer(s, &glucose.Fault{Kind: glucose.ServerError, SignIn: s.Plan().At.Add(time.Hour)}, time.Time{})
		require.InDelta(t, 15*time.Minute, s.Plan().At.Sub(at), float64(2*time.Minute))
		at = answer(s, &glucose.Fault{Kind: glucose.ServerError, SignIn: s.Plan().At.Add(time.Minute)}, time.Time{})
		require.InDelta(t, 15*time.Minute, s.Plan().At.Sub(at), float64(2*time.Minute), "nor is it asked more often")
	}
}

func TestNothingIsAskedUntilTheUserActs(t *testing.T) {
	for _, kind := range []glucose.FaultKind{glucose.WrongPassword, glucose.SignedOut} {
		s := NewSchedule(day0, 1, "p1")
		answer(s, &glucose.Fault{Kind: kind}, time.Time{})
		for _, w := range []WakeKind{Resumed, ClockStepped, NetworkBack, ZoneMoved} {
			s.Wake(day0.Add(time.Hour), Wake{Kind: w})
			assert.True(t, s.Plan().At.IsZero(), "%s after %s", w, kind)
		}
		now := day0.Add(2 * time.Hour)
		require.True(t, s.Refresh(now), "signing in refreshes")
		assert.Equal(t, now, s.Plan().At)
	}
}

func TestAShortUntilGivenAgainAndAgainIsNotTrusted(t *testing.T) {
	s := NewSchedule(day0, 1, "p1")
	until := func() *glucose.Fault {
		return &glucose.Fault{Kind: glucose.Throttled, Until: s.Plan().At.Add(2 * time.Second)}
	}
	at := answer(s, until(), time.Time{})
	assert.Equal(t, at.Add(2*time.Second), s.Plan().At, "its word is taken once")
	for _, want := range refusedWaits {
		at = answer(s, until(), time.Time{})
		assert.Equal(t, want, s.Plan().At.Sub(at.Add(latency)))
		assert.False(t, s.Refresh(s.Plan().At.Add(-1)))
	}
}

func TestImpatienceDoesNotLengthenTheWait(t *testing.T) {
	s := NewSchedule(day0, 1, "p1")
	f := &glucose.Fault{Kind: glucose.ServerError}
	at := answer(s, f, time.Time{})
	for range 6 {
		at = at.Add(10 * time.Second)
		require.True(t, s.Refresh(at))
		answer(s, f, time.Time{})
	}
	assert.LessOrEqual(t, s.Plan().At.Sub(at), 67*time.Second)
}

// TestClockStep: the plan, the promises and what was learned survive it.
func TestClockStep(t *testing.T) {
	for _, jump := range []time.Duration{time.Hour, -time.Hour, 3 * time.Second, -20 * time.Minute} {
		s := NewSchedule(day0, 1, "p1")
		rnd := rand.New(rand.NewPCG(3, 4))
		feed := makeFeed(rnd, time.Minute, 6*time.Hour, uniform(rnd, 8, 9))
		var off time.Duration // of our clock
		var sent []time.Time  // in true time
		stepped := false
		for s.Plan().At.Add(-off).Before(day0.Add(6 * time.Hour)) {
			at := s.Plan().At.Add(-off)
			if !stepped && at.After(day0.Add(3*time.Hour)) {
				stepped, off = true, jump
				s.Wake(at.Add(-10*time.Second).Add(off), Wake{Kind: ClockStepped, Jump: jump})
				assert.Equal(t, at.Add(-10*time.Second).Add(off), s.Plan().At, "asked at once")
				continue
			}
			sent = append(sent, at)
			answer(s, nil, newest(feed, at.Add(latency/2)).reading)
		}
		assert.LessOrEqual(t, busiest(sent), hourly+1)
		late := lateness(feed, sent, 3*time.Hour)
		assert.LessOrEqual(t, late, 2*time.Second, "step by %s", jump)
	}
}

func TestUntilSurvivesAClockStep(t *testing.T) {
	s := NewSchedule(day0, 1, "p1")
	answer(s, &glucose.Fault{Kind: glucose.Locked, Until: day0.Add(5 * time.Minute)}, time.Time{})
	s.Wake(day0.Add(time.Hour+time.Minute), Wake{Kind: ClockStepped, Jump: time.Hour})
	assert.Equal(t, day0.Add(time.Hour+5*time.Minute), s.Plan().At)
	assert.False(t, s.Refresh(day0.Add(time.Hour+5*time.Minute-1)))
	assert.True(t, s.Refresh(day0.Add(time.Hour+5*time.Minute)))
}

func TestFollowAnotherPerson(t *testing.T) {
	s := NewSchedule(day0, 1, "p1")
	answer(s, nil, day0.Add(-20*time.Second))
	now := day0.Add(15 * time.Second)
	s.Follow(now, "p2")
	assert.Equal(t, Plan{now, true}, s.Plan(), "their history is wanted at once")
	assert.True(t, s.State(now).Newest.IsZero(), "and nothing of another's phone is taken over")
}

func TestHistoryAfterAFailedStart(t *testing.T) {
	for kind, rest := range map[glucose.FaultKind]time.Duration{glucose.Offline: 0, glucose.Throttled: 0,
		glucose.ServerError: graphRest, glucose.ShareRevoked: graphRest} {
		s := NewSchedule(day0, 1, "p1")
		failed := answer(s, &glucose.Fault{Kind: kind}, time.Time{})
		assert.Equal(t, rest == 0, s.Plan().Graph, "%s", kind)
		for !s.Plan().Graph {
			answer(s, nil, s.Plan().At.Add(-10*time.Second))
			require.Less(t, s.Plan().At.Sub(failed), time.Hour)
		}
		if rest > 0 {
			assert.GreaterOrEqual(t, s.Plan().At.Sub(failed), rest, "%s", kind)
		}
	}
}

func TestSameSeedSamePlan(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	feed := makeFeed(rnd, time.Minute, 5*time.Hour, uniform(rnd, 4, 20))
	assert.Equal(t, run(feed, 5*time.Hour, 1), run(feed, 5*time.Hour, 1))
}

// FuzzSchedule throws anything at a schedule and holds it to its promises.
func FuzzSchedule(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17})
	f.Add([]byte("refresh refresh refresh and the server refuses"))
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 20 {
		b := make([]byte, 4000)
		for i := range b {
			b[i] = byte(rnd.UintN(256))
		}
		f.Add(b)
	}
	kinds := []glucose.FaultKind{glucose.Offline, glucose.ServerError, glucose.Throttled, glucose.Locked,
		glucose.Blocked, glucose.Terms, glucose.NotShared, glucose.WrongPassword, "?"}
	f.Fuzz(func(t *testing.T, events []byte) {
		s := NewSchedule(day0, 1, "")
		now, reading := day0, day0.Add(-30*time.Second)
		var sent, planned []time.Time
		var until time.Time
		for i := 0; i+1 < len(events); i += 2 {
			e, x := events[i], time.Duration(events[i+1])
			switch e % 16 {
			case 0:
				s.Refresh(now)
			case 1:
				s.Wake(now, Wake{Kind: Resumed})
			case 2:
				s.Wake(now, Wake{Kind: NetworkBack})
			case 3:
				s.Follow(now, string('a'+rune(x%3)))
			case 4:
				now = now.Add(x * x * 20 * time.Millisecond)
			}
			plan := s.Plan()
			if plan.At.IsZero() || e%16 < 4 && plan.At.After(now) {
				continue // an event alone
			}
			now = later(now, plan.At)
			for _, before := range sent[max(0, len(sent)-1):] {
				require.GreaterOrEqual(t, now.Sub(before), minGap, "event %d", i)
			}
			require.False(t, now.Before(until), "event %d: %s too early", i, until.Sub(now))
			sent = append(sent, now)
			if !s.isExtra {
				planned = append(planned, now)
			}
			a := Answer{Sent: now, Graph: plan.Graph}
			s.Begin(now)
			now = now.Add(time.Duration(e) * 2 * time.Millisecond)
			a.At = now
			switch { //nolint:staticcheck // ranges and single values mixed
			case e%16 == 5:
				a.Fault = &glucose.Fault{Kind: kinds[int(x)%len(kinds)]}
				if e > 128 {
					until = now.Add(x * 3 * time.Second)
					a.Fault.Until = until
				}
			case e%16 == 6:
				a.Snapshots = snapshot(nil)
			default:
				if behind := now.Sub(reading); e%4 != 0 && behind > time.Minute {
					reading = reading.Add(behind.Truncate(time.Minute))
				}
				a.Snapshots = []glucose.Snapshot{{Person: glucose.Person{ID: s.person}, Current: &glucose.Reading{Time: reading.Add(x * 10 * time.Millisecond)}}}
			}
			s.Done(a)
			if a.Fault != nil && a.Fault.Kind == glucose.Offline { // the service did not see it
				sent = sent[:len(sent)-1]
				if n := len(planned); n > 0 && planned[n-1].Equal(a.Sent) {
					planned = planned[:n-1]
				}
			}
			if next := s.Plan().At; !next.IsZero() {
				require.GreaterOrEqual(t, next.Sub(now), minGap, "event %d: the next is never due already", i)
			}
		}
		require.LessOrEqual(t, busiest(planned), hourly)
		require.LessOrEqual(t, busiest(sent), hourly+extraHourly)
	})
}

// The gap that an outage leaves is filled by the first answer if that brings
// history; a second one like it would keep the others' values away.
func TestOneHistoryFillsAGap(t *testing.T) {
	now := day0
	s := NewSchedule(now, 1, "p1")
	ask := func(f *glucose.Fault) (graph bool) {
		now = s.Plan().At
		a := Answer{Sent: now, At: now.Add(latency), Graph: s.Plan().Graph, Fault: f}
		if f == nil {
			a.Snapshots = snapshot(&published{reading: now.Add(-10 * time.Second)})
		}
		s.Begin(now)
		s.Done(a)
		return a.Graph
	}
	require.True(t, ask(nil))
	require.False(t, ask(nil))
	for now.Before(day0.Add(30 * time.Minute)) {
		ask(&glucose.Fault{Kind: glucose.Offline, Message: "scripted"})
	}
	require.True(t, ask(nil))
	require.False(t, ask(nil))
}

// After outages a 5-minute feed may show three steps of 15 minutes in a row.
func TestCadenceOfAFeedWithGaps(t *testing.T) {
	c := cadence{Step: time.Minute}
	for _, m := range []time.Duration{10, 15, 15, 15} {
		c.add(m * time.Minute)
	}
	require.Less(t, c.Step, longStep, "a step of 10 was there, too")
	for range remembered {
		c.add(15 * time.Minute)
	}
	require.Equal(t, 15*time.Minute, c.Step)
}

// Once the network is back nothing is wrong any more, but the time that was
// named still holds, also for another person.
func TestAnotherPersonWaitsAsWell(t *testing.T) {
	s := NewSchedule(day0, 1, "p1")
	until := day0.Add(10 * time.Minute)
	s.Begin(day0)
	s.Done(Answer{Sent: day0, At: day0.Add(latency), Fault: &glucose.Fault{Kind: glucose.Offline, Until: until}})
	now := day0.Add(time.Minute)
	s.Wake(now, Wake{Kind: NetworkBack})
	s.Follow(now, "p2")
	require.False(t, s.Plan().At.Before(until))
}
