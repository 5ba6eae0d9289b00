package tray

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	engine "github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/lang/langtest"
)

// Names in letters that no text has.
const (
	shortestName = "Аня"
	longName     = "Грейс Брюстер Мюррей Хоппер"
)

// spoken are situations in the language in use: the ordinary ones, in which
// nothing may be too long for its place, and the longest there can be.
func spoken() map[string]View {
	out := map[string]View{}
	for _, unit := range []glucose.Unit{glucose.MmolPerL, glucose.MgPerDL} {
		add := func(name string, change func(*View)) {
			v := with(func(v *View) {
				v.Unit, v.Log, v.Today = unit, nil, Today{}
				for i := range v.Snoozable {
					v.Snoozable[i].Label = engine.Kind(v.Snoozable[i].Kind).Label()
				}
				for i := range v.Settings.Sounds {
					v.Settings.Sounds[i].Label = engine.Kind(v.Settings.Sounds[i].Kind).Label()
				}
				change(v)
			})
			out[fmt.Sprintf("%s, %s", name, unit)] = v
		}
		add("quiet", func(*View) {})
		add("today", func(v *View) {
			v.Today = Today{Known: true, InRange: 81.4, Below: 0.4, Above: 18.2, Lowest: 66, Highest: 214}
		})
		add("a day nearly all in range", func(v *View) {
			v.Today = Today{Known: true, InRange: 99.2, Below: 0.4, Above: 0.4, Lowest: 66, Highest: 214}
		})
		for r, value := range map[glucose.Range]glucose.MgDL{glucose.UrgentLow: 45, glucose.Low: 60, glucose.InRange: 100, glucose.High: 200, glucose.UrgentHigh: 300} {
			for tr := glucose.TrendUnknown; tr <= glucose.RisingFast; tr++ {
				add(fmt.Sprintf("%s, %s", r, tr), func(v *View) { v.Reading.Value, v.Reading.Trend = value, tr })
				add(fmt.Sprintf("%s, %s, of somebody", r, tr), func(v *View) {
					v.Reading.Value, v.Reading.Trend = value, tr
					v.Delta.Change, v.PersonID, v.Person = -24, "1", longName
				})
			}
		}
		for _, age := range []time.Duration{11 * time.Minute, 119 * time.Minute, 47 * time.Hour, 30 * 24 * time.Hour} {
			add(fmt.Sprint("old", age), func(v *View) { v.Now = v.Reading.Time.Add(age); v.Stale, v.Delta, v.Person = true, nil, longName })
		}
		add("nothing", func(v *View) { *v = View{Now: now, Unit: unit, Person: longName} })
		add("signed out", func(v *View) {
			*v = View{Now: now, Unit: unit, Fault: &glucose.Fault{Kind: glucose.SignedOut}}
		})
		for _, k := range []glucose.FaultKind{glucose.Offline, glucose.WrongPassword, glucose.Terms, glucose.VerifyEmail, glucose.NoSensor} {
			add(string(k), func(v *View) {
				v.Fault = &glucose.Fault{Kind: k, Since: now.Add(-30 * time.Hour), Until: now.Add(24 * time.Hour)}
			})
		}
		kinds(func(k engine.Kind, lengths []time.Duration) {
			for _, name := range []string{"", shortestName, longName} {
				add(fmt.Sprint(k, " of ", name), func(v *View) {
					v.Alarm, v.Standing = k.Label(), []Standing{{Person: "1", Name: name, Kind: string(k), Label: k.Label(), Treatable: true}}
					v.Snoozes = []Snooze{{Name: name, Kind: string(k), Label: k.Label(), Until: now.Add(3 * time.Hour)}}
					v.Snoozable = nil
					if len(lengths) > 0 {
						v.Snoozable = []Snoozable{{Name: name, Kind: string(k), Label: k.Label(), For: lengths}}
					}
					v.Settings.Sounds = []Sound{{Kind: string(k), Label: k.Label(), On: true}}
				})
			}
		})
		add("several", func(v *View) {
			family(v)
			v.Snoozable, v.Person, v.People[0].Name, v.People[1].Name = nil, shortestName, shortestName, longName
			v.People[0].Alarm, v.People[1].Stale = engine.UrgentLow.Label(), true
			v.People = append(v.People, Person{ID: "3", Name: longName, NotFollowed: true}, Person{ID: "4", Name: longName, Alarm: engine.NoData.Label()})
		})
		for _, name := range []string{"", longName} {
			add("carers of "+name, func(v *View) {
				tomorrow := now.Add(20 * time.Hour)
				v.OffDuty = []OffDuty{{Person: "b", Name: name, Until: tomorrow, UrgentLow: 15 * time.Minute, NoData: time.Hour}}
				v.Passings = []Passing{
					{Name: name, Key: "above", Text: engine.Passing{Above: true, Limit: 180}.Words(unit), Until: tomorrow},
					{Name: name, Key: "below", Text: engine.Passing{Limit: 180}.Words(unit), Until: tomorrow},
				}
				v.Tellable = &Tellable{Person: "a", Name: name}
			})
		}
		add("two off duty", func(v *View) {
			for range 2 {
				v.OffDuty = append(v.OffDuty, OffDuty{Person: "b", Name: longName, Until: now.Add(20 * time.Hour), UrgentLow: 15 * time.Minute, NoData: time.Hour})
			}
		})
		add("demo", func(v *View) { v.Demo, v.Settings.HighOn = true, false })
		add("discreet", func(v *View) { v.Settings.Icon = "discreet" })
		add("discreet and old", func(v *View) { stale(v); v.Settings.Icon = "discreet" })
	}
	return out
}

