// Package tray shows the program's state in the desktop's tray: an icon with
// the number, a tooltip, a text where the panel can show one, and a menu.
// What is shown is computed by pure functions of one View; what the user
// wants comes out as Action values.
package tray

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// id is the tray's lasting name: desktops remember by it where the user put
// the icon and whether it is hidden.
const id = "llutray"

var (
	// ErrNoTray means that this session can't have a tray at all.
	ErrNoTray error = lang.Error("this session has no desktop to show a tray icon on")
	// ErrLost means that the desktop went away under a running tray.
	ErrLost error = lang.Error("the connection to the desktop was lost, and with it the tray icon")
)

const (
	// resendAfter repeats icon and tooltip once: what is set while the tray
	// library is still connecting is stored by it, but never sent. The title
	// waits until then, for the first one becomes the item's lasting Id.
	resendAfter = time.Second
	// labelAfter is when a new host has read the item, so that it listens to
	// the label.
	labelAfter = 3 * time.Second
	// surelyAfter is the same on a computer that has its hands full, as at the
	// login: a change that came while a host was still reading is lost on it,
	// and it would show the icon from before until the next one.
	surelyAfter = 20 * time.Second
	// labelEvery repeats the label, which a host forgets whenever it reads
	// the item anew, and nothing tells when it does.
	labelEvery = time.Minute
	// readyWithin is how long a tray may take to appear before it is reported
	// as missing; the system may start programs before its taskbar.
	readyWithin = 15 * time.Second
	// quitWithin is how long a tray that is not there yet delays the end.
	quitWithin = 3 * time.Second
)

// Options are what a tray needs.
type Options struct {
	// Actions takes what the user chose. It should be buffered: a click that
	// finds it full is dropped and logged, rather than block the menu.
	Actions chan<- Action
	// HostChanged, if set, is told when something that shows tray icons comes
	// or goes, and once soon after the start. It must not block.
	HostChanged func(hosted bool)
	// Log takes also what the tray library writes to the standard logger, so
	// it must not itself write there. Nil discards.
	Log *slog.Logger
}

// Tray is the program's place in the desktop's tray. A process can have one,
// and run it once.
type Tray struct {
	opt    Options
	log    *slog.Logger
	latest atomic.Pointer[View]
	wake   chan struct{}
	hosted atomic.Bool
	needs  atomic.Pointer[Needs]
	// askNeeds follows the needs of the user for as long as the present bus is
	// there; nil for nobody's.
	askNeeds func()
}

// New returns a tray that shows nothing until it runs.
func New(o Options) *Tray {
	t := &Tray{opt: o, log: o.Log, wake: make(chan struct{}, 1)}
	if t.log == nil {
		t.log = slog.New(slog.DiscardHandler)
	}
	return t
}

// Show replaces what is shown. It never blocks, the latest view wins, and it
// may be called before Run. The view must not be changed afterwards.
func (t *Tray) Show(v View) {
	t.latest.Store(&v)
	t.poke()
}

func (t *Tray) poke() {
	select {
	case t.wake <- struct{}{}:
	default: // the view that is waited for is the latest one, which is this
	}
}

// Hosted reports whether something on this desktop shows tray icons now.
func (t *Tray) Hosted() bool { return t.hosted.Load() }

// Run shows the tray until ctx ends, and returns nil then. It must be called
// on the main goroutine, which the systems' libraries insist on. It returns
// ErrNoTray where there can't be a tray, and ErrLost when the user's session
// has ended; the program can live on without it. A bus that went away alone
// is waited for.
func (t *Tray) Run(ctx context.Context) error {
	d, err := connect(ctx)
	if err != nil {
		return err
	}
	defer redirectStandardLog(t.log)()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t.askNeeds = func() {
		go watchNeeds(ctx, func(n Needs) {
			t.needs.Store(&n)
			t.poke()
		})
	}
	t.askNeeds()
	return t.run(ctx, newBackend(), d)
}

// desktop is what the tray knows of its surroundings beyond the icon itself.
type desktop interface {
	hosts() <-chan bool    // something that shows icons came or went
	introduce()            // makes sure that it knows the item; does not block
	lost() <-chan struct{} // closed when the desktop is gone
	// again waits for the desktop to come back, until ctx ends. It returns
	// ErrLost when it will not.
	again(ctx context.Context) (desktop, error)
	setLabel(text string) error
	close()
}

