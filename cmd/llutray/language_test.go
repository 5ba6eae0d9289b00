package main

import (
	"bufio"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/imports"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/lang/langtest"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/stats"
)

// In English our frame of the help is cobra's own, to the letter.
func TestHelpIsCobras(t *testing.T) {
	root := rootCommand()
	for _, c := range withAll(root) {
		usage, help := c.UsageString(), helpOf(c)
		func() {
			root.SetUsageFunc(nil)
			root.SetHelpFunc(nil)
			defer speak(root)
			require.Equal(t, c.UsageString(), usage, c.CommandPath())
			require.Equal(t, helpOf(c), help, c.CommandPath())
		}()
	}
}

func helpOf(c *cobra.Command) string {
	var out strings.Builder
	c.SetOut(&out)
	_ = c.Help()
	return out.String()
}

// What pflag says of wrong flags is said in the same words, or in plainer ones.
func TestFlagErrors(t *testing.T) {
	for call, want := range map[string]string{
		"--nonsense":    "unknown flag: --nonsense; see llutray report --help",
		"-xo":           "unknown shorthand flag: 'x' in -xo; see llutray report --help",
		"--since":       "flag needs an argument: --since; see llutray report --help",
		"-o":            "flag needs an argument: 'o' in -o; see llutray report --help",
		"--force=maybe": `"maybe" is not allowed for --force; see llutray report --help`,
		"--=x":          "bad flag syntax: --=x; see llutray report --help",
	} {
		root := rootCommand()
		root.SetArgs([]string{"report", call})
		require.EqualError(t, root.Execute(), want)
	}
	for call, want := range map[string]string{
		"help nonsense":                  `there is no command "nonsense"; see llutray --help`,
		"completion bash nonsense":       `there is no command or argument "nonsense"; see llutray --help`,
		"stats a b":                      "use it as: llutray stats [FILE] [flags]",
		"tell 8.0 --above --below":       "say --above or --below, not both",
		"untell --above --below":         "say --above or --below, not both",
		"settings get a b":               "use it as: llutray settings get KEY",
		"relay nonsense":                 `there is no command or argument "nonsense"; see llutray --help`,
		"nightscout serve-token x":       `there is no command or argument "x"; see llutray --help`,
		"completion bash --nonsense=yes": "unknown flag: --nonsense; see llutray completion bash --help",
	} {
		root := rootCommand()
		root.SetArgs(strings.Fields(call))
		err := root.Execute()
		require.EqualError(t, err, want)
		var exit *exitError
		require.ErrorAs(t, err, &exit)
		require.Equal(t, exitUsage, exit.code, call)
	}
}

// In a made-up language no English is left in any help, but for what is typed.
func TestHelpIsTranslated(t *testing.T) {
	t.Cleanup(lang.Pretend(langtest.Masked))
	root := rootCommand()
	var typed []string
	for _, c := range withAll(root) {
		typed = append(append(typed, "-h"), strings.Fields(c.Use)...)
		typed = append(typed, strings.Split(c.Example, "\n")...)
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			typed = append(typed, "--"+f.Name, f.DefValue)
			name, _ := pflag.UnquoteUsage(f)
			typed = append(typed, name)
		})
	}
	typed = append(typed, kindNames(), strings.Join(barFormats, ", "), strings.Join(statusFormats[:len(statusFormats)-1], ", "), statusFormats[len(statusFormats)-1])
	typed = append(typed, relayForms()...)
	for _, form := range completions {
		typed = append(typed, form.now, form.always)
	}
	slices.SortFunc(typed, func(a, b string) int { return len(b) - len(a) })
	for _, c := range withAll(root) {
		if c.Hidden {
			continue
		}
		require.Empty(t, langtest.Bare(helpOf(c), typed...), helpOf(c))
		require.Empty(t, langtest.Bare(c.Short, typed...), c.CommandPath())
	}
}

