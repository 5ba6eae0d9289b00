//go:build !windows && !darwin

package notify

import (
	"context"
	"time"
)

// connect returns the connection, made anew if it was lost. After a failure
// the next attempts are refused for a while with the same error.
func (f *freedesktop) connect(ctx context.Context) (*link, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, ErrClosed
	}
	if f.link != nil && f.link.conn.Connected() {
		return f.link, nil
	}
	if time.Now().Before(f.retryAt) {
		return nil, f.failing
	}
	address := f.opts.BusAddress
	if address == "" {
		address = sessionAddress()
	}
	f.mu.Unlock() // the turn is held: nobody else connects
	l, err := dial(ctx, address, (*link).subscribe)
	f.mu.Lock()
	if err == nil && f.closed {
		l.close()
		err = ErrClosed
	}
	if err != nil {
		if ctx.Err() == nil {
			f.failing = err
			f.retryAt = time.Now().Add(min(firstRetry<<f.tries, lastRetry))
			f.tries = min(f.tries+1, 8)
		}
		return nil, err
	}
	f.failing, f.tries, f.retryAt = nil, 0, time.Time{}
	f.tell(f.board.setOwner(""))
	f.board.asOf = 0 // sequences count within one connection
	f.link = l
	f.late.Go(func() { f.listen(l) })
	return l, nil
}

// A bus that was not there a moment ago is seldom there now, but an alarm that
// is sent again seconds later must be let try.
const (
	firstRetry = 250 * time.Millisecond
	lastRetry  = 4 * time.Second
)

// listen handles the signals of one connection until it ends.
func (f *freedesktop) listen(l *link) {
	for s := range l.signals {
		f.mu.Lock()
		if f.link == l {
			events := f.board.signal(s)
			f.tidy(l)
			f.tell(events)
			f.remember(l)
		}
		f.mu.Unlock()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.link == l {
		f.link = nil
		f.tell(f.board.setOwner(""))
		if !f.closed {
			f.log.Warn("the connection to the desktop's notification service was lost")
		}
	}
}

// forget stops believing in a server or bus that failed under a call, before
// the signal that says so has been handled.
func (f *freedesktop) forget(l *link) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.link == l && !l.conn.Connected() {
		f.link = nil
	}
	f.tell(f.board.setOwner(""))
}

func (f *freedesktop) close() {
	f.end()
	f.mu.Lock()
	f.closed = true
	l := f.link
	f.link = nil // and no events
	if l != nil {
		f.leave(l)
	}
	f.mu.Unlock()
	if l != nil {
		l.close()
	}
	f.turn <- struct{}{} // a call under way ends with its context
	f.late.Wait()
	f.kept.end()
	f.other.close()
}
