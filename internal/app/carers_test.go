package app

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/tray"
)

// Off duty for everybody: silent, shown, broken through by an urgent low that
// lasts, and over by itself.
func TestHandOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "")
		h.children[0].curve = func(since time.Duration) glucose.MgDL {
			if since < 5*time.Minute {
				return 110
			}
			return 62
		}
		h.children[1].curve = func(since time.Duration) glucose.MgDL {
			if since >= 30*time.Minute && since < 50*time.Minute {
				return 48
			}
			return 120
		}
		reply := make(chan Reply, 1)
		h.run()
		time.Sleep(time.Minute)
		h.ask <- Request{Command: "off", For: 2 * time.Hour, Reply: reply}
		r := <-reply
		require.Empty(t, r.Error)
		require.Contains(t, r.Text, "You are off duty until ")
		require.Contains(t, r.Text, "an urgent low that has lasted 15 min")
		time.Sleep(28 * time.Minute)
		require.Empty(t, h.told())
		require.Empty(t, h.waiting(), "what is not said waits for no answer")
		require.Empty(t, h.view().Alarm)
		v := h.view()
		require.Len(t, v.OffDuty, 1, "one line for all")
		require.Empty(t, v.OffDuty[0].Name)
		require.True(t, tray.IconOf(v).Snoozed, "the icon is marked")
		require.Contains(t, tray.Tooltip(v), "Off duty until")
		require.Contains(t, h.command(Request{Command: "duty"}).Text, "Off duty until ")
		h.kept.mu.Lock()
		reason := h.kept.alarms["a1"][0].Reason
		h.kept.mu.Unlock()
		require.Equal(t, alarm.OffDuty, reason)

		time.Sleep(14 * time.Minute)
		require.Empty(t, h.told())
		time.Sleep(4 * time.Minute)
		require.Equal(t, []string{"URGENT LOW 48 → Ben Smith, steady"}, h.told(), "it has stood for 15 minutes")
		require.Equal(t, "Urgent low", h.waiting())
		time.Sleep(70 * time.Minute)
		require.Empty(t, h.toldOf("Anna"))
		time.Sleep(5 * time.Minute)
		require.Equal(t, []string{"LOW 62 → Anna Smith, steady"}, h.toldOf("Anna"), "it ended by itself")
		require.Empty(t, h.view().OffDuty)
		h.end()
	})
}

// For one of two: the other's alarms come at once, and so does an outage.
func TestHandOverOfOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "person = \"a1\"\n")
		h.children[0].curve, h.children[1].curve = steadily(62), steadily(64)
		h.fault = func(since time.Duration) *glucose.Fault {
			if since > time.Hour {
				return &glucose.Fault{Kind: glucose.Offline, Message: "This computer has no network."}
			}
			return nil
		}
		h.run()
		time.Sleep(time.Minute)
		require.Contains(t, h.command(Request{Command: "off", Person: "Anna", For: 12 * time.Hour}).Text, "off duty for Anna Smith until")
		time.Sleep(time.Minute)
		before := len(h.toldOf("Anna"))
		require.Len(t, h.toldOf("Ben"), 1)
		time.Sleep(57 * time.Minute)
		require.Len(t, h.toldOf("Anna"), before, "silent from then on")
		require.Equal(t, "Anna Smith", h.view().OffDuty[0].Name)
		time.Sleep(23 * time.Minute)
		told := h.told()
		require.Contains(t, told[len(told)-1], "NO DATA", "for Ben, after twenty minutes: %q", told)
		h.actions <- tray.Action{Kind: tray.GoOn}
		require.Empty(t, h.view().OffDuty)
		h.end()
	})
}

// An hour without data is told even to who is off duty, once.
func TestHandOverWithoutData(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "")
		h.fault = func(since time.Duration) *glucose.Fault {
			if since > 10*time.Minute {
				return &glucose.Fault{Kind: glucose.Offline, Message: "This computer has no network."}
			}
			return nil
		}
		h.run()
		h.actions <- tray.Action{Kind: tray.GoOff, For: 8 * time.Hour}
		time.Sleep(68 * time.Minute)
		require.Empty(t, h.told())
		time.Sleep(3 * time.Minute)
		require.Len(t, h.told(), 1)
		require.Contains(t, h.told()[0], "NO DATA")
		h.end()
	})
}

