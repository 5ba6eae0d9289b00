package history_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/history"
)

func journalOf(t *testing.T, path string) (mode string) {
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	require.NoError(t, db.QueryRow("PRAGMA journal_mode").Scan(&mode))
	return mode
}

// On a home over NFS the history does without WAL, also one that was begun on
// a disk of its own, and can be read beside the writer all the same.
func TestHomeOnTheNetwork(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	fill(t, path)
	require.Equal(t, "wal", journalOf(t, path))

	back := history.OnNetwork()
	s, notice, err := history.Open(path)
	back()
	require.NoError(t, err)
	require.Empty(t, notice)
	require.Equal(t, "delete", journalOf(t, path))
	before, err := s.Readings(ctx, john.ID, time.Time{}, time.Time{})
	require.NoError(t, err)
	require.NotEmpty(t, before)

	reader, err := history.OpenReadOnly(path)
	require.NoError(t, err)
	last := before[len(before)-1]
	last.Time = last.Time.Add(time.Minute)
	_, err = s.Append(ctx, john, append(before[:0:0], last))
	require.NoError(t, err)
	after, err := reader.Readings(ctx, john.ID, time.Time{}, time.Time{})
	require.NoError(t, err)
	require.Len(t, after, len(before)+1)
	for _, suffix := range []string{"-wal", "-shm"} {
		_, err = os.Stat(path + suffix)
		require.ErrorIs(t, err, os.ErrNotExist, "what no network shares")
	}
	require.NoError(t, reader.Close())
	require.NoError(t, s.Close())

	s, _, err = history.Open(path) // and back on a disk
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.Equal(t, "wal", journalOf(t, path))
}
