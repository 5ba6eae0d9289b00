//go:build unix

package settings_test

import (
	"io/fs"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func requireMode(t *testing.T, path string, want fs.FileMode) {
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, want, info.Mode().Perm(), path)
}
