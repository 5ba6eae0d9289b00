package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
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

// family is an account with several people; values by id, read at the moment.
type family struct {
	mu     sync.Mutex
	values map[string]glucose.MgDL
}

func (f *family) Current(context.Context) ([]glucose.Snapshot, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := time.Now().Add(-delay).Truncate(time.Minute).UTC()
	var out []glucose.Snapshot
	for _, id := range []string{"anna", "ben"} {
		if v, ok := f.values[id]; ok {
			out = append(out, glucose.Snapshot{
				Person:  glucose.Person{ID: id, Name: id},
				Current: &glucose.Reading{Time: at, Value: v, Trend: glucose.Flat},
			})
		}
	}
	return out, nil
}

func (f *family) Graph(ctx context.Context, id string) (glucose.Snapshot, error) {
	all, _ := f.Current(ctx)
	for _, s := range all {
		if s.Person.ID == id {
			return s, nil
		}
	}
	return glucose.Snapshot{}, &glucose.Fault{Kind: glucose.ShareRevoked, Message: "revoked"}
}

func TestSignInAsAnotherAccountIsFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var src poll.Source = &family{values: map[string]glucose.MgDL{"anna": 110}}
		w.opt.Connect = func(context.Context, string) (poll.Source, error) { return src, nil }
		w.run()
		time.Sleep(10 * time.Minute)
		src = &family{values: map[string]glucose.MgDL{"ben": 45}} // `llutray login` to another account
		w.ask <- Request{Command: "reload", Reply: make(chan Reply, 1)}
		time.Sleep(15 * time.Minute)
		v := w.view()
		t.Logf("people=%+v stale=%v value=%v fault=%v", v.People, v.Stale, v.Reading.Value, v.Fault)
		for _, a := range w.alarms() {
			t.Log(a)
		}
		_, shown := w.desk.Shown("low")
		require.True(t, shown, "45 mg/dL of the only person who shares must alarm")
		w.end()
	})
}

func TestButtonOfTheFormerPerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		src := &family{values: map[string]glucose.MgDL{"anna": 60, "ben": 110}}
		w.opt.Connect = func(context.Context, string) (poll.Source, error) { return src, nil }
		w.run()
		time.Sleep(2 * time.Minute)
		m, shown := w.desk.Shown("low")
		require.True(t, shown)
		require.Contains(t, m.Title, "anna")
		w.actions <- tray.Action{Kind: tray.Follow, Key: "ben"}
		synctest.Wait()
		_, shown = w.desk.Shown("low")
		require.True(t, shown, "Anna's low is as urgent whoever is looked at")
		w.desk.Inject(notify.Event{Tag: "low", Button: m.Buttons[2].Key})
		require.Len(t, w.view().Snoozes, 1)
		require.Equal(t, "anna", w.view().Snoozes[0].Person, "Ben's low must not be snoozed by Anna's message")
		w.end()
	})
}

func TestOldButtonNeverSnoozesTheUrgentLow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.curve = func(since time.Duration) glucose.MgDL {
			if since < 5*time.Minute {
				return 65
			}
			return 48
		}
		w.run()
		time.Sleep(3 * time.Minute)
		m, _ := w.desk.Shown("low")
		require.Contains(t, m.Title, "LOW 65")
		w.desk.FailAll(notify.ErrHangs) // the urgent low does not get onto the screen
		time.Sleep(3 * time.Minute)
		w.desk.Inject(notify.Event{Tag: "low", Button: m.Buttons[1].Key}) // "Snooze 30 min" of the LOW
		synctest.Wait()
		for _, s := range w.view().Snoozes {
			require.NotEqual(t, string(alarm.UrgentLow), s.Kind, "an urgent low nobody saw is snoozed until %s", s.Until)
		}
		w.end()
	})
}

func TestUrgentLowKeepsSoundingWithoutNotifications(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.curve = func(time.Duration) glucose.MgDL { return 45 }
		w.desk.FailAll(errors.New("no notification service"))
		w.run()
		time.Sleep(3 * time.Hour)
		t.Log("sounds in 3 h of 45 mg/dL:", len(w.desk.Played()))
		require.Greater(t, len(w.desk.Played()), 10, "every 5 min until answered")
		w.end()
	})
}

func TestSoundIsTriedAgainWithTheMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.curve = func(time.Duration) glucose.MgDL { return 45 }
		w.desk.FailAll(notify.ErrHangs)
		w.desk.FailPlay(errors.New("no sound server yet"))
		w.run()
		time.Sleep(2 * time.Second)
		w.desk.FailAll(nil)
		w.desk.FailPlay(nil)
		time.Sleep(time.Minute)
		_, shown := w.desk.Shown("low")
		require.True(t, shown)
		require.NotEmpty(t, w.desk.Played(), "nothing was heard the first time")
		w.end()
	})
}

