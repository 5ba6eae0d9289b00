package lang

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDates(t *testing.T) {
	day := time.Date(2026, 5, 26, 15, 0, 0, 0, time.UTC)
	all := func() []string {
		return []string{Date(day), DayMonth(day), WeekdayDate(day), WeekdayShort(day), Hour(day)}
	}
	require.Equal(t, []string{"26 May 2026", "26 May", "Tuesday 26 May 2026", "Tue 26 May", "15:00"}, all())
	for i, m := range shortMonths {
		require.Equal(t, "short|"+time.Month(i + 1).String()[:3], m)
	}
	speak(t, "pl", "", map[string][]string{
		"May": {"maja"}, "short|May": {"maj"}, "Tuesday": {"wtorek"}, "Tue": {"wt."},
		"date|Monday 2 January 2006": {"Monday, 2 January 2006 r."}, "date|Mon 2 Jan": {"Mon, 2 Jan"},
	})
	require.Equal(t, []string{"26 maja 2026", "26 maja", "wtorek, 26 maja 2026 r.", "wt., 26 maj", "15:00"}, all())
	speak(t, "fr", "", map[string][]string{"May": {"mai"}, "date|1": {"1er"}})
	require.Equal(t, "26 mai", DayMonth(day))
	require.Equal(t, "1er mai 2026", Date(day.AddDate(0, 0, -25)))
	require.Equal(t, "11 mai 2026", Date(day.AddDate(0, 0, -15)))
	speak(t, "en", "US", nil)
	require.Equal(t, "3 PM", Hour(day))
}

func TestPercent(t *testing.T) {
	require.Equal(t, "5 %", Percent(5.4, 0))
	require.Equal(t, "0.6 %", Percent(0.6, 1))
	speak(t, "de", "", nil)
	require.Equal(t, "5,4\u00a0%", Percent(5.4, 1))
	speak(t, "it", "", map[string][]string{"%s %%": {"%s%%"}})
	require.Equal(t, "0,6%", Percent(0.6, 1))
}

func TestForms(t *testing.T) {
	require.Nil(t, Forms("%d days"))
	speak(t, "pl", "", map[string][]string{"%d days": {"%d dzień", "%d dni", "%d dni"}})
	require.Len(t, Forms("%d days"), 3)
	require.Nil(t, Forms("other"))
	defer Pretend(func(key string) string { return "⟦" + key + "⟧" })()
	require.Equal(t, []string{"⟦%d days⟧"}, Forms("%d days"))
}
