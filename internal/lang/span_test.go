package lang

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSpans(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		d                       time.Duration
		span, short, ago, exact string
	}{
		{0, "less than a minute", "0 min", "just now", "0 min"},
		{59 * time.Second, "less than a minute", "0 min", "just now", "0 min"},
		{time.Minute, "1 minute", "1 min", "1 min ago", "1 min"},
		{10*time.Minute - 1, "9 minutes", "9 min", "9 min ago", "9 min"},
		{time.Hour, "1 hour", "60 min", "60 min ago", "1 h"},
		{90 * time.Minute, "90 minutes", "90 min", "90 min ago", "1 h 30 min"},
		{100 * time.Minute, "100 minutes", "1 h", "1 h ago", "1 h 40 min"},
		{2*time.Hour + 59*time.Minute, "2 hours", "2 h", "2 h ago", "2 h 59 min"},
		{2*day - 1, "47 hours", "47 h", "47 h ago", "47 h 59 min"},
		{2 * day, "2 days", "2 days", "2 days ago", "48 h"},
	} {
		require.Equal(t, c.span, Span(c.d), c.d)
		require.Equal(t, "for "+c.span, For(c.d), c.d)
		require.Equal(t, c.span+" ago", FullAgo(c.d), c.d)
		require.Equal(t, c.short, Short(c.d), c.d)
		require.Equal(t, c.ago, Ago(c.d), c.d)
		require.Equal(t, c.exact, Exact(c.d), c.d)
	}
}

func TestSpansAreWholeTexts(t *testing.T) {
	speak(t, "pl", "", map[string][]string{
		"for %d minutes": {"od minuty", "od %d minut", "od %d minut"}, "%d min ago": {"%d min temu"},
		"%d h %d min": {"%d godz. %d min"}, "Mon": {"pon."},
	})
	require.Equal(t, "od 3 minut", For(3*time.Minute))
	require.Equal(t, "3 min temu", Ago(3*time.Minute))
	require.Equal(t, "1 godz. 30 min", Exact(90*time.Minute))
	monday := time.Date(2026, 11, 30, 21, 30, 0, 0, time.UTC)
	require.Equal(t, "pon. 22:30", Moment(monday, time.Date(2026, 11, 28, 6, 0, 0, 0, time.FixedZone("CET", 3600))))
}

func TestMoment(t *testing.T) {
	speak(t, "en", "US", nil)
	at := time.Date(2026, 11, 28, 15, 4, 0, 0, time.UTC)
	require.Equal(t, "3:04 PM", Moment(at, at))
	require.Equal(t, "Sat 3:04 PM", Moment(at, at.AddDate(1, 0, 0)))
	require.Equal(t, "at 3:04 PM", At(at, at))
	require.Equal(t, "at Sat 3:04 PM", At(at, at.AddDate(0, 0, -1)))

	speak(t, "de", "", map[string][]string{"at %s": {"um %s"}, "at %s %s": {"am %s um %s"}, "Sat": {"Sa"}})
	require.Equal(t, "um 15:04", At(at, at))
	require.Equal(t, "am Sa um 15:04", At(at, at.AddDate(0, 0, 1)))

	speak(t, "it", "", map[string][]string{"since %s": {"dalle %s"}, "since %s %s": {"da %s alle %s"}, "Sat": {"sab"}})
	require.Equal(t, "dalle 15:04", Since(at, at))
	require.Equal(t, "da sab alle 15:04", Since(at, at.AddDate(0, 0, 1)))
}
