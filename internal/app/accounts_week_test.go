package app

import (
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/relay"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/tray"
)

// TestWeekOfTwoAccounts runs two people through two accounts for a week: faults of
// every kind on either and on both, a password that is changed at the service, a
// phone that is off, a restart, relays for one, for the other and for all, and the
// end of one account.
func TestWeekOfTwoAccounts(t *testing.T) {
	const h = time.Hour
	synctest.Test(t, func(t *testing.T) {
		home := newHouses(t, twoAccounts)
		w := &watcher{home: home.home, t: t, people: map[int]int{}}
		home.opt.Front, home.opt.State = w, &inMemory{}
		got := &services{got: map[string][]relay.Message{}}
		rules := []relay.Rule{
			{Name: "hers", People: []string{"a1"}, Every: time.Minute, Recovered: true},
			{Name: "his", People: []string{"b1"}, Every: time.Minute, Recovered: true},
			{Name: "all", Every: time.Minute, Recovered: true},
			{Name: "lows", Kinds: []alarm.Kind{alarm.UrgentLow}, People: []string{"b1"}},
		}
		home.opt.Relays = &RelayOptions{Send: got, State: &relayFile{}, Rules: func(settings.Settings, []glucose.Person) []relay.Rule { return rules }}
		wave := func(odd int, base float64) func(time.Duration) glucose.MgDL {
			return func(since time.Duration) glucose.MgDL {
				x := since.Hours()
				v := base + 60*math.Sin(x*2*math.Pi/7+base) + 32*math.Sin(x*2*math.Pi/2.3)
				return glucose.MgDL(int(max(44, v))/2*2 + odd)
			}
		}
		for i, x := range []*tenant{home.anna, home.mum} {
			x.children[0].step = 5 * time.Minute // a week of minutes takes minutes with the race detector
			x.children[0].curve = wave(i, 122+5*float64(i))
		}
		phone := within(40*h, 43*h)
		home.anna.children[0].silent = phone

		type spell struct {
			from, to time.Duration
			kind     glucose.FaultKind
			until    bool // the service says until when
		}
		fault := func(spells []spell) func(time.Duration) *glucose.Fault {
			return func(since time.Duration) *glucose.Fault {
				for _, s := range spells {
					if within(s.from, s.to)(since) {
						f := &glucose.Fault{Kind: s.kind, Message: "A fault of " + string(s.kind) + ".", Hint: "Sign in again: llutray login"}
						if s.until {
							f.Until = home.start.Add(s.to)
						}
						return f
					}
				}
				return nil
			}
		}
		hers := []spell{
			{10 * h, 11 * h, glucose.ServerError, false},
			{15 * h, 16 * h, glucose.Locked, true},
			{20 * h, 21 * h, glucose.NotShared, false},
			{64 * h, 66 * h, glucose.Terms, false},
			{90 * h, 91*h + 30*time.Minute, glucose.Offline, false},
			{110 * h, 110*h + 4*time.Minute, glucose.Maintenance, false},
		}
		his := []spell{
			{12 * h, 13 * h, glucose.Maintenance, false},
			{15*h + 30*time.Minute, 16*h + 30*time.Minute, glucose.Throttled, true}, // while hers is locked
			{30 * h, 54 * h, glucose.WrongPassword, false},
			{70 * h, 71 * h, glucose.Blocked, false},
			{80 * h, 81 * h, glucose.ServerError, false},
			{90 * h, 91*h + 30*time.Minute, glucose.Offline, false}, // this computer's network
			{120 * h, 123 * h, glucose.VerifyEmail, false},
		}
		home.anna.fault, home.mum.fault = fault(hers), fault(his)
		in := func(spells []spell, since time.Duration) bool {
			return slices.ContainsFunc(spells, func(s spell) bool { return since >= s.from && since < s.to+80*time.Minute })
		}
		to := func(since time.Duration) { time.Sleep(time.Until(home.start.Add(since))) }

		home.run()
		to(54*h + time.Minute)
		require.Equal(t, 1, home.mum.asked(30*h, 54*h), "a refused password is never tried again")
		home.command(Request{Command: "reload", Kind: "mum"}) // he signs in again
		to(100 * h)
		before := len(home.told())
		home.end()
		home.run()
		require.Len(t, home.told(), before, "nothing is shouted again")
		require.Len(t, home.view().People, 2)
		to(150 * h)
		synctest.Wait()
		home.mu.Lock()
		home.mum.out = true
		home.mu.Unlock()
		home.actions <- tray.Action{Kind: tray.Follow, Key: "a1"}
		last := home.mum.asked(0, 200*h)
		home.command(Request{Command: "reload", Kind: "mum"})
		to(7 * 24 * h)
		synctest.Wait()
		require.Len(t, home.view().People, 1)
		require.Equal(t, last, home.mum.asked(0, 200*h), "no request without a sign-in")
		kept := len(home.kept.readings["b1"])
		home.end()
		require.Greater(t, kept, 1000, "his history stays")

		// Alarms say who, come from their own account's trouble alone, and in time.
		said := map[string]map[string][]time.Time{"a1": {}, "b1": {}, "": {}}
		network := within(90*h, 93*h) // which is this computer's, and said once for both
		for _, e := range home.said() {
			if e.Person == nil {
				require.Contains(t, e.Message, "everyone", "alarms always say who")
				require.True(t, network(e.Time.Sub(home.start)), "%s at %s", e.Message, e.Time.Sub(home.start))
				said[""][e.Kind] = append(said[""][e.Kind], e.Time)
				continue
			}
			require.Contains(t, e.Message, e.Person.Name, "alarms always say who")
			said[e.Person.ID][e.Kind] = append(said[e.Person.ID][e.Kind], e.Time)
			since := e.Time.Sub(home.start)
			require.False(t, e.Person.ID == "b1" && since > 150*h+time.Minute, "%s of Ben, who is followed no more", e.Kind)
			if e.Kind == "no_data" || e.Kind == "needs_you" {
				require.True(t, e.Person.ID == "a1" && (in(hers, since) || phone(since)) || e.Person.ID == "b1" && in(his, since),
					"%s at %s, which is of the other account", e.Message, since)
			}
		}
		due := func(id string, spells []spell) {
			for _, s := range spells {
				id := id
				kind, within := "no_data", 35*time.Minute
				switch {
				case s.to-s.from < 30*time.Minute:
					require.False(t, anyWithin(said[id][kind], home.start.Add(s.from), h), "%s of %s is short", s.kind, id)
					continue
				case s.kind == glucose.Offline:
					id = ""
				case s.kind.NeedsUser():
					kind, within = "needs_you", 6*time.Minute
				}
				require.True(t, anyWithin(said[id][kind], home.start.Add(s.from), within), "%s of %s", s.kind, id)
			}
		}
		due("a1", hers)
		due("b1", his)
		require.Len(t, said[""]["no_data"], 3, "soft, loud, repeated")
		require.False(t, anyWithin(append(said["a1"]["no_data"], said["b1"]["no_data"]...), home.start.Add(90*h), 3*h))
		require.True(t, anyWithin(said["a1"]["no_data"], home.start.Add(40*h), 35*time.Minute), "her phone")
		require.Equal(t, 8, len(slices.DeleteFunc(slices.Clone(said["b1"]["needs_you"]), func(at time.Time) bool { return !within(30*h, 54*h)(at.Sub(home.start)) })), "each three hours")

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

		// Each relay has heard of its people, and of nobody else.
		count := func(relay, part string) (n int) {
			for _, m := range got.got[relay] {
				if strings.Contains(m.Title, part) {
					n++
				}
			}
			return n
		}
		require.Zero(t, count("hers", "Ben"))
		require.Zero(t, count("his", "Anna"))
		require.Zero(t, count("lows", "Anna"))
		for name, who := range map[string]string{"hers": "Anna", "his": "Ben"} {
			require.Equal(t, len(got.got[name]), count(name, who)+count(name, "everyone"))
			require.GreaterOrEqual(t, count(name, "everyone"), 3, "it concerns both")
			require.Equal(t, count(name, "NO DATA")-3, count("all", "NO DATA")-count(map[string]string{"hers": "his", "his": "hers"}[name], "NO DATA"))
		}
		require.Equal(t, len(got.got["lows"]), count("lows", "URGENT LOW"), "nobody there wants to hear that it is over")
		require.GreaterOrEqual(t, count("his", "NO DATA"), 5)
		require.GreaterOrEqual(t, count("his", "no readings of Ben"), 8)
		require.GreaterOrEqual(t, count("hers", "no readings of Anna"), 1)
		require.GreaterOrEqual(t, count("lows", "URGENT LOW"), 5)

		// The other account is asked as ever.
		for since := 31 * h; since < 53*h; since += h {
			if !phone(since) && !phone(since+h) {
				require.GreaterOrEqual(t, home.anna.asked(since, since+h), 11, "at %s", since)
			}
		}
		home.anna.requireBudget(t)
		home.mum.requireBudget(t)
		require.Equal(t, 1, w.peopleLeft(), "one is left")
		for id, records := range home.kept.alarms {
			for _, r := range records {
				if r.Value > 0 {
					require.Equal(t, map[string]glucose.MgDL{"a1": 0, "b1": 1}[id], r.Value%2, "each has a log of their own")
				}
			}
		}
	})
}

func (w *watcher) peopleLeft() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.views[0].People)
}
