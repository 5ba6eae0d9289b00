package chaos

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/history"
	"github.com/llutray/llutray/internal/libre"
	"github.com/llutray/llutray/internal/libretest"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/poll"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/tray"
)

// world is everything around the program, in one synctest bubble: the sensors,
// the service, the network, the computer, the desktop and the user.
type world struct {
	t    *testing.T
	seed uint64
	rnd  *rand.Rand
	clock
	mood
	step   time.Duration // of the feed
	curves map[string]*curve
	names  map[string]string // first ones, by ID
	lines  []*line
	o      *oracle

	wire     atomic.Int32 // how the network is, see dialOf
	diskFull atomic.Bool
	desk     desk
	keys     keyring
	stateF   stateFile
	path     string // of the settings
	db       database
	reopen   func() database

	set  settings.Settings // as in the file
	zone *time.Location
	now  *life // nil while the program does not run
	last *life
	story
}

// What dialling meets.
const (
	wireGood = iota
	wireUnreachable
	wireNoName
	wireRefused
	wireSwallows
)

// curve is a person's glucose. Its values are multiples of two and a
// remainder of their own, so that nobody can be taken for another.
type curve struct {
	seed  float64
	odd   int
	step  time.Duration
	phase time.Duration
}

func (c *curve) at(t time.Time) int {
	h := float64(t.Unix()) / 3600
	v := 120 + 62*math.Sin(h*2*math.Pi/5.1+c.seed) + 34*math.Sin(h*2*math.Pi/1.7+3*c.seed) + 22*math.Sin(h*2*math.Pi/13+c.seed)
	return int(max(42, v))/2*2 + c.odd
}

// Readings are what the sensor gave.
func (c *curve) Readings(after, until time.Time) (out []libretest.Reading) {
	for t := after.Add(-c.phase).Truncate(c.step).Add(c.phase); !t.After(until); t = t.Add(c.step) {
		if t.After(after) {
			out = append(out, libretest.Reading{Time: t, MgDL: c.at(t)})
		}
	}
	return out
}

// places are zones with summer time on either half of the world, one without,
// and one that moves by half an hour.
var places = []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia", "Atlantic/Azores"}

// beginnings are days around which clocks change, and ordinary ones.
var beginnings = []string{"2025-03-29T15:00:00Z", "2025-10-25T14:00:00Z", "2026-03-08T00:00:00Z", "2026-11-01T00:00:00Z", "2026-04-04T08:00:00Z", "2026-12-31T12:00:00Z", "2028-02-28T20:00:00Z", "2026-06-15T09:00:00Z"}

func newWorld(t *testing.T, seed uint64) *world {
	rnd := rand.New(rand.NewPCG(seed, 0x11e))
	w := &world{t: t, seed: seed, rnd: rnd, mood: moodOf(seed), curves: map[string]*curve{}, names: map[string]string{}}
	begin, err := time.Parse(time.RFC3339, beginnings[rnd.IntN(len(beginnings))])
	require.NoError(t, err)
	w.ahead.Store(int64(begin.Sub(time.Now().Round(0)).Truncate(time.Second)))
	w.step = []time.Duration{time.Minute, time.Minute, 5 * time.Minute, 15 * time.Minute}[rnd.IntN(4)]
	w.zone = w.place()

	var people []libretest.Person
	count := 1 + rnd.IntN(2)
	two := count > 1 && seed%3 == 0
	if two && seed%2 == 0 {
		count++ // who comes through the second account, too
	}
	for i := range count {
		c := &curve{seed: rnd.Float64() * 7, odd: i, step: w.step, phase: time.Duration(rnd.IntN(int(w.step/time.Second))) * time.Second}
		p := libretest.Person{
			ID:        fmt.Sprintf("0000000%d-0000-4000-8000-000000000000", i+1),
			FirstName: []string{"Anna", "Ben", "Cora"}[i], LastName: "Example", Source: c, Zone: w.zone,
			SensorStart: begin.Add(-time.Duration(rnd.IntN(13*24)) * time.Hour),
		}
		w.curves[p.ID], w.names[p.ID] = c, p.FirstName
		people = append(people, p)
	}
	folder := t.TempDir()
	w.path = filepath.Join(folder, "settings.toml")
	w.set = settings.Default()
	if two {
		w.addLine("", folder, people[:1])
		w.addLine(secondAccount, folder, people[1:])
		w.set.Accounts = []settings.NamedAccount{{Name: secondAccount, Account: w.set.Account}}
	} else {
		w.addLine("", folder, people)
	}
	w.keys = keyring{kept: map[string]string{}, killed: func() bool { return false }}
	w.desk.w, w.desk.events = w, make(chan notify.Event, 64)
	w.db = newRows()
	w.reopen = func() database { return w.db }
	if seed%8 == 0 {
		path := filepath.Join(folder, "history.db")
		w.reopen = func() database {
			s, notice, err := history.Open(path)
			require.NoError(t, err)
			require.Empty(t, notice)
			return file{s}
		}
	}
	w.set.Unit = []glucose.Unit{glucose.MgPerDL, glucose.MmolPerL}[rnd.IntN(2)]
	w.set.Quiet[0].On = rnd.IntN(2) == 0
	if seed%4 == 1 {
		// High and still high, of which the curves have little by the usual limits.
		w.set.High.Limit, w.set.StillHigh.After = 150, time.Hour
	}
	w.o = newOracle(w)
	return w
}

func (w *world) place() *time.Location {
	loc, err := time.LoadLocation(places[w.rnd.IntN(len(places))])
	require.NoError(w.t, err)
	return loc
}

// secondAccount is the section of the one that some worlds have.
const secondAccount = "mum"

// dialOf is the network, and a server behind it.
func (w *world) dialOf(s *libretest.Server) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		return w.dial(ctx, s, network, address)
	}
}

