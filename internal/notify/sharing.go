package notify

import (
	"context"
	"sync"
	"time"
)

const (
	// sharingTimeout bounds the question: a message waits for the answer.
	sharingTimeout = 300 * time.Millisecond
	// sharingKept is how long an answer counts: messages come in twos and
	// threes.
	sharingKept = 3 * time.Second
)

// Sharing tells whether the screen is shown to others: in a call, or recorded.
// The zero value is ready. It is safe for concurrent use.
type Sharing struct {
	mu            sync.Mutex
	at            time.Time
	shared, known bool
}

// Ask asks the desktop, and waits for 300 ms at most. Where it cannot tell, as
// on X11, known is false.
func (s *Sharing) Ask(ctx context.Context) (shared, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); s.at.IsZero() || now.Sub(s.at) >= sharingKept {
		bound, cancel := context.WithTimeout(ctx, sharingTimeout)
		defer cancel()
		s.shared, s.known = sharedNow(bound)
		s.at = time.Now()
	}
	return s.shared, s.known
}
