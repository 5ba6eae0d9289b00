//go:build !windows && !darwin

package notify

import (
	"context"
	"slices"
	"sync"
	"time"
)

// remains are the messages that were on the screen when a connection to the bus
// ended: that of a program that was killed, as a rule. Nobody hears their
// buttons any more, and their values grow old.
type remains struct {
	Bus   string   `json:"bus"`   // the bus's ID, "" if it has told none
	Owner string   `json:"owner"` // unique name of the service there; neither is ever given again
	Left  []uint32 `json:"left"`  // IDs
}

func (r remains) equal(o remains) bool {
	return r.Bus == o.Bus && r.Owner == o.Owner && slices.Equal(r.Left, o.Left)
}

// maxLeft is how many of them are believed to be there.
const maxLeft = 64

// onScreen are the IDs of the messages on the screen that can be answered. Others
// are told once, and stay until they are read.
func (b *board) onScreen() (ids []uint32) {
	for _, cur := range b.tags {
		if cur.id != 0 && !cur.closed && len(cur.keys) > 0 {
			ids = append(ids, cur.id)
		}
	}
	slices.Sort(ids)
	return ids
}

// inherit takes down what the run before has left. Where that cannot be done now
// it is done before the next message.
func (f *freedesktop) inherit() {
	var notice string
	if f.was, notice = f.kept.read(); notice != "" {
		f.log.Warn(notice)
	}
	if len(f.was.Left) == 0 {
		return
	}
	was := f.was
	f.late.Go(func() {
		ctx, enough := context.WithTimeout(f.life, sendTimeout)
		defer enough()
		if f.take(ctx) != nil {
			return
		}
		defer f.release()
		if err := f.takeDown(ctx, was); err != nil {
			f.log.Debug("messages of an earlier run may be on the screen", "err", err)
		}
	})
}

// takeDown meets the service if it is the one of before. Another has nothing of
// ours, and must not be started for that.
func (f *freedesktop) takeDown(ctx context.Context, was remains) error {
	l, err := f.connect(ctx)
	if err != nil {
		return err
	}
	owner, err := l.owner(ctx, serverName)
	if err != nil || was.Bus != l.bus || was.Owner != owner {
		return err
	}
	return f.twice(ctx, func(l *link) error {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.sweep(l)
		return nil
	})
}

// sweep takes down what an earlier connection has left on the screen of the
// service that is there now.
func (f *freedesktop) sweep(l *link) {
	if f.swept == f.board.era {
		return
	}
	f.swept = f.board.era
	if f.was.Bus != "" && f.was.Bus == l.bus && f.was.Owner == f.board.owner {
		for _, id := range f.was.Left {
			if f.board.ids[id] == nil {
				l.post(f.board.owner, serverPath, serverName+".CloseNotification", id)
			}
		}
	}
	f.remember(l)
}

// remember keeps what is on the screen, for the next connection.
func (f *freedesktop) remember(l *link) {
	now := remains{l.bus, f.board.owner, f.board.onScreen()}
	if now.Owner == "" || f.closed || f.swept != f.board.era || now.equal(f.was) {
		return
	}
	f.was = now
	f.kept.write(now)
}

// leave takes down what is on the screen at the end of a run that keeps what it
// showed: the next one shows it again if it still waits for an answer.
func (f *freedesktop) leave(l *link) {
	if f.kept.to == nil {
		return
	}
	for _, id := range f.board.onScreen() {
		l.post(f.board.owner, serverPath, serverName+".CloseNotification", id)
	}
}

// keeper has what is on the screen written behind the back of those who must not
// wait for a disk.
type keeper struct {
	to Keeper // nil for nobody

	mu    sync.Mutex
	next  *remains
	busy  bool
	wrote sync.WaitGroup
}

// read returns what was written last, nothing if that cannot be read, and what is
// to be said of it.
func (k *keeper) read() (r remains, notice string) {
	if k.to == nil {
		return remains{}, ""
	}
	notice, err := k.to.Load(&r)
	if err != nil {
		return remains{}, notice
	}
	r.Left = r.Left[:min(len(r.Left), maxLeft)]
	return r, notice
}

func (k *keeper) write(r remains) {
	if k.to == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.next = &r
	if k.busy {
		return
	}
	k.busy = true
	k.wrote.Go(func() {
		for {
			k.mu.Lock()
			next := k.next
			k.next, k.busy = nil, next != nil
			k.mu.Unlock()
			if next == nil {
				return
			}
			_ = k.to.Save(*next) // after an error IDs may stay there that mean nothing any more
		}
	})
}

// end waits for what is being written, but for no disk that hangs.
func (k *keeper) end() {
	done := make(chan struct{})
	go func() { k.wrote.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(time.Second):
	}
}
