package alarm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

const warmUp = time.Hour

func TestLifeOf(t *testing.T) {
	for _, c := range []struct {
		s    glucose.Sensor
		set  time.Duration
		want time.Duration
	}{
		{glucose.Sensor{Model: "Libre 3"}, 0, 14 * day},
		{glucose.Sensor{}, 0, 14 * day},
		{glucose.Sensor{Model: "Libre 2 Plus"}, 0, 15 * day},
		{glucose.Sensor{Model: "Libre 3", Life: 15 * day}, 0, 15 * day},
		{glucose.Sensor{Model: "Libre 2 Plus", Life: 15 * day}, 14 * day, 14 * day},
	} {
		require.Equal(t, c.want, LifeOf(c.s, c.set), "%+v", c)
	}
}

// worn tells the engine of a sensor with that much left of its 14 days.
func worn(r *rig, left time.Duration) []Decision {
	return r.step(Input{Sensor: &glucose.Sensor{Serial: "MH00ABCD10", Model: "Libre 2", Activated: r.now.Add(left - 14*day), WarmUp: warmUp}})
}

func sensorRig(t *testing.T) *rig {
	cfg := DefaultConfig()
	cfg.NoData.On = false
	r := newRig(t, 5*time.Minute)
	r.e.SetConfig(cfg)
	return r
}

func TestSensorEndsByTheClock(t *testing.T) {
	for _, restart := range []bool{false, true} {
		r := sensorRig(t)
		require.Empty(t, worn(r, 30*time.Hour))
		r.restart = restart
		end := r.now.Add(30 * time.Hour)
		require.Empty(t, r.until(end.Add(-day-1)))
		r.step(Input{})
		require.Equal(t, end.Add(-day), r.wake, "by the clock, though the service is silent")
		r.pass(4 * day)
		require.Equal(t, []string{"-1440 sensor_ends first", "-120 sensor_ends worse", "0 sensor_ends worse"}, times(r.log, end))
		require.Empty(t, r.e.Standing(r.now), "it does not stand for ever")
		require.True(t, r.log[len(r.log)-1].Withdraw)
	}
}

func TestSensorEndsText(t *testing.T) {
	r := sensorRig(t)
	worn(r, 24*time.Hour)
	r.pass(day)
	var got []string
	for _, d := range r.log {
		title, body := Text(d, "John", glucose.MgPerDL, Full)
		got = append(got, title+" | "+body)
		require.Empty(t, d.Sensor.Serial)
	}
	require.Equal(t, []string{
		"SENSOR ends in 24 h, John | Its 14 days are over at Tue 12:00. Have a new one ready: it gives no readings for its first 1 h.",
		"SENSOR ends in 2 h, John | Its 14 days are over at 12:00. Have a new one ready: it gives no readings for its first 1 h.",
		"SENSOR has ended, John | Its 14 days were over at 12:00. Start a new one: it gives no readings for its first 1 h.",
	}, got)
}

func TestSensorEndsStartsInTheMiddle(t *testing.T) {
	for _, c := range []struct {
		left time.Duration
		want string
	}{
		{day + 1, ""}, {day, "sensor_ends first"}, {90 * time.Minute, "sensor_ends first"}, {0, "sensor_ends first"},
		{-sensorOver + 1, "sensor_ends first"}, {-sensorOver, ""}, {-30 * day, ""},
	} {
		r := sensorRig(t)
		require.Equal(t, c.want, said(worn(r, c.left)), "%s", c.left)
	}
	r := sensorRig(t)
	worn(r, 90*time.Minute)
	r.pass(day)
	require.Equal(t, "sensor_ends first, sensor_ends worse", said(r.log), "the notice a day ahead is not made up for")
}

func TestANewSensorEndsIt(t *testing.T) {
	r := sensorRig(t)
	worn(r, time.Hour)
	require.Equal(t, "xsensor_ends cleared", all(worn(r, 14*day)))
	require.Empty(t, worn(r, 30*time.Minute), "the service names the old one once more")
	end := r.now.Add(14 * day)
	r.log = nil
	r.pass(15 * day)
	require.Equal(t, []string{"-1440 sensor_ends first", "-120 sensor_ends worse", "0 sensor_ends worse"}, times(r.log, end))
}

func TestSensorLifeSet(t *testing.T) {
	r := sensorRig(t)
	cfg := r.e.cfg
	require.Equal(t, "sensor_ends first", said(worn(r, time.Hour)))
	cfg.SensorEnds.Life = 15*day + 12*time.Hour
	r.e.SetConfig(cfg)
	require.Equal(t, "xsensor_ends cleared", all(r.step(Input{})), "it has longer than that")
	cfg.SensorEnds.On = false
	r.e.SetConfig(cfg)
	require.Empty(t, all(r.pass(3*day)))
}

func TestSensorEndsInQuietHours(t *testing.T) {
	r := quietRig(t)
	r.e.cfg.NoData.On = false
	require.Equal(t, "-sensor_ends quiet", all(worn(r, day)))
	require.Equal(t, "sensor_ends first", said(r.until(time.Date(2026, 3, 2, 14, 0, 0, 0, time.UTC))))
	r = quietRig(t)
	r.e.cfg.NoData.On = false
	worn(r, 2*time.Hour+time.Minute)
	require.Equal(t, "sensor_ends first", said(r.pass(time.Minute)), "two hours ahead it is heard")
}

func TestNoDataNamesTheBrokenLink(t *testing.T) {
	for kind, want := range map[glucose.FaultKind]string{
		glucose.ClockFault: "this computer", glucose.Offline: "the network", glucose.ServerError: "LibreLinkUp",
		glucose.Throttled: "LibreLinkUp", glucose.Locked: "the sign-in", glucose.UploadDelayed: "their phone",
		glucose.ShareRevoked: "their phone", glucose.SensorEnded: "the sensor", glucose.WarmingUp: "the sensor",
	} {
		r := newRig(t, 5*time.Minute)
		r.read(100)
		r.fault = &glucose.Fault{Kind: kind, Message: "It is so."}
		got := r.pass(20 * time.Minute)
		title, body := Text(got[0], "John", glucose.MgPerDL, Full)
		require.Equal(t, "NO DATA for 20 min, John: "+want, title)
		require.Equal(t, "It is so. The last was 100 mg/dL at 12:00.", body)
		require.NotEmpty(t, LinkOf(kind))
	}
	t.Run("a sensor that gives nothing, without a fault", func(t *testing.T) {
		r := newRig(t, 5*time.Minute)
		r.read(100)
		r.step(Input{Sensor: &glucose.Sensor{Activated: noon, WarmUp: warmUp}})
		got := only(r.pass(time.Hour-1), NoData)
		title, body := Text(got[0], "", glucose.MgPerDL, Full)
		require.Equal(t, "NO DATA for 20 min: the sensor", title)
		require.Equal(t, "The new sensor warms up until 13:00. The last was 100 mg/dL at 12:00.", body)
	})
	require.Equal(t, LinkUnknown, LinkOf("?"))
}
