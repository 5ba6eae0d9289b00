package app

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/poll"
	"github.com/llutray/llutray/internal/relay"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/tray"
)

// tenant is one of several accounts of a home: its own service, with faults of
// its own.
type tenant struct {
	*home
	out      bool // nobody is signed in
	children []child
	fault    func(since time.Duration) *glucose.Fault
	requests []time.Time
	under    int // way, requests are
	most     int
}

func (x *tenant) Current(context.Context) ([]glucose.Snapshot, error) {
	x.mu.Lock()
	now := time.Now()
	since := now.Sub(x.start)
	x.requests = append(x.requests, now)
	x.under++
	x.most = max(x.most, x.under)
	x.mu.Unlock()
	time.Sleep(time.Second) // a request takes its time
	x.mu.Lock()
	defer x.mu.Unlock()
	x.under--
	if x.fault != nil {
		if f := x.fault(since); f != nil {
			return nil, f
		}
	}
	var out []glucose.Snapshot
	for _, c := range x.children {
		if c.away == nil || !c.away(since) {
			out = append(out, x.snapshot(c, now))
		}
	}
	if len(out) == 0 {
		return nil, &glucose.Fault{Kind: glucose.NotShared, Message: "Nobody shares."}
	}
	return out, nil
}

func (x *tenant) Graph(ctx context.Context, id string) (glucose.Snapshot, error) {
	all, err := x.Current(ctx)
	if err != nil {
		return glucose.Snapshot{}, err
	}
	for _, s := range all {
		if s.Person.ID == id {
			return s, nil
		}
	}
	return glucose.Snapshot{}, &glucose.Fault{Kind: glucose.ShareRevoked, Message: "revoked"}
}

// requireBudget looks at what was asked of one account.
func (x *tenant) requireBudget(t *testing.T) {
	x.mu.Lock()
	defer x.mu.Unlock()
	require.Equal(t, 1, x.most, "one request at a time")
	for i := 66; i < len(x.requests); i++ {
		require.Greater(t, x.requests[i].Sub(x.requests[i-66]), time.Hour-time.Minute, "more than 66 requests an hour at %s", x.requests[i].Sub(x.start))
	}
}

func (x *tenant) asked(from, to time.Duration) (n int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, at := range x.requests {
		if within(from, to)(at.Sub(x.start)) {
			n++
		}
	}
	return n
}

// houses are a home with anna's account, the first, and mum's, which has ben. The
// settings can be changed.
type houses struct {
	*home
	anna, mum *tenant
	change    chan settings.Settings
}

const twoAccounts = "person = \"a1\"\n[accounts.mum]\n"

func newHouses(t *testing.T, text string) *houses {
	h := &houses{home: newHome(t, text), change: make(chan settings.Settings)}
	h.anna = &tenant{home: h.home, children: h.home.children[:1:1]}
	h.mum = &tenant{home: h.home, children: h.home.children[1:]}
	h.opt.Connect = func(_ context.Context, name string) (poll.Source, error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		x := map[string]*tenant{"": h.anna, "mum": h.mum}[name]
		if x == nil || x.out {
			return nil, signedOut(name)
		}
		return x, nil
	}
	h.opt.WatchSettings = func(ctx context.Context, _ string, f func(settings.Settings, error)) error {
		for {
			select {
			case s := <-h.change:
				f(s, nil)
			case <-ctx.Done():
				return nil
			}
		}
	}
	return h
}

func (h *houses) set(t *testing.T, text string) {
	h.opt.Settings = parsed(t, text) // also of the next start
	h.change <- h.opt.Settings
	synctest.Wait()
}

// faultEvents are the events of faults, by account or person.
func (h *houses) faultEvents() (out []FaultEvent) {
	synctest.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.events {
		if f, ok := e.(FaultEvent); ok {
			out = append(out, f)
		}
	}
	return out
}

func refused() *glucose.Fault {
	return &glucose.Fault{Kind: glucose.WrongPassword, Message: "LibreLinkUp refuses the password.", Hint: "Sign in again: llutray login"}
}