func TestSilentAlarmIsVisible(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.curve = func(time.Duration) glucose.MgDL { return 45 }
		w.desk.FailPlay(errors.New("no sound server"))
		w.run()
		time.Sleep(time.Minute)
		require.NotEmpty(t, w.view().Undelivered, "the urgent low made no sound, and nothing says so")
		w.end()
	})
}

func TestOldFaultIsForgottenAtTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.store.meta[MetaFault] = storedFault(&glucose.Fault{Kind: glucose.WrongPassword, Message: "refused"}) // of the run before
		w.run()
		time.Sleep(10 * time.Minute)
		require.Nil(t, w.view().Fault)
		require.Nil(t, ParseStoredFault(w.store.meta[MetaFault]), "`status` exits with 5 although all is well")
		w.end()
	})
}

type noKeyring struct{}

func (noKeyring) Get(context.Context, string) (string, error) { return "", settings.ErrNoKeyring }
func (noKeyring) Set(context.Context, string, string) error   { return settings.ErrNoKeyring }
func (noKeyring) Delete(context.Context, string) error        { return settings.ErrNoKeyring }

func TestKeyringDaemonGoneIsNotSignedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.store.readings = []glucose.Reading{{Time: w.start.Add(-3 * time.Minute), Value: 75}}
		account := &Account{Secrets: noKeyring{}, Path: w.opt.Paths.Session}
		require.NoError(t, settings.SaveState(account.Path, map[string]any{"owner": "x", "region": "eu"})) // somebody signed in
		w.opt.Connect = func(ctx context.Context, _ string) (poll.Source, error) {
			_, err := account.Credentials(ctx)
			return nil, err
		}
		w.run()
		time.Sleep(2 * time.Hour)
		v := w.view()
		t.Logf("reading=%v fault=%v", v.Reading, v.Fault.Message)
		require.NotEmpty(t, w.alarms(), "two hours without data and not a word")
		w.end()
	})
}

func TestSnoozeDoesNotAnswerYesterdaysAlarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.curve = func(since time.Duration) glucose.MgDL {
			if since > 20*time.Minute && since < 60*time.Minute {
				return 300
			}
			return 110
		}
		w.run()
		time.Sleep(10 * time.Hour)
		require.NotEmpty(t, w.alarms())
		w.actions <- tray.Action{Kind: tray.SnoozeAlarm, Key: "high", For: 2 * time.Hour} // before a run
		synctest.Wait()
		require.Empty(t, firstAnswer(w.store), "an alarm of nine hours ago was never answered")
		w.end()
	})
}

func TestNothingIsClaimedBeforeTheFirstRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.store.readings = []glucose.Reading{{Time: w.start.Add(-40 * time.Hour), Value: 110}}
		w.opt.Connect = func(ctx context.Context, _ string) (poll.Source, error) { <-ctx.Done(); return nil, ctx.Err() }
		w.run()
		v := w.view()
		require.Nil(t, v.Fault, "%v", v.Fault)
		w.end()
	})
}

func TestRefreshReadsTheKeyringAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		locked := true
		w.opt.Connect = func(context.Context, string) (poll.Source, error) {
			if locked {
				return nil, keyringFault(settings.ErrLocked)
			}
			return w, nil
		}
		w.run()
		locked = false
		w.actions <- tray.Action{Kind: tray.Refresh} // as the hint says
		time.Sleep(time.Second)
		require.NotNil(t, w.view().Reading)
		w.end()
	})
}

func TestRestartAfterAnotherAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.opt.Recall = func(context.Context) ([]Memory, error) {
			return []Memory{{Person: glucose.Person{ID: "anna", Name: "anna"}}}, nil // followed last year
		}
		src := &family{values: map[string]glucose.MgDL{"ben": 45}}
		w.opt.Connect = func(context.Context, string) (poll.Source, error) { return src, nil }
		w.run()
		time.Sleep(time.Hour)
		v := w.view()
		t.Logf("person=%q fault=%v reading=%v", v.Person, v.Fault, v.Reading)
		_, shown := w.desk.Shown("low")
		require.True(t, shown)
		w.end()
	})
}

func TestTestAlarmTellsThatNothingWasHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.desk.FailPlay(errors.New("no sound server"))
		w.run()
		reply := make(chan Reply, 1)
		w.ask <- Request{Command: "test-alarm", Reply: reply}
		require.NotEmpty(t, (<-reply).Error)
		w.end()
	})
}

func TestFaultOfStatusKeepsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.silent = func(since time.Duration) bool { return since > 5*time.Minute }
		w.run()
		time.Sleep(5 * time.Hour)
		t.Log(w.view().Fault.Message, "/", w.store.meta[MetaFault])
		require.Equal(t, w.view().Fault.Message, ParseStoredFault(w.store.meta[MetaFault]).Message)
		w.end()
	})
}

func TestNamelessGraph(t *testing.T) {
	s := state{accounts: []*account{{}}, people: map[string]*person{}}
	now := time.Now()
	s.apply(s.accounts[0], poll.Update{At: now, Snapshots: []glucose.Snapshot{{Person: glucose.Person{ID: "p", Name: "Robin"}, Current: &glucose.Reading{Time: now, Value: 100}}}})
	s.apply(s.accounts[0], poll.Update{At: now, Graph: true, Snapshots: []glucose.Snapshot{{Person: glucose.Person{ID: "p"}}}})
	require.Equal(t, "Robin", s.shown().who.Name)
}

// A service that names new people with each answer is left alone after some;
// those who are known may go and come back.
func TestPeopleWithoutEnd(t *testing.T) {
	s := state{accounts: []*account{{}}, people: map[string]*person{}}
	now := time.Now()
	met := func(i int) bool {
		id := fmt.Sprint("p", i)
		u := poll.Update{At: now, Snapshots: []glucose.Snapshot{{Person: glucose.Person{ID: id, Name: "Robin"}, Current: &glucose.Reading{Time: now, Value: 100}}}}
		fresh, _ := s.apply(s.accounts[0], u)
		delete(s.people, id) // no longer shares
		return len(fresh) > 0
	}
	for i := range 1000 {
		require.Equal(t, i < mostMet, met(i))
	}
	require.True(t, met(0))
}

// fullDisk refuses readings until told otherwise.
type fullDisk struct {
	*memory
	full atomic.Bool
}

func (d *fullDisk) Append(ctx context.Context, p glucose.Person, r []glucose.Reading) ([]glucose.Reading, error) {
	if d.full.Load() {
		return nil, errors.New("no space left")
	}
	return d.memory.Append(ctx, p, r)
}

// What was shown while the disk was full is stored once there is room.
func TestReadingsOfAFullDiskAreStoredLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		disk := &fullDisk{memory: w.store}
		disk.full.Store(true)
		w.opt.Store = disk
		w.run()
		time.Sleep(10 * time.Minute)
		require.Contains(t, w.view().Undelivered, "no space left")
		require.Empty(t, w.store.live())
		disk.full.Store(false)
		time.Sleep(2 * time.Minute)
		require.Empty(t, w.view().Undelivered)
		require.Greater(t, len(w.store.live()), 10)
		w.end()
	})
}

// It is stored within a minute, though the next request is far away, and at the
// end of the run.
func TestReadingsOfAFullDiskAreStoredAtOnce(t *testing.T) {
	for _, wait := range []time.Duration{0, time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			disk := &fullDisk{memory: w.store}
			w.opt.Store = disk
			w.silent = func(since time.Duration) bool { return since%(15*time.Minute) != 0 }
			w.run()
			time.Sleep(64 * time.Minute)
			stored := len(w.store.live())
			disk.full.Store(true)
			for w.view().Undelivered == "" {
				time.Sleep(time.Second)
			}
			disk.full.Store(false)
			time.Sleep(wait)
			if wait == 0 {
				w.end()
			}
			require.Len(t, w.store.live(), stored+1)
			if wait != 0 {
				w.end()
			}
		})
	}
}

// Who has signed in to another account sees no alarm of the former one.
func TestMessagesOfAFormerAccountGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var src poll.Source = &family{values: map[string]glucose.MgDL{"anna": 50}}
		w.opt.Connect = func(context.Context, string) (poll.Source, error) { return src, nil }
		w.run()
		time.Sleep(2 * time.Minute)
		_, shown := w.desk.Shown("low")
		require.True(t, shown)
		src = &family{values: map[string]glucose.MgDL{"ben": 110}}
		w.ask <- Request{Command: "reload", Reply: make(chan Reply, 1)}
		time.Sleep(2 * time.Minute)
		_, shown = w.desk.Shown("low")
		require.False(t, shown, "nobody can answer it any more")
		w.end()
	})
}

