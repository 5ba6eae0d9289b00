package settings_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/settings"
)

const family = `# our settings
unit = "mmol/L"
[alarms.low]
limit = 3.9 # everybody

[quiet.school] # term time
from = "08:00"
to = "15:15"
days = "mon tue wed thu fri"
through = "high"

[people.emma]
id = "e1" # the little one
name = "Emma"
order = 1
[people.emma.alarms.low]
limit = 4.2
sound = "urgent"
[people.emma.limits]
high = 8.9
[people.emma.quiet.school]
on = false
[people.emma.quiet.nap]
from = "13:00"
to = "14:00"

[people."Léo"]
follow = false
# the end
`

func TestSectionsOfTheUsersOwn(t *testing.T) {
	s, err := settings.Load(write(t, family))
	require.NoError(t, err)
	names := func(s settings.Settings) (out []string) {
		for _, w := range s.Alarms().Quiet {
			out = append(out, string(w.Name))
		}
		return out
	}
	require.Equal(t, []string{"school"}, names(s), "a window that is written down is in force")
	w := s.Alarms().Quiet[0]
	require.Equal(t, []alarm.Kind{alarm.High}, w.Through)
	require.Len(t, w.Days, 5)
	require.NoError(t, s.Alarms().Validate())

	emma := s.For("e1")
	require.EqualValues(t, 76, emma.Low.Limit)
	require.Equal(t, settings.SoundUrgent, emma.Low.Sound)
	require.EqualValues(t, 160, emma.Limits.High)
	require.Equal(t, s.High, emma.High, "the rest is everybody's")
	require.Equal(t, []string{"nap"}, names(emma))
	require.EqualValues(t, 70, s.Low.Limit, "and everybody's stays what it was")
	require.Equal(t, s, s.For("somebody"))

	require.Equal(t, "Emma", s.Call(glucose.Person{ID: "e1", Name: "Emma Louise D."}))
	require.Equal(t, "Ben", s.Call(glucose.Person{ID: "b1", Name: "Ben"}))
	require.Equal(t, 1, s.Personal("e1").Order)
	require.True(t, s.Personal("b1").Follow, "who is not written down is followed")
	require.Equal(t, "people.emma.alarms.low.limit", s.KeyFor("e1", "alarms.low.limit"))
	require.Equal(t, "alarms.high.limit", s.KeyFor("e1", "alarms.high.limit"))
}

// A section without an id is about the one whose name it has.
func TestIdentify(t *testing.T) {
	s, err := settings.Load(write(t, family))
	require.NoError(t, err)
	people := []glucose.Person{{ID: "e1", Name: "Emma D."}, {ID: "l1", Name: "léo D."}}
	require.False(t, s.Identify(people).Personal("l1").Follow)
	require.True(t, s.Personal("l1").Follow, "the original does not know")
	two := append(slices.Clone(people), glucose.Person{ID: "l2", Name: "Léo K."})
	require.True(t, s.Identify(two).Personal("l1").Follow, "two of that name: neither is guessed")
	s, err = settings.Load(write(t, "[people.emma-lou]\nfollow = false\n"))
	require.NoError(t, err)
	require.False(t, s.Identify([]glucose.Person{{ID: "x", Name: "Emma Lou"}}).Personal("x").Follow)
}

func TestSetInSectionsOfTheUsersOwn(t *testing.T) {
	set := []struct{ key, value, got string }{
		{"person.emma.alarms.low.limit", "4.2", "4.2"}, // a slip that is understood
		{"people.emma.alarms.low.limit", "4.3", "4.3"},
		{"people.emma.alarms.low.limit", "71 mg/dL", "71"},
		{"people.emma.alarms.high.limit", "13.9", "13.9"}, // also what is everybody's now
		{"people.emma.alarms.no_data.after", "30", "30m"},
		{"people.emma.name", "Emma & co", "Emma & co"},
		{"people.emma.order", "2", "2"},
		{"people.ben.follow", "off", "false"},
		{"people.ben.quiet.night.from", "20:30", "20:30"},
		{"people.ben.quiet.judo.from", "17:00", "17:00"},
		{"people.ben.quiet.judo.to", "18:00", "18:00"},
		{"people.Zoë.limits.high", "9", "9.0"},
		{"quiet.school.from", "08:00", "08:00"},
		{"quiet.school.to", "15:00", "15:00"},
		{"quiet.school.days", "mon,tue", "mon tue"},
		{"quiet.школа.on", "true", "true"},
	}
	for name, text := range map[string]string{
		"no file": "", "a family": family, "windows": "unit = \"mmol/L\"\r\n",
		"dotted": "people.emma.id = \"e1\"\npeople.emma.alarms.low.limit = 4.0\nunit = \"mmol/L\"\n",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "settings.toml")
			if text != "" {
				path = write(t, text)
			}
			for _, s := range set {
				require.NoError(t, settings.Set(path, s.key, s.value), s.key)
				got, err := settings.Load(path)
				require.NoError(t, err)
				v, err := settings.Get(got, s.key)
				require.NoError(t, err)
				require.Equal(t, s.got, v, s.key)
				once := read(t, path)
				require.NoError(t, settings.Set(path, s.key, s.value), s.key)
				require.Equal(t, once, read(t, path), "what is set already changes nothing")
			}
			got, err := settings.Load(path)
			require.NoError(t, err)
			require.NoError(t, settings.Write(path, got))
			// The unit turns with every limit staying what it is.
			require.NoError(t, settings.Set(path, "unit", "mg/dL"))
			turned, err := settings.Load(path)
			require.NoError(t, err)
			got.Unit = glucose.MgPerDL
			require.True(t, got.Equal(turned))
			if text == family {
				for _, line := range []string{"# our settings", "limit = 3.9 # everybody", "[quiet.school] # term time", "id = \"e1\" # the little one", "# the end"} {
					require.Contains(t, read(t, path), line)
				}
			}
		})
	}
}

