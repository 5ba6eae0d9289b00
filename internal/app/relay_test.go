package app

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
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
	"github.com/llutray/llutray/internal/relay"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/tray"
)

// services remembers what each relay was given. Those in broken fail.
type services struct {
	mu     sync.Mutex
	got    map[string][]relay.Message
	broken map[string]func(ctx context.Context) error
}

func (s *services) Send(ctx context.Context, name string, m relay.Message) error {
	s.mu.Lock()
	fail := s.broken[name]
	s.mu.Unlock()
	if fail != nil {
		if err := fail(ctx); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got[name] = append(s.got[name], m)
	return nil
}

func (s *services) carried(name string) []relay.Message {
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]relay.Message{}, s.got[name]...)
}

func (s *services) mend(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.broken, name)
}

// relayFile is a state file.
type relayFile struct {
	mu   sync.Mutex
	text []byte
}

func (m *relayFile) Load(v any) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.text == nil {
		return "", nil
	}
	return "", json.Unmarshal(m.text, v)
}

func (m *relayFile) Save(v any) (err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.text, err = json.Marshal(v)
	return err
}

// newRelayWorld is a world in which it is always this low.
func newRelayWorld(t *testing.T, v glucose.MgDL, rules ...relay.Rule) (*world, *services) {
	w := newWorld(t)
	w.curve = func(time.Duration) glucose.MgDL { return v }
	s := &services{got: map[string][]relay.Message{}, broken: map[string]func(context.Context) error{}}
	w.opt.Relays = &RelayOptions{Send: s, Rules: func(settings.Settings, []glucose.Person) []relay.Rule { return rules }}
	return w, s
}

// logged are the outcomes of a relay in the alarm log.
func (w *world) logged(name string) (out []string) {
	synctest.Wait()
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	for id, r := range w.store.alarms {
		if strings.HasSuffix(id, "@"+name) {
			out = append(out, string(r.Kind)+" "+string(r.Reason)+" "+r.Delivery)
		}
	}
	return out
}

func TestRelayWhenNobodyAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := newRelayWorld(t, 50, relay.Rule{Name: "phone", After: 10 * time.Minute, Every: 4 * time.Minute}, relay.Rule{Name: "all", Every: 4 * time.Minute})
		w.run()
		require.Len(t, s.carried("all"), 1)
		time.Sleep(10*time.Minute - time.Second)
		require.Empty(t, s.carried("phone"), "it is said here first")
		time.Sleep(2 * time.Second)
		got := s.carried("phone")
		require.Len(t, got, 1)
		require.Contains(t, got[0].Title, "URGENT LOW 50")
		require.True(t, got[0].Loud)
		require.Equal(t, []string{"urgent_low relayed ok"}, w.logged("phone"))
		time.Sleep(5*time.Minute + 30*time.Second)
		require.Len(t, s.carried("phone"), 2, "and with each repeat")
		require.Len(t, s.carried("all"), 4, "one that wants all gets all")
		w.actions <- tray.Action{Kind: tray.Seen}
		time.Sleep(9 * time.Minute)
		require.Len(t, s.carried("phone"), 2, "somebody is there")
		w.end()
	})
}

func TestRelayIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := newRelayWorld(t, 65, relay.Rule{Name: "phone"})
		s.broken["phone"] = func(context.Context) error { return errors.New("no way out") }
		w.run()
		require.Contains(t, w.view().Undelivered, "phone: no way out")
		require.Equal(t, []string{"low relayed no way out"}, w.logged("phone"))
		time.Sleep(30 * time.Second)
		s.mend("phone")
		time.Sleep(21 * time.Second)
		require.Len(t, s.carried("phone"), 1)
		require.Equal(t, []string{"low relayed ok"}, w.logged("phone"), "the entry is brought up to date")
		require.Empty(t, w.view().Undelivered)
		w.end()
	})
}

// "Over" goes to who heard of it, and not while the low goes on.
func TestRelayTellsWhenItIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := newRelayWorld(t, 50, relay.Rule{Name: "heard", Recovered: true}, relay.Rule{Name: "not", Recovered: true, After: time.Hour})
		w.curve = func(since time.Duration) glucose.MgDL {
			switch {
			case since < 5*time.Minute:
				return 50
			case since < 40*time.Minute:
				return 62
			}
			return 100
		}
		w.run()
		time.Sleep(39 * time.Minute)
		for _, m := range s.carried("heard") {
			require.NotContains(t, m.Title, "Over", "it is still low")
		}
		time.Sleep(30 * time.Minute)
		got := s.carried("heard")
		require.Equal(t, "Over: Low, Robin", got[len(got)-1].Title)
		require.Empty(t, s.carried("not"))
		w.end()
	})
}

func TestHangingRelayHoldsUpNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := newRelayWorld(t, 50, relay.Rule{Name: "hung"}, relay.Rule{Name: "good", Every: time.Minute})
		s.broken["hung"] = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		w.run()
		require.Len(t, s.carried("good"), 1)
		_, shown := w.desk.Shown("low")
		require.True(t, shown)
		time.Sleep(21 * time.Second)
		require.Len(t, w.logged("hung"), 1, "its time was up")
		time.Sleep(time.Hour)
		require.Len(t, s.carried("good"), 13)
		w.end()
	})
}

