package libretest

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func at(offset time.Duration, mgdl int) Reading { return Reading{Time: noon.Add(offset), MgDL: mgdl} }

func TestPublicationAtTheExactEdge(t *testing.T) {
	delay := func(time.Time) time.Duration { return 13 * time.Second }
	_, f, clock := signedIn(t, Options{
		Source: replay{at(-time.Minute, 100), at(0, 111), at(time.Minute, 122)}, Feed: Feed{Delay: delay},
	})
	require.Equal(t, 100, f.current().ValueInMgPerDl)
	clock.Set(noon.Add(13*time.Second - 1))
	require.Equal(t, 100, f.current().ValueInMgPerDl)
	clock.Set(noon.Add(13 * time.Second))
	require.Equal(t, 111, f.current().ValueInMgPerDl)
	require.Equal(t, noon, f.current().time(t))
	clock.Set(noon.Add(73*time.Second - 1))
	require.Equal(t, 111, f.current().ValueInMgPerDl)
	clock.Set(noon.Add(73 * time.Second))
	require.Equal(t, 122, f.current().ValueInMgPerDl)
	clock.Set(noon.Add(40 * 24 * time.Hour))
	require.Equal(t, 122, f.current().ValueInMgPerDl, "the last one stays for ever")
}

func TestDelaysAreDrawnEvenly(t *testing.T) {
	feed := Feed{}.withDefaults(3)
	var sum time.Duration
	lo, hi := time.Hour, time.Duration(0)
	const n = 5000
	for i := range n {
		d := feed.Delay(noon.Add(time.Duration(i) * time.Minute))
		lo, hi, sum = min(lo, d), max(hi, d), sum+d
	}
	require.GreaterOrEqual(t, lo, 4*time.Second)
	require.Less(t, lo, 4100*time.Millisecond)
	require.LessOrEqual(t, hi, 20*time.Second)
	require.Greater(t, hi, 19900*time.Millisecond)
	require.InDelta(t, 12, (sum / n).Seconds(), 0.3)
}

func TestReadingsKeepTheSensorsSecond(t *testing.T) {
	for _, step := range []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute} {
		list := NewSensor(NewSimulator(1, nil), Feed{Step: step, Phase: 37 * time.Second}, 1).Readings(noon, noon.Add(48*time.Hour))
		require.InDelta(t, 48*time.Hour/step, len(list), 1)
		for i, r := range list {
			require.InDelta(t, 37, r.Time.Unix()%60, 1)
			if i > 0 {
				require.InDelta(t, step.Seconds(), r.Time.Sub(list[i-1].Time).Seconds(), 1)
			}
		}
	}
}

func TestWindowsOfASensorFitTogether(t *testing.T) {
	s := NewSensor(NewSimulator(2, nil), Feed{}, 2)
	whole := s.Readings(noon, noon.Add(3*time.Hour))
	var parts []Reading
	for m := range 180 {
		parts = append(parts, s.Readings(noon.Add(time.Duration(m)*time.Minute), noon.Add(time.Duration(m+1)*time.Minute))...)
	}
	require.Equal(t, whole, parts)
}

func TestGraphIsShapedAsCaptured(t *testing.T) {
	for _, c := range []struct {
		model        Model
		least, most  int
		step, spread float64
		last         time.Duration
	}{
		{Libre3, 140, 141, 300, 2, 22 * time.Minute},
		{Libre2, 46, 47, 905, 4, 33 * time.Minute},
	} {
		for minute := range 7 {
			s, f, clock := signedIn(t, Options{Seed: uint64(minute), People: []Person{{Model: c.model}}})
			clock.Add(time.Duration(minute) * time.Minute)
			person, points := f.graph(s.PersonIDs()[0])
			require.GreaterOrEqual(t, len(points), c.least)
			require.LessOrEqual(t, len(points), c.most)
			current := person.GlucoseMeasurement.time(t)
			require.LessOrEqual(t, clock.Now().Sub(current), 81*time.Second)
			first, last := current.Sub(points[0].time(t)), current.Sub(points[len(points)-1].time(t))
			require.GreaterOrEqual(t, last, 17*time.Minute)
			require.LessOrEqual(t, last, c.last)
			require.LessOrEqual(t, first, 11*time.Hour+59*time.Minute)
			require.GreaterOrEqual(t, first, 11*time.Hour+59*time.Minute-time.Duration(c.step+c.spread)*time.Second)
			for i, p := range points {
				require.Nil(t, p.TrendArrow)
				require.Zero(t, p.Type)
				if i > 0 {
					require.InDelta(t, c.step, p.time(t).Sub(points[i-1].time(t)).Seconds(), c.spread)
				}
			}
		}
	}
}

