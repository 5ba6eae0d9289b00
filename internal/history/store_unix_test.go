//go:build unix

package history_test

import (
	"io/fs"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// oddRune is allowed in names here, and has a meaning in the addresses of
// databases.
const oddRune = "?"

func requireMode(t *testing.T, path string, want fs.FileMode) {
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, want, info.Mode().Perm(), path)
}
