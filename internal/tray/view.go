package tray

import (
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// View is everything the tray shows, as plain data: one complete value
// computed by one function from the program's state, so that icon, tooltip,
// label and menu cannot disagree.
type View struct {
	Now    time.Time // in the zone the user is in; times in the menu follow it
	Unit   glucose.Unit
	Limits glucose.Limits

	PersonID string
	Person   string   // who is shown; "" when only one is followed and the name is hidden
	People   []Person // all who share with the account, in the user's order
	// OnIcon is the view of whom the icon, its title, its label and the first
	// line of the tooltip show, when it is not the person of the menu.
	OnIcon  *View
	Reading *glucose.Reading // newest one known, nil when there is none
	Stale   bool             // the reading must not be taken for the present
	StaleAt time.Time        // from then on it must not; zero without a reading
	Delta   *glucose.Delta

	Fault *glucose.Fault // why there is no fresh number; nil when all is well

	Recent  []glucose.Reading // live, newest first, at most a dozen
	Trace   []glucose.Reading // the last three hours, oldest first, any origin
	Today   Today
	Bedtime string // in the evening, whether alarms would be heard; "" by day
	Night   string // the last night in a sentence, "" when there is nothing to say

	Alarm       string     // the worst alarm that waits for an answer, for people: "Low"; "" for none
	Standing    []Standing // for each person, in their order, what can be answered; at most StandingRows
	Held        bool       // the worst alarm that stands is snoozed, or another carer is on
	Snoozable   []Snoozable
	Snoozes     []Snooze   // in force
	Log         []LogEntry // newest first
	OffDuty     []OffDuty  // for whom another carer is on
	OffNext     time.Time  // when a hand-over would end by itself
	Passings    []Passing  // what the user asked to be told of once
	Tellable    *Tellable  // nil for nobody
	Undelivered string     // why the last alarm could not be shown, "" when it was

	Settings Settings
	Contrast bool // the icon in stronger colours; as the tray finds it
	Words    bool // the menu for those who hear it; as the tray finds it
	Version  string
	Demo     bool // a simulated sensor, and the menu says so
}

// Person is one row of the People menu.
type Person struct {
	ID, Name    string
	Chosen      bool
	Reading     *glucose.Reading // newest one known, nil when there is none
	Stale       bool             // it must not be taken for the present
	Range       glucose.Range    // of a present value, by their own limits
	Alarm       string           // that waits for an answer: "Low"; "" for none
	NotFollowed bool             // the user wants no alarms of them
}

// StandingRows is for how many people alarms can be answered at a time.
const StandingRows = 6

// Standing is what one person's alarms may be answered with.
type Standing struct {
	Person    string // ID
	Name      string // "" when it is plain who
	Kind      string // of the worst alarm that waits for an answer: "low"; "" for none
	Label     string // of that alarm: "Low"; "" for none
	Treatable bool   // a low stands that may be answered with treated
}

// Today is the day's summary since local midnight.
type Today struct {
	Known                 bool    // false on too little data to speak of
	InRange, Below, Above float64 // percent of the time covered by readings
	Lowest, Highest       glucose.MgDL
}

// Snoozable is a kind of alarm that may be held back, and for how long. The
// alarms' rules decide it, so that the menu offers nothing they would refuse.
type Snoozable struct {
	Person string          // ID
	Name   string          // "" when it is plain whose
	Kind   string          // as in the settings: "low"
	Label  string          // for people: "Low"
	For    []time.Duration // shortest first, at most four
}

// Snooze is an alarm held back for a while.
type Snooze struct {
	Person string // ID
	Name   string // "" when it is plain whose
	Kind   string // as in the settings: "low"
	Label  string // for people: "Low"
	Until  time.Time
}

// LogEntry is one alarm that was raised, with its reason.
type LogEntry struct {
	Time time.Time
	Text string // "Low 3.7: repeated; seen", after the name when several are followed
}

// Settings are the values of the Settings menu.
type Settings struct {
	UrgentLow, Low, High glucose.MgDL
	HighOn               bool
	Sounds               []Sound
	Autostart            bool
	Label                bool   // the value as text beside the icon where the panel can
	Icon                 string // "number", "large" or "discreet"
	Contrast             string // "auto", "on" or "off"
	Words                string // the same
}

// Sound is one row of the sounds menu.
type Sound struct {
	Kind, Label string
	On          bool
}
