package chaos

import (
	"context"
	"errors"
	"maps"
	"strings"
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
	lost   map[string]lost           // by tag, not put back nor taken back since
}

// lost is a message that a notification service has taken with it, or that a
// program before this one had on the screen.
type lost struct {
	notify.Message
	at time.Time
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
	_, again := d.lost[m.Tag]
	delete(d.lost, m.Tag)
	d.mu.Unlock()
	d.w.o.heard(m, again && m.Sound == notify.SoundNone)
	if d.l.touch() {
		return errKilled
	}
	return nil
}

func (d deskOf) Withdraw(_ context.Context, tag string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.on, tag)
	delete(d.lost, tag)
	return nil
}

// lose empties the screen. A service that goes is heard to go.
func (d *desk) lose(heard bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lost == nil {
		d.lost = map[string]lost{}
	}
	for tag, m := range d.on {
		d.lost[tag] = lost{m, time.Now()}
		if heard {
			d.events <- notify.Event{Tag: tag, About: m.About, Closed: true, Lost: true}
		}
	}
	clear(d.on)
}

// serviceRestarts is the notification service starting anew.
func (w *world) serviceRestarts() {
	w.tell("the notification service starts anew")
	w.desk.lose(w.now != nil)
}

// waitsInSight: an alarm that was lost with the screen and waits for an answer is
// on it again.
func (o *oracle) waitsInSight() {
	if time.Since(o.stepped) < time.Hour {
		return // its values are of no known age
	}
	since := later(later(o.began, o.woke), o.deskSince)
	for tag, l := range o.w.desk.missing() {
		if o.view == nil || time.Since(later(since, l.at)) < 4*time.Minute {
			continue
		}
		kind, _ := strings.CutPrefix(l.Buttons[0].Key, "seen ")
		for _, row := range o.view.Standing {
			b := o.books[row.Person]
			owner := o.owners[tag] // "" for everybody, or not known
			shared := kind == "no_data" || kind == "needs_you"
			theirs := strings.Contains(owner, row.Person) || owner == "" && (len(o.books) == 1 || shared)
			if shared && o.w.desk.shows(kind) {
				continue // of all, or of the other's
			}
			if b == nil || !theirs || o.snoozed(b, row.Kind) || row.Kind != kind && (row.Kind != "low" || kind != "urgent_low") || !o.holds(b, row.Kind) {
				continue
			}
			o.breaks("%s of %s waits for an answer, was lost from the screen %s ago and is not on it", row.Kind, b.name(), time.Since(l.at).Round(time.Second))
		}
	}
}

// holds reports whether what an alarm is about goes on, and has for longer than the
// pause between two tries.
func (o *oracle) holds(b *book, kind string) bool {
	if kind != "no_data" && kind != "needs_you" {
		// From an hour on it is a matter of missing data; and what was told before a
		// gap is another alarm than what stands silently after it.
		heard := b.heard[kind].at
		if kind == "low" {
			heard = later(heard, b.heard["urgent_low"].at)
		}
		if o.wall().Sub(b.newest.Time).Abs() > 55*time.Minute || heard.Before(b.anew) {
			return false
		}
	}
	switch kind {
	case "low", "urgent_low":
		return longerThan(restoreMost, b.below)
	case "high", "still_high":
		return longerThan(restoreMost, b.over)
	case "no_data":
		return !o.w.desk.shows("needs_you") // which says why
	case "needs_you":
		return true
	}
	return false
}

const restoreMost = 75 * time.Second

func longerThan(d time.Duration, since time.Time) bool {
	return !since.IsZero() && time.Since(since) > d
}

// beyond notes since when readings that are to be told are beyond a limit.
func (o *oracle) beyond(b *book, v int, age time.Duration) {
	note := func(since *time.Time, is bool) {
		switch {
		case !is:
			*since = time.Time{}
		case since.IsZero() && age <= 9*time.Minute:
			*since = time.Now()
		}
	}
	note(&b.below, v < int(o.w.set.Low.Limit))
	note(&b.over, v > int(o.w.set.High.Limit))
}

// shows reports whether a message of a kind is on the screen.
func (d *desk) shows(kind string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, m := range d.on {
		if m.About == kind {
			return true
		}
	}
	return false
}

// missing are the alarms that were lost.
func (d *desk) missing() map[string]lost {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := maps.Clone(d.lost)
	maps.DeleteFunc(out, func(_ string, l lost) bool { return len(l.Buttons) == 0 })
	return out
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
