package app

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/poll"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/tray"
)

// world is a sensor, a service and a user around a running app, all in one
// synctest bubble.
type world struct {
	t     *testing.T
	start time.Time

	mu       sync.Mutex
	curve    func(since time.Duration) glucose.MgDL
	fault    func(since time.Duration) *glucose.Fault // of a request; nil function: none
	silent   func(since time.Duration) bool           // the sensor gives nothing
	hang     time.Duration                            // of each request
	requests []time.Time
	views    []tray.View
	events   []any

	desk    *notify.Recorder
	store   *memory
	actions chan tray.Action
	ask     chan Request
	report  func(poll.Wake)
	opt     Options
	stop    context.CancelFunc
	done    chan error
}

const delay = 7 * time.Second // of publication

func newWorld(t *testing.T) *world {
	w := &world{
		t: t, start: time.Now(), desk: notify.NewRecorder(), store: newMemory(),
		actions: make(chan tray.Action, 8), ask: make(chan Request, 1),
		curve: func(time.Duration) glucose.MgDL { return 110 },
	}
	set := settings.Default()
	set.Unit = glucose.MgPerDL
	w.opt = Options{
		Clock: SystemClock{}, Paths: settings.PathsUnder(t.TempDir()), Settings: set, Store: w.store,
		Recall:   w.store.recall,
		Connect:  func(context.Context, string) (poll.Source, error) { return w, nil },
		Notifier: w.desk, Play: w.desk.Play, Front: w, Actions: w.actions, Requests: w.ask,
		Events:     func(e any) { w.mu.Lock(); w.events = append(w.events, e); w.mu.Unlock() },
		WatchWorld: func(report func(poll.Wake)) World { w.report = report; return still{} },
		Version:    "test",
	}
	return w
}

// still is a computer that never sleeps.
type still struct{}

func (still) Run(ctx context.Context) error { <-ctx.Done(); return nil }
func (still) SetOffline(bool)               {}

func (w *world) run() {
	ctx, stop := context.WithCancel(context.Background())
	w.stop, w.done = stop, make(chan error, 1)
	a := New(w.opt)
	go func() { w.done <- a.Run(ctx) }()
	w.t.Cleanup(stop)
	synctest.Wait()
}

func (w *world) end() {
	w.stop()
	require.NoError(w.t, <-w.done)
}

// Show is the front.
func (w *world) Show(v tray.View) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.views = append(w.views, v)
}

func (w *world) view() tray.View {
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.views[len(w.views)-1]
}

// Current is the service: the newest reading that is published.
func (w *world) Current(ctx context.Context) ([]glucose.Snapshot, error) {
	w.mu.Lock()
	now := time.Now()
	w.requests = append(w.requests, now)
	hang := w.hang
	w.mu.Unlock()
	if hang > 0 {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(hang):
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	since := now.Sub(w.start)
	if w.fault != nil {
		if f := w.fault(since); f != nil {
			return nil, f
		}
	}
	snap := glucose.Snapshot{
		Person: glucose.Person{ID: "p1", Name: "Robin"},
		Sensor: &glucose.Sensor{Activated: w.start.Add(-48 * time.Hour), WarmUp: time.Hour},
	}
	for at := now.Add(-delay).Truncate(time.Minute); ; at = at.Add(-time.Minute) {
		if w.silent == nil || !w.silent(at.Sub(w.start)) {
			snap.Current = &glucose.Reading{Time: at.UTC(), Value: w.curve(at.Sub(w.start)), Trend: glucose.Flat}
			return []glucose.Snapshot{snap}, nil
		}
	}
}

// Graph is the same with history, which the tests here do not look at.
func (w *world) Graph(ctx context.Context, _ string) (glucose.Snapshot, error) {
	s, err := w.Current(ctx)
	if err != nil {
		return glucose.Snapshot{}, err
	}
	return s[0], nil
}

func (w *world) alarms() []AlarmEvent {
	synctest.Wait()
	return w.said()
}

// memory is a history store without a file.
type memory struct {
	mu       sync.Mutex
	readings []glucose.Reading
	doubted  []glucose.Reading
	alarms   map[string]alarm.Record
	meta     map[string]string
}

func newMemory() *memory {
	return &memory{alarms: map[string]alarm.Record{}, meta: map[string]string{}}
}

func (m *memory) Append(_ context.Context, _ glucose.Person, r []glucose.Reading) ([]glucose.Reading, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, x := range r {
		// As the real one: what it has of a second stays.
		if !slices.ContainsFunc(m.readings, func(o glucose.Reading) bool { return o.Time.Equal(x.Time) && o.Origin == x.Origin }) {
			m.readings = append(m.readings, x)
		}
	}
	return r, nil
}

func (m *memory) Doubt(_ context.Context, _ glucose.Person, after time.Time, unstored []glucose.Reading) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	before := len(m.doubted)
	m.readings = slices.DeleteFunc(m.readings, func(r glucose.Reading) bool {
		if r.Time.After(after) {
			m.doubted = append(m.doubted, r)
		}
		return r.Time.After(after)
	})
	m.doubted = append(m.doubted, unstored...)
	return len(m.doubted) - before, nil
}