func TestReplayKeepsGaps(t *testing.T) {
	var trace replay
	for m := -12 * 60; m <= 0; m += 5 {
		if m < -120 || m > -60 {
			trace = append(trace, at(time.Duration(m)*time.Minute, 100-m/10))
		}
	}
	s, f, clock := signedIn(t, Options{Source: trace})
	clock.Add(time.Minute)
	_, points := f.graph(s.PersonIDs()[0])
	require.Len(t, points, 140-13)
	own := map[time.Time]bool{}
	for _, r := range trace {
		own[r.Time] = true
	}
	for _, p := range points {
		ago := noon.Sub(p.time(t))
		require.False(t, ago >= 60*time.Minute+151*time.Second && ago < 120*time.Minute-151*time.Second, "%v", ago)
		near := p.time(t).Round(5 * time.Minute)
		require.True(t, own[near] && p.time(t).Sub(near).Abs() <= time.Second, "%v", p.time(t))
	}
}

func TestTimestampsAndUnits(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	midnight := time.Date(2026, 7, 5, 0, 4, 9, 0, time.UTC)
	s, f, clock := signedIn(t, Options{People: []Person{{Zone: zone, Mmol: true, Source: replay{{Time: midnight, MgDL: 252}}}}})
	clock.Set(midnight.Add(time.Minute))
	it := f.current()
	require.Equal(t, "7/5/2026 12:04:09 AM", it.FactoryTimestamp)
	require.Equal(t, "7/4/2026 8:04:09 PM", it.Timestamp)
	require.Zero(t, it.GlucoseUnits)
	require.Contains(t, f.get(dataPath).body, `"Value":14,`, "a whole number has no decimal")
	require.Contains(t, f.get("/user").body, `"uom":"0"`)
	require.NoError(t, s.Push("", Reading{MgDL: 174, Arrow: ArrowRising}))
	it = f.current()
	require.InDelta(t, 9.7, it.Value, 0)
	require.Equal(t, 174, it.ValueInMgPerDl)
	require.Equal(t, 4, *it.TrendArrow)
}

func TestMmolRoundsAsTheService(t *testing.T) {
	for mgdl, want := range map[int]float64{252: 14, 174: 9.7, 201: 11.2, 70: 3.9, 54: 3, 91: 5.1} {
		require.InDelta(t, want, mmol(mgdl), 0, "%d", mgdl)
	}
}

func TestColors(t *testing.T) {
	p := newPatient(Person{}, Feed{}, 1, noon)
	for mgdl, want := range map[int]int{69: 4, 70: 1, 180: 1, 181: 2, 240: 2, 241: 3} {
		require.Equal(t, want, p.color(mgdl), "%d", mgdl)
	}
}

func TestArrowFollowsTheSlope(t *testing.T) {
	for slope, want := range map[float64]int{-2.5: 1, -1.5: 2, -0.5: 3, 0: 3, 0.5: 3, 1.5: 4, 2.5: 5} {
		for _, step := range []int{1, 5, 15} {
			var list []Reading
			for m := -30; m <= 0; m += step {
				list = append(list, at(time.Duration(m)*time.Minute, 150+int(math.Round(slope*float64(m)))))
			}
			require.Equal(t, want, arrow(list), "%v every %d min", slope, step)
		}
	}
	require.Equal(t, ArrowUnknown, arrow([]Reading{at(0, 100)}))
	require.Equal(t, ArrowUnknown, arrow([]Reading{at(-21*time.Minute, 100), at(0, 100)}), "after a gap")
	require.Equal(t, ArrowUnknown, arrow([]Reading{at(-time.Minute, 100), {Time: noon, MgDL: 501, High: true}}))
}

