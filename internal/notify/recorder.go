package notify

import (
	"context"
	"slices"
	"sync"
)

// Recorder stands in for a Desktop and a Player in tests: it shows and plays
// nothing, remembers everything, and fails when told to. Its zero value is not
// usable; NewRecorder makes one.
type Recorder struct {
	events chan Event

	mu        sync.Mutex
	sent      []Message
	withdrawn []string
	played    []Sound
	shown     map[string]Message
	failures  []error
	sendErr   error
	playErr   error
	closed    bool
}

// NewRecorder returns a Recorder on which everything succeeds.
func NewRecorder() *Recorder {
	return &Recorder{events: make(chan Event, maxWaiting), shown: map[string]Message{}}
}

// Send records a message, or returns the error set for it.
func (r *Recorder) Send(ctx context.Context, m Message) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.fail(ctx); err != nil {
		return err
	}
	r.sent = append(r.sent, m)
	r.shown[m.Tag] = m
	return nil
}

func (r *Recorder) fail(ctx context.Context) error {
	switch {
	case r.closed:
		return ErrClosed
	case ctx.Err() != nil:
		return ctx.Err()
	case len(r.failures) > 0:
		err := r.failures[0]
		r.failures = r.failures[1:]
		return err
	}
	return r.sendErr
}

// Withdraw records that a message was taken back.
func (r *Recorder) Withdraw(ctx context.Context, tag string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return ErrClosed
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	r.withdrawn = append(r.withdrawn, tag)
	delete(r.shown, tag)
	return nil
}

// Play records a sound, or returns the error set for it.
func (r *Recorder) Play(ctx context.Context, s Sound) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.playErr != nil {
		return r.playErr
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	r.played = append(r.played, s)
	return nil
}

// Events tells what Inject was given.
func (r *Recorder) Events() <-chan Event { return r.events }

// Check describes a desktop on which everything works, or returns the error
// set with FailAll.
func (r *Recorder) Check(context.Context) (Status, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sendErr != nil {
		return Status{}, r.sendErr
	}
	return Status{Via: "recorder", Server: "recorder", Actions: true}, nil
}

// Available reports a player unless FailPlay has set an error.
func (r *Recorder) Available() (string, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return "recorder", r.playErr == nil
}

// Close closes the events.
func (r *Recorder) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.closed = true
		close(r.events)
	}
}

// Inject makes it look as if the user, or the desktop, had done e, to the
// message that is shown unless e.About says of another.
func (r *Recorder) Inject(e Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	if e.About == "" {
		e.About = r.shown[e.Tag].About
	}
	if e.Closed {
		delete(r.shown, e.Tag)
	}
	r.events <- e
}

// FailNext makes the next Sends fail, one for each error.
func (r *Recorder) FailNext(errs ...error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, errs...)
}

// FailAll makes every Send fail with err, until it is called with nil.
func (r *Recorder) FailAll(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sendErr = err
}

// FailPlay makes every Play fail with err, until it is called with nil.
func (r *Recorder) FailPlay(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.playErr = err
}

// Sent returns the messages that went through, oldest first.
func (r *Recorder) Sent() []Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.sent)
}

// Shown returns the message of a tag that is on the screen now.
func (r *Recorder) Shown(tag string) (Message, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.shown[tag]
	return m, ok
}

// Withdrawn returns the tags that were taken back, oldest first.
func (r *Recorder) Withdrawn() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.withdrawn)
}

// Played returns the sounds that were asked for, oldest first.
func (r *Recorder) Played() []Sound {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.played)
}
