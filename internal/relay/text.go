package relay

import (
	"time"

	"github.com/llutray/llutray/internal/lang"
)

// lateAfter is the delay from which on a message says when it was raised: it
// must not be taken for the present.
const lateAfter = 2 * time.Minute

// late is the text of a message as it is sent now. Times are on the wall clock
// of now's zone.
func late(o Item, now time.Time) Text {
	t := o.Text
	if o.Over || now.Sub(o.Time) < lateAfter {
		return t
	}
	ago, at := int(now.Sub(o.Time)/time.Minute), lang.Clock(o.Time.In(now.Location()))
	note := lang.F("Raised %d min ago, at %s.", ago, at)
	if o.Unanswered && o.Tries <= 1 {
		note = lang.F("Nobody has answered. Raised %d min ago, at %s.", ago, at)
	}
	if t.Body != "" {
		note = t.Body + " " + note
	}
	return Text{t.Title, note}
}

// overText tells that an alarm is over.
func overText(h Heard, now time.Time, free bool) Text {
	if free {
		return Text{lang.T("Glucose alarm over"), lang.T("Open llutray to see more.")}
	}
	title := lang.F("Over: %s", h.Kind.Label())
	if h.Name != "" {
		title += ", " + h.Name
	}
	return Text{title, lang.F("You were told at %s.", lang.Clock(h.First.In(now.Location())))}
}
