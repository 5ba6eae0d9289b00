package settings_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/settings"
)

func read(t *testing.T, path string) string {
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

// The file that is made holds every key once, each below its comment, and
// says what the program does without it.
func TestFreshFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "llutray", "settings.toml")
	require.False(t, settings.Exists(path))
	require.NoError(t, settings.Ensure(path))
	require.True(t, settings.Exists(path))
	s, err := settings.Load(path)
	require.NoError(t, err)
	require.Equal(t, settings.Default(), s)

	text := read(t, path)
	lines := strings.Split(text, "\n")
	values := 0
	for i, line := range lines {
		require.LessOrEqual(t, len(line), 100, line)
		if strings.Contains(line, " = ") && !strings.HasPrefix(line, "#") {
			values++
			require.True(t, strings.HasPrefix(lines[i-1], "# "), "%s has no comment", line)
			require.Contains(t, lines[i-1], "Default: ")
		}
	}
	require.Equal(t, len(settings.Keys()), values)

	require.NoError(t, os.WriteFile(path, []byte("# mine\n"), 0o600))
	require.NoError(t, settings.Ensure(path))
	require.Equal(t, "# mine\n", read(t, path), "an existing file stays")
}

func TestSet(t *testing.T) {
	tests := []struct {
		name, text, key, value, want string
	}{
		{"the value only", "# top\nunit   =  \"mmol/L\"   # why\n[alarms.low]\nlimit=70#x\n", "unit", "mg/dL",
			"# top\nunit   =  \"mg/dL\"   # why\n[alarms.low]\nlimit=70#x\n"},
		{"a limit in the unit of the file", "unit = \"mmol/L\"\n[alarms.low]\nlimit = 3.9 # mine\n", "alarms.low.limit", "4.2",
			"unit = \"mmol/L\"\n[alarms.low]\nlimit = 4.2 # mine\n"},
		{"a limit that has no number in the unit", "[alarms.low]\nlimit = 3.9\n", "alarms.low.limit", "71 mg/dL",
			"[alarms.low]\nlimit = 71\n"},
		{"a text over several lines", "person = '''\nabc'''\nunit = \"mg/dL\"\n", "person", "def",
			"person = \"def\"\nunit = \"mg/dL\"\n"},
		{"a text with odd letters", "person = \"\"\n", "person", "a\"b\\c\x01",
			"person = \"a\\\"b\\\\c\\u0001\"\n"},
		{"dotted keys", "alarms.low.limit = 70\n", "alarms.low.limit", "79", "alarms.low.limit = 4.4\n"},
		{"a quoted key", "[\"alarms\".low]\n'limit' = 70\n", "alarms.low.limit", "100", "[\"alarms\".low]\n'limit' = 100\n"},
		{"no change", "[display]\nlabel=true", "display.label", "on", "[display]\nlabel=true"},
		{"windows line ends", "[display]\r\nlabel = true\r\n", "display.label", "false", "[display]\r\nlabel = false\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := write(t, tt.text)
			require.NoError(t, settings.Set(path, tt.key, tt.value))
			require.Equal(t, tt.want, read(t, path))
		})
	}
}

// A key that is not in the file yet goes where it belongs, and everything
// that is there stays.
func TestSetMissingKey(t *testing.T) {
	tests := map[string]string{
		"an empty file":                   "",
		"only comments":                   "# mine\n# mine too",
		"other sections":                  "unit = \"mg/dL\"\n\n[display]\nlabel = false\n",
		"its section":                     "[alarms.low]\nlimit = 75 # mine\n\n[display]\nlabel = false\n",
		"its section without a line end":  "[display]\nlabel = false\n[alarms.low] # mine",
		"its section as dotted keys":      "alarms.low.limit = 75\nunit = \"mg/dL\"\n[display]\nlabel = false\n",
		"dotted keys below its parent":    "[alarms]\nlow.limit = 75\nhigh.on = false\n[display]\nlabel = false\n",
		"windows line ends":               "[alarms.low]\r\nlimit = 75\r\n",
		"a bracket in a comment above it": "# ] [x]\n[alarms.low] # ]\nlimit = 75\n",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			path := write(t, text)
			before, err := settings.Load(path)
			require.NoError(t, err)
			require.NoError(t, settings.Set(path, "alarms.low.sound", "soft"))
			after, err := settings.Load(path)
			require.NoError(t, err)
			before.Low.Sound = settings.SoundSoft
			require.Equal(t, before, after)
			left := read(t, path)
			for line := range strings.Lines(text) {
				require.Contains(t, left, strings.TrimRight(line, "\r\n"))
			}
			if strings.Contains(text, "\r\n") {
				require.Equal(t, strings.Count(left, "\n"), strings.Count(left, "\r\n"), "one kind of line ends")
			}
		})
	}
}