// A new section says what each of its keys means, and is listed.
func TestNewSectionsAreExplained(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.toml")
	require.NoError(t, settings.Set(path, "people.emma.alarms.low.limit", "4.2"))
	require.NoError(t, settings.Set(path, "quiet.school.from", "08:00"))
	text := read(t, path)
	for _, part := range []string{
		"# One person who shares", "[people.emma]\n", "# What to call them.",
		"# For emma alone. The low.\n[people.emma.alarms.low]\n# It sounds below this value.\n# Allowed: 60 to 100 mg/dL (3.3 to 5.6 mmol/L). Default: as for everyone.\nlimit = 4.2\n",
		"# Quiet hours of your own.\n[quiet.school]\n", "to = \"never\"\n",
	} {
		require.Contains(t, text, part)
	}
	s, err := settings.Load(path)
	require.NoError(t, err)
	var listed []string
	for _, k := range s.Keys()[len(settings.Keys()):] {
		listed = append(listed, k.Key)
	}
	require.Contains(t, listed, "people.emma.alarms.low.limit")
	require.Contains(t, listed, "quiet.school.through")
	require.Len(t, listed, 8+4+1)
	require.Empty(t, s.Alarms().Quiet, "half a window is none")
}

func TestErrorsInSectionsOfTheUsersOwn(t *testing.T) {
	tests := []struct {
		name, text string
		line       int
		key        string
		message    string
	}{
		{"a misspelt key", "[people.emma]\nordr = 3", 2, "people.emma.ordr", "did you mean people.emma.order?"},
		{"a misspelt key below", "[people.emma.alarms.low]\nlimt = 70", 2, "people.emma.alarms.low.limt", "did you mean people.emma.alarms.low.limit?"},
		{"a misspelt section", "[peple.emma]\nname = \"E\"", 1, "peple.emma", "did you mean [people.emma]?"},
		{"the other word", "[person.emma]\nname = \"E\"", 1, "person.emma", "did you mean [people.emma]?"},
		{"a misspelt section below", "[people.emma.alarms.lwo]\nlimit = 70", 1, "people.emma.alarms.lwo", "did you mean [people.emma.alarms.low]?"},
		{"a misspelt key of a window", "[quiet.school]\nform = \"08:00\"", 2, "quiet.school.form", "did you mean quiet.school.from?"},
		{"a misspelt window", "[quiet.nihgt]\non = true", 2, "quiet.nihgt", "it has no \"from\""},
		{"a window without an end", "[people.emma.quiet.nap]\nfrom = \"13:00\"", 2, "people.emma.quiet.nap", "it has no \"to\""},
		{"a limit that is not allowed", "[people.emma.alarms.low]\n# mine\nlimit = 9", 3, "people.emma.alarms.low.limit", "60 to 100 mg/dL"},
		{"what does not differ by person", "[people.emma]\nunit = \"mg/dL\"", 2, "people.emma.unit", "there is no such setting"},
		{"what does not fit everybody's", "[alarms.urgent_low]\nlimit = 65\n[people.emma.alarms.low]\nlimit = 62", 4, "people.emma.alarms.urgent_low.limit", "must be below"},
		{"the same id twice", "[people.a]\nid = \"x\"\n[people.b]\nid = \"x\"", 4, "people.b.id", "[people.a] has the same id"},
		{"a name with a dot", "[people.\"a.b\"]\nname = \"E\"", 1, "people.\"a.b\"", "no such section"},
		{"people as a value", "people = 3", 1, "people", "there is no such setting"},
		{"everybody below people", "[people]\nname = \"E\"", 2, "people.name", "there is no such setting"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := write(t, tt.text)
			_, err := settings.Load(path)
			var e *settings.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, tt.line, e.Line, err)
			require.Equal(t, tt.key, e.Key)
			require.Contains(t, err.Error(), tt.message)
		})
	}
	for _, key := range []string{"people.emma.alarms.low.limt", "people..name", "people.a b.name", "quiet.a.b.c", "people.emma"} {
		require.Error(t, settings.Set(write(t, ""), key, "70"), key)
	}
	_, err := settings.Get(settings.Default(), "people.emma.alarms.low.limt")
	require.ErrorContains(t, err, "did you mean people.emma.alarms.low.limit?")
}

