package tray

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

var updateGolden = flag.Bool("update", false, "write testdata anew")

var (
	zone = time.FixedZone("somewhere", 2*3600)
	now  = time.Date(2026, 3, 14, 14, 5, 30, 0, zone)
)

// base is a quiet afternoon on a 5-minute feed.
func base() View {
	v := View{
		Now: now, Unit: glucose.MmolPerL, Limits: glucose.DefaultLimits,
		Delta: &glucose.Delta{Change: 5, Minutes: 5},
		Today: Today{Known: true, InRange: 81.4, Below: 0.4, Above: 18.2, Lowest: 66, Highest: 214},
		Snoozable: []Snoozable{
			{Kind: "urgent_low", Label: "Urgent low", For: []time.Duration{15 * time.Minute, 30 * time.Minute}},
			{Kind: "low", Label: "Low", For: []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour}},
			{Kind: "high", Label: "High", For: []time.Duration{time.Hour, 2 * time.Hour, 3 * time.Hour}},
		},
		Log: []LogEntry{
			{now.Add(-50 * time.Minute), "Low 3.7: first; seen"},
			{now.Add(-15 * time.Hour), "High 14.2: repeat"},
		},
		Settings: Settings{
			UrgentLow: 54, Low: 70, High: 250, HighOn: true, Label: true,
			Sounds: []Sound{{"urgent_low", "Urgent low", true}, {"low", "Low", true}, {"high", "High", false}, {"no_data", "No data", false}},
		},
		Version: "0.1.0", Tellable: &Tellable{Person: "a1"}, OffNext: now.Add(17 * time.Hour),
	}
	for i := range 36 {
		r := glucose.Reading{
			Time:  now.Add(-time.Duration(36-i)*5*time.Minute + 3*time.Minute),
			Value: glucose.MgDL(97 + 40*(i%18)/18 - 20*(i/18)), Trend: glucose.Rising,
		}
		v.Trace = append(v.Trace, r)
	}
	for i := range 12 {
		v.Recent = append(v.Recent, v.Trace[35-i])
	}
	newest := v.Recent[0]
	v.Reading = &newest
	return v
}

func with(change func(*View)) View {
	v := base()
	change(&v)
	return v
}

func fault(kind glucose.FaultKind, message, hint string) func(*View) {
	return func(v *View) {
		v.Fault = &glucose.Fault{Kind: kind, Message: message, Hint: hint, Since: now.Add(-23 * time.Minute)}
		stale(v)
	}
}

func stale(v *View) {
	v.Now = v.Now.Add(23 * time.Minute)
	v.Stale, v.Delta = true, nil
}

func reading(value glucose.MgDL, trend glucose.Trend) func(*View) {
	return func(v *View) { v.Reading.Value, v.Reading.Trend = value, trend }
}

func alarm(v *View, label string) { v.Alarm, v.Standing = label, []Standing{{Label: label}} }

// family is two people, the first of them shown.
func family(v *View) {
	v.PersonID, v.Person = "1", "Ada"
	v.People = []Person{
		{ID: "1", Name: "Ada", Reading: v.Reading, Chosen: true, Range: glucose.InRange},
		{ID: "2", Name: "Grace Brewster Murray Hopper", Reading: &glucose.Reading{Time: now.Add(-3 * time.Minute), Value: 143, Trend: glucose.Flat}, Range: glucose.InRange},
	}
	for i := range v.Snoozable {
		s := &v.Snoozable[i]
		s.Person, s.Name, s.For = "1", "Ada", s.For[:1]
	}
	v.Snoozable = append(v.Snoozable, Snoozable{Person: "2", Name: "Grace Brewster Murray Hopper", Kind: "urgent_low", Label: "Urgent low", For: []time.Duration{15 * time.Minute}})
}