func TestSensorScenarios(t *testing.T) {
	age := func(t *testing.T, f *follower, clock *testClock) time.Duration {
		t.Helper()
		return clock.Now().Sub(f.current().time(t))
	}
	sensorAge := func(f *follower, clock *testClock) time.Duration {
		people, _ := f.connections()
		return clock.Now().Sub(time.Unix(people[0].Sensor.A, 0))
	}
	t.Run("upload_delayed", func(t *testing.T) {
		s, f, clock := signedIn(t, Options{Scenario: "upload_delayed"})
		require.InDelta(t, 25.5, age(t, f, clock).Minutes(), 1)
		clock.Add(time.Hour)
		require.InDelta(t, 85.5, age(t, f, clock).Minutes(), 1)
		require.NoError(t, s.SetScenario("ok"))
		require.Less(t, age(t, f, clock), 81*time.Second)
		require.NoError(t, s.SetScenario("upload_delayed"))
		require.Less(t, age(t, f, clock), 81*time.Second, "a value that was seen stays")
	})
	t.Run("sensor_ended", func(t *testing.T) {
		_, f, clock := signedIn(t, Options{Scenario: "sensor_ended"})
		require.InDelta(t, 60.5, age(t, f, clock).Minutes(), 1)
		require.Greater(t, sensorAge(f, clock), 15*24*time.Hour)
		clock.Add(24 * time.Hour)
		require.InDelta(t, 25, age(t, f, clock).Hours(), 0.1)
	})
	t.Run("warming_up", func(t *testing.T) {
		_, f, clock := signedIn(t, Options{Scenario: "warming_up"})
		require.InDelta(t, 20, sensorAge(f, clock).Minutes(), 0.1)
		require.InDelta(t, 25.5, age(t, f, clock).Minutes(), 1)
		clock.Add(39 * time.Minute)
		require.InDelta(t, 64.5, age(t, f, clock).Minutes(), 1)
		clock.Add(3 * time.Minute)
		require.Less(t, age(t, f, clock), 81*time.Second)
	})
	t.Run("upload_batches", func(t *testing.T) {
		_, f, clock := signedIn(t, Options{Scenario: "upload_batches"})
		before := f.current().time(t)
		clock.Add(15*time.Minute - 1)
		require.Equal(t, before, f.current().time(t))
		clock.Add(1)
		require.InDelta(t, 15, f.current().time(t).Sub(before).Minutes(), 1.1)
	})
	t.Run("future_clock", func(t *testing.T) {
		_, f, clock := signedIn(t, Options{Scenario: "future_clock"})
		require.InDelta(t, -119.5, age(t, f, clock).Minutes(), 1)
	})
	t.Run("next sensor", func(t *testing.T) {
		_, f, clock := signedIn(t, Options{})
		require.InDelta(t, 5*24, sensorAge(f, clock).Hours(), 0.1)
		clock.Add(9*24*time.Hour + 30*time.Minute)
		require.InDelta(t, 30, sensorAge(f, clock).Minutes(), 0.1)
		require.InDelta(t, 30.5, age(t, f, clock).Minutes(), 1)
		clock.Add(32 * time.Minute)
		require.Less(t, age(t, f, clock), 81*time.Second)
	})
}

