package chaos

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/poll"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/tray"
)

// story is what goes on in a world: conditions with an end.
type story struct {
	on    map[string]*condition
	ended map[string]time.Time // bubble
}

type condition struct {
	until time.Time // bubble
	undo  func()
}

// heartbeat is how long the program may take to notice that the computer
// slept or its clock was set.
const heartbeat = 5 * time.Second

// lately reports whether a scenario was on within the last hours.
func (w *world) lately(scenario string) bool {
	t, ok := w.ended[scenario]
	return ok && time.Since(t) < 3*time.Hour
}

func (w *world) endsAt(scenario string, at time.Time) {
	w.o.mu.Lock()
	defer w.o.mu.Unlock()
	w.ended[scenario] = at
}

// begin makes something so for a while, in place of what goes on under that
// name.
func (w *world) begin(name string, for_ time.Duration, do, undo func()) {
	if c := w.on[name]; c != nil {
		c.undo()
	}
	do()
	w.on[name] = &condition{time.Now().Add(for_), undo}
}

// happen lets the story go on for that long.
func (w *world) happen(length time.Duration) {
	w.on, w.ended = map[string]*condition{}, map[string]time.Time{}
	for _, a := range w.lines {
		require.NoError(w.t, a.account().Remember(context.Background(), a.credentials()))
	}
	w.start()
	end := time.Now().Add(length)
	next := time.Now().Add(w.between(time.Minute, 40*time.Minute))
	for time.Now().Before(end) && len(w.broken()) == 0 {
		w.pass(w.between(5*time.Second, 25*time.Second))
		if time.Now().After(next) {
			w.event()
			next = time.Now().Add(w.exp(11 * time.Minute))
		}
	}
	w.calm()
	if len(w.broken()) == 0 {
		w.allIsWell()
	}
	w.o.nothingLost()
	w.stop(false)
	w.o.look()
}

// pass lets time go by, ends what is over, and judges.
func (w *world) pass(d time.Duration) {
	time.Sleep(d)
	for _, name := range slices.Sorted(maps.Keys(w.on)) {
		if c := w.on[name]; !time.Now().Before(c.until) {
			delete(w.on, name)
			w.tell("over: %s", name)
			c.undo()
		}
	}
	if w.now != nil && w.now.dead.Load() {
		w.stop(true)
		w.begin("down", w.exp(3*time.Minute), func() {}, w.start)
	}
	synctest.Wait()
	w.o.look()
}

func (w *world) broken() []string {
	w.o.mu.Lock()
	defer w.o.mu.Unlock()
	return w.o.broken
}

func (w *world) between(a, b time.Duration) time.Duration {
	return (a + time.Duration(w.rnd.Int64N(int64(b-a)))).Round(time.Millisecond)
}

// exp is a length with that mean: mostly short, now and then long.
func (w *world) exp(mean time.Duration) time.Duration {
	return time.Second + time.Duration(w.rnd.ExpFloat64()*float64(mean)).Round(time.Millisecond)
}

// atSignIn are the scenarios that only a sign-in meets.
var atSignIn = map[string]bool{
	"wrong_password": true, "wrong_password_text": true, "redirect": true, "redirect_unknown_region": true, "redirect_same": true,
	"redirect_loop": true, "redirect_hostile": true, "terms": true, "terms_and_privacy": true, "verify_email": true, "unknown_step": true,
	"locked_200": true, "locked_429": true, "status_430": true,
}

func (w *world) scenario() {
	name := w.fault()
	a := w.someLine()
	w.begin("scenario"+a.name, w.exp(12*time.Minute), func() {
		w.tell("scenario %s of %s", name, a)
		if atSignIn[name] && w.jitter(4) > 0 {
			// A good token would never meet what is in the way of a sign-in.
			w.tell("its token is dead")
			require.NoError(w.t, a.server.SetScenario("expired_token"))
		}
		require.NoError(w.t, a.server.SetScenario(name))
		w.endsAt(name, time.Now().Add(24*time.Hour))
	}, func() {
		require.NoError(w.t, a.server.SetScenario("ok"))
		w.endsAt(name, time.Now())
	})
}

