// Package app builds the parts of the program and owns its state: one loop
// that every other part hands events to.
package app

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/poll"
)

// App is one running program: it owns the state, and everything else hands
// it events.
type App struct {
	opt     Options
	state   state
	log     *slog.Logger
	saved   savedState
	env     viewEnv
	events  chan func(now time.Time) // what workers bring back, run by the loop
	deliver chan delivery
	asked   chan Request  // by the page
	redial  chan struct{} // the user asks to read the sign-in again; capacity 1
	poller  *poll.Poller
	world   World              // nil for none
	source  poll.Source        // that the poller asks
	stopped context.CancelFunc // of the present poller
	workers sync.WaitGroup
	wakeAt  time.Time             // the engine's next wake
	unknown *person               // before anybody is known
	raised  map[string]alarm.Kind // what the message of each tag says
	heard   map[string]heard      // the sound that was played last, by tag
	fault   glucose.FaultKind
	stored  string // the fault as `status` reads it; "" before it was written
	quit    context.CancelFunc
	invited bool
	awake   wakefulness
	hosted  bool // as last told
	missed  bool // the user was told that there is no place for the icon
}

// New makes a program out of its parts.
func New(o Options) *App {
	a := &App{
		opt: o, log: o.Log,
		events:  make(chan func(time.Time), 64),
		deliver: make(chan delivery, 64),
		redial:  make(chan struct{}, 1),
		asked:   make(chan Request),
		raised:  map[string]alarm.Kind{}, heard: map[string]heard{},
		state: state{
			settings: o.Settings, settingsErr: o.SettingsErr, people: map[string]*person{}, zone: time.Local,
		},
		env: viewEnv{version: o.Version, demo: o.Demo},
	}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	if o.Page != nil {
		o.Page.attach(a)
	}
	return a
}

// Run follows until ctx ends or the user quits, and returns nil then. It
// waits for its workers, but not longer than shutdownBound.
func (a *App) Run(ctx context.Context) error {
	ctx, a.quit = context.WithCancel(ctx)
	defer a.quit()
	now := a.opt.Clock.Now()
	a.recall(ctx, now)
	if a.opt.Autostart != nil {
		a.env.autostart = a.opt.Autostart.Enabled()
	}
	a.start(func() { a.deliverLoop(ctx) })
	if a.opt.WatchSettings != nil {
		a.start(func() { a.watchSettings(ctx) })
	}
	if a.opt.WatchWorld != nil {
		a.world = a.opt.WatchWorld(func(w poll.Wake) {
			a.bring(ctx, func(now time.Time) { a.woke(now, w) })
		})
		a.start(func() { a.watchWorld(ctx) })
	}
	// The newest stored reading is judged once more: a program that was killed
	// may have stored it and not judged it. The engine knows repeats.
	in := a.unjudged()
	in.Resumed = true
	a.step(now, in)
	a.show(now)
	a.connect(ctx)
	if a.opt.Bedtime != nil {
		a.start(func() { a.watchBedtime(ctx) })
	}

	timer := a.opt.Clock.NewTimer(a.nextWake(now))
	for {
		select {
		case <-ctx.Done():
			return a.shutdown()
		case f := <-a.events:
			now = a.opt.Clock.Now()
			f(now)
		case act := <-a.opt.Actions:
			now = a.opt.Clock.Now()
			a.act(ctx, now, act)
		case e := <-a.opt.Notifier.Events():
			now = a.opt.Clock.Now()
			a.answered(now, e)
		case a.hosted = <-a.opt.Hosted:
			a.missHost(ctx)
		case a.state.locked = <-a.opt.Locked:
			now = a.opt.Clock.Now()
		case r := <-a.opt.Requests:
			now = a.opt.Clock.Now()
			a.request(ctx, now, r)
		case r := <-a.asked:
			now = a.opt.Clock.Now()
			a.request(ctx, now, r)
		case <-timer.C():
			now = a.opt.Clock.Now()
			if !now.Before(a.wakeAt) {
				a.step(now, alarm.Input{})
			}
		}
		a.show(now)
		timer.Stop()
		timer = a.opt.Clock.NewTimer(a.nextWake(now))
	}
}

// shutdownBound is how long a quitting program waits for a hanging worker.
const shutdownBound = 3 * time.Second

func (a *App) shutdown() error {
	a.save()
	a.awake.end()
	done := make(chan struct{})
	go func() { a.workers.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-time.After(shutdownBound):
		return errors.New("a part of the program did not stop in time")
	}
}

// start runs a worker that the shutdown waits for.
func (a *App) start(f func()) {
	a.workers.Add(1)
	go func() {
		defer a.workers.Done()
		f()
	}()
}

