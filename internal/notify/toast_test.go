package notify

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// toastDesktop is a Desktop over this library call.
func toastDesktop(opts Options, show func(app, title, body, icon string, audible bool) error) *Desktop {
	opts.Log, opts.Timeout, opts.AppName = slog.New(slog.DiscardHandler), sendTimeout, "llutray"
	d := &Desktop{timeout: opts.Timeout, events: newQueue(opts.Log), road: newToaster(opts, show)}
	d.life, d.end = context.WithCancel(context.Background())
	return d
}

func TestToastTextIsInert(t *testing.T) {
	dir := t.TempDir()
	var got []any
	d := toastDesktop(Options{Dir: dir, ServerSound: true}, func(app, title, body, icon string, audible bool) error {
		got = []any{app, title, body, icon, audible}
		return nil
	})
	defer d.Close()
	icon := filepath.Join(dir, "notification.png")
	require.NoError(t, d.Send(t.Context(), Message{Title: "-0.4 `x`", Body: "$(calc)\n\"@\n]]><x>", Sound: SoundLow, Icon: []byte("png")}))
	require.Equal(t, []any{"llutray", "\u22120.4 'x'", "\uff04(calc)\n'@\n]] ><x>", icon, true}, got)
	data, err := os.ReadFile(icon)
	require.NoError(t, err, "the path stays good")
	require.Equal(t, "png", string(data))

	require.NoError(t, d.Send(t.Context(), Message{Title: "a", Sound: SoundNone}))
	require.Equal(t, []any{"llutray", "a", "", "", false}, got)
	require.NoError(t, d.Withdraw(t.Context(), "a"))
}

func TestToastThatNeverReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		release := make(chan struct{})
		d := toastDesktop(Options{}, func(_, _, _, _ string, _ bool) error {
			calls.Add(1)
			<-release
			return nil
		})
		defer d.Close()
		for range 3 {
			start := time.Now()
			require.ErrorIs(t, d.Send(t.Context(), Message{Title: "a"}), ErrHangs)
			require.Equal(t, sendTimeout, time.Since(start))
		}
		require.EqualValues(t, 1, calls.Load(), "calls are not piled up")
		close(release)
		synctest.Wait()
		require.NoError(t, d.Send(t.Context(), Message{Title: "a"}), "and it recovers")
	})
}

func TestToastFails(t *testing.T) {
	cause := errors.New("0x80070005")
	d := toastDesktop(Options{}, func(_, _, _, _ string, _ bool) error { return cause })
	defer d.Close()
	require.ErrorIs(t, d.Send(t.Context(), Message{Title: "a"}), cause)

	d = toastDesktop(Options{}, func(_, _, _, _ string, _ bool) error { panic("COM") })
	defer d.Close()
	require.Error(t, d.Send(t.Context(), Message{Title: "a"}))
	require.Error(t, d.Send(t.Context(), Message{Title: "a"}), "the turn was given back")
}

func TestEventsWaitForAReader(t *testing.T) {
	q := newQueue(slog.New(slog.DiscardHandler))
	for range maxWaiting / 2 {
		q.put(Event{Tag: "low", Button: "snooze"})
	}
	for range maxWaiting / 2 {
		require.Equal(t, "snooze", (<-q.out).Button)
	}
	for range 3 * maxWaiting {
		q.put(Event{Closed: true}) // a runaway service neither blocks nor fills the memory
	}
	require.LessOrEqual(t, len(q.take()), maxWaiting)
	q.close()
}