// What the commands print is in the language, too.
func TestOutputIsTranslated(t *testing.T) {
	t.Cleanup(lang.Pretend(langtest.Masked))
	clean := func(text string, but ...string) {
		t.Helper()
		require.Empty(t, langtest.Bare(text, but...), text)
	}
	at := time.Date(2026, 3, 2, 1, 40, 0, 0, time.UTC)
	low, age := "low", int64(70)
	st := app.Status{Person: app.StatusPerson{Name: "Robin"}, Text: "5,4", AgeSeconds: &age, Reading: &app.StatusReading{Time: at, MgDL: 97, Trend: "rising"}, Delta: &app.StatusDelta{MgDL: 5, Minutes: 5}}
	clean(textLine(st, glucose.MmolPerL), "Robin")
	require.Contains(t, textLine(st, glucose.MmolPerL), "5,4 mmol/L")
	clean(xbar(st, settings.Default()), "Robin", "color="+barColour(st))
	require.Equal(t, "LO", shortText(app.Status{Reading: &app.StatusReading{MgDL: 39, Limit: &low}}, glucose.MgPerDL))
	clean(textLine(app.Status{Text: "—"}, glucose.MmolPerL))
	clean(eventLine(app.FaultEvent{Time: at, Person: &app.StatusPerson{Name: "Robin"}}, glucose.MmolPerL), "Robin")
	clean(eventLine(app.AlarmEvent{Time: at, Message: "5,4"}, glucose.MmolPerL))

	for _, f := range []finding{
		notificationFinding(notify.Status{Paused: true}), notificationFinding(notify.Status{Server: "dunst", Version: "1"}),
		notificationFinding(notify.Status{Via: "dunst"}), notificationFinding(notify.Status{Via: "dunst", Actions: true}),
	} {
		clean(f.text, "dunst")
	}
	for _, broken := range []*glucose.Fault{nil, {Kind: glucose.Offline}, {Kind: glucose.SignedOut}, {Kind: glucose.UploadDelayed}} {
		for _, f := range serviceFindings(broken, "", "", st) {
			clean(f.label() + " " + f.text)
		}
	}
	clean(finding{what: "relay phone"}.label(), "phone")

	set := parsedSettings(t, "[relays.phone]\nalarms = \"low\"\npeople = \"Robin\"\nfrom = \"08:00\"\nto = \"09:00\"\ndays = \"mon tue\"\nafter = \"5m\"\ntext = \"content_free\"\n[relays.mail]\non = true\n")
	for _, r := range set.Relays {
		clean(strings.ReplaceAll(relayWords(r), r.Name, ""), "Robin", "Low", "low")
	}

	var out strings.Builder
	for _, dry := range []bool{false, true} {
		i := importer{out: &out, dry: dry}
		i.report("x.csv", imports.Summary{Format: imports.LibreView, Unit: glucose.MgPerDL, Dates: imports.DayFirst, Rejected: 2, Twice: 3, Never: 1, Skipped: map[string]int{"notes": 2}},
			&batches{tallies: map[string]*tally{"1": {name: "Robin", read: 3, added: 1}, "2": {name: "Robin"}}})
		i.report("x.csv", imports.Summary{Format: imports.Own, Dates: imports.MonthFirst}, &batches{})
	}
	clean(out.String(), "x.csv", "Robin")
	for _, err := range []error{fs.ErrPermission, &os.PathError{Op: "write", Err: fs.ErrPermission}} {
		clean(cannotWrite(err))
	}
	clean(errRunning.Error())
	clean(count(nil))
}

func TestStatsAreTranslated(t *testing.T) {
	t.Cleanup(lang.Pretend(langtest.Masked))
	end := time.Date(2026, 3, 31, 8, 0, 0, 0, time.UTC)
	var readings []glucose.Reading
	for at := end.AddDate(0, 0, -28); at.Before(end); at = at.Add(5 * time.Minute) {
		v := glucose.MgDL(100)
		switch at.Hour() {
		case 3:
			v = 50
		case 12:
			v = 260
		}
		readings = append(readings, glucose.Reading{Time: at, Value: v})
	}
	set := settings.Default()
	set.Limits.High = 200
	for _, s := range []subject{
		{readings: readings, window: stats.Days(14, end)},
		{readings: readings[:20], window: stats.Days(14, end)},
		{window: stats.Window{From: end.Add(-time.Hour), To: end}},
	} {
		var out strings.Builder
		require.NoError(t, statsText(&out, s, set, false))
		require.Empty(t, langtest.Bare(out.String(), "GMI"), out.String())
	}
}