// A fault of one account, of whatever kind, is told of its people alone, by name,
// and the other account is followed as ever.
func TestFaultOfOneAccount(t *testing.T) {
	for kind, title := range map[glucose.FaultKind]string{
		glucose.WrongPassword: "SIGN-IN refused: no readings of Ben Smith",
		glucose.Terms:         "NEW TERMS to accept: no readings of Ben Smith",
		glucose.Locked:        "NO DATA for 20 min, Ben Smith: ",
		glucose.Throttled:     "NO DATA for 20 min, Ben Smith: ",
		glucose.Offline:       "NO DATA for 20 min, Ben Smith: ",
		glucose.Maintenance:   "NO DATA for 20 min, Ben Smith: ",
		glucose.ServerError:   "NO DATA for 20 min, Ben Smith: ",
		glucose.NotShared:     "NO DATA for 20 min, Ben Smith: ",
	} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouses(t, twoAccounts)
				h.mum.fault = func(since time.Duration) *glucose.Fault {
					if since < 10*time.Minute {
						return nil
					}
					f := &glucose.Fault{Kind: kind, Message: "Something is wrong.", Hint: "Do something: llutray login"}
					if kind == glucose.Locked || kind == glucose.Throttled {
						f.Until = h.start.Add(90 * time.Minute)
					}
					return f
				}
				h.run()
				time.Sleep(35 * time.Minute)
				told := h.told()
				require.NotEmpty(t, told)
				for _, x := range told {
					require.Contains(t, x, "Ben Smith", "alarms always say who")
				}
				require.Contains(t, told[0], title)
				require.Contains(t, h.desk.Sent()[0].Body, "Something is wrong.")
				require.Nil(t, h.view().Fault, "Anna is shown, and well")
				require.False(t, h.view().Stale)
				require.Contains(t, h.view().Undelivered, "Ben Smith: ")
				require.Contains(t, h.view().Undelivered, "Something is wrong.")
				require.True(t, h.row("b1").Stale)
				require.GreaterOrEqual(t, h.anna.asked(10*time.Minute, 35*time.Minute), 24, "Anna is followed")
				var e FaultEvent
				for _, x := range h.faultEvents() {
					if x.Fault != nil {
						e = x
					}
				}
				require.Equal(t, "mum", e.Account)
				require.Equal(t, []StatusPerson{{"b1", "Ben Smith"}}, e.People)
				require.Equal(t, "mum", e.Fault.Account)
				require.Equal(t, "Do something: llutray login --account mum", e.Fault.Hint)
				require.Equal(t, kind, StoredFaultOf(h.kept.meta[MetaFaultOf("b1")], true, h.kept.meta[MetaFault]).Kind)
				require.Nil(t, StoredFaultOf(h.kept.meta[MetaFaultOf("a1")], true, h.kept.meta[MetaFault]))
				troubles := ParseStoredTroubles(h.kept.meta[MetaAccounts])
				require.Len(t, troubles, 1)
				require.Equal(t, "mum", troubles[0].Name)
				h.anna.requireBudget(t)
				h.mum.requireBudget(t)
				if kind == glucose.WrongPassword {
					require.Equal(t, 1, h.mum.asked(10*time.Minute, time.Hour), "a refused password is never tried again")
				}
				h.end()
			})
		})
	}
}

// No data is due for each at the exact limit, also while the other account
// answers, and while it does not.
func TestNoDataOfEachAccountAtItsLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouses(t, twoAccounts)
		down := func(from time.Duration) func(time.Duration) *glucose.Fault {
			return func(since time.Duration) *glucose.Fault {
				if since >= from {
					return &glucose.Fault{Kind: glucose.ServerError, Message: "down"}
				}
				return nil
			}
		}
		h.mum.fault = down(10*time.Minute + 30*time.Second)
		h.anna.fault = down(23*time.Minute + 30*time.Second)
		h.run()
		time.Sleep(time.Hour)
		first := map[string]time.Duration{}
		for _, e := range h.said() {
			require.NotNil(t, e.Person)
			if _, ok := first[e.Person.ID]; !ok && e.Kind == "no_data" {
				first[e.Person.ID] = e.Time.Sub(h.start)
			}
		}
		require.Equal(t, map[string]time.Duration{"b1": 30 * time.Minute, "a1": 43 * time.Minute}, first)
		h.end()
	})
}

