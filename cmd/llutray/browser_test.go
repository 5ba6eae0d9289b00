package main

import (
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/app"
)

// opener puts a desktop's opener first in the path: it runs the script and
// notes the address that it was given.
func opener(t *testing.T, script string) (dir, noted string) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems bring their own")
	}
	dir = t.TempDir()
	noted = filepath.Join(dir, "noted")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "xdg-open"), []byte("#!/bin/sh\nprintf %s \"$1\" > "+noted+"\n"+script+"\n"), 0o700))
	return dir, noted
}

func TestBrowse(t *testing.T) {
	t.Setenv("WAYLAND_DISPLAY", "")
	for name, c := range map[string]struct {
		script, display string
		fails           bool
	}{
		"opens":                       {"exit 0", ":7", false},
		"stays until the browser end": {"exec sleep 10", ":7", false},
		"finds no browser":            {"exit 3", ":7", true},
		"no desktop":                  {"exit 0", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			dir, noted := opener(t, c.script)
			t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
			t.Setenv("DISPLAY", c.display)
			err := browse("http://127.0.0.1:1/open?code=x")
			_, told := os.Stat(noted)
			if c.fails {
				require.ErrorIs(t, err, app.ErrNoBrowser)
				require.NotContains(t, err.Error(), "code=")
				return
			}
			require.NoError(t, err)
			require.NoError(t, told)
		})
	}
	t.Run("no opener", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		t.Setenv("DISPLAY", ":7")
		require.ErrorIs(t, browse("http://127.0.0.1:1/"), app.ErrNoBrowser)
	})
}

// TestPageOpensInTheBrowser goes from `llutray page` to the page in a browser
// that the desktop opened.
func TestPageOpensInTheBrowser(t *testing.T) {
	bin, noted := opener(t, "exit 0")
	dir := t.TempDir()
	folder := filepath.Join(dir, "demo")
	path := "PATH=" + bin + ":" + os.Getenv("PATH")
	_, quit := launch(t, dir, []string{path, "DISPLAY=:7"}, "demo", "--folder", folder)
	visit(t, dir, "--folder", folder) // it runs
	out := command(t, dir, "page", "--folder", folder)
	require.Equal(t, "The page of llutray opens in your browser.\n", out)
	var address []byte
	require.Eventually(t, func() bool {
		address, _ = os.ReadFile(noted)
		return strings.Contains(string(address), "/open?code=")
	}, 10*time.Second, 20*time.Millisecond)
	resp, err := http.DefaultTransport.RoundTrip(mustGet(t, string(address)))
	require.NoError(t, err)
	_ = resp.Body.Close()
	require.Equal(t, http.StatusSeeOther, resp.StatusCode)
	quit()
}

func mustGet(t *testing.T, address string) *http.Request {
	q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	require.NoError(t, err)
	return q
}
