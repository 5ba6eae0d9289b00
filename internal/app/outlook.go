package app

import (
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
)

// Outlook is how everybody does, as plain data, for what carries it elsewhere:
// a broker, a bus, a collector. Like the view it is computed by one function
// from the state, and complete each time.
type Outlook struct {
	Now    time.Time
	Unit   glucose.Unit
	Shown  string         // ID of the person in the tray
	Fault  *glucose.Fault // of the person in the tray; nil when all is well
	People []Outlooked    // who is followed, in the user's order
}

// Outlooked is one person of an Outlook.
type Outlooked struct {
	Who     glucose.Person // by the name that the user gave
	Reading *glucose.Reading
	Delta   *glucose.Delta // nil for an old reading, too
	Range   glucose.Range
	Stale   bool
	Alarm   alarm.Kind // the worst that waits for an answer; "" for none
	Fault   *glucose.Fault
	Status  Status
}

func (s *state) outlook(now time.Time) Outlook {
	out := Outlook{Now: now, Unit: s.settings.Unit, Shown: s.chosen, Fault: s.standing(s.shown(), now)}
	for _, p := range s.followed() {
		v := s.viewOf(p, now)
		one := Outlooked{
			Who: glucose.Person{ID: p.who.ID, Name: p.name()}, Reading: v.Reading, Delta: v.Delta, Stale: v.Stale, Fault: v.Fault,
		}
		one.Status = NewStatus(one.Who, p.readings, p.set.Unit, p.set.Ranges(), v.Fault, now)
		if v.Reading != nil && !v.Stale {
			one.Range = v.Limits.Of(*v.Reading)
		}
		if waiting := s.unanswered(p, now); len(waiting) > 0 {
			one.Alarm = waiting[0].Kind
		}
		out.People = append(out.People, one)
	}
	return out
}
