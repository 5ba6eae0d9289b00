package imports

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/lang"
)

// In a language of which every text can be told, what is said of a file is in
// it.
func TestTextsAreTranslated(t *testing.T) {
	t.Cleanup(lang.Pretend(func(key string) string { return "⟦" + key + "⟧" }))
	whole := func(s string) {
		require.True(t, strings.HasPrefix(s, "⟦") && strings.HasSuffix(s, "⟧"), s)
	}
	const libre = "Device,Serial Number,Device Timestamp,Record Type,Historic Glucose mg/dL,Scan Glucose mg/dL\n"
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, text := range []string{
		"time,mgdl\nnonsense,5\n2022-05-21T13:38:50Z,x\n2022-05-21T13:38:50Z,7\n2099-05-21T13:38:50Z,70\n",
		"time,mgdl,limit\n2022-05-21T13:38:50Z,70,sideways\n\"2022,5\n",
		libre + "x,y,2022-05-21 10:00,x,100,\nx,y,2022-05-21 10:00,,100,\nx,y,never,0,100,\nx,y,2022-05-21 10:00,0,,\n" +
			"x,y,2022-05-21 10:00,0,many,\nx,y,2022-05-21 10:00,0,5,\nx,y,2022-02-31 10:00,0,100,\nx,y,2022-05-21 10:00,0,100,\n" +
			strings.Repeat("x", maxLine+1) + "\n" +
			"x,y,2022-05-21 10:00,6,,\nx,y,2022-05-21 10:00,5,,\nx,y,2022-05-21 10:00,99,,\n,,,,,,\n",
	} {
		rejected := 0
		sum, err := Read(strings.NewReader(text), Options{Now: now}, func(Entry) error { return nil }, func(r Rejected) {
			rejected++
			whole(r.Reason)
			whole(r.String())
		})
		require.NoError(t, err)
		require.NotZero(t, rejected)
		whole(sum.Format.String())
		for kind := range sum.Skipped {
			whole(SkippedText(kind))
		}
	}
	whole(Clarity.String())
	for _, kind := range recordNames {
		whole(SkippedText(kind))
	}
	require.Equal(t, "carbs", SkippedText("carbs"))
	for text, want := range map[string]error{
		"nonsense\n":                            ErrUnknownFormat,
		libre + "x,y,02-05-2022 10:00,0,100,\n": ErrDates,
		libre + "x,y,22-05-2022 10:00,0,100,\nx,y,02-25-2022 10:00,0,100,\n": ErrMixedDates,
	} {
		_, err := Read(strings.NewReader(text), Options{Now: now}, func(Entry) error { return nil }, func(Rejected) {})
		require.ErrorIs(t, err, want)
		whole(err.Error())
	}
}