// kept are those apart from the others.
func (m *memory) kept() []glucose.Reading {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.doubted)
}

func (m *memory) SavePerson(context.Context, glucose.Person, time.Time) error { return nil }

func (m *memory) LogAlarm(_ context.Context, _ string, r alarm.Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.alarms[r.ID] = r
	return nil
}

func (m *memory) SetMeta(_ context.Context, key, value string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.meta[key] = value
	return nil
}

func (m *memory) recall(context.Context) ([]Memory, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.readings) == 0 {
		return nil, nil
	}
	return []Memory{{Person: glucose.Person{ID: "p1", Name: "Robin"}, Readings: append([]glucose.Reading{}, m.readings...)}}, nil
}

func TestFirstValueAfterOneRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.run()
		v := w.view()
		require.Len(t, w.requests, 1)
		require.NotNil(t, v.Reading)
		require.Equal(t, glucose.MgDL(110), v.Reading.Value)
		require.False(t, v.Stale)
		require.Nil(t, v.Fault)
		w.end()
	})
}

func TestCachedValueBeforeAnyRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.store.readings = []glucose.Reading{{Time: w.start.Add(-3 * time.Minute), Value: 99}}
		w.opt.Connect = func(ctx context.Context, _ string) (poll.Source, error) {
			<-ctx.Done() // a keyring that hangs
			return nil, ctx.Err()
		}
		w.run()
		require.Equal(t, glucose.MgDL(99), w.view().Reading.Value)
		require.Empty(t, w.requests)
		w.end()
	})
}

func TestStaleAtTheExactMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.silent = func(since time.Duration) bool { return since > 30*time.Minute }
		w.run()
		last := w.start.Add(30 * time.Minute).Truncate(time.Minute)
		time.Sleep(time.Until(last.Add(10*time.Minute - time.Nanosecond)))
		require.False(t, w.view().Stale)
		time.Sleep(time.Nanosecond)
		v := w.view()
		require.True(t, v.Stale, "at ten minutes the number is no longer the present")
		require.Equal(t, glucose.UploadDelayed, v.Fault.Kind)
		require.Nil(t, v.Delta)
		w.end()
	})
}

func TestLowRaisesAnAlarmThatCanBeAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.curve = func(since time.Duration) glucose.MgDL {
			if since < 20*time.Minute {
				return 100
			}
			return 65
		}
		w.run()
		time.Sleep(21*time.Minute + 30*time.Second)
		m, shown := w.desk.Shown("low")
		require.True(t, shown)
		require.Contains(t, m.Title, "LOW 65")
		require.Equal(t, notify.Critical, m.Urgency)
		require.Equal(t, []notify.Sound{notify.SoundLow}, w.desk.Played())
		require.Equal(t, "Low", w.view().Alarm)

		require.Equal(t, []string{"Seen", "Treated", "Snooze 30 minutes"}, []string{m.Buttons[0].Label, m.Buttons[1].Label, m.Buttons[2].Label})
		w.desk.Inject(notify.Event{Tag: "low", Button: m.Buttons[2].Key})
		require.Len(t, w.view().Snoozes, 1)
		before := len(w.desk.Sent())
		time.Sleep(29 * time.Minute)
		require.Len(t, w.desk.Sent(), before, "snoozed")
		time.Sleep(5 * time.Minute)
		require.Greater(t, len(w.desk.Sent()), before, "the snooze has ended and it is still low")
		require.Equal(t, "snoozed for 30 min", firstAnswer(w.store))
		w.end()
	})
}

