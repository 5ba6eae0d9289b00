package tray

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/chart"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/libretest"
)

// handles is how many a program on Windows may have. The tray library keeps one
// for every different icon until the program ends, and finds an equal one again.
const handles = 10_000

func TestIconsOfAYearAreFarFewerThanHandles(t *testing.T) {
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	sensor := libretest.NewSensor(libretest.NewSimulator(1, time.UTC), libretest.Feed{Step: 5 * time.Minute}, 1)
	icons, readings := map[chart.IconSpec]bool{}, 0
	for day := range 365 {
		from := first.AddDate(0, 0, day)
		for _, r := range sensor.Readings(from, from.AddDate(0, 0, 1)) {
			readings++
			v := View{
				Unit: glucose.MgPerDL, Limits: glucose.DefaultLimits, // the unit with more numbers
				Reading: &glucose.Reading{Time: r.Time, Value: glucose.MgDL(r.MgDL), Trend: glucose.Trend(r.Arrow)},
			}
			// An alarm is held back now and then, and now and then the number is old.
			v.Held, v.Stale = readings%7 == 0, readings%11 == 0
			icons[IconOf(v)] = true
		}
	}
	t.Logf("%d readings, %d icons", readings, len(icons))
	require.Greater(t, readings, 365*23*12)
	require.Less(t, len(icons), handles/4)
}

// Every icon there can be in a unit, of all values that a sensor tells.
func TestAllIconsOfAUnitAreFewerThanHandles(t *testing.T) {
	for _, u := range []glucose.Unit{glucose.MgPerDL, glucose.MmolPerL} {
		icons := map[chart.IconSpec]bool{{}: true, {Fault: true}: true}
		add := func(r glucose.Reading) {
			for trend := glucose.TrendUnknown; trend <= glucose.RisingFast; trend++ {
				r.Trend = trend
				for _, held := range []bool{false, true} {
					for _, stale := range []bool{false, true} {
						icons[IconOf(View{Unit: u, Limits: glucose.DefaultLimits, Reading: &r, Held: held, Stale: stale})] = true
					}
				}
			}
		}
		for v := glucose.MgDL(40); v <= 500; v++ {
			add(glucose.Reading{Value: v})
		}
		add(glucose.Reading{Limit: glucose.LimitLow})
		add(glucose.Reading{Limit: glucose.LimitHigh})
		t.Logf("%d icons in %s", len(icons), u)
		require.Less(t, len(icons), handles*3/4)
	}
}
