package app

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/tray"
)

func TestOutlook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.curve = func(time.Duration) glucose.MgDL { return 62 }
		w.silent = func(since time.Duration) bool { return since > 10*time.Minute }
		var mu sync.Mutex
		var last Outlook
		w.opt.Outlook = func(o Outlook) {
			mu.Lock()
			defer mu.Unlock()
			last = o
		}
		look := func() Outlook {
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			return last
		}
		w.run()
		o := look()
		require.Len(t, o.People, 1)
		p := o.People[0]
		require.Equal(t, "Robin", p.Who.Name)
		require.Equal(t, o.Shown, p.Who.ID)
		require.EqualValues(t, 62, p.Reading.Value)
		require.Equal(t, glucose.Low, p.Range)
		require.Equal(t, alarm.Low, p.Alarm)
		require.False(t, p.Stale)
		require.Equal(t, 62, p.Status.Reading.MgDL)

		w.actions <- tray.Action{Kind: tray.Seen, Person: p.Who.ID, Key: string(alarm.Low)}
		require.Empty(t, look().People[0].Alarm, "it is answered")

		time.Sleep(35 * time.Minute)
		p = look().People[0]
		require.True(t, p.Stale)
		require.Equal(t, glucose.RangeUnknown, p.Range)
		require.Nil(t, p.Delta)
		require.Equal(t, alarm.NoData, p.Alarm)
		require.NotNil(t, p.Fault)
		w.end()
	})
}