func firstAnswer(m *memory) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.alarms {
		if r.Answer != "" {
			return r.Answer
		}
	}
	return ""
}

func TestUrgentLowBreaksThroughASnooze(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.curve = func(since time.Duration) glucose.MgDL {
			return glucose.MgDL(max(48, 100-int(since/time.Minute)))
		}
		w.run()
		time.Sleep(35 * time.Minute)
		w.actions <- tray.Action{Kind: tray.SnoozeAlarm, Key: "low", For: time.Hour}
		time.Sleep(15 * time.Minute)
		var urgent bool
		for _, a := range w.alarms() {
			urgent = urgent || a.Kind == "urgent_low"
		}
		require.True(t, urgent)
		w.end()
	})
}

func TestTreatedLowIsLookedAtAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.curve = func(time.Duration) glucose.MgDL { return 62 } // and it does not rise
		w.run()
		require.True(t, w.view().Standing[0].Treatable)
		w.actions <- tray.Action{Kind: tray.Treated}
		require.False(t, w.view().Standing[0].Treatable)
		before := len(w.desk.Sent())
		time.Sleep(14 * time.Minute)
		require.Len(t, w.desk.Sent(), before, "quiet while the sugar works")
		time.Sleep(2*time.Minute + delay)
		m, shown := w.desk.Shown("low")
		require.True(t, shown)
		require.Contains(t, m.Body, "has not risen")
		w.end()
	})
}

func TestQuietHoursHoldTheSoftOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.opt.Settings.Quiet[0].On = true                         // at night
		w.curve = func(time.Duration) glucose.MgDL { return 270 } // all night
		w.run()
		w.report(poll.Wake{Kind: poll.ZoneMoved, Zone: time.UTC})
		time.Sleep(time.Until(time.Date(2000, 1, 1, 22, 30, 0, 0, time.UTC)))
		quiet := len(w.alarms())
		time.Sleep(8 * time.Hour) // 06:30
		for _, e := range w.alarms()[quiet:] {
			require.Equal(t, "still_high", e.Kind, "at %s", e.Time)
		}
		require.Greater(t, len(w.alarms()), quiet+1, "what has been high for hours is said in any night")
		w.end()
	})
}

func TestLockedScreenTellsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		locked := make(chan bool)
		w.opt.Locked = locked
		w.curve = func(since time.Duration) glucose.MgDL { return glucose.MgDL(100 - int(since/time.Minute)) }
		w.run()
		locked <- true
		time.Sleep(33 * time.Minute)
		for _, m := range w.desk.Sent() {
			require.NotContains(t, m.Title+m.Body, "Robin")
			require.NotRegexp(t, `\d`, m.Title+m.Body)
			require.Nil(t, m.Icon)
		}
		require.NotEmpty(t, w.desk.Sent())
		locked <- false
		time.Sleep(20 * time.Minute)
		m, _ := w.desk.Shown("low")
		require.Contains(t, m.Title, "URGENT LOW 4")
		w.end()
	})
}

func TestAwakeWhileAnAlarmWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		held := 0
		w.opt.StayAwake = func(context.Context, string) (func(), error) { held++; return func() { held-- }, nil }
		w.curve = func(time.Duration) glucose.MgDL { return 60 }
		w.run()
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, 1, held)
		w.actions <- tray.Action{Kind: tray.Seen}
		synctest.Wait()
		require.Zero(t, held, "somebody is there")
		time.Sleep(31 * time.Minute)
		synctest.Wait()
		w.end()
		require.Zero(t, held, "given back at the end")
	})
}

