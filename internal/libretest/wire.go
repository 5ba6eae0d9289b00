package libretest

import (
	"math"
	"time"
)

// obj is a JSON object. Maps and not structs, because half of the scenarios are
// about fields that are missing or null.
type obj = map[string]any

// stamp is how the service writes an instant: not padded, month first, no zone.
const stamp = "1/2/2006 3:04:05 PM"

// mmol converts as the service does: by 18, one decimal, half up.
func mmol(mgdl int) float64 { return math.Floor(float64(mgdl)/1.8+0.5) / 10 }

func (p *patient) unit() int {
	if p.Mmol {
		return 0
	}
	return 1
}

// item is a reading as in graphData.
func (p *patient) item(r Reading) obj {
	var value any = r.MgDL
	if p.Mmol {
		value = mmol(r.MgDL)
	}
	return obj{
		"FactoryTimestamp": r.Time.UTC().Format(stamp),
		"Timestamp":        r.Time.In(p.Zone).Format(stamp),
		"type":             0,
		"ValueInMgPerDl":   r.MgDL,
		"MeasurementColor": p.color(r.MgDL),
		"GlucoseUnits":     p.unit(),
		"Value":            value,
		"isHigh":           r.High,
		"isLow":            r.Low,
	}
}

// current is a reading as in glucoseMeasurement, which alone has a trend.
func (p *patient) current(r Reading, arrow int) obj {
	it := p.item(r)
	it["type"] = 1
	it["TrendArrow"] = max(arrow, 0)
	it["TrendMessage"] = nil
	return it
}

func (p *patient) color(mgdl int) int {
	const high = 240 // mg/dL, the default high alarm
	switch {
	case mgdl < p.TargetLow:
		return 4
	case mgdl > high:
		return 3
	case mgdl > p.TargetHigh:
		return 2
	}
	return 1
}

func (p *patient) sensor(activated time.Time) obj {
	kind := 4
	if p.Model == Libre2 {
		kind = 3
	}
	return obj{
		"deviceId": "", "sn": p.serial(activated), "a": activated.Unix(),
		"w": int(warmUp.Minutes()), "pt": kind, "s": true, "lj": false,
	}
}

func (p *patient) device(activated time.Time) obj {
	kind, version := 40068, "3.4.0.7368"
	if p.Model == Libre2 {
		kind, version = 40067, "2.12.1.8965"
	}
	return obj{
		"did": uuid(p.seed, 4), "dtid": kind, "v": version, "l": true, "ll": 70, "h": true, "hl": 240,
		// When these settings changed, not when the phone last uploaded.
		"u": activated.Unix(), "fixedLowAlarmValues": obj{"mgdl": 60, "mmoll": 3.3}, "alarms": true, "fixedLowThreshold": 0,
	}
}

func (p *patient) alarmRules() obj {
	return obj{
		"c":  true,
		"h":  obj{"on": true, "th": 240, "thmm": 13.3, "d": 1440, "f": 0.1},
		"f":  obj{"th": 55, "thmm": 3, "d": 30, "tl": 10, "tlmm": 0.6},
		"l":  obj{"on": true, "th": 70, "thmm": 3.9, "d": 1440, "tl": 10, "tlmm": 0.6},
		"nd": obj{"i": 20, "r": 5, "l": 6}, "p": 5, "r": 5, "std": obj{},
	}
}

// connection is an element of /llu/connections.
func (p *patient) connection(activated time.Time, measurement obj) obj {
	var item any
	if measurement != nil {
		item = measurement
	}
	return obj{
		"id": uuid(p.seed, 2), "patientId": p.ID, "country": p.Country, "status": 2,
		"firstName": p.FirstName, "lastName": p.LastName,
		"targetLow": p.TargetLow, "targetHigh": p.TargetHigh, "uom": p.unit(),
		"sensor": p.sensor(activated), "alarmRules": p.alarmRules(),
		"glucoseMeasurement": item, "glucoseItem": item, "glucoseAlarm": nil,
		"patientDevice": p.device(activated), "created": p.SensorStart.Add(-90 * 24 * time.Hour).Unix(),
	}
}

// Graph shape, from captures: the points of the twelve hours before the current
// reading, the newest minutes missing.
const (
	graphLag  = 17 * time.Minute  // the last point is at least so much older than the current reading
	graphSpan = 719 * time.Minute // and the first at most so much
)

// graph thins readings, oldest first, into graph points.
func (p *patient) graph(readings []Reading) []obj {
	out := []obj{}
	if len(readings) == 0 {
		return out
	}
	step, sway := int64(300), 1.0
	if p.Model == Libre2 {
		step, sway = 905, 2
	}
	newest := readings[len(readings)-1].Time
	first, last := newest.Add(-graphSpan), newest.Add(-graphLag)
	anchor := p.SensorStart.Unix()
	from := 0
	for n := (first.Unix() - anchor) / step; ; n++ {
		nominal := anchor + n*step
		at := time.Unix(nominal, 0).UTC()
		if at.After(last.Add(2 * time.Second)) {
			return out
		}
		half := time.Duration(step) * time.Second / 2
		for from < len(readings) && readings[from].Time.Before(at.Add(-half)) {
			from++
		}
		point, ok := smooth(readings[from:], at, half)
		if ok && point.Time.Equal(at) {
			// Seen in captures: 300 s give or take 2 on a Libre 3, 901 to 909 s
			// on a Libre 2.
			point.Time = at.Add(time.Duration(math.Round(sway*(2*unit(p.seed+31, nominal)-1))) * time.Second)
		}
		if !ok || point.Time.Before(first) || point.Time.After(last) {
			continue
		}
		out = append(out, p.item(point))
	}
}

// smooth is the graph point at an instant: the mean of the readings around it, as
// the service shows history smoother than the current value. Where the sensor
// does not read every minute, the point is where the nearest reading is.
func smooth(readings []Reading, at time.Time, half time.Duration) (Reading, bool) {
	var nearest Reading
	off := half + 1
	sum, n := 0, 0
	for _, r := range readings {
		if !r.Time.Before(at.Add(half)) {
			break
		}
		sum, n = sum+r.MgDL, n+1
		if d := r.Time.Sub(at).Abs(); d < off {
			nearest, off = r, d
		}
	}
	if n == 0 {
		return Reading{}, false
	}
	point := Reading{Time: at, MgDL: int(math.Round(float64(sum) / float64(n))), High: nearest.High, Low: nearest.Low}
	if off > 31*time.Second {
		point.Time = nearest.Time
	}
	return point, true
}

// logbook is the alarms of two weeks, newest first: nothing else ends up there.
func (p *patient) logbook(readings []Reading) []obj {
	rows := []obj{}
	band := 0
	for _, r := range readings {
		now := 0
		switch {
		case r.MgDL < 55:
			now = 1
		case r.MgDL < 70:
			now = 2
		case r.MgDL > 240:
			now = 3
		}
		if now != band && now != 0 {
			row := p.item(r)
			row["type"], row["alarmType"] = 3, now-1 // 0 urgent low, 1 low, 2 high
			rows = append(rows, row)
		}
		band = now
	}
	for i, j := 0, len(rows)-1; i < j; i, j = i+1, j-1 {
		rows[i], rows[j] = rows[j], rows[i]
	}
	return rows
}
