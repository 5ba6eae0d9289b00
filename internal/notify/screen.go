package notify

import (
	"context"
	"log/slog"
	"sync"
)

// ScreenOptions says how a Screen is watched.
type ScreenOptions struct {
	// Changed is told each new answer of Locked, one call at a time and in
	// order. It may call Locked but not Close.
	Changed func(locked, known bool)
	// The buses to ask, instead of the system's and the session's.
	SystemBus, SessionBus string
	Log                   *slog.Logger
}

// Screen watches whether the screen is locked.
type Screen struct {
	opts ScreenOptions
	end  context.CancelFunc
	wg   sync.WaitGroup

	telling sync.Mutex // held through a change, its telling included
	mu      sync.Mutex
	heard   map[string]bool // what each witness says; one that says nothing is not in it
}

// WatchScreen begins to watch, until ctx ends or Close. Locked knows nothing
// until the desktop has answered, and for ever where nobody can tell.
func WatchScreen(ctx context.Context, opts ScreenOptions) *Screen {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	s := &Screen{opts: opts, heard: map[string]bool{}}
	ctx, s.end = context.WithCancel(ctx)
	s.watch(ctx)
	return s
}

// Locked reports whether the screen is locked or its saver is on. A desktop
// that never says so looks unlocked when its login service is known: false is
// weaker than true.
func (s *Screen) Locked() (locked, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, says := range s.heard {
		locked = locked || says
	}
	return locked, len(s.heard) > 0
}

// Close ends the watching. Nothing is told any more when it returns.
func (s *Screen) Close() {
	s.end()
	s.wg.Wait()
}

// hear takes in what a witness says.
func (s *Screen) hear(witness string, locked bool) {
	s.change(func() { s.heard[witness] = locked })
}

// lose forgets witnesses that went away: their last word may be hours old.
func (s *Screen) lose(witnesses ...string) {
	s.change(func() {
		for _, w := range witnesses {
			delete(s.heard, w)
		}
	})
}

func (s *Screen) change(do func()) {
	s.telling.Lock()
	defer s.telling.Unlock()
	wasLocked, wasKnown := s.Locked()
	s.mu.Lock()
	do()
	s.mu.Unlock()
	locked, known := s.Locked()
	if s.opts.Changed != nil && (locked != wasLocked || known != wasKnown) {
		s.opts.Changed(locked, known)
	}
}
