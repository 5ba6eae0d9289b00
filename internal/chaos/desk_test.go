package chaos

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/llutray/llutray/internal/notify"
)

// desk shows messages and plays sounds, or does not.
type desk struct {
	w      *world
	mu     sync.Mutex
	mode   int
	mute   bool
	events chan notify.Event
	on     map[string]notify.Message // on the screen, by tag
	newest string                    // tag
}

const (
	deskWorks = iota
	deskRefuses
	deskHangs // until the sender gives up
	deskSlow
)

var errHangs = errors.New("the notification service does not answer")

type deskOf struct {
	*desk
	l *life
}

func (d deskOf) Send(ctx context.Context, m notify.Message) error {
	d.mu.Lock()
	mode := d.mode
	d.mu.Unlock()
	wait := map[int]time.Duration{deskHangs: 5 * time.Second, deskSlow: 2 * time.Second}[mode]
	if wait > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
	switch {
	case ctx.Err() != nil || d.l.dead.Load():
		return context.Canceled
	case mode == deskRefuses:
		return errors.New("refused")
	case mode == deskHangs:
		return errHangs
	}
	d.mu.Lock()
	if d.on == nil {
		d.on = map[string]notify.Message{}
	}
	d.on[m.Tag], d.newest = m, m.Tag
	d.mu.Unlock()
	d.w.o.heard(m)
	if d.l.touch() {
		return errKilled
	}
	return nil
}

func (d deskOf) Withdraw(_ context.Context, tag string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.on, tag)
	return nil
}

func (d deskOf) Events() <-chan notify.Event { return d.events }

func (d *desk) play(_ context.Context, s notify.Sound) error {
	d.w.o.sounded(s)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.mute {
		return errors.New("no sound")
	}
	return nil
}
