package app

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/tray"
)

// An alarm that the notification service took with it is put back without a
// sound, also when the service takes its time; not one that was answered, that
// the desktop itself let go, or that is old by then.
func TestAlarmLostWithItsService(t *testing.T) {
	for name, c := range map[string]struct {
		event    notify.Event
		away     time.Duration // of the service
		answered bool
		back     bool
	}{
		"lost":             {notify.Event{Closed: true, Lost: true}, 0, false, true},
		"lost for a while": {notify.Event{Closed: true, Lost: true}, time.Minute, false, true},
		"lost for long":    {notify.Event{Closed: true, Lost: true}, 3 * time.Minute, false, false},
		"answered":         {notify.Event{Closed: true, Lost: true}, time.Minute, true, false},
		"timed out":        {notify.Event{Closed: true}, 0, false, false},
		"wiped away":       {notify.Event{Closed: true, ByUser: true}, 0, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.curve = func(time.Duration) glucose.MgDL { return 64 }
				w.run()
				time.Sleep(10 * time.Second)
				_, on := w.desk.Shown("low")
				require.True(t, on)
				sounds := len(w.desk.Played())
				if c.away > 0 {
					w.desk.FailAll(notify.ErrNoServer)
				}
				c.event.Tag = "low"
				w.desk.Inject(c.event)
				if c.answered {
					w.actions <- tray.Action{Kind: tray.Seen}
				}
				time.Sleep(c.away)
				w.desk.FailAll(nil)
				time.Sleep(restoreEvery + time.Second)
				_, on = w.desk.Shown("low")
				require.Equal(t, c.back, on)
				require.Len(t, w.desk.Played(), sounds, "it was heard")
				w.end()
			})
		})
	}
}
