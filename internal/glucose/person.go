package glucose

import "time"

// Person is somebody who shares their glucose.
type Person struct {
	ID   string
	Name string
}

// Sensor is what is known of the sensor a person wears.
type Sensor struct {
	Serial    string        // as printed on the box, without surplus characters
	Model     string        // for people: "Libre 3", or "" when unknown
	Activated time.Time     // UTC
	WarmUp    time.Duration // no readings during this time after activation
	Life      time.Duration // 0 when unknown; the service does not tell it
}

// Account is what the account says of a person's alarms; offered as first
// values and never followed silently.
type Account struct {
	Unit                  Unit
	TargetLow, TargetHigh MgDL // 0 when not told
	AlarmLow, AlarmHigh   MgDL // 0 when not told or switched off
}

// Snapshot is what one answer of the service said of one person.
type Snapshot struct {
	Person  Person
	Current *Reading // nil when the service has no reading; may be very old
	History []Reading
	Sensor  *Sensor // nil when none is active
	Account Account
	// FutureBy is how far ahead of the asking computer's clock a refused
	// reading was dated; 0 when none was. Set when Current was withheld.
	FutureBy time.Duration
}
