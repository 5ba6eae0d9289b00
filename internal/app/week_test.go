package app

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/tray"
)

// watcher is a front that looks at every view and keeps the last.
type watcher struct {
	*home
	t      *testing.T
	people map[int]int // views by the number of rows
}

func (w *watcher) Show(v tray.View) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.views = []tray.View{v}
	w.people[len(v.People)]++
	for _, p := range v.People {
		if p.Reading == nil {
			continue
		}
		// Anna's values are even and Ben's odd: nobody is shown another's.
		if want := map[string]glucose.MgDL{"a1": 0, "b1": 1}[p.ID]; p.Reading.Value%2 != want {
			w.t.Errorf("%s is shown %d at %s", p.Name, p.Reading.Value, v.Now)
		}
		if stale := v.Now.Sub(p.Reading.Time) >= 10*time.Minute; stale != p.Stale {
			w.t.Errorf("%s, %s old at %s: stale %t", p.Name, v.Now.Sub(p.Reading.Time), v.Now, p.Stale)
		}
	}
}

// inMemory keeps state without a file.
type inMemory struct{ text []byte }

func (m *inMemory) Load(v any) (string, error) {
	if m.text == nil {
		return "", nil
	}
	return "", json.Unmarshal(m.text, v)
}

func (m *inMemory) Save(v any) (err error) {
	m.text, err = json.Marshal(v)
	return err
}