// News of the panel must not put off what is due in a second.
func TestHostNewsDelaysNoAlarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		hosted := make(chan bool)
		w.opt.Hosted = hosted
		w.silent = func(since time.Duration) bool { return since >= 0 }
		w.run()
		stale := w.view().StaleAt
		time.Sleep(time.Until(stale) - time.Second)
		require.False(t, w.view().Stale)
		hosted <- true
		synctest.Wait()
		time.Sleep(2 * time.Second)
		require.True(t, w.view().Stale)
		w.end()
	})
}

// fullFor is a disk that takes nothing of one person.
type fullFor struct {
	*shelf
	id   string
	full atomic.Bool
}

func (d *fullFor) Append(ctx context.Context, p glucose.Person, r []glucose.Reading) ([]glucose.Reading, error) {
	if d.full.Load() && p.ID == d.id {
		return nil, errors.New("no space left")
	}
	return d.shelf.Append(ctx, p, r)
}

// The readings of a phone that has gone silent wait for room on the disk, too.
func TestUnstoredOfOneIsNotForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "")
		disk := &fullFor{shelf: h.kept, id: "b1"}
		disk.full.Store(true)
		h.opt.Store = disk
		h.children[1].silent = func(since time.Duration) bool { return since > 2*time.Minute }
		h.run()
		time.Sleep(6 * time.Minute)
		require.Contains(t, h.view().Undelivered, "no space left", "it is still so")
		disk.full.Store(false)
		time.Sleep(3 * time.Minute)
		require.Empty(t, h.view().Undelivered)
		require.NotEmpty(t, h.kept.readings["b1"])
		h.end()
	})
}

// A home that cannot be written is told until it has been heard, and stays in
// the menu.
func TestNoticeAboutTheFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.opt.Notice = "Nothing can be kept: the disk with your home folder is full."
		w.desk.FailAll(notify.ErrHangs)
		w.run()
		w.desk.FailAll(nil)
		time.Sleep(2 * time.Minute)
		m, shown := w.desk.Shown("files")
		require.True(t, shown)
		require.Equal(t, w.opt.Notice, m.Body)
		require.Equal(t, w.opt.Notice, w.view().Undelivered)
		w.end()
	})
}

// damagedState is a state file that was set aside.
type damagedState struct{}

func (damagedState) Load(any) (string, error) { return "The state file was damaged.", nil }
func (damagedState) Save(any) error           { return nil }

func TestDamagedStateIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.opt.State = damagedState{}
		w.desk.FailAll(notify.ErrHangs) // the desktop is not up yet
		w.run()
		time.Sleep(10 * time.Second)
		w.desk.FailAll(nil)
		time.Sleep(2 * time.Minute)
		m, shown := w.desk.Shown("files")
		require.True(t, shown)
		require.Contains(t, m.Body, "damaged")
		w.end()
	})
}

// A clock that was set back must not leave the last reading on the screen as
// the present until its time comes round again.
func TestClockSetBackMakesTheReadingOld(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s := state{accounts: []*account{{}}, people: map[string]*person{}, zone: time.UTC}
	s.apply(s.accounts[0], poll.Update{At: at, Snapshots: []glucose.Snapshot{{Person: glucose.Person{ID: "p"}, Current: &glucose.Reading{Time: at, Value: 100}}}})
	require.False(t, s.view(at, viewEnv{}).Stale)
	back := at.Add(-time.Hour)
	s.apply(s.accounts[0], poll.Update{At: back, Snapshots: []glucose.Snapshot{{Person: glucose.Person{ID: "p"}, FutureBy: time.Hour}}})
	v := s.view(back, viewEnv{})
	require.True(t, v.Stale)
	require.Equal(t, glucose.ClockFault, v.Fault.Kind)
}

// A reading that a wrong clock took for the present is not the newest for hours
// once the clock is right: a low would not be told.
func TestReadingOfAWrongClockIsDisproved(t *testing.T) {
	s := state{people: map[string]*person{}, accounts: []*account{{}}}
	now := time.Now()
	answer := func(at, reading time.Time) {
		s.apply(s.accounts[0], poll.Update{At: at, Snapshots: []glucose.Snapshot{{Person: glucose.Person{ID: "p"}, Current: &glucose.Reading{Time: reading, Value: 100}}}})
	}
	answer(now, now.Add(-time.Minute))
	answer(now.Add(3*time.Hour), now.Add(2*time.Hour)) // the clock is wrong, and so is the phone's
	p := s.people["p"]
	p.judged = now.Add(2 * time.Hour)
	answer(now.Add(time.Minute), now)
	r, ok := newestLive(p.readings)
	require.True(t, ok)
	require.Equal(t, now, r.Time)
	require.True(t, r.Time.After(p.judged), "and it is judged")
	require.Len(t, p.readings, 2)
}
