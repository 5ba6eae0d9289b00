package settings_test

import (
	"path/filepath"
	"strings"
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

// In a language of which every text can be told, what is said of the settings
// is in it, and the file stays in English.
func TestTextsAreTranslated(t *testing.T) {
	fresh := filepath.Join(t.TempDir(), "english.toml")
	require.NoError(t, settings.Ensure(fresh))
	english := read(t, fresh)
	t.Cleanup(lang.Pretend(func(key string) string { return "⟦" + key + "⟧" }))

	path := filepath.Join(t.TempDir(), "settings.toml")
	require.NoError(t, settings.Ensure(path))
	require.Equal(t, english, read(t, path))
	require.NoError(t, settings.Set(path, "quiet.school.from", "08:00"))
	require.NoError(t, settings.Set(path, "people.emma.alarms.low.limit", "4.2"))
	require.NoError(t, settings.Set(path, "relays.phone.on", "true"))
	require.NotContains(t, read(t, path), "⟦")
	require.NoError(t, settings.Set(path, "quiet.school.to", "09:00"))

	set, err := settings.Load(path)
	require.NoError(t, err)
	whole := func(what, s string) {
		require.True(t, strings.HasPrefix(s, "⟦") && strings.HasSuffix(s, "⟧"), "%s: %s", what, s)
	}
	for _, k := range set.Keys() {
		whole(k.Key, k.Doc)
		if k.Allowed != "" {
			whole(k.Key, k.Allowed)
		}
		if _, doc := settings.Section(k.Key); doc != "" {
			whole(k.Key, doc)
		}
		if k.Default == "as for everyone" {
			t.Errorf("%s: its default is in English", k.Key)
		}
		value := "nonsense ]"
		if k.Type == "text" && !strings.HasSuffix(k.Key, "proxy") {
			continue // anything goes
		}
		var wrong *settings.Error
		require.ErrorAs(t, settings.Set(path, k.Key, value), &wrong, k.Key)
		if k.Type == "time" || k.Type == "alarms" {
			continue // package alarm tells
		}
		whole(k.Key, wrong.Message)
	}
	for _, text := range []string{
		"nonsense", "unit = 5", "[nonsense]\na=1", "unti = \"mg/dL\"", "[displya]\nlabel = true", "[alarms.low]\nlimit = 250",
		"[alarms.low]\nlimit = {a=1}", "[alarms.low]\nlimit = 70.5", "[quiet.x]\nfrom = \"08:00\"", "person = 5",
		"[people.a]\nid = \"x\"\n[people.b]\nid = \"x\"", "[alarms.low]\nrepeat = \"1y\"", "[display]\nlabel = 7",
	} {
		_, err := settings.Load(write(t, text))
		var wrong *settings.Error
		require.ErrorAs(t, err, &wrong, text)
		whole(text, wrong.Message)
	}
	for _, err := range []error{settings.ErrNotFound, settings.ErrNoKeyring, settings.ErrLocked} {
		whole("secrets", err.Error())
	}
}
