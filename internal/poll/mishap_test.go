package poll

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// A network that comes and goes must not use up the hour's requests: none of
// those that fail reaches the service.
func TestFlappingNetworkLeavesTheBudgetAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rnd := rand.New(rand.NewPCG(3, 4))
		w := &world{t: t, feed: makeFeed(rnd, time.Minute, 2*time.Hour, uniform(rnd, 8, 8))}
		const flapping = 40 * time.Minute
		for at := time.Duration(0); at < flapping; at += time.Minute {
			w.episodes = append(w.episodes, episode{day0.Add(at + 5*time.Second), day0.Add(at + 35*time.Second), glucose.Offline, false})
		}
		w.follow(flapping+10*time.Minute, "p1", nil)
		well := 0
		for _, at := range w.sent {
			if at.After(day0.Add(flapping)) {
				well++
			}
		}
		assert.GreaterOrEqual(t, well, 9, "blind although all is well")
	})
}

// set is a clock that can be set, as far as Poller can tell.
type set struct {
	clock
	by atomic.Int64
}

func (s *set) Now() time.Time { return time.Now().Round(0).Add(time.Duration(s.by.Load())) }

// refusing names a time before which it must not be asked, once.
type refusing struct {
	t     *testing.T
	clock *set
	until time.Time // by the elapsed time
	asked atomic.Int32
}

func (r *refusing) Current(context.Context) ([]glucose.Snapshot, error) {
	if r.asked.Add(1) == 1 {
		r.until = time.Now().Add(20 * time.Minute)
		return nil, &glucose.Fault{Kind: glucose.Throttled, Message: "scripted", Until: r.clock.Now().Add(20 * time.Minute)}
	}
	assert.False(r.t, time.Now().Before(r.until), "asked %s before it is allowed", time.Until(r.until))
	return nil, nil
}

func (r *refusing) Graph(ctx context.Context, _ string) (glucose.Snapshot, error) {
	_, err := r.Current(ctx)
	return glucose.Snapshot{}, err
}

// A step of the clock that a timer finds before the watcher tells of it is one
// step and not two.
func TestStepFoundByTheTimerIsTakenOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c := &set{}
		r := &refusing{t: t, clock: c}
		p := New(Options{Source: r, Clock: c, Deliver: func(Update) {}})
		done := make(chan error)
		go func() { done <- p.Run(ctx) }()
		synctest.Wait()
		require.EqualValues(t, 1, r.asked.Load())
		time.Sleep(20*time.Minute - time.Second)
		const back = -15 * time.Minute
		c.by.Add(int64(back))
		time.Sleep(2 * time.Second) // the timer fires and finds that it is not time yet
		p.Wake(Wake{Kind: ClockStepped, Jump: back})
		synctest.Wait()
		assert.LessOrEqual(t, r.asked.Load(), int32(2))
		time.Sleep(30 * time.Second)
		assert.EqualValues(t, 2, r.asked.Load(), "when the time has come, and not before")
		cancel()
		require.NoError(t, <-done)
	})
}

// When a clock that was far behind is set right, nothing learned by it may
// keep the schedule from asking.
func TestSetForwardWithoutHavingLearned(t *testing.T) {
	now := day0
	s := NewSchedule(now, 1, "p1")
	answer := func(p *published) {
		graph := s.Plan().Graph
		s.Begin(now)
		s.Done(Answer{Sent: now, At: now, Graph: graph, Snapshots: snapshot(p)})
	}
	answer(nil) // readings from the future are withheld
	const forward = 20 * time.Minute
	now = now.Add(forward + 10*time.Second)
	s.Wake(now, Wake{Kind: ClockStepped, Jump: forward})
	answer(&published{reading: now.Add(-15 * time.Second)})
	assert.LessOrEqual(t, s.Plan().At.Sub(now), 2*time.Minute, "blind although all is well")
}

// What a wrong clock took for the newest reading is given up when the clock is
// right and older ones come: else none of them would be news.
func TestNewestOfAWrongClockIsGivenUp(t *testing.T) {
	now := day0
	s := NewSchedule(now, 1, "p1")
	answer := func(reading time.Time) {
		s.Begin(now)
		s.Done(Answer{Sent: now, At: now, Snapshots: snapshot(&published{reading: reading})})
	}
	const wrong = 3 * time.Hour
	answer(now.Add(-time.Minute))
	now = now.Add(wrong + time.Minute)
	s.Wake(now, Wake{Kind: ClockStepped, Jump: wrong})
	answer(now.Add(-time.Hour)) // of a phone whose clock is wrong, too
	now = now.Add(-wrong + time.Minute)
	s.Wake(now, Wake{Kind: ClockStepped, Jump: -wrong})
	for range 3 {
		answer(now.Add(-10 * time.Second))
		assert.Equal(t, now.Add(-10*time.Second), s.State(now).Newest)
		now = now.Add(time.Minute)
	}
}

// A clock that was hours behind is set right, and it is told as sleep: the
// delays learned by it must not make each reading look hours late.
func TestSetForwardToldAsSleep(t *testing.T) {
	now := day0
	s := NewSchedule(now, 1, "p1")
	const behind = 7 * time.Hour
	for range 30 {
		now = later(now.Add(time.Second), s.Plan().At)
		graph := s.Plan().Graph
		s.Begin(now)
		s.Done(Answer{Sent: now, At: now, Graph: graph, Snapshots: snapshot(&published{reading: now.Add(behind - 15*time.Second).Truncate(time.Minute)})})
	}
	now = now.Add(behind + 2*time.Minute)
	s.Wake(now, Wake{Kind: Resumed})
	for range 3 {
		graph := s.Plan().Graph
		s.Begin(now)
		s.Done(Answer{Sent: now, At: now, Graph: graph, Snapshots: snapshot(&published{reading: now.Add(-15 * time.Second).Truncate(time.Minute)})})
		assert.LessOrEqual(t, s.Plan().At.Sub(now), 2*time.Minute+5*time.Second)
		now = s.Plan().At
	}
}
