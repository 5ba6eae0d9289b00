package tray

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/chart"
	"github.com/llutray/llutray/internal/glucose"
)

func TestAloud(t *testing.T) {
	for line, want := range map[string]string{
		"Ada · 6.3 mmol/L ↗ · +0.3 in 5 min · 2 min ago": "Ada, 6.3 millimoles per litre, rising, up 0.3 in 5 minutes, 2 minutes ago",
		"104 mg/dL ↓ low · −12 in 5 min · 1 min ago":     "104 milligrams per decilitre, falling fast low, down 12 in 5 minutes, 1 minute ago",
		"14:03 · 6.3 → · ±0.0 in 15 min":                 "14:03, 6.3, steady, change 0.0 in 15 minutes",
		"▃▄▄▅··▆▆  4.3 to 7.4 in 3 h":                    "4.3 to 7.4 in 3 hours",
		"⚠ The network is down.":                         "Warning: The network is down.",
		"No data 1 h ago":                                "No data 1 hour ago",
		"Quit":                                           "Quit",
		"":                                               "",
	} {
		require.Equal(t, want, newReader().aloud(line))
	}
}

// In words no label, tooltip or title has a sign that a screen reader names.
func TestWordsHaveNoSigns(t *testing.T) {
	const signs = "↓↘→↗↑·▁▂▃▄▅▆▇█⚠…±−–+"
	for name, v := range views {
		if name == "hostile-names" {
			continue // a name is what it is
		}
		v.Words = true
		walk(Layout(v), func(i Item) {
			if !i.Hidden {
				require.False(t, strings.ContainsAny(i.Label, signs), "%s: %q", name, i.Label)
			}
		})
		first, _, _ := strings.Cut(Tooltip(v), "\n")
		require.False(t, strings.ContainsAny(first, signs), "%s: %q", name, first)
	}
}

func TestWordsKeepTheShape(t *testing.T) {
	v := base()
	want := shape(Layout(v))
	v.Words = true
	require.Equal(t, want, shape(Layout(v)))
}

// Whoever looks over the shoulder reads no value and no name, however the icon
// is asked about, until the menu is opened.
func TestDiscreetTellsNothing(t *testing.T) {
	for name, v := range views {
		v.Settings.Icon = "discreet"
		if v.OnIcon != nil {
			on := *v.OnIcon
			on.Settings = v.Settings
			v.OnIcon = &on
		}
		require.Empty(t, PanelLabel(v), name)
		spec := IconOf(v)
		require.Equal(t, chart.Discreet, spec.Look)
		require.NotRegexp(t, `[0-9A-Z]`, spec.Number, name)
		require.Equal(t, glucose.TrendUnknown, spec.Trend)
		first, _, _ := strings.Cut(Tooltip(v), "\n")
		for _, text := range []string{first, Title(v)} {
			if v.onIcon().Person != "" {
				require.NotContains(t, text, cut(clean(v.onIcon().Person), leastName), name)
			}
			if r := v.onIcon().Reading; r != nil {
				require.NotContains(t, text, r.Number(v.Unit), name)
			}
		}
	}
}

// A new value in the same range changes nothing that could be seen, so nothing
// is sent.
func TestDiscreetIsSentOncePerRange(t *testing.T) {
	a, b := base(), base()
	a.Settings.Icon, b.Settings.Icon = "discreet", "discreet"
	other := *b.Reading
	other.Value, other.Trend = other.Value+1, glucose.Falling
	b.Reading = &other
	require.Equal(t, IconOf(a), IconOf(b))
	require.Equal(t, Tooltip(a), Tooltip(b))
}

func TestLargeShowsNoArrow(t *testing.T) {
	v := base()
	v.Settings.Icon = "large"
	require.Equal(t, chart.IconSpec{Number: "6.3", Range: glucose.InRange, Look: chart.Large}, IconOf(v))
}

func TestSuit(t *testing.T) {
	for _, c := range []struct {
		choice string
		told   bool
		want   bool
	}{{"auto", false, false}, {"auto", true, true}, {"on", false, true}, {"off", true, false}, {"", true, false}} {
		v := suit(View{Settings: Settings{Contrast: c.choice, Words: c.choice}}, Needs{Contrast: c.told, Reader: c.told})
		require.Equal(t, c.want, v.Contrast, c)
		require.Equal(t, c.want, v.Words, c)
	}
	v := View{Contrast: true, Words: true, OnIcon: &View{}}
	require.True(t, v.onIcon().Contrast)
	require.True(t, v.onIcon().Words)
}

// A screen reader that is started under the running program finds words.
func TestNeedsAreMetAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := base()
		v.Settings.Contrast, v.Settings.Words = "auto", "auto"
		tr, r, stop := running(t, v, nil)
		r.take()
		tr.needs.Store(&Needs{Contrast: true, Reader: true})
		tr.poke()
		synctest.Wait()
		calls := strings.Join(r.take(), "\n")
		require.Contains(t, calls, "icon")
		require.Contains(t, calls, "rising, up 0.3 in 5 minutes")
		require.NoError(t, stop())
	})
}
