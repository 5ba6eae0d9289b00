package poll

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// Guard is a source that is left alone as long as its last fault wants it,
// however often it is asked: with it one of two that are asked together keeps
// its own waits, lock-outs and budget while the other one works. In between it
// repeats the fault. It is safe for concurrent use.
type Guard struct {
	source Source
	now    func() time.Time

	mu      sync.Mutex
	rnd     *rand.Rand
	trouble trouble
	fault   *glucose.Fault // of the last request, nil after a success
	due     time.Time      // not asked before
	hold    time.Time      // nor before this, whoever wants it
	idle    bool           // not asked before the user acts
	planned purse
}

// NewGuard makes a guard before a source. The seed scatters its retries.
func NewGuard(source Source, now func() time.Time, seed uint64) *Guard {
	return &Guard{
		source: source, now: now, rnd: rand.New(rand.NewPCG(seed, seed^0x9e3779b97f4a7c15)),
		planned: purse{Limit: hourly + extraHourly},
	}
}

// Current asks the source, if it may be asked.
func (g *Guard) Current(ctx context.Context) (list []glucose.Snapshot, err error) {
	err = g.ask(ctx, func() (err error) { list, err = g.source.Current(ctx); return err })
	return list, err
}

// Graph asks the source, if it may be asked.
func (g *Guard) Graph(ctx context.Context, personID string) (one glucose.Snapshot, err error) {
	err = g.ask(ctx, func() (err error) { one, err = g.source.Graph(ctx, personID); return err })
	return one, err
}

// Retry lets the source be asked again because the user has acted, but not
// before the time that it named.
func (g *Guard) Retry() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.due, g.idle = g.hold, false
}

// Reconnect drops the source's idle connections, if it has any.
func (g *Guard) Reconnect() {
	if r, ok := g.source.(interface{ Reconnect() }); ok {
		r.Reconnect()
	}
}

func (g *Guard) ask(ctx context.Context, request func() error) error {
	if f := g.held(); f != nil {
		return f
	}
	err := request()
	if err != nil && errors.Is(ctx.Err(), context.Canceled) {
		return err // what came of it is not the source's fault
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fault = glucose.AsFault(err)
	if g.fault == nil {
		g.trouble, g.due, g.hold, g.idle = trouble{}, time.Time{}, time.Time{}, false
		return nil
	}
	g.due, g.hold, g.idle = g.trouble.next(g.fault, g.now().Round(0), g.rnd, false)
	return g.fault
}

// held is why the source must not be asked now, nil if it may be; then the
// request is counted.
func (g *Guard) held() *glucose.Fault {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now().Round(0)
	if g.fault != nil && (g.idle || now.Before(g.due)) {
		return g.fault
	}
	if until := g.planned.earliest(now); until.After(now) {
		return &glucose.Fault{Kind: glucose.Throttled, Message: lang.T("Too many requests were made within the hour."), Hint: lang.T("llutray keeps trying."), Until: until}
	}
	g.planned.spend(now)
	return nil
}
