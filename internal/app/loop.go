// Package app builds the parts of the program and owns its state: one loop
// that every other part hands events to.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/poll"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/tray"
)

// Store is the history as the loop uses it.
type Store interface {
	Append(ctx context.Context, p glucose.Person, r []glucose.Reading) ([]glucose.Reading, error)
	SavePerson(ctx context.Context, p glucose.Person, followed time.Time) error
	LogAlarm(ctx context.Context, personID string, r alarm.Record) error
	SetMeta(ctx context.Context, key, value string) error
}

// Notifier shows messages on the desktop and tells what the user did.
type Notifier interface {
	Send(ctx context.Context, m notify.Message) error
	Withdraw(ctx context.Context, tag string) error
	Events() <-chan notify.Event
}

// Front shows the program's state. Show must not block; the latest view wins.
type Front interface{ Show(tray.View) }

// Options are the parts of a running program. Fields without a comment that
// says otherwise are required.
type Options struct {
	Clock    Clock
	Paths    settings.Paths
	Settings settings.Settings // as loaded at the start
	// SettingsErr is why Settings are not those of the file, nil when they are.
	SettingsErr error
	Store       Store
	State       State                                       // what survives a restart besides the history; nil for nothing
	Recall      func(ctx context.Context) ([]Memory, error) // what the store knows from before; nil for nothing

	// Connect reads the secrets and makes the source of readings. It is
	// called at the start, in a goroutine, and again after a sign-in.
	Connect func(ctx context.Context) (poll.Source, error)

	Notifier Notifier
	Play     func(ctx context.Context, s notify.Sound) error // nil for silence
	Front    Front                                           // nil for none
	Actions  <-chan tray.Action                              // nil for none
	Hosted   <-chan bool                                     // something that shows tray icons came or went; nil where that is no question
	Locked   <-chan bool                                     // the screen was locked or unlocked; nil where that is not told
	// Bedtime tells whether alarms would be heard through the night. It may
	// take seconds; nil where it is not asked.
	Bedtime func(ctx context.Context, snoozes []notify.Snooze) notify.Verdict
	// StayAwake keeps the computer from sleeping until release is called; nil
	// where it can't.
	StayAwake func(ctx context.Context, why string) (release func(), err error)
	Requests  <-chan Request          // from the command line, nil for none
	Events    func(any)               // Status, AlarmEvent and FaultEvent as they happen; nil for none
	Autostart Autostart               // nil where it can't be changed
	OpenFile  func(path string) error // opens a file for the user; nil where that can't be done
	SignIn    func() error            // opens a way to sign in; nil where that can't be done

	// WatchSettings calls back with each saved change of the settings file
	// until ctx ends; nil for a file that doesn't change.
	WatchSettings func(ctx context.Context, path string, f func(settings.Settings, error)) error
	// WatchWorld makes what notices sleep, clock, zone and network; nil for a
	// world without.
	WatchWorld func(report func(poll.Wake)) World

	Seed    uint64 // for jitter
	Version string
	Demo    bool
	Log     *slog.Logger // nil for none
}

// Autostart starts the program with the desktop.
type Autostart interface {
	Enabled() bool
	Set(on bool) error
}

// State keeps episodes and snoozes over a restart.
type State interface {
	Load(v any) (notice string, err error)
	Save(v any) error
}

// World notices what the program sleeps through.
type World interface {
	Run(ctx context.Context) error
	SetOffline(offline bool)
}

// Memory is what the store knows of one person at the start.
type Memory struct {
	Person   glucose.Person
	Readings []glucose.Reading // of the last day, oldest first
	Alarms   []alarm.Record    // of the last day, oldest first
}

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
		raised:  map[string]alarm.Kind{}, heard: map[string]heard{},
		state: state{
			settings: o.Settings, settingsErr: o.SettingsErr, people: map[string]*person{}, zone: time.Local,
		},
		env: viewEnv{version: o.Version, demo: o.Demo},
	}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
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