func (w *world) network() {
	kind := 1 + w.rnd.IntN(5)
	w.begin("network", w.exp(10*time.Minute), func() {
		w.tell("network %d", kind)
		if kind <= wireSwallows {
			w.wire.Store(int32(kind))
		}
		w.down()
	}, func() {
		w.wire.Store(wireGood)
		w.up()
		l := w.now
		if l == nil || kind > wireNoName {
			return // no address of this computer's has changed
		}
		go func() {
			time.Sleep(w.jitter(2 * time.Second))
			if l.off.Load() {
				w.o.mu.Lock()
				w.o.extra()
				w.o.mu.Unlock()
				l.wake(poll.Wake{Kind: poll.NetworkBack})
			}
		}()
	})
}

// jitter is for goroutines, where the order of draws must not depend on them.
func (w *world) jitter(most time.Duration) time.Duration {
	return time.Duration(rand.New(rand.NewPCG(w.seed, uint64(time.Now().UnixNano()))).Int64N(int64(most)))
}

func (w *world) phone() {
	a := w.someLine()
	w.begin("phone"+a.name, w.exp(30*time.Minute), func() { w.tell("phone of %s away", a); a.server.Freeze() }, a.server.Thaw)
}

// woken reports a change of the computer to the program, as its watcher would.
func (w *world) woken(k poll.Wake) {
	l := w.now
	if l == nil {
		return
	}
	w.o.mu.Lock()
	w.o.extra()
	w.o.mu.Unlock()
	d := w.jitter(heartbeat)
	go func() {
		time.Sleep(d)
		l.wake(k)
	}()
}

// sleep is the computer's: no time passes for the program's timers.
func (w *world) sleep() {
	d := w.exp(90 * time.Minute).Truncate(time.Second)
	w.tell("sleeps for %s", d)
	w.ahead.Add(int64(d))
	w.o.mu.Lock()
	w.o.woke = time.Now()
	w.o.mu.Unlock()
	if w.rnd.IntN(2) == 0 {
		w.down() // its connections are dead
		w.up()
		if c := w.on["network"]; c != nil {
			w.down()
		}
	}
	w.woken(poll.Wake{Kind: poll.Resumed})
}

func (w *world) setClock() {
	by := []time.Duration{3 * time.Second, 70 * time.Second, 4 * time.Minute, 20 * time.Minute, time.Hour, 3 * time.Hour}[w.rnd.IntN(6)]
	if w.rnd.IntN(2) == 0 {
		by = -by
	}
	w.begin("clock", w.exp(25*time.Minute), func() { w.moveClock(by) }, func() { w.moveClock(-w.wrong()) })
}

func (w *world) moveClock(by time.Duration) {
	if by == 0 {
		return
	}
	w.tell("clock set by %s", by)
	w.clock.err.Add(int64(by))
	w.o.mu.Lock()
	w.o.stepped = time.Now()
	if by < 0 {
		w.o.back = time.Now()
	}
	w.o.mu.Unlock()
	k := poll.Wake{Kind: poll.ClockStepped, Jump: by}
	if by > 0 && w.rnd.IntN(2) == 0 {
		k = poll.Wake{Kind: poll.Resumed} // where sleep is not counted
	}
	w.woken(k)
}

func (w *world) travel() {
	w.zone = w.place()
	w.tell("travels to %s", w.zone)
	w.woken(poll.Wake{Kind: poll.ZoneMoved, Zone: w.zone})
}

// kill ends the program at once, or around one of its next changes of the
// disk.
func (w *world) kill() {
	if w.now == nil {
		return
	}
	if w.rnd.IntN(3) > 0 {
		n := 1 + w.rnd.IntN(12)
		w.tell("to be killed at change %d", n)
		w.now.left.Store(int64(n))
		return
	}
	w.now.die()
}

func (w *world) restart() {
	if w.now == nil {
		return
	}
	w.tell("ends")
	w.stop(false)
	w.begin("down", w.exp(2*time.Minute), func() {}, w.start)
}

