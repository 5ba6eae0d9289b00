//go:build !windows && !darwin

package tray

import (
	"net"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSessionOver(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", dir)
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "wayland-7")
	require.True(t, SessionOver(), "nobody listens")

	l, err := net.Listen("unix", filepath.Join(dir, "wayland-7"))
	require.NoError(t, err)
	require.False(t, SessionOver())
	t.Setenv("WAYLAND_DISPLAY", filepath.Join(dir, "wayland-7"))
	require.False(t, SessionOver(), "by its path")
	require.NoError(t, l.Close())
	require.True(t, SessionOver(), "the compositor has ended")

	t.Setenv("WAYLAND_DISPLAY", "")
	for display, over := range map[string]bool{"": true, ":987654": true, "unix:987654.0": true, "elsewhere:10.0": false} {
		t.Setenv("DISPLAY", display)
		require.Equal(t, over, SessionOver(), display)
	}
	x, err := net.Listen("unix", "@/tmp/.X11-unix/X987654")
	if err != nil {
		t.Skip("no abstract sockets here") // they are Linux's
	}
	defer func() { require.NoError(t, x.Close()) }()
	t.Setenv("DISPLAY", ":987654.0")
	require.False(t, SessionOver())
}
