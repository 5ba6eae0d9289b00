package relay

import (
	"fmt"
	"time"
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
	word := "Raised"
	if o.Unanswered && o.Tries <= 1 {
		word = "Nobody has answered. Raised"
	}
	note := fmt.Sprintf("%s %s ago, at %s.", word, minutes(now.Sub(o.Time)), o.Time.In(now.Location()).Format("15:04"))
	if t.Body != "" {
		note = t.Body + " " + note
	}
	return Text{t.Title, note}
}

// overText tells that an alarm is over.
func overText(h Heard, now time.Time, free bool) Text {
	if free {
		return Text{"Glucose alarm over", "Open llutray to see more."}
	}
	title := "Over: " + h.Kind.Label()
	if h.Name != "" {
		title += ", " + h.Name
	}
	return Text{title, "You were told at " + h.First.In(now.Location()).Format("15:04") + "."}
}
