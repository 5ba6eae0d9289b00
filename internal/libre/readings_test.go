package libre

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

const stamp = `"FactoryTimestamp":"11/23/2026 11:59:00 AM"`

func one(t *testing.T, connection string) glucose.Snapshot {
	t.Helper()
	list, f := readConnections(json.RawMessage(`[`+connection+`]`), start)
	require.Nil(t, f)
	require.Len(t, list, 1)
	return list[0]
}

func TestReading(t *testing.T) {
	at := start.Add(-time.Minute)
	live := func(v glucose.MgDL, tr glucose.Trend, l glucose.Limit) *glucose.Reading {
		return &glucose.Reading{Time: at, Value: v, Trend: tr, Limit: l, Origin: glucose.Live}
	}
	for name, c := range map[string]struct {
		fields string
		want   *glucose.Reading
	}{
		"plain":                      {`"ValueInMgPerDl":104,"TrendArrow":3`, live(104, glucose.Flat, 0)},
		"mg/dL wins over mmol":       {`"ValueInMgPerDl":104,"Value":5.8,"GlucoseUnits":0,"TrendArrow":1`, live(104, glucose.FallingFast, 0)},
		"a fraction":                 {`"ValueInMgPerDl":104.5,"TrendArrow":2`, live(105, glucose.Falling, 0)},
		"as text":                    {`"ValueInMgPerDl":"104","TrendArrow":"5"`, live(104, glucose.RisingFast, 0)},
		"mmol only":                  {`"Value":5.8,"GlucoseUnits":0`, live(104, 0, 0)},
		"mmol only, whole":           {`"Value":14,"GlucoseUnits":0`, live(252, 0, 0)},
		"mmol when mg/dL is null":    {`"ValueInMgPerDl":null,"Value":5.8,"GlucoseUnits":0`, live(104, 0, 0)},
		"value in mg/dL":             {`"Value":104,"GlucoseUnits":1`, live(104, 0, 0)},
		"value in the account's":     {`"Value":5.8`, live(104, 0, 0)},
		"value in an unknown unit":   {`"Value":5.8,"GlucoseUnits":7`, nil},
		"mg/dL said to be mmol":      {`"Value":104,"GlucoseUnits":0`, nil},
		"trend 0":                    {`"ValueInMgPerDl":104,"TrendArrow":0`, live(104, glucose.TrendUnknown, 0)},
		"trend null":                 {`"ValueInMgPerDl":104,"TrendArrow":null`, live(104, glucose.TrendUnknown, 0)},
		"trend 6":                    {`"ValueInMgPerDl":104,"TrendArrow":6`, live(104, glucose.TrendUnknown, 0)},
		"trend 3.5":                  {`"ValueInMgPerDl":104,"TrendArrow":3.5`, live(104, glucose.TrendUnknown, 0)},
		"HI":                         {`"ValueInMgPerDl":500,"isHigh":true`, live(500, 0, glucose.LimitHigh)},
		"LO":                         {`"ValueInMgPerDl":40,"isLow":true`, live(40, 0, glucose.LimitLow)},
		"LO without a number":        {`"isLow":true`, live(0, 0, glucose.LimitLow)},
		"HI and LO without a number": {`"isLow":true,"isHigh":true`, nil},
		"0":                          {`"ValueInMgPerDl":0`, nil},
		"negative":                   {`"ValueInMgPerDl":-104`, nil},
		"far too much":               {`"ValueInMgPerDl":1e30`, nil},
		"no number at all":           {`"ValueInMgPerDl":"NaN"`, nil},
		"an object":                  {`"ValueInMgPerDl":{"v":104}`, nil},
		"nothing":                    {`"x":1`, nil},
		"other fields of any type":   {`"ValueInMgPerDl":104,"type":"x","TrendMessage":5,"MeasurementColor":[],"Timestamp":{}`, live(104, 0, 0)},
	} {
		t.Run(name, func(t *testing.T) {
			for _, field := range []string{"glucoseMeasurement", "glucoseItem"} {
				s := one(t, `{"patientId":"p","uom":0,"`+field+`":{`+stamp+`,`+c.fields+`}}`)
				require.Equal(t, c.want, s.Current)
			}
		})
	}
}