// No network is everybody's, through whatever account they come: one message, also
// when the accounts find out, and back, one after the other. A service that fails
// is the account's own.
func TestNoNetworkForBothAccounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouses(t, twoAccounts)
		offline := func(from, to time.Duration) func(time.Duration) *glucose.Fault {
			return func(since time.Duration) *glucose.Fault {
				if within(from, to)(since) {
					return &glucose.Fault{Kind: glucose.Offline, Message: "This computer has no network.", Hint: "Check it."}
				}
				return nil
			}
		}
		h.anna.fault = offline(30*time.Minute, 80*time.Minute)
		h.mum.fault = offline(30*time.Minute+20*time.Second, 80*time.Minute+40*time.Second)
		h.run()
		time.Sleep(79 * time.Minute)
		told := h.told()
		require.Len(t, told, 2, "soft, then loud; not once for each account: %q", told)
		for _, title := range told {
			require.Contains(t, title, "everyone")
		}
		require.Equal(t, 49*time.Minute, h.said()[0].Time.Sub(h.start), "and no later")
		require.Equal(t, "No data", h.waiting(), "once")
		require.Equal(t, "Everyone", h.view().Standing[0].Name)
		require.Empty(t, h.view().Undelivered)
		h.desk.Inject(notify.Event{Tag: h.desk.Sent()[0].Tag, Button: "seen no_data"})
		require.Empty(t, h.waiting(), "answered for both")
		time.Sleep(10 * time.Minute)
		require.Len(t, h.told(), 2, "nothing is said of the one whose account is back later")
		require.Nil(t, h.view().Fault)
		require.False(t, h.row("a1").Stale)
		require.False(t, h.row("b1").Stale)

		// One of them stays away although the other has a network again.
		begun := time.Since(h.start)
		h.mu.Lock()
		h.anna.fault, h.mum.fault = offline(begun, begun+time.Hour), offline(begun, begun+3*time.Hour)
		h.mu.Unlock()
		time.Sleep(time.Hour + 3*time.Minute)
		told = h.told()
		require.Contains(t, told[len(told)-1], "Ben Smith")
		require.Equal(t, "b1", h.said()[len(h.said())-1].Person.ID)
		require.False(t, h.row("a1").Stale)
		h.end()
	})
}

// What was to be said of two people, and no desktop took, is said of both when it
// is tried again: the network of the other account is gone by then, too, for whose
// people nothing is due.
func TestNoDataOfTwoTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouses(t, twoAccounts)
		h.mum.children = append(h.mum.children, child{id: "c1", name: "Carl Smith", curve: steadily(130)})
		offline := func(from time.Duration) func(time.Duration) *glucose.Fault {
			return func(since time.Duration) *glucose.Fault {
				if since >= from {
					return &glucose.Fault{Kind: glucose.Offline, Message: "This computer has no network.", Hint: "Check it."}
				}
				return nil
			}
		}
		h.mum.fault = offline(10*time.Minute + 30*time.Second)
		h.anna.fault = offline(30*time.Minute + 5*time.Second)
		h.run()
		time.Sleep(20 * time.Minute)
		h.desk.FailAll(notify.ErrNoServer)
		time.Sleep(15 * time.Minute)
		h.desk.FailAll(nil)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		sent := h.desk.Sent()
		last := sent[len(sent)-1]
		require.Contains(t, last.Title, "NO DATA")
		require.Contains(t, last.Title, "Ben Smith")
		require.Contains(t, last.Title, "Carl Smith")
		h.end()
	})
}

