package settings_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/musthave"
	"github.com/llutray/llutray/internal/settings"
)

// Where there is no room for the copy the damaged file stays in its place: without
// one the usual limits would be in force in place of the last good ones.
func TestRescueOnAFullDisk(t *testing.T) {
	musthave.Root(t) // to make a small file system
	full := t.TempDir()
	require.NoError(t, syscall.Mount("tmpfs", full, "tmpfs", 0, "size=8k"))
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(full, 0)) })
	path, good := filepath.Join(full, "settings.toml"), filepath.Join(t.TempDir(), "good.toml")
	require.NoError(t, os.WriteFile(path, make([]byte, 4096), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(full, "ballast"), make([]byte, 4096), 0o600))
	require.NoError(t, os.WriteFile(good, []byte("[alarms.low]\nlimit = 80\n"), 0o600))

	_, err := settings.Rescue(path, good)
	require.ErrorIs(t, err, syscall.ENOSPC)
	kept, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, make([]byte, 4096), kept)
	aside, err := filepath.Glob(path + ".broken-*")
	require.NoError(t, err)
	require.Empty(t, aside)
}
