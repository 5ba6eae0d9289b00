package app

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/tray"
)

// The network is everybody's: one message. A phone that is off as well is
// said as soon as the network is back.
func TestCommonFaultIsSaidOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "")
		h.fault = func(since time.Duration) *glucose.Fault {
			if within(30*time.Minute, 80*time.Minute)(since) {
				return &glucose.Fault{Kind: glucose.Offline, Message: "This computer has no network.", Hint: "Check it."}
			}
			return nil
		}
		h.children[1].silent = within(40*time.Minute, 3*time.Hour)
		h.run()
		time.Sleep(79 * time.Minute)
		told := h.told()
		require.Len(t, told, 2, "soft, then loud; not once for each child: %q", told)
		for _, title := range told {
			require.Contains(t, title, "NO DATA")
			require.Contains(t, title, "everyone")
		}
		require.NotContains(t, h.desk.Sent()[0].Body, "110", "no value of one of them")
		faults := 0
		for _, e := range h.events {
			if f, ok := e.(FaultEvent); ok && f.Fault != nil {
				faults++
				require.Nil(t, f.Person)
			}
		}
		require.Equal(t, 1, faults)
		require.Equal(t, "No data", h.waiting(), "once")
		require.Equal(t, "Everyone", h.view().Standing[0].Name)

		time.Sleep(4 * time.Minute)
		told = h.told()
		require.Len(t, told, 3)
		require.Contains(t, told[2], "Ben Smith")
		require.Contains(t, told[2], "phone")
		require.Equal(t, glucose.UploadDelayed, ParseStoredFault(h.kept.meta[MetaFaultOf("b1")]).Kind)
		require.Nil(t, ParseStoredFault(h.kept.meta[MetaFault]), "Anna is fine")
		h.end()
	})
}

func TestRefusedSignInIsSaidOnceForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "")
		h.fault = func(since time.Duration) *glucose.Fault {
			if since > 10*time.Minute {
				return &glucose.Fault{Kind: glucose.WrongPassword, Message: "Refused.", Hint: "Sign in again."}
			}
			return nil
		}
		h.run()
		time.Sleep(28 * time.Minute)
		require.Equal(t, []string{"SIGN-IN refused: no readings"}, h.told())
		h.desk.Inject(notify.Event{Tag: h.desk.Sent()[0].Tag, Button: "seen needs_you"})
		require.Empty(t, h.waiting(), "answered for everybody")
		h.end()
	})
}

// The answer to what concerns everybody is everybody's: the other child does
// not begin where this one was answered.
func TestAnswerToACommonFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "")
		h.fault = func(since time.Duration) *glucose.Fault {
			if since > 10*time.Minute {
				return &glucose.Fault{Kind: glucose.Maintenance, Message: "Maintenance."}
			}
			return nil
		}
		h.run()
		time.Sleep(32 * time.Minute)
		require.Len(t, h.told(), 1)
		h.desk.Inject(notify.Event{Tag: h.desk.Sent()[0].Tag, Button: "snooze 1h0m0s no_data"})
		h.actions <- tray.Action{Kind: tray.Follow, Key: "b1"}
		time.Sleep(55 * time.Minute)
		require.Len(t, h.told(), 1, "snoozed for everybody")
		time.Sleep(10 * time.Minute)
		require.Len(t, h.told(), 2, "and once more afterwards")
		h.actions <- tray.Action{Kind: tray.Unsnooze, Person: "a1", Key: "no_data"}
		h.actions <- tray.Action{Kind: tray.SnoozeAlarm, Person: "a1", Key: "no_data", For: time.Hour} // from the menu
		require.Len(t, h.view().Snoozes, 2)
		time.Sleep(55 * time.Minute)
		require.Len(t, h.told(), 2)
		require.Contains(t, h.command(Request{Command: "snooze", Kind: "no_data", For: 30 * time.Minute}).Text, "of everybody")
		h.end()
	})
}

// A phone that is off is named with its owner while the other's is fine, also
// when it is the one whose sensor the schedule followed.
func TestPhoneOfOneOfThem(t *testing.T) {
	for i, name := range []string{"Anna Smith", "Ben Smith"} {
		synctest.Test(t, func(t *testing.T) {
			h := newHome(t, "person = \"a1\"\n")
			h.children[i].silent = func(since time.Duration) bool { return since > 10*time.Minute }
			h.run()
			time.Sleep(10*time.Minute + 21*time.Minute)
			told := h.told()
			require.Len(t, told, 1)
			require.Contains(t, told[0], name)
			require.Contains(t, told[0], "phone")
			time.Sleep(8 * time.Hour)
			for _, title := range h.told() {
				require.Contains(t, title, name, "the other's data came all the time")
			}
			other := h.children[1-i].id
			for j, r := range h.kept.readings[other][1:] {
				require.LessOrEqual(t, r.Time.Sub(h.kept.readings[other][j].Time), 2*time.Minute, "asked as seldom as for a phone that is off, at %s", r.Time)
			}
			hour := 0
			for _, at := range h.requests {
				if time.Since(at) < time.Hour {
					hour++
				}
			}
			require.LessOrEqual(t, hour, 66)
			h.end()
		})
	}
}

