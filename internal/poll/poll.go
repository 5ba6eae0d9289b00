// Package poll decides when to ask the service for readings, and asks.
//
// A new reading exists once in the feed's step and reaches the service some
// seconds later. Asking at a fixed interval shows it half an interval late on
// average; asking when it is due shows it within seconds for the same number
// of requests. Schedule learns the sensor's second and how long publication
// takes and plans the next request; it is pure. Poller runs it in one
// goroutine. Watcher notices what makes a plan obsolete: sleep, a stepped
// clock, a network that came back, a moved time zone.
package poll

import (
	"context"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// Source is where readings come from. Errors are faults (glucose.AsFault).
// Both methods must return soon after their context ends.
type Source interface {
	// Current is one light request: the newest reading of everyone.
	Current(ctx context.Context) ([]glucose.Snapshot, error)
	// Graph is the same for one person, with the service's own history.
	Graph(ctx context.Context, personID string) (glucose.Snapshot, error)
}

// Clock is where a loop takes its time from. The demo's runs faster; timers
// take durations of the clock's own time.
type Clock interface {
	Now() time.Time
	NewTimer(d time.Duration) Timer
}

// Timer is what Clock makes; it fires once.
type Timer interface {
	C() <-chan time.Time
	Stop() bool
}

// Update is the outcome of one request.
type Update struct {
	Sent, At  time.Time // asked and answered, by our clock
	Graph     bool      // the answer carries history
	Asked     bool      // not planned, but asked for
	Snapshots []glucose.Snapshot
	Fault     *glucose.Fault // nil when the request succeeded
	Next      time.Time      // the next planned request; zero when none is before the user acts
}
