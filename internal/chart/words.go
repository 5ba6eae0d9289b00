package chart

import (
	"strings"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// ends are those of the time shown, "08:00" and "14:00", with days when it is
// longer than one.
func (t *tracing) ends() []any {
	from, to := t.from, t.to.In(t.from.Location())
	if sameDay := from.YearDay() == to.YearDay() && from.Year() == to.Year(); sameDay {
		return []any{lang.Clock(from), lang.Clock(to)}
	}
	return []any{lang.WeekdayShort(from) + " " + lang.Clock(from), lang.WeekdayShort(to) + " " + lang.Clock(to)}
}

// The most gaps and alarms that are told one by one.
const mostTold = 4

// words tells what a trace shows to those who do not see it.
func (t *tracing) words() string {
	if len(t.readings) == 0 {
		return lang.T("No readings in this time.")
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
		return lang.F("%s at %s", r.Number(t.spec.Unit), t.clock(r.Time))
	}
	share := (100*inRange + len(t.readings)/2) / len(t.readings)
	sentences := []string{lang.F("In %s: last %s, lowest %s, highest %s; %s of the readings in range.",
		t.spec.Unit, at(last), at(lowest), at(highest), lang.Percent(float64(share), 0))}
	var gaps, alarms []string
	for _, g := range t.missing {
		gaps = append(gaps, lang.F("%s to %s", t.clock(g.From), t.clock(g.To)))
	}
	for _, a := range t.spec.Alarms {
		if !a.Time.Before(t.from) && !a.Time.After(t.to) {
			alarms = append(alarms, t.clock(a.Time)+" "+a.Label)
		}
	}
	if len(gaps) > 0 {
		sentences = append(sentences, lang.F("No data from %s.", list(gaps)))
	}
	if len(alarms) > 0 {
		sentences = append(sentences, lang.F("Alarms: %s.", list(alarms)))
	}
	return strings.Join(sentences, " ")
}

func list(parts []string) string {
	if more := len(parts) - mostTold; more > 0 {
		return lang.F("%s and %d more", strings.Join(parts[:mostTold], ", "), more)
	}
	return strings.Join(parts, ", ")
}