func (w *world) dial(ctx context.Context, s *libretest.Server, network, address string) (net.Conn, error) {
	fail := func(err error) (net.Conn, error) { return nil, &net.OpError{Op: "dial", Net: network, Err: err} }
	switch w.wire.Load() {
	case wireUnreachable:
		return fail(syscall.ENETUNREACH)
	case wireNoName:
		return fail(&net.DNSError{Err: "no such host", Name: "api.libreview.io", IsNotFound: true})
	case wireRefused:
		return fail(syscall.ECONNREFUSED)
	case wireSwallows:
		select {
		case <-ctx.Done():
			return fail(ctx.Err())
		case <-time.After(10 * time.Second):
			return fail(context.DeadlineExceeded)
		}
	}
	return s.Dial(ctx, network, address)
}

// life is the program from one start to its end.
type life struct {
	w      *world
	began  time.Time // by the bubble
	kill   context.CancelFunc
	dead   atomic.Bool
	left   atomic.Int64 // touches of the disk before it is killed, if positive
	done   chan error
	report atomic.Pointer[func(poll.Wake)]
	files  atomic.Pointer[func(settings.Settings, error)]
	act    chan tray.Action
	ask    chan app.Request
	off    atomic.Bool // it believes to be offline
	mu     sync.Mutex
	open   []*libre.Client // made in this life
	asking map[*line]int   // requests under way; the oracle's
}

// touch is called before and after each change of the disk. It reports
// whether the program is no more.
func (l *life) touch() bool {
	if l.left.Load() > 0 && l.left.Add(-1) == 0 {
		l.die()
	}
	return l.dead.Load()
}

// die is kill -9: from now on nothing reaches disk, desktop or service.
func (l *life) die() {
	if !l.dead.Swap(true) {
		l.w.o.died(l)
	}
	l.kill()
}

// start starts the program on the files as they are.
func (w *world) start() {
	ctx, cancel := context.WithCancel(context.Background())
	l := &life{w: w, began: time.Now(), kill: cancel, asking: map[*line]int{}, done: make(chan error, 1), act: make(chan tray.Action, 8), ask: make(chan app.Request, 1)}
	db := w.reopen()
	w.db = db
	o := app.Options{
		Clock: &w.clock, Settings: w.set, Store: store{db, l}, State: state{&w.stateF, l},
		Recall:   func(ctx context.Context) ([]app.Memory, error) { return db.recall(ctx, w.clock.Now()) },
		Connect:  func(ctx context.Context, name string) (poll.Source, error) { return l.connect(ctx, w.line(name)) },
		Notifier: deskOf{&w.desk, l}, Play: w.desk.play, Front: l, Actions: l.act, Requests: l.ask,
		Events: func(e any) {
			if a, ok := e.(app.AlarmEvent); ok && !l.dead.Load() {
				w.o.decided(a)
			}
		},
		WatchSettings: func(ctx context.Context, _ string, f func(settings.Settings, error)) error {
			l.files.Store(&f)
			<-ctx.Done()
			return nil
		},
		WatchWorld: func(report func(poll.Wake)) app.World { l.report.Store(&report); return l },
		Seed:       w.seed, Version: "chaos", Log: w.log(),
	}
	o.Paths.Settings = w.path
	w.now = l
	w.desk.lose(false) // what the last life has left there goes
	w.o.started(l)
	go func() {
		err := app.New(o).Run(ctx)
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, c := range l.open {
			c.Reconnect()
		}
		l.done <- err
	}()
	zone := w.zone
	go l.wake(poll.Wake{Kind: poll.ZoneMoved, Zone: zone})
}

// connect makes the source of an account's readings.
func (l *life) connect(ctx context.Context, a *line) (poll.Source, error) {
	l.w.o.connecting(a)
	account := a.account()
	cred, err := account.Credentials(ctx)
	if err != nil {
		return nil, err
	}
	session, err := account.Load(ctx, cred)
	if err != nil {
		return nil, err
	}
	c, err := a.client(cred, session, func(s libre.Session) error {
		if l.dead.Load() {
			return errKilled
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		return account.Save(ctx, s)
	})
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = append(l.open, c)
	return &source{Client: c, l: l, line: a}, nil
}

// wake tells the program in which zone it runs: the process's own cannot
// be changed while other worlds run beside this one.
func (l *life) wake(k poll.Wake) {
	report := l.report.Load()
	for range 100 {
		if report != nil {
			break
		}
		time.Sleep(time.Millisecond)
		report = l.report.Load()
	}
	if report != nil && !l.dead.Load() {
		(*report)(k)
	}
}

func (w *world) log() *slog.Logger {
	if !*verbose {
		return nil
	}
	return slog.New(slog.NewTextHandler(testWriter{w}, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

type testWriter struct{ w *world }

func (x testWriter) Write(b []byte) (int, error) {
	x.w.tell("log %s", strings.TrimSpace(string(b)))
	return len(b), nil
}

// stop ends the program, by force or in order, and waits for the end.
func (w *world) stop(force bool) {
	l := w.now
	if l == nil {
		return
	}
	if force {
		l.die()
	} else {
		l.kill()
	}
	err := <-l.done
	l.dead.Store(true)
	if !force {
		require.NoError(w.t, err)
	}
	w.o.ended()
	w.db.close()
	w.last, w.now = l, nil
}

// Run and SetOffline are the watcher of sleep, clock, zone and network.
func (l *life) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// SetOffline hears whether requests fail for want of a network.
func (l *life) SetOffline(off bool) { l.off.Store(off) }

// Show is the front.
func (l *life) Show(v tray.View) {
	if !l.dead.Load() {
		l.w.o.shown(v)
	}
}
