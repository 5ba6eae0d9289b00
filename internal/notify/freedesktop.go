//go:build !windows && !darwin

package notify

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/llutray/llutray/internal/lang"
)

// freedesktop talks to the desktop's notification service over a connection
// of its own. The session's shared connection belongs to the tray, whose
// library stops re-registering the icon after a foreign signal on it.
type freedesktop struct {
	opts  Options
	log   *slog.Logger
	emit  func(Event)
	other *commands     // for when the service cannot be reached
	turn  chan struct{} // held through a call, so that replacements keep their order
	late  sync.WaitGroup

	mu      sync.Mutex
	board   *board
	link    *link // nil while not connected
	caps    []string
	capsOf  string // the owner that has caps
	closed  bool
	failing error // of the last attempt to connect
	tries   int
	retryAt time.Time

	life  context.Context // of what nobody waits for
	end   context.CancelFunc
	kept  keeper
	was   remains // as it is kept
	swept int     // the era in which it was looked at
}

func newBackend(opts Options, emit func(Event)) backend {
	opts.narrow = narrowButtons(os.Getenv("XDG_CURRENT_DESKTOP"))
	f := &freedesktop{
		opts:  opts,
		log:   opts.Log,
		emit:  emit,
		other: newCommands(opts),
		turn:  make(chan struct{}, 1),
		board: newBoard(),
		kept:  keeper{to: opts.Left},
		swept: -1,
	}
	f.life, f.end = context.WithCancel(context.Background())
	f.inherit()
	return f
}

// errGone says that the server or the bus went away under a call. What was
// asked has not happened and may be asked again of their successors.
var errGone error = lang.Error("the notification service went away: restart it if it does not come back")

var errNonsense error = lang.Error("the notification service answers nonsense: restart it, or try another one")

