package chart

import (
	"fmt"
	"strings"

	"github.com/llutray/llutray/internal/glucose"
)

// span is the time shown: "08:00 to 14:00", with days when it is longer than
// one.
func (t *tracing) span() string {
	from, to := t.from, t.to.In(t.from.Location())
	if sameDay := from.YearDay() == to.YearDay() && from.Year() == to.Year(); sameDay {
		return from.Format("15:04") + " to " + to.Format("15:04")
	}
	return from.Format("Mon 2 Jan 15:04") + " to " + to.Format("Mon 2 Jan 15:04")
}

// The most gaps and alarms that are told one by one.
const mostTold = 4

// words tells what a trace shows to those who do not see it.
func (t *tracing) words() string {
	if len(t.readings) == 0 {
		return "No readings in this time."
	}
	lowest, highest, last := t.readings[0], t.readings[0], t.readings[len(t.readings)-1]
	inRange := 0
	for _, r := range t.readings {
		if t.level(r) > t.level(lowest) {
			lowest = r
		}
		if t.level(r) < t.level(highest) {
			highest = r
		}
		if t.spec.Limits.Of(r) == glucose.InRange {
			inRange++
		}
	}
	at := func(r glucose.Reading) string {
		return r.Number(t.spec.Unit) + " at " + t.clock(r.Time)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "In %s: last %s, lowest %s, highest %s; %d %% of the readings in range.",
		t.spec.Unit, at(last), at(lowest), at(highest), (100*inRange+len(t.readings)/2)/len(t.readings))
	var gaps, alarms []string
	for _, g := range t.missing {
		gaps = append(gaps, t.clock(g.From)+" to "+t.clock(g.To))
	}
	for _, a := range t.spec.Alarms {
		if !a.Time.Before(t.from) && !a.Time.After(t.to) {
			alarms = append(alarms, t.clock(a.Time)+" "+a.Label)
		}
	}
	if len(gaps) > 0 {
		fmt.Fprintf(&b, " No data from %s.", list(gaps))
	}
	if len(alarms) > 0 {
		fmt.Fprintf(&b, " Alarms: %s.", list(alarms))
	}
	return b.String()
}

func list(parts []string) string {
	if more := len(parts) - mostTold; more > 0 {
		return strings.Join(parts[:mostTold], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(parts, ", ")
}
