package app

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/tray"
)

// recordingRelay remembers what it was given, and when.
type recordingRelay struct {
	name  string
	wants func(alarm.Decision) bool
	send  func(ctx context.Context, try int) error // nil function: it always works

	mu    sync.Mutex
	tries []time.Time
	got   []Relayed
}

func (r *recordingRelay) Name() string                { return r.name }
func (r *recordingRelay) Wants(d alarm.Decision) bool { return r.wants == nil || r.wants(d) }

func (r *recordingRelay) Send(ctx context.Context, m Relayed) error {
	r.mu.Lock()
	r.tries = append(r.tries, time.Now())
	try := len(r.tries)
	r.mu.Unlock()
	if r.send != nil {
		if err := r.send(ctx, try); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, m)
	return nil
}

func (r *recordingRelay) carried() []Relayed {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Relayed{}, r.got...)
}

func (r *recordingRelay) tried() []time.Time {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]time.Time{}, r.tries...)
}

func second(d alarm.Decision) bool { return d.Escalation == alarm.EscalateSecond }

// newRelayWorld is a world in which it is always this low.
func newRelayWorld(t *testing.T, v glucose.MgDL, relays ...Relay) *world {
	w := newWorld(t)
	w.curve = func(time.Duration) glucose.MgDL { return v }
	w.opt.Relays = func(settings.Settings) []Relay { return relays }
	return w
}

// logged are the outcomes of a relay in the alarm log.
func (w *world) logged(relay string) (out []string) {
	synctest.Wait()
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	for id, r := range w.store.alarms {
		if strings.HasSuffix(id, "@"+relay) {
			out = append(out, string(r.Kind)+" "+string(r.Reason)+" "+r.Delivery)
		}
	}
	return out
}

func TestRelayWhenNobodyAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recordingRelay{name: "phone", wants: second}
		always := &recordingRelay{name: "all"}
		w := newRelayWorld(t, 50, r, always)
		w.run()
		time.Sleep(14 * time.Minute)
		require.Empty(t, r.carried(), "it is said here first")
		require.Len(t, always.carried(), 3, "one that wants all gets all")
		time.Sleep(6 * time.Minute)
		got := r.carried()
		require.Len(t, got, 1, "with the first repeat after a quarter of an hour")
		require.Equal(t, "Robin", got[0].Person.Name)
		require.Contains(t, got[0].Title, "URGENT LOW 50")
		require.Contains(t, got[0].Body, "Nobody has answered for")
		require.Equal(t, []string{"urgent_low relayed ok"}, w.logged("phone"))
		time.Sleep(5 * time.Minute)
		require.Len(t, r.carried(), 2, "and with each repeat")
		w.actions <- tray.Action{Kind: tray.Seen}
		time.Sleep(time.Hour)
		require.Len(t, r.carried(), 2, "somebody is there")
		w.end()
	})
}

func TestRelayIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recordingRelay{name: "phone", send: func(_ context.Context, try int) error {
			if try < 4 {
				return errors.New("no way out")
			}
			return nil
		}}
		w := newRelayWorld(t, 65, r)
		w.run()
		require.Contains(t, w.view().Undelivered, "phone: no way out")
		require.Equal(t, []string{"low relayed no way out"}, w.logged("phone"))
		time.Sleep(51 * time.Second)
		require.Len(t, r.carried(), 1)
		at := r.tried()
		require.Equal(t, []time.Duration{5 * time.Second, 15 * time.Second, 30 * time.Second},
			[]time.Duration{at[1].Sub(at[0]), at[2].Sub(at[1]), at[3].Sub(at[2])})
		require.Equal(t, []string{"low relayed ok"}, w.logged("phone"), "the entry is brought up to date")
		require.Empty(t, w.view().Undelivered)
		w.end()
	})
}

func TestRelayGivesUp(t *testing.T) {
	broken := func(context.Context, int) error { return errors.New("no way out") }
	t.Run("when it was answered", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := &recordingRelay{name: "phone", send: broken}
			w := newRelayWorld(t, 65, r)
			w.run()
			time.Sleep(25 * time.Second)
			tries := len(r.tried())
			require.Greater(t, tries, 2)
			w.actions <- tray.Action{Kind: tray.Seen, Key: string(alarm.Low)}
			time.Sleep(20 * time.Minute)
			require.Len(t, r.tried(), tries)
			w.end()
		})
	})
	t.Run("when it is over", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := &recordingRelay{name: "phone", send: broken, wants: func(d alarm.Decision) bool { return d.Kind == alarm.High }}
			w := newRelayWorld(t, 270, r)
			from := w.start
			w.curve = func(since time.Duration) glucose.MgDL {
				if since > 13*time.Minute { // right through to the other side
					return 65
				}
				return 270
			}
			w.run()
			time.Sleep(15 * time.Minute)
			at := r.tried()
			require.NotEmpty(t, at)
			time.Sleep(20 * time.Minute)
			require.Len(t, r.tried(), len(at), "begun at %s", from)
			w.end()
		})
	})
	t.Run("when it is old", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := &recordingRelay{name: "phone", send: broken}
			w := newRelayWorld(t, 65, r)
			w.run()
			time.Sleep(29 * time.Minute)
			at := r.tried()
			require.Less(t, at[len(at)-1].Sub(at[0]), relayGivesUp)
			require.Greater(t, at[len(at)-1].Sub(at[0]), relayGivesUp-2*time.Minute)
			w.end()
		})
	})
}

func TestHangingRelayHoldsUpNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hung := &recordingRelay{name: "hung", send: func(ctx context.Context, _ int) error { <-ctx.Done(); return ctx.Err() }}
		good := &recordingRelay{name: "good"}
		w := newRelayWorld(t, 50, hung, good)
		w.run()
		require.Len(t, good.carried(), 1)
		_, shown := w.desk.Shown("low")
		require.True(t, shown)
		time.Sleep(relayDeadline + time.Second)
		require.Len(t, w.logged("hung"), 1, "its time was up")
		time.Sleep(time.Hour)
		require.Len(t, good.carried(), 13)
		w.end()
	})
}

// Where the desktop shows nothing, the message that is tried again and again
// here is not carried each time, but it is carried again.
func TestRelayWithoutADesktop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		always, late := &recordingRelay{name: "all"}, &recordingRelay{name: "late", wants: second}
		w := newRelayWorld(t, 50, always, late)
		w.desk.FailAll(notify.ErrHangs)
		w.run()
		time.Sleep(4*time.Minute + 50*time.Second)
		require.Len(t, always.carried(), 1)
		require.Empty(t, late.carried())
		time.Sleep(11*time.Minute + 10*time.Second)
		require.InDelta(t, 4, len(always.carried()), 1)
		require.NotEmpty(t, late.carried(), "nobody answers what is not shown")
		w.end()
	})
}

func TestRelayOfALockedScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recordingRelay{name: "phone"}
		w := newRelayWorld(t, 50, r)
		locked := make(chan bool, 1)
		w.opt.Locked = locked
		locked <- true
		w.run()
		time.Sleep(6 * time.Minute)
		got := r.carried()
		require.Contains(t, got[len(got)-1].Title, "50", "the phone's owner has unlocked it")
		m, _ := w.desk.Shown("low")
		require.NotContains(t, m.Title, "50")
		w.end()
	})
	synctest.Test(t, func(t *testing.T) {
		r := &recordingRelay{name: "phone"}
		w := newRelayWorld(t, 50, r)
		w.opt.Settings.Text = settings.TextContentFree
		w.run()
		require.NotContains(t, r.carried()[0].Title, "50", "the wish for all messages")
		w.end()
	})
}

func TestTestAlarmGoesThroughTheRelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recordingRelay{name: "phone"}
		w := newRelayWorld(t, 110, r)
		w.run()
		reply := make(chan Reply, 1)
		w.ask <- Request{Command: "test-alarm", Reply: reply}
		require.Empty(t, (<-reply).Error)
		require.Contains(t, r.carried()[0].Title, "TEST")
		r.send = func(ctx context.Context, _ int) error { <-ctx.Done(); return errors.New("no way out") }
		w.ask <- Request{Command: "test-alarm", Reply: reply}
		require.Contains(t, (<-reply).Error, "phone: no way out")
		require.Equal(t, 2, len(w.desk.Sent()), "the desktop had it all the same")
		w.end()
	})
}

func TestRelaysFollowTheSettings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recordingRelay{name: "phone"}
		w := newRelayWorld(t, 50)
		on := make(chan settings.Settings)
		w.opt.WatchSettings = func(ctx context.Context, _ string, f func(settings.Settings, error)) error {
			for {
				select {
				case s := <-on:
					f(s, nil)
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		}
		w.opt.Relays = func(s settings.Settings) []Relay {
			if s.Awake {
				return nil
			}
			return []Relay{r}
		}
		w.opt.Settings.Awake = true
		w.run()
		time.Sleep(6 * time.Minute)
		require.Empty(t, r.carried())
		set := w.opt.Settings
		set.Awake = false
		r.send = func(context.Context, int) error { return errors.New("no way out") }
		on <- set
		time.Sleep(6 * time.Minute)
		require.NotEmpty(t, r.tried())
		require.Contains(t, w.view().Undelivered, "phone")
		set.Awake = true
		on <- set
		require.Empty(t, w.view().Undelivered, "it is gone, and its trouble with it")
		w.end()
	})
}
