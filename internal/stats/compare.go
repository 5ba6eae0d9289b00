package stats

import (
	"math"
	"unicode"
	"unicode/utf8"

	"github.com/llutray/llutray/internal/lang"
)

// Change tells how a period differs from the one before.
type Change struct {
	Known   bool    // false when one side has too little data: say nothing then
	InRange float64 // percentage points more than before
	Below   float64
	Above   float64
	Mean    float64 // mg/dL more than before
	CV      float64 // percentage points
	Words   string  // "time in range 71 %, 4 more than the two weeks before"
}

// Sentence is the change in a sentence of its own; "" when it is not known.
func (c Change) Sentence() string {
	if !c.Known {
		return ""
	}
	first, size := utf8.DecodeRuneInString(c.Words)
	return string(unicode.ToUpper(first)) + c.Words[size:] + "."
}

// leastCompared is the least share of readings, in percent, that both sides
// need: as much as a report.
const leastCompared = reportActive

// Compare tells how now differs from before, the summaries of w and of
// w.Before(). It knows nothing when one of them has less than 70 % of the
// readings of its window.
func Compare(now, before Summary, w Window) Change {
	if now.Wear(w) < leastCompared || before.Wear(w.Before()) < leastCompared {
		return Change{}
	}
	c := Change{
		Known:   true,
		InRange: now.InRange - before.InRange, Below: now.Below - before.Below, Above: now.Above - before.Above,
		Mean: now.Mean - before.Mean, CV: now.CV - before.CV,
	}
	// The difference of the numbers that are shown, so that a reader's own
	// subtraction comes out the same.
	shown := math.Round(now.InRange) - math.Round(before.InRange)
	share, points := Percent(now.InRange), lang.Float(math.Abs(shown), 0)
	switch {
	case shown > 0:
		c.Words = lang.F("time in range %s, %s more than %s", share, points, beforeWords(w))
	case shown < 0:
		c.Words = lang.F("time in range %s, %s less than %s", share, points, beforeWords(w))
	default:
		c.Words = lang.F("time in range %s, the same as %s", share, beforeWords(w))
	}
	return c
}

// beforeWords names the window before w, to follow "than" or "as": "the two
// weeks before".
func beforeWords(w Window) string {
	switch n := w.days(); {
	case n == 1:
		return lang.T("the day before")
	case n == 7:
		return lang.T("the week before")
	case n == 14:
		return lang.T("the two weeks before")
	case n > 1:
		return lang.N(n, "the %d day before", "the %d days before")
	}
	return lang.T("the time before")
}
