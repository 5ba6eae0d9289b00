package poll

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/llutray/llutray/internal/glucose"
)

// clock is package time's, which synctest fakes.
type clock struct{}

func (clock) Now() time.Time { return time.Now() }

func (clock) NewTimer(d time.Duration) Timer { return timer{time.NewTimer(d)} }

type timer struct{ *time.Timer }

func (t timer) C() <-chan time.Time { return t.Timer.C }

// An episode is a time in which requests fail.
type episode struct {
	from, to time.Time
	kind     glucose.FaultKind
	binding  bool // the fault says until when
}

// A world is a service with one person's feed on synctest's clock. It fails
// the test when it is asked twice at once or before the time it has named.
type world struct {
	t        *testing.T
	shift    time.Duration // from day0 to the bubble's clock
	feed     []published
	episodes []episode
	latency  time.Duration

	mu    sync.Mutex // the race detector does not know that time orders
	busy  bool
	until time.Time
	sent  []time.Time
	graph []time.Time
}

func (w *world) Current(ctx context.Context) ([]glucose.Snapshot, error) { return w.answer(ctx, false) }

func (w *world) Graph(ctx context.Context, id string) (glucose.Snapshot, error) {
	assert.Equal(w.t, "p1", id)
	s, err := w.answer(ctx, true)
	if err != nil {
		return glucose.Snapshot{}, err
	}
	return s[0], nil
}

func (w *world) answer(ctx context.Context, graph bool) ([]glucose.Snapshot, error) {
	w.mu.Lock()
	assert.False(w.t, w.busy, "two requests at once")
	now := time.Now()
	assert.False(w.t, now.Before(w.until), "request %s before it is allowed", w.until.Sub(now))
	w.busy = true
	w.sent = append(w.sent, now)
	if graph {
		w.graph = append(w.graph, now)
	}
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.busy = false
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(w.latency / 2):
	}
	at := time.Now()
	time.Sleep(w.latency / 2)
	for _, e := range w.episodes {
		if at.Before(e.from) || !at.Before(e.to) {
			continue
		}
		f := &glucose.Fault{Kind: e.kind, Message: "scripted"}
		if e.binding {
			w.mu.Lock()
			f.Until, w.until = e.to, e.to
			w.mu.Unlock()
		}
		return nil, f
	}
	p := newest(w.feed, at.Add(-w.shift))
	if p == nil {
		return snapshot(nil), nil
	}
	return snapshot(&published{reading: p.reading.Add(w.shift)}), nil
}

// follow runs a Poller against the world for that long, with things done on
// the way, and returns what it delivered.
func (w *world) follow(length time.Duration, person string, during func(*Poller)) (out []Update) {
	w.shift = time.Since(day0).Round(0)
	if w.latency == 0 {
		w.latency = latency
	}
	for i := range w.episodes {
		w.episodes[i].from = w.episodes[i].from.Add(w.shift)
		w.episodes[i].to = w.episodes[i].to.Add(w.shift)
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	p := New(Options{Source: w, Clock: clock{}, Seed: 7, Person: person, Deliver: func(u Update) {
		out = append(out, u)
	}})
	done := make(chan error)
	go func() { done <- p.Run(ctx) }()
	end := time.Now().Add(length)
	if during != nil {
		during(p)
	}
	time.Sleep(time.Until(end))
	cancel()
	assert.NoError(w.t, <-done)
	for i := range w.sent {
		w.sent[i] = w.sent[i].Add(-w.shift).UTC()
	}
	for i := range w.graph {
		w.graph[i] = w.graph[i].Add(-w.shift).UTC()
	}
	return out
}

// since returns how long after the world's beginning t is.
func (w *world) since(t time.Time) time.Duration { return t.Add(-w.shift).Sub(day0) }

// asked is when requests were sent so far, of either kind, by the bubble's
// clock.
func (w *world) asked() (all, graphs []time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.sent), slices.Clone(w.graph)
}

// idle waits until no request has been sent for 20 seconds, so that asking
// is allowed, and returns how many of either kind there were.
func (w *world) idle() (all, graphs int) {
	for {
		sent, graph := w.asked()
		if time.Since(sent[len(sent)-1]) >= 20*time.Second {
			return len(sent), len(graph)
		}
		time.Sleep(time.Second)
	}
}
