package history_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/history"
)

// version1 makes a file as the first version wrote it. testdata/version1.sql
// is frozen: it must open for ever.
func version1(t *testing.T) string {
	text, err := os.ReadFile("testdata/version1.sql")
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "history.db")
	execute(t, path, string(text))
	return path
}

func TestMigrationFromVersion1(t *testing.T) {
	path := version1(t)

	old, err := history.OpenReadOnly(path)
	require.NoError(t, err, "status works before the program was started once")
	r, ok, err := old.Latest(ctx, john.ID)
	require.NoError(t, err)
	require.True(t, ok)
	require.EqualValues(t, 104, r.Value)
	stored, err := old.Readings(ctx, john.ID, time.Time{}, time.Time{})
	require.NoError(t, err)
	require.Len(t, stored, 2)
	alarms, err := old.Alarms(ctx, john.ID, time.Time{}, time.Time{})
	require.NoError(t, err)
	require.Empty(t, alarms)
	require.NoError(t, old.Close())

	s, notice, err := history.Open(path)
	require.NoError(t, err)
	require.Empty(t, notice)
	got, err := s.Readings(ctx, john.ID, time.Time{}, time.Time{})
	require.NoError(t, err)
	require.Equal(t, []glucose.Reading{
		{Time: noon, Value: 98, Trend: glucose.Falling, Origin: glucose.Graph},
		{Time: noon.Add(time.Minute), Value: 104, Trend: glucose.Flat},
	}, got)
	fault, ok, err := s.Meta(ctx, "fault")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, "null", fault)
	require.NoError(t, s.LogAlarm(ctx, john.ID, alarm.Record{ID: "1", Time: noon, Kind: alarm.Low}))
	require.NoError(t, s.Close())

	fresh := filepath.Join(t.TempDir(), "fresh.db")
	s, _, err = history.Open(fresh)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.Equal(t, objects(t, fresh), objects(t, path), "the same schema on either way")
}

// objects lists what a file's schema is made of.
func objects(t *testing.T, path string) (out []string) {
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer db.Close()
	rows, err := db.Query("SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY name")
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var s string
		require.NoError(t, rows.Scan(&s))
		out = append(out, s)
	}
	require.NoError(t, rows.Err())
	return out
}

// The numbers in the file mean the same for ever, whatever order the domain's
// constants are in; the view spells them out.
func TestStoredNumbersKeepTheirMeaning(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	s, _, err := history.Open(path)
	require.NoError(t, err)
	var readings []glucose.Reading
	for i, trend := range []glucose.Trend{
		glucose.TrendUnknown, glucose.FallingFast, glucose.Falling, glucose.Flat, glucose.Rising, glucose.RisingFast,
	} {
		readings = append(readings, glucose.Reading{Time: noon.Add(time.Duration(i) * time.Minute), Value: 91, Trend: trend})
	}
	readings = append(readings,
		glucose.Reading{Time: noon.Add(6 * time.Minute), Value: 40, Limit: glucose.LimitLow, Origin: glucose.Graph},
		glucose.Reading{Time: noon.Add(7 * time.Minute), Value: 500, Limit: glucose.LimitHigh, Origin: glucose.Imported},
		glucose.Reading{Time: noon.Add(8 * time.Minute), Value: 92, Source: glucose.Nightscout})
	_, err = s.Append(ctx, john, readings)
	require.NoError(t, err)
	require.NoError(t, s.Close())

	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer db.Close()
	rows, err := db.Query("SELECT name, time, mgdl, mmol, trend, scale, origin, source FROM readings_for_people ORDER BY time")
	require.NoError(t, err)
	defer rows.Close()
	for _, want := range readings {
		require.True(t, rows.Next())
		var name, at, trend, scale, origin, source string
		var mgdl int
		var mmol float64
		require.NoError(t, rows.Scan(&name, &at, &mgdl, &mmol, &trend, &scale, &origin, &source))
		require.Equal(t, john.Name, name)
		require.Equal(t, want.Time.Format(time.RFC3339), at)
		require.EqualValues(t, want.Value, mgdl)
		require.InDelta(t, want.Value.Mmol(), mmol, 1e-9)
		require.Equal(t, want.Trend.String(), trend)
		require.Equal(t, want.Origin.String(), origin)
		switch {
		case want.Origin == glucose.Imported:
			require.Empty(t, source, "a file")
		case want.Source == glucose.Nightscout:
			require.Equal(t, "nightscout", source)
		default:
			require.Equal(t, "librelinkup", source)
		}
		switch want.Limit {
		case glucose.LimitNone:
			require.Empty(t, scale)
		default:
			require.Equal(t, want.Number(glucose.MgPerDL), scale)
		}
	}
	require.NoError(t, rows.Err())
}

func TestAlarmLog(t *testing.T) {
	s := open(t)
	first := alarm.Record{
		ID: "a1", Time: noon, Kind: alarm.Low, Level: alarm.LevelLow, Reason: alarm.First, Value: 66,
	}
	second := alarm.Record{
		ID: "a2", Time: noon.Add(30 * time.Minute), Kind: alarm.UrgentLow, Level: alarm.LevelUrgent, Reason: alarm.Worse,
		Limit: glucose.LimitLow,
	}
	for _, r := range []alarm.Record{first, second} {
		require.NoError(t, s.LogAlarm(ctx, john.ID, r))
	}
	require.NoError(t, s.LogAlarm(ctx, mary.ID, first))
	require.NoError(t, s.LogAlarm(ctx, "", alarm.Record{ID: "a1", Time: noon, Kind: alarm.NeedsYou}))
	alarms := func(person string, from, to time.Time) []alarm.Record {
		got, err := s.Alarms(ctx, person, from, to)
		require.NoError(t, err)
		return got
	}
	require.Equal(t, []alarm.Record{first, second}, alarms(john.ID, time.Time{}, time.Time{}))
	require.Equal(t, []alarm.Record{first}, alarms(john.ID, noon, noon.Add(30*time.Minute)), "the end is not in the window")
	require.Len(t, alarms(mary.ID, time.Time{}, time.Time{}), 1)
	require.Equal(t, alarm.NeedsYou, alarms("", time.Time{}, time.Time{})[0].Kind, "before anybody is followed")

	first.Delivery = alarm.DeliveryOK
	require.NoError(t, s.LogAlarm(ctx, john.ID, first))
	first.Answer, first.AnsweredAt = "seen", noon.Add(2*time.Minute)
	require.NoError(t, s.LogAlarm(ctx, john.ID, first))
	require.Equal(t, []alarm.Record{first, second}, alarms(john.ID, time.Time{}, time.Time{}), "its fate is written to the same row")

	require.NoError(t, s.DeletePerson(ctx, john.ID))
	require.Empty(t, alarms(john.ID, time.Time{}, time.Time{}))
	require.Len(t, alarms(mary.ID, time.Time{}, time.Time{}), 1)
}

// What was deleted is not found in the file's bytes.
func TestDeletedPersonLeavesTheDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	s, _, err := history.Open(path)
	require.NoError(t, err)
	secret := glucose.Person{ID: "0f2b9c1e-id", Name: "Alexandrina"}
	_, err = s.Append(ctx, secret, []glucose.Reading{at(0, 100, glucose.Live)})
	require.NoError(t, err)
	require.NoError(t, s.DeletePerson(ctx, secret.ID))
	require.NoError(t, s.Close())
	bytes, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NotContains(t, string(bytes), secret.Name)
	require.NotContains(t, string(bytes), secret.ID)
}
