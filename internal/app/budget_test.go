package app

import (
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// asked is when the service was.
func (w *world) asked() []time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.requests)
}

// A program that ends ten seconds after each start, and is started again, asks at
// once as long as it may, and then no more often than one that goes on.
func TestStartedAgainAndAgain(t *testing.T) {
	for name, killed := range map[string]bool{"ends": false, "is killed during its first request": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := keeping(t)
				if killed {
					w.hang = 20 * time.Second // no answer comes in its life
				}
				atOnce := 0
				for time.Since(w.start) < 2*time.Hour {
					began, before := time.Now(), len(w.asked())
					w.run()
					if asked := w.asked(); len(asked) > before && asked[before].Equal(began) {
						atOnce++
					}
					time.Sleep(10*time.Second + 7*time.Millisecond) // not at the moment of a request
					w.end()
				}
				require.GreaterOrEqual(t, atOnce, 30, "whoever starts it wants to see a value")
				asked := w.asked()
				for i, at := range asked {
					if i > 0 {
						require.LessOrEqual(t, at.Sub(asked[i-1]), 75*time.Second, "nobody is left without a value")
					}
					if i >= 96 {
						require.GreaterOrEqual(t, at.Sub(asked[i-96]), time.Hour, "the budget is an hour's, however many runs it has")
					}
				}
				// Once it runs on, it follows as ever.
				w.hang = 0
				w.run()
				time.Sleep(5 * time.Minute)
				require.False(t, w.view().Stale)
				require.Less(t, time.Since(w.view().Reading.Time), 2*time.Minute)
				w.end()
			})
		})
	}
}

// A request that never left this computer is none of the hour's.
func TestOfflineStartsCostNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := keeping(t)
		w.fault = func(since time.Duration) *glucose.Fault {
			if since < time.Hour {
				return offline()
			}
			return nil
		}
		for time.Since(w.start) < time.Hour {
			w.run()
			time.Sleep(10 * time.Second)
			w.end()
		}
		var kept savedState
		_, err := w.opt.State.Load(&kept)
		require.NoError(t, err)
		require.Empty(t, kept.Spent[""].Planned)
		require.Empty(t, kept.Spent[""].Asked)
	})
}

// tally counts how often the state is written.
type tally struct{ saves atomic.Int64 }

func (c *tally) Load(any) (string, error) { return "", nil }
func (c *tally) Save(any) error           { c.saves.Add(1); return nil }

// Without a network nothing is spent, and nothing of it written to the disk.
func TestOfflineWritesNoBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		state := &tally{}
		w.opt.State = state
		w.fault = func(since time.Duration) *glucose.Fault {
			if since > time.Hour {
				return offline()
			}
			return nil
		}
		w.run()
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		before := state.saves.Load()
		time.Sleep(time.Hour)
		synctest.Wait()
		require.LessOrEqual(t, state.saves.Load()-before, int64(12), "as the alarms' state changes")
		w.end()
	})
}

// Two connections of one run share the hour's, too: a reload asks at once and does
// not begin a new one.
func TestReloadedAgainAndAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.run()
		for time.Since(w.start) < time.Hour {
			time.Sleep(15 * time.Second)
			reply := make(chan Reply, 1)
			w.ask <- Request{Command: "reload", Reply: reply}
			<-reply
		}
		require.LessOrEqual(t, len(w.asked()), 97)
		w.end()
	})
}
