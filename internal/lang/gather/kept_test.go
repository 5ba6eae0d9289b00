package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/lang"
)

// What a translation must not translate: what is typed, read by a program, or
// a name.
var keptWords = []*regexp.Regexp{
	regexp.MustCompile("`[^`]+`"),
	regexp.MustCompile(`--[a-z][a-z-]*`),
	regexp.MustCompile(`\[(?:account|limits|mqtt|nightscout)\]|\[(?:accounts|alarms|people|quiet|relays)\.[a-z_.…%]*`),
	regexp.MustCompile(`[a-z][a-z0-9+]*://(?:[^\s,;:"')]|:\d)*`),
	regexp.MustCompile(`\$?\b[A-Z]+_[A-Z]+|LLUTRAY_\w*|\$[A-Z]+`),
	regexp.MustCompile(`\b[a-z]+(?:[_@][a-z]+)+\b`),                              // content_free
	regexp.MustCompile(`\b[a-z0-9_/@-]+\.[a-z_]+(?:\.[a-z_]+)*\b`),               // network.proxy, example.org, docs/recipes.md
	regexp.MustCompile(`"[a-z0-9_]+(?: [a-z0-9_]+)*"`),                           // "auto"
	regexp.MustCompile(`\btime,mgdl\b|\btrue\b|\bfalse\b|\bmdy\b|\bdmy\b`),       // of files
	regexp.MustCompile(`\bmg/dL\b|\bmmol/L\b|\b(?:LO|HI)\b|\bGMI\b|\bGRI\b|ID=`), // units and marks
	regexp.MustCompile(`\b(?:llutray|LibreLinkUp|LibreView|Nightscout|FreeStyle|Libre|Dexcom|Clarity|Home Assistant|MQTT|D-Bus|HTML|CSV|TOML|PEM|JSON)\b`),
	regexp.MustCompile(`\b(?:ADDRESS|DIR|DURATION|FILE|KEY|KIND|NAME|VALUE)\b`), // as the line says that shows how to use it
	regexp.MustCompile(`\b(?:pipewire-bin|pulseaudio-utils|alsa-utils|wireplumber|speech-dispatcher|espeak-ng|gnome-shell-extension-appindicator|dunst)\b`),
}

var (
	keptNumber  = regexp.MustCompile(`\b\d+(?:[.,:]\d+)*`)
	white       = regexp.MustCompile(`[\s\x{a0}]+`)
	commandUse  = regexp.MustCompile(`\bUse:\s+"([a-z][a-z-]*)`)
	commandLine = regexp.MustCompile(`\bllutray(?: [a-z][a-z-]*)+`)
)

// commandNames are the subcommands of llutray, as its source names them.
func commandNames(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(home, "..", "..", "cmd", "llutray", "*.go"))
	require.NoError(t, err)
	var out []string
	for _, f := range files {
		src, err := os.ReadFile(f)
		require.NoError(t, err)
		for _, m := range commandUse.FindAllSubmatch(src, -1) {
			out = append(out, string(m[1]))
		}
	}
	require.Contains(t, out, "login")
	require.Greater(t, len(out), 20)
	return out
}

// keptOf are the words of a text that must stand in its translations, and the
// numbers.
func keptOf(text string, commands []string) (words, numbers []string) {
	text = white.ReplaceAllString(text, " ")
	for _, line := range commandLine.FindAllString(text, -1) {
		typed := strings.Fields(line)
		n := 1
		for n < len(typed) && slices.Contains(commands, typed[n]) {
			n++
		}
		words = append(words, strings.Join(typed[:n], " "))
	}
	for _, re := range keptWords {
		for _, w := range re.FindAllString(text, -1) {
			words = append(words, strings.Trim(strings.TrimRight(w, ".…"), `"`))
		}
	}
	return words, keptNumber.FindAllString(verb.ReplaceAllString(text, " "), -1)
}

// lost are those that a translation lacks. A language with a decimal comma may
// write that.
func lost(key, translated string, commands []string) (out []string) {
	words, numbers := keptOf(key, commands)
	translated = white.ReplaceAllString(translated, " ")
	for _, w := range words {
		if !strings.Contains(translated, w) {
			out = append(out, w)
		}
	}
	have := keptNumber.FindAllString(verb.ReplaceAllString(translated, " "), -1)
	for _, n := range numbers {
		i := slices.IndexFunc(have, func(h string) bool { return h == n || h == strings.Replace(n, ".", ",", 1) })
		if i < 0 {
			out = append(out, n)
			continue
		}
		have = slices.Delete(have, i, i+1)
	}
	for _, n := range have {
		out = append(out, "not "+n)
	}
	return out
}

// TestNothingIsLost holds that commands, keys, addresses, names and numbers of
// the English are in every translation, and no other number.
func TestNothingIsLost(t *testing.T) {
	texts, commands := source(t), commandNames(t)
	for _, l := range lang.Languages[1:] {
		have, err := readCatalog(filepath.Join(home, "catalog", l.Code+".toml"))
		require.NoError(t, err)
		for _, x := range texts {
			for _, form := range have[x.key] {
				if form == "" || x.key == "llutray demo" {
					continue // TestCatalogues tells; and this is a title
				}
				if gone := lost(x.key, form, commands); len(gone) > 0 {
					t.Errorf("%s: %q became %q without %q", l.Code, x.key, form, gone)
				}
			}
		}
	}
}

func TestLost(t *testing.T) {
	commands := []string{"relay", "add", "login"}
	for _, c := range []struct {
		key, translated string
		lost            []string
	}{
		{"Run: llutray relay add, or login", "Tapez llutray relay\nadd", nil},
		{"llutray is off", "llutray ist aus", nil},
		{"Run: llutray login", "llutray anmelden", []string{"llutray login"}},
		{"leave --since out", "--seit weglassen", []string{"--since"}},
		{"section [relays.NAME], or [alarms.low]", "[relays.NAME], [alarms.low]", nil},
		{"say which: import FILE", "welche: import DATEI", []string{"FILE"}},
		{"section [alarms.low].", "[Alarme.niedrig]", []string{"[alarms.low", "alarms.low"}},
		{"see network.proxy, https://example.org:80.", "network.proxy und https://example.org:80", nil},
		{`"none" or content_free`, "„keiner“ oder inhaltslos", []string{"content_free", "none"}},
		{"below 3.9 %s, 54 of %[2]d", "sous 3,9 %[2]d, 54 %[1]s", nil},
		{"in 15 min, at 7:00", "w 25 min, o 7:00", []string{"15", "not 25"}},
	} {
		require.Equal(t, c.lost, lost(c.key, c.translated, commands), c.key)
	}
}
