package settings_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/settings"
)

func TestLanguage(t *testing.T) {
	require.Equal(t, settings.Auto, settings.Language(filepath.Join(t.TempDir(), "none.toml")))
	for _, tt := range []struct{ text, want string }{
		{"", "auto"},
		{"[display]\nlanguage = \"auto\"", "auto"},
		{"[display]\nlanguage = \"pl\" # mine", "pl"},
		{"\ufeff[display]\r\nlanguage = 'PL'\r\n", "pl"},
		{"display.language = \"de\"", "de"},
		{"unit = \"stone\"\n[\"display\"]\n\"language\" = \"fr\"\n[nonsense", "fr"},
		{"[display]\nlanguage = \"klingon\"", "auto"},
		{"[display]\nlanguage = 5", "auto"},
		{"[display]\nlanguage = [\"de\"]", "auto"},
		{"language = \"de\"\n[quiet]\nlanguage = \"de\"", "auto"},
		{"]][[\nlanguage", "auto"},
	} {
		require.Equal(t, tt.want, settings.Language(write(t, tt.text)), tt.text)
	}
}

func TestLanguageKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.toml")
	for _, code := range append(lang.Codes(), lang.Auto) {
		require.NoError(t, settings.Set(path, "display.language", code))
		s, err := settings.Load(path)
		require.NoError(t, err)
		require.Equal(t, code, s.Display.Language)
		require.Equal(t, code, settings.Language(path), "the two ways to read it agree")
	}
	for _, k := range settings.Keys() {
		if k.Names != nil {
			require.Equal(t, "display.language", k.Key)
			require.Len(t, k.Names, len(k.Options))
			require.Equal(t, "Deutsch", k.Names[2])
		}
	}
}
