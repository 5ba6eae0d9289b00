package alarm

import (
	"fmt"
	"slices"
	"time"
)

// LongestOff is how long somebody may be off duty at most: it always ends.
const LongestOff = 24 * time.Hour

// OffDutyRule is what is heard on the computer of somebody who is off duty
// because another carer is on: two alarms, for when that one may be asleep or
// without a network, too. Everything else is silent meanwhile.
type OffDutyRule struct {
	// UrgentLow is how long an urgent low must have stood: 5 to 30 min. It is
	// no longer than an urgent low may be snoozed for.
	UrgentLow time.Duration
	// NoData is the age of the newest reading at which no data is said: 30 min
	// to 2 h.
	NoData time.Duration
}

// Duty hands over: until then another carer is on. A time that is not ahead
// takes the duty back. It is cut to LongestOff.
type Duty struct{ Until time.Time }

// offDuty is that somebody else is on.
type offDuty struct {
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
}

// OffUntil is until when another carer is on; zero when nobody else is.
func (e *Engine) OffUntil(now time.Time) time.Time {
	if !e.m.Off.Until.After(now) {
		return time.Time{}
	}
	return e.m.Off.Until
}

// changeDuty applies a hand-over and its end. It reports whether something
// about a value is freed by that, or has stood for long enough.
func (s *step) changeDuty() (freed bool) {
	if d := s.in.Duty; d != nil {
		if !s.off() {
			s.m.Off.Since = s.now.UTC()
		}
		s.m.Off.Until = earlier(d.Until.UTC(), s.now.UTC().Add(LongestOff))
	}
	if !s.off() {
		s.m.Off = offDuty{}
	}
	return slices.ContainsFunc(s.m.Episodes, func(ep *episode) bool {
		return ep.Silent == OffDuty && ep.Kind.byValue() && !s.offDuty(ep.Kind)
	})
}

func (s *step) off() bool { return s.m.Off.Until.After(s.now) }

// offDuty reports whether the kind is silent because another carer is on.
func (s *step) offDuty(k Kind) bool {
	if !s.off() {
		return false
	}
	switch ep := s.find(k); k {
	case UrgentLow:
		return ep == nil || s.now.Sub(ep.stood()) < s.cfg.OffDuty.UrgentLow
	case NoData:
		return s.now.Sub(s.m.dataSince()) < s.cfg.OffDuty.NoData
	case Once:
		return ep == nil || ep.Passing.before(s.m.Off)
	}
	return true
}

// stood is since when it has been so, whatever is missing in between: a gap
// arms an alarm again, and must not hold it back again.
func (ep *episode) stood() time.Time {
	if ep.Stood.IsZero() || ep.Since.Before(ep.Stood) {
		return ep.Since
	}
	return ep.Stood
}

// wakeForDuty names the instants at which a hand-over changes something.
func (s *step) wakeForDuty(soonest func(time.Time)) {
	if !s.off() {
		return
	}
	soonest(s.m.Off.Until)
	soonest(s.m.dataSince().Add(s.cfg.OffDuty.NoData))
	if ep := s.find(UrgentLow); ep != nil {
		soonest(ep.stood().Add(s.cfg.OffDuty.UrgentLow))
	}
}

func (c Config) validateDuty() (errs []error) {
	for _, d := range []struct {
		name         string
		v, low, high time.Duration
	}{
		{"urgent_low", c.OffDuty.UrgentLow, 5 * time.Minute, 30 * time.Minute},
		{"no_data", c.OffDuty.NoData, 30 * time.Minute, 2 * time.Hour},
	} {
		if d.v < d.low || d.v > d.high {
			errs = append(errs, fmt.Errorf("off_duty.%s is %s: allowed are %s to %s", d.name, d.v, logged(d.low), logged(d.high)))
		}
	}
	return errs
}
