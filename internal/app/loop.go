// Package app builds the parts of the program and owns its state: one loop
// that every other part hands events to.
package app

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/poll"
)

// App is one running program: it owns the state, and everything else hands
// it events.
type App struct {
	opt     Options
	state   state
	log     *slog.Logger
	saved   savedState
	unsaved bool // saved is newer than the file
	env     viewEnv
	events  chan func(now time.Time) // what workers bring back, run by the loop
	deliver chan delivery
	asked   chan Request // by the page
	world   World        // nil for none
	workers sync.WaitGroup
	unknown *person                      // before anybody is known
	raised  messages                     // what the last message of each tag says
	heard   map[string]heard             // the sound that was played last, by tag
	faults  map[string]glucose.FaultKind // as last told, by person; "" of everybody
	stored  map[string]string            // the faults as `status` reads them, by key
	quit    context.CancelFunc
	turn    <-chan struct{} // closed when the last change of a setting is done; nil before the first
	invited bool
	awake   wakefulness
	relays  relays
	tests   tests
	speech  speech
	hosted  bool      // as last told
	tried   time.Time // to store readings, successfully or not
	missed  bool      // the user was told that there is no place for the icon
}

// New makes a program out of its parts.
func New(o Options) *App {
	a := &App{
		opt: o, log: o.Log,
		events:  make(chan func(time.Time), 64),
		deliver: make(chan delivery, 64),
		asked:   make(chan Request),
		tests:   tests{turn: make(chan struct{}, 1)},
		speech:  speech{queue: make(chan utterance, toSay)},
		raised:  messages{}, heard: map[string]heard{},
		faults: map[string]glucose.FaultKind{}, stored: map[string]string{},
		state: state{settingsErr: o.SettingsErr, people: map[string]*person{}, zone: time.Local},
		env:   viewEnv{version: o.Version, demo: o.Demo},
	}
	a.state.notice = o.Notice
	a.state.adopt(o.Settings)
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
	a.startRelays(ctx)
	a.start(func() { a.deliverLoop(ctx) })
	a.tellNotices(ctx)
	if a.opt.Speak != nil {
		a.start(func() { a.speakLoop(ctx) })
	}
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
	a.step(now, alarm.Input{Resumed: true})
	a.restoreRecalled(now)
	a.save()
	a.show(now)
	for _, acc := range a.state.accounts {
		a.connect(ctx, acc)
	}
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
			a.restore(now, e)
		case a.hosted = <-a.opt.Hosted:
			now = a.opt.Clock.Now()
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
			a.stepDue(ctx, now)
		}
		// Readings are in the store by now; what else is kept costs two syncs of
		// the disk, for which nobody need wait to see the value.
		a.show(now)
		runtime.Gosched() // to the tray, which waits for its turn on the one processor
		a.save()
		timer.Stop()
		timer = a.opt.Clock.NewTimer(a.nextWake(now))
	}
}

// shutdownBound is how long a quitting program waits for a hanging worker.
const shutdownBound = 3 * time.Second

