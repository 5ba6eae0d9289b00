package settings_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/adrg/xdg"
	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/settings"
)

type state struct {
	Name  string         `json:"name"`
	Count map[string]int `json:"count"`
}

func TestStateRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "llutray", "state.json")
	got := state{Name: "as it was"}
	notice, err := settings.LoadState(path, &got)
	require.NoError(t, err)
	require.Empty(t, notice)
	require.Equal(t, state{Name: "as it was"}, got, "a missing file changes nothing")

	want := state{Name: "x", Count: map[string]int{"a": 1}}
	require.NoError(t, settings.SaveState(path, want))
	requireMode(t, path, 0o600)
	requireMode(t, filepath.Dir(path), 0o700)
	notice, err = settings.LoadState(path, &got)
	require.NoError(t, err)
	require.Empty(t, notice)
	require.Equal(t, want, got)
	files, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, files, 1, "nothing is left beside it")
}

func TestDamagedStateIsSetAside(t *testing.T) {
	tests := map[string]string{
		"empty":           "",
		"cut off":         `{"name": "x", "count": {"a"`,
		"half of it fits": `{"name": "x", "count": 3}`,
		"zeros":           "\x00\x00\x00\x00",
		"something after": `{"name": "x"} {}`,
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state.json")
			for range 2 { // two in one second get names of their own
				require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
				var got state
				notice, err := settings.LoadState(path, &got)
				require.NoError(t, err)
				require.Contains(t, notice, path+".broken-")
				require.Zero(t, got, "not half of it")
				require.NoFileExists(t, path)
			}
			aside, err := filepath.Glob(path + ".broken-*")
			require.NoError(t, err)
			require.Len(t, aside, 2)
			require.Equal(t, text, read(t, aside[0]))
			require.NoError(t, settings.SaveState(path, state{}))
		})
	}
}

// A state that can't be saved leaves the old one.
func TestSaveStateFailure(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	require.NoError(t, settings.SaveState(path, state{Name: "old"}))
	require.Error(t, settings.SaveState(path, map[string]any{"x": func() {}}))
	var got state
	_, err := settings.LoadState(path, &got)
	require.NoError(t, err)
	require.Equal(t, "old", got.Name)
	require.ErrorContains(t, settings.SaveState(filepath.Join(path, "below"), state{}), "cannot be written")
}

func FuzzLoadState(f *testing.F) {
	f.Add([]byte(`{"name": "x", "count": {"a": 1}}`))
	f.Add([]byte(`{"count": {"a": "b"}}`))
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "state.json")
		require.NoError(t, os.WriteFile(path, text, 0o600))
		var got state
		notice, err := settings.LoadState(path, &got)
		require.NoError(t, err)
		if notice != "" {
			require.Zero(t, got)
		}
		require.NoError(t, settings.SaveState(path, got))
		var again state
		notice, err = settings.LoadState(path, &again)
		require.NoError(t, err)
		require.Empty(t, notice)
		require.Equal(t, got, again)
	})
}

// A link stays a link: people keep their settings elsewhere.
func TestSavingKeepsALink(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "dotfiles.toml"), filepath.Join(dir, "settings.toml")
	require.NoError(t, os.WriteFile(target, []byte("unit = \"mmol/L\"\n"), 0o600))
	if err := os.Symlink(target, link); err != nil {
		t.Logf("this system has no links to test: %v", err)
		return
	}
	require.NoError(t, settings.Set(link, "unit", "mg/dL"))
	info, err := os.Lstat(link)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&os.ModeSymlink)
	require.Equal(t, "unit = \"mg/dL\"\n", read(t, target))
}

func TestPaths(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"} {
		t.Setenv(name, filepath.Join(dir, name))
	}
	t.Cleanup(xdg.Reload)
	p := settings.DefaultPaths()
	require.Equal(t, filepath.Join(dir, "XDG_CONFIG_HOME", "llutray", "settings.toml"), p.Settings)
	require.Equal(t, filepath.Join(dir, "XDG_DATA_HOME", "llutray", "history.db"), p.History)
	for _, in := range []string{p.State, p.Session, p.Log, p.Lock, p.Control} {
		require.Equal(t, filepath.Join(dir, "XDG_STATE_HOME", "llutray"), filepath.Dir(in))
	}
	require.NoDirExists(t, filepath.Join(dir, "XDG_CONFIG_HOME"), "nothing is made by asking")
	require.NoError(t, p.Make())
	requireMode(t, filepath.Dir(p.Settings), 0o700)
	requireMode(t, filepath.Dir(p.State), 0o700)

	demo := settings.PathsUnder(dir)
	require.NoError(t, demo.Make())
	require.NotEqual(t, p.Settings, demo.Settings)
	require.Error(t, settings.PathsUnder(write(t, "")).Make())
}