func TestBedtimeLineOnlyInTheEvening(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var asked []time.Time
		w.opt.Bedtime = func(_ context.Context, s []notify.Snooze) notify.Verdict {
			asked = append(asked, time.Now())
			return notify.Verdict{Sentence: fmt.Sprintf("Ready, %d snoozed.", len(s))}
		}
		w.run()
		time.Sleep(24 * time.Hour)
		w.end() // and waits for the worker that asks
		for _, at := range asked {
			h := at.Local().Hour()
			require.True(t, h >= eveningFrom || h < eveningTo, "asked at %s", at)
		}
		require.NotEmpty(t, asked)
		seen := map[string]bool{}
		for _, v := range w.views {
			seen[v.Bedtime] = true
		}
		require.Equal(t, map[string]bool{"": true, "Ready, 0 snoozed.": true}, seen)
	})
}

func TestFailedDeliveryIsShownAndTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.curve = func(time.Duration) glucose.MgDL { return 60 }
		w.desk.FailAll(notify.ErrHangs)
		w.run()
		time.Sleep(3 * time.Minute)
		require.Contains(t, w.view().Undelivered, notify.ErrHangs.Error())
		require.Len(t, w.desk.Played(), 1, "heard once, whatever the desktop does with the picture")
		w.desk.FailAll(nil)
		time.Sleep(2 * time.Minute)
		_, shown := w.desk.Shown("low")
		require.True(t, shown)
		require.Empty(t, w.view().Undelivered)
		w.end()
	})
}

func TestRestartKeepsASnooze(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.curve = func(time.Duration) glucose.MgDL { return 60 }
		w.opt.State = StateFile(w.opt.Paths.State)
		w.run()
		time.Sleep(2 * time.Minute)
		w.actions <- tray.Action{Kind: tray.SnoozeAlarm, Key: "low", For: 30 * time.Minute}
		synctest.Wait()
		w.end()
		sent := len(w.desk.Sent())
		w.run()
		time.Sleep(10 * time.Minute)
		require.Len(t, w.desk.Sent(), sent, "neither shouted again nor forgotten")
		require.Len(t, w.view().Snoozes, 1)
		w.end()
	})
}

func TestNewUserIsInvitedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.opt.Connect = func(context.Context, string) (poll.Source, error) {
			return nil, &glucose.Fault{Kind: glucose.SignedOut, Message: "Nobody is signed in.", Hint: "Sign in."}
		}
		w.run()
		time.Sleep(24 * time.Hour)
		require.Equal(t, glucose.SignedOut, w.view().Fault.Kind)
		require.Len(t, w.desk.Sent(), 1, "an invitation is no alarm")
		require.Empty(t, w.desk.Sent()[0].Buttons, "nothing here could open a sign-in")
		w.end()
	})
}

func TestInvitationLeadsToTheSignIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		opened, signedIn := 0, false
		w.opt.SignIn = func() error { opened++; return nil }
		w.opt.Connect = func(context.Context, string) (poll.Source, error) {
			if !signedIn {
				return nil, &glucose.Fault{Kind: glucose.SignedOut, Message: "Nobody is signed in.", Hint: "Sign in."}
			}
			return w, nil
		}
		w.run()
		time.Sleep(time.Second)
		m, shown := w.desk.Shown(tagWelcome)
		require.True(t, shown)
		require.Len(t, m.Buttons, 1)
		w.desk.Inject(notify.Event{Tag: tagWelcome, Button: m.Buttons[0].Key})
		synctest.Wait()
		require.Equal(t, 1, opened)
		w.desk.Inject(notify.Event{Tag: tagWelcome, Closed: true, ByUser: true})
		synctest.Wait()
		require.Equal(t, 1, opened, "waved away")

		signedIn = true
		w.ask <- Request{Command: "reload", Reply: make(chan Reply, 1)}
		time.Sleep(time.Minute)
		_, shown = w.desk.Shown(tagWelcome)
		require.False(t, shown, "taken back once somebody is signed in")
		w.end()
	})
}

func TestNothingRingsAfterSigningOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		signedOut := false
		w.opt.Connect = func(context.Context, string) (poll.Source, error) {
			if signedOut {
				return nil, &glucose.Fault{Kind: glucose.SignedOut, Message: "Nobody is signed in."}
			}
			return w, nil
		}
		w.run()
		time.Sleep(10 * time.Minute)
		signedOut = true
		w.ask <- Request{Command: "reload", Reply: make(chan Reply, 1)}
		time.Sleep(24 * time.Hour)
		require.Nil(t, w.view().Reading)
		require.Empty(t, w.alarms())
		w.end()
	})
}

func TestKeyringUnlockedLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.opt.Connect = func(context.Context, string) (poll.Source, error) {
			if time.Since(w.start) < 5*time.Minute {
				return nil, keyringFault(settings.ErrLocked)
			}
			return w, nil
		}
		w.run()
		require.Contains(t, w.view().Fault.Hint, "keyring")
		time.Sleep(5*time.Minute + redial)
		require.Nil(t, w.view().Fault)
		require.NotNil(t, w.view().Reading)
		w.end()
	})
}

func TestRefusedSignInIsSaidAndTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		signedIn := false
		w.opt.Connect = func(context.Context, string) (poll.Source, error) {
			if !signedIn {
				return nil, &glucose.Fault{Kind: glucose.WrongPassword, Message: "Refused.", Hint: "Sign in."}
			}
			return w, nil
		}
		w.run()
		time.Sleep(time.Second)
		require.Equal(t, glucose.WrongPassword, w.view().Fault.Kind)
		_, shown := w.desk.Shown("needs_you")
		require.True(t, shown)
		signedIn = true
		reply := make(chan Reply, 1)
		w.ask <- Request{Command: "reload", Reply: reply}
		require.Empty(t, (<-reply).Error)
		time.Sleep(time.Second)
		require.Nil(t, w.view().Fault)
		_, shown = w.desk.Shown("needs_you")
		require.False(t, shown, "done, so the message is taken back")
		w.end()
	})
}

func TestTravellerSeesLocalTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.run()
		zone := time.FixedZone("Pacific", -8*3600)
		w.report(poll.Wake{Kind: poll.ZoneMoved, Zone: zone})
		require.Equal(t, zone, w.view().Now.Location())
		w.end()
	})
}

func TestMenuChangesReachTheSettingsFile(t *testing.T) {
	w := newWorld(t)
	a := New(w.opt)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	require.NoError(t, settings.Ensure(w.opt.Paths.Settings))
	a.act(ctx, time.Now(), tray.Action{Kind: tray.SetLimit, Key: "low", Value: 76})
	a.act(ctx, time.Now(), tray.Action{Kind: tray.SetUnit, Unit: glucose.MgPerDL})
	a.act(ctx, time.Now(), tray.Action{Kind: tray.SetSound, Key: "high"})
	a.workers.Wait()
	s, err := settings.Load(w.opt.Paths.Settings)
	require.NoError(t, err)
	require.Equal(t, glucose.MgDL(76), s.Low.Limit)
	require.Equal(t, glucose.MgPerDL, s.Unit)
	require.Equal(t, settings.SoundNone, s.High.Sound)
}

