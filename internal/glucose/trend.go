package glucose

import "github.com/llutray/llutray/internal/lang"

// Trend is the direction the sensor reports. Unknown is never shown as flat.
type Trend int

// Trends in the order of the slope, unknown first so that it is the zero value.
const (
	TrendUnknown Trend = iota
	FallingFast
	Falling
	Flat
	Rising
	RisingFast
)

var trendNames = [...]string{"unknown", "falling_fast", "falling", "flat", "rising", "rising_fast"}

// String returns the name used in JSON and scripts.
func (t Trend) String() string {
	if t < 0 || int(t) >= len(trendNames) {
		return trendNames[TrendUnknown]
	}
	return trendNames[t]
}

// ParseTrend is the inverse of String; anything else is TrendUnknown.
func ParseTrend(s string) Trend {
	for i, n := range trendNames {
		if n == s {
			return Trend(i)
		}
	}
	return TrendUnknown
}

// Arrow returns the arrow for text, or "" when the trend is unknown.
func (t Trend) Arrow() string {
	if t <= TrendUnknown || t > RisingFast {
		return ""
	}
	return [...]string{"↓", "↘", "→", "↗", "↑"}[t-1]
}

// Words says the trend for people who hear the screen, in the middle of a
// sentence: "falling fast".
func (t Trend) Words() string {
	switch t {
	case FallingFast:
		return lang.T("falling fast")
	case Falling:
		return lang.T("falling")
	case Flat:
		return lang.T("steady")
	case Rising:
		return lang.T("rising")
	case RisingFast:
		return lang.T("rising fast")
	}
	return lang.T("trend unknown")
}