func TestNoReadingIsNotAReading(t *testing.T) {
	for _, fields := range []string{
		`"x":0`, `"glucoseMeasurement":null`, `"glucoseMeasurement":null,"glucoseItem":null`, `"glucoseMeasurement":"104"`,
		`"glucoseMeasurement":[]`, `"glucoseMeasurement":{}`, `"glucoseMeasurement":{"ValueInMgPerDl":104}`,
		`"glucoseMeasurement":{"FactoryTimestamp":null,"ValueInMgPerDl":104}`,
		`"glucoseMeasurement":{"FactoryTimestamp":1763900000,"ValueInMgPerDl":104}`,
		`"glucoseMeasurement":{"Timestamp":"11/23/2026 11:59:00 AM","ValueInMgPerDl":104}`,
	} {
		s := one(t, `{"patientId":"p",`+fields+`}`)
		require.Equal(t, glucose.Snapshot{Person: glucose.Person{ID: "p"}}, s, fields)
	}
}

func TestOneBadPersonDoesNotHideTheOthers(t *testing.T) {
	list, f := readConnections(json.RawMessage(`[5,null,{"patientId":7},{"patientId":"a","glucoseMeasurement":"?"},
		{"patientId":"b","sensor":[],"alarmRules":[],"glucoseMeasurement":{`+stamp+`,"ValueInMgPerDl":104}},{"patientId":"b"}]`), start)
	require.Nil(t, f)
	require.Len(t, list, 2)
	require.Equal(t, "a", list[0].Person.ID)
	require.Nil(t, list[0].Current)
	require.Equal(t, glucose.MgDL(104), list[1].Current.Value)
}

func TestReadingsOfTheFutureAreWithheld(t *testing.T) {
	for ahead, withheld := range map[time.Duration]bool{
		0: false, 5 * time.Minute: false, 5*time.Minute + time.Second: true, time.Hour: true,
	} {
		s := one(t, `{"patientId":"p","glucoseMeasurement":`+measurement(start.Add(ahead), "104", "3")+`}`)
		if withheld {
			require.Nil(t, s.Current)
			require.Equal(t, ahead, s.FutureBy)
		} else {
			require.NotNil(t, s.Current)
			require.Zero(t, s.FutureBy)
		}
	}
}

func TestParseTime(t *testing.T) {
	for in, want := range map[string]string{
		"6/5/2023 1:02:03 PM":       "2023-06-05T13:02:03Z",
		"12/31/2026 11:59:59 PM":    "2026-12-31T23:59:59Z",
		"06/05/2023 01:02:03 AM":    "2023-06-05T01:02:03Z",
		"5/21/2022 12:00:00 AM":     "2022-05-21T00:00:00Z",
		"5/21/2022 12:30:00 PM":     "2022-05-21T12:30:00Z",
		"2/29/2024 12:30:00 PM":     "2024-02-29T12:30:00Z",
		"5/21/2022 17:30:01":        "2022-05-21T17:30:01Z",
		"2022-05-21T17:30:01Z":      "2022-05-21T17:30:01Z",
		"2022-05-21T17:30:01+02:00": "2022-05-21T15:30:01Z",
		"21/5/2022 1:02:03 PM":      "", // day first: never
		"31/12/2026 13:00:00":       "",
		"2/29/2023 12:30:00 PM":     "",
		"5/21/2022 13:02:03 PM":     "",
		"5/21/2022":                 "",
		"5/21/0022 1:02:03 PM":      "",
		"":                          "",
	} {
		got, ok := parseTime(in)
		require.Equal(t, want != "", ok, in)
		if ok {
			require.Equal(t, want, got.Format(time.RFC3339), in)
			require.Equal(t, time.UTC, got.Location())
		}
	}
}