func parsedSettings(t *testing.T, text string) settings.Settings {
	path := filepath.Join(t.TempDir(), "settings.toml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	set, err := settings.Load(path)
	require.NoError(t, err)
	return set
}

// The letters for yes are the language's and those of English; all else is no.
func TestYes(t *testing.T) {
	for _, typed := range []string{"y", "Y", "yes\n", " Yes "} {
		require.True(t, yes(typed), typed)
	}
	for _, typed := range []string{"", "\n", "n", "no", "j", "yesterday", "ja"} {
		require.False(t, yes(typed), typed)
	}
	for word, more := range map[string][]string{"ja": {"j", "Ja"}, "oui": {"o", "OUI"}, "sí": {"s", "si", "SÍ"}, "tak": {"t"}} {
		back := lang.Pretend(func(key string) string {
			if key == "answer|yes" {
				return word
			}
			return "⟦" + key + "⟧"
		})
		for _, typed := range append(more, word, "y", "yes") {
			require.True(t, yes(typed), typed)
		}
		for _, typed := range []string{"", "n", "no", "nein", "nie", "x"} {
			require.False(t, yes(typed), typed)
		}
		var out strings.Builder
		l := login{in: bufio.NewReader(strings.NewReader(word + "\n")), out: &out}
		require.True(t, l.ask("Q?"))
		require.Equal(t, "Q? ⟦answer|[y/N]⟧ ", out.String())
		back()
	}
}

// sentence is what looks like words for people.
var sentence = regexp.MustCompile(`[a-z]{2,} [a-z]{2,}|^[A-Z][a-z]+[a-z .:]*$`)

// No sentence stands outside of package lang, but in what only programmers,
// logs and programs read.
func TestSentencesAreMarked(t *testing.T) {
	inEnglish := map[string][]string{ // texts by their beginnings; none for a whole file
		"docs.go": nil, "fast.go": nil, // of build tags
		"outputs.go":     {"nobody with this id is followed", "alarm fault"}, // on the bus; a value
		"outputs_run.go": {"Hook", "Nightscout ", " does not work"},          // labels, see longLabels; the log
		"diagnosis.go":   nil,                                                // for whoever helps
		"version.go":     nil,
		"layout.go":      nil, // what exports call their columns
		"language.go":    {"source ", "llutray completion "},
		"autostart.go":   {"autostart on|off"}, "check_site.go": {"Nightscout"}, "sources.go": {"Nightscout"},
		"demo.go":     {"Demo", "Person"},
		"page.go":     {"the folder of a demo"}, // hidden
		"keys.go":     {"true or false"},        // the name of a type
		"settings.go": {"mon tue wed"},
		"imports.go":  {"LibreView export", "Dexcom Clarity export", "strip glucose", "about the person"}, // keys, with names for people
		"parse.go":    {"strip glucose", "about the person"},
		"edit.go":     {"# Settings of llutray.", "\nAllowed: ", " Default: "},
		"people.go":   {"as for everyone"}, "named.go": {"llutray login --account "},
		"quiet.go":   {"every day"},
		"load.go":    {"what it says of a person is not allowed"}, // in the log
		"watch.go":   {"watching the settings file ended"},        // in the log
		"child.go":   {"it said nothing", "usage: keyring", "there is no %q: use get"},
		"keyring.go": {"llutray keyring"},
	}
	for _, dir := range []string{".", "../../internal/settings", "../../internal/imports"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		require.NoError(t, err)
		for _, path := range files {
			but, known := inEnglish[filepath.Base(path)]
			if strings.HasSuffix(path, "_test.go") || known && but == nil {
				continue
			}
			for _, text := range unmarked(t, path) {
				if !slices.ContainsFunc(but, func(b string) bool { return strings.HasPrefix(text, b) }) {
					t.Errorf("%s: %q is not marked for translation: put it in a call of package lang, or say here why not", path, text)
				}
			}
		}
	}
}

// unmarked are the sentences in a file that are in no call of package lang and
// not for the log.
func unmarked(t *testing.T, path string) (out []string) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			if n.Tag != nil {
				return false
			}
		case *ast.KeyValueExpr:
			if k, ok := n.Key.(*ast.Ident); ok && k.Name == "Example" {
				return false
			}
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.SelectorExpr); ok {
				switch x := f.X.(type) {
				case *ast.Ident:
					return x.Name != "lang"
				case *ast.SelectorExpr:
					return x.Sel.Name != "log" && x.Sel.Name != "Log"
				}
			}
		case *ast.BasicLit:
			if n.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(n.Value)
			require.NoError(t, err)
			if sentence.MatchString(text) {
				out = append(out, text)
			}
		}
		return true
	})
	return out
}