func TestHolesInTheData(t *testing.T) {
	s, f, _ := signedIn(t, Options{})
	path := "/llu/connections/" + s.PersonIDs()[0] + "/graph"
	set := func(name string) { require.NoError(t, s.SetScenario(name)) }

	set("null_measurement")
	require.Contains(t, f.get(dataPath).body, `"glucoseMeasurement":null`)
	require.NotContains(t, f.get(dataPath).body, `"sensor":null`)
	set("null_data")
	require.Contains(t, f.get(dataPath).body, `"data":null`)
	require.Contains(t, f.get(path).body, `"data":null`)
	set("null_everything")
	people, _ := f.connections()
	require.Equal(t, []person{{PatientID: s.PersonIDs()[0]}}, people)
	require.Contains(t, f.get(path).body, `"graphData":null`)
	set("missing_fields")
	body := f.get(path).body
	require.Contains(t, body, "FactoryTimestamp")
	for _, name := range []string{"TrendArrow", "graphData", "firstName", "sensor", "Sensors", `"Timestamp"`, "GlucoseUnits"} {
		require.NotContains(t, body, name)
	}
	set("no_sensor")
	body = f.get(path).body
	for _, text := range []string{`"sensor":null`, `"glucoseMeasurement":null`, `"activeSensors":[]`, `"graphData":[]`} {
		require.Contains(t, body, text)
	}
	set("empty_connections")
	people, _ = f.connections()
	require.Empty(t, people)
	require.Contains(t, f.get(dataPath).body, `"data":[]`)
	require.Contains(t, f.get(path).body, "couldNotLoadPatient")
	set("could_not_load_patient")
	require.NotNil(t, f.current())
	require.JSONEq(t, `{"error":{"message":"couldNotLoadPatient"},"status":4}`, f.get(path).body)
}

func TestReadingScenarios(t *testing.T) {
	s, f, _ := signedIn(t, Options{})
	set := func(name string) { require.NoError(t, s.SetScenario(name)) }
	set("hi")
	require.True(t, f.current().IsHigh)
	require.Equal(t, 500, f.current().ValueInMgPerDl)
	set("lo")
	require.True(t, f.current().IsLow)
	require.False(t, f.current().IsHigh)
	set("unknown_trend")
	require.Zero(t, *f.current().TrendArrow)
	require.Contains(t, f.get(dataPath).body, `"TrendArrow":0`)
	set("unknown_trend_null")
	require.Contains(t, f.get(dataPath).body, `"TrendArrow":null`)
	set("unknown_trend_absent")
	require.NotContains(t, f.get(dataPath).body, "TrendArrow")
	set("mmol_account")
	people, _ := f.connections()
	require.Zero(t, people[0].UOM)
	require.Equal(t, 70, people[0].TargetLow, "targets stay in mg/dL")
	require.InDelta(t, mmol(people[0].GlucoseMeasurement.ValueInMgPerDl), people[0].GlucoseMeasurement.Value, 0)
	require.Contains(t, f.login().body, `"uom":"0"`)
}

func TestTwoPeopleInChangingOrder(t *testing.T) {
	s, f, _ := signedIn(t, Options{Scenario: "two_people"})
	first, _ := f.connections()
	second, _ := f.connections()
	require.Len(t, first, 2)
	require.Equal(t, first[0].PatientID, second[1].PatientID)
	require.NotEqual(t, first[0].PatientID, first[1].PatientID)
	for _, p := range first {
		shown, points := f.graph(p.PatientID)
		require.Equal(t, p.FirstName, shown.FirstName)
		require.NotEmpty(t, points)
	}
	require.Contains(t, f.get("/llu/connections/nobody/graph").body, "couldNotLoadPatient")
	require.Len(t, s.PersonIDs(), 1)
}

func TestLogbookAndConfig(t *testing.T) {
	s, f, clock := signedIn(t, Options{Source: replay{
		at(-3*time.Hour, 100), at(-2*time.Hour, 65), at(-90*time.Minute, 50), at(-time.Hour, 120), at(-time.Minute, 250),
	}})
	clock.Add(time.Minute)
	body := f.get("/llu/connections/" + s.PersonIDs()[0] + "/logbook").body
	require.Regexp(t, `"alarmType":2.*"alarmType":0.*"alarmType":1`, body)
	f.header = nil
	require.Contains(t, f.get("/llu/config/country?country=DE").body, `"lslApi":"https://api-eu2.libreview.io"`)
}
