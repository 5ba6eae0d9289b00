package stats

import (
	"fmt"
	"math"
	"strings"
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
	return strings.ToUpper(c.Words[:1]) + c.Words[1:] + "."
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
	words := fmt.Sprintf("the same as %s", beforeWords(w))
	if shown != 0 {
		more := "more"
		if shown < 0 {
			more = "less"
		}
		words = fmt.Sprintf("%.0f %s than %s", math.Abs(shown), more, beforeWords(w))
	}
	c.Words = fmt.Sprintf("time in range %s, %s", Percent(now.InRange), words)
	return c
}

// beforeWords names the window before w: "the two weeks before".
func beforeWords(w Window) string {
	switch n := w.days(); {
	case n == 1:
		return "the day before"
	case n == 7:
		return "the week before"
	case n == 14:
		return "the two weeks before"
	case n > 1:
		return fmt.Sprintf("the %d days before", n)
	}
	return "the time before"
}