// views are the situations whose whole menu is kept in testdata.
var views = map[string]View{
	"in-range": base(),
	"low":      with(func(v *View) { reading(66, glucose.Falling)(v); alarm(v, "Low"); v.Delta.Change = -7 }),
	"lo":       with(func(v *View) { v.Reading.Limit = glucose.LimitLow; alarm(v, "Urgent low"); v.Delta = nil }),
	"stale":    with(stale),
	"nothing":  {Now: now, Unit: glucose.MgPerDL},
	"off-duty": with(func(v *View) {
		v.Held = true
		v.OffDuty = []OffDuty{{Until: now.Add(17 * time.Hour), UrgentLow: 15 * time.Minute, NoData: time.Hour}}
		v.Passings = []Passing{{Person: "a1", Key: "above", Text: "rises above 8.0", Until: now.Add(23 * time.Hour)}}
	}),
	"off-duty-for-one": with(func(v *View) {
		v.OffDuty = []OffDuty{{Person: "b1", Name: "Ben", Until: now.Add(2 * time.Hour), UrgentLow: 15 * time.Minute, NoData: time.Hour}}
		v.Passings = []Passing{{Person: "b1", Name: "Ben", Key: "below", Text: "falls below 6.0", Until: now.Add(time.Hour)}}
		v.Tellable = &Tellable{Person: "a1", Name: "Anna"}
	}),
	"signed-out": {Now: now, Unit: glucose.MmolPerL, Version: "0.1.0", Fault: &glucose.Fault{
		Kind: glucose.SignedOut, Message: "You are not signed in to LibreLinkUp.", Hint: "Choose Sign in below."}},
	"wrong-password": with(fault(glucose.WrongPassword, "LibreLinkUp does not accept the e-mail address or the password.",
		"Sign in again; llutray tries no further until then, so that the account is not locked.")),
	"terms": with(fault(glucose.Terms, "LibreLinkUp wants you to accept its new terms of use.",
		"Sign in again to read and accept them.")),
	"verify-email": with(fault(glucose.VerifyEmail, "The e-mail address of the account is not confirmed.",
		"Open the message that LibreLinkUp sent to it, then sign in again.")),
	"too-old": with(fault(glucose.TooOld, "LibreLinkUp demands a newer version of its app than llutray can stand for.",
		"Install the newest llutray.")),
	"closed": with(fault(glucose.Closed, "LibreLinkUp has closed the interface that llutray reads from.",
		"See whether there is a newer llutray; until then use the app on the phone.")),
	"evening": with(func(v *View) {
		v.Bedtime = "Ready for the night, as far as can be told: make sure that the sound is on and that the computer stays awake."
		v.Night = "Last night: 3.7 to 12.4, 25 min low, 1 h 10 min high, 3 alarms (2 answered), 2 gaps of 45 min in all"
		v.Standing = []Standing{{Treatable: true}}
	}),
	"offline": with(fault(glucose.Offline, "This computer has no network.", "Check the network connection; llutray goes on by itself.")),
	"locked": with(func(v *View) {
		fault(glucose.Locked, "LibreLinkUp has locked the account for a while after too many sign-ins.", "Wait; llutray goes on by itself.")(v)
		v.Fault.Until = v.Now.Add(4*time.Minute + 10*time.Second)
	}),
	"two-people": with(func(v *View) {
		family(v)
		v.People[1].Reading = nil
	}),
	"two-people-alarms": with(func(v *View) {
		family(v)
		v.People[0].Alarm, v.People[1].Alarm = "Urgent low", "No data"
		v.People[1].Stale, v.Now = true, v.Now.Add(20*time.Minute)
		v.Alarm = "Urgent low"
		v.Standing = []Standing{
			{Person: "1", Name: "Ada", Label: "Urgent low", Treatable: true},
			{Person: "2", Name: "Grace Brewster Murray Hopper", Label: "No data"},
		}
		v.Snoozes = []Snooze{{Person: "2", Name: "Grace Brewster Murray Hopper", Kind: "high", Label: "High", Until: now.Add(time.Hour)}}
		v.Log = []LogEntry{{now.Add(-2 * time.Minute), "Ada: Urgent low 2.9: first time"}}
	}),
	"worst-on-icon": with(func(v *View) {
		family(v)
		v.People[1].Reading = &glucose.Reading{Time: now.Add(-time.Minute), Value: 62, Trend: glucose.Falling}
		v.People[1].Range = glucose.Low
		v.People = append(v.People, Person{ID: "3", Name: "Linus", NotFollowed: true, Reading: v.Reading})
		v.OnIcon = &View{
			Now: v.Now, Unit: v.Unit, Limits: v.Limits, Settings: v.Settings, People: v.People,
			PersonID: "2", Person: "Grace Brewster Murray Hopper", Reading: v.People[1].Reading,
		}
	}),
	"snoozed": with(func(v *View) {
		reading(262, glucose.RisingFast)(v)
		v.Held = true
		v.Snoozes = []Snooze{{Kind: "high", Label: "High", Until: now.Add(100 * time.Minute)}, {Kind: "low", Label: "Low", Until: now.Add(11 * time.Hour)}}
	}),
	"demo": with(func(v *View) { v.Demo = true }),
	"mgdl": with(func(v *View) { v.Unit = glucose.MgPerDL; v.Reading.Trend = glucose.TrendUnknown; v.Settings.Low = 72 }),
	"undelivered": with(func(v *View) {
		v.Undelivered = "The last alarm could not be shown: the notification service did not answer within five seconds"
		v.Settings.HighOn = false
	}),
	"words":    with(func(v *View) { v.Words, v.Person = true, "Ada" }),
	"discreet": with(func(v *View) { v.Settings.Icon, v.Person = "discreet", "Ada" }),
	"hostile-names": with(func(v *View) {
		v.Person = "A<b>&\u202eeve_\n\"" + strings.Repeat("ö", 100)
		v.People = []Person{{ID: "1", Name: v.Person, Reading: v.Reading, Chosen: true}, {ID: "2", Name: "\x1b[31m"}}
		v.Standing = []Standing{{Person: "1", Name: v.Person, Label: "Low", Treatable: true}}
	}),
}

