package app

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/poll"
	"github.com/llutray/llutray/internal/tray"
)

// lose has the notification service go away with a message, and another come
// after a while.
func (w *world) lose(tag string, away time.Duration) {
	w.t.Helper()
	if away > 0 {
		w.desk.FailAll(notify.ErrNoServer)
	}
	w.desk.Inject(notify.Event{Tag: tag, Closed: true, Lost: true})
	time.Sleep(away)
	w.desk.FailAll(nil)
}

func (w *world) shows(tag string) (notify.Message, bool) {
	synctest.Wait()
	return w.desk.Shown(tag)
}

// An alarm that the notification service took with it is put back without a
// sound, also when the service takes its time; not one that was answered, or
// that the desktop itself let go.
func TestAlarmLostWithItsService(t *testing.T) {
	for name, c := range map[string]struct {
		event    notify.Event
		away     time.Duration // of the service
		answered bool
		back     bool
	}{
		"lost":             {notify.Event{Closed: true, Lost: true}, 0, false, true},
		"lost for a while": {notify.Event{Closed: true, Lost: true}, time.Minute, false, true},
		"lost for long":    {notify.Event{Closed: true, Lost: true}, 20 * time.Minute, false, true},
		"answered":         {notify.Event{Closed: true, Lost: true}, time.Minute, true, false},
		"timed out":        {notify.Event{Closed: true}, 0, false, false},
		"wiped away":       {notify.Event{Closed: true, ByUser: true}, 0, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.curve = func(time.Duration) glucose.MgDL { return 64 }
				w.run()
				time.Sleep(10 * time.Second)
				_, on := w.shows("low")
				require.True(t, on)
				sounds := len(w.desk.Played())
				if c.away > 0 {
					w.desk.FailAll(notify.ErrNoServer)
				}
				c.event.Tag = "low"
				w.desk.Inject(c.event)
				if c.answered {
					w.actions <- tray.Action{Kind: tray.Seen}
				}
				time.Sleep(c.away)
				w.desk.FailAll(nil)
				pause := restoreEvery
				if c.away > restoreOften*restoreEvery {
					pause = restoreLater
				}
				time.Sleep(pause + time.Second)
				_, on = w.shows("low")
				require.Equal(t, c.back, on)
				require.Len(t, w.desk.Played(), sounds, "it was heard")
				w.end()
			})
		})
	}
}

// While a lost alarm is on no screen the menu says why.
func TestLostAlarmIsInTheMenu(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.curve = func(time.Duration) glucose.MgDL { return 64 }
		w.run()
		time.Sleep(10 * time.Second)
		require.Empty(t, w.view().Undelivered)
		w.lose("low", restoreEvery+time.Second)
		require.Contains(t, w.view().Undelivered, "shows no notifications")
		time.Sleep(restoreEvery)
		require.Empty(t, w.view().Undelivered)
		w.end()
	})
}

// Once it was answered the menu says no more of it: other troubles have their
// turn there.
func TestLostAlarmThatWasAnsweredLeavesTheMenu(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.curve = func(time.Duration) glucose.MgDL { return 64 }
		w.run()
		time.Sleep(10 * time.Second)
		w.lose("low", time.Minute+2*time.Second)
		require.NotEmpty(t, w.view().Undelivered)
		w.actions <- tray.Action{Kind: tray.Seen}
		time.Sleep(restoreLater)
		require.Empty(t, w.view().Undelivered)
		w.end()
	})
}

// The service that took a message again may be lost before the program knows
// that it did.
func TestAlarmLostTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.curve = func(time.Duration) glucose.MgDL { return 64 }
		w.run()
		time.Sleep(10 * time.Second)
		w.lose("low", 0)
		time.Sleep(restoreEvery - time.Second)
		w.lose("low", 0) // of one that came in between
		time.Sleep(time.Second)
		synctest.Wait()
		w.lose("low", 0)
		time.Sleep(restoreEvery + time.Second)
		_, on := w.shows("low")
		require.True(t, on)
		w.end()
	})
}

// What is put back tells the value as it is now. An old one is not in the
// title, and dated in the body.
func TestLostAlarmTellsThePresent(t *testing.T) {
	for name, c := range map[string]struct {
		silent bool // no more values come
		title  string
		value  string
		at     time.Duration
	}{
		"new value": {false, "LOW 60 → Robin, steady", "60 mg/dL", 16 * time.Minute},
		"old value": {true, "LOW Robin", "66 mg/dL", 3 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.curve = func(since time.Duration) glucose.MgDL {
					if since < 5*time.Minute {
						return 66
					}
					return 60
				}
				if c.silent {
					w.silent = func(since time.Duration) bool { return since > 3*time.Minute }
				}
				w.run()
				time.Sleep(2 * time.Minute)
				w.lose("low", 15*time.Minute)
				time.Sleep(restoreLater)
				m, on := w.shows("low")
				require.True(t, on)
				require.Equal(t, c.title, m.Title)
				require.Contains(t, m.Body, c.value+" at "+w.start.Add(c.at).Format("15:04")+", low since")
				w.end()
			})
		})
	}
}

