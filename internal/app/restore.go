package app

import (
	"context"
	"slices"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/notify"
)

const (
	restoreEvery = 5 * time.Second
	// restoreWithin is how long the notification service that took messages
	// with it may be away. What it showed is old then, and the next repeat of
	// the alarm tells the present.
	restoreWithin = 2 * time.Minute
)

// restore puts an alarm back on the screen that was lost with the notification
// service: nobody has answered it, and its next repeat may be hours away. It
// was heard, so it makes no sound.
func (a *App) restore(ctx context.Context, now time.Time, e notify.Event) {
	r, ok := a.raised[e.Tag]
	if !e.Lost || !ok {
		return
	}
	d := r.told
	d.silent, d.speech, d.id = true, nil, ""
	a.putBack(ctx, now.Add(restoreWithin), d)
}

// putBack tries after a pause, again and again until the service takes the
// message, as long as it waits for an answer.
func (a *App) putBack(ctx context.Context, until time.Time, d delivery) {
	d.shown = func(err error) {
		if err != nil {
			a.bring(ctx, func(time.Time) { a.putBack(ctx, until, d) })
		}
	}
	a.start(func() {
		timer := a.opt.Clock.NewTimer(restoreEvery)
		defer timer.Stop()
		select {
		case <-ctx.Done():
		case <-timer.C():
			a.bring(ctx, func(now time.Time) {
				if now.Before(until) && a.waits(d, now) {
					a.send(d)
				}
			})
		}
	})
}

// waits reports whether a message is still the one of its alarm, and nobody
// has answered that.
func (a *App) waits(d delivery, now time.Time) bool {
	r, ok := a.raised[d.message.Tag]
	p := a.state.people[d.person]
	if d.person == "" {
		p = a.unknown
	}
	if !ok || p == nil || r.told.message.Title != d.message.Title || r.told.message.Body != d.message.Body {
		return false
	}
	return slices.ContainsFunc(a.state.unanswered(p, now), func(e alarm.Episode) bool { return e.Kind == r.kind })
}