// A 15-minute feed on the screen does not keep the minutes of the other away.
func TestSlowFeedBesideAFastOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "person = \"a1\"\n")
		h.children[0].step = 15 * time.Minute
		h.children[1].curve = func(since time.Duration) glucose.MgDL {
			if since > 4*time.Hour+3*time.Minute {
				return 50
			}
			return 110
		}
		h.run()
		time.Sleep(4*time.Hour + 6*time.Minute)
		require.Len(t, h.toldOf("URGENT LOW 50 → Ben"), 1, "within three minutes, not fifteen")
		require.Len(t, h.told(), 1)
		require.Equal(t, "a1", h.view().PersonID)
		require.False(t, h.view().Stale)
		h.end()
	})
}

// Where each request for the one shown would bring history, the other is not
// left out.
func TestTwoSlowFeeds(t *testing.T) {
	for _, step := range []time.Duration{5 * time.Minute, 15 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			h := newHome(t, "person = \"a1\"\n")
			h.children[0].step, h.children[1].step = step, step
			h.run()
			time.Sleep(12 * time.Hour)
			for id, readings := range h.kept.readings {
				for i, r := range readings[1:] {
					require.LessOrEqual(t, r.Time.Sub(readings[i].Time), step, "%s misses none, at %s", id, r.Time)
				}
			}
			require.Empty(t, h.told())
			h.end()
		})
	}
}

func TestLeavingAndComingBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "")
		h.children[1].curve = steadily(60)
		h.children[1].away = within(10*time.Minute, 5*time.Hour)
		h.run()
		time.Sleep(9 * time.Minute)
		require.Len(t, h.toldOf("LOW 60 → Ben"), 1)
		time.Sleep(2 * time.Minute)
		require.Len(t, h.view().People, 2, "a list may be short once")
		h.end() // the program is restarted just then
		h.run()
		require.Len(t, h.view().People, 2, "and does not forget whom it watches over")
		h.desk.FailNext(notify.ErrHangs)
		time.Sleep(15 * time.Minute)
		require.Equal(t, []string{"Ben Smith no longer shares with this account"}, h.toldOf("no longer"), "told once, also when the desktop hangs")
		require.Len(t, h.view().People, 1)
		require.Empty(t, h.waiting())
		_, shown := h.desk.Shown("low b1")
		require.False(t, shown, "no message stays that nobody can answer")
		time.Sleep(4 * time.Hour)
		require.Empty(t, h.toldOf("NO DATA"), "he is gone, not lost")
		require.Len(t, h.toldOf("no longer"), 1)
		before := len(h.toldOf("LOW 60 → Ben"))
		time.Sleep(time.Hour)
		require.Greater(t, len(h.toldOf("LOW 60 → Ben")), before, "back, and watched over again")
		require.Len(t, h.view().People, 2)
		h.end()
	})
}

func TestTheOneShownLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "person = \"b1\"\n")
		h.children[1].away = func(since time.Duration) bool { return since > 10*time.Minute }
		h.run()
		time.Sleep(40 * time.Minute)
		require.Equal(t, "a1", h.view().PersonID)
		require.Equal(t, glucose.MgDL(110), h.view().Reading.Value)
		require.False(t, h.view().Stale)
		require.Nil(t, h.view().Fault)
		require.Equal(t, []string{"Ben Smith no longer shares with this account"}, h.told())
		h.end()
	})
}

func TestFarewellWithoutASoundIsSaidOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "")
		h.children[1].away = func(since time.Duration) bool { return since > 10*time.Minute }
		h.opt.Play = func(context.Context, notify.Sound) error { return errors.New("no sound device") }
		h.run()
		time.Sleep(time.Hour)
		require.Len(t, h.toldOf("no longer"), 1)
		h.end()
	})
}

// A reading that the history has lost is known to the alarms still. Whoever is due
// first speaks by both, and missing data is told in time.
func TestWhoSpeaksByWhatTheAlarmsKnow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "person = \"a1\"\n")
		h.children[1].silent = func(since time.Duration) bool { return since > 26*time.Minute }
		h.run()
		time.Sleep(30 * time.Minute)
		h.end()
		h.kept.mu.Lock()
		h.kept.readings["a1"] = slices.DeleteFunc(h.kept.readings["a1"], func(r glucose.Reading) bool {
			return r.Time.Sub(h.start) > 20*time.Minute
		})
		h.kept.mu.Unlock()
		h.fault = func(time.Duration) *glucose.Fault { return offline() }
		h.run()
		time.Sleep(18 * time.Minute)
		require.Equal(t, []time.Duration{46 * time.Minute}, h.toldAt())
		h.end()
	})
}
