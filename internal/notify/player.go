package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/llutray/llutray/internal/lang"
)

// ErrNoPlayer says that nothing on this computer can play a sound.
var ErrNoPlayer error = noPlayer

// PlayerOptions says what a Player works with.
type PlayerOptions struct {
	Dir string // a private folder for the sound files; "" makes a temporary one
	Log *slog.Logger
}

// instrument is one way of making a sound heard.
type instrument interface {
	name() string
	present() bool
	play(ctx context.Context, s Sound) error
}

// Player plays the program's sounds with what the desktop has. Its methods may
// be called from several goroutines.
type Player struct {
	log         *slog.Logger
	instruments []instrument
	cleanup     func()

	mu      sync.Mutex
	current *playing
	last    string // the instrument that was heard last
	closed  bool
}

type playing struct {
	sound  Sound
	cancel context.CancelFunc
	done   chan struct{}
	err    error // valid once done
	cut    bool  // short, by a more urgent one
}

// grace is what a player may take beyond the sound's own length: one that
// starts its sound server first needs a while.
const grace = 4 * time.Second

// NewPlayer returns a Player. It touches nothing until it is used.
func NewPlayer(opts PlayerOptions) *Player {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	list, cleanup := newInstruments(opts)
	return &Player{log: opts.Log, instruments: list, cleanup: cleanup}
}

// Available names what sounds would be played with, false if there is nothing.
func (p *Player) Available() (string, bool) {
	for _, in := range p.ordered() {
		if in.present() {
			return in.name(), true
		}
	}
	return "", false
}

// Play plays a sound to its end and returns nil when a player says it did. A
// sound that is as urgent or more and playing already is not doubled: Play
// waits for that one instead. A milder one is cut short.
func (p *Player) Play(ctx context.Context, s Sound) error {
	if s == SoundNone || s == "" {
		return nil
	}
	if s.rank() == 0 {
		return lang.E("there is no sound %q: choose none, soft, low or urgent", line(string(s), maxLabel))
	}
	for {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		p.mu.Lock()
		if p.closed {
			p.mu.Unlock()
			return ErrClosed
		}
		now := p.current
		if now == nil {
			mine, cancel := context.WithCancel(ctx)
			now = &playing{sound: s, cancel: cancel, done: make(chan struct{})}
			p.current = now
			p.mu.Unlock()
			return p.lead(mine, now)
		}
		if s.rank() > now.sound.rank() {
			now.cut = true
			now.cancel()
			p.mu.Unlock()
			<-now.done
			continue
		}
		p.mu.Unlock()
		select {
		case <-now.done:
			if now.err == nil || !errors.Is(now.err, context.Canceled) && !errors.Is(now.err, context.DeadlineExceeded) {
				return now.err
			}
			// Whoever played it gave up; this caller has not.
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (p *Player) lead(ctx context.Context, mine *playing) error {
	defer mine.cancel()
	err := p.perform(ctx, mine.sound)
	p.mu.Lock()
	if mine.cut {
		err = nil // something more urgent is heard in its place
	} else if p.closed && err != nil {
		err = ErrClosed
	}
	mine.err = err
	p.current = nil
	p.mu.Unlock()
	close(mine.done)
	return err
}

// perform tries one instrument after the other, for a player that is installed
// may still have no sound server to play to.
func (p *Player) perform(ctx context.Context, s Sound) error {
	var errs []error
	for _, in := range p.ordered() {
		if !in.present() {
			continue
		}
		bound, cancel := context.WithTimeout(ctx, s.length()+grace)
		err := in.play(bound, s)
		cancel()
		if err == nil {
			p.mu.Lock()
			p.last = in.name()
			p.mu.Unlock()
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		p.log.Debug("a player failed", "player", in.name(), "err", err)
		errs = append(errs, fmt.Errorf("%s: %w", in.name(), err))
	}
	if len(errs) == 0 {
		return ErrNoPlayer
	}
	// Never a context's own error, which callers that joined would take for
	// somebody's having given up.
	return lang.E("the sound could not be played: check the sound output: %s", errors.Join(errs...).Error())
}

// ordered puts the instrument that was heard last first.
func (p *Player) ordered() []instrument {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := make([]instrument, 0, len(p.instruments))
	for _, in := range p.instruments {
		if in.name() == p.last {
			list = append(list, in)
		}
	}
	for _, in := range p.instruments {
		if in.name() != p.last {
			list = append(list, in)
		}
	}
	return list
}

// Close ends a sound that is playing and removes what was put aside for it.
func (p *Player) Close() {
	p.mu.Lock()
	p.closed = true
	now := p.current
	if now != nil {
		now.cancel()
	}
	p.mu.Unlock()
	if now != nil {
		<-now.done
	}
	p.cleanup()
}
