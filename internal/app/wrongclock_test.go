package app

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/poll"
	"github.com/llutray/llutray/internal/tray"
)

// wrongClocks is a world whose phone and computer have clocks of their own, and
// whose values tell when they were in truth.
type wrongClocks struct {
	*world
	computer, phone atomic.Int64 // how far ahead
	silentFrom      time.Time
	disk            *doubtingDisk
}

// doubtingDisk refuses every change while it is full, and to keep anything
// apart while it is stuck.
type doubtingDisk struct {
	*fullDisk
	stuck atomic.Bool
}

func (d *doubtingDisk) Doubt(ctx context.Context, p glucose.Person, after time.Time, unstored []glucose.Reading) (int, error) {
	d.mu.Lock()
	some := len(unstored) > 0 || slices.ContainsFunc(d.readings, func(r glucose.Reading) bool { return r.Time.After(after) })
	d.mu.Unlock()
	if some && (d.full.Load() || d.stuck.Load()) {
		return 0, errors.New("no space left")
	}
	return d.memory.Doubt(ctx, p, after, unstored)
}

func newWrongClocks(t *testing.T) *wrongClocks {
	w := &wrongClocks{world: newWorld(t), silentFrom: time.Now().AddDate(1, 0, 0)}
	w.disk = &doubtingDisk{fullDisk: &fullDisk{memory: w.store}}
	w.opt.Clock, w.opt.Store = w, w.disk
	w.opt.Connect = func(context.Context, string) (poll.Source, error) { return w, nil }
	w.opt.Recall = func(context.Context) ([]Memory, error) { // as the program does: not of all times to come
		m := Memory{Person: glucose.Person{ID: "p1", Name: "Robin"}}
		for _, r := range w.store.live() {
			if r.Time.Sub(w.Now()) <= time.Hour {
				m.Readings = append(m.Readings, r)
			}
		}
		slices.SortFunc(m.Readings, compareReadings)
		return []Memory{m}, nil
	}
	return w
}

// Now is the computer's clock.
func (w *wrongClocks) Now() time.Time {
	return time.Now().Round(0).Add(time.Duration(w.computer.Load()))
}

func (w *wrongClocks) NewTimer(d time.Duration) poll.Timer { return SystemClock{}.NewTimer(d) }

// set moves both clocks and has the program notice.
func (w *wrongClocks) set(computer, phone time.Duration) {
	jump := computer - time.Duration(w.computer.Swap(int64(computer)))
	w.phone.Store(int64(phone))
	w.report(poll.Wake{Kind: poll.ClockStepped, Jump: jump})
}

// in is how long the world has gone on when a reading was taken in truth.
func (w *wrongClocks) in(r glucose.Reading) time.Duration {
	return time.Duration(r.Value-100) * time.Minute
}

func (w *wrongClocks) Current(context.Context) ([]glucose.Snapshot, error) {
	now := time.Now()
	at := now.Add(-delay).Truncate(time.Minute)
	if at.After(w.silentFrom) {
		at = w.silentFrom
	}
	r := glucose.Reading{Time: at.Add(time.Duration(w.phone.Load())).UTC(), Value: 100 + glucose.MgDL(at.Sub(w.start)/time.Minute), Trend: glucose.Flat}
	snap := glucose.Snapshot{Person: glucose.Person{ID: "p1", Name: "Robin"}, Sensor: &glucose.Sensor{Activated: w.start.Add(-48 * time.Hour), WarmUp: time.Hour}}
	if ahead := r.Time.Sub(w.Now()); ahead > glucose.MaxAhead {
		snap.FutureBy = ahead
	} else {
		snap.Current = &r
	}
	return []glucose.Snapshot{snap}, nil
}

func (w *wrongClocks) Graph(ctx context.Context, _ string) (glucose.Snapshot, error) {
	list, err := w.Current(ctx)
	return list[0], err
}

// until lets the world go on for that long since its beginning.
func (w *wrongClocks) until(d time.Duration) {
	time.Sleep(time.Until(w.start.Add(d)))
	synctest.Wait()
}

