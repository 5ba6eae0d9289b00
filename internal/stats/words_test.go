package stats_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/lang/langtest"
	"github.com/llutray/llutray/internal/stats"
)

// TestOtherLanguage: no word of English is left in what is told of a period.
func TestOtherLanguage(t *testing.T) {
	defer lang.Pretend(langtest.Masked)()
	bare := func(text string) {
		t.Helper()
		require.NotEmpty(t, text)
		require.Empty(t, langtest.Bare(text), text)
	}
	for _, set := range []stats.GoalSet{stats.Adults, stats.OlderHighRisk, stats.Pregnancy} {
		bare(set.Words())
		for _, s := range []stats.Summary{{}, {Known: true}, {Known: true, InRange: 100, CV: 40}} {
			for _, j := range set.Judge(s) {
				bare(j.Words)
				bare(j.Measure.Label())
				bare(j.Text())
			}
		}
	}
	for _, days := range []int{1, 2, 7, 14} {
		span := time.Duration(days) * 24 * time.Hour
		w := stats.Days(days, midnight)
		for _, more := range []float64{-5, 0, 5} {
			full := stats.Summary{Covered: span, InRange: 60}
			c := stats.Compare(stats.Summary{Covered: span, InRange: 60 + more}, full, w)
			require.True(t, c.Known)
			bare(c.Sentence())
		}
	}
	require.Equal(t, "Τ", string([]rune(stats.Compare(stats.Summary{Covered: time.Hour}, stats.Summary{Covered: time.Hour},
		stats.Window{From: midnight, To: midnight.Add(time.Hour)}).Sentence())[:1]), "a capital of any script")
	require.Equal(t, "<0,1\u00a0%", stats.Percent(0.01))
	bare(stats.Minutes(185))
}
