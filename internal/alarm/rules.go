package alarm

import (
	"fmt"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// StillRule is when it is said that a value has been high for long.
type StillRule struct {
	On    bool
	Loud  bool
	After time.Duration // 1 to 6 h above the high's limit, and again each time as long
}

// OnceRule is an alarm that is said once an episode.
type OnceRule struct {
	On   bool
	Loud bool
}

// FastRule is when a steep fall or rise is said.
type FastRule struct {
	On    bool
	Loud  bool
	Rate  float64      // mg/dL in a minute, 1 to 5
	Limit glucose.MgDL // a fall below it, 80 to 180 mg/dL; a rise above it, 120 to 300 mg/dL
}

// SensorRule is when the end of a sensor is said.
type SensorRule struct {
	On   bool
	Loud bool
	Life time.Duration // 7 to 30 days; 0 goes by the model
}

// Escalation is what happens as long as nobody answers a loud alarm. Both
// times run from the first attempt to say it, whether it arrived or not, for
// what does not arrive is not answered either. 0 is never.
type Escalation struct {
	Louder time.Duration
	Second time.Duration // through a second channel
}

// Degrees of Decision.Escalation.
const (
	EscalateNone   = 0
	EscalateLouder = 1
	EscalateSecond = 2 // louder, and through a second channel
)

// escalate marks a message that repeats what nobody has answered. It adds no
// message of its own: what is due is said, and then it is said louder.
func (s *step) escalate(ep *episode, d *Decision) {
	if !ep.Answered.IsZero() {
		return
	}
	d.Raised = ep.Raised
	rule := s.cfg.rule(ep.Kind)
	if rule == nil || !d.Loud {
		return
	}
	waited := s.now.Sub(ep.Raised) + slack // as readings come a little early
	switch e := rule.Escalate; {
	case e.Second > 0 && waited >= e.Second:
		d.Escalation = EscalateSecond
	case e.Louder > 0 && waited >= e.Louder:
		d.Escalation = EscalateLouder
	}
}

// rule is the rule of a kind that is judged by a limit, nil for the others.
func (c *Config) rule(k Kind) *LevelRule {
	switch k {
	case UrgentLow:
		return &c.UrgentLow
	case Low:
		return &c.Low
	case High:
		return &c.High
	case UrgentHigh:
		return &c.UrgentHigh
	}
	return nil
}

func (c *Config) onMore(k Kind) bool {
	switch k {
	case UrgentHigh:
		return c.UrgentHigh.On
	case StillHigh:
		return c.StillHigh.On
	case SecondRise:
		return c.SecondRise.On
	case FallingFast:
		return c.FallingFast.On
	case RisingFast:
		return c.RisingFast.On
	case SensorEnds:
		return c.SensorEnds.On
	case Once:
		return true // asked for
	}
	return false
}

func (c Config) validateMore() (errs []error) {
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	span := func(name string, v, low, high time.Duration) {
		if v < low || v > high {
			bad("%s is %s: allowed are %s to %s", name, v, logged(low), logged(high))
		}
	}
	limit := func(name string, v, low, high glucose.MgDL) {
		if v < low || v > high {
			bad("%s is %d mg/dL: allowed are %d to %d mg/dL", name, v, low, high)
		}
	}

	u := c.UrgentHigh
	limit("urgent_high.limit", u.Limit, 200, 400)
	if u.On && u.Limit <= c.High.Limit {
		bad("urgent_high.limit is %d mg/dL: it must be above high.limit, %d mg/dL", u.Limit, c.High.Limit)
	}
	span("urgent_high.hold", u.Hold, 0, 0)
	span("urgent_high.repeat", u.Repeat, 15*time.Minute, 3*time.Hour)
	span("urgent_high.unanswered", u.Unanswered, 0, 0)
	span("urgent_high.at_latest", u.AtLatest, u.Repeat, 3*time.Hour)
	span("still_high.after", c.StillHigh.After, time.Hour, 6*time.Hour)
	for _, f := range []struct {
		name      string
		rule      FastRule
		low, high glucose.MgDL
	}{{"falling_fast", c.FallingFast, 80, 180}, {"rising_fast", c.RisingFast, 120, 300}} {
		limit(f.name+".limit", f.rule.Limit, f.low, f.high)
		if !(f.rule.Rate >= 1 && f.rule.Rate <= 5) { // nor is what is no number
			bad("%s.rate is %g mg/dL in a minute: allowed are 1 to 5", f.name, f.rule.Rate)
		}
	}
	if l := c.SensorEnds.Life; l != 0 && (l < 7*day || l > 30*day) {
		bad("sensor_ends.life is %s: allowed are 7 to 30 days, or 0 to go by the model", l)
	}
	for _, e := range []struct {
		name      string
		rule      Escalation
		low, high time.Duration
	}{
		{"urgent_low", c.UrgentLow.Escalate, 5 * time.Minute, time.Hour},
		{"low", c.Low.Escalate, 15 * time.Minute, 3 * time.Hour},
		{"high", c.High.Escalate, 15 * time.Minute, 6 * time.Hour},
		{"urgent_high", c.UrgentHigh.Escalate, 15 * time.Minute, 6 * time.Hour},
	} {
		if e.rule.Louder != 0 {
			span(e.name+".louder", e.rule.Louder, e.low, e.high)
		}
		if e.rule.Second != 0 {
			span(e.name+".second_channel", e.rule.Second, max(e.low, e.rule.Louder), e.high)
		}
	}
	errs = append(errs, c.validateDuty()...)
	return append(errs, c.validateQuiet()...)
}
