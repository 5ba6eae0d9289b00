package settings_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/settings"
)

func write(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "settings.toml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestDefaultsAreTheEnginesOwn(t *testing.T) {
	require.Equal(t, alarm.DefaultConfig(), settings.Default().Alarms())
	require.NoError(t, settings.Default().Alarms().Validate())
}

func TestMissingFileIsDefaults(t *testing.T) {
	s, err := settings.Load(filepath.Join(t.TempDir(), "none", "settings.toml"))
	require.NoError(t, err)
	require.Equal(t, settings.Default(), s)
}

func TestLoad(t *testing.T) {
	tests := []struct {
		name string
		text string
		want func(*settings.Settings)
	}{
		{"an empty file", "", func(*settings.Settings) {}},
		{"a byte order mark", "\ufeffunit = \"mg/dL\"", func(s *settings.Settings) { s.Unit = glucose.MgPerDL }},
		{"windows line ends", "[privacy]\r\ntext = \"content_free\"\r\n", func(s *settings.Settings) { s.Text = settings.TextContentFree }},
		{"a unit in small letters", "unit = \"mg/dl\"", func(s *settings.Settings) { s.Unit = glucose.MgPerDL }},
		{"a limit in mg/dL", "[alarms.low]\nlimit = 75", func(s *settings.Settings) { s.Low.Limit = 75 }},
		{"a limit in mmol/L", "[alarms.low]\nlimit = 4.2", func(s *settings.Settings) { s.Low.Limit = 76 }},
		{"a limit in mmol/L while the unit is mg/dL", "unit = \"mg/dL\"\n[alarms.low]\nlimit = 4.2", func(s *settings.Settings) { s.Unit, s.Low.Limit = glucose.MgPerDL, 76 }},
		{"a whole number of mmol/L", "[alarms.high]\nlimit = 12", func(s *settings.Settings) { s.High.Limit = 216 }},
		{"a limit with its unit", "[alarms.low]\nlimit = \"4,2 mmol/L\"", func(s *settings.Settings) { s.Low.Limit = 76 }},
		{"a limit with mg/dL", "[alarms.low]\nlimit = \"75mg/dl\"", func(s *settings.Settings) { s.Low.Limit = 75 }},
		{"the least in mmol/L", "[alarms.low]\nlimit = 3.3", func(s *settings.Settings) { s.Low.Limit = 60 }},
		{"the most in mmol/L", "[alarms.high]\nlimit = 22.2", func(s *settings.Settings) { s.High.Limit = 400 }},
		{"dotted keys", "alarms.high.on = false\nalarms.high.repeat = 45", func(s *settings.Settings) { s.High.On, s.High.Repeat = false, 45*time.Minute }},
		{"an inline table", "alarms = {low = {on = false}}", func(s *settings.Settings) { s.Low.On = false }},
		{"durations", "[alarms.low]\nrepeat = \"1h\"\n[alarms.high]\nafter = \"5 min\"\nrepeat = \"1h30m\"", func(s *settings.Settings) {
			s.Low.Repeat, s.High.After, s.High.Repeat = time.Hour, 5*time.Minute, 90*time.Minute
		}},
		{"on and off", "[display]\nlabel = \"off\"", func(s *settings.Settings) { s.Display.Label = false }},
		{"silence", "[alarms.low]\nsound = \"none\"", func(s *settings.Settings) { s.Low.Sound = settings.SoundNone }},
		{"a region", "[account]\nregion = \"ru\"", func(s *settings.Settings) { s.Account.Region = "ru" }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := settings.Load(write(t, tt.text))
			require.NoError(t, err)
			want := settings.Default()
			tt.want(&want)
			require.Equal(t, want, got)
		})
	}
}

