package history_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/llutray/llutray/internal/history"
)

// A copy of the history on a medium that can't be written can be looked at,
// and a start there says what is missing.
func TestReadOnlyFolder(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "history.db")
	fill(t, path)
	require.NoError(t, os.Chmod(path, 0o444))
	require.NoError(t, os.Chmod(dir, 0o555))
	t.Cleanup(func() { require.NoError(t, os.Chmod(dir, 0o755)) })
	if os.Geteuid() == 0 {
		// Root may write everywhere: look as nobody. The right is this
		// thread's alone, which ends with the test.
		require.NoError(t, os.Chmod(filepath.Dir(dir), 0o755))
		runtime.LockOSThread()
		require.NoError(t, unix.Setfsuid(65534))
		defer func() { require.NoError(t, unix.Setfsuid(0)) }()
	}
	s, err := history.OpenReadOnly(path)
	require.NoError(t, err)
	got, err := s.Readings(ctx, john.ID, time.Time{}, time.Time{})
	require.NoError(t, err)
	require.Len(t, got, 5_000)
	require.NoError(t, s.Close())

	_, _, err = history.Open(path)
	require.ErrorContains(t, err, "the history "+path+" cannot be opened: ")
	require.ErrorContains(t, err, "give yourself the right to write there")
}
