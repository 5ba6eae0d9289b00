package chart_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/chart"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/stats"
)

var noon = time.Date(2026, 5, 3, 12, 0, 0, 0, time.UTC)

func at(minutes int, v glucose.MgDL) glucose.Reading {
	return glucose.Reading{Time: noon.Add(time.Duration(minutes) * time.Minute), Value: v}
}

func threeHours(readings ...glucose.Reading) chart.TraceSpec {
	return chart.TraceSpec{Readings: readings, From: noon, To: noon.Add(3 * time.Hour), Unit: glucose.MgPerDL, Limits: glucose.DefaultLimits}
}

// element is the first element of the class, as text.
func element(t *testing.T, svg, class string) string {
	m := regexp.MustCompile(`<[a-z]+ [^>]*class="` + class + `[^>]*>`).FindString(svg)
	require.NotEmpty(t, m, "nothing of class %s", class)
	return m
}

// A script maps places to times and values by the plot and the scale alone.
func TestPlotAndScaleMapPlaces(t *testing.T) {
	spec := threeHours(at(0, 40), at(5, 300), at(10, 100))
	spec.Readings = append(spec.Readings, at(180, 170))
	d := chart.Trace(spec)
	require.Equal(t, chart.Scale{Bottom: 40, Top: 300}, d.Scale)
	require.Equal(t, 720.0, d.Plot.Width)
	require.Equal(t, 320.0, d.Plot.Height)
	line := element(t, d.SVG, "trace-line")
	require.Contains(t, line, "M36 296", "40 at noon is at the lower left corner")
	x, y := d.Plot.Right, (d.Plot.Top+d.Plot.Bottom)/2
	require.Contains(t, line, "M672 161", "170 at the end is at the right, half way up")
	require.Equal(t, [2]float64{672, 161}, [2]float64{x, y})
}

func TestScaleGrowsOnlyWhenNeeded(t *testing.T) {
	for _, tt := range []struct {
		v    glucose.MgDL
		top  glucose.MgDL
		want chart.Scale
	}{
		{100, 0, chart.Scale{Bottom: 40, Top: 300}},
		{300, 0, chart.Scale{Bottom: 40, Top: 300}},
		{301, 0, chart.Scale{Bottom: 40, Top: 350}},
		{501, 0, chart.Scale{Bottom: 40, Top: 550}},
		{39, 0, chart.Scale{Bottom: 20, Top: 300}},
		{100, 380, chart.Scale{Bottom: 40, Top: 400}},
	} {
		spec := threeHours(at(0, tt.v))
		spec.Top = tt.top
		require.Equal(t, tt.want, chart.Trace(spec).Scale, "%d, at least %d", tt.v, tt.top)
	}
	hi := at(0, 401)
	hi.Limit = glucose.LimitHigh
	d := chart.Trace(threeHours(hi))
	require.Equal(t, chart.Scale{Bottom: 40, Top: 300}, d.Scale, "HI is at the edge of any scale")
	require.Contains(t, d.SVG, ">HI</text>")
}

// What is missing is missing in the picture.
func TestGapsAreNeverBridged(t *testing.T) {
	var live, quarter []glucose.Reading
	for m := 0; m <= 180; m++ {
		if m < 60 || m > 70 {
			live = append(live, at(m, 100))
		}
		if m%15 == 0 && m != 60 {
			quarter = append(quarter, at(m, 100))
		}
	}
	for name, tt := range map[string]struct {
		readings []glucose.Reading
		now      time.Time
		gaps     []chart.Gap
	}{
		"a minute feed":         {live, time.Time{}, []chart.Gap{{at(59, 0).Time, at(71, 0).Time}}},
		"a quarter-hour feed":   {quarter, time.Time{}, []chart.Gap{{at(45, 0).Time, at(75, 0).Time}}},
		"the end":               {live[:30], time.Time{}, []chart.Gap{{at(29, 0).Time, at(180, 0).Time}}},
		"the end until now":     {live[:30], at(40, 0).Time, []chart.Gap{{at(29, 0).Time, at(40, 0).Time}}},
		"nothing missing yet":   {live[:30], at(31, 0).Time, nil},
		"the beginning":         {live[90:], time.Time{}, []chart.Gap{{noon, live[90].Time}}},
		"nothing at all":        {nil, at(90, 0).Time, []chart.Gap{{noon, at(90, 0).Time}}},
		"nothing of the future": {nil, noon, nil},
	} {
		t.Run(name, func(t *testing.T) {
			spec := threeHours(tt.readings...)
			spec.Now = tt.now
			d := chart.Trace(spec)
			require.Equal(t, tt.gaps, d.Gaps)
			require.Equal(t, len(tt.gaps), strings.Count(d.SVG, "<rect")-1, "one shade each, beside the band")
		})
	}
	line := element(t, chart.Trace(threeHours(live...)).SVG, "trace-line")
	require.Equal(t, 2, strings.Count(line, "M"), "two lines")
}

