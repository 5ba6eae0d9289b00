// Package imports reads glucose readings out of the files that people have:
// LibreView and Dexcom Clarity exports and llutray's own CSV. It has no clock
// and writes nothing; a file of any size is read in constant memory.
package imports

import (
	"errors"
	"io"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// Format is a kind of file.
type Format string

// The kinds that are known.
const (
	LibreView Format = "LibreView export"
	Clarity   Format = "Dexcom Clarity export"
	Own       Format = "llutray CSV"
)

// String is the kind for people.
func (f Format) String() string {
	switch f {
	case LibreView:
		return lang.T("LibreView export")
	case Clarity:
		return lang.T("Dexcom Clarity export")
	case Own:
		return lang.T("llutray CSV")
	}
	return string(f)
}

// Order is the order of day, month and year in a file's dates.
type Order string

// Whole files are written in one order. Dates that begin with the year need
// no order.
const (
	OrderUnknown Order = ""
	DayFirst     Order = "dmy"
	MonthFirst   Order = "mdy"
)

// Options say what a file does not say itself.
type Options struct {
	Zone  *time.Location // of wall-clock times
	Dates Order          // OrderUnknown finds it out from the whole file
	Now   time.Time      // what is dated more than a little later is refused
}

// maxAhead is how far a reading may be ahead of the computer's clock: as much
// as a live one may.
const maxAhead = glucose.MaxAhead

// Entry is one reading of a file. Its origin is always glucose.Imported.
type Entry struct {
	Person  string // as the file calls them, "" where it is all of one person
	Reading glucose.Reading
}

// Rejected is a row that should hold a reading and does not. It never quotes
// a value.
type Rejected struct {
	Line   int    // from 1
	Column int    // from 1, 0 when the whole row is meant
	Name   string // of the column, "" when the whole row is meant
	Reason string
}

func (r Rejected) String() string {
	if r.Column == 0 {
		return lang.F("line %d: %s", r.Line, r.Reason)
	}
	return lang.F("line %d, column %d (%s): %s", r.Line, r.Column, r.Name, r.Reason)
}

// Summary is what a file was.
type Summary struct {
	Format   Format
	Unit     glucose.Unit
	Dates    Order // OrderUnknown where dates begin with the year
	Entries  int
	Rejected int
	Skipped  map[string]int // rows of other kinds: insulin, food, notes, see SkippedText
	Twice    int            // readings of the hour that the end of summer time repeats
	Never    int            // readings of the hour that its beginning leaves out
}

// SkippedText is a kind of Skipped rows for people, to be put after their
// number. Those that only the file knows are as it calls them.
func SkippedText(kind string) string {
	switch kind {
	case "strip glucose":
		return lang.C("rows", "strip glucose")
	case "ketone":
		return lang.C("rows", "ketone")
	case "insulin":
		return lang.C("rows", "insulin")
	case "food":
		return lang.C("rows", "food")
	case "notes":
		return lang.C("rows", "notes")
	case "scan":
		return lang.C("rows", "scan")
	case "empty":
		return lang.C("rows", "empty")
	case "about the person":
		return lang.C("rows", "about the person")
	case "other":
		return lang.C("rows", "other")
	}
	return kind
}

// ErrDates means that the order of the dates cannot be told from the file.
var ErrDates error = lang.Error("the dates can be read as day-month-year and as month-day-year")

// ErrMixedDates means that no single order fits all dates of the file.
var ErrMixedDates error = lang.Error("some dates can only be day-month-year and others only month-day-year: export the file again, or say which order to take, and the lines that do not fit are left out")

// ErrUnknownFormat means that a file is none of those that can be read.
var ErrUnknownFormat error = lang.Error(`this is no file that llutray can read. It looked for:
  a LibreView export, with columns such as "Device Timestamp", "Record Type" and "Historic Glucose mg/dL", in any language
  a Dexcom Clarity export, with columns such as "Timestamp (YYYY-MM-DDThh:mm:ss)", "Event Type" and "Glucose Value (mg/dL)"
  its own CSV, with the header time,mgdl or id,time,mgdl`)

// Read reads a file from its beginning, calls entry for each reading in the
// order of the file and reject for each row that should be one and is not. An
// error of entry ends it. Dates that need their order found are read once
// before all else.
func Read(file io.ReadSeeker, o Options, entry func(Entry) error, reject func(Rejected)) (Summary, error) {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	layout, err := recognise(file)
	if err != nil {
		return Summary{}, err
	}
	sum := Summary{Format: layout.format, Unit: layout.unit(), Skipped: map[string]int{}}
	if layout.format != Own {
		if sum.Dates, err = orderOf(file, layout, o.Dates); err != nil {
			return sum, err
		}
	}
	p := &parser{layout: layout, now: o.Now, clock: newClock(o.Zone, sum.Dates), sum: &sum}
	rows, err := layout.rows(file)
	if err != nil {
		return sum, err
	}
	for {
		row, err := rows.next()
		if errors.Is(err, io.EOF) {
			break
		}
		var bad *Rejected
		var e Entry
		if errors.As(err, &bad) {
			err = nil
		} else if err == nil {
			e, bad = p.entry(row)
		}
		switch {
		case err != nil:
			return sum, err
		case bad != nil:
			bad.Line = rows.line
			sum.Rejected++
			reject(*bad)
		case !e.Reading.Time.IsZero():
			sum.Entries++
			if err := entry(e); err != nil {
				return sum, err
			}
		}
	}
	sum.Twice, sum.Never = p.clock.twice, p.clock.never
	return sum, nil
}

// Error makes a rejected row an error on its way through the reader of rows.
func (r *Rejected) Error() string { return r.String() }
