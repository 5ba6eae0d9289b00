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

func doubted(t *testing.T, s *history.Store, p glucose.Person) []glucose.Reading {
	got, err := s.Doubted(ctx, p.ID, time.Time{}, time.Time{})
	require.NoError(t, err)
	return got
}

func readings(t *testing.T, s *history.Store, p glucose.Person) []glucose.Reading {
	got, err := s.Readings(ctx, p.ID, time.Time{}, time.Time{})
	require.NoError(t, err)
	return got
}

// What clocks hours ahead have dated is out of the way of the true readings of
// those seconds, and not lost.
func TestDoubt(t *testing.T) {
	s := open(t)
	before, graph := at(0, 100, glucose.Live), at(3*time.Hour, 99, glucose.Graph)
	false1 := glucose.Reading{Time: noon.Add(3 * time.Hour), Value: 101, Trend: glucose.Rising, Source: glucose.Nightscout}
	false2 := glucose.Reading{Time: noon.Add(3*time.Hour + time.Minute), Value: 500, Limit: glucose.LimitHigh}
	imported := at(3*time.Hour+2*time.Minute, 97, glucose.Imported)
	_, err := s.Append(ctx, john, []glucose.Reading{before, false1, false2, graph, imported})
	require.NoError(t, err)
	_, err = s.Append(ctx, mary, []glucose.Reading{false1})
	require.NoError(t, err)
	cut := noon.Add(5 * time.Minute)

	moved, err := s.Doubt(ctx, john, cut, nil)
	require.NoError(t, err)
	require.Equal(t, 3, moved)
	require.Equal(t, []glucose.Reading{before, imported}, readings(t, s, john), "what was imported is never the present")
	require.Equal(t, []glucose.Reading{false1, graph, false2}, doubted(t, s, john), "each as it was shown")
	require.Len(t, readings(t, s, mary), 1, "another's are another's")
	merged, err := s.Merged(ctx, john.ID, time.Time{}, time.Time{})
	require.NoError(t, err)
	require.Equal(t, []glucose.Reading{before, imported}, merged)
	r, _, err := s.Latest(ctx, john.ID)
	require.NoError(t, err)
	require.Equal(t, before, r)

	// The true ones of the same seconds.
	true1, trueGraph := at(3*time.Hour, 140, glucose.Live), at(3*time.Hour+10*time.Second, 98, glucose.Graph)
	added, err := s.Append(ctx, john, []glucose.Reading{true1, trueGraph})
	require.NoError(t, err)
	require.Equal(t, []glucose.Reading{true1, trueGraph}, added)
	fromFile := at(3*time.Hour+time.Minute, 141, glucose.Imported)
	missing, err := s.Missing(ctx, john.ID, []glucose.Reading{fromFile})
	require.NoError(t, err)
	require.Len(t, missing, 1)
	added, err = s.Import(ctx, john, []glucose.Reading{fromFile})
	require.NoError(t, err)
	require.Len(t, added, 1)

	// Both clocks once more: nothing takes the place of anything.
	moved, err = s.Doubt(ctx, john, cut, []glucose.Reading{false1, at(3*time.Hour, 77, glucose.Live), {Time: noon.Add(4 * time.Hour)}})
	require.NoError(t, err)
	require.Equal(t, 3, moved, "the two true ones, and the one that was not there yet")
	require.Len(t, doubted(t, s, john), 6)
	require.Equal(t, []glucose.Reading{before, fromFile, imported}, readings(t, s, john))
	moved, err = s.Doubt(ctx, john, cut, nil)
	require.NoError(t, err)
	require.Zero(t, moved)

	require.NoError(t, s.DeletePerson(ctx, john.ID))
	require.Empty(t, doubted(t, s, john))
}

// The very second of the border may have been told by a phone whose clock runs
// a little fast, and stays.
func TestDoubtsBorder(t *testing.T) {
	for _, tt := range []struct {
		cut  time.Duration
		want int
	}{{0, 1}, {-time.Millisecond, 2}, {time.Millisecond, 1}, {time.Second, 0}} {
		s := open(t)
		_, err := s.Append(ctx, john, []glucose.Reading{at(0, 100, glucose.Live), at(time.Second, 101, glucose.Live)})
		require.NoError(t, err)
		moved, err := s.Doubt(ctx, john, noon.Add(tt.cut), nil)
		require.NoError(t, err)
		require.Equal(t, tt.want, moved, tt.cut)
	}
}

// What never reached the store, of somebody who did not either.
func TestDoubtOfWhatWasNotStored(t *testing.T) {
	s := open(t)
	moved, err := s.Doubt(ctx, john, noon, nil)
	require.NoError(t, err)
	require.Zero(t, moved)
	people, err := s.People(ctx)
	require.NoError(t, err)
	require.Empty(t, people, "nothing to do writes nothing")
	r := at(3*time.Hour, 100, glucose.Live)
	moved, err = s.Doubt(ctx, john, noon, []glucose.Reading{r})
	require.NoError(t, err)
	require.Equal(t, 1, moved)
	require.Empty(t, readings(t, s, john))
	require.Equal(t, []glucose.Reading{r}, doubted(t, s, john))
}

// While another process writes, an answer that leaves nothing to be moved does
// not wait for it.
func TestDoubtWaitsForNoLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	s, _, err := history.Open(path)
	require.NoError(t, err)
	defer s.Close()
	_, err = s.Append(ctx, john, []glucose.Reading{at(0, 100, glucose.Live)})
	require.NoError(t, err)
	other, err := sql.Open("sqlite", path+"?_txlock=immediate")
	require.NoError(t, err)
	defer other.Close()
	tx, err := other.Begin()
	require.NoError(t, err)
	_, err = s.Doubt(ctx, john, noon, nil)
	require.NoError(t, err)
	require.NoError(t, tx.Rollback())
}

// Where a part can't be moved, nothing is.
func TestDoubtIsAllOrNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	s, _, err := history.Open(path)
	require.NoError(t, err)
	defer s.Close()
	_, err = s.Append(ctx, john, []glucose.Reading{at(0, 100, glucose.Live), at(time.Minute, 101, glucose.Live)})
	require.NoError(t, err)
	execute(t, path, "CREATE TRIGGER stays BEFORE DELETE ON readings WHEN old.mgdl = 101 BEGIN SELECT RAISE(FAIL, 'no'); END")
	moved, err := s.Doubt(ctx, john, noon.Add(-time.Second), nil)
	require.Error(t, err)
	require.Zero(t, moved)
	require.Len(t, readings(t, s, john), 2)
	require.Empty(t, doubted(t, s, john))
}

// The question goes down the primary key, in files of years too.
func TestDoubtIsNoSearch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	s, _, err := history.Open(path)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer db.Close()
	rows, err := db.Query("EXPLAIN QUERY PLAN "+history.AnyLater, "id", 0)
	require.NoError(t, err)
	defer rows.Close()
	var plan string
	for rows.Next() {
		var id, parent, unused int
		var step string
		require.NoError(t, rows.Scan(&id, &parent, &unused, &step))
		plan += step + "\n"
	}
	require.NoError(t, rows.Err())
	require.Contains(t, plan, "PRIMARY KEY (person=? AND origin=? AND time>?)")
}

// A file of before has no place for them, and nothing in it is doubted.
func TestNothingDoubtedInAnOldFile(t *testing.T) {
	path := version1(t)
	old, err := history.OpenReadOnly(path)
	require.NoError(t, err)
	defer old.Close()
	require.Empty(t, doubted(t, old, john))
}