// connect starts following with the secrets there are now, in place of an
// earlier attempt.
func (a *App) connect(ctx context.Context) {
	if a.stopped != nil {
		a.stopped()
	}
	ctx, a.stopped = context.WithCancel(ctx)
	a.poller, a.state.met = nil, false
	follow := a.state.chosen
	if a.state.settings.Person != "" {
		follow = a.state.settings.Person
	}
	a.start(func() {
		source := a.dial(ctx)
		if source == nil {
			return
		}
		p := poll.New(poll.Options{
			Source: source, Clock: a.opt.Clock, Seed: a.opt.Seed, Person: follow, Log: a.log,
			Deliver: func(u poll.Update) {
				a.bring(ctx, func(now time.Time) {
					if ctx.Err() == nil { // else it is of a connection that was replaced
						a.update(ctx, now, u)
					}
				})
			},
		})
		a.bring(ctx, func(time.Time) {
			a.poller, a.source = p, source
			if a.state.chosen != "" {
				p.Follow(a.state.chosen) // who may have been chosen while the keyring was asked
			}
		})
		if err := p.Run(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("following stopped", "err", err)
		}
	})
}

// redial is how long to wait before a sign-in that could not be read is read
// again: somebody may be typing the keyring's password.
const redial = 30 * time.Second

// dial gets the source of readings, again and again while what keeps it away
// may pass. It returns nil when ctx ends.
func (a *App) dial(ctx context.Context) poll.Source {
	for {
		source, err := a.opt.Connect(ctx)
		if err == nil {
			return source
		}
		f := glucose.AsFault(err)
		a.bring(ctx, func(now time.Time) {
			if f.Kind == glucose.SignedOut && f.Err == nil {
				a.forget()
				a.invite(f)
			}
			a.update(ctx, now, poll.Update{At: now, Fault: f})
		})
		timer := a.opt.Clock.NewTimer(redial)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C():
		case <-a.redial:
			timer.Stop()
		}
	}
}

// hostPatience is how long a desktop may take to bring up its panel.
const hostPatience = 30 * time.Second

// missHost tells the user once why there is no icon, when none appears.
func (a *App) missHost(ctx context.Context) {
	if a.hosted || a.missed {
		return
	}
	a.start(func() {
		timer := a.opt.Clock.NewTimer(hostPatience)
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return
		case <-timer.C():
		}
		a.bring(ctx, func(time.Time) {
			if !a.hosted && !a.missed {
				a.missed = true
				a.send(delivery{message: notify.Message{Tag: "host", Title: "llutray runs without an icon", Body: tray.NoHost(os.Getenv("XDG_CURRENT_DESKTOP"))}})
			}
		})
	})
}

// forget stops following whoever was followed: nobody is signed in any more,
// and no alarm may come of that.
func (a *App) forget() {
	a.clearScreen()
	clear(a.state.people)
	a.state.chosen = ""
}

// clearScreen takes back every alarm on the screen.
func (a *App) clearScreen() {
	for tag := range a.raised {
		a.send(delivery{withdraw: true, message: notify.Message{Tag: tag}})
	}
	clear(a.raised)
}

// invite tells somebody who has just installed the program what to do, once.
func (a *App) invite(f *glucose.Fault) {
	if a.invited {
		return
	}
	a.invited = true
	a.send(delivery{message: notify.Message{
		Tag: "welcome", Title: "llutray: " + strings.TrimSuffix(f.Message, "."), Body: f.Hint, Urgency: notify.Normal,
	}})
}

// update takes in an answer of the service: store first, so that nothing
// once shown can be lost, then judge, then show.
func (a *App) update(ctx context.Context, now time.Time, u poll.Update) {
	before := a.state.chosen
	fresh := a.state.apply(u)
	if a.world != nil {
		a.world.SetOffline(u.Fault != nil && u.Fault.Kind == glucose.Offline)
	}
	for id, readings := range fresh {
		_, err := a.opt.Store.Append(ctx, a.state.people[id].who, readings)
		if err != nil && ctx.Err() == nil {
			a.log.Error("a reading could not be stored", "err", err)
		}
		a.state.storeErr = err
	}
	a.follow(ctx, now, before)
	in := a.unjudged()
	a.step(now, in)
	if p := a.state.shown(); p != nil && in.Reading != nil {
		a.emit(NewStatus(p.who, p.readings, a.state.settings.Unit, a.state.settings.Ranges(), a.state.standing(now), now))
	}
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
}

// MetaFault is the store's key for the fault that stands.
const MetaFault = "fault"

func (a *App) String() string { return fmt.Sprintf("llutray %s", a.opt.Version) }
