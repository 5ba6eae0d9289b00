package app

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// held is a history that another program holds for a while: each try waits for it.
type held struct {
	*shelf
	by    atomic.Bool
	tries atomic.Int32
}

func (d *held) Append(ctx context.Context, p glucose.Person, r []glucose.Reading) ([]glucose.Reading, error) {
	if !d.by.Load() {
		return d.shelf.Append(ctx, p, r)
	}
	d.tries.Add(1)
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(5 * time.Second):
		return nil, errors.New("another program holds it")
	}
}

// The loop does not spend its time on a store that is held, and neither does the
// end of a run, which a logout bounds.
func TestHistoryThatIsHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "[display]\nicon_person = \"turns\"\n")
		disk := &held{shelf: h.kept}
		h.opt.Store = disk
		h.run()
		time.Sleep(10 * time.Minute)
		disk.by.Store(true)
		time.Sleep(10 * time.Minute)
		require.LessOrEqual(t, int(disk.tries.Load()), 2*2*11, "twice a minute for each of two")
		end := time.Now()
		h.stop()
		require.NoError(t, <-h.done)
		require.LessOrEqual(t, time.Since(end), 2*shutdownBound)
	})
}
