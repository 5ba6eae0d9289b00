package lang

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// speak puts a language with texts of the test's own in use.
func speak(t *testing.T, code, region string, texts map[string][]string) {
	t.Helper()
	before := now.Load()
	t.Cleanup(func() { now.Store(before) })
	for _, l := range Languages {
		if l.Code == code {
			now.Store(&spoken{Language: l, region: region, texts: texts})
			return
		}
	}
	t.Fatalf("no language %s", code)
}

func TestEnglishIsTheSource(t *testing.T) {
	require.Equal(t, "en", Code())
	require.Equal(t, "No reading yet", T("No reading yet"))
	require.Equal(t, "Off", C("switch", "Off"))
	require.Equal(t, "5 min old", F("%d min old", 5))
	require.Equal(t, "1 day", N(1, "%d day", "%d days"))
	require.Equal(t, "0 days", N(0, "%d day", "%d days"))
	require.Equal(t, "Anna: 2 days", N(2, "%s: 1 day", "%[1]s: %[2]d days", "Anna", 2))
	require.Equal(t, "5.4", Decimal("5.4"))
}

func TestTextsOfACatalogue(t *testing.T) {
	speak(t, "pl", "", map[string][]string{
		"Quit": {"Zakończ"}, "switch|Off": {"Wyłączone"}, "%s of %s": {"%[2]s: %[1]s"}, "not yet": {""},
		"%d days": {"%d dzień", "%d dni", "%d dni (wiele)"}, "gone: %w": {"nie ma: %w"},
		"each %d days": {"co dzień", "co %d dni", "co %d dni"},
	})
	require.Equal(t, "Zakończ", T("Quit"))
	require.Equal(t, "Wyłączone", C("switch", "Off"))
	require.Equal(t, "Off", T("Off"), "another meaning")
	require.Equal(t, "not yet", T("not yet"), "no translation is English, not nothing")
	require.Equal(t, "b: a", F("%s of %s", "a", "b"))
	require.Equal(t, "1 dzień", N(1, "%d day", "%d days"))
	require.Equal(t, "3 dni", N(3, "%d day", "%d days"))
	require.Equal(t, "12 dni (wiele)", N(12, "%d day", "%d days"))
	require.Equal(t, "co dzień", N(1, "each %d day", "each %d days"), "a form may do without the number")
	gone := errors.New("x")
	require.ErrorIs(t, E("gone: %w", gone), gone)
	require.EqualError(t, E("gone: %w", gone), "nie ma: x")
	require.EqualError(t, Error("Quit"), "Zakończ")
	require.Equal(t, "5,4", Decimal("5.4"))
	require.Equal(t, "-0,5", Float(-0.49, 1))
}

func TestPlurals(t *testing.T) {
	for _, c := range []struct {
		code string
		want map[int]int
	}{
		{"en", map[int]int{0: 1, 1: 0, 2: 1}},
		{"fr", map[int]int{0: 0, 1: 0, 2: 1}},
		{"pl", map[int]int{0: 2, 1: 0, 2: 1, 4: 1, 5: 2, 11: 2, 12: 2, 14: 2, 21: 2, 22: 1, 112: 2, 122: 1}},
	} {
		for _, l := range Languages {
			for n, form := range c.want {
				if l.Code == c.code {
					require.Equal(t, form, l.plural(n), "%s %d", c.code, n)
				}
			}
		}
	}
}

func TestLocales(t *testing.T) {
	before := now.Load()
	defer now.Store(before)
	for _, c := range []struct{ locale, want, decimal, clock string }{
		{"de", "de", "5,4", "15:04"},
		{"de_AT.UTF-8", "de-AT", "5,4", "15:04"},
		{"de-CH", "de-CH", "5.4", "15:04"},
		{"en_US.UTF-8", "en-US", "5.4", "3:04 PM"},
		{"en-GB", "en-GB", "5.4", "15:04"},
		{"ca_ES@valencia", "en", "5.4", "15:04"},
		{"sr-Latn-RS", "en", "5.4", "15:04"},
		{"C.UTF-8", "en", "5.4", "15:04"},
		{"pt-BR", "pt-BR", "5,4", "15:04"},
		{"es_MX", "es-MX", "5.4", "15:04"},
		{"..", "en", "5.4", "15:04"},
	} {
		Use(c.locale)
		require.Equal(t, c.want, Locale(), c.locale)
		require.Equal(t, c.decimal, Decimal("5.4"), c.locale)
		require.Equal(t, c.clock, Clock(time.Date(2026, 11, 28, 15, 4, 0, 0, time.UTC)), c.locale)
	}
}

func TestEnvironment(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want string
	}{
		{nil, ""},
		{map[string]string{"LANG": "C.UTF-8"}, ""},
		{map[string]string{"LANG": "POSIX", "LANGUAGE": "de"}, ""},
		{map[string]string{"LANG": "de_DE.UTF-8"}, "de_DE.UTF-8"},
		{map[string]string{"LANG": "de_DE.UTF-8", "LC_MESSAGES": "fr_FR.UTF-8"}, "fr_FR.UTF-8"},
		{map[string]string{"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, ""},
		{map[string]string{"LANG": "de_AT.UTF-8", "LANGUAGE": "en:de"}, "en-AT"},
		{map[string]string{"LANG": "es_ES.UTF-8", "LANGUAGE": "ca:pt_BR:es"}, "pt-BR"},
		{map[string]string{"LANG": "sv_SE.UTF-8", "LANGUAGE": "sv:da"}, "sv_SE.UTF-8"},
	} {
		require.Equal(t, c.want, fromEnvironment(func(name string) string { return c.env[name] }), c.env)
	}
}

func TestPretend(t *testing.T) {
	back := Pretend(func(key string) string { return "⟦" + key + "⟧" })
	require.Equal(t, "⟦Quit⟧", T("Quit"))
	require.Equal(t, "⟦1 days⟧", N(1, "%d day", "%d days"))
	require.Equal(t, "5,4", Decimal("5.4"))
	back()
	require.Equal(t, "Quit", T("Quit"))
}
