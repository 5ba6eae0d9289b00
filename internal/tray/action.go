package tray

import (
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// ActionKind is what the user asked for.
type ActionKind int

// What the menu can ask for. The comment names the fields of Action it uses.
const (
	Refresh     ActionKind = iota
	SignIn                 // open the way to sign in, or what else the user must do
	Seen                   // Person: their standing alarm was seen
	Treated                // Person: their low was treated
	SnoozeAlarm            // Person; Key: kind of alarm; For
	Unsnooze               // Person; Key: kind of alarm
	TestAlarm
	SetUnit      // Unit
	SetLimit     // Key: "urgent_low", "low" or "high"; Value
	SetSound     // Key: kind of alarm; On
	SetAutostart // On
	SetLabel     // On
	SetDiscreet  // On
	OpenSettings
	OpenPage // Key: the part to begin with, "" for the first
	Follow   // Key: the person's ID
	GoOff    // Person; For, or 0 until the night is over
	GoOn     // Person
	TellOnce // Person; Key: "above" or "below"; Value
	Untell   // Person; Key: "above" or "below"
	About
	Quit
)

var actionNames = [...]string{
	"refresh", "sign in", "seen", "treated", "snooze", "take back", "test alarm", "unit", "limit", "sound",
	"autostart", "label", "discreet", "open settings", "open page", "follow",
	"off duty", "on duty", "tell once", "tell no more", "about", "quit",
}

// String names the wish in a log.
func (k ActionKind) String() string {
	if k < 0 || int(k) >= len(actionNames) {
		return "unknown"
	}
	return actionNames[k]
}

// Action is one wish of the user, handed to the loop that owns the state.
type Action struct {
	Kind   ActionKind
	Person string // ID of whom it is about; "" for everybody
	Key    string
	For    time.Duration
	Value  glucose.MgDL
	Unit   glucose.Unit
	On     bool
}
