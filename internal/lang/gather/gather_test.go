package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/lang"
)

const home = ".."

func source(t *testing.T) []text {
	t.Helper()
	texts, err := gather(filepath.Join(home, "..", ".."))
	require.NoError(t, err)
	require.NotEmpty(t, texts)
	return texts
}

// TestCatalogues holds that no text is missing in any language, that none is
// there for nothing, and that what is filled in fits.
func TestCatalogues(t *testing.T) {
	texts := source(t)
	for _, l := range lang.Languages[1:] {
		t.Run(l.Code, func(t *testing.T) {
			have, err := readCatalog(filepath.Join(home, "catalog", l.Code+".toml"))
			require.NoError(t, err)
			for _, x := range texts {
				forms, ok := have[x.key]
				delete(have, x.key)
				if !ok || slices.Contains(forms, "") {
					t.Errorf("%q of %s is not translated: run make words, and fill it in", x.key, x.place)
					continue
				}
				want := 1
				if x.plural {
					want = l.Forms()
				}
				if len(forms) != want {
					t.Errorf("%q has %d forms, not %d", x.key, len(forms), want)
				}
				for _, f := range forms {
					if wrong := unlike(x, f); wrong != "" {
						t.Errorf("%q: %q %s", x.key, f, wrong)
					}
				}
			}
			for key := range have {
				t.Errorf("%q is in no source any more: run make words", key)
			}
		})
	}
}

// TestPacked holds that what the program reads is what the catalogues say.
func TestPacked(t *testing.T) {
	texts := source(t)
	for _, l := range lang.Languages[1:] {
		have, err := readCatalog(filepath.Join(home, "catalog", l.Code+".toml"))
		require.NoError(t, err)
		packed, err := os.ReadFile(filepath.Join(home, "words", l.Code+".gz"))
		require.NoError(t, err)
		zip, err := gzip.NewReader(bytes.NewReader(packed))
		require.NoError(t, err)
		got, err := io.ReadAll(zip)
		require.NoError(t, err)
		require.True(t, string(pack(texts, have)) == string(got), "%s is not packed as it is in catalog/: run make words", l.Code)
	}
}

var verb = regexp.MustCompile(`%(?:\[(\d)\])?[-+# 0-9.*]*([a-zA-Z%])`)

// fills are the verbs of a text in the order of what they are filled with.
func fills(s string) []string {
	var out []string
	next := 0
	for _, m := range verb.FindAllStringSubmatch(s, -1) {
		if m[2] == "%" {
			continue
		}
		if m[1] != "" {
			next = int(m[1][0] - '1')
		}
		for len(out) <= next {
			out = append(out, "")
		}
		out[next] = m[2]
		next++
	}
	return out
}

// unlike is what a translation must not differ in, "" if it does not.
func unlike(x text, f string) string {
	key := x.key
	if before, after, ok := strings.Cut(key, "|"); ok && !strings.Contains(before, " ") {
		key = after
	}
	ends := func(s string) string {
		return s[:len(s)-len(strings.TrimLeft(s, " \n"))] + "…" + s[len(strings.TrimRight(s, " \n")):]
	}
	one := x.plural && (slices.Equal(fills(f), fills(x.one)) || len(fills(f)) == 0)
	switch {
	case !slices.Equal(fills(f), fills(key)) && !one:
		return "is filled in otherwise"
	case ends(f) != ends(key):
		return "begins or ends with other spaces"
	case strings.Count(f, "\x00") > 0:
		return "has a zero byte"
	}
	return ""
}

func TestUnlike(t *testing.T) {
	require.Empty(t, unlike(text{key: "%d of %s"}, "%[2]s: %[1]d"))
	require.Empty(t, unlike(text{key: "menu|On"}, "An"))
	require.Empty(t, unlike(text{key: "%d days", one: "a day", plural: true}, "ein Tag"))
	require.NotEmpty(t, unlike(text{key: "%d of %s"}, "%s: %d"))
	require.NotEmpty(t, unlike(text{key: "%d"}, "eins"))
	require.NotEmpty(t, unlike(text{key: "100 %%d"}, "100 %d"))
	require.NotEmpty(t, unlike(text{key: "Name: "}, "Name:"))
}

func TestGather(t *testing.T) {
	found, err := ofGo("x.go", []byte(`package x
import "lang"
var table = []string{lang.Mark("a")}
func f(n int, s string) {
	lang.T("b" + " c")
	lang.T(s)
	lang.F("%d", n)
	lang.C("menu", "On")
	lang.N(n, "one", "%d many")
	lang.Decimal("5.4")
	other.T("no")
}`))
	require.NoError(t, err)
	require.Equal(t, []text{{key: "a"}, {key: "b c"}, {key: "%d"}, {key: "menu|On"}, {key: "%d many", one: "one", plural: true}}, found)
	found, err = ofGo("x.go", []byte("package lang\nfunc f(n int, s string) { T(s); Mark(`a`); N(n, `one`, `%d many`); F(`%d`, n); other(`no`); C(`a`, s) }"))
	require.NoError(t, err)
	require.Equal(t, []text{{key: "a"}, {key: "%d many", one: "one", plural: true}, {key: "%d"}}, found, "the package's own texts")
	for _, bad := range []string{`lang.F(s, 1)`, `lang.N(n, one, "x")`, `lang.Mark(s)`, `lang.C("x", s)`} {
		_, err := ofGo("x.go", []byte("package x\nfunc f() { "+bad+" }"))
		require.ErrorContains(t, err, "line 2", bad)
	}

	found, err = ofScript(`say(t("Now \"quoted\""), t(x)); n(f(a, b), "1 day", "%d days"); count("no"); c("switch", "On"); f.c("no"); t(
		"broken %s", y)`)
	require.NoError(t, err)
	require.Equal(t, []text{{key: `Now "quoted"`}, {key: "%d days", one: "1 day", plural: true}, {key: "switch|On"}, {key: "broken %s"}}, found)

	found, err = ofMarkup(`<title data-t>Glucose</title><a href="#x" class="y" data-t>Skip
		to it</a><p>no</p>{{t "Report"}} {{ if (t "A") }}`)
	require.NoError(t, err)
	require.Equal(t, []text{{key: "Glucose"}, {key: "Skip to it"}, {key: "Report"}, {key: "A"}}, found)
}

func TestCatalogueIsKept(t *testing.T) {
	texts := []text{{key: "a \"b\"\n\\", place: "x.go"}, {key: "%d days", plural: true, one: "1 day", place: "y.go"}, {key: "new", place: "y.go"}}
	pl := lang.Languages[6]
	require.Equal(t, "pl", pl.Code)
	path := filepath.Join(t.TempDir(), "pl.toml")
	require.NoError(t, os.WriteFile(path, writeCatalog(pl, texts, map[string][]string{
		"a \"b\"\n\\": {"ż\u00a0\"\n"}, "%d days": {"%d dzień", "%d dni", "%d dni"}, "gone": {"x"},
	}), 0o600))
	have, err := readCatalog(path)
	require.NoError(t, err)
	require.Equal(t, map[string][]string{"a \"b\"\n\\": {"ż\u00a0\"\n"}, "%d days": {"%d dzień", "%d dni", "%d dni"}, "new": {""}}, have)
	require.NoError(t, os.WriteFile(path, []byte("\"a\" = \"b\"\n\"c\" = 5 x"), 0o600))
	_, err = readCatalog(path)
	require.ErrorContains(t, err, "2")
}
