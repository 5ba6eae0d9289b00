package mqtt

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
)

// None stands for no alarm and no fault.
const None = "none"

// State is how one person does.
type State struct {
	Person  glucose.Person
	Reading *glucose.Reading // the newest; nil as long as there is none
	Delta   *glucose.Delta   // nil when there is none to tell
	Range   glucose.Range    // of the reading
	Stale   bool             // the reading must not be taken for the present
	Alarm   alarm.Kind       // the worst that stands; "" for none
	Fault   glucose.FaultKind
}

// payload is the state as it is published. What is not known is null, so that
// nothing old can be read.
type payload struct {
	MgDL         *int       `json:"mgdl"`
	Mmol         *float64   `json:"mmol"`
	Trend        string     `json:"trend"`
	Limit        *string    `json:"limit"` // "low" or "high" for a sensor's LO or HI
	DeltaMgDL    *int       `json:"delta_mgdl"`
	DeltaMmol    *float64   `json:"delta_mmol"`
	DeltaMinutes *int       `json:"delta_minutes"`
	Time         *time.Time `json:"time"` // of the newest reading, also when it is old
	Range        string     `json:"range"`
	Stale        bool       `json:"stale"`
	Alarm        string     `json:"alarm"`
	Fault        string     `json:"fault"`
}

// Payload is the message of the topic "state".
func (s State) Payload() []byte {
	p := payload{Trend: glucose.TrendUnknown.String(), Range: glucose.RangeUnknown.String(), Stale: s.Stale || s.Reading == nil, Alarm: None, Fault: None}
	if s.Alarm != "" {
		p.Alarm = string(s.Alarm)
	}
	if s.Fault != "" {
		p.Fault = string(s.Fault)
	}
	if r := s.Reading; r != nil {
		p.Time = ptr(r.Time.UTC())
	}
	if r := s.Reading; r != nil && !p.Stale {
		p.Trend, p.Range = r.Trend.String(), s.Range.String()
		switch r.Limit {
		case glucose.LimitLow:
			p.Limit = ptr("low")
		case glucose.LimitHigh:
			p.Limit = ptr("high")
		default:
			p.MgDL, p.Mmol = ptr(int(r.Value)), ptr(r.Value.Mmol())
		}
		if d := s.Delta; d != nil {
			p.DeltaMgDL, p.DeltaMmol, p.DeltaMinutes = ptr(int(d.Change)), ptr(d.Change.Mmol()), ptr(d.Minutes)
		}
	}
	b, err := json.Marshal(p)
	if err != nil {
		return []byte("null") // cannot be: there is nothing in it that fails
	}
	return b
}

func ptr[T any](v T) *T { return &v }

// Topics of one person, below the prefix.
type topics struct{ state, command string }

func (c Config) topics(personID string) topics {
	base := c.prefix() + "/" + safe(personID)
	return topics{base + "/state", base + "/command"}
}

func (c Config) status() string { return c.prefix() + "/status" }

// safe makes a part of a topic, and of an identifier, out of a person's ID.
func safe(id string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '-', r == '_':
			return r
		}
		return '_'
	}, id)
}
