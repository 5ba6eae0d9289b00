package history_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/history"
)

// Where a reading came from is kept, by every way to read it.
func TestSourceOfAReading(t *testing.T) {
	s, _, err := history.Open(filepath.Join(t.TempDir(), "history.db"))
	require.NoError(t, err)
	defer s.Close()
	readings := []glucose.Reading{
		{Time: noon, Value: 98},
		{Time: noon.Add(5 * time.Minute), Value: 104, Trend: glucose.RisingFast, Limit: glucose.LimitHigh, Source: glucose.Nightscout},
	}
	added, err := s.Append(ctx, john, readings)
	require.NoError(t, err)
	require.Equal(t, readings, added)
	got, err := s.Readings(ctx, john.ID, time.Time{}, time.Time{})
	require.NoError(t, err)
	require.Equal(t, readings, got)
	got, err = s.Merged(ctx, john.ID, time.Time{}, time.Time{})
	require.NoError(t, err)
	require.Equal(t, readings, got)
	r, ok, err := s.Latest(ctx, john.ID)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, readings[1], r)
}

// BenchmarkMigration is the step that brings five years of readings up to
// date, which a start waits for once.
func BenchmarkMigration(b *testing.B) {
	dir := b.TempDir()
	path, err := writeBig(dir)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		b.StopTimer()
		back(b, path)
		b.StartTimer()
		s, _, err := history.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		closeBig(b, s)
	}
}

// back makes a file one of the version before the sources.
func back(b *testing.B, path string) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`DROP VIEW readings_for_people; ALTER TABLE readings DROP COLUMN source;
		CREATE VIEW readings_for_people AS SELECT 1; PRAGMA user_version = 2`); err != nil {
		b.Fatal(err)
	}
}