// A hand-over and a wish survive a restart.
func TestCarersSurviveARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "")
		h.children[0].curve = steadily(62)
		h.run()
		h.command(Request{Command: "off", For: 8 * time.Hour})
		time.Sleep(5 * time.Minute)
		require.Contains(t, h.command(Request{Command: "tell", Kind: "below 100", Person: "b1"}).Text, "Ben Smith falls below 100")
		told := len(h.told())
		h.end()
		h.children[1].curve = steadily(95)
		h.run()
		time.Sleep(5 * time.Minute)
		require.Len(t, h.view().OffDuty, 1)
		require.Empty(t, h.toldOf("Anna")[min(told, len(h.toldOf("Anna"))):])
		require.Equal(t, []string{"FELL BELOW 100: 95 → Ben Smith, steady"}, h.toldOf("Ben"))
		h.end()
	})
}

// Told once, of one of two; shown, taken back, and answered for in the log.
func TestTellOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "")
		h.children[0].curve = func(since time.Duration) glucose.MgDL { return glucose.MgDL(110 + since/time.Minute) }
		h.run()
		time.Sleep(2 * time.Minute)
		require.Contains(t, h.command(Request{Command: "tell", Kind: "140"}).Error, "say for whom")
		require.Contains(t, h.command(Request{Command: "tell", Kind: "above 30", Person: "Anna"}).Error, "passes 45 to 390 mg/dL")
		require.Contains(t, h.command(Request{Command: "tell", Kind: "above x", Person: "Anna"}).Error, "not a number")
		require.Contains(t, h.command(Request{Command: "tell", Kind: "140", Person: "Anna"}).Text, "once when Anna Smith rises above 140, until ")
		require.Contains(t, h.command(Request{Command: "tell", Kind: "below 200", Person: "Anna"}).Text, "must come back first")
		h.actions <- tray.Action{Kind: tray.TellOnce, Person: "b1", Key: "below", Value: 90}
		require.Len(t, h.view().Passings, 3)
		require.Equal(t, "rises above 140", h.view().Passings[0].Text)
		h.actions <- tray.Action{Kind: tray.Untell, Person: "b1", Key: "below"}
		require.Len(t, h.view().Passings, 2)
		require.Equal(t, "Taken back.", h.command(Request{Command: "untell", Kind: "below"}).Text)
		require.Len(t, h.view().Passings, 1)
		time.Sleep(27 * time.Minute)
		require.Empty(t, h.told())
		time.Sleep(6 * time.Minute)
		require.Len(t, h.told(), 1)
		require.Contains(t, h.told()[0], "ROSE ABOVE 140: 141 → Anna Smith")
		require.Equal(t, []notify.Sound{notify.SoundSoft}, h.desk.Played())
		require.Empty(t, h.view().Passings)
		require.Empty(t, h.waiting())
		h.desk.Inject(notify.Event{Tag: h.desk.Sent()[0].Tag, Button: "seen once"})
		synctest.Wait()
		h.kept.mu.Lock()
		var answer string
		for _, r := range h.kept.alarms["a1"] {
			if r.Kind == alarm.Once {
				answer = r.Answer
			}
		}
		h.kept.mu.Unlock()
		require.Equal(t, "seen", answer)
		h.end()
	})
}

func TestDutyEnd(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	at := func(month time.Month, day, hour, minute int) time.Time {
		return time.Date(2026, month, day, hour, minute, 0, 0, berlin)
	}
	require.Equal(t, at(3, 3, 7, 0), dutyEnd(at(3, 2, 22, 0), 0))
	require.Equal(t, at(3, 2, 7, 0), dutyEnd(at(3, 2, 2, 0), 0))
	require.Equal(t, at(3, 3, 7, 0), dutyEnd(at(3, 2, 7, 0), 0))
	require.Equal(t, at(10, 25, 6, 30), dutyEnd(at(10, 24, 7, 30), 0), "the day has 25 hours: a day at most")
	require.Equal(t, at(3, 2, 9, 0), dutyEnd(at(3, 2, 1, 0), 8*time.Hour))
	require.Equal(t, at(3, 3, 1, 0), dutyEnd(at(3, 2, 1, 0), 80*time.Hour))
}
