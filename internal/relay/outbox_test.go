package relay

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/alarm"
)

// fake is a sender whose services are functions.
type fake struct {
	mu   sync.Mutex
	sent []string
	do   map[string]func(ctx context.Context) error
}

func (f *fake) Send(ctx context.Context, name string, m Message) error {
	f.mu.Lock()
	f.sent = append(f.sent, name+": "+m.Title)
	f.mu.Unlock()
	if do := f.do[name]; do != nil {
		return do(ctx)
	}
	return nil
}

func (f *fake) all() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.sent...)
}

func lowOf(now time.Time) Alarm {
	return Alarm{ID: "1", Person: anna, Kind: alarm.Low, Time: now, Raised: now, Full: Text{"LOW Anna", "62."}, Free: Text{Title: "Glucose alarm"}}
}

func TestOutboxHangingServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := func(ctx context.Context) error { <-ctx.Done(); return errors.New("the service did not answer in time") }
		f := &fake{do: map[string]func(context.Context) error{"hangs": hang}}
		var told sync.Mutex
		var list []Outcome
		outcomes := func() []Outcome {
			told.Lock()
			defer told.Unlock()
			return slices.Clone(list)
		}
		var saved json.RawMessage
		x := New(Options{
			Rules: []Rule{{Name: "hangs"}, {Name: "works", Recovered: true}}, Send: f,
			Outcome: func(o Outcome) {
				told.Lock()
				defer told.Unlock()
				list = append(list, o)
			},
			Save: func(b json.RawMessage) { saved = b },
		})
		ctx, stop := context.WithCancel(t.Context())
		var done sync.WaitGroup
		done.Go(func() { x.Run(ctx) })
		x.Raise(lowOf(time.Now()))
		synctest.Wait()
		require.ElementsMatch(t, []string{"hangs: LOW Anna", "works: LOW Anna"}, f.all())
		require.Len(t, outcomes(), 1)
		require.Equal(t, "works", outcomes()[0].Relay)

		time.Sleep(attempt)
		synctest.Wait()
		require.Len(t, outcomes(), 2)
		require.Equal(t, "the service did not answer in time", outcomes()[1].Err)
		require.Equal(t, []Status{
			{Name: "hangs", Waiting: 1, Trouble: "the service did not answer in time", Since: time.Now().UTC()}, {Name: "works"},
		}, x.Status())
		time.Sleep(waits[0])
		synctest.Wait()
		require.Len(t, f.all(), 3, "tried again")

		x.Clear("a", alarm.Low)
		synctest.Wait()
		require.Contains(t, f.all(), "works: Over: Low, Anna")

		stop()
		done.Wait()
		require.Len(t, outcomes(), 3, "what a shutdown breaks off has no outcome")

		// The next run sends what this one could not.
		var b Book
		require.NoError(t, json.Unmarshal(saved, &b))
		require.Len(t, b.Lines["hangs"].Waiting, 1)
	})
}

func TestOutboxRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := func(context.Context) error { return &Wait{"the service answered 429", time.Minute} }
		f := &fake{do: map[string]func(context.Context) error{"r": down}}
		var saved json.RawMessage
		o := Options{Rules: []Rule{{Name: "r"}}, Send: f, Save: func(b json.RawMessage) { saved = b }}
		run := func(x *Outbox, d time.Duration) {
			ctx, cancel := context.WithTimeout(t.Context(), d)
			defer cancel()
			x.Run(ctx)
		}
		x := New(o)
		x.Raise(lowOf(time.Now()))
		run(x, 59*time.Second)
		require.Len(t, f.all(), 1, "the service asked to wait for a minute")
		require.NoError(t, json.Unmarshal(saved, &o.Saved))
		f.do = nil
		x = New(o)
		run(x, 2*time.Second)
		require.Len(t, f.all(), 2)

		// Rules taken away while it waits.
		f.do = map[string]func(context.Context) error{"r": down}
		x.Raise(lowOf(time.Now()))
		x.SetRules(nil)
		run(x, time.Hour)
		require.Len(t, f.all(), 2)
	})
}

func TestOutboxSleepsUntilDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		x := New(Options{Rules: []Rule{{Name: "r", After: 15 * time.Minute}}, Send: f})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go x.Run(ctx)
		x.Raise(lowOf(time.Now()))
		time.Sleep(15*time.Minute - time.Millisecond)
		synctest.Wait()
		require.Empty(t, f.all())
		time.Sleep(time.Millisecond)
		synctest.Wait()
		require.Len(t, f.all(), 1)
		x.Answer("a", "")
	})
}

func TestOutboxTest(t *testing.T) {
	f := &fake{do: map[string]func(context.Context) error{"bad": func(context.Context) error { return errors.New("the service cannot be reached") }}}
	x := New(Options{Rules: []Rule{{Name: "bad"}, {Name: "good"}}, Send: f})
	require.EqualError(t, x.Test(t.Context(), Text{Title: "TEST"}), "bad: the service cannot be reached")
	require.ElementsMatch(t, []string{"bad: TEST", "good: TEST"}, f.all())
	x.SetRules([]Rule{{Name: "good"}})
	require.NoError(t, x.Test(t.Context(), Text{Title: "TEST"}))
}
