package app

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/settings"
)

func TestSharedScreenTellsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var shared, known atomic.Bool
		w.opt.Shared = func(context.Context) (bool, bool) { return shared.Load(), known.Load() }
		w.curve = func(time.Duration) glucose.MgDL { return 50 }
		shared.Store(true)
		known.Store(true)
		w.run()
		m, shown := w.desk.Shown("low")
		require.True(t, shown)
		require.Equal(t, "Glucose alarm", m.Title)
		require.NotContains(t, m.Body, "50")
		require.Nil(t, m.Icon)
		require.Equal(t, notify.Critical, m.Urgency)
		require.NotEmpty(t, m.Buttons, "it can be answered")
		require.Equal(t, []notify.Sound{notify.SoundUrgent}, w.desk.Played(), "and is heard")

		reply := make(chan Reply, 1)
		w.ask <- Request{Command: "show", Reply: reply}
		<-reply
		synctest.Wait()
		m, _ = w.desk.Shown("show")
		require.NotContains(t, m.Title+m.Body, "50")

		shared.Store(false) // the call is over
		time.Sleep(5*time.Minute + delay)
		m, _ = w.desk.Shown("low")
		require.Contains(t, m.Title, "URGENT LOW 50")
		require.NotNil(t, m.Icon)

		shared.Store(true)
		known.Store(false) // and nobody tells: on doubt the news is told
		time.Sleep(5 * time.Minute)
		m, _ = w.desk.Shown("low")
		require.Contains(t, m.Title, "URGENT LOW 50")
		w.end()
	})
}

func TestSharedScreenMayTellEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.opt.Settings.Shared = settings.TextFull
		w.opt.Shared = func(context.Context) (bool, bool) { t.Error("nobody wants to know"); return true, true }
		w.curve = func(time.Duration) glucose.MgDL { return 50 }
		w.run()
		m, _ := w.desk.Shown("low")
		require.Contains(t, m.Title, "URGENT LOW 50")
		w.end()
	})
}

func TestFarewellOnASharedScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "")
		var shared atomic.Bool
		shared.Store(true)
		h.opt.Shared = func(context.Context) (bool, bool) { return shared.Load(), true }
		h.children[1].away = func(since time.Duration) bool { return since > 10*time.Minute }
		h.run()
		time.Sleep(time.Hour)
		require.Empty(t, h.toldOf("Ben"))
		require.Len(t, h.toldOf("no longer"), 1)
		h.end()
	})
}
