package nightscout

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// device and app are who uploaded an entry.
const (
	device = "llutray"
	app    = "llutray"
)

// Values that stand for a sensor's LO and HI, as other programs upload them.
const (
	sgvLow  = 39
	sgvHigh = 401
	// mostSGV is the end of the scale of a FreeStyle Libre; a Dexcom's ends at 400.
	mostSGV = 500
	// leastSGV is above the codes that a sensor's errors are stored as.
	leastSGV = 14
)

// entry is a document of the entries collection, as it is read.
type entry struct {
	Type      string  `json:"type"`
	SGV       float64 `json:"sgv"`
	Date      float64 `json:"date"` // ms since 1970; some uploaders write a fraction
	Direction string  `json:"direction"`
	Device    string  `json:"device"`
	Units     string  `json:"units"` // of v3; "" is mg/dL
}

// UnmarshalJSON reads what it can: one odd entry must not hide the others.
func (e *entry) UnmarshalJSON(b []byte) error {
	var loose struct {
		Type, Direction, Device, Units any
		SGV, Date                      any
	}
	if err := json.Unmarshal(b, &loose); err != nil {
		return err
	}
	text := func(v any) string { s, _ := v.(string); return s }
	num := func(v any) float64 { f, _ := v.(float64); return f }
	*e = entry{text(loose.Type), num(loose.SGV), num(loose.Date), text(loose.Direction), text(loose.Device), text(loose.Units)}
	return nil
}

// reading is the entry as a reading; ok is false for what is none: an error
// code, a calibration, a date that cannot be.
func (e entry) reading() (r glucose.Reading, ok bool) {
	if e.Type != "sgv" && e.Type != "" || e.Date < 1e12 || e.Date > 4e12 || math.IsNaN(e.SGV) {
		return r, false
	}
	r = glucose.Reading{
		Time: time.UnixMilli(int64(e.Date)).UTC(), Trend: parseDirection(e.Direction),
		Origin: glucose.Live, Source: glucose.Nightscout,
	}
	sgv := math.Max(-1, math.Min(e.SGV, 1e6))
	if strings.HasPrefix(strings.ToLower(e.Units), "mmol") {
		r.Value = glucose.FromMmol(sgv)
	} else {
		r.Value = glucose.MgDL(math.Round(sgv))
	}
	switch {
	case r.Value < leastSGV:
		return r, false
	case r.Value <= sgvLow:
		r.Limit = glucose.LimitLow
	case r.Value == sgvHigh, r.Value > mostSGV:
		r.Limit = glucose.LimitHigh
	}
	return r, r.Plausible()
}

// directions are Nightscout's words, the one that is uploaded first.
var directions = map[glucose.Trend][]string{
	glucose.FallingFast: {"SingleDown", "DoubleDown", "TripleDown"},
	glucose.Falling:     {"FortyFiveDown"},
	glucose.Flat:        {"Flat"},
	glucose.Rising:      {"FortyFiveUp"},
	glucose.RisingFast:  {"SingleUp", "DoubleUp", "TripleUp"},
}

func parseDirection(s string) glucose.Trend {
	for t, words := range directions {
		if slices.Contains(words, s) {
			return t
		}
	}
	return glucose.TrendUnknown // NONE, NOT COMPUTABLE, RATE OUT OF RANGE
}

func direction(t glucose.Trend) string {
	if w := directions[t]; len(w) > 0 {
		return w[0]
	}
	return "NONE"
}

// sgv is the value as it is uploaded.
func sgv(r glucose.Reading) int {
	switch r.Limit {
	case glucose.LimitLow:
		return sgvLow
	case glucose.LimitHigh:
		return sgvHigh
	}
	return int(r.Value)
}

// readings are the entries as one series, oldest first, at most one a moment.
// Those of the device that told the newest are live; what others told beside
// it may be calibrated differently and only fills pictures.
func readings(list []entry) (out []glucose.Reading) {
	type told struct {
		glucose.Reading
		device string
	}
	var all []told
	for _, e := range list {
		if r, ok := e.reading(); ok {
			all = append(all, told{r, e.Device})
		}
	}
	slices.SortStableFunc(all, func(a, b told) int { return a.Time.Compare(b.Time) })
	if len(all) == 0 {
		return nil
	}
	live := all[len(all)-1].device
	for i := range all {
		if all[i].device != live {
			all[i].Origin = glucose.Graph
		}
	}
	slices.SortStableFunc(all, func(a, b told) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Origin, b.Origin)) })
	for _, a := range all {
		if len(out) == 0 || !out[len(out)-1].Time.Equal(a.Time) {
			out = append(out, a.Reading)
		}
	}
	return out
}