// Thinning may not lose what matters: each excursion's first and worst value,
// and the newest.
func TestThinningKeepsExtremes(t *testing.T) {
	var readings []glucose.Reading
	for m := range 24 * 60 {
		v := glucose.MgDL(120)
		switch {
		case m == 700:
			v = 53 // a single minute
		case m >= 900 && m < 960:
			v = 65
			if m == 931 {
				v = 55
			}
		}
		readings = append(readings, at(m, v))
	}
	spec := threeHours(readings...)
	spec.To = noon.Add(24 * time.Hour)
	d := chart.Trace(spec)
	urgent := element(t, d.SVG, "point range-urgent-low")
	require.Equal(t, 1, strings.Count(urgent, "M"))
	low := element(t, d.SVG, "point range-low")
	require.Less(t, strings.Count(low, "M"), 8, "sixty are thinned")
	require.Contains(t, low, "M447.2 280.4", "the lowest is at its place")
	inRange := element(t, d.SVG, "point range-in")
	require.Contains(t, inRange, "M671.6 212.9", "the newest")
	require.Less(t, len(d.SVG), 60_000)
}

func TestTicks(t *testing.T) {
	loc := berlin(t)
	texts := func(spec chart.TraceSpec) (out []string) {
		spec.Limits = glucose.DefaultLimits
		for _, m := range regexp.MustCompile(`<text x="[^"]*" y="[^"]*">([^<]*)</text>`).FindAllStringSubmatch(chart.Trace(spec).SVG, -1) {
			out = append(out, m[1])
		}
		return out
	}
	day := func(m time.Month, d, h int) time.Time { return time.Date(2026, m, d, h, 0, 0, 0, loc) }
	for _, tt := range []struct {
		name string
		spec chart.TraceSpec
		want []string
	}{
		{"mg/dL", chart.TraceSpec{From: day(5, 3, 0), To: day(5, 3, 3), Unit: glucose.MgPerDL},
			[]string{"50", "100", "150", "200", "250", "300", "00:00", "01:00", "02:00", "03:00", "70", "180", "54", "250"}},
		{"mmol/L", chart.TraceSpec{From: day(5, 3, 0), To: day(5, 3, 3), Unit: glucose.MmolPerL},
			[]string{"4", "6", "8", "10", "12", "14", "16", "00:00", "01:00", "02:00", "03:00", "3.9", "10.0", "3.0", "13.9"}},
		{"a low picture", chart.TraceSpec{From: day(5, 3, 0), To: day(5, 3, 3), Unit: glucose.MmolPerL, Height: 140},
			[]string{"5", "10", "15", "00:00", "01:00", "02:00", "03:00", "3.9", "10.0", "13.9"}},
		{"an hour that is left out", chart.TraceSpec{From: day(3, 29, 0), To: day(3, 29, 5), Unit: glucose.MgPerDL},
			[]string{"50", "100", "150", "200", "250", "300", "00:00", "01:00", "03:00", "04:00", "05:00", "70", "180", "54", "250"}},
		{"an hour twice", chart.TraceSpec{From: day(10, 25, 0), To: day(10, 25, 4), Unit: glucose.MgPerDL},
			[]string{"50", "100", "150", "200", "250", "300", "00:00", "01:00", "02:00", "02:00", "03:00", "04:00", "70", "180", "54", "250"}},
		{"from half past", chart.TraceSpec{From: day(5, 3, 8).Add(30 * time.Minute), To: day(5, 3, 11).Add(30 * time.Minute), Unit: glucose.MgPerDL},
			[]string{"50", "100", "150", "200", "250", "300", "09:00", "10:00", "11:00", "70", "180", "54", "250"}},
	} {
		t.Run(tt.name, func(t *testing.T) { require.Equal(t, tt.want, texts(tt.spec)) })
	}
	require.Contains(t, element(t, chart.Trace(chart.TraceSpec{From: day(5, 3, 20), To: day(5, 4, 2), Limits: glucose.DefaultLimits}).SVG, "midnight"), "M460")
}

