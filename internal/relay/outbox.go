package relay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/llutray/llutray/internal/alarm"
)

// Message is what a service is given.
type Message struct {
	Text
	Loud bool `json:"loud"`
}

// Sender gives a message to the service that the user calls name. It returns
// soon after ctx ends. The error is a sentence for people and holds no secret;
// a *Wait asks to be left alone for a while.
type Sender interface {
	Send(ctx context.Context, name string, m Message) error
}

// Wait is an error of a service that tells when it may be asked again.
type Wait struct {
	Text string
	For  time.Duration
}

// Error returns the text.
func (w *Wait) Error() string { return w.Text }

// attempt is how long one delivery may take.
const attempt = 20 * time.Second

// Options say what an Outbox works with.
type Options struct {
	Rules []Rule
	Saved Book // of the last run
	Send  Sender
	// Outcome is told of every delivery and of every failure to deliver, one
	// at a time, from a goroutine of the outbox. May be nil.
	Outcome func(Outcome)
	// Save is given what must survive a restart, whenever it has changed, as
	// JSON. May be nil.
	Save func(json.RawMessage)
	Log  *slog.Logger // nil for none
	Zone func() *time.Location
}

// Outbox sends what its book says. Its methods may be called from any
// goroutine and never wait for a service.
type Outbox struct {
	opt  Options
	poke chan struct{} // capacity 1

	telling sync.Mutex

	mu    sync.Mutex
	rules []Rule
	book  Book
	saved string
}

// New makes an Outbox; Run makes it work.
func New(o Options) *Outbox {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Zone == nil {
		o.Zone = func() *time.Location { return time.Local }
	}
	x := &Outbox{opt: o, poke: make(chan struct{}, 1), rules: o.Rules, book: o.Saved}
	x.book.Keep(x.rules)
	return x
}

// SetRules puts other rules in force.
func (x *Outbox) SetRules(rules []Rule) {
	x.change(func(time.Time) { x.rules = rules; x.book.Keep(rules) })
}

// Raise tells an alarm to whoever wants it.
func (x *Outbox) Raise(a Alarm) { x.change(func(now time.Time) { x.book.Raise(now, x.rules, a) }) }

// Answer takes in that somebody answered here; k is "" for every alarm of the
// person.
func (x *Outbox) Answer(person string, k alarm.Kind) {
	x.change(func(time.Time) { x.book.Answer(person, k) })
}

// Clear takes in that an alarm is over.
func (x *Outbox) Clear(person string, k alarm.Kind) {
	x.change(func(now time.Time) { x.book.Clear(now, x.rules, person, k) })
}

// Forget gives up everything about a person who is followed no longer.
func (x *Outbox) Forget(person string) {
	x.change(func(time.Time) { x.book.Forget(person) })
}

// Test sends a text through all relays at once and returns what went wrong, for
// people; nil when every service took it.
func (x *Outbox) Test(ctx context.Context, t Text) error {
	x.mu.Lock()
	rules := slices.Clone(x.rules)
	x.mu.Unlock()
	errs := make([]error, len(rules))
	var all sync.WaitGroup
	for i, r := range rules {
		all.Go(func() {
			if err := x.opt.Send.Send(ctx, r.Name, Message{Text: t}); err != nil {
				errs[i] = fmt.Errorf("%s: %w", r.Name, err)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// Status is how one relay does.
type Status struct {
	Name    string
	Waiting int       // messages that have not arrived
	Trouble string    // why not, for people; "" when the last delivery succeeded
	Since   time.Time // of the trouble
}

// Status tells how each relay does, in the order of the rules.
func (x *Outbox) Status() (out []Status) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, r := range x.rules {
		s := Status{Name: r.Name}
		if l := x.book.Lines[r.Name]; l != nil {
			s.Trouble, s.Since = l.Trouble, l.TroubleSince
			for _, o := range l.Waiting {
				if o.Tries > 0 {
					s.Waiting++
				}
			}
		}
		out = append(out, s)
	}
	return out
}

func (x *Outbox) now() time.Time { return time.Now().Round(0).In(x.opt.Zone()) } // the wall's: it goes on while the computer sleeps

func (x *Outbox) change(f func(now time.Time)) {
	x.mu.Lock()
	f(x.now())
	x.save()
	x.mu.Unlock()
	select {
	case x.poke <- struct{}{}:
	default:
	}
}

// save runs with the lock held, so that an older state is never written last.
func (x *Outbox) save() {
	if x.opt.Save == nil {
		return
	}
	b, err := json.Marshal(x.book)
	if err != nil || string(b) == x.saved {
		return
	}
	x.saved = string(b)
	x.opt.Save(b)
}

// look is the longest sleep: timers stand still while the computer sleeps.
const look = 30 * time.Second

// Run sends until ctx ends and waits for deliveries under way to be broken
// off then. What is not delivered stays in the book.
func (x *Outbox) Run(ctx context.Context) {
	var workers sync.WaitGroup
	defer workers.Wait()
	for {
		x.mu.Lock()
		now := x.now()
		send, expired := x.book.Due(now)
		pause := look
		if w := x.book.Wake(); !w.IsZero() {
			pause = min(pause, max(w.Sub(now), time.Millisecond))
		}
		if len(send)+len(expired) > 0 {
			x.save()
		}
		x.mu.Unlock()
		for _, o := range expired {
			x.tell(o)
		}
		for _, d := range send {
			workers.Go(func() { x.deliver(ctx, d) })
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-x.poke:
			timer.Stop()
		case <-timer.C:
		}
	}
}

func (x *Outbox) deliver(ctx context.Context, d Delivery) {
	one, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	err := x.opt.Send.Send(one, d.Relay, Message{d.Text, d.Loud})
	if ctx.Err() != nil {
		return // it stays in the book, as if it had not been tried
	}
	why, wait := "", time.Duration(0)
	if err != nil {
		why = err.Error()
		var w *Wait
		if errors.As(err, &w) {
			wait = min(w.For, keepFor)
		}
	}
	var out Outcome
	var known bool
	x.change(func(now time.Time) { out, known = x.book.Done(now, x.rules, d, why, wait) })
	if known {
		x.tell(out)
	}
}

func (x *Outbox) tell(o Outcome) {
	if o.Err == "" {
		x.opt.Log.Info("alarm relayed", "relay", o.Relay, "kind", o.Kind, "over", o.Over, "tries", o.Tries)
	} else {
		x.opt.Log.Warn("alarm not relayed", "relay", o.Relay, "kind", o.Kind, "tries", o.Tries, "given_up", o.Final, "why", o.Err)
	}
	if x.opt.Outcome != nil {
		x.telling.Lock()
		defer x.telling.Unlock()
		x.opt.Outcome(o)
	}
}