// What is wrong is told with its line, its key and what is allowed.
func TestLoadErrors(t *testing.T) {
	tests := []struct {
		name, text string
		line       int
		key        string
		message    []string
	}{
		{"not TOML", "unit = \"mg/dL\"\nperson == 3\n", 2, "", []string{"not TOML"}},
		{"the same key twice", "unit = \"mg/dL\"\nunit = \"mg/dL\"\n", 2, "unit", []string{"not TOML"}},
		{"a misspelt key", "[alarms.low]\nlimt = 70", 2, "alarms.low.limt", []string{"did you mean alarms.low.limit?"}},
		{"a misspelt section", "\n[alarm.low]\nlimit = 70", 2, "alarm.low", []string{"did you mean [alarms.low]?"}},
		{"an empty section of nothing", "[bananas]", 1, "bananas", []string{"no such section"}},
		{"something else entirely", "colour = \"blue\"", 1, "colour", []string{"there is no such setting"}},
		{"a section as a key", "alarms = 3", 1, "alarms", []string{"there is no such setting"}},
		{"a list of sections", "[[alarms.low]]\nlimit = 70", 1, "alarms.low", []string{"no such section"}},
		{"a limit too high", "[alarms.low]\n# mine\nlimit = 150", 3, "alarms.low.limit", []string{"150 mg/dL is not allowed", "60 to 100 mg/dL (3.3 to 5.6 mmol/L)"}},
		{"a limit too low in mmol/L", "[alarms.low]\nlimit = 3.1", 2, "alarms.low.limit", []string{"3.1 mmol/L is not allowed"}},
		{"a broken number of mg/dL", "[alarms.low]\nlimit = 70.5", 2, "alarms.low.limit", []string{"whole numbers"}},
		{"no number", "[alarms.low]\nlimit = \"low\"", 2, "alarms.low.limit", []string{"\"low\" is not a glucose value"}},
		{"not a number", "[alarms.low]\nlimit = nan", 2, "alarms.low.limit", []string{"not a glucose value"}},
		{"an unknown unit", "[alarms.low]\nlimit = \"70 mg\u2044l\"", 2, "alarms.low.limit", []string{"use mg/dL or mmol/L"}},
		{"a word that is not allowed", "unit = \"mol\"", 1, "unit", []string{`"mol" is not allowed`, `use "mmol/L" or "mg/dL"`}},
		{"a number for a word", "unit = 3", 1, "unit", []string{"3 is not allowed"}},
		{"a list", "unit = [1]", 1, "unit", []string{"a list is not allowed"}},
		{"a number for a text", "person = 3", 1, "person", []string{"write it in quotes"}},
		{"neither true nor false", "[alarms.high]\non = 1", 2, "alarms.high.on", []string{"use true or false"}},
		{"a duration too long", "[alarms.low]\nrepeat = \"2h\"", 2, "alarms.low.repeat", []string{"2h is not allowed: use 5m to 1h"}},
		{"no duration", "[alarms.low]\nrepeat = \"often\"", 2, "alarms.low.repeat", []string{"is not a duration"}},
		{"an endless duration", "[alarms.low]\nrepeat = 9223372036854775807", 2, "alarms.low.repeat", []string{"is not a duration"}},
		{"limits in the wrong order", "[limits]\nlow = 110\nurgent_low = 54\nhigh = 120\nurgent_high = 180\n[alarms.urgent_low]\nlimit = 65\n[alarms.low]\nlimit = 62", 7,
			"alarms.urgent_low.limit", []string{"must be below alarms.low.limit"}},
		{"the urgent low switched off", "[alarms.urgent_low]\non = false", 2, "alarms.urgent_low.on", []string{"there is no such setting"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := write(t, tt.text)
			_, err := settings.Load(path)
			var e *settings.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, path, e.Path)
			require.Equal(t, tt.line, e.Line)
			require.Equal(t, tt.key, e.Key)
			for _, m := range tt.message {
				require.Contains(t, err.Error(), m)
			}
			require.True(t, strings.HasPrefix(err.Error(), path+":"), err.Error())

			require.Error(t, settings.Set(path, "display.label", "false"))
			kept, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, tt.text, string(kept), "a broken file is never touched")
		})
	}
}

func TestUnreadableFileIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.toml")
	require.NoError(t, os.Mkdir(path, 0o700))
	_, err := settings.Load(path)
	require.ErrorContains(t, err, path+": it cannot be read")
}

// The alarms follow the file, and every setting that can be written makes a
// configuration that the engine takes.
func TestEveryAllowedValueSuitsTheEngine(t *testing.T) {
	s := settings.Default()
	for _, after := range []time.Duration{15 * time.Minute, 20 * time.Minute, time.Hour} {
		for _, repeat := range []time.Duration{15 * time.Minute, time.Hour} {
			s.NoData.After, s.Low.Repeat = after, repeat
			s.High.Repeat, s.High.After = 3*repeat, time.Hour
			require.NoError(t, s.Alarms().Validate())
		}
	}
	s.Low = settings.Alarm{On: false, Limit: 80, Repeat: 15 * time.Minute, Sound: settings.SoundSoft}
	c := s.Alarms()
	require.False(t, c.Low.On)
	require.False(t, c.Low.Loud)
	require.EqualValues(t, 80, c.Low.Limit)
	require.True(t, c.UrgentLow.Loud, "the urgent low stays what it is, also without a sound")
	require.Equal(t, settings.SoundUrgent, s.Sound(alarm.UrgentLow))
	require.Equal(t, settings.SoundNone, s.Sound("unknown"))
}

// A file that says nothing of privacy tells all; one that asks for it does not.
func TestPrivacy(t *testing.T) {
	s := settings.Default()
	require.Equal(t, alarm.Full, s.Privacy(false))
	s.Text = settings.TextContentFree
	require.Equal(t, alarm.ContentFree, s.Privacy(false))
}

func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		"", "unit = \"mg/dL\"", "[alarms.low]\nlimit = 3.9", "alarms.low = {limit = \"70 mg/dL\"}",
		"[[alarms]]", "[alarms.low]\n[alarms.low]", "\ufeff", "limit = 1e999", "a.b.c = [[1], {x = 2}]", "person = '''\na'''", "[\"alarms\".'low']\nlimit=70 # c",
	} {
		f.Add(seed, "75")
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		path := filepath.Join(t.TempDir(), "settings.toml")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		before, err := settings.Load(path)
		if err != nil {
			require.ErrorAs(t, err, new(*settings.Error))
		}
		setErr := settings.Set(path, "alarms.low.limit", value)
		if after, err := settings.Load(path); setErr == nil {
			require.NoError(t, err, "what Set wrote can be read")
			before.Low.Limit = after.Low.Limit
			require.Equal(t, before, after, "and nothing else has changed")
			return
		}
		kept, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, text, string(kept))
	})
}
