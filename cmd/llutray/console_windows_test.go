package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

func TestTwin(t *testing.T) {
	exe := filepath.Join(t.TempDir(), "llutray.exe")
	com := exe[:len(exe)-len(trayExt)] + consoleExt
	require.Equal(t, exe, consoleExe(exe), "a lone program is its own twin")
	require.Equal(t, com, trayExe(com))
	for _, name := range []string{exe, com} {
		require.NoError(t, os.WriteFile(name, nil, 0o755))
	}
	require.Equal(t, com, consoleExe(exe))
	require.Equal(t, exe, trayExe(com))
	require.Equal(t, exe, trayExe(exe))
}

func TestExplorerMayStartIt(t *testing.T) {
	require.Empty(t, cobra.MousetrapHelpText, "cobra would end what Explorer starts")
}
