package app

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/poll"
)

// A file's low of a minute ago is no alarm, and its value not the present
// one.
func TestImportedReadingsAreNotThePresent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		for m := range 60 {
			w.store.readings = append(w.store.readings, glucose.Reading{
				Time: w.start.Add(time.Duration(m-60) * time.Minute), Value: 45, Origin: glucose.Imported,
			})
		}
		w.opt.Connect = func(ctx context.Context, _ string) (poll.Source, error) {
			<-ctx.Done() // nothing comes from the service
			return nil, ctx.Err()
		}
		w.run()
		require.True(t, w.view().Stale)
		require.Nil(t, w.view().Delta)
		time.Sleep(30 * time.Minute)
		for _, e := range w.alarms() {
			require.Equal(t, "no_data", e.Kind)
		}
		w.end()
	})
}
