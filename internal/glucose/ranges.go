package glucose

import (
	"slices"
	"time"

	"github.com/llutray/llutray/internal/lang"
)

// Range is where a value stands against the person's limits.
type Range int

// Ranges from the bottom up; unknown is the zero value.
const (
	RangeUnknown Range = iota
	UrgentLow
	Low
	InRange
	High
	UrgentHigh
)

// String returns the name used in JSON and as a class in bars.
func (r Range) String() string {
	switch r {
	case UrgentLow:
		return "urgent_low"
	case Low:
		return "low"
	case InRange:
		return "in"
	case High:
		return "high"
	case UrgentHigh:
		return "urgent_high"
	}
	return "unknown"
}

// Words says the range for people, in the middle of a sentence: "urgent low",
// "in range".
func (r Range) Words() string {
	switch r {
	case UrgentLow:
		return lang.T("urgent low")
	case Low:
		return lang.T("low")
	case InRange:
		return lang.T("in range")
	case High:
		return lang.T("high")
	case UrgentHigh:
		return lang.T("very high")
	}
	return lang.C("range", "unknown")
}

// Limits are the borders of the ranges in mg/dL. Low means strictly below,
// high strictly above.
type Limits struct {
	UrgentLow, Low, High, UrgentHigh MgDL
}

// DefaultLimits are the borders of the international consensus on time in
// range (Battelino 2019): 54, 70, 180 and 250 mg/dL.
var DefaultLimits = Limits{UrgentLow: 54, Low: 70, High: 180, UrgentHigh: 250}

// Of tells the range of a reading. A sensor's LO is an urgent low and its HI
// an urgent high whatever number comes with it.
func (l Limits) Of(r Reading) Range {
	switch {
	case r.Limit == LimitLow:
		return UrgentLow
	case r.Limit == LimitHigh:
		return UrgentHigh
	case !r.Plausible():
		return RangeUnknown
	case r.Value < l.UrgentLow:
		return UrgentLow
	case r.Value < l.Low:
		return Low
	case r.Value > l.UrgentHigh:
		return UrgentHigh
	case r.Value > l.High:
		return High
	}
	return InRange
}

// StaleAfter is the age from which on a value must not be shown as current:
// ten minutes, and on a 15-minute feed 20, since a value of 16 minutes is the
// newest there can be.
func StaleAfter(cadence time.Duration) time.Duration {
	if cadence >= 10*time.Minute {
		return 20 * time.Minute
	}
	return 10 * time.Minute
}

// Stale reports whether the reading must not be taken for the present, on a
// feed of the given cadence. An imported one never may: nobody knows whether
// its file's clock and zone were right. Nor may one from the future: our clock
// was set back since it came, and newer ones are refused until it is right.
func (r Reading) Stale(now time.Time, cadence time.Duration) bool {
	return r.Origin == Imported || r.Age(now) >= StaleAfter(cadence) || r.Time.Sub(now) > MaxAhead
}

// MaxAhead is how far a reading may be dated ahead of the computer's clock: a
// phone's clock may run a little fast.
const MaxAhead = 5 * time.Minute

func median(d []time.Duration) time.Duration {
	s := slices.Clone(d)
	slices.Sort(s)
	return s[len(s)/2]
}
