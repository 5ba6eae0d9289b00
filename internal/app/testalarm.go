package app

import (
	"context"
	"errors"
	"sync"

	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/notify"
)

// tests runs the test alarms, one at a time and beside the notification worker:
// a relay that hangs, or the sound's end, is nothing that an alarm waits for.
type tests struct {
	turn chan struct{} // capacity 1

	mu     sync.Mutex
	stop   context.CancelCauseFunc // of the message that is handed to the desktop; nil for none
	others int                     // messages that are no tests, with the desktop now
}

var errGaveWay = lang.Error("a message that is no test came in between: try again")

// giveWay calls off a test's message that the desktop has not taken yet, since
// it takes one at a time, and lets none begin until over is called.
func (t *tests) giveWay() (over func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.others++
	if t.stop != nil {
		t.stop(errGaveWay)
	}
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.others--
	}
}

// show hands the message of a test to the desktop.
func (t *tests) show(ctx context.Context, n Notifier, m notify.Message) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if !t.begin(stop) {
		return errGaveWay
	}
	defer t.end()
	if err := n.Send(ctx, m); err != nil {
		if errors.Is(context.Cause(ctx), errGaveWay) {
			return errGaveWay
		}
		return err
	}
	return nil
}

func (t *tests) begin(stop context.CancelCauseFunc) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.others > 0 {
		return false
	}
	t.stop = stop
	return true
}

func (t *tests) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stop = nil
}

// testAlarm sends a real message through every channel and tells done how it
// went. It holds no value, so that it may be tried on a shared screen.
func (a *App) testAlarm(ctx context.Context, done func(error)) {
	m := TestMessage()
	a.start(func() {
		select {
		case a.tests.turn <- struct{}{}:
			defer func() { <-a.tests.turn }()
		case <-ctx.Done():
			return
		}
		relayed := make(chan error, 1)
		go func() { relayed <- a.testRelays(ctx, m) }()
		err := a.tests.show(ctx, a.opt.Notifier, m)
		if err == nil && a.opt.Play != nil {
			err = a.opt.Play(ctx, m.Sound)
		}
		done(errors.Join(err, <-relayed))
	})
}

// TestMessage is the alarm that `test-alarm` raises.
func TestMessage() notify.Message {
	return notify.Message{
		Tag: "test", Title: lang.T("TEST alarm from llutray"), Urgency: notify.Critical, Sound: notify.SoundLow, Resident: true,
		Body:    lang.T("This is how an alarm looks and sounds. It is only a test."),
		Buttons: []notify.Button{{Key: "seen", Label: lang.C("button", "Seen")}},
	}
}