func TestSetRefuses(t *testing.T) {
	const text = "[alarms.low]\nlimit = 62\n"
	tests := []struct{ name, key, value, want string }{
		{"an unknown key", "alarms.low.limits", "70", "did you mean alarms.low.limit?"},
		{"a value that is not allowed", "alarms.low.limit", "300", "use 60 to 100 mg/dL"},
		{"what does not fit the rest", "alarms.urgent_low.limit", "65", "must be below alarms.low.limit"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := write(t, text)
			require.ErrorContains(t, settings.Set(path, tt.key, tt.value), tt.want)
			require.Equal(t, text, read(t, path))
		})
	}
	t.Run("braces", func(t *testing.T) {
		path := write(t, "alarms = {low = {limit = 62}}\n")
		require.ErrorContains(t, settings.Set(path, "alarms.low.limit", "70"), "braces")
	})
	t.Run("a folder that can't be made", func(t *testing.T) {
		path := filepath.Join(write(t, ""), "settings.toml")
		require.Error(t, settings.Set(path, "unit", "mg/dL"))
	})
}

// Every key: what Get prints, Set takes, and the value stays the same.
func TestGetAndSetRoundTrip(t *testing.T) {
	for _, unit := range []glucose.Unit{glucose.MmolPerL, glucose.MgPerDL} {
		path := write(t, "unit = \""+string(unit)+"\"\n")
		before, err := settings.Load(path)
		require.NoError(t, err)
		for _, k := range settings.Keys() {
			v, err := settings.Get(before, k.Key)
			require.NoError(t, err)
			require.NoError(t, settings.Set(path, k.Key, v), k.Key)
			require.NotEmpty(t, k.Doc)
			require.NotEmpty(t, k.Type)
		}
		after, err := settings.Load(path)
		require.NoError(t, err)
		require.Equal(t, before, after)
	}
	_, err := settings.Get(settings.Default(), "units")
	require.ErrorContains(t, err, "did you mean unit?")
}

// Each limit survives in each unit, also one that rounds to another.
func TestLimitsRoundTripExactly(t *testing.T) {
	path := write(t, "")
	for _, unit := range []string{"mmol/L", "mg/dL"} {
		require.NoError(t, settings.Set(path, "unit", unit))
		for v := glucose.MgDL(60); v <= 100; v++ {
			s, err := settings.Load(path)
			require.NoError(t, err)
			s.Low.Limit = v
			require.NoError(t, settings.Write(path, s))
			got, err := settings.Load(path)
			require.NoError(t, err)
			require.Equal(t, s, got)
		}
	}
}

// Another unit changes one line: the limits stay what they are.
func TestUnitLeavesLimitsAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.toml")
	require.NoError(t, settings.Ensure(path))
	before := strings.Split(read(t, path), "\n")
	require.NoError(t, settings.Set(path, "unit", "mg/dL"))
	after := strings.Split(read(t, path), "\n")
	require.Len(t, after, len(before))
	changed := 0
	for i := range after {
		if after[i] != before[i] {
			changed++
		}
	}
	require.Equal(t, 1, changed)
}

func TestWriteKeepsWhatTheUserWrote(t *testing.T) {
	path := write(t, "# hello\nunit = \"mmol/L\" # as my phone\n\n[alarms.high]\nlimit = 13.9\n# the end\n")
	s, err := settings.Load(path)
	require.NoError(t, err)
	s.High.Limit, s.High.Repeat, s.Display.ShowName = 300, 2*time.Hour, false
	require.NoError(t, settings.Write(path, s))
	got, err := settings.Load(path)
	require.NoError(t, err)
	require.Equal(t, s, got)
	for _, line := range []string{"# hello", `unit = "mmol/L" # as my phone`, "# the end"} {
		require.Contains(t, read(t, path), line)
	}
	s.High.Limit = 1000
	require.Error(t, settings.Write(path, s))
}

// Limits that only fit together once all have changed are written in one go.
func TestWriteMovesLimitsTogether(t *testing.T) {
	path := write(t, "[alarms.urgent_low]\nlimit = 50\n[alarms.low]\nlimit = 60\n")
	s, err := settings.Load(path)
	require.NoError(t, err)
	s.UrgentLow.Limit, s.Low.Limit = 65, 80
	require.NoError(t, settings.Write(path, s))
	got, err := settings.Load(path)
	require.NoError(t, err)
	require.Equal(t, s, got)
}

func TestConcurrentSetsLoseNothing(t *testing.T) {
	path := write(t, "")
	var wg sync.WaitGroup
	for key, value := range map[string]string{
		"alarms.low.sound": "none", "display.label": "false", "unit": "mg/dL", "person": "8f1c", "alarms.high.on": "false",
	} {
		wg.Go(func() {
			if err := settings.Set(path, key, value); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	s, err := settings.Load(path)
	require.NoError(t, err)
	want := settings.Default()
	want.Low.Sound, want.Display.Label, want.Unit, want.Person, want.High.On = settings.SoundNone, false, glucose.MgPerDL, "8f1c", false
	require.Equal(t, want, s)
}