// Where the desktop shows nothing, the message that is tried again and again
// here is not carried each time, but it is carried again.
func TestRelayWithoutADesktop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := newRelayWorld(t, 50, relay.Rule{Name: "all", Every: 5 * time.Minute}, relay.Rule{Name: "late", After: 15 * time.Minute})
		w.desk.FailAll(notify.ErrHangs)
		w.run()
		time.Sleep(4*time.Minute + 25*time.Second)
		require.Len(t, s.carried("all"), 1)
		require.Empty(t, s.carried("late"))
		time.Sleep(11*time.Minute + 10*time.Second)
		require.InDelta(t, 4, len(s.carried("all")), 1)
		require.NotEmpty(t, s.carried("late"), "nobody answers what is not shown")
		w.end()
	})
}

func TestRelayText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := newRelayWorld(t, 50, relay.Rule{Name: "phone"}, relay.Rule{Name: "free", ContentFree: true})
		locked := make(chan bool, 1)
		w.opt.Locked = locked
		locked <- true
		w.run()
		time.Sleep(16 * time.Minute)
		got := s.carried("phone")
		require.Contains(t, got[len(got)-1].Title, "50", "the phone's owner has unlocked it")
		for _, m := range s.carried("free") {
			require.NotContains(t, m.Title+m.Body, "50")
			require.NotContains(t, m.Title+m.Body, "Robin")
		}
		w.end()
	})
	synctest.Test(t, func(t *testing.T) {
		w, s := newRelayWorld(t, 50, relay.Rule{Name: "phone"})
		w.opt.Settings.Text = settings.TextContentFree
		w.run()
		require.NotContains(t, s.carried("phone")[0].Title, "50", "the wish for all messages")
		w.end()
	})
}

func TestRelayOverARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := &relayFile{}
		w, s := newRelayWorld(t, 65, relay.Rule{Name: "phone"})
		w.opt.Relays.State = file
		s.broken["phone"] = func(context.Context) error { return errors.New("no way out") }
		w.run()
		w.end()
		s.mend("phone")
		w.curve = func(time.Duration) glucose.MgDL { return 65 }
		w.run()
		time.Sleep(6 * time.Second)
		require.Len(t, s.carried("phone"), 1)
		w.end()
	})
}

func TestTestAlarmGoesThroughTheRelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := newRelayWorld(t, 110, relay.Rule{Name: "phone", Kinds: []alarm.Kind{alarm.Low}})
		w.run()
		reply := make(chan Reply, 1)
		w.ask <- Request{Command: "test-alarm", Reply: reply}
		require.Empty(t, (<-reply).Error)
		require.Contains(t, s.carried("phone")[0].Title, "TEST")
		s.broken["phone"] = func(ctx context.Context) error { <-ctx.Done(); return errors.New("no way out") }
		w.ask <- Request{Command: "test-alarm", Reply: reply}
		require.Contains(t, (<-reply).Error, "phone: no way out")
		require.Equal(t, 2, len(w.desk.Sent()), "the desktop had it all the same")
		w.end()
	})
}

func TestRelaysFollowTheSettings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := newRelayWorld(t, 50)
		on := make(chan settings.Settings)
		w.opt.WatchSettings = func(ctx context.Context, _ string, f func(settings.Settings, error)) error {
			select {
			case s := <-on:
				f(s, nil)
			case <-ctx.Done():
			}
			<-ctx.Done()
			return ctx.Err()
		}
		w.opt.Relays.Rules = func(s settings.Settings, _ []glucose.Person) []relay.Rule {
			if s.Awake {
				return nil
			}
			return []relay.Rule{{Name: "phone"}}
		}
		w.opt.Settings.Awake = true
		w.run()
		time.Sleep(6 * time.Minute)
		require.Empty(t, s.carried("phone"))
		set := w.opt.Settings
		set.Awake = false
		on <- set
		time.Sleep(6 * time.Minute)
		require.NotEmpty(t, s.carried("phone"))
		w.end()
	})
}

// Nobody is told of an alarm of an account that was left.
func TestNoRelayAfterSigningOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := newRelayWorld(t, 50, relay.Rule{Name: "phone"})
		var tried atomic.Int32
		s.broken["phone"] = func(context.Context) error {
			tried.Add(1)
			return errors.New("refused")
		}
		out := false
		w.opt.Connect = func(context.Context, string) (poll.Source, error) {
			if out {
				return nil, &glucose.Fault{Kind: glucose.SignedOut, Message: "Nobody is signed in."}
			}
			return w, nil
		}
		w.run()
		time.Sleep(time.Minute)
		require.Positive(t, tried.Load())
		out = true
		w.ask <- Request{Command: "reload", Reply: make(chan Reply, 1)}
		synctest.Wait()
		before := tried.Load()
		time.Sleep(10 * time.Minute)
		require.Equal(t, before, tried.Load())
		w.end()
	})
}

// Whoever hands over is told that the relays keep silent with the computer.
func TestOffDutyTellsOfTheRelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ask := func(rules ...relay.Rule) string {
			w, _ := newRelayWorld(t, 110, rules...)
			w.run()
			defer w.end()
			reply := make(chan Reply, 1)
			w.ask <- Request{Command: "off", For: time.Hour, Reply: reply}
			return (<-reply).Text
		}
		require.Contains(t, ask(relay.Rule{Name: "oma"}), "Its relays carry no more than that either")
		require.NotContains(t, ask(), "elays")
	})
}