func (a *App) shutdown() error {
	a.save()
	a.awake.end()
	bounded, enough := context.WithTimeout(context.Background(), shutdownBound)
	defer enough()
	a.keepReadings(bounded, nil)
	done := make(chan struct{})
	go func() { a.workers.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-time.After(shutdownBound):
		return lang.E("a part of the program did not stop in time")
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

// nextWake is how long the loop may sleep: until an engine wants to be stepped or
// a message is to be put back, until what is shown grows a minute older, or until
// another takes their turn in the icon.
func (a *App) nextWake(now time.Time) time.Duration {
	d := a.restoreWake(now)
	for _, p := range a.state.ordered() {
		if r, ok := p.newest(); ok {
			// Ages are shown in whole minutes: wake on the reading's own second.
			d = min(d, time.Minute-r.Age(now)%time.Minute)
		}
	}
	for _, p := range a.awaited() {
		if !p.wake.IsZero() {
			d = min(d, p.wake.Sub(now))
		}
	}
	if a.state.takingTurns() {
		d = min(d, untilTurn(now))
	}
	for _, acc := range a.state.accounts {
		if acc.catchingUp(now) {
			d = min(d, acc.partly.Add(othersWithin).Sub(now))
		}
		if end := acc.relieved.Add(othersWithin); !acc.relieved.IsZero() && end.After(now) {
			d = min(d, end.Sub(now))
		}
	}
	return max(d, time.Millisecond)
}

// update takes in an answer about an account: store first, so that nothing
// once shown can be lost, then judge, then show.
func (a *App) update(ctx context.Context, now time.Time, acc *account, u poll.Update) {
	a.count(acc, u)
	before := a.state.chosen
	var libre, site *glucose.Fault // both told in u.Fault when neither answers
	if two, ok := acc.source.(twoSources); ok && u.Fault == nil {
		libre, site = two.Faults()
	}
	acc.ofLibre, acc.ofSite = since(acc.ofLibre, libre, u.At), since(acc.ofSite, site, u.At)
	fresh, gone := a.state.apply(acc, u)
	if a.world != nil {
		a.world.SetOffline(slices.ContainsFunc(a.state.accounts, func(o *account) bool { return o.fault != nil && o.fault.Kind == glucose.Offline }))
	}
	a.keepReadings(ctx, fresh)
	for _, p := range gone {
		a.farewell(ctx, p)
	}
	a.keepShared(acc)
	a.setRelays() // whom a name means may be known only now
	a.abide()
	a.follow(ctx, now, before)
	a.step(now, alarm.Input{})
	a.leadSchedules(now)
	a.askForOthers(ctx, now, acc, u)
}

// othersAfter is how long after an answer about one person the others are
// asked for; the schedule takes no wish sooner.
const othersAfter = 6 * time.Second

// longUnheard is how long none may have been about them to ask even if the next
// request is near.
const longUnheard = 5 * time.Minute

// askForOthers makes up for an answer with history, which is about one person
// alone: on a feed of 5 or 15 minutes the others' values would be skipped. On
// one of a minute they come with the next answer, and that is soon enough but
// after a long fault.
func (a *App) askForOthers(ctx context.Context, now time.Time, acc *account, u poll.Update) {
	sharing := slices.DeleteFunc(a.state.followed(), func(p *person) bool { return p.shares[acc] == nil })
	if !u.Graph || u.Fault != nil || len(sharing) < 2 {
		return
	}
	left := func(p *person) bool { return now.Sub(p.answered) > longUnheard }
	if acc.met && u.Next.Sub(now) <= promptly && !slices.ContainsFunc(sharing, left) {
		return
	}
	poller := acc.poller
	a.start(func() {
		timer := a.opt.Clock.NewTimer(othersAfter)
		defer timer.Stop()
		select {
		case <-ctx.Done():
		case <-timer.C():
			if poller != nil {
				poller.Refresh()
			}
		}
	})
}

// keepReadings stores what is new, and what an earlier try could not: a disk
// that was full for an hour must not leave a hole in what was shown.
func (a *App) keepReadings(ctx context.Context, fresh map[string][]glucose.Reading) {
	for id, readings := range fresh {
		p := a.state.people[id]
		p.unstored = append(p.unstored, readings...)
	}
	var failed error
	tried := false
	for _, p := range a.state.people {
		if p.doubt.after.IsZero() && len(p.unstored) == 0 {
			continue
		}
		tried = true
		failed = errors.Join(failed, a.keepReadingsOf(ctx, p))
	}
	if !tried {
		return
	}
	a.tried = a.opt.Clock.Now()
	if failed != nil && ctx.Err() == nil {
		a.log.Error("a reading could not be stored", "err", failed)
	}
	a.state.storeErr = failed
}

// storeAgain is how long a store that failed is left alone between two answers: one
// that another program holds costs seconds each time, for each person.
const storeAgain = 30 * time.Second

// keepReadingsDue tries again what the store refused.
func (a *App) keepReadingsDue(ctx context.Context, now time.Time) {
	if now.Sub(a.tried).Abs() >= storeAgain {
		a.keepReadings(ctx, nil)
	}
}

// keepReadingsOf stores what waits to be: first what must be out of the way,
// as the store keeps what it has of a second.
func (a *App) keepReadingsOf(ctx context.Context, p *person) error {
	if !p.doubt.after.IsZero() {
		moved, err := a.opt.Store.Doubt(ctx, p.who, p.doubt.after, p.doubt.unstored)
		if err != nil {
			return err
		}
		if moved > 0 {
			a.log.Info("readings dated by wrong clocks are kept apart", "readings", moved)
		}
		p.doubt = doubt{}
	}
	if len(p.unstored) == 0 {
		return nil
	}
	if _, err := a.opt.Store.Append(ctx, p.who, p.unstored); err != nil {
		return err
	}
	p.unstored = nil
	return nil
}

// follow makes a change of who is shown known to the store, which puts them
// first.
func (a *App) follow(ctx context.Context, now time.Time, before string) {
	p := a.state.shown()
	if p == nil || a.state.chosen == before {
		return
	}
	a.leadSchedules(now)
	if err := a.opt.Store.SavePerson(ctx, p.who, now); err != nil && ctx.Err() == nil {
		a.log.Error("who is followed could not be stored", "err", err)
	}
}

// leadSchedules has each schedule follow the right person's sensor.
func (a *App) leadSchedules(now time.Time) {
	for _, acc := range a.state.accounts {
		lead := a.state.leader(acc, now)
		if lead == "" || lead == acc.lead {
			continue
		}
		acc.lead = lead
		if acc.poller != nil {
			acc.poller.Follow(lead)
		}
	}
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

// show hands the fronts a new view and keeps the faults for `status`.
func (a *App) show(now time.Time) {
	a.lookAtOutputs(now)
	v := a.state.view(now, a.env)
	a.tellFaults(now)
	a.sayValue(now)
	a.awake.hold(a, v.Alarm != "" && a.state.settings.Awake)
	if a.opt.Front != nil {
		a.opt.Front.Show(v)
	}
	if a.opt.Outlook != nil {
		a.opt.Outlook(a.state.outlook(now))
	}
	if a.opt.Page != nil {
		a.opt.Page.show(v, a.state.glance(now))
	}
}