func TestSensor(t *testing.T) {
	activated := start.AddDate(0, 0, -3)
	a := jsonf(`"a":%d`, activated.Unix())
	for name, c := range map[string]struct {
		in   string
		want *glucose.Sensor
	}{
		"Libre 3":             {`{"sn":"0D1AB2CD30","w":60,"pt":4,` + a + `}`, &glucose.Sensor{Serial: "0D1AB2CD3", Model: "Libre 3", Activated: activated, WarmUp: time.Hour}},
		"Libre 2":             {`{"sn":"MH00ABCD10","w":30,"pt":3,` + a + `}`, &glucose.Sensor{Serial: "MH00ABCD10", Model: "Libre 2", Activated: activated, WarmUp: 30 * time.Minute}},
		"Libre 2 Plus":        {`{"sn":"01ABCDEFG0","pt":3,` + a + `}`, &glucose.Sensor{Serial: "01ABCDEFG0", Model: "Libre 2 Plus", Activated: activated, WarmUp: time.Hour, Life: 15 * 24 * time.Hour}},
		"Libre 1":             {`{"sn":"M0000ABCD0","pt":0,` + a + `}`, &glucose.Sensor{Serial: "M0000ABCD0", Model: "Libre 1", Activated: activated, WarmUp: time.Hour}},
		"by the serial alone": {`{"sn":"0E1AB2CD30",` + a + `}`, &glucose.Sensor{Serial: "0E1AB2CD3", Model: "Libre 3", Activated: activated, WarmUp: time.Hour}},
		"of an unknown type":  {`{"sn":"ZZ","pt":99,` + a + `}`, &glucose.Sensor{Serial: "ZZ", Activated: activated, WarmUp: time.Hour}},
		"with nonsense":       {`{"sn":"ZZ","a":"x","w":-5,"pt":{}}`, &glucose.Sensor{Serial: "ZZ", WarmUp: time.Hour}},
		"empty":               {`{}`, nil},
		"null":                {`null`, nil},
		"a number":            {`5`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, one(t, `{"patientId":"p","sensor":`+c.in+`}`).Sensor)
		})
	}
}

func TestActiveSensorIsPreferredUnlessTheConnectionKnowsANewerOne(t *testing.T) {
	sensor := func(sn string, a time.Time) string { return jsonf(`{"sn":%q,"a":%d,"pt":3}`, sn, a.Unix()) }
	old, recent := start.AddDate(0, 0, -14), start.AddDate(0, 0, -1)
	for name, c := range map[string]struct{ connected, active, want string }{
		"same age":         {sensor("connected", old), sensor("active", old), "active"},
		"active newer":     {sensor("connected", old), sensor("active", recent), "active"},
		"connection newer": {sensor("connected", recent), sensor("active", old), "connected"},
		"no connection's":  {"null", sensor("active", old), "active"},
		"no active":        {sensor("connected", old), "null", "connected"},
		"old ones linger":  {"null", sensor("active", old) + `},{"sensor":` + sensor("third", recent), "active"},
	} {
		t.Run(name, func(t *testing.T) {
			snap, f := readGraph(json.RawMessage(`{"connection":{"sensor":`+c.connected+`},"activeSensors":[{"sensor":`+c.active+`}]}`), "p", start)
			require.Nil(t, f)
			require.Equal(t, c.want, snap.Sensor.Serial)
		})
	}
}

func TestAccount(t *testing.T) {
	for in, want := range map[string]glucose.Account{
		`"uom":0,"targetLow":70,"targetHigh":180`:                                               {Unit: glucose.MmolPerL, TargetLow: 70, TargetHigh: 180},
		`"uom":1,"alarmRules":{"h":{"on":true,"th":240,"thmm":13.3},"l":{"on":true,"th":"75"}}`: {Unit: glucose.MgPerDL, AlarmHigh: 240, AlarmLow: 75},
		`"alarmRules":{"h":{"th":240},"l":{"on":false,"th":75}}`:                                {},
		`"uom":9,"targetLow":3.9,"targetHigh":"x","alarmRules":{"h":{"on":1,"th":240},"l":5}`:   {},
		`"alarmRules":null`: {},
	} {
		require.Equal(t, want, one(t, `{"patientId":"p",`+in+`}`).Account, in)
	}
}

func TestNames(t *testing.T) {
	for _, c := range [][3]string{
		{"Jo", "Do", "Jo Do"}, {" Jo ", "", "Jo"}, {"", "Do ", "Do"}, {"", "", ""},
		{"Jo\nX\x1b[31m", "D\u202eo", "Jo X[31m Do"},
		{"李", "小龙", "李 小龙"}, {strings.Repeat("ä", 99), "", strings.Repeat("ä", 64)},
	} {
		require.Equal(t, c[2], nameOf(c[0], c[1]))
	}
	require.Empty(t, one(t, `{"patientId":"p","firstName":null,"lastName":5}`).Person.Name)
}
