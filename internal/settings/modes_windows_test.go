package settings_test

import (
	"io/fs"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// requireMode checks that the file is there: who may read it is decided by
// the user's profile folder, not by a mode.
func requireMode(t *testing.T, path string, _ fs.FileMode) {
	_, err := os.Stat(path)
	require.NoError(t, err)
}
