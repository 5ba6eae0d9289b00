package app

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// Status is the newest reading as scripts read it: one schema for `status`
// and for each reading line of `watch`.
type Status struct {
	Schema     int            `json:"schema"`
	Event      string         `json:"event"`
	Person     StatusPerson   `json:"person"`
	Reading    *StatusReading `json:"reading"`
	Delta      *StatusDelta   `json:"delta"`
	AgeSeconds *int64         `json:"age_seconds"`
	Range      string         `json:"range"`
	Stale      bool           `json:"stale"`
	Fault      *StatusFault   `json:"fault"`
	Text       string         `json:"text"`
	// Accounts are those of several that give no values, and for whom.
	Accounts []AccountTrouble `json:"accounts,omitempty"`
}

// StatusPerson names who is followed.
type StatusPerson struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// StatusReading is a reading in both units. Limit is "low" or "high" when the
// sensor ran out of scale.
type StatusReading struct {
	Time  time.Time `json:"time"`
	MgDL  int       `json:"mgdl"`
	Mmol  float64   `json:"mmol"`
	Trend string    `json:"trend"`
	Limit *string   `json:"limit"`
}

// StatusDelta is the change to the live reading some minutes before.
type StatusDelta struct {
	MgDL    int `json:"mgdl"`
	Minutes int `json:"minutes"`
}

// StatusFault is why there is no fresh number.
type StatusFault struct {
	Kind    glucose.FaultKind `json:"kind"`
	Since   time.Time         `json:"since"`
	Message string            `json:"message"`
	Hint    string            `json:"hint"`
	Account string            `json:"account,omitempty"` // which of several accounts it is of
}

// NewStatus computes the status of one person at now. readings are oldest
// first; only live ones count for the value and the delta, unless there are
// no others.
func NewStatus(who glucose.Person, readings []glucose.Reading, u glucose.Unit, l glucose.Limits, f *glucose.Fault, now time.Time) Status {
	s := Status{
		Schema: 1, Event: "reading", Person: StatusPerson{who.ID, who.Name},
		Range: glucose.RangeUnknown.String(), Stale: true, Fault: statusFault(f), Text: "—",
	}
	p := person{readings: readings}
	r, ok := p.newest()
	if !ok {
		return s
	}
	age := int64(r.Age(now) / time.Second)
	s.AgeSeconds = &age
	s.Reading = statusReading(r)
	s.Range = l.Of(r).String()
	s.Stale = r.Stale(now, p.cadence())
	if d, ok := glucose.DeltaOf(readings); ok {
		s.Delta = &StatusDelta{int(d.Change), d.Minutes}
	}
	s.Text = r.Text(u)
	if s.Stale {
		// An arrow beside an old number would be believed.
		s.Text = lang.F("%s (%s old)", r.Number(u), lang.Span(r.Age(now)))
	}
	return s
}

func statusReading(r glucose.Reading) *StatusReading {
	out := &StatusReading{Time: r.Time.UTC(), MgDL: int(r.Value), Mmol: r.Value.Mmol(), Trend: r.Trend.String()}
	switch r.Limit {
	case glucose.LimitLow:
		out.Limit = ptr("low")
	case glucose.LimitHigh:
		out.Limit = ptr("high")
	}
	return out
}

func statusFault(f *glucose.Fault) *StatusFault {
	if f == nil {
		return nil
	}
	return &StatusFault{f.Kind, f.Since.UTC(), f.Message, f.Hint, f.Account}
}

func ptr[T any](v T) *T { return &v }

// PeopleText tells how many people share with the account; "" for nobody.
func PeopleText(n int) string {
	if n == 0 {
		return ""
	}
	return lang.N(n, "%d shared with you", "%d shared with you")
}

// SensorText tells which sensor is worn, since when; "" when none is known.
func SensorText(s *glucose.Sensor, zone *time.Location) string {
	if s == nil {
		return ""
	}
	text := strings.TrimSpace(lang.F("%s sensor", s.Model))
	if s.Activated.IsZero() {
		return text
	}
	at := s.Activated.In(zone)
	return lang.F("%s, started %s", text, lang.DayMonth(at)+" "+lang.Clock(at))
}

// AlarmEvent is the line that `watch` prints for an alarm.
type AlarmEvent struct {
	Event   string        `json:"event"` // "alarm"
	Kind    string        `json:"kind"`
	Level   string        `json:"level"`
	Reason  string        `json:"reason"`
	Time    time.Time     `json:"time"`
	Message string        `json:"message"`
	Person  *StatusPerson `json:"person,omitempty"` // none when it concerns everybody
}

// FaultEvent is the line that `watch` prints when following stops working or
// works again; Fault is null then.
type FaultEvent struct {
	Event  string        `json:"event"` // "fault"
	Time   time.Time     `json:"time"`
	Fault  *StatusFault  `json:"fault"`
	Person *StatusPerson `json:"person,omitempty"` // of several people, the one it concerns; none for all

	Account string         `json:"account,omitempty"` // of several accounts, the one it is of
	People  []StatusPerson `json:"people,omitempty"`  // who is followed through that
}

// storedFault is the last fault as it is kept for `status`, which asks no
// network.
func storedFault(f *glucose.Fault) string {
	b, err := json.Marshal(statusFault(f))
	if err != nil {
		return "null"
	}
	return string(b)
}

// ParseStoredFault reads what the running program left for `status`; nil when
// following worked.
func ParseStoredFault(s string) *glucose.Fault {
	var f *StatusFault
	if json.Unmarshal([]byte(s), &f) != nil || f == nil {
		return nil
	}
	return &glucose.Fault{Kind: f.Kind, Since: f.Since, Message: f.Message, Hint: f.Hint, Account: f.Account}
}

func storedTroubles(t []AccountTrouble) string {
	if len(t) == 0 {
		return "[]"
	}
	b, err := json.Marshal(t)
	if err != nil {
		return "[]"
	}
	return string(b)
}

// ParseStoredTroubles reads what the running program left of accounts that give
// no values.
func ParseStoredTroubles(s string) (out []AccountTrouble) {
	if json.Unmarshal([]byte(s), &out) != nil {
		return nil
	}
	return out
}

// StoredFaultOf is the fault of one person by what was left for them, known
// tells whether anything was, and for the person shown. What concerns all of
// them counts for each; that of one of several accounts does not.
func StoredFaultOf(own string, known bool, shown string) *glucose.Fault {
	if f := ParseStoredFault(shown); !known || f != nil && f.Account == "" && !ofOnePerson(f.Kind) {
		return f
	}
	return ParseStoredFault(own)
}

// ofOnePerson reports whether a fault is of a person's phone, sensor or share
// and not of the connection.
func ofOnePerson(k glucose.FaultKind) bool {
	switch k {
	case glucose.UploadDelayed, glucose.NoSensor, glucose.WarmingUp, glucose.SensorEnded, glucose.ClockFault, glucose.ShareRevoked:
		return true
	}
	return false
}