// Somebody who shares with both accounts is followed once, by the fresher answer,
// and is not in trouble as long as one of them answers.
func TestOnePersonThroughBothAccounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouses(t, twoAccounts)
		both := child{id: "c1", name: "Carl Smith", curve: steadily(130)}
		h.anna.children = append(h.anna.children, both)
		h.mum.children = append(h.mum.children, both)
		h.mum.children[1].silent = within(5*time.Minute, 6*time.Hour) // it lags
		h.anna.fault = func(since time.Duration) *glucose.Fault {
			if within(2*time.Hour, 3*time.Hour)(since) {
				return refused()
			}
			return nil
		}
		h.run()
		time.Sleep(time.Hour)
		require.Len(t, h.view().People, 3)
		require.Equal(t, glucose.MgDL(130), h.row("c1").Reading.Value)
		require.False(t, h.row("c1").Stale)
		require.Empty(t, h.told())
		seen := map[time.Time]int{}
		for _, r := range h.kept.readings["c1"] {
			seen[r.Time]++
			require.Equal(t, 1, seen[r.Time], "stored once")
		}
		require.GreaterOrEqual(t, len(seen), 55)

		h.mu.Lock()
		h.mum.children[1].silent = nil
		h.mu.Unlock()
		time.Sleep(90 * time.Minute)
		require.Equal(t, []string{"SIGN-IN refused: no readings of Anna Smith"}, h.told(), "Carl comes through mum's")
		require.False(t, h.row("c1").Stale)

		// He stops sharing with one of them: nobody is told, for nothing is lost.
		h.mu.Lock()
		h.anna.fault = nil
		h.anna.children = h.anna.children[:1]
		h.mu.Unlock()
		h.command(Request{Command: "reload"})
		time.Sleep(time.Hour)
		require.Len(t, h.view().People, 3)
		require.False(t, h.row("c1").Stale)
		require.Empty(t, h.toldOf("Carl"))
		// And with the other one.
		h.mu.Lock()
		h.mum.children = h.mum.children[:1]
		h.mu.Unlock()
		time.Sleep(20 * time.Minute)
		require.Equal(t, []string{"Carl Smith no longer shares with this account"}, h.toldOf("Carl"))
		require.Len(t, h.view().People, 2)
		h.end()
	})
}

// Several who come through one account are told of together, by name, and an
// answer is for them all and for nobody else.
func TestFaultOfAnAccountWithTwo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouses(t, twoAccounts)
		h.mum.children = append(h.mum.children, child{id: "d1", name: "Dora", curve: steadily(100)})
		h.mum.fault = func(since time.Duration) *glucose.Fault {
			if since > 10*time.Minute {
				return &glucose.Fault{Kind: glucose.Maintenance, Message: "Maintenance."}
			}
			return nil
		}
		got := &services{got: map[string][]relay.Message{}}
		rules := []relay.Rule{{Name: "dora", People: []string{"d1"}}, {Name: "anna", People: []string{"a1"}}}
		h.opt.Relays = &RelayOptions{Send: got, Rules: func(settings.Settings, []glucose.Person) []relay.Rule { return rules }}
		h.run()
		time.Sleep(35 * time.Minute)
		require.Equal(t, []string{"NO DATA for 20 min, Ben Smith and Dora: LibreLinkUp"}, h.told())
		require.Len(t, got.carried("dora"), 1, "it is about her, too")
		require.Empty(t, got.carried("anna"))
		h.desk.Inject(notify.Event{Tag: h.desk.Sent()[0].Tag, Button: "snooze 1h0m0s no_data"})
		time.Sleep(50 * time.Minute)
		require.Len(t, h.told(), 1, "answered for both")
		ids := map[string]bool{}
		for _, z := range h.view().Snoozes {
			ids[z.Person] = true
		}
		require.Equal(t, map[string]bool{"b1": true, "d1": true}, ids, "and not for Anna")
		h.end()
	})
}

// One account is signed out of while its alarm stands: its people and their
// messages are gone, the others and everybody's history stay.
func TestSignOutOfOneAccount(t *testing.T) {
	for _, how := range []string{"signed out", "section removed"} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouses(t, twoAccounts)
			h.mum.children[0].curve = steadily(60)
			h.run()
			time.Sleep(10 * time.Minute)
			require.Len(t, h.toldOf("LOW 60 → Ben"), 1)
			h.mu.Lock()
			h.mum.out = true
			h.mu.Unlock()
			if how == "signed out" {
				h.command(Request{Command: "reload", Kind: "mum"})
			} else {
				h.set(t, "person = \"a1\"\n")
			}
			synctest.Wait()
			require.Len(t, h.view().People, 1)
			require.Empty(t, h.waiting())
			for _, m := range h.desk.Sent() {
				_, shown := h.desk.Shown(m.Tag)
				require.Equal(t, m.Tag == "unfollowed", shown, m.Title)
			}
			require.Equal(t, []string{"Ben Smith: no longer followed"}, h.toldOf("no longer"))
			require.NotEmpty(t, h.kept.readings["b1"])
			require.NotEmpty(t, h.kept.alarms["b1"])
			asked := h.mum.asked(0, 100*time.Hour)
			time.Sleep(4 * time.Hour)
			require.Len(t, h.told(), 2, "and no word of him any more")
			require.Equal(t, asked, h.mum.asked(0, 100*time.Hour))
			require.GreaterOrEqual(t, h.anna.asked(time.Hour, 4*time.Hour), 170)
			h.end()
			h.run()
			require.Len(t, h.view().People, 1, "nor after a restart")
			h.end()
		})
	}
}