// The message on the screen may be of an urgent low that is only a low by now,
// and nobody has answered either.
func TestLostAlarmOfAMilderOneSince(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.curve = func(since time.Duration) glucose.MgDL {
			if since < 3*time.Minute {
				return 50
			}
			return 64
		}
		w.run()
		time.Sleep(2 * time.Minute)
		m, on := w.shows("low")
		require.True(t, on)
		require.Contains(t, m.Title, "URGENT LOW")
		time.Sleep(22 * time.Minute)
		w.lose("low", 0)
		time.Sleep(restoreEvery + time.Second)
		m, on = w.shows("low")
		require.True(t, on)
		require.Contains(t, m.Title, "LOW 64")
		require.NotContains(t, m.Title, "URGENT")
		w.desk.Inject(notify.Event{Tag: "low", Button: m.Buttons[0].Key})
		require.Empty(t, w.view().Alarm, "and its button answers it")
		w.end()
	})
}

// Also what no alarm stands for any more: the last word about no data, what one
// asked to be told once, and what needs the user before anybody is known.
func TestLostMessagesThatStandForNothing(t *testing.T) {
	for tag, c := range map[string]struct {
		world func(*world)
		after time.Duration
		title string
	}{
		"no_data": {func(w *world) {
			w.silent = func(since time.Duration) bool { return since > 5*time.Minute }
		}, 13 * time.Hour, "NO DATA for 12 h"},
		"once": {func(w *world) {
			w.curve = func(since time.Duration) glucose.MgDL { return glucose.MgDL(110 + since/time.Minute) }
		}, 15 * time.Minute, "ROSE ABOVE 120"},
		"needs_you": {func(w *world) {
			w.opt.Connect = func(context.Context, string) (poll.Source, error) {
				return nil, &glucose.Fault{Kind: glucose.WrongPassword, Message: "Refused.", Hint: "Sign in."}
			}
		}, time.Minute, "SIGN-IN refused"},
	} {
		t.Run(tag, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				c.world(w)
				w.run()
				time.Sleep(time.Minute)
				if tag == "once" {
					reply := make(chan Reply, 1)
					w.ask <- Request{Command: "tell", Kind: "120", Reply: reply}
					require.Empty(t, (<-reply).Error)
				}
				time.Sleep(c.after)
				_, on := w.shows(tag)
				require.True(t, on)
				sent := len(w.desk.Sent())
				w.lose(tag, 0)
				time.Sleep(restoreEvery + time.Second)
				m, on := w.shows(tag)
				require.True(t, on)
				require.Contains(t, m.Title, c.title)
				require.Len(t, w.desk.Sent(), sent+1)
				w.end()
			})
		})
	}
}

// Another fault may keep everybody's data away by then.
func TestLostAlarmTellsThePresentFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "person = \"a1\"\n")
		h.fault = func(since time.Duration) *glucose.Fault {
			switch {
			case since > 35*time.Minute:
				return &glucose.Fault{Kind: glucose.Maintenance, Message: "It is being worked on.", Hint: "Wait."}
			case since > 10*time.Minute:
				return offline()
			}
			return nil
		}
		h.run()
		time.Sleep(45 * time.Minute)
		m, on := h.shows("no_data")
		require.True(t, on)
		require.Contains(t, m.Body, "no network")
		h.lose("no_data", 0)
		time.Sleep(restoreEvery + time.Second)
		m, on = h.shows("no_data")
		require.True(t, on)
		require.Contains(t, m.Body, "It is being worked on.")
		require.Contains(t, m.Title, "everyone")
		h.end()
	})
}

// What passed a limit once may be back by then: the message tells the value that
// passed it, and when.
func TestLostWordOfOnceTellsItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.curve = func(since time.Duration) glucose.MgDL {
			if since < 20*time.Minute {
				return glucose.MgDL(110 + since/time.Minute)
			}
			return 95
		}
		w.run()
		time.Sleep(time.Minute)
		reply := make(chan Reply, 1)
		w.ask <- Request{Command: "tell", Kind: "120", Reply: reply}
		require.Empty(t, (<-reply).Error)
		time.Sleep(5 * time.Hour)
		w.lose("once", 0)
		time.Sleep(restoreEvery + time.Second)
		m, on := w.shows("once")
		require.True(t, on)
		require.Equal(t, "ROSE ABOVE 120 Robin", m.Title)
		require.Contains(t, m.Body, "121 mg/dL at "+w.start.Add(11*time.Minute).Format("15:04"))
		w.end()
	})
}

