package settings_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/settings"
)

func TestRescue(t *testing.T) {
	const mine = "# mine\n[alarms.low]\nlimit = 80\n"
	for name, c := range map[string]struct {
		text, good string // "" of good: there is none
		want       string // "" where there is no file
		aside      bool
		notice     string
	}{
		"as it should be":                       {mine, mine, mine, false, ""},
		"zeros after a power cut":               {"\x00\x00\x00\x00", mine, mine, true, "the settings of before"},
		"half of it zeros":                      {"# mine\n[al\x00\x00\x00", mine, mine, true, "the settings of before"},
		"nothing":                               {"", mine, mine, true, "the settings of before"},
		"blank lines":                           {"\n \n", mine, mine, true, "the settings of before"},
		"zeros, and nothing was before":         {"\x00", "", "", true, "the usual settings"},
		"zeros, and so was what was before":     {"\x00", "\x00", "", true, "the usual settings"},
		"nothing, and nothing was before":       {"", "", "", false, ""},
		"nothing, and before":                   {"", "\n", "", false, ""},
		"a mistake is its writer's":             {"[alarms.low\n", mine, "[alarms.low\n", false, ""},
		"Latin letters in an old encoding":      {"name = \"J\xfcrgen\"", mine, "name = \"J\xfcrgen\"", false, ""},
		"UTF-16 by an editor":                   {"\xff\xfe[\x00", mine, "\xff\xfe[\x00", false, ""},
		"UTF-16 the other way round, in a file": {"\xfe\xff\x00[", mine, "\xfe\xff\x00[", false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			for _, linked := range []bool{false, true} {
				dir := t.TempDir()
				path, good := filepath.Join(dir, "settings.toml"), filepath.Join(dir, "good.toml")
				file := path
				if linked {
					file = filepath.Join(dir, "mine.toml")
					require.NoError(t, os.Symlink(file, path))
				}
				require.NoError(t, os.WriteFile(file, []byte(c.text), 0o600))
				if c.good != "" {
					require.NoError(t, os.WriteFile(good, []byte(c.good), 0o600))
				}
				notice, err := settings.Rescue(path, good)
				require.NoError(t, err)
				if c.notice == "" {
					require.Empty(t, notice)
				}
				require.Contains(t, notice, c.notice)
				kept, _ := os.ReadFile(path)
				require.Equal(t, c.want, string(kept))
				aside, err := filepath.Glob(file + ".broken-*")
				require.NoError(t, err)
				require.Equal(t, c.aside, len(aside) == 1, "%q", aside)
				if c.aside {
					require.Contains(t, notice, aside[0])
					kept, err := os.ReadFile(aside[0])
					require.NoError(t, err)
					require.Equal(t, c.text, string(kept), "nothing is lost")
				}
			}
		})
	}
}

func TestRescueOfNothing(t *testing.T) {
	notice, err := settings.Rescue(filepath.Join(t.TempDir(), "settings.toml"), "")
	require.NoError(t, err)
	require.Empty(t, notice)
}
