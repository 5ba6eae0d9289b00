package chart_test

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/chart"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/musthave"
	"github.com/llutray/llutray/internal/stats"
)

// berlin changes its clocks on 29 March and 25 October 2026.
func berlin(t testing.TB) *time.Location {
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		musthave.Missing(t, "there are no time zones here: %v", err)
	}
	return loc
}

// course is a made-up day: three meals and a low night.
func course(from, to time.Time, step time.Duration) (out []glucose.Reading) {
	meals := []float64{7.5, 12.75, 19}
	for at := from; at.Before(to); at = at.Add(step) {
		h := float64(at.Hour()) + float64(at.Minute())/60
		low := (h - 3) / 1.1
		v := 104 - 38*math.Exp(-low*low) + 3*math.Sin(h*9) + 12*math.Sin(float64(at.YearDay()))
		for i, meal := range meals {
			if since := h - meal; since > 0 {
				v += (150 + 35*float64(i)*math.Sin(float64(at.YearDay()+i))) * since * math.Exp(-since*1.1)
			}
		}
		out = append(out, glucose.Reading{Time: at.UTC(), Value: glucose.MgDL(math.Round(v)), Origin: glucose.Live})
	}
	return out
}

// without leaves a stretch out.
func without(readings []glucose.Reading, from, to time.Time) (out []glucose.Reading) {
	for _, r := range readings {
		if r.Time.Before(from) || !r.Time.Before(to) {
			out = append(out, r)
		}
	}
	return out
}

// drawings are the pictures kept in testdata.
func drawings(t testing.TB) map[string]chart.Drawing {
	loc := berlin(t)
	day := func(m time.Month, d, hour, minute int) time.Time {
		return time.Date(2026, m, d, hour, minute, 0, 0, loc)
	}
	usual := chart.TraceSpec{
		From: day(5, 3, 2, 0), To: day(5, 3, 8, 0), Now: day(5, 3, 7, 52),
		Unit: glucose.MmolPerL, Limits: glucose.DefaultLimits, AlarmLimits: []glucose.MgDL{54, 70, 250},
		Alarms: []chart.AlarmMark{
			{Time: day(5, 3, 2, 30), Label: "Low 3.8"},
			{Time: day(5, 3, 3, 20), Label: "Urgent low LO", Urgent: true},
		},
	}
	night := without(course(day(5, 3, 1, 0), day(5, 3, 7, 50), 5*time.Minute), day(5, 3, 4, 40), day(5, 3, 5, 50))
	for i, r := range night {
		if r.Time.After(day(5, 3, 3, 9)) && r.Time.Before(day(5, 3, 3, 26)) {
			night[i].Limit = glucose.LimitLow
		}
		if r.Time.After(day(5, 3, 2, 49)) && r.Time.Before(day(5, 3, 3, 40)) {
			night[i].Value -= 14
		}
	}
	usual.Readings = night

	phone := usual
	phone.Width, phone.Height, phone.Unit = 360, 220, glucose.MgPerDL

	long := usual
	long.From, long.To, long.Now = day(5, 2, 20, 0), day(5, 3, 20, 0), time.Time{}
	long.Readings = course(long.From, long.To, time.Minute)
	for i := range long.Readings {
		if v := &long.Readings[i].Value; *v > 150 {
			*v += (*v - 150) * 2
		}
	}

	high := usual
	high.From, high.To, high.Now = day(5, 3, 12, 0), day(5, 3, 15, 0), time.Time{}
	high.Readings = course(high.From, high.To, time.Minute)
	for i := range high.Readings {
		if v := high.Readings[i].Value * 13 / 5; v > 360 {
			high.Readings[i].Limit = glucose.LimitHigh
		} else {
			high.Readings[i].Value = v
		}
	}

	autumn := chart.TraceSpec{From: day(10, 25, 0, 0), To: day(10, 26, 0, 0), Unit: glucose.MmolPerL, Limits: glucose.DefaultLimits,
		Readings: course(day(10, 25, 0, 0), day(10, 26, 0, 0), 5*time.Minute)}
	spring := autumn
	spring.From, spring.To = day(3, 29, 0, 0), day(3, 29, 6, 0)
	spring.Readings = course(spring.From, spring.To, 15*time.Minute)

	empty := usual
	empty.Readings, empty.Alarms = nil, nil

	w := stats.Window{From: day(4, 1, 0, 0), To: day(4, 15, 0, 0)}
	fortnight := course(w.From, w.To, 5*time.Minute)
	profile := chart.AGPSpec{Profile: stats.ProfileOf(fortnight, w, 15*time.Minute), Unit: glucose.MmolPerL, Limits: glucose.DefaultLimits}
	few := profile
	few.Profile = stats.ProfileOf(fortnight, stats.Days(3, w.To), 15*time.Minute)
	rough := profile // an hour apart, with a time of day without data
	rough.Profile = stats.Profile{Days: 14, Step: time.Hour}
	for h, v := range []float64{131, 126, 118, 112, 109, 113, 121, 140, 168, 177, 161, 148, 150, 171, 188, 176, 160, 155, 166, 190, 201, 186, 163, 145} {
		days := 14
		if h == 11 || h == 12 {
			days = 3
		}
		rough.Profile.Slots = append(rough.Profile.Slots, stats.Slot{At: time.Duration(h) * time.Hour, Days: days,
			P5: v * .5, P25: v * .75, P50: v, P75: v * 1.25, P95: v * 1.8})
	}
	small := profile
	small.Width, small.Height, small.Unit = 360, 220, glucose.MgPerDL

	bar := chart.BarSpec{Unit: glucose.MmolPerL, Limits: glucose.DefaultLimits,
		Summary: stats.Summary{Known: true, UrgentLow: 0.4, Below: 3.1, InRange: 71.2, Above: 25.7, UrgentHigh: 4.6}}
	perfect := bar
	perfect.Summary = stats.Summary{Known: true, InRange: 100}

	return map[string]chart.Drawing{
		"trace-6h": chart.Trace(usual), "trace-phone": chart.Trace(phone), "trace-24h": chart.Trace(long), "trace-high": chart.Trace(high),
		"trace-autumn": chart.Trace(autumn), "trace-spring": chart.Trace(spring), "trace-empty": chart.Trace(empty),
		"day-autumn": chart.Day(autumn), "day-alarms": chart.Day(long), "agp": chart.AGP(profile), "agp-hourly": chart.AGP(rough), "agp-few": chart.AGP(few), "agp-phone": chart.AGP(small),
		"bar": chart.Bar(bar), "bar-perfect": chart.Bar(perfect), "bar-unknown": chart.Bar(chart.BarSpec{Unit: glucose.MmolPerL, Limits: glucose.DefaultLimits}),
	}
}

