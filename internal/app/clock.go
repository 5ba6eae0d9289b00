package app

import (
	"time"

	"github.com/llutray/llutray/internal/poll"
)

// Clock is where the program takes its time from: the system's, or a faster
// one for the demo. Durations given to timers are in the clock's own time.
type Clock = poll.Clock

// SystemClock is the computer's clock.
type SystemClock struct{}

// Now returns the present time.
func (SystemClock) Now() time.Time { return time.Now() }

// NewTimer returns a timer of the time package.
func (SystemClock) NewTimer(d time.Duration) poll.Timer { return systemTimer{time.NewTimer(d)} }

type systemTimer struct{ *time.Timer }

func (t systemTimer) C() <-chan time.Time { return t.Timer.C }

// FastClock runs Speed times as fast as the system's clock from the moment it
// was made, so that a demo shows an evening in minutes.
type FastClock struct {
	start time.Time
	speed float64
}

// NewFastClock starts a clock at the present time.
func NewFastClock(speed float64) *FastClock { return FastClockSince(time.Now(), speed) }

// FastClockSince is one that began at an instant: two processes then agree.
func FastClockSince(start time.Time, speed float64) *FastClock { return &FastClock{start, speed} }

// Now returns the clock's own time.
func (c *FastClock) Now() time.Time {
	return c.start.Add(time.Duration(float64(time.Since(c.start)) * c.speed))
}

// NewTimer returns a timer that fires after d of the clock's own time.
func (c *FastClock) NewTimer(d time.Duration) poll.Timer {
	return systemTimer{time.NewTimer(time.Duration(float64(d) / c.speed))}
}
