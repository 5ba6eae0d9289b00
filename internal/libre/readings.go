package libre

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/llutray/llutray/internal/glucose"
)

// maxAhead is how far ahead of our clock a reading may be dated: two clocks
// set by the network agree better than that, so one of them is wrong.
const maxAhead = 5 * time.Minute

type wireReading struct {
	FactoryTimestamp string `json:"FactoryTimestamp"` // UTC; "Timestamp" is wall time of an unknown zone
	ValueInMgPerDl   number `json:"ValueInMgPerDl"`
	Value            number `json:"Value"`
	GlucoseUnits     number `json:"GlucoseUnits"`
	TrendArrow       number `json:"TrendArrow"`
	IsHigh           bool   `json:"isHigh"` // out of the sensor's scale, not above the target
	IsLow            bool   `json:"isLow"`
}

type wireSensor struct {
	Serial      string `json:"sn"`
	Activated   number `json:"a"` // unix seconds
	WarmUp      number `json:"w"` // minutes
	ProductType number `json:"pt"`
}

type wireAlarm struct {
	On bool   `json:"on"` // absent means off
	Th number `json:"th"` // mg/dL
}

type wireConnection struct {
	PatientID   string       `json:"patientId"`
	FirstName   string       `json:"firstName"`
	LastName    string       `json:"lastName"`
	TargetLow   number       `json:"targetLow"` // mg/dL whatever the unit
	TargetHigh  number       `json:"targetHigh"`
	Unit        number       `json:"uom"`
	Sensor      *wireSensor  `json:"sensor"`
	Measurement *wireReading `json:"glucoseMeasurement"`
	Item        *wireReading `json:"glucoseItem"`
	AlarmRules  struct {
		High wireAlarm `json:"h"`
		Low  wireAlarm `json:"l"`
	} `json:"alarmRules"`
}

type wireGraph struct {
	Connection    *wireConnection `json:"connection"`
	ActiveSensors []struct {
		Sensor *wireSensor `json:"sensor"`
	} `json:"activeSensors"`
	GraphData []wireReading `json:"graphData"`
}

var (
	errNoConnections = errors.New("connections: no list in the answer")
	errNoOneNamed    = errors.New("connections: nobody in the list has an id")
	errNoGraph       = errors.New("graph: no data in the answer")
	errOtherPerson   = errors.New("graph: the answer is about somebody else")
)

// maxPeople bounds whom an account follows. Each has an alarm engine, rows in
// the history and a place in the menu; families have a handful.
const maxPeople = 64

// maxID bounds an id, in characters; the service's have 36.
const maxID = 64