func TestTextOfOthersIsEscaped(t *testing.T) {
	spec := threeHours(at(0, 100))
	spec.Title = `<script>alert("1")</script>`
	spec.Alarms = []chart.AlarmMark{{Time: noon, Label: `</title><b>&`}}
	d := chart.Trace(spec)
	require.NotContains(t, d.SVG, "<script>")
	require.NotContains(t, d.SVG, "<b>")
	require.Contains(t, d.SVG, "&lt;script&gt;")
}

func TestWords(t *testing.T) {
	spec := threeHours(at(0, 180), at(15, 65), at(30, 181), at(90, 104))
	spec.Unit = glucose.MmolPerL
	spec.Now = at(95, 0).Time
	spec.Alarms = []chart.AlarmMark{{Time: at(15, 0).Time, Label: "Low 3.6"}, {Time: at(-5, 0).Time, Label: "High"}}
	require.Equal(t, "In mmol/L: last 5.8 at 13:30, lowest 3.6 at 12:15, highest 10.1 at 12:30; 50 % of the readings in range."+
		" No data from 12:30 to 13:30. Alarms: 12:15 Low 3.6.", chart.Trace(spec).Words)
	require.Equal(t, "No readings in this time.", chart.Trace(threeHours()).Words)
}

// However the shares lie, the labels of the bar keep apart and within it.
func TestBarLabelsKeepApart(t *testing.T) {
	place := regexp.MustCompile(`class="share"[^>]*>|<text x="[^"]*" y="([^"]*)" class="share"`)
	for _, s := range []stats.Summary{
		{UrgentLow: 0, Below: 0, InRange: 100},
		{UrgentLow: 50, Below: 100},
		{Above: 100, UrgentHigh: 100},
		{UrgentLow: 1, Below: 2, InRange: 96, Above: 2, UrgentHigh: 1},
	} {
		s.Known = true
		svg := chart.Bar(chart.BarSpec{Summary: s, Limits: glucose.DefaultLimits, Unit: glucose.MgPerDL, Height: 140}).SVG
		last := 1000.0
		found := place.FindAllStringSubmatch(svg, -1)
		require.Len(t, found, 5)
		for _, m := range found {
			y := number(t, m[1])
			require.GreaterOrEqual(t, last-y, 20.0)
			require.True(t, y > 10 && y < 140, y)
			last = y
		}
	}
}

// Nonsense in gives a picture of nothing, never a broken one.
func TestNoTimeIsDrawnAsNothing(t *testing.T) {
	for name, d := range map[string]chart.Drawing{
		"no time":     chart.Trace(chart.TraceSpec{From: noon, To: noon, Readings: []glucose.Reading{at(0, 100)}}),
		"backwards":   chart.Day(chart.TraceSpec{From: noon, To: noon.Add(-time.Hour)}),
		"no profile":  chart.AGP(chart.AGPSpec{}),
		"no summary":  chart.Bar(chart.BarSpec{}),
		"zero shares": chart.Bar(chart.BarSpec{Summary: stats.Summary{Known: true}}),
		"tiny":        chart.Trace(chart.TraceSpec{From: noon, To: noon.Add(time.Hour), Width: 1, Height: 1}),
	} {
		require.NotContains(t, d.SVG, "NaN", name)
		require.NotContains(t, d.SVG, "Inf", name)
	}
}

func BenchmarkTraceOfMinutes(b *testing.B) {
	spec := chart.TraceSpec{From: noon, To: noon.Add(24 * time.Hour), Unit: glucose.MmolPerL, Limits: glucose.DefaultLimits}
	spec.Readings = course(spec.From, spec.To, time.Minute)
	for b.Loop() {
		b.ReportMetric(float64(len(chart.Trace(spec).SVG)), "bytes")
	}
}

func BenchmarkAGP(b *testing.B) {
	w := stats.Window{From: noon, To: noon.AddDate(0, 0, 14)}
	p := stats.ProfileOf(course(w.From, w.To, 5*time.Minute), w, 15*time.Minute)
	for b.Loop() {
		b.ReportMetric(float64(len(chart.AGP(chart.AGPSpec{Profile: p, Limits: glucose.DefaultLimits}).SVG)), "bytes")
	}
}