// bring hands the loop something to do, from a worker.
func (a *App) bring(ctx context.Context, f func(now time.Time)) {
	select {
	case a.events <- f:
	case <-ctx.Done():
	}
}

// nextWake is how long the loop may sleep: until an engine wants to be
// stepped, or until what is shown grows a minute older.
func (a *App) nextWake(now time.Time) time.Duration {
	d := time.Minute
	if p := a.state.shown(); p != nil {
		if r, ok := p.newest(); ok {
			// Ages are shown in whole minutes: wake on the reading's own second.
			d = time.Minute - r.Age(now)%time.Minute
		}
	}
	if !a.wakeAt.IsZero() {
		d = min(d, a.wakeAt.Sub(now))
	}
	return max(d, time.Millisecond)
}

// update takes in an answer of the service: store first, so that nothing
// once shown can be lost, then judge, then show.
func (a *App) update(ctx context.Context, now time.Time, u poll.Update) {
	before := a.state.chosen
	fresh := a.state.apply(u)
	if a.world != nil {
		a.world.SetOffline(u.Fault != nil && u.Fault.Kind == glucose.Offline)
	}
	a.keepReadings(ctx, fresh)
	a.follow(ctx, now, before)
	in := a.unjudged()
	a.step(now, in)
	if p := a.state.shown(); p != nil && in.Reading != nil {
		a.emit(NewStatus(p.who, p.readings, a.state.settings.Unit, a.state.settings.Ranges(), a.state.standing(now), now))
	}
}

// keepReadings stores what is new, and what an earlier try could not: a disk
// that was full for an hour must not leave a hole in what was shown.
func (a *App) keepReadings(ctx context.Context, fresh map[string][]glucose.Reading) {
	if len(fresh) == 0 {
		return
	}
	var failed error
	for id, readings := range fresh {
		p := a.state.people[id]
		p.unstored = append(p.unstored, readings...)
		if _, err := a.opt.Store.Append(ctx, p.who, p.unstored); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		p.unstored = nil
	}
	if failed != nil && ctx.Err() == nil {
		a.log.Error("a reading could not be stored", "err", failed)
	}
	a.state.storeErr = failed
}

// follow makes a change of who is followed known to the schedule and to the
// store, which puts them first.
func (a *App) follow(ctx context.Context, now time.Time, before string) {
	p := a.state.shown()
	if p == nil || a.state.chosen == before {
		return
	}
	a.clearScreen() // a button of the former person's message would answer for this one
	if a.poller != nil {
		a.poller.Follow(a.state.chosen)
	}
	if err := a.opt.Store.SavePerson(ctx, p.who, now); err != nil && ctx.Err() == nil {
		a.log.Error("who is followed could not be stored", "err", err)
	}
}

// unjudged is the input of a step with the newest reading of the person
// shown, if the engine has not had it.
func (a *App) unjudged() (in alarm.Input) {
	if p := a.state.shown(); p != nil {
		if r, ok := newestLive(p.readings); ok && r.Time.After(p.judged) {
			in.Reading, p.judged = &r, r.Time
		}
	}
	return in
}

func newestLive(readings []glucose.Reading) (glucose.Reading, bool) {
	for i := len(readings) - 1; i >= 0; i-- {
		if readings[i].Origin == glucose.Live {
			return readings[i], true
		}
	}
	return glucose.Reading{}, false
}

func (a *App) emit(e any) {
	if a.opt.Events != nil {
		a.opt.Events(e)
	}
}

// show hands the fronts a new view and keeps the fault for `status`.
func (a *App) show(now time.Time) {
	v := a.state.view(now, a.env)
	var kind glucose.FaultKind
	if v.Fault != nil {
		kind = v.Fault.Kind
	}
	if kind != a.fault {
		a.fault = kind
		a.emit(FaultEvent{Event: "fault", Time: now.UTC(), Fault: statusFault(v.Fault)})
	}
	// Also at the start, when the last run may have left another, and when only
	// its words have changed.
	if now := storedFault(v.Fault); now != a.stored {
		a.stored = now
		if err := a.opt.Store.SetMeta(context.Background(), MetaFault, now); err != nil {
			a.log.Error("the present fault could not be stored", "err", err)
		}
	}
	a.awake.hold(a, v.Alarm != "" && a.state.settings.Awake)
	if a.opt.Front != nil {
		a.opt.Front.Show(v)
	}
	if a.opt.Page != nil {
		a.opt.Page.Show(v)
	}
}

// MetaFault is the store's key for the fault that stands.
const MetaFault = "fault"
