package app

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/notify"
)

// keeping is a world whose runs know of the ones before.
func keeping(t *testing.T) *world {
	w := newWorld(t)
	w.opt.State = StateFile(w.opt.Paths.State)
	return w
}

// next starts another run. The notifications clear the screen then.
func (w *world) next(tag string) {
	w.t.Helper()
	require.NoError(w.t, w.desk.Withdraw(w.t.Context(), tag))
	w.run()
}

// An alarm that nobody has answered before the program was killed, or ended, is
// put back by the next run without a sound, with the value of then and buttons
// that work.
func TestAlarmOfAKilledRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := keeping(t)
		w.curve = func(since time.Duration) glucose.MgDL {
			if since < 4*time.Minute {
				return 66
			}
			return 64
		}
		w.run()
		time.Sleep(time.Minute)
		_, on := w.shows("low")
		require.True(t, on)
		w.end()

		time.Sleep(4 * time.Minute)
		w.next("low")
		time.Sleep(restoreFirst - time.Second)
		_, on = w.shows("low")
		require.False(t, on, "it may be over by the first answer")
		sounds := len(w.desk.Played())
		time.Sleep(2 * time.Second)
		m, on := w.shows("low")
		require.True(t, on)
		require.Equal(t, "LOW 64 → Robin, steady", m.Title)
		require.Len(t, w.desk.Played(), sounds)
		require.Equal(t, "Low", w.view().Alarm)
		w.desk.Inject(notify.Event{Tag: "low", Button: m.Buttons[0].Key})
		require.Empty(t, w.view().Alarm, "and its button answers it")
		w.end()

		w.next("low")
		time.Sleep(time.Minute)
		_, on = w.shows("low")
		require.False(t, on, "what was answered waits for nobody")
		w.end()
	})
}

// What the desktop or the user has closed is not put back by a start, either.
func TestClosedAlarmOfAKilledRun(t *testing.T) {
	for name, e := range map[string]notify.Event{
		"timed out":                    {Closed: true},
		"an urgent low was wiped away": {Closed: true, ByUser: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := keeping(t)
				w.curve = func(time.Duration) glucose.MgDL { return 50 }
				w.run()
				time.Sleep(time.Minute)
				e.Tag = "low"
				w.desk.Inject(e)
				synctest.Wait()
				w.end()
				w.next("low")
				time.Sleep(restoreFirst + time.Second)
				_, on := w.shows("low")
				require.False(t, on)
				w.end()
			})
		})
	}
}

// What one asked to be told once is put back once, and not when it was answered:
// nothing else remembers that.
func TestOnceOfAKilledRun(t *testing.T) {
	for name, answered := range map[string]bool{"answered": true, "not answered": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := keeping(t)
				w.curve = func(since time.Duration) glucose.MgDL { return glucose.MgDL(110 + since/time.Minute) }
				w.run()
				time.Sleep(time.Minute)
				reply := make(chan Reply, 1)
				w.ask <- Request{Command: "tell", Kind: "120", Reply: reply}
				require.Empty(t, (<-reply).Error)
				time.Sleep(15 * time.Minute)
				m, on := w.shows("once")
				require.True(t, on)
				if answered {
					w.desk.Inject(notify.Event{Tag: "once", About: "once", Button: m.Buttons[0].Key})
					synctest.Wait()
				}
				w.end()
				for _, again := range []bool{!answered, false} {
					w.next("once")
					time.Sleep(time.Minute)
					_, on = w.shows("once")
					require.Equal(t, again, on)
					w.end()
				}
			})
		})
	}
}

// The history is out of reach at the start, and with it whose alarm it was.
func TestAlarmOfAKilledRunWithoutHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := keeping(t)
		w.curve = func(time.Duration) glucose.MgDL { return 64 }
		w.run()
		time.Sleep(2 * time.Minute)
		w.end()
		w.opt.Recall = func(context.Context) ([]Memory, error) { return nil, errors.New("database is locked") }
		w.next("low")
		time.Sleep(time.Minute)
		_, on := w.shows("low")
		require.True(t, on)
		w.end()
	})
}

// Hours after its last value a low of the run before is a matter of missing data.
func TestOldAlarmOfAKilledRun(t *testing.T) {
	for off, shown := range map[time.Duration]bool{50 * time.Minute: true, time.Hour: false} {
		synctest.Test(t, func(t *testing.T) {
			w := keeping(t)
			w.curve = func(time.Duration) glucose.MgDL { return 50 }
			w.silent = func(since time.Duration) bool { return since > 5*time.Minute }
			w.run()
			time.Sleep(5 * time.Minute)
			w.end()
			time.Sleep(off)
			w.next("low")
			time.Sleep(time.Minute)
			_, on := w.shows("low")
			require.Equal(t, shown, on)
			w.end()
		})
	}
}