// TestWeek runs a week of nights, meals, lows, outages and a dead phone, and
// checks what must hold at every moment.
func TestWeek(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.curve = func(since time.Duration) glucose.MgDL {
			h := since.Hours()
			v := 125 + 55*math.Sin(h*2*math.Pi/7) + 30*math.Sin(h*2*math.Pi/2.3)
			return glucose.MgDL(max(45, v))
		}
		w.silent = func(since time.Duration) bool { // the phone lies at home, Tuesday afternoon
			return since > 40*time.Hour && since < 43*time.Hour
		}
		w.fault = func(since time.Duration) *glucose.Fault {
			switch h := since.Hours(); {
			case h > 60 && h < 60.5:
				return &glucose.Fault{Kind: glucose.Offline, Message: "offline"}
			case h > 90 && h < 91:
				return &glucose.Fault{Kind: glucose.Maintenance, Message: "maintenance"}
			}
			return nil
		}
		w.run()
		time.Sleep(7 * 24 * time.Hour)
		synctest.Wait()
		w.end()

		for _, v := range w.views {
			if v.Reading == nil {
				continue
			}
			require.Equal(t, v.Now.Sub(v.Reading.Time) >= 10*time.Minute, v.Stale, "at %s", v.Now)
			if v.Stale {
				require.NotNil(t, v.Fault, "an old number says why")
			}
		}
		seen := slices.DeleteFunc(slices.Clone(w.requests), func(at time.Time) bool { // by the service
			h := at.Sub(w.start).Hours()
			return h > 60 && h < 60.5
		})
		for i := 66; i < len(seen); i++ {
			require.GreaterOrEqual(t, seen[i].Sub(seen[i-66]), time.Hour, "more than 66 requests an hour at %s", seen[i])
		}
		stored := map[time.Time]bool{}
		for _, r := range w.store.readings {
			stored[r.Time] = true
		}
		for _, v := range w.views {
			require.True(t, v.Reading == nil || stored[v.Reading.Time], "what was shown is stored")
		}
		// Every stretch below 54 was called within a minute and the delay.
		said := map[string][]time.Time{}
		for _, a := range w.alarms() {
			said[a.Kind] = append(said[a.Kind], a.Time)
		}
		lows := 0
		for i := 1; i < len(w.store.readings); i++ {
			was, is := w.store.readings[i-1], w.store.readings[i]
			if was.Value >= 54 && is.Value < 54 && is.Time.Sub(was.Time) < 2*time.Minute {
				lows++
				require.True(t, anyWithin(said["urgent_low"], is.Time, 90*time.Second), "urgent low at %s", is.Time)
			}
		}
		require.Greater(t, lows, 10, "a week worth testing has lows")
		require.True(t, anyWithin(said["no_data"], w.start.Add(40*time.Hour), 22*time.Minute), "the phone at home")
		require.False(t, anyWithin(said["no_data"], w.start.Add(60*time.Hour), 18*time.Minute))
		require.Less(t, len(w.alarms()), 400, "it does not nag")
	})
}

func anyWithin(times []time.Time, from time.Time, d time.Duration) bool {
	for _, x := range times {
		if !x.Before(from) && x.Sub(from) <= d {
			return true
		}
	}
	return false
}

func TestControlSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c")
	_, err := Tell(path, "show", "", 0)
	require.ErrorIs(t, err, ErrNotRunning)
	for _, p := range []string{path, filepath.Join(t.TempDir(), "a-very-long-folder-name-that-no-socket-address-can-hold-because-it-goes-on-and-on-and-on-and-on", "c")} {
		require.NoError(t, settings.WriteFile(p+".keep", nil, 0o600))
		c, err := ListenControl(p)
		require.NoError(t, err)
		go func() {
			r := <-c.Requests
			r.Reply <- Reply{Text: r.Command + " " + r.Kind + " " + r.For.String()}
		}()
		text, err := Tell(p, "snooze", "low", time.Hour)
		require.NoError(t, err)
		require.Equal(t, "snooze low 1h0m0s", text)
		c.Close()
	}
}

// Of several changes that follow each other closely the last one stays.
func TestLastChangeOfASettingStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		require.NoError(t, w.opt.Paths.Make())
		w.run()
		for round := range 10 {
			for _, v := range []glucose.MgDL{65, 70, 75, 80, 85, 90} {
				w.actions <- tray.Action{Kind: tray.SetLimit, Key: "low", Value: v}
			}
			synctest.Wait()
			time.Sleep(time.Second)
			set, err := settings.Load(w.opt.Paths.Settings)
			require.NoError(t, err)
			require.Equal(t, glucose.MgDL(90), set.Low.Limit, "round %d", round)
		}
		w.end()
	})
}