func TestDrawings(t *testing.T) {
	for name, d := range drawings(t) {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", name+".svg")
			if flag.Lookup("update").Value.String() == "true" {
				require.NoError(t, os.WriteFile(path, []byte(d.SVG+"\n"), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			require.True(t, string(want) == d.SVG+"\n", "the picture differs: look at it, then go test -update ./internal/chart")
		})
	}
}

// A page shows them under a policy that allows no style and no script, and to
// people who hear it.
func TestDrawingsAreStrict(t *testing.T) {
	for name, d := range drawings(t) {
		t.Run(name, func(t *testing.T) {
			require.NotEmpty(t, d.Words)
			var elements []string
			dec := xml.NewDecoder(strings.NewReader(d.SVG))
			for {
				token, err := dec.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				require.NoError(t, err)
				start, ok := token.(xml.StartElement)
				if !ok {
					continue
				}
				elements = append(elements, start.Name.Local)
				require.NotContains(t, []string{"style", "script", "image", "a", "foreignObject"}, start.Name.Local)
				for _, a := range start.Attr {
					require.NotContains(t, []string{"style", "href", "id", "onload"}, a.Name.Local)
					require.NotContains(t, a.Value, "NaN")
					require.NotContains(t, a.Value, "Inf")
				}
			}
			require.Equal(t, []string{"svg", "title", "desc"}, elements[:3])
			require.Contains(t, d.SVG, `role="img"`)
		})
	}
}

func number(t *testing.T, s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	require.NoError(t, err)
	return v
}