// The closing of a message that another has taken the place of may be told late.
func TestClosingOfTheMessageBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := keeping(t)
		w.curve = func(since time.Duration) glucose.MgDL {
			if since < 5*time.Minute {
				return 64
			}
			return 50
		}
		w.run()
		time.Sleep(7 * time.Minute)
		w.desk.Inject(notify.Event{Tag: "low", About: "low", Closed: true})
		synctest.Wait()
		w.end()
		w.next("low")
		time.Sleep(30 * time.Second)
		m, on := w.shows("low")
		require.True(t, on)
		require.Contains(t, m.Title, "URGENT LOW")
		w.end()
	})
}

// What was over meanwhile is not put back.
func TestAlarmOfAKilledRunThatIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := keeping(t)
		w.curve = func(since time.Duration) glucose.MgDL {
			if since < 4*time.Minute {
				return 66
			}
			return 110
		}
		w.run()
		time.Sleep(time.Minute)
		w.end()
		time.Sleep(30 * time.Minute)
		w.next("low")
		sent := len(w.desk.Sent())
		time.Sleep(5 * time.Minute)
		require.Len(t, w.desk.Sent(), sent)
		w.end()
	})
}

// Missing data keeps silent for a while after a start: what a computer that was
// off has missed comes in those minutes.
func TestNoDataOfAKilledRun(t *testing.T) {
	for name, comes := range map[string]bool{"comes": true, "does not": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := keeping(t)
				w.silent = func(since time.Duration) bool {
					return since > 5*time.Minute && (!comes || since < 40*time.Minute+time.Minute)
				}
				w.run()
				time.Sleep(30 * time.Minute)
				_, on := w.shows("no_data")
				require.True(t, on)
				w.end()
				time.Sleep(10 * time.Minute)
				w.next("no_data")
				grace := w.opt.Settings.Alarms().NoData.Grace
				time.Sleep(grace)
				_, on = w.shows("no_data")
				require.False(t, on)
				time.Sleep(restoreEvery + time.Second)
				m, on := w.shows("no_data")
				require.Equal(t, !comes, on)
				if on {
					require.Contains(t, m.Title, "NO DATA for")
				}
				w.end()
			})
		})
	}
}

// The message of each of two people is theirs after the start, too, whoever
// comes first then.
func TestAlarmsOfAKilledRunOfTwo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := keeping(t)
		a := New(w.opt)
		for id, tag := range map[string]string{"p1": "low p1", "p2": "low"} {
			a.saved.Raised = messages{}
			require.NoError(t, json.Unmarshal([]byte(`{"raised":{"`+tag+`":{"tag":"`+tag+`","person":"`+id+`","said":{"Kind":"low"}}}}`), &a.saved))
			p := &person{who: glucose.Person{ID: id}}
			a.state.people[id] = p
			a.recallRaised()
			require.Equal(t, tag, a.tag(p, "low"))
		}
		require.Equal(t, "high p1", a.tag(a.state.people["p1"], "high"))
		require.Equal(t, "low p3", a.tag(&person{who: glucose.Person{ID: "p3"}}, "low"))
	})
}

// What is kept of the screen must not be in the way of what is kept beside it.
func TestDamagedMessagesAreNoHindrance(t *testing.T) {
	for _, text := range []string{`7`, `{"low":7}`, `{"low":{"tag":"high"}}`, `{"low":{"tag":"low","said":{"Kind":"rubbish"}}}`, `{"low":null}`} {
		var s savedState
		require.NoError(t, json.Unmarshal([]byte(`{"shared":["p1"],"raised":`+text+`}`), &s), text)
		require.Equal(t, []string{"p1"}, s.Shared)
		require.Empty(t, s.Raised)
	}
}

// What is said comes back as it was, but for a cause that is of a log.
func TestMessagesAreKept(t *testing.T) {
	now := time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC)
	d := alarm.Decision{
		ID: "x", Time: now, Kind: alarm.NoData, Loud: true, Repeat: 2, Since: now, Final: true, Limit: 70, Above: true, Treated: now, Escalation: 1,
		Raised: now, Trough: 71, Reading: &glucose.Reading{Time: now, Value: 61, Trend: glucose.Falling, Origin: glucose.Live},
		Fault:  &glucose.Fault{Kind: glucose.Offline, Message: "No network.", Since: now},
		Sensor: &glucose.Sensor{Activated: now, Life: time.Hour},
	}
	kept := savedState{Raised: messages{"no_data": {Tag: "no_data", Person: "p1", Said: d, Concerned: []string{"p1", "p2"}}}}
	text, err := json.Marshal(kept)
	require.NoError(t, err)
	var again savedState
	require.NoError(t, json.Unmarshal(text, &again))
	require.Equal(t, kept.Raised, again.Raised)
	kept.Raised["no_data"].Said.Fault.Err = &json.SyntaxError{Offset: 7}
	text, err = json.Marshal(kept)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &again))
	require.Len(t, again.Raised, 1)
}
