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
	restoreLater = time.Minute      // after them
	restoreFirst = 20 * time.Second // of the run before: an answer tells whether it is over
	restoreOld   = time.Hour        // a value of the run before is left to the alarm about missing data
)

// absence is what is known of a message that went off the screen without anybody's
// wish. It ends when the desktop has taken the message, or another in its place.
type absence struct {
	retry  time.Time     // zero: it is on the screen, or should not be
	pause  time.Duration // until then, from the last try
	tries  int
	busy   bool // a try is under way: a desktop that hangs must not be given another
	former bool // it was on the screen of the run before
	losses int  // how often it was lost: the service may be once more before it is known that it took it
	told   bool // the menu says that it can't be put back
}

func (x *absence) after(now time.Time, pause time.Duration) {
	x.retry, x.pause = now.Add(pause), pause
}

// afterTry is the pause after so many tries.
func (x *absence) afterTry(now time.Time) {
	if x.tries > restoreOften {
		x.after(now, restoreLater)
	} else {
		x.after(now, restoreEvery)
	}
}

// wait is the time until the next try; none when the clock was set back, and ok
// if there is to be one.
func (x *absence) wait(now time.Time) (d time.Duration, ok bool) {
	if d = x.retry.Sub(now); d > x.pause {
		d = 0
	}
	return d, !x.retry.IsZero() && !x.busy
}

// restore notes what went off the screen. What was lost with the notification
// service is put back: nobody has answered it, and its next repeat may be hours
// away. It was heard, so it makes no sound.
func (a *App) restore(now time.Time, e notify.Event) {
	r := a.raised[e.Tag]
	once := r != nil && r.Said.Kind == alarm.Once && e.Button != "" // an answer, of which nothing else remembers
	if r == nil || !e.Closed && !once {
		return
	}
	if !e.Lost {
		if e.About == "" || e.About == string(r.Said.Kind) { // else of the one that it took the place of
			r.Closed, a.unsaved = true, true
		}
		return
	}
	a.log.Warn("an alarm went off the screen with the notification service", "kind", r.Said.Kind)
	r.away.losses, r.away.tries = r.away.losses+1, 0
	r.away.after(now, restoreEvery)
}

// restoreRecalled has put back what the run before had on the screen, or had lost
// from it. Missing data is silent for a while after a start, and waits for that.
func (a *App) restoreRecalled(now time.Time) {
	for _, r := range a.raised {
		pause := restoreFirst
		if p := a.person(r.Person); p != nil && r.Said.Kind == alarm.NoData {
			pause = max(pause, p.set.Alarms().NoData.Grace+restoreEvery)
		}
		if !r.Closed && r.away.retry.IsZero() {
			r.away.former = true
			r.away.after(now, pause)
		}
	}
}

// restoreWake is how long restoreDue has nothing to do.
func (a *App) restoreWake(now time.Time) time.Duration {
	wake := restoreLater
	for _, r := range a.raised {
		if d, ok := r.away.wait(now); ok {
			wake = min(wake, d)
		}
	}
	return wake
}

func (a *App) restoreDue(ctx context.Context, now time.Time) {
	for _, r := range a.raised {
		if d, ok := r.away.wait(now); ok && d <= 0 {
			a.showAgain(ctx, now, r)
		}
	}
}

// showAgain tries to put back a message, as long as its alarm waits for an answer.
// The alarm itself remembers nothing of it.
func (a *App) showAgain(ctx context.Context, now time.Time, r *raised) {
	r.away.tries++
	r.away.afterTry(now)
	if a.person(r.Person) == nil && a.state.met() {
		a.withdraw(r.Tag) // of somebody who shares no longer
		return
	}
	if r.Said.Kind == alarm.Once && now.Sub(r.Said.Time) >= alarm.PassingFor {
		r.away.retry = time.Time{} // it is over
	} else if d, ok := a.again(now, r); ok {
		losses := r.away.losses
		d.shown = func(err error) {
			a.bring(ctx, func(now time.Time) { a.shownAgain(now, r, losses, err) })
		}
		r.away.busy = a.send(d)
		return
	}
	a.missNoMore(r)
}

// shownAgain is after a try. The menu says so when it failed: who looks at the
// screen must not think that no alarm waits.
func (a *App) shownAgain(now time.Time, r *raised, losses int, err error) {
	if a.raised[r.Tag] != r {
		return // it is over, or another took its place
	}
	if p := a.person(r.Person); p != nil {
		a.tellUndelivered(p, err)
	}
	r.away.busy, r.away.told = false, err != nil
	if err == nil {
		a.log.Info("the alarm is on the screen again", "kind", r.Said.Kind)
		a.arrived(r, losses)
		return
	}
	a.log.Error("an alarm could not be shown again", "err", err)
	if losses == r.away.losses {
		r.away.afterTry(now)
	}
}

// arrived ends the absence of a message that the desktop took after so many losses.
func (a *App) arrived(r *raised, losses int) {
	// What is told once is not told by each start: not all desktops tell of answers.
	if closed := r.away.former && r.Said.Kind == alarm.Once; closed != r.Closed {
		r.Closed, a.unsaved = closed, true
	}
	if r.away.former = false; losses == r.away.losses {
		r.away.retry = time.Time{}
	}
}

// missNoMore takes back what the menu says of a message that nobody waits for now.
func (a *App) missNoMore(r *raised) {
	if p := a.person(r.Person); p != nil && r.away.told {
		a.tellUndelivered(p, nil)
	}
	r.away.told = false
}

// again is the message of an alarm as it is true now, which may be long after
// it was said; false while there is none to be shown.
func (a *App) again(now time.Time, r *raised) (delivery, bool) {
	p := a.person(r.Person)
	if p == nil || p.engine == nil {
		return delivery{}, false
	}
	if k := r.Said.Kind; k != alarm.Once { // of which nothing stands once it was told
		e, waits := p.engine.Waiting(k.Group(), now)
		if !waits || !a.state.open(p, e, now) {
			return delivery{}, false
		}
		if e.Kind != k { // the message said of a worse one, too, which is over
			a.unsaved = true
			r.Said = alarm.Decision{Kind: e.Kind, Loud: r.Said.Loud, Repeat: e.Said, Since: e.Since, Reading: e.Reading}
		}
	}
	d, concerned := r.Said, a.state.having(r.Concerned)
	d.Time = now.In(a.state.zone)
	if d.Kind == alarm.NoData && (concerned == nil || a.state.of(p).common()) {
		d.Fault = a.state.standing(p, now)
	}
	ofValue := d.Reading != nil && d.Kind != alarm.NoData
	if newest, ok := newestLive(p.readings); ok && ofValue && d.Kind != alarm.Once {
		d.Reading = &newest // what passed a limit once is the value of then
	}
	if ofValue && r.away.former && d.Reading.Age(now) >= restoreOld {
		return delivery{}, false
	}
	who := a.state.whom(p, d.Kind, concerned)
	m := a.message(p, r.Tag, d, who)
	if ofValue && d.Reading.Stale(now, p.cadence()) {
		// The body says when the value was; a title cannot, and must not pass an
		// old one off as news.
		bare := d
		bare.Reading = nil
		titled := a.message(p, r.Tag, bare, who)
		m.Title, m.Icon = titled.Title, titled.Icon
	}
	m.Sound = notify.SoundNone // also where the desktop would make it
	return delivery{message: m, discreet: a.discreet(p, m, d), person: r.Person, silent: true}, true
}
