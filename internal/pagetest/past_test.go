//go:build linux

package pagetest

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/history"
	"github.com/llutray/llutray/internal/libretest"
)

// remember gives the program of a folder some weeks of past, as it would have
// followed them: each day with a low at night and a high after a meal, the
// days a little different, an afternoon missing, and alarms in the log.
func remember(t *testing.T, dir string, s *libretest.Server, days int) {
	t.Helper()
	path := filepath.Join(dir, "data", "llutray", "history.db")
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	store, _, err := history.Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()

	id := s.PersonIDs()[0]
	end := time.Now().Truncate(time.Minute).Add(-2 * time.Minute)
	var readings []glucose.Reading
	for i := days * 24 * 12; i >= 0; i-- {
		at := end.Add(-time.Duration(i) * 5 * time.Minute)
		if age := end.Sub(at); age > 30*time.Hour && age < 35*time.Hour {
			continue
		}
		readings = append(readings, glucose.Reading{Time: at, Value: valueAt(at, end), Trend: glucose.Flat, Origin: glucose.Live})
	}
	_, err = store.Append(t.Context(), glucose.Person{ID: id, Name: "Robin Example"}, readings)
	require.NoError(t, err)
	// The log is what the engine says to these readings: pictures are made of it.
	for _, d := range alarm.Replay(alarm.DefaultConfig(), readings, true) {
		if !d.Say {
			continue
		}
		r := alarm.RecordOf(d)
		r.Delivery, r.Answer, r.AnsweredAt = alarm.DeliveryOK, "seen", r.Time.Add(3*time.Minute)
		require.NoError(t, store.LogAlarm(t.Context(), id, r))
	}
}

// valueAt is the glucose of an instant: meals and nights at the same hours, by
// days a little higher or lower, and in range at the end.
func valueAt(at, end time.Time) glucose.MgDL {
	value := 118 + 14*math.Sin(float64(at.Unix())/86400*2.1)
	for _, bump := range []struct{ before, height, width float64 }{{2.6, 118, .9}, {7.5, 96, 1.1}, {13, 84, 1}, {17, -48, .9}} {
		day := end.Sub(at).Hours()
		off := (math.Mod(day, 24) - bump.before) / bump.width
		value += bump.height * (1 + .25*math.Sin(day/31)) * math.Exp(-off*off/2)
	}
	return glucose.MgDL(math.Round(value))
}
