package chaos

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/poll"
)

// clock is the computer's: wrong by an error that steps, and standing still as
// far as timers go while the computer sleeps, as on Linux.
type clock struct {
	ahead atomic.Int64 // nanoseconds from the bubble's time to the true one, sleep included
	err   atomic.Int64 // nanoseconds by which the wall clock is wrong
}

// truth is the true time.
func (c *clock) truth() time.Time {
	return time.Now().Round(0).Add(time.Duration(c.ahead.Load())).UTC()
}

func (c *clock) wrong() time.Duration { return time.Duration(c.err.Load()) }

// Now is what the program is told.
func (c *clock) Now() time.Time {
	return stepped(time.Now(), time.Duration(c.ahead.Load()+c.err.Load()))
}

func (c *clock) NewTimer(d time.Duration) poll.Timer { return timer{time.NewTimer(d)} }

type timer struct{ *time.Timer }

func (t timer) C() <-chan time.Time { return t.Timer.C }

// stepped is t, a time of the bubble, as time.Now would return it after the
// wall clock was moved: its wall part is by later, its monotonic part is not.
// Package time has no way to make such a value, and without it the difference
// of two times would not be the one that the program sees. See TestStepped.
func stepped(t time.Time, by time.Duration) time.Time {
	type layout struct {
		wall uint64 // flag, 33 bits of seconds since 1885, 30 of nanoseconds
		ext  int64  // monotonic nanoseconds
		loc  *time.Location
	}
	wall := t.Round(0).Add(by)
	since1885 := wall.Unix() - time.Date(1885, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	x := layout{
		wall: 1<<63 | uint64(since1885)<<30 | uint64(wall.Nanosecond()),
		ext:  t.UnixNano(), loc: time.Local,
	}
	return *(*time.Time)(unsafe.Pointer(&x))
}

func TestStepped(t *testing.T) {
	const by = 26*365*24*time.Hour + 3*time.Second
	synctest.Test(t, func(t *testing.T) {
		a := time.Now()
		b, c := stepped(a, 0), stepped(a.Add(time.Second), by)
		require.True(t, a.Equal(b.Round(0)))
		require.Equal(t, by+time.Second, c.Round(0).Sub(b.Round(0)), "the wall clock moves")
		require.Equal(t, time.Second, c.Sub(b), "the monotonic one does not")
	})
}
