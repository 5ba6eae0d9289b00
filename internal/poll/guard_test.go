package poll

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// counted is a source that answers with err.
type counted struct {
	err error
	n   int
}

func (c *counted) Current(context.Context) ([]glucose.Snapshot, error) { c.n++; return nil, c.err }

func (c *counted) Graph(context.Context, string) (glucose.Snapshot, error) {
	c.n++
	return glucose.Snapshot{}, c.err
}

// Asked each minute for hours, a source in trouble is asked as seldom as one
// that is followed alone.
func TestGuardKeepsTheWaits(t *testing.T) {
	for _, c := range []struct {
		fault *glucose.Fault
		most  int // in two hours
		least int
	}{
		{&glucose.Fault{Kind: glucose.ServerError}, 14, 8},
		{&glucose.Fault{Kind: glucose.Throttled}, 7, 4},
		{&glucose.Fault{Kind: glucose.Terms}, 3, 2},
		{&glucose.Fault{Kind: glucose.WrongPassword}, 1, 1},
	} {
		now, src := day0, &counted{err: c.fault}
		g := NewGuard(src, func() time.Time { return now }, 1)
		for ; now.Before(day0.Add(2 * time.Hour)); now = now.Add(time.Minute) {
			_, err := g.Current(t.Context())
			require.Equal(t, c.fault.Kind, glucose.AsFault(err).Kind)
		}
		require.LessOrEqual(t, src.n, c.most, c.fault.Kind)
		require.GreaterOrEqual(t, src.n, c.least, c.fault.Kind)
		asked := src.n
		src.err = nil
		g.Retry()
		_, err := g.Graph(t.Context(), "a")
		if c.fault.Kind != glucose.Throttled { // that one named no end: the wait is kept
			require.NoError(t, err)
			require.Equal(t, asked+1, src.n)
		}
	}
}

func TestGuardKeepsATimeThatWasNamed(t *testing.T) {
	now := day0
	src := &counted{err: &glucose.Fault{Kind: glucose.Locked, Until: day0.Add(17 * time.Minute)}}
	g := NewGuard(src, func() time.Time { return now }, 1)
	for ; now.Before(day0.Add(17 * time.Minute)); now = now.Add(time.Second) {
		_, err := g.Current(t.Context())
		require.Error(t, err)
		g.Retry()
	}
	require.Equal(t, 1, src.n)
	src.err = nil
	_, err := g.Current(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, src.n)
}

// What a user's impatience or an odd schedule asks for ends with the budget.
func TestGuardKeepsTheBudget(t *testing.T) {
	now, src := day0, &counted{}
	g := NewGuard(src, func() time.Time { return now }, 1)
	for ; now.Before(day0.Add(3 * time.Hour)); now = now.Add(10 * time.Second) {
		_, _ = g.Current(t.Context())
	}
	require.LessOrEqual(t, src.n, 3*(hourly+extraHourly))
}

// A request that was called off tells nothing of the source.
func TestGuardAndACalledOffRequest(t *testing.T) {
	src := &counted{err: errors.New("called off")}
	g := NewGuard(src, func() time.Time { return day0 }, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := g.Current(ctx)
	require.Error(t, err)
	src.err = nil
	_, err = g.Current(t.Context())
	require.NoError(t, err)
}
