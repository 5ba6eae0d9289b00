package poll

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

const week = 7 * 24 * time.Hour

// TestWeek follows a sensor through a week in which everything goes wrong now
// and then.
func TestWeek(t *testing.T) {
	for _, seed := range []uint64{1, 2} {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 9))
			feed := makeFeed(rnd, time.Minute, week, uniform(rnd, 4, 20))
			w := &world{t: t}
			type away struct{ from, to time.Time }
			var aways []away
			kinds := []episode{
				{kind: glucose.Offline}, {kind: glucose.ServerError}, {kind: glucose.Maintenance},
				{kind: glucose.Throttled, binding: true}, {kind: glucose.Locked, binding: true},
				{kind: glucose.Blocked}, {kind: glucose.NotShared},
			}
			for at := day0.Add(2 * time.Hour); at.Before(day0.Add(week - 3*time.Hour)); {
				length := time.Minute + time.Duration(rnd.Int64N(int64(40*time.Minute)))
				if k := rnd.IntN(len(kinds) + 2); k < len(kinds) {
					e := kinds[k]
					e.from, e.to = at, at.Add(length)
					w.episodes = append(w.episodes, e)
				} else {
					aways = append(aways, away{at, at.Add(2 * length)})
				}
				at = at.Add(2*time.Hour + time.Duration(rnd.Int64N(int64(4*time.Hour))))
			}
			for _, p := range feed {
				lost := rnd.IntN(200) == 0
				for _, a := range aways {
					lost = lost || p.at.After(a.from) && p.at.Before(a.to)
				}
				if !lost {
					w.feed = append(w.feed, p)
				}
			}

			updates := w.follow(week, "p1", nil)

			assert.LessOrEqual(t, busiest(reached(w)), hourly)
			longest := map[glucose.FaultKind]time.Duration{
				glucose.Offline: time.Minute, glucose.ServerError: 17 * time.Minute, glucose.Maintenance: 17 * time.Minute,
				glucose.Throttled: 0, glucose.Locked: 0, glucose.Blocked: 30 * time.Minute, glucose.NotShared: 330 * time.Second,
			}
			for _, e := range w.episodes {
				i := 0
				for i < len(updates) && (updates[i].Fault != nil || updates[i].Sent.Before(e.to)) {
					i++
				}
				require.Less(t, i, len(updates), "no recovery from %s", e.kind)
				assert.LessOrEqual(t, updates[i].Sent.Sub(e.to), longest[e.kind]+time.Second, "recovery from %s", e.kind)
			}
			for i, u := range updates[:len(updates)-1] {
				assert.True(t, u.Next.Equal(updates[i+1].Sent), "what was announced is what happens")
			}

			// Readings published while all was well, and had been for a while.
			var well []published
			for _, p := range w.feed {
				ok := true
				for _, e := range w.episodes {
					at := p.at.Add(w.shift)
					ok = ok && (at.Before(e.from.Add(-time.Minute)) || at.After(e.to.Add(20*time.Minute)))
				}
				for _, a := range aways {
					ok = ok && (p.at.Before(a.from.Add(-time.Minute)) || p.at.After(a.to.Add(3*time.Minute)))
				}
				if ok {
					well = append(well, p)
				}
			}
			ratio := lateness(well, w.sent, time.Hour).Seconds() / 30
			t.Logf("seed %d: %d requests, %d episodes, %.3f of a 60-second poller's delay", seed, len(w.sent), len(w.episodes), ratio)
			assert.LessOrEqual(t, ratio, 0.27)
		})
	}
}

// TestFreshness is the measure that the package is built to.
func TestFreshness(t *testing.T) {
	const length = 72 * time.Hour
	for _, c := range []struct {
		lo, hi, most float64
	}{{4, 20, 0.25}, {4, 6, 0.06}, {8, 8, 0.03}, {0, 2, 0.06}, {70, 74, 0.1}, {-40, -36, 0.1}} {
		rnd := rand.New(rand.NewPCG(3, 4))
		feed := makeFeed(rnd, time.Minute, length, uniform(rnd, c.lo, c.hi))
		sent := run(feed, length, 5)
		assert.LessOrEqual(t, busiest(sent), hourly)
		ratio := lateness(feed, sent, time.Hour).Seconds() / 30
		t.Logf("delays of %g to %g s: %.3f", c.lo, c.hi, ratio)
		assert.LessOrEqual(t, ratio, c.most, "delays of %g to %g s", c.lo, c.hi)
	}
}