// requireTruth: whatever was shown is stored, among the readings if it was of
// the time it told, and nowhere else if not.
func (w *wrongClocks) requireTruth() {
	w.t.Helper()
	synctest.Wait()
	live, doubted := w.store.live(), w.store.kept()
	for _, r := range live {
		require.Equal(w.t, r.Time.Sub(w.start), w.in(r), "it is of another time")
	}
	wrong := map[time.Time]bool{}
	w.mu.Lock()
	views := slices.Clone(w.views)
	w.mu.Unlock()
	for _, v := range views {
		switch r := v.Reading; {
		case r == nil:
		case r.Time.Sub(w.start) == w.in(*r):
			require.Contains(w.t, live, *r)
		default:
			require.Contains(w.t, doubted, *r)
			wrong[r.Time] = true
		}
	}
	require.Len(w.t, doubted, len(wrong), "each once")
	require.Greater(w.t, len(wrong), 5)
}

// What clocks that are hours ahead have dated is not in the way when the true
// readings of those seconds come, and what is shown is what is stored.
func TestTrueReadingsTakeTheirPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWrongClocks(t)
		w.run()
		for _, around := range []time.Duration{10 * time.Minute, 100 * time.Minute} { // a second time too
			w.until(around)
			w.set(3*time.Hour, 3*time.Hour)
			w.until(around + 10*time.Minute)
			w.set(0, 0)
			w.until(around + 12*time.Minute)
			w.requireTruth()
		}
		w.until(5 * time.Hour)
		w.requireTruth()
		for minute := 180; minute < 290; minute++ {
			require.Contains(t, w.store.live(), glucose.Reading{Time: w.start.Add(time.Duration(minute) * time.Minute).UTC(), Value: 100 + glucose.MgDL(minute), Trend: glucose.Flat})
		}
		w.end()
	})
}

// A start in the hours that the wrong clocks told does not show their value as
// the present, and tells in time that the true one is missing.
func TestStartInTheHoursOfAWrongClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWrongClocks(t)
		w.silentFrom = w.start.Add(175 * time.Minute)
		w.run()
		w.until(10 * time.Minute)
		w.set(3*time.Hour, 3*time.Hour)
		w.until(20 * time.Minute)
		w.set(0, 0)
		w.until(188 * time.Minute)
		w.requireTruth()
		w.end()
		w.views, w.events = nil, nil
		w.run()
		for end := 188*time.Minute + time.Second; end < 4*time.Hour; end += 30 * time.Second {
			w.until(end)
			require.Equal(t, 175*time.Minute, w.view().Reading.Time.Sub(w.start))
			require.Equal(t, end >= 185*time.Minute, w.view().Stale)
		}
		var told []time.Duration
		for _, e := range w.said() {
			if e.Kind == "no_data" {
				told = append(told, e.Time.Sub(w.start))
			}
		}
		require.Equal(t, 195*time.Minute, told[0], "20 minutes after the last")
		w.end()
	})
}

// What can't be kept apart waits for that like what is to be stored for room,
// also what never was, and nothing is stored before that may be in its way.
func TestWrongClockOnADiskThatRefuses(t *testing.T) {
	for _, how := range []string{"full", "stuck"} {
		t.Run(how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWrongClocks(t)
				refuses := map[string]*atomic.Bool{"full": &w.disk.full, "stuck": &w.disk.stuck}[how]
				w.run()
				w.until(10 * time.Minute)
				w.set(3*time.Hour, 3*time.Hour)
				w.until(20 * time.Minute)
				refuses.Store(true)
				w.until(30 * time.Minute)
				w.set(0, 0)
				w.until(40 * time.Minute)
				require.Contains(t, w.view().Undelivered, "no space left")
				require.Empty(t, w.store.kept())
				w.set(3*time.Hour, 3*time.Hour) // and once more meanwhile
				w.until(50 * time.Minute)
				w.set(0, 0)
				w.until(200 * time.Minute) // the seconds of the wrong ones have come round
				require.Empty(t, w.store.kept())
				refuses.Store(false)
				w.until(202 * time.Minute)
				require.Empty(t, w.view().Undelivered)
				w.requireTruth()
				require.Greater(t, len(w.store.kept()), 24)
				w.end()
			})
		})
	}
}