func TestLayoutGolden(t *testing.T) {
	for name, v := range views {
		t.Run(name, func(t *testing.T) {
			got := fmt.Sprintf("tooltip: %q\ntitle:   %q\nlabel:   %q\nicon:    %+v\n\n", Tooltip(v), Title(v), PanelLabel(v), IconOf(v)) +
				dump(Layout(v), "")
			path := filepath.Join("testdata", name+".txt")
			if *updateGolden {
				require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		})
	}
}

// dump writes the visible rows of a menu as text.
func dump(items []Item, indent string) string {
	var b strings.Builder
	for _, i := range items {
		if i.Hidden {
			continue
		}
		if i.Separator {
			b.WriteString(indent + "---\n")
			continue
		}
		mark := "  "
		switch {
		case i.Checked:
			mark = "✓ "
		case i.Checkable:
			mark = "☐ "
		}
		b.WriteString(indent + mark + i.Label)
		if i.Disabled {
			b.WriteString("  (disabled)")
		}
		if a := i.Action; a != nil {
			fmt.Fprintf(&b, "  => %s", describe(*a))
		}
		b.WriteString("\n" + dump(i.Children, indent+"    "))
	}
	return b.String()
}

func describe(a Action) string {
	text := a.Kind.String()
	if a.Person != "" {
		text += " of " + a.Person
	}
	if a.Key != "" {
		text += " " + a.Key
	}
	switch a.Kind {
	case SnoozeAlarm:
		text += " " + a.For.String()
	case SetLimit:
		text += fmt.Sprintf(" %d", a.Value)
	case SetUnit:
		text += " " + string(a.Unit)
	case SetSound, SetAutostart, SetLabel, SetDiscreet:
		text += fmt.Sprintf(" %t", a.On)
	}
	return text
}

// walk calls f for every row.
func walk(items []Item, f func(Item)) {
	for _, i := range items {
		f(i)
		walk(i.Children, f)
	}
}

func shape(items []Item) string {
	var b strings.Builder
	walk(items, func(i Item) { fmt.Fprintln(&b, i.ID, i.Separator, i.Checkable, len(i.Children)) })
	return b.String()
}

func TestLayoutHasOneShape(t *testing.T) {
	want := shape(Layout(View{}))
	for name, v := range views {
		require.Equal(t, want, shape(Layout(v)), name)
	}
	// More of everything than there is room for.
	v := base()
	for i := range 40 {
		v.People = append(v.People, Person{ID: fmt.Sprint(i), Name: "p"})
		v.Snoozable = append(v.Snoozable, Snoozable{Kind: "k", Label: "K", For: make([]time.Duration, 9)})
		v.Standing = append(v.Standing, Standing{Label: "K", Treatable: true})
		v.Snoozes = append(v.Snoozes, Snooze{Kind: "k", Label: "K", Until: now})
		v.Log = append(v.Log, LogEntry{now, "x"})
		v.Settings.Sounds = append(v.Settings.Sounds, Sound{"k", "K", true})
		v.Recent = append(v.Recent, v.Recent[0])
	}
	require.Equal(t, want, shape(Layout(v)))

	seen := map[string]bool{}
	walk(Layout(v), func(i Item) {
		require.False(t, seen[i.ID], "two rows are called %s", i.ID)
		seen[i.ID] = true
	})
}

func TestLayoutIsFitToShow(t *testing.T) {
	for name, v := range views {
		width := lineWidth + 2
		if v.Words {
			width = 80 // it is heard
		}
		walk(Layout(v), func(i Item) {
			require.LessOrEqual(t, utf8.RuneCountInString(i.Label), width, "%s: %q", name, i.Label)
			require.NotContains(t, i.Label, "\n")
			if i.Hidden || i.Separator {
				return
			}
			require.NotEmpty(t, i.Label, "%s: %s", name, i.ID)
			for _, c := range i.Children {
				require.Empty(t, c.Children, "a submenu within a submenu")
			}
		})
		for _, submenu := range Layout(v) {
			last := true // whether a separator here would be doubled
			for _, c := range submenu.Children {
				if c.Hidden {
					continue
				}
				require.False(t, last && c.Separator, "%s: %s starts with a separator, or has two in a row", name, submenu.ID)
				last = c.Separator
			}
		}
	}
}

// An old value is never shown as the present: no arrow, no colour, its age.
func TestStaleIsNeverCurrent(t *testing.T) {
	for age, want := range map[time.Duration]struct{ line, label string }{
		11 * time.Minute:                {"7.7 mmol/L, 11 minutes old", "7.7 · 11 min"},
		59*time.Minute + 59*time.Second: {"7.7 mmol/L, 59 minutes old", "7.7 · 59 min"},
		100 * time.Minute:               {"7.7 mmol/L, 100 minutes old", "7.7 · 1 h"},
		5*time.Hour + 40*time.Minute:    {"7.7 mmol/L, 5 hours old", "7.7 · 5 h"},
		50 * time.Hour:                  {"7.7 mmol/L, 2 days old", "7.7 · 2 days"},
	} {
		for _, trend := range []glucose.Trend{glucose.FallingFast, glucose.Flat, glucose.RisingFast} {
			v := with(func(v *View) {
				v.Reading = &glucose.Reading{Time: now.Add(-age), Value: 139, Trend: trend}
				v.Stale = true
			})
			require.Equal(t, want.line, Layout(v)[1].Label)
			require.Equal(t, want.line, Title(v))
			require.Equal(t, want.line, Tooltip(v))
			require.Equal(t, want.label, PanelLabel(v))
			require.True(t, IconOf(v).Stale)
			require.Zero(t, IconOf(v).Trend)
			require.Zero(t, IconOf(v).Range)
		}
	}
}

func TestIconOf(t *testing.T) {
	require.Zero(t, IconOf(View{}), "no value")
	require.True(t, IconOf(views["signed-out"]).Fault)
	require.True(t, IconOf(views["wrong-password"]).Fault)
	require.False(t, IconOf(views["offline"]).Fault, "nothing that the user must do")
	require.Equal(t, glucose.UrgentLow, IconOf(views["lo"]).Range)
	require.Equal(t, "LO", IconOf(views["lo"]).Number)
	require.True(t, IconOf(views["snoozed"]).Snoozed)

	// As long as the value is good it matters more than the sign-in.
	v := base()
	v.Fault = &glucose.Fault{Kind: glucose.WrongPassword}
	require.Equal(t, "6.3", IconOf(v).Number)
	require.Equal(t, glucose.Rising, IconOf(v).Trend)
}

func TestTooltipIsSafeAndShort(t *testing.T) {
	for name, v := range views {
		text := Tooltip(v)
		require.NotContains(t, text, "<", name)
		require.NotContains(t, text, "&", name)
		require.LessOrEqual(t, len(utf16.Encode([]rune(text))), 127, name)
	}
	v := base()
	v.Fault = &glucose.Fault{Message: strings.Repeat("🩸", 200)}
	text := Tooltip(v)
	require.LessOrEqual(t, len(utf16.Encode([]rune(text))), 127)
	require.Greater(t, len(utf16.Encode([]rune(text))), 124)
	require.True(t, utf8.ValidString(text))
	require.True(t, strings.HasSuffix(text, "🩸…"))
}

func TestRecentAcrossMidnightAndGaps(t *testing.T) {
	v := View{Now: time.Date(2026, 3, 14, 0, 3, 0, 0, zone), Unit: glucose.MgPerDL}
	at := func(minutes int, value glucose.MgDL) glucose.Reading {
		return glucose.Reading{Time: v.Now.Add(-time.Duration(minutes) * time.Minute).UTC(), Value: value, Trend: glucose.Flat}
	}
	v.Recent = []glucose.Reading{at(1, 110), at(6, 104), at(40, 90)}
	require.Equal(t, []string{"00:02 · 110 → · +6 in 5 min", "Fri 23:57 · 104 →", "Fri 23:23 · 90 →"}, visible(recent(v)))
}

func visible(items []Item) (labels []string) {
	for _, i := range items {
		if !i.Hidden {
			labels = append(labels, i.Label)
		}
	}
	return labels
}

func TestLimitsOfferWhatIsInForceAndAllowed(t *testing.T) {
	v := with(func(v *View) { v.Unit = glucose.MgPerDL; v.Settings.UrgentLow, v.Settings.Low = 65, 72 })
	var got []string
	for _, i := range settings(v) {
		if strings.HasPrefix(i.ID, "limit.") && !strings.HasPrefix(i.ID, "limit.high") && !i.Hidden {
			got = append(got, fmt.Sprintf("%s %t", i.Label, i.Checked))
		}
	}
	require.Equal(t, []string{
		"Urgent low alarm below 54 mg/dL false", "Urgent low alarm below 60 mg/dL false", "Urgent low alarm below 65 mg/dL true",
		"Low alarm below 70 mg/dL false", "Low alarm below 72 mg/dL true", "Low alarm below 75 mg/dL false", "Low alarm below 80 mg/dL false",
	}, got)
}

func TestPercent(t *testing.T) {
	for p, want := range map[float64]string{0: "0 %", 0.01: "under 1 %", 1: "1 %", 49.6: "50 %", 99: "99 %", 99.9: "over 99 %", 100: "100 %"} {
		require.Equal(t, want, percent(p))
	}
}

func TestNoHost(t *testing.T) {
	require.Contains(t, NoHost("ubuntu:GNOME"), "gnome-shell-extension-appindicator")
	require.Contains(t, NoHost("XFCE"), "Status Tray Plugin")
	require.Contains(t, NoHost("never heard of"), "Add a system tray")
}

// A low that turns urgent under the mouse must not be answered by the click.
func TestSeenNamesItsAlarm(t *testing.T) {
	rows := standing(View{Standing: []Standing{{Person: "a", Kind: "low", Label: "Low"}}})
	require.Equal(t, Action{Kind: Seen, Person: "a", Key: "low"}, *rows[0].Action)
}