func TestFreshnessAfterTheDelaysChange(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	delay := func(at time.Duration) time.Duration {
		if int(at.Hours())/12%2 == 0 {
			return seconds(4 + 2*rnd.Float64())
		}
		return seconds(25 + 2*rnd.Float64())
	}
	feed := makeFeed(rnd, time.Minute, 72*time.Hour, delay)
	sent := run(feed, 72*time.Hour, 5)
	ratio := lateness(feed, sent, time.Hour).Seconds() / 30
	t.Logf("%.3f", ratio)
	assert.LessOrEqual(t, ratio, 0.15)
}

func TestStart(t *testing.T) {
	for _, person := range []string{"", "p1"} {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(3, 4))
			w := &world{t: t, feed: makeFeed(rnd, time.Minute, time.Hour, uniform(rnd, 8, 8))}
			out := w.follow(30*time.Second, person, nil)
			require.NotEmpty(t, out)
			assert.Equal(t, day0, w.sent[0], "the first request is sent at once")
			require.Len(t, out[0].Snapshots, 1, "and brings the value")
			assert.NotNil(t, out[0].Snapshots[0].Current)
			require.Len(t, w.graph, 1, "history comes with it or right after")
			if person != "" {
				assert.Equal(t, day0, w.graph[0])
			} else {
				assert.Equal(t, day0.Add(latency+minGap), w.graph[0])
			}
		})
	}
}

func TestGraphTakesThePlaceOfALightRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rnd := rand.New(rand.NewPCG(3, 4))
		feed := makeFeed(rnd, time.Minute, 6*time.Hour, uniform(rnd, 8, 8))
		w := &world{t: t}
		gap := day0.Add(3 * time.Hour)
		for _, p := range feed {
			if p.at.Before(gap) || p.at.After(gap.Add(10*time.Minute)) {
				w.feed = append(w.feed, p)
			}
		}
		w.follow(6*time.Hour, "p1", nil)
		for i, g := range w.graph[1:] {
			since := g.Sub(w.graph[i])
			if g.After(gap.Add(10*time.Minute)) && g.Before(gap.Add(13*time.Minute)) {
				continue // fetched because of the gap
			}
			assert.InDelta(t, 15.5, since.Minutes(), 1)
		}
		var afterGap bool
		for _, g := range w.graph {
			afterGap = afterGap || g.After(gap.Add(10*time.Minute)) && g.Before(gap.Add(13*time.Minute))
		}
		assert.True(t, afterGap, "a gap is filled at once")
		assert.LessOrEqual(t, busiest(w.sent), hourly)
	})
}

func TestUntilIsObeyedToTheNanosecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rnd := rand.New(rand.NewPCG(3, 4))
		lock := day0.Add(301*time.Second + 7)
		w := &world{t: t, feed: makeFeed(rnd, time.Minute, time.Hour, uniform(rnd, 8, 8)),
			episodes: []episode{{day0, lock, glucose.Locked, true}}}
		before := 0
		w.follow(10*time.Minute, "p1", func(p *Poller) {
			time.Sleep(time.Minute)
			for _, k := range []WakeKind{Resumed, ClockStepped, NetworkBack, ZoneMoved} {
				p.Wake(Wake{Kind: k})
				synctest.Wait()
			}
			p.Refresh()
			p.Follow("p2")
			synctest.Wait()
			p.Follow("p1")
			time.Sleep(time.Until(lock.Add(w.shift - 1)))
			p.Refresh()
			synctest.Wait()
			sent, _ := w.asked()
			before = len(sent)
			time.Sleep(time.Nanosecond)
			synctest.Wait()
		})
		assert.Equal(t, 1, before, "not a nanosecond before")
		assert.Equal(t, lock, w.sent[1], "and not one after")
	})
}

func TestRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rnd := rand.New(rand.NewPCG(3, 4))
		w := &world{t: t, feed: makeFeed(rnd, time.Minute, 3*time.Hour, uniform(rnd, 8, 8))}
		w.follow(2*time.Hour, "p1", func(p *Poller) {
			time.Sleep(time.Hour)
			n, _ := w.idle()
			p.Refresh()
			synctest.Wait()
			sent, _ := w.asked()
			require.Len(t, sent, n+1, "at once")
			assert.True(t, time.Now().Equal(sent[n]))
			time.Sleep(4 * time.Second)
			p.Refresh()
			synctest.Wait()
			sent, _ = w.asked()
			assert.Len(t, sent, n+1, "one has just been sent")

			// A finger that does not leave the button.
			n, end := len(sent), time.Now().Add(30*time.Minute)
			for time.Now().Before(end) {
				p.Refresh()
				time.Sleep(time.Second)
			}
			sent, _ = w.asked()
			assert.LessOrEqual(t, len(sent)-n, 35+extraHourly)
			assert.GreaterOrEqual(t, len(sent)-n, 25+extraHourly, "the regular requests go on")
		})
	})
}

func TestWakeAsksAtOnce(t *testing.T) {
	for _, kind := range []WakeKind{Resumed, ClockStepped} {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(3, 4))
			w := &world{t: t, feed: makeFeed(rnd, time.Minute, time.Hour, uniform(rnd, 8, 8))}
			w.follow(30*time.Minute, "p1", func(p *Poller) {
				time.Sleep(20 * time.Minute)
				n, graphs := w.idle()
				p.Wake(Wake{Kind: kind})
				synctest.Wait()
				sent, graph := w.asked()
				require.Len(t, sent, n+1)
				if kind == Resumed {
					assert.Len(t, graph, graphs+1, "what was slept through is fetched")
				}
			})
		})
	}
}

func TestNetworkBackEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rnd := rand.New(rand.NewPCG(3, 4))
		w := &world{t: t, feed: makeFeed(rnd, time.Minute, time.Hour, uniform(rnd, 8, 8)),
			episodes: []episode{{day0, day0.Add(10*time.Minute + 10*time.Second), glucose.Offline, false}}}
		out := w.follow(20*time.Minute, "p1", func(p *Poller) {
			time.Sleep(10*time.Minute + 15*time.Second)
			p.Wake(Wake{Kind: NetworkBack})
		})
		var waits []time.Duration
		for _, u := range out[:5] {
			waits = append(waits, u.Next.Sub(u.At.Round(0)))
		}
		assert.Equal(t, localWaits, waits)
		for _, u := range out {
			if u.Fault == nil {
				assert.Equal(t, 10*time.Minute+15*time.Second, w.since(u.Sent))
				return
			}
		}
		t.Error("no recovery")
	})
}

// A source that hangs is cut off, and the loop can be ended meanwhile.
type hanging struct{ asked atomic.Int32 }

func (h *hanging) Current(ctx context.Context) ([]glucose.Snapshot, error) {
	h.asked.Add(1)
	<-ctx.Done()
	return nil, ctx.Err()
}

func (h *hanging) Graph(ctx context.Context, _ string) (glucose.Snapshot, error) {
	_, err := h.Current(ctx)
	return glucose.Snapshot{}, err
}

func TestHangingSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hanging{}
		got := make(chan Update, 8)
		ctx, cancel := context.WithCancel(t.Context())
		p := New(Options{Source: h, Clock: clock{}, Deliver: func(u Update) { got <- u }})
		done := make(chan error)
		go func() { done <- p.Run(ctx) }()
		time.Sleep(requestTime - 1)
		synctest.Wait()
		assert.Empty(t, got)
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		require.Len(t, got, 1)
		fault := (<-got).Fault
		assert.Equal(t, glucose.ServerError, fault.Kind)
		assert.ErrorIs(t, fault, context.DeadlineExceeded)
		time.Sleep(75 * time.Second)
		synctest.Wait()
		assert.EqualValues(t, 2, h.asked.Load(), "asked again, and hanging")
		cancel()
		require.NoError(t, <-done)
		assert.Empty(t, got, "what was given up on our side is not reported as a fault")
	})
}

// reached are the requests that the service saw.
func reached(w *world) []time.Time {
	return slices.DeleteFunc(slices.Clone(w.sent), func(at time.Time) bool {
		return slices.ContainsFunc(w.episodes, func(e episode) bool {
			got := at.Add(w.shift + w.latency/2)
			return e.kind == glucose.Offline && !got.Before(e.from) && got.Before(e.to)
		})
	})
}
