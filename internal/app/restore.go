package app

import (
	"context"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/notify"
)

const (
	restoreEvery = 5 * time.Second // for so many tries
	restoreOften = 24
	restoreLater = time.Minute // after them
)

// restore puts an alarm back on the screen that was lost with the notification
// service: nobody has answered it, and its next repeat may be hours away. It
// was heard, so it makes no sound.
func (a *App) restore(ctx context.Context, e notify.Event) {
	r := a.raised[e.Tag]
	if !e.Lost || r == nil {
		return
	}
	a.log.Warn("an alarm went off the screen with the notification service", "kind", r.said.Kind)
	a.putBack(ctx, r, 0)
}

// putBack tries after a pause, again and again, until the service takes the
// message or another is sent in its place. Nothing is remembered of it with the
// alarm: the service may be lost once more before it is known that it took it.
func (a *App) putBack(ctx context.Context, r *raised, tries int) {
	pause := restoreEvery
	if tries >= restoreOften {
		pause = restoreLater
	}
	a.start(func() {
		timer := a.opt.Clock.NewTimer(pause)
		defer timer.Stop()
		select {
		case <-ctx.Done():
		case <-timer.C():
			a.bring(ctx, func(now time.Time) { a.showAgain(ctx, now, r, tries) })
		}
	})
}

func (a *App) showAgain(ctx context.Context, now time.Time, r *raised, tries int) {
	if newer := a.raised[r.tag]; newer != nil && newer != r {
		return // it is tried again by itself
	} else if newer == nil || r.said.Kind == alarm.Once && now.Sub(r.said.Time) >= alarm.PassingFor {
		a.missNoMore(r) // it is over
		return
	}
	d, ok := a.again(now, r)
	if !ok {
		a.missNoMore(r)
	} else {
		d.shown = func(err error) {
			a.bring(ctx, func(time.Time) { a.shownAgain(ctx, r, tries, err) })
		}
		ok = a.send(d)
	}
	if !ok {
		a.putBack(ctx, r, tries+1)
	}
}

// shownAgain is after a try. The menu says so when it failed: who looks at the
// screen must not think that no alarm waits.
func (a *App) shownAgain(ctx context.Context, r *raised, tries int, err error) {
	if p := a.person(r.person); p != nil {
		a.tellUndelivered(p, err)
	}
	if r.missed = err != nil; !r.missed {
		a.log.Info("the alarm is on the screen again", "kind", r.said.Kind)
		return
	}
	a.log.Error("an alarm could not be shown again", "err", err)
	a.putBack(ctx, r, tries+1)
}

// missNoMore takes back what the menu says of a message that nobody waits for now.
func (a *App) missNoMore(r *raised) {
	if p := a.person(r.person); p != nil && r.missed {
		a.tellUndelivered(p, nil)
	}
	r.missed = false
}

// again is the message of an alarm as it is true now, which may be long after
// it was said; false while there is none to be shown.
func (a *App) again(now time.Time, r *raised) (delivery, bool) {
	p := a.person(r.person)
	if p == nil || p.engine == nil {
		return delivery{}, false
	}
	if k := r.said.Kind; k != alarm.Once { // of which nothing stands once it was told
		e, waits := p.engine.Waiting(k.Group(), now)
		if !waits || !a.state.open(p, e, now) {
			return delivery{}, false
		}
		if e.Kind != k { // the message said of a worse one, too, which is over
			r.said = alarm.Decision{Kind: e.Kind, Loud: r.said.Loud, Repeat: e.Said, Since: e.Since, Reading: e.Reading}
		}
	}
	d, concerned := r.said, a.people(r.concerned)
	d.Time = now.In(a.state.zone)
	if d.Kind == alarm.NoData && (concerned == nil || a.state.of(p).common()) {
		d.Fault = a.state.standing(p, now)
	}
	ofValue := d.Reading != nil && d.Kind != alarm.NoData
	if newest, ok := newestLive(p.readings); ok && ofValue && d.Kind != alarm.Once {
		d.Reading = &newest // what passed a limit once is the value of then
	}
	who := a.state.whom(p, d.Kind, concerned)
	m := a.message(p, r.tag, d, who)
	if ofValue && d.Reading.Stale(now, p.cadence()) {
		// The body says when the value was; a title cannot, and must not pass an
		// old one off as news.
		bare := d
		bare.Reading = nil
		titled := a.message(p, r.tag, bare, who)
		m.Title, m.Icon = titled.Title, titled.Icon
	}
	return delivery{message: m, discreet: a.discreet(p, m, d), person: r.person, silent: true}, true
}

// people are those of these ids who are known.
func (a *App) people(ids []string) (out []*person) {
	for _, id := range ids {
		if p := a.state.people[id]; p != nil {
			out = append(out, p)
		}
	}
	return out
}
