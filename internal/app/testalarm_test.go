package app

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/relay"
)

// oneByOne is a desktop that takes one message at a time and hangs with tests.
type oneByOne struct {
	*notify.Recorder
	turn chan struct{}
	sent map[string]time.Time // by tag
}

func (d *oneByOne) Send(ctx context.Context, m notify.Message) error {
	ctx, cancel := context.WithTimeout(ctx, 4*time.Second)
	defer cancel()
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if m.Tag == "test" {
		<-ctx.Done()
		return ctx.Err()
	}
	d.sent[m.Tag] = time.Now()
	return d.Recorder.Send(ctx, m)
}

// A real alarm never waits behind a test: not for its relays, not for its
// sound, not for its message.
func TestAlarmDoesNotWaitForATest(t *testing.T) {
	hang := func(ctx context.Context) error { <-ctx.Done(); return errors.New("no way out") }
	const lowAt = 10 * time.Minute
	for name, set := range map[string]func(w *world, s *services, d *oneByOne){
		"relay": func(_ *world, s *services, _ *oneByOne) { s.broken["phone"] = hang },
		"sound": func(w *world, _ *services, _ *oneByOne) {
			w.opt.Play = func(ctx context.Context, _ notify.Sound) error { return hang(ctx) }
		},
		"desktop": func(w *world, _ *services, d *oneByOne) { w.opt.Notifier = d },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, s := newRelayWorld(t, 110, relay.Rule{Name: "phone"})
				d := &oneByOne{w.desk, make(chan struct{}, 1), map[string]time.Time{}}
				w.curve = func(since time.Duration) glucose.MgDL {
					if since >= lowAt {
						return 62
					}
					return 110
				}
				set(w, s, d)
				w.run()
				time.Sleep(lowAt)
				for len(w.said()) == 0 {
					// One test after the other, so that one is under way whenever it comes.
					select {
					case w.ask <- Request{Command: "test-alarm", Reply: make(chan Reply, 1)}:
					default:
					}
					time.Sleep(time.Second)
					synctest.Wait()
				}
				_, shown := w.desk.Shown("low")
				require.True(t, shown, "within the same moment")
				if at, ok := d.sent["low"]; ok {
					require.Zero(t, at.Sub(w.said()[0].Time))
				}
				w.end()
			})
		})
	}
}

// None begins while a message that is no test is with the desktop, and might
// be behind it by a moment.
func TestTestsWaitForOthers(t *testing.T) {
	var busy tests
	desk := notify.NewRecorder()
	over := busy.giveWay()
	require.ErrorIs(t, busy.show(t.Context(), desk, TestMessage()), errGaveWay)
	_, shown := desk.Shown("test")
	require.False(t, shown)
	over()
	require.NoError(t, busy.show(t.Context(), desk, TestMessage()))
	_, shown = desk.Shown("test")
	require.True(t, shown)
}