func (f *freedesktop) take(ctx context.Context) error {
	select {
	case f.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *freedesktop) release() { <-f.turn }

func (f *freedesktop) send(ctx context.Context, m Message) error {
	if err := f.take(ctx); err != nil {
		return err
	}
	defer f.release()
	err := f.twice(ctx, func(l *link) error { return f.notify(ctx, l, m) })
	if unreachable(err) {
		f.log.Debug("no notification service, trying a command", "err", err)
		if name, failed := f.other.show(ctx, m); failed == nil {
			f.log.Debug("shown by a command", "command", name)
			return nil
		}
	}
	return err
}

// twice runs a call again when the service was replaced under it.
func (f *freedesktop) twice(ctx context.Context, call func(*link) error) error {
	var err error
	for range 2 {
		var l *link
		if l, err = f.connect(ctx); err != nil {
			return err
		}
		if err = f.meet(ctx, l); err == nil {
			err = call(l)
		}
		if !errors.Is(err, errGone) || ctx.Err() != nil {
			return err
		}
		f.forget(l)
	}
	return err
}

func unreachable(err error) bool {
	return errors.Is(err, ErrNoServer) || errors.Is(err, ErrNoBus)
}

// meet learns who the server is and what it can do, starting it if the bus
// knows how.
func (f *freedesktop) meet(ctx context.Context, l *link) error {
	f.mu.Lock()
	known := f.board.owner != "" && f.board.owner == f.capsOf
	f.mu.Unlock()
	if known {
		return nil
	}
	caps := []string{"body"} // what is safe to assume of a server that will not say
	reply := l.call(ctx, serverName, serverPath, serverName+".GetCapabilities")
	if reply.Err != nil && !isAnswer(reply.Err) {
		return f.judge(ctx, l, reply.Err)
	}
	if err := reply.Store(&caps); err != nil {
		f.log.Debug("the notification service does not say what it can do", "err", err)
	}
	reply = l.call(ctx, busName, busPath, busName+".GetNameOwner", serverName)
	if isAnswer(reply.Err) {
		return ErrNoServer
	}
	if reply.Err != nil {
		return f.judge(ctx, l, reply.Err)
	}
	var owner string
	if err := reply.Store(&owner); err != nil {
		return errNonsense
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tell(f.board.learnOwner(owner, reply.ResponseSequence))
	f.caps, f.capsOf = caps, owner
	if f.board.owner != owner {
		return errGone
	}
	return nil
}

// notify shows m and waits for its id. When the wait ends first, the reply is
// still taken in later, or a server that recovers would leave notifications
// on the screen that nobody can replace.
func (f *freedesktop) notify(ctx context.Context, l *link, m Message) error {
	f.mu.Lock()
	if f.board.owner == "" {
		// It went since it was met. A call to nobody is no call: the bus hangs up
		// on who makes one.
		f.mu.Unlock()
		return errGone
	}
	f.sweep(l)
	t := f.board.begin(m.Tag)
	args := arguments(m, f.caps, f.opts, t.replaces)
	f.mu.Unlock()

	replies := l.start(ctx, t.owner, serverPath, serverName+".Notify", args...)
	select {
	case reply := <-replies:
		return f.settle(ctx, l, t, m, reply)
	case <-ctx.Done():
		f.late.Go(func() {
			if err := f.settle(context.Background(), l, t, m, <-replies); err != nil {
				f.log.Debug("a late notification failed", "err", err)
			}
		})
		return ctx.Err()
	}
}

func (f *freedesktop) settle(ctx context.Context, l *link, t ticket, m Message, reply *dbus.Call) error {
	err := reply.Err
	var id uint32
	if err != nil {
		err = f.judge(ctx, l, err)
	} else if reply.Store(&id) != nil || id == 0 { // 0 is no id by the specification
		err = errNonsense
	}
	f.mu.Lock()
	if err != nil {
		f.board.failed(t)
		f.tidy(l)
		f.mu.Unlock()
		return err
	}
	events, here := f.board.landed(t, m, id, reply.ResponseSequence)
	f.tidy(l)
	f.tell(events)
	f.remember(l)
	f.mu.Unlock()
	if !here {
		return errGone
	}
	return nil
}

// judge turns the error of a call into one of ours.
func (f *freedesktop) judge(ctx context.Context, l *link, err error) error {
	if ctx.Err() != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		return ctx.Err()
	}
	if !isAnswer(err) {
		l.close() // the stream is broken, perhaps by half a message written
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return errGone
	}
	var answer dbus.Error
	errors.As(err, &answer)
	switch answer.Name {
	case busName + ".Error.ServiceUnknown", busName + ".Error.NameHasNoOwner",
		busName + ".Error.NoReply", busName + ".Error.Disconnected":
		return errGone
	}
	// Only the error's name: its text is the server's and may quote ours.
	return lang.E("the notification service refused the message (%s): restart it, or try another one", line(answer.Name, maxTitle))
}

func isAnswer(err error) bool {
	var answer dbus.Error
	return errors.As(err, &answer)
}

// tidy takes down what should not be on the screen. It comes before the events,
// so that an answer to one cannot be overtaken.
func (f *freedesktop) tidy(l *link) {
	for _, id := range f.board.excess() {
		l.post(f.board.owner, serverPath, serverName+".CloseNotification", id)
	}
}

func (f *freedesktop) tell(events []Event) {
	for _, e := range events {
		f.emit(e)
	}
}

func (f *freedesktop) withdraw(ctx context.Context, tag string) error {
	if err := f.take(ctx); err != nil {
		return err
	}
	defer f.release()
	f.mu.Lock()
	id, owner, l := f.board.withdraw(tag), f.board.owner, f.link
	if l != nil {
		f.remember(l)
	}
	f.mu.Unlock()
	if id == 0 || l == nil || owner == "" {
		return nil
	}
	err := l.call(ctx, owner, serverPath, serverName+".CloseNotification", id).Err
	if err == nil || isAnswer(err) {
		return nil // an answer that it is not there is as good
	}
	if err = f.judge(ctx, l, err); errors.Is(err, errGone) {
		return nil
	}
	return err
}

func (f *freedesktop) check(ctx context.Context) (Status, error) {
	if err := f.take(ctx); err != nil {
		return Status{}, err
	}
	defer f.release()
	var s Status
	err := f.twice(ctx, func(l *link) error {
		reply := l.call(ctx, serverName, serverPath, serverName+".GetServerInformation")
		var vendor, spec string
		s = Status{Via: "D-Bus"}
		if reply.Err != nil {
			return f.judge(ctx, l, reply.Err)
		}
		if reply.Store(&s.Server, &vendor, &s.Version, &spec) != nil {
			return errNonsense
		}
		s.Server, s.Version = line(s.Server, maxTitle), line(s.Version, maxTitle)
		f.mu.Lock()
		s.Capabilities = slices.Clone(f.caps)
		f.mu.Unlock()
		s.Actions, s.Sound = slices.Contains(s.Capabilities, "actions"), slices.Contains(s.Capabilities, "sound")
		s.Paused = l.flag(ctx, serverName, "Inhibited") || l.flag(ctx, "org.dunstproject.cmd0", "paused")
		return nil
	})
	if unreachable(err) {
		if name, ok := f.other.available(); ok {
			return Status{Via: name}, nil
		}
	}
	return s, err
}