// A program that is killed before the store has done it does it at its next
// start, also for hours that no start recalls.
func TestWrongClockIsDoubtedByTheNextStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWrongClocks(t)
		w.run()
		w.until(10 * time.Minute)
		w.set(3*time.Hour, 3*time.Hour)
		w.until(20 * time.Minute)
		w.disk.full.Store(true)
		w.set(0, 0)
		w.until(25 * time.Minute)
		require.Empty(t, w.store.kept())
		w.end()
		w.disk.full.Store(false)
		w.views = slices.DeleteFunc(w.views, func(v tray.View) bool { return v.Undelivered != "" }) // it was said that these are not stored
		w.run()
		w.until(30 * time.Minute)
		w.requireTruth()
		w.end()
	})
}

// What the store is to keep apart takes a new reading that both clocks date
// in the present or the past.
func TestWhatIsDoubted(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s := state{people: map[string]*person{}, accounts: []*account{{}}}
	answer := func(at time.Time, snap glucose.Snapshot) *person {
		snap.Person.ID = "p"
		s.apply(s.accounts[0], poll.Update{At: at, Snapshots: []glucose.Snapshot{snap}})
		return s.people["p"]
	}
	at := func(d time.Duration, o glucose.Origin) glucose.Reading {
		return glucose.Reading{Time: now.Add(d), Value: 100, Origin: o}
	}
	first, live, graph, border := at(-time.Hour, glucose.Live), at(3*time.Hour, glucose.Live), at(2*time.Hour, glucose.Graph), at(5*time.Minute, glucose.Live)
	answer(now.Add(-time.Hour), glucose.Snapshot{Current: &first})
	p := answer(now.Add(3*time.Hour), glucose.Snapshot{Current: &live, History: []glucose.Reading{graph, border}})
	p.doubt, p.unstored = doubt{}, []glucose.Reading{border, graph, live} // as after a failure

	for _, snap := range []glucose.Snapshot{{FutureBy: 3 * time.Hour}, {Current: &live}} { // the second as of a clock set back on the way
		answer(now, snap)
		require.False(t, p.disproved)
	}
	require.Zero(t, p.doubt.after, "this computer's clock may be the wrong one")
	require.Len(t, p.readings, 4)

	// So it may when the service is behind with its answers, as some are.
	p = answer(now, glucose.Snapshot{Current: &first})
	require.Zero(t, p.doubt.after)
	require.Len(t, p.unstored, 3)
	require.Equal(t, []glucose.Reading{first, border}, p.readings, "what is shown is of the present")

	old := at(-20*time.Minute, glucose.Live)
	p = answer(now, glucose.Snapshot{Current: &old})
	require.Equal(t, old.Time.Add(-time.Second), p.doubt.after, "the border is of the same wrong clock")
	require.Equal(t, []glucose.Reading{border, graph, live}, p.doubt.unstored)
	require.Empty(t, p.unstored)
	require.Equal(t, []glucose.Reading{first, old}, p.readings)

	newer := at(-time.Minute, glucose.Live)
	p = answer(now.Add(time.Hour), glucose.Snapshot{Current: &newer})
	require.Equal(t, old.Time.Add(-time.Second), p.doubt.after, "what was found first still holds")
	p.doubt, p.unstored = doubt{}, []glucose.Reading{border}
	another := at(-2*time.Minute, glucose.Live)
	p = answer(now.Add(-time.Minute), glucose.Snapshot{Current: &another})
	require.Equal(t, now.Add(4*time.Minute), p.doubt.after)
	require.Equal(t, []glucose.Reading{border}, p.doubt.unstored)
	require.Empty(t, p.unstored)
}

// The first true reading may come when those of the wrong clocks are of the present
// already: just before them, or in the very second of one.
func TestTrueReadingAmongThoseOfAWrongClock(t *testing.T) {
	for _, first := range []time.Duration{184 * time.Minute, 189 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			w := newWrongClocks(t)
			w.run()
			w.until(8 * time.Minute)
			w.set(3*time.Hour, 3*time.Hour)
			w.until(20 * time.Minute)
			w.set(0, 3*time.Hour) // what the phone dates is of the future now
			w.until(first + 30*time.Second)
			w.phone.Store(0)
			w.until(first + 4*time.Minute)
			require.Less(t, w.in(*w.view().Reading)-time.Since(w.start), 2*time.Minute)
			require.Equal(t, w.view().Reading.Time.Sub(w.start), w.in(*w.view().Reading), "it is the true one")
			require.Contains(t, w.store.live(), *w.view().Reading)
			require.False(t, w.view().Stale)
			w.end()
		})
	}
}
