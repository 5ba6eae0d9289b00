package stats

import (
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// longestLine is how far apart two readings may be for the values between
// them to be known; a longer gap splits an episode, too (Danne 2017 leaves it
// open; 45 minutes is what the reference for our figures takes).
const longestLine = 45 * time.Minute

// curve is the course of glucose as a function of time: straight between two
// readings, and unknown in a gap. It is read from left to right.
type curve struct {
	readings []glucose.Reading // plausible, oldest first
	next     int               // the first reading after the last time asked for
}

// at is the value in mg/dL at t, which must not be before the last one asked
// for; ok is false where it is not known.
func (c *curve) at(t time.Time) (v float64, ok bool) {
	for c.next < len(c.readings) && !c.readings[c.next].Time.After(t) {
		c.next++
	}
	if c.next == 0 {
		return 0, false
	}
	left := c.readings[c.next-1]
	passed := t.Sub(left.Time)
	if passed == 0 {
		return float64(number(left)), true
	}
	if c.next == len(c.readings) {
		return 0, false
	}
	right := c.readings[c.next]
	length := right.Time.Sub(left.Time)
	if length > longestLine {
		return 0, false
	}
	from, to := float64(number(left)), float64(number(right))
	return from + (to-from)*float64(passed)/float64(length), true
}

// grid calls f with the value at every step of the clock from the first
// reading to the last. Steps are counted from the first midnight in UTC.
func (c *curve) grid(step time.Duration, f func(t time.Time, v float64, ok bool)) {
	if len(c.readings) == 0 {
		return
	}
	first, last := c.readings[0].Time, c.readings[len(c.readings)-1].Time
	midnight := first.Truncate(24 * time.Hour)
	t := midnight.Add((first.Sub(midnight) + step - 1) / step * step)
	for ; !t.After(last); t = t.Add(step) {
		v, ok := c.at(t)
		f(t, v, ok)
	}
}
