package page

import (
	"encoding/json"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// State is what the page shows of the present. Its times are in UTC; texts
// are for people, in the unit and the words of the rest of the program.
type State struct {
	Schema      int         `json:"schema"` // 1
	Now         time.Time   `json:"now"`
	Zone        string      `json:"tz"`    // IANA name, or "+02:00"
	Speed       float64     `json:"speed"` // of the program's clock: 1, more only in the demo
	Version     string      `json:"version"`
	Lang        string      `json:"lang"` // the locale of all texts; set by the server
	Demo        bool        `json:"demo"`
	Unit        string      `json:"unit"`
	Limits      Limits      `json:"limits"`
	AlarmLimits AlarmLimits `json:"alarm_limits"`
	Person      *Person     `json:"person"` // nil before anybody is known
	People      []Row       `json:"people"`
	Reading     *Reading    `json:"reading"`
	StaleAt     *time.Time  `json:"stale_at"` // from then on the reading must not be shown as current
	Delta       *Delta      `json:"delta"`
	AgeSeconds  *int64      `json:"age_seconds"`
	Fault       *Fault      `json:"fault"`
	Trouble     string      `json:"trouble"` // what keeps alarms from the user
	Today       Today       `json:"today"`
	Night       string      `json:"night"`
	Bedtime     string      `json:"bedtime"`
	Alarm       *Alarm      `json:"alarm"`  // the worst that waits for an answer
	Alarms      []Alarm     `json:"alarms"` // all that do or can be treated, of everybody, in the order of the people
	Snoozes     []Snooze    `json:"snoozes"`
	Snoozable   []Snoozable `json:"snoozable"`
	OffDuty     []OffDuty   `json:"off_duty"` // for whom another carer is on
	OffNext     time.Time   `json:"off_next"` // when a hand-over would end by itself
	Passings    []Passing   `json:"passings"` // what the user asked to be told of once
	SignedIn    bool        `json:"signed_in"`
	Autostart   bool        `json:"autostart"`
	Discreet    bool        `json:"discreet"` // nothing that others may see tells a value
	Spoken      string      `json:"spoken"`   // the value in words, for a screen reader

	// Accounts are all of several; none where there is one.
	Accounts []Account `json:"accounts,omitempty"`

	// What the drawings need, not part of the answer.
	Here    time.Time      `json:"-"` // Now, in the zone the user is in
	Measure glucose.Unit   `json:"-"`
	Ranges  glucose.Limits `json:"-"`
}

// visible is the state without what passes by itself.
func (s State) visible() []byte {
	s.Now, s.AgeSeconds = time.Time{}, nil
	b, err := json.Marshal(s)
	if err != nil {
		return nil
	}
	return b
}

// Account is one of several accounts that are followed.
type Account struct {
	Name     string   `json:"name"`   // "first", or as the user calls it
	People   []string `json:"people"` // the names of who shares with it
	SignedIn bool     `json:"signed_in"`
	Trouble  string   `json:"trouble"` // why it gives no values
}

// Limits are the borders of the ranges in mg/dL.
type Limits struct {
	UrgentLow  int `json:"urgent_low"`
	Low        int `json:"low"`
	High       int `json:"high"`
	UrgentHigh int `json:"urgent_high"`
}

// AlarmLimits are the values in mg/dL at which the alarms sound.
type AlarmLimits struct {
	Low       int `json:"low"`
	High      int `json:"high"` // 0 when the high alarm is off
	UrgentLow int `json:"urgent_low"`
}

// Person is who is followed. The name is "" when the user wants none shown,
// Section when the settings have none for this person: "emma" of
// "people.emma.alarms.low.limit".
type Person struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Section string `json:"section"`
}

// Row is one of the people who share with the account.
type Row struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Text   string `json:"text"` // "5.4 →", "" without a current value
	Chosen bool   `json:"chosen"`
}

// Reading is the newest value known, which may be old.
type Reading struct {
	Time       time.Time `json:"t"`
	MgDL       int       `json:"mgdl"`
	Text       string    `json:"text"`
	Arrow      string    `json:"arrow"`
	Trend      string    `json:"trend"`
	TrendWords string    `json:"trend_words"`
	Range      string    `json:"range"`
	RangeWords string    `json:"range_words"`
	Stale      bool      `json:"stale"`
}

// Delta is the change over some minutes.
type Delta struct {
	Text    string `json:"text"`
	Minutes int    `json:"minutes"`
}

// Fault is why there is no fresh value.
type Fault struct {
	Kind    string    `json:"kind"`
	Since   time.Time `json:"since"`
	Message string    `json:"message"`
	Hint    string    `json:"hint"`
	Action  string    `json:"action"`            // "sign_in" where signing in helps, else "none"
	Account string    `json:"account,omitempty"` // which of several accounts it is of
}

// Today is the day since midnight, in per cent of the time measured; limits in
// mg/dL.
type Today struct {
	Known   bool    `json:"known"`
	InRange float64 `json:"in_range"`
	Below   float64 `json:"below"`
	Above   float64 `json:"above"`
	Lowest  string  `json:"lowest"`
	Highest string  `json:"highest"`
}

// Alarm is one that waits for an answer, or a low that may be answered with
// treated. Who is the person's ID, Name "" when it is plain whose it is.
type Alarm struct {
	Who       string `json:"person"`
	Name      string `json:"name"`
	Kind      string `json:"kind"`
	Label     string `json:"label"`
	Treatable bool   `json:"treatable"` // a low that may be answered with treated
}

// Snooze is an alarm that is held back.
type Snooze struct {
	Who   string    `json:"person"`
	Name  string    `json:"name"`
	Kind  string    `json:"kind"`
	Label string    `json:"label"`
	Until time.Time `json:"until"`
}

// Snoozable is an alarm that may be held back, and for how many minutes.
type Snoozable struct {
	Who     string `json:"person"`
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	Label   string `json:"label"`
	Minutes []int  `json:"minutes"`
}

// OffDuty is somebody for whom another carer is on: Who is "" for everybody.
type OffDuty struct {
	Who   string    `json:"person"`
	Name  string    `json:"name"`
	Until time.Time `json:"until"`
	Text  string    `json:"text"`
}

// Passing is a wish to be told once.
type Passing struct {
	Who   string    `json:"person"`
	Name  string    `json:"name"`
	Key   string    `json:"key"`  // "above" or "below"
	Text  string    `json:"text"` // "rises above 8.0"
	Until time.Time `json:"until"`
}