// The log tells where it is wrong, and nobody's name.
func TestNoNameInTheLog(t *testing.T) {
	var log bytes.Buffer
	for _, text := range []string{"[people.emma]\ncalld = \"E\"", "[people.emma.alarms.low]\nlimit = 9", "[people.a]\nid = \"emma\"\n[people.b]\nid = \"emma\""} {
		_, err := settings.Load(write(t, text))
		require.Error(t, err)
		slog.New(slog.NewTextHandler(&log, nil)).Error("not in force", "err", err)
	}
	require.NotContains(t, log.String(), "emma")
	require.Contains(t, log.String(), "settings.toml:2")
	_, err := settings.Load(write(t, "unit = 3"))
	slog.New(slog.NewTextHandler(&log, nil)).Error("not in force", "err", err)
	require.Contains(t, log.String(), "unit: 3 is not allowed")
}

// A change of a person's section is a change.
func TestWatchSeesAPersonsSection(t *testing.T) {
	path := write(t, "[people.emma]\nid = \"e1\"\n")
	got := watching(t, path)
	save(t, path, "[people.emma]\nid = \"e1\"\nalarms.low.limit = 4.2\n")
	d := next(t, got)
	require.NoError(t, d.err)
	require.EqualValues(t, 76, d.settings.For("e1").Low.Limit)
}

// Settings that are copied and then changed leave the copy alone.
func TestCopiesAreApart(t *testing.T) {
	path := write(t, family)
	before, err := settings.Load(path)
	require.NoError(t, err)
	emma, again := before.For("e1"), before.For("e1")
	require.NoError(t, settings.Set(path, "people.emma.alarms.low.limit", "4.4"))
	require.True(t, emma.Equal(again))
	after, err := settings.Load(path)
	require.NoError(t, err)
	require.False(t, before.Equal(after))
	require.EqualValues(t, 76, before.For("e1").Low.Limit)
}

// FuzzSet sets any key to any value in any file: what was set is read back,
// and nothing else has changed.
func FuzzSet(f *testing.F) {
	for _, key := range []string{"people.emma.alarms.low.limit", "person.x.name", "people.a.quiet.b.from", "quiet.school.through", "quiet.s.to", "people.Zoë.order", "unit", "alarms.high.after"} {
		for _, value := range []string{"4.2", "08:00", "high low_soon", "true", "1h", "x\"y"} {
			f.Add(family, key, value)
			f.Add("", key, value)
			f.Add("people = {emma = {id = \"e\"}}\n", key, value)
			f.Add("people.emma.alarms.low.limit = 75\n[display]\nlabel = false # x", key, value)
		}
	}
	f.Fuzz(func(t *testing.T, text, name, value string) {
		path := filepath.Join(t.TempDir(), "settings.toml")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		before, loadErr := settings.Load(path)
		if settings.Set(path, name, value) != nil {
			kept, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, text, string(kept))
			return
		}
		require.NoError(t, loadErr, "a broken file is not touched")
		after, err := settings.Load(path)
		require.NoError(t, err)
		set, err := settings.Get(after, name)
		require.NoError(t, err)
		require.NoError(t, settings.Set(path, name, set))
		same, err := settings.Load(path)
		require.NoError(t, err)
		require.True(t, after.Equal(same), "what Get prints, Set takes")
		if name == "unit" {
			return // every limit is printed another way
		}
		for _, k := range before.Keys() {
			if k.Key == name || "person."+k.Key[min(7, len(k.Key)):] == name {
				continue
			}
			was, err := settings.Get(before, k.Key)
			require.NoError(t, err)
			is, err := settings.Get(after, k.Key)
			require.NoError(t, err)
			require.Equal(t, was, is, k.Key)
		}
	})
}

func BenchmarkFor(b *testing.B) {
	path := filepath.Join(b.TempDir(), "settings.toml")
	require.NoError(b, os.WriteFile(path, []byte(family), 0o600))
	s, err := settings.Load(path)
	require.NoError(b, err)
	for b.Loop() {
		if s.For("e1").Low.Limit != 76 {
			b.Fatal("not hers")
		}
	}
}

// Who unticks the last day wants quiet hours on no day, and not on each.
func TestWindowWithoutADay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.toml")
	require.NoError(t, settings.Set(path, "quiet.night.on", "true"))
	s, err := settings.Load(path)
	require.NoError(t, err)
	require.Len(t, s.Alarms().Quiet, 1)
	require.NoError(t, settings.Set(path, "quiet.night.days", ""))
	s, err = settings.Load(path)
	require.NoError(t, err)
	require.Empty(t, s.Alarms().Quiet)
}