// trouble is the desktop's.
func (w *world) trouble() {
	if w.rnd.IntN(4) == 0 {
		w.begin("sound", w.exp(20*time.Minute), func() { w.desk.setMute(true) }, func() { w.desk.setMute(false) })
		return
	}
	mode := 1 + w.rnd.IntN(3)
	w.begin("desk", w.exp(15*time.Minute), func() { w.tell("desk %d", mode); w.desk.setMode(mode) }, func() { w.desk.setMode(deskWorks) })
}

func (d *desk) setMute(on bool) { d.mu.Lock(); d.mute = on; d.mu.Unlock() }

func (d *desk) setMode(mode int) {
	d.mu.Lock()
	d.mode = mode
	d.mu.Unlock()
	o := d.w.o
	o.mu.Lock()
	defer o.mu.Unlock()
	o.deskSince = time.Time{}
	if mode == deskWorks {
		o.deskSince = time.Now()
	}
}

func (w *world) fullDisk() {
	w.begin("disk", w.exp(10*time.Minute), func() { w.tell("disk full"); w.o.fills(time.Now().Add(24 * time.Hour)); w.diskFull.Store(true) },
		func() { w.diskFull.Store(false); w.o.fills(time.Now()) })
}

// fills notes until when the disk is full.
func (o *oracle) fills(until time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.full = until
}

func (w *world) lockKeyring() {
	fails, hangs := settings.ErrLocked, false
	switch w.rnd.IntN(3) {
	case 1:
		fails = settings.ErrNoKeyring
	case 2:
		hangs = true
	}
	w.begin("keyring", w.exp(10*time.Minute), func() { w.tell("keyring: %v %v", fails, hangs); w.keys.set(fails, hangs) },
		func() { w.keys.set(nil, false) })
}

// calm makes everything well.
func (w *world) calm() {
	w.tell("calm")
	for _, name := range slices.Sorted(maps.Keys(w.on)) {
		w.on[name].undo()
		delete(w.on, name)
	}
	if w.now == nil {
		w.start()
	}
	w.now.left.Store(0)
	w.pass(time.Minute)
	if w.now == nil {
		w.on["down"].undo()
		delete(w.on, "down")
		w.pass(time.Minute)
	}
	// Only who must act does: everybody else is followed again without a hand.
	// The service may make them wait for it.
	for _, a := range w.lines {
		for tries := 0; a.mustAct() && !w.signIn(a) && tries < 8; tries++ {
			w.pass(10 * time.Minute)
		}
	}
}

// allIsWell waits until the program may have taken its time, and looks that
// it follows again and says nothing else.
func (w *world) allIsWell() {
	var most time.Duration
	w.o.mu.Lock()
	for _, a := range w.lines {
		if a.fault != nil {
			most = max(most, min(w.o.waits(a), 70*time.Minute))
		}
	}
	w.o.mu.Unlock()
	for end := time.Now().Add(most + 2*w.step + 5*time.Minute); time.Now().Before(end); {
		w.pass(20 * time.Second)
	}
	w.o.mu.Lock()
	defer w.o.mu.Unlock()
	v := w.o.view
	if v != nil && len(w.lines) > 1 {
		for id := range w.curves {
			i := slices.IndexFunc(v.People, func(p tray.Person) bool { return p.ID == id })
			if i < 0 || v.People[i].Reading == nil || v.People[i].Stale {
				w.o.breaks("all is well, and %s is not followed", w.o.book(id).name())
			}
		}
	}
	switch {
	case v == nil || v.Reading == nil:
		w.o.breaks("all is well, and nothing is shown")
	case v.Stale, v.Fault != nil, w.truth().Sub(v.Reading.Time) > 2*w.step+90*time.Second:
		w.o.breaks("all is well, and a value %s old is shown, stale %t, fault %v", w.truth().Sub(v.Reading.Time), v.Stale, v.Fault)
	case strings.Contains(v.Undelivered, "stored"):
		w.o.breaks("all is well, and the menu says %q", v.Undelivered)
	}
}