// A section that went from the settings while the program did not run is not
// overlooked.
func TestSectionRemovedBeforeAStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouses(t, twoAccounts)
		h.run()
		time.Sleep(5 * time.Minute)
		h.end()
		h.opt.Settings = parsed(t, "person = \"a1\"\n")
		for range 2 {
			h.run()
			time.Sleep(5 * time.Minute)
			require.Equal(t, []string{"Ben Smith: no longer followed"}, h.told(), "once")
			require.Len(t, h.view().People, 1)
			h.end()
		}
	})
}

// An account comes by a sign-in while the program runs, with its people, and both
// are there after a restart, before either has answered.
func TestSignInToAnotherAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouses(t, "person = \"a1\"\n")
		h.run()
		time.Sleep(5 * time.Minute)
		require.Len(t, h.view().People, 1)
		require.Zero(t, h.mum.asked(0, time.Hour))
		require.NotContains(t, h.kept.meta, MetaAccounts, "nothing new where there is one")
		h.set(t, twoAccounts)
		h.command(Request{Command: "reload", Kind: "mum"})
		time.Sleep(5 * time.Minute)
		require.Len(t, h.view().People, 2)
		require.False(t, h.row("b1").Stale)
		require.Equal(t, "a1", h.view().PersonID)
		require.Empty(t, h.told())
		h.end()
		late := h.opt.Connect
		h.opt.Connect = func(ctx context.Context, name string) (poll.Source, error) { // a slow keyring
			if name == "mum" {
				time.Sleep(time.Minute)
			}
			return late(ctx, name)
		}
		h.run()
		require.Len(t, h.view().People, 2)
		time.Sleep(3 * time.Minute)
		require.Len(t, h.view().People, 2, "the list of one is no list of the other")
		require.Empty(t, h.told())
		h.actions <- tray.Action{Kind: tray.Follow, Key: "b1"}
		time.Sleep(10 * time.Minute)
		require.Equal(t, "b1", h.view().PersonID)
		require.False(t, h.view().Stale)
		require.False(t, h.row("a1").Stale)
		require.Nil(t, h.view().Fault)
		h.anna.requireBudget(t)
		h.end()
	})
}

// Where all are followed through accounts with a name, nobody is asked to sign in
// to the first.
func TestOnlyNamedAccounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouses(t, "[accounts.mum]\n")
		h.anna.out = true
		h.run()
		time.Sleep(3 * time.Hour)
		require.Empty(t, h.told())
		require.Empty(t, h.view().Undelivered)
		require.Nil(t, h.view().Fault)
		require.Equal(t, "b1", h.view().PersonID)
		require.False(t, h.view().Stale)
		h.end()
		h.run()
		require.Len(t, h.view().People, 1)
		h.end()

		h.mum.out = true
		h.run()
		time.Sleep(time.Hour)
		require.Equal(t, []string{"Ben Smith: no longer followed", "llutray: Nobody is signed in"}, h.told())
		require.Empty(t, h.view().People)
		h.end()
	})
}

// A reload of an account that the settings do not have yet in force reads them.
func TestReloadOfANewAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouses(t, "person = \"a1\"\n")
		require.NoError(t, h.opt.Paths.Make())
		require.NoError(t, settings.AddAccount(h.opt.Paths.Settings, "mum"))
		h.run()
		time.Sleep(2 * time.Minute)
		var wg sync.WaitGroup
		wg.Go(func() { h.command(Request{Command: "reload", Kind: "mum"}) })
		wg.Wait()
		time.Sleep(2 * time.Minute)
		require.Len(t, h.view().People, 2)
		h.end()
	})
}
