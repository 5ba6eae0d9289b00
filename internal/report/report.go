// Package report writes the page that a clinic looks at: one self-contained
// HTML file with the profile, the time in ranges and the metrics, and a strip
// for each day. It is pure: the time is passed in.
package report

import (
	"crypto/sha256"
	_ "embed" // the page and its style
	"encoding/base64"
	"fmt"
	"io"
	"text/template"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/stats"
)

// Data is what a report is made of.
type Data struct {
	// Name is the person's; "" leaves it out.
	Name string
	// Readings are oldest first and may come from glucose.Merge. Those before
	// Window serve the comparison with the window before, and complete the
	// picture of its first day.
	Readings []glucose.Reading
	// Window is the period; days and times of day go by the clock of its
	// location.
	Window  stats.Window
	Made    time.Time // in the same location
	Unit    glucose.Unit
	Goals   stats.GoalSet // and the limits all is counted by; the zero value for stats.Adults
	Version string        // of the program
}

//go:embed report.html
var page string

//go:embed report.css
var style string

// pageTemplate escapes what it is told to, with html: a test holds that this is
// everything but our own style and drawings. html/template, which would see to
// it by itself, is 0.2 MB of rules for scripts and addresses; here are neither.
var pageTemplate = template.Must(template.New("report").Funcs(template.FuncMap{"t": text}).Parse(page))

// text is one of the template's in the language in use, filled in and escaped.
func text(key string, args ...any) string {
	out := lang.T(key)
	if len(args) > 0 {
		out = fmt.Sprintf(out, args...)
	}
	return template.HTMLEscapeString(out)
}

// Write writes the report as HTML. It holds no script and refers to nothing
// outside; its only style is the element whose hash is StyleHash.
func Write(w io.Writer, d Data) error {
	return pageTemplate.Execute(w, contentsOf(d))
}

// StyleHash is the source expression that allows the report's style in a
// content security policy: "'sha256-…'".
func StyleHash() string {
	sum := sha256.Sum256([]byte(style))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