// TestWeekOfTwo runs two people through a week of lows, outages, phones that
// are off, a snooze for one of them, a restart, and one who leaves the share
// and comes back.
func TestWeekOfTwo(t *testing.T) {
	const h = time.Hour
	synctest.Test(t, func(t *testing.T) {
		home := newHome(t, "person = \"a1\"\n[people.ben.alarms.high]\non = false\n[people.ben.alarms.still_high]\non = false\n[people.ben.alarms.second_rise]\non = false\n")
		w := &watcher{home: home, t: t, people: map[int]int{}}
		home.opt.Front, home.opt.State = w, &inMemory{}
		both := within(100*h, 101*h) // both low at once
		for i := range home.children {
			home.children[i].step = 5 * time.Minute // a week of minutes takes minutes with the race detector
		}
		wave := func(odd int, base float64, both glucose.MgDL, lowAt func(time.Duration) bool) func(time.Duration) glucose.MgDL {
			return func(since time.Duration) glucose.MgDL {
				x := since.Hours()
				v := base + 55*math.Sin(x*2*math.Pi/7+base) + 30*math.Sin(x*2*math.Pi/2.3)
				if lowAt(since) {
					v = float64(both)
				}
				return glucose.MgDL(int(max(44, v))/2*2 + odd)
			}
		}
		home.children[0].curve, home.children[1].curve = wave(0, 125, 60, both), wave(1, 130, 50, both)
		home.children[0].silent = within(40*h, 43*h) // her phone lies at home
		home.children[1].silent = within(70*h, 71*h)
		left := within(120*h, 140*h)
		home.children[1].away = left
		offline := within(60*h, 61*h+30*time.Minute)
		home.fault = func(since time.Duration) *glucose.Fault {
			switch {
			case offline(since):
				return &glucose.Fault{Kind: glucose.Offline, Message: "offline"}
			case within(90*h, 90*h+10*time.Minute)(since):
				return &glucose.Fault{Kind: glucose.Maintenance, Message: "maintenance"}
			}
			return nil
		}
		home.run()
		time.Sleep(100*h + 2*time.Minute)
		before := len(home.told())
		require.Equal(t, "Low, Urgent low", home.waiting())
		home.actions <- tray.Action{Kind: tray.SnoozeAlarm, Person: "a1", Key: "low", For: h}
		require.Len(t, home.view().Snoozes, 1)
		home.end()
		home.run() // a restart in the middle of both lows
		require.Len(t, home.view().Snoozes, 1)
		require.Len(t, home.told(), before, "nothing is shouted again")
		time.Sleep(time.Until(home.start.Add(7 * 24 * h)))
		synctest.Wait()
		home.end()

		said := map[string]map[string][]time.Time{"a1": {}, "b1": {}, "": {}}
		for _, e := range home.said() {
			id := ""
			if e.Person != nil {
				id = e.Person.ID
				require.Contains(t, e.Message, e.Person.Name, "alarms always say who")
			}
			said[id][e.Kind] = append(said[id][e.Kind], e.Time)
			since := e.Time.Sub(home.start)
			require.False(t, id == "b1" && left(since-15*time.Minute) && left(since), "%s of Ben, who shares no more, at %s", e.Kind, since)
			require.False(t, id == "b1" && strings.Contains(e.Kind, "high"), "his highs are off")
		}
		lows := map[string]int{}
		for id, readings := range home.kept.readings {
			for i := 1; i < len(readings); i++ {
				was, is := readings[i-1], readings[i]
				if was.Value >= 54 && is.Value < 54 && is.Time.Sub(was.Time) < 6*time.Minute {
					lows[id]++
					require.True(t, anyWithin(said[id]["urgent_low"], is.Time, 2*time.Minute+delay), "urgent low of %s at %s", id, is.Time.Sub(home.start))
				}
			}
		}
		require.GreaterOrEqual(t, lows["a1"], 5, "a week worth testing has lows")
		require.GreaterOrEqual(t, lows["b1"], 5)

		at := func(d time.Duration) time.Time { return home.start.Add(d) }
		require.True(t, anyWithin(said["a1"]["no_data"], at(40*h), 22*time.Minute), "her phone")
		require.False(t, anyWithin(said["b1"]["no_data"], at(40*h), 3*h), "is not his")
		require.True(t, anyWithin(said["b1"]["no_data"], at(70*h), 22*time.Minute))
		require.False(t, anyWithin(said["a1"]["no_data"], at(70*h), 1*h))
		network := 0
		for _, x := range said[""]["no_data"] {
			if offline(x.Sub(home.start)) {
				network++
			}
		}
		require.Equal(t, 3, network, "the network is said once for both: soft, loud, repeated")
		require.False(t, anyWithin(append(said["a1"]["no_data"], said["b1"]["no_data"]...), at(60*h), 2*h))
		require.False(t, anyWithin(said["a1"]["low"], at(100*h+2*time.Minute), 57*time.Minute), "snoozed for her")
		require.Greater(t, len(said["b1"]["urgent_low"]), 5, "and not for him")
		urgent := 0
		for _, x := range said["b1"]["urgent_low"] {
			if both(x.Sub(home.start)) {
				urgent++
			}
		}
		require.GreaterOrEqual(t, urgent, 11, "each five minutes as long as nobody answers")
		require.Len(t, home.toldOf("no longer shares"), 1)
		require.True(t, anyWithin(said["b1"]["low"], at(140*h), 28*h), "back under watch")
		require.Positive(t, w.people[1])
		require.Positive(t, w.people[2])
		for i := 66; i < len(home.requests); i++ {
			require.Greater(t, home.requests[i].Sub(home.requests[i-66]), time.Hour-time.Minute, "more than 66 requests an hour at %s", home.requests[i].Sub(home.start))
		}
		for id, records := range home.kept.alarms {
			answered := 0
			for _, r := range records {
				if r.Answer != "" {
					answered++
				}
				if r.Value > 0 {
					require.Equal(t, map[string]glucose.MgDL{"a1": 0, "b1": 1}[id], r.Value%2, "each has a log of their own")
				}
			}
			require.Equal(t, map[string]int{"a1": 1, "b1": 0}[id], answered, id)
		}
		require.Equal(t, alarm.DeliveryOK, home.kept.alarms["a1"][0].Delivery)
		require.Less(t, len(home.said()), 900, "it does not nag")
	})
}