func (t *Tray) run(ctx context.Context, b backend, d desktop) (err error) {
	if ctx.Err() != nil {
		return nil
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer func() {
		// The library panics when its bus goes away under it.
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", ErrLost, r)
		}
	}()
	p := &painter{backend: b, desktop: d, log: t.log}
	defer func() { p.desktop.close() }()
	ready := make(chan struct{})
	var built error
	var owner sync.WaitGroup
	owner.Go(func() {
		defer b.quit()
		if !t.await(ctx, ready) {
			return
		}
		if err := t.own(ctx, p, built); err != nil {
			cancel(err)
		}
	})
	b.run(func() {
		// The menu is built before this returns, since the library answers
		// no question about it earlier, and nothing else may be done here.
		built = p.build(ctx, t.current(), t.send)
		close(ready)
	})
	cancel(nil)
	owner.Wait()
	if cause := context.Cause(ctx); errors.Is(cause, ErrLost) {
		return cause
	}
	return nil
}

// await reports whether the tray came up before ctx ended.
func (t *Tray) await(ctx context.Context, ready <-chan struct{}) bool {
	late := time.NewTimer(readyWithin)
	defer late.Stop()
	select {
	case <-ready:
		return true
	case <-ctx.Done():
	case <-late.C:
		t.log.Error("the tray icon does not appear", "waited", readyWithin)
		t.setHosted(false)
		select {
		case <-ready:
			return true
		case <-ctx.Done():
		}
	}
	// The library can only be ended once it began.
	late.Reset(quitWithin)
	select {
	case <-ready:
	case <-late.C:
	}
	return false
}

// current is the latest view, or one that knows nothing yet, as it suits who
// sits before the desktop.
func (t *Tray) current() View {
	var needs Needs
	if n := t.needs.Load(); n != nil {
		needs = *n
	}
	if v := t.latest.Load(); v != nil {
		return suit(*v, needs)
	}
	return View{Now: time.Now(), Unit: glucose.MmolPerL}
}

// own is the one goroutine that touches the tray library. err is what became
// of the first view.
func (t *Tray) own(ctx context.Context, p *painter, err error) error {
	resend, label, surely := time.NewTimer(resendAfter), time.NewTimer(labelAfter), time.NewTimer(surelyAfter)
	defer resend.Stop()
	defer label.Stop()
	defer surely.Stop()
	every := time.NewTicker(labelEvery)
	defer every.Stop()
	for {
		for range restarts {
			if errors.Is(err, ErrLost) && ctx.Err() == nil {
				err = t.restart(ctx, p)
				resend.Reset(resendAfter)
				label.Reset(labelAfter)
				surely.Reset(surelyAfter)
			}
		}
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-p.desktop.lost():
			err = ErrLost
		case <-t.wake:
			err = p.show(t.current())
		case <-resend.C:
			p.desktop.introduce()
			err = p.resend()
		case <-label.C:
			p.desktop.introduce()
			p.sendLabel()
		case <-surely.C:
			err = p.resend()
		case <-every.C:
			p.sendLabel()
		case hosted := <-p.desktop.hosts():
			t.setHosted(hosted)
			if hosted {
				label.Reset(labelAfter)
				surely.Reset(surelyAfter)
			}
		}
	}
}

// restarts is how often in a row a bus may go away just when it came back.
const restarts = 5

// restart shows the icon on the bus that came in place of the one that went.
func (t *Tray) restart(ctx context.Context, p *painter) error {
	t.log.Warn("the desktop's bus is gone, and the icon with it")
	t.setHosted(false)
	d, err := p.desktop.again(ctx)
	if err != nil {
		return err
	}
	p.desktop.close()
	p.desktop = d
	t.log.Info("the desktop's bus is back")
	if t.askNeeds != nil {
		t.askNeeds()
	}
	return p.restart(t.current())
}

func (t *Tray) setHosted(hosted bool) {
	t.hosted.Store(hosted)
	if t.opt.HostChanged != nil {
		t.opt.HostChanged(hosted)
	}
}

// send hands over what the user chose.
func (t *Tray) send(a Action) {
	select {
	case t.opt.Actions <- a:
	default:
		t.log.Warn("a click was lost: the program is busy", "action", a.Kind.String())
	}
}

// panelTextIsTitle tells the systems on which the library's title is the text
// beside the icon. Elsewhere it is the icon's name.
const panelTextIsTitle = runtime.GOOS == "darwin"