// A message is wiped away while that of a worse alarm is under way in its place:
// nobody has seen the worse one.
func TestWipedAwayForAWorseOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.curve = func(time.Duration) glucose.MgDL { return 64 }
		w.run()
		time.Sleep(10 * time.Second)
		m, on := w.shows("low")
		require.True(t, on)
		require.Equal(t, "low", m.About)
		w.desk.Inject(notify.Event{Tag: "low", About: "low_soon", Closed: true, ByUser: true})
		require.Equal(t, "Low", w.view().Alarm)
		w.desk.Inject(notify.Event{Tag: "low", About: "low", Closed: true, ByUser: true})
		require.Empty(t, w.view().Alarm)
		w.end()
	})
}

// stuck is a desktop that takes no messages for a while.
type stuck struct {
	*notify.Recorder
	loose chan struct{} // closed when it takes them
}

func (s stuck) Send(ctx context.Context, m notify.Message) error {
	if m.Tag == "about" {
		<-s.loose
	}
	return s.Recorder.Send(ctx, m)
}

// The desktop hangs, and so many messages wait for it that no more can.
func TestAlarmLostWhileTheDesktopHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		loose := make(chan struct{})
		w.opt.Notifier = stuck{w.desk, loose}
		w.curve = func(time.Duration) glucose.MgDL { return 64 }
		w.run()
		time.Sleep(10 * time.Second)
		_, on := w.shows("low")
		require.True(t, on)
		for range 80 {
			w.actions <- tray.Action{Kind: tray.About}
		}
		w.lose("low", 0)
		time.Sleep(restoreEvery + time.Second)
		close(loose)
		time.Sleep(restoreEvery)
		_, on = w.shows("low")
		require.True(t, on)
		w.end()
	})
}

// The service goes and comes back only after the alarm's own repeat was tried in
// vain for so long that its value is no news any more: the alarm still waits.
func TestAlarmLostBeforeItsRepeatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.curve = func(time.Duration) glucose.MgDL { return 50 }
		w.silent = func(since time.Duration) bool { return since > 7*time.Minute }
		w.run()
		time.Sleep(2 * time.Minute)
		w.lose("low", 17*time.Minute)
		time.Sleep(restoreLater + time.Second)
		m, on := w.shows("low")
		require.True(t, on)
		require.Equal(t, "URGENT LOW Robin", m.Title)
		require.Contains(t, m.Body, "50 mg/dL at "+w.start.Add(7*time.Minute).Format("15:04"))
		require.Empty(t, w.view().Undelivered)
		w.end()
	})
}

// The alarm ends while it can't be put back: the menu says no more of it, also when
// a try was under way.
func TestLostAlarmThatEndsLeavesTheMenu(t *testing.T) {
	for name, hangs := range map[string]bool{"between two tries": false, "in a try": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				h := &hanging{Recorder: w.desk}
				w.opt.Notifier = h
				w.silent = func(since time.Duration) bool { return since > 5*time.Minute && since < 32*time.Minute }
				w.run()
				time.Sleep(27 * time.Minute)
				if w.desk.FailAll(notify.ErrNoServer); hangs {
					h.for_.Store(int64(time.Minute))
				}
				w.desk.Inject(notify.Event{Tag: "no_data", Closed: true, Lost: true})
				time.Sleep(2 * time.Minute)
				require.NotEmpty(t, w.view().Undelivered)
				time.Sleep(8 * time.Minute)
				require.Empty(t, w.view().Undelivered)
				w.end()
			})
		})
	}
}

// hanging is a desktop that takes its time to fail.
type hanging struct {
	*notify.Recorder
	for_ atomic.Int64
	last atomic.Value // the tag of the last message that it was given
}

func (h *hanging) Send(ctx context.Context, m notify.Message) error {
	h.last.Store(m.Tag)
	if d := time.Duration(h.for_.Load()); d > 0 {
		select {
		case <-time.After(d):
		case <-ctx.Done():
		}
		return notify.ErrHangs
	}
	return h.Recorder.Send(ctx, m)
}

// A desktop that hangs is given an alarm that it has lost once at a time: what is
// new must not wait behind all the tries.
func TestDesktopThatHangsIsNotFlooded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		h := &hanging{Recorder: w.desk}
		w.opt.Notifier = h
		w.curve = func(time.Duration) glucose.MgDL { return 64 }
		w.run()
		time.Sleep(time.Minute)
		h.for_.Store(int64(25 * time.Second))
		w.desk.Inject(notify.Event{Tag: "low", Closed: true, Lost: true})
		time.Sleep(5*time.Minute + 10*time.Second)
		w.actions <- tray.Action{Kind: tray.About}
		time.Sleep(26 * time.Second)
		require.Equal(t, "about", h.last.Load())
		w.end()
	})
}