// validID tells whether an id can be one: visible characters of ASCII. It goes
// into paths, the history and onto terminals.
func validID(id string) bool {
	return id != "" && len(id) <= maxID && strings.IndexFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

func readConnections(data json.RawMessage, now time.Time) ([]glucose.Snapshot, *glucose.Fault) {
	if len(data) == 0 || data[0] != '[' {
		return nil, newFault(reasonNonsense, errNoConnections)
	}
	var list []wireConnection
	decode(data, &list)
	if len(list) == 0 {
		return nil, newFault(reasonNotShared, nil)
	}
	var out []glucose.Snapshot
	for _, w := range list {
		known := func(s glucose.Snapshot) bool { return s.Person.ID == w.PatientID }
		if !validID(w.PatientID) || slices.ContainsFunc(out, known) {
			continue
		}
		if len(out) == maxPeople {
			break
		}
		out = append(out, snapshotOf(w, w.PatientID, now))
	}
	if len(out) == 0 {
		return nil, newFault(reasonNonsense, errNoOneNamed)
	}
	return out, nil
}

func readGraph(data json.RawMessage, personID string, now time.Time) (glucose.Snapshot, *glucose.Fault) {
	if len(data) == 0 || data[0] != '{' {
		return glucose.Snapshot{}, newFault(reasonNonsense, errNoGraph)
	}
	var w wireGraph
	decode(data, &w)
	if w.Connection == nil {
		w.Connection = &wireConnection{}
	}
	if id := w.Connection.PatientID; id != "" && id != personID {
		return glucose.Snapshot{}, newFault(reasonNonsense, errOtherPerson)
	}
	out := snapshotOf(*w.Connection, personID, now)
	if len(w.ActiveSensors) > 0 {
		out.Sensor = newerSensor(sensorOf(w.ActiveSensors[0].Sensor), out.Sensor)
	}
	out.History = historyOf(w.GraphData, w.Connection.Unit, now)
	return out, nil
}

func snapshotOf(w wireConnection, personID string, now time.Time) glucose.Snapshot {
	s := glucose.Snapshot{
		Person:  glucose.Person{ID: personID, Name: nameOf(w.FirstName, w.LastName)},
		Sensor:  sensorOf(w.Sensor),
		Account: accountOf(w),
	}
	m := w.Measurement
	if m == nil {
		m = w.Item
	}
	if m == nil {
		return s
	}
	r, ok := readingOf(*m, w.Unit)
	if !ok {
		return s
	}
	if ahead := r.Time.Sub(now); ahead > maxAhead {
		s.FutureBy = ahead
		return s
	}
	s.Current = &r
	return s
}

// historyOf reads graph points: smoothed, without trend, in no promised order.
func historyOf(items []wireReading, unit number, now time.Time) []glucose.Reading {
	var out []glucose.Reading
	for _, w := range items {
		r, ok := readingOf(w, unit)
		if !ok || r.Time.Sub(now) > maxAhead {
			continue
		}
		r.Origin, r.Trend = glucose.Graph, glucose.TrendUnknown
		out = append(out, r)
	}
	slices.SortStableFunc(out, func(a, b glucose.Reading) int { return a.Time.Compare(b.Time) })
	return slices.CompactFunc(out, func(a, b glucose.Reading) bool { return a.Time.Equal(b.Time) })
}

// readingOf reads a measurement; ok is false when it cannot be one.
func readingOf(w wireReading, accountUnit number) (r glucose.Reading, ok bool) {
	t, ok := parseTime(w.FactoryTimestamp)
	if !ok {
		return r, false
	}
	r = glucose.Reading{Time: t, Value: valueOf(w, accountUnit), Trend: trendOf(w.TrendArrow), Origin: glucose.Live}
	switch {
	case w.IsLow && !w.IsHigh:
		r.Limit = glucose.LimitLow
	case w.IsHigh && !w.IsLow:
		r.Limit = glucose.LimitHigh
	}
	return r, r.Plausible()
}

// valueOf is 0 when there is no value. The other unit is used only when the
// answer says which it is.
func valueOf(w wireReading, accountUnit number) glucose.MgDL {
	if w.ValueInMgPerDl.ok && w.ValueInMgPerDl.v != 0 {
		return mgdl(w.ValueInMgPerDl)
	}
	unit := w.GlucoseUnits
	if !unit.ok {
		unit = accountUnit
	}
	switch unitOf(unit) {
	case glucose.MmolPerL:
		if w.Value.ok && w.Value.v > 0 && w.Value.v < 100 {
			return glucose.FromMmol(w.Value.v)
		}
	case glucose.MgPerDL:
		return mgdl(w.Value)
	}
	return 0
}

// mgdl rounds a number that can be mg/dL, else 0.
func mgdl(n number) glucose.MgDL {
	if !n.ok || n.v < 0 || n.v > 1000 {
		return 0
	}
	return glucose.MgDL(math.Round(n.v))
}

func unitOf(n number) glucose.Unit {
	switch u, ok := n.int(); {
	case ok && u == 0:
		return glucose.MmolPerL
	case ok && u == 1:
		return glucose.MgPerDL
	}
	return ""
}

// trendOf maps the arrow. Out of scale, or without enough points, there is
// none, and that is not the same as flat.
func trendOf(n number) glucose.Trend {
	switch a, _ := n.int(); a {
	case 1:
		return glucose.FallingFast
	case 2:
		return glucose.Falling
	case 3:
		return glucose.Flat
	case 4:
		return glucose.Rising
	case 5:
		return glucose.RisingFast
	}
	return glucose.TrendUnknown
}

// timeLayouts are month first in every country; a day-first reading of the
// same text would be a different day, so it is never tried.
var timeLayouts = []string{"1/2/2006 3:04:05 PM", "1/2/2006 15:04:05", time.RFC3339}

func parseTime(s string) (time.Time, bool) {
	for _, layout := range timeLayouts {
		t, err := time.ParseInLocation(layout, s, time.UTC)
		if t = t.UTC(); err == nil && t.Year() >= 2000 && t.Year() < 2200 {
			return t, true
		}
	}
	return time.Time{}, false
}

func accountOf(w wireConnection) glucose.Account {
	a := glucose.Account{Unit: unitOf(w.Unit), TargetLow: border(w.TargetLow), TargetHigh: border(w.TargetHigh)}
	if w.AlarmRules.High.On {
		a.AlarmHigh = border(w.AlarmRules.High.Th)
	}
	if w.AlarmRules.Low.On {
		a.AlarmLow = border(w.AlarmRules.Low.Th)
	}
	return a
}

// border is a limit in mg/dL, or 0 when it cannot be one.
func border(n number) glucose.MgDL {
	if v := mgdl(n); v >= 20 && v <= 600 {
		return v
	}
	return 0
}

func sensorOf(w *wireSensor) *glucose.Sensor {
	if w == nil {
		return nil
	}
	s := &glucose.Sensor{Serial: plain(w.Serial), Activated: w.Activated.unix(), WarmUp: time.Hour}
	if s.Serial == "" && s.Activated.IsZero() {
		return nil
	}
	if m, ok := w.WarmUp.int(); ok && m > 0 && m <= 24*60 {
		s.WarmUp = time.Duration(m) * time.Minute
	}
	pt, ok := w.ProductType.int()
	if !ok {
		pt = -1
	}
	s.Model = modelOf(pt, s.Serial)
	switch {
	case s.Model == "Libre 3" && len(s.Serial) == 10:
		s.Serial = strings.TrimSuffix(s.Serial, "0") // surplus, not on the box
	case s.Model == "Libre 2 Plus":
		s.Life = 15 * 24 * time.Hour
	}
	return s
}

// modelOf goes by the product type and, where that is shared or missing, by
// the first characters of the serial number. A Libre 3 Plus looks like a
// Libre 3.
func modelOf(pt int, serial string) string {
	switch {
	case pt == 4:
		return "Libre 3"
	case pt == 0:
		return "Libre 1"
	case strings.HasPrefix(serial, "01"):
		return "Libre 2 Plus"
	case pt == 3 || strings.HasPrefix(serial, "MH"):
		return "Libre 2"
	case len(serial) > 1 && serial[0] == '0' && serial[1] >= 'D' && serial[1] <= 'Z':
		return "Libre 3"
	}
	return ""
}

// newerSensor prefers the active sensor; just after a change the connection
// may know a newer one.
func newerSensor(active, connected *glucose.Sensor) *glucose.Sensor {
	if active == nil || connected != nil && connected.Activated.After(active.Activated) {
		return connected
	}
	return active
}

func nameOf(first, last string) string { return plain(first + " " + last) }

// maxName bounds a name, in characters; it goes into a tooltip.
const maxName = 64

// plain is text of the service made fit to be shown: one line, no control or
// direction characters, not too long.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > maxName {
		s = string(runes[:maxName])
	}
	return s
}
