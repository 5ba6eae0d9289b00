package poll

import (
	"slices"
	"time"
)

// cadence learns the feed's step from the times of the readings seen.
//
// Any feed can be followed by asking each minute; a longer step only saves
// requests, so it is believed when three steps in a row agree, and given up
// for a minute as soon as one does not. A phone that uploads in bursts is
// irregular and stays at one minute.
type cadence struct {
	Step   time.Duration
	Recent []time.Duration // the newest steps, oldest first, at most remembered of them
}

const (
	agreeing = 3
	// remembered is for how many steps a shorter one keeps a step of more than
	// frequent from being believed: a faster feed of which much is missed can
	// look like it, and its values would be asked for too late.
	remembered = 12
	frequent   = 6 * time.Minute
	// longStep is the least step taken for one: a one-minute feed of which
	// every other reading is missing must not halve the requests.
	longStep = 3 * time.Minute
	// maxStep: nothing slower than 15 minutes is known; what looks so is a
	// phone that uploads now and then.
	maxStep = 20 * time.Minute
)

func (c *cadence) add(d time.Duration) {
	if c.Step >= longStep && d > c.Step*3/2 {
		// Skipped readings leave a multiple of the step.
		if n := (d + c.Step/2) / c.Step; (d - n*c.Step).Abs() <= c.Step/10 {
			d /= n
		}
	}
	if len(c.Recent) == remembered {
		c.Recent = slices.Delete(c.Recent, 0, 1)
	}
	c.Recent = append(c.Recent, d)

	sorted := slices.Sorted(slices.Values(c.Recent[max(0, len(c.Recent)-agreeing):]))
	m := sorted[len(sorted)/2]
	if m > frequent && slices.Min(c.Recent) < m-m/10 {
		c.Step = time.Minute
		return
	}
	c.Step = time.Minute
	if len(sorted) == agreeing && m >= longStep && m <= maxStep &&
		m-sorted[0] <= m/10 && sorted[agreeing-1]-m <= m/10 {
		c.Step = m.Round(time.Second)
		// The second of a known feed wanders a little; its step does not.
		for _, known := range []time.Duration{5 * time.Minute, 15 * time.Minute} {
			if (m - known).Abs() <= 5*time.Second {
				c.Step = known
			}
		}
	}
}
