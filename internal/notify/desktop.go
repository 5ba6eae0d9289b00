package notify

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Options says how a Desktop presents itself.
type Options struct {
	AppName string        // shown as the sender; "llutray" if empty
	Dir     string        // a private folder for the icon file that some desktops want; "" goes without
	Timeout time.Duration // for one message; 4 s if zero
	// ServerSound lets the desktop make its own sound for a message that has
	// one. For when Player.Available finds nothing to play with; otherwise
	// both would sound.
	ServerSound bool
	// Left keeps which messages are on the screen, nil for nowhere. With it they
	// are taken down at the end, and what a killed run has left there is at the
	// start of the next, where the desktop can do that.
	Left Keeper
	// BusAddress is used instead of the session's D-Bus.
	BusAddress string
	Log        *slog.Logger

	narrow bool // buttons have room for little
}

// Keeper keeps something from one run to the next.
type Keeper interface {
	Load(v any) (notice string, err error) // into v, which stays as it is if there is nothing
	Save(v any) error
}

// The longest wait for a desktop to take one message. A loaded desktop answers
// in well under a second; a service that has to be started first needs two.
const sendTimeout = 4 * time.Second

// backend is one road to the screen. Text it is given is clean of control
// characters and limited in length, but not made safe for markup or shells.
type backend interface {
	send(ctx context.Context, m Message) error
	withdraw(ctx context.Context, tag string) error
	check(ctx context.Context) (Status, error)
	close()
}

// Desktop shows notifications on the user's desktop. Its methods may be called
// from several goroutines; each returns within the timeout.
type Desktop struct {
	timeout time.Duration
	road    backend
	events  *queue
	life    context.Context // ends with Close, and ends every call then
	end     context.CancelFunc
	once    sync.Once
}

// New returns a Desktop. It touches nothing until it is used, but what the run
// before has left on the screen, see Options.Left.
func New(opts Options) *Desktop {
	if opts.AppName == "" {
		opts.AppName = "llutray"
	}
	if opts.Timeout <= 0 {
		opts.Timeout = sendTimeout
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	opts.AppName = line(opts.AppName, maxLabel)
	d := &Desktop{timeout: opts.Timeout, events: newQueue(opts.Log)}
	d.life, d.end = context.WithCancel(context.Background())
	d.road = newBackend(opts, d.events.put)
	return d
}

// Send shows a message, in place of the former one with its tag. After an
// error the message may be sent again, as often as is wished: should the
// desktop show a late one after all, it is replaced like any other.
func (d *Desktop) Send(ctx context.Context, m Message) error {
	m.Title, m.Body = line(m.Title, maxTitle), paragraph(m.Body)
	buttons := make([]Button, 0, len(m.Buttons))
	for _, b := range m.Buttons {
		if b.Key = line(b.Key, maxLabel); b.Key != "" {
			buttons = append(buttons, Button{b.Key, line(b.Label, maxLabel), line(b.Short, maxLabel)})
		}
	}
	m.Buttons = buttons
	return d.bounded(ctx, func(ctx context.Context) error { return d.road.send(ctx, m) })
}

// Withdraw takes the message with this tag off the screen. One that is not
// there, or that the desktop cannot take back, is no error.
func (d *Desktop) Withdraw(ctx context.Context, tag string) error {
	return d.bounded(ctx, func(ctx context.Context) error { return d.road.withdraw(ctx, tag) })
}

// Check asks the desktop what it can do, without showing anything.
func (d *Desktop) Check(ctx context.Context) (Status, error) {
	var s Status
	err := d.bounded(ctx, func(ctx context.Context) (err error) {
		s, err = d.road.check(ctx)
		return err
	})
	return s, err
}

func (d *Desktop) bounded(ctx context.Context, do func(context.Context) error) error {
	bound, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	defer context.AfterFunc(d.life, cancel)()
	if d.life.Err() != nil {
		return ErrClosed
	}
	err := do(bound)
	if err != nil && d.life.Err() != nil {
		return ErrClosed
	}
	if err != nil && ctx.Err() == nil && (late(err) || late(bound.Err())) {
		return ErrHangs
	}
	return err
}

// late knows the end of a deadline by both of its names: a socket that was
// given the context's deadline can notice it a moment before the context does.
func late(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded)
}

// Events tells what the user did with the messages. The channel is closed by
// Close. Events wait until they are read.
func (d *Desktop) Events() <-chan Event { return d.events.out }

// Close ends the connection to the desktop. Without Options.Left messages on
// the screen stay there, without buttons that work.
func (d *Desktop) Close() {
	d.once.Do(func() {
		d.end()
		d.road.close()
		d.events.close()
	})
}

// queue hands events on without ever making the desktop's side wait: a press
// of Snooze must survive a reader that is busy.
type queue struct {
	out  chan Event
	more chan struct{} // something was put; capacity 1
	stop chan struct{}
	done chan struct{}
	log  *slog.Logger

	mu      sync.Mutex
	waiting []Event
}

// maxWaiting bounds what a runaway notification service can make us hold.
const maxWaiting = 256

func newQueue(log *slog.Logger) *queue {
	q := &queue{
		out:  make(chan Event),
		more: make(chan struct{}, 1),
		stop: make(chan struct{}),
		done: make(chan struct{}),
		log:  log,
	}
	go q.run()
	return q
}

func (q *queue) put(e Event) {
	q.mu.Lock()
	full := len(q.waiting) >= maxWaiting
	if !full {
		q.waiting = append(q.waiting, e)
	}
	q.mu.Unlock()
	if full {
		q.log.Warn("a notification event was dropped: nobody reads them")
		return
	}
	select {
	case q.more <- struct{}{}:
	default:
	}
}

func (q *queue) take() []Event {
	q.mu.Lock()
	defer q.mu.Unlock()
	batch := q.waiting
	q.waiting = nil
	return batch
}

func (q *queue) run() {
	defer close(q.done)
	defer close(q.out)
	for {
		for _, e := range q.take() {
			select {
			case q.out <- e:
			case <-q.stop:
				return
			}
		}
		select {
		case <-q.more:
		case <-q.stop:
			return
		}
	}
}

func (q *queue) close() {
	close(q.stop)
	<-q.done
}
