package imports

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// parser makes entries of the rows of one file.
type parser struct {
	layout layout
	now    time.Time
	clock  *clock
	sum    *Summary
}

// entry reads a row. The entry of one that holds no sensor reading is empty,
// and it is counted as skipped.
func (p *parser) entry(row []string) (Entry, *Rejected) {
	var e Entry
	var bad *Rejected
	switch p.layout.format {
	case Own:
		e, bad = p.own(row)
	case Clarity:
		e, bad = p.clarity(row)
	default:
		e, bad = p.libreView(row)
	}
	if bad != nil || e.Reading.Time.IsZero() {
		return Entry{}, bad
	}
	if !p.now.IsZero() && e.Reading.Time.After(p.now.Add(maxAhead)) {
		return Entry{}, p.reject(p.layout.time, lang.T("the time is in the future; look at the order of the dates and at the zone"))
	}
	e.Reading.Origin = glucose.Imported
	return e, nil
}

func (p *parser) reject(column int, reason string) *Rejected {
	r := &Rejected{Column: column + 1, Reason: reason}
	if column >= 0 && column < len(p.layout.names) {
		r.Name = strings.TrimSpace(p.layout.names[column])
	}
	return r
}

// cell is a field of a row, "" where the row is too short or there is no such
// column.
func cell(row []string, i int) string {
	if i < 0 || i >= len(row) {
		return ""
	}
	return strings.TrimSpace(row[i])
}

// LibreView's kinds of records that hold a reading of the sensor. The others
// are strips, ketones, insulin, food and notes.
const (
	recordHistoric = "0"
	recordScan     = "1"
)

var recordNames = map[string]string{
	"2": "strip glucose", "3": "ketone", "4": "insulin", "5": "food", "6": "notes",
}

func (p *parser) libreView(row []string) (Entry, *Rejected) {
	l := p.layout
	kind := cell(row, l.kind)
	column, unit := l.historic, l.historicIn
	switch kind {
	case recordHistoric:
	case recordScan:
		if l.scan < 0 {
			p.skip("scan")
			return Entry{}, nil
		}
		column, unit = l.scan, l.scanIn
	case "":
		if cell(row, l.time) == "" && cell(row, column) == "" {
			p.skip("empty")
			return Entry{}, nil
		}
		return Entry{}, p.reject(l.kind, lang.T("the kind of record is missing"))
	default:
		if _, err := strconv.ParseUint(kind, 10, 8); err != nil {
			return Entry{}, p.reject(l.kind, lang.T("the kind of record is no number"))
		}
		p.skip(recordNames[kind])
		return Entry{}, nil
	}
	return p.measured(row, column, unit, kind, 40, 500)
}

func (p *parser) skip(what string) {
	if what == "" {
		what = "other"
	}
	if _, known := p.sum.Skipped[what]; !known && len(p.sum.Skipped) >= maxRuns {
		what = "other"
	}
	p.sum.Skipped[what]++
}

// A Clarity export calls a reading of the sensor an estimated glucose value,
// in German an Estimated-Glukose-Wert.
var clarityReadings = map[string]bool{"egv": true, "egw": true}

func (p *parser) clarity(row []string) (Entry, *Rejected) {
	l := p.layout
	kind := cell(row, l.kind)
	switch {
	case clarityReadings[strings.ToLower(kind)]:
		return p.measured(row, l.historic, l.historicIn, "", 40, 400)
	case cell(row, l.time) == "":
		p.skip("about the person") // name, birthday, devices, alert settings
	default:
		p.skip(strings.ToLower(kind))
	}
	return Entry{}, nil
}

// measured reads time and value of a row. lowest and highest are the ends of
// the sensor's scale, which stand for its words in place of a number.
func (p *parser) measured(row []string, column int, u glucose.Unit, kind string, lowest, highest glucose.MgDL) (e Entry, bad *Rejected) {
	st, ok := parseStamp(cell(row, p.layout.time))
	if !ok {
		return e, p.reject(p.layout.time, lang.T("it is no date with a time"))
	}
	text := cell(row, column)
	var r glucose.Reading
	switch limitWords[strings.ToLower(text)] {
	case glucose.LimitLow:
		r.Value, r.Limit = lowest, glucose.LimitLow
	case glucose.LimitHigh:
		r.Value, r.Limit = highest, glucose.LimitHigh
	default:
		var reason string
		if r.Value, reason = parseValue(text, u); reason != "" {
			return e, p.reject(column, reason)
		}
	}
	if r.Time, ok = p.clock.at(st, kind); !ok {
		return e, p.reject(p.layout.time, lang.T("there is no such day"))
	}
	e.Reading = r
	return e, nil
}

// limitWords are what sensors and exports say beyond the scale.
var limitWords = map[string]glucose.Limit{
	"lo": glucose.LimitLow, "low": glucose.LimitLow, "niedrig": glucose.LimitLow, "bas": glucose.LimitLow, "faible": glucose.LimitLow,
	"bajo": glucose.LimitLow, "basso": glucose.LimitLow, "laag": glucose.LimitLow,
	"hi": glucose.LimitHigh, "high": glucose.LimitHigh, "hoch": glucose.LimitHigh, "haut": glucose.LimitHigh, "élevé": glucose.LimitHigh,
	"alto": glucose.LimitHigh, "hoog": glucose.LimitHigh,
}

// parseValue reads a value with a point or a comma; reason says why not.
func parseValue(s string, u glucose.Unit) (v glucose.MgDL, reason string) {
	if s == "" {
		return 0, lang.T("the value is missing")
	}
	f, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) || math.Abs(f) > 1e6 {
		return 0, lang.T("it is no number")
	}
	v = glucose.MgDL(math.Round(f))
	if u == glucose.MmolPerL {
		v = glucose.FromMmol(f)
	}
	if v < minValue || v > maxValue {
		return 0, lang.F("no glucose value in %s: those are from %s to %s", u, u.Format(minValue), u.Format(maxValue))
	}
	return v, ""
}

// minValue and maxValue are what glucose.Reading.Plausible takes.
const (
	minValue glucose.MgDL = 20
	maxValue glucose.MgDL = 600
)

func (p *parser) own(row []string) (e Entry, bad *Rejected) {
	l := p.layout
	at, err := time.Parse(time.RFC3339, cell(row, l.time))
	if err != nil {
		return e, p.reject(l.time, lang.T("it is no time like 2022-05-21T13:38:50Z"))
	}
	r := glucose.Reading{Time: at.UTC(), Trend: glucose.ParseTrend(cell(row, l.trend))}
	switch cell(row, l.edge) {
	case "":
	case "low":
		r.Limit = glucose.LimitLow
	case "high":
		r.Limit = glucose.LimitHigh
	default:
		return e, p.reject(l.edge, lang.T("it is neither low nor high nor empty"))
	}
	v, err := strconv.Atoi(cell(row, l.historic))
	switch {
	case err != nil:
		return e, p.reject(l.historic, lang.T("it is no whole number"))
	case r.Limit == glucose.LimitNone && (v < int(minValue) || v > int(maxValue)), v < 0, v > 1e6:
		return e, p.reject(l.historic, lang.F("no glucose value in mg/dL: those are from %d to %d", minValue, maxValue))
	}
	r.Value = glucose.MgDL(v)
	return Entry{Person: cell(row, l.id), Reading: r}, nil
}