func kinds(f func(k engine.Kind, lengths []time.Duration)) {
	for _, k := range engine.Kinds() {
		f(k, k.SnoozeLengths())
	}
}

// fits holds that nothing of the menu and the tooltip is too long in the
// language in use. A name may be cut, and a paragraph has three lines.
func fits(t *testing.T, name string, v View) {
	t.Helper()
	walk(Layout(v), func(i Item) {
		if i.Hidden || i.Separator {
			return
		}
		label := strings.NewReplacer(warning, "", indent, "").Replace(i.Label)
		if n := utf8.RuneCountInString(label); n > widest {
			t.Errorf("%s, %s: %q has %d characters; there is room for %d", lang.Code(), name, i.Label, n, widest)
		}
		if strings.HasSuffix(label, " …") {
			t.Errorf("%s, %s: %q and before it are more lines than there is room for", lang.Code(), name, i.Label)
		}
	})
	text := Tooltip(v)
	if n := len(utf16.Encode([]rune(text))); n > tooltipUnits || n == tooltipUnits && strings.HasSuffix(text, "…") {
		t.Errorf("%s, %s: the tooltip %q is too long", lang.Code(), name, text)
	}
}

// TestNothingIsTooLong is for the translators: the lines of the menu in all
// languages.
func TestNothingIsTooLong(t *testing.T) {
	defer lang.Use(lang.English)
	for _, code := range lang.Codes() {
		t.Run(code, func(t *testing.T) {
			lang.Use(code)
			require.Equal(t, code, lang.Code())
			for name, v := range spoken() {
				fits(t, name, v)
			}
		})
	}
}

func TestTextsPassThroughLang(t *testing.T) {
	defer lang.Pretend(langtest.Masked)()
	clean := func(name, text string) {
		if bare := langtest.Bare(text, "GNOME", "macOS"); len(bare) > 0 {
			t.Errorf("%s: %q: %q", name, text, bare)
		}
	}
	for name, v := range spoken() {
		v.Version = "0.1.0"
		for _, words := range []bool{false, true} {
			v.Words = words
			walk(Layout(v), func(i Item) { clean(name, i.Label) })
			clean(name, Tooltip(v))
			clean(name, Title(v))
			clean(name, PanelLabel(v))
		}
	}
	for _, desktop := range []string{"", "gnome", "kde", "xfce", "lxqt", "sway", "hyprland"} {
		clean(desktop, NoHost(desktop))
	}
	clean("no tray", ErrNoTray.Error())
	clean("lost", ErrLost.Error())
}

// A menu for those who hear it has its lengths of time in full in any
// language.
func TestAloudInALanguage(t *testing.T) {
	defer lang.Pretend(func(key string) string {
		return map[string]string{
			"%d min": "%d Min.", "%d h": "%d Std.", "%d minutes": "%d Minuten", "%d hours": "%d Stunden", "up %s": "plus %s",
		}[key]
	})()
	require.Equal(t, "plus 0,3 in 5 Minuten, vor 2 Stunden", newReader().aloud("+0,3 in 5 Min. · vor 2 Std."))
	require.Equal(t, "12 Minute", newReader().aloud("12 Minute"))
}

// Other languages need up to a quarter more letters than English, and there must
// be room for them: an English text that is too long for its place is seen
// before it is translated.
func TestRoomForTranslations(t *testing.T) {
	defer lang.Pretend(func(key string) string {
		letters := 0
		for _, word := range strings.Fields(key) {
			if !strings.Contains(word, "%") {
				letters += utf8.RuneCountInString(word)
			}
		}
		if letters < 3 {
			return key
		}
		return key + strings.Repeat("x", letters/4)
	})()
	for name, v := range spoken() {
		fits(t, name, v)
	}
}
