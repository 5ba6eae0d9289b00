package app

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

func before(text, mark string) string {
	head, _, _ := strings.Cut(text, mark)
	return head
}

func TestOpenMetrics(t *testing.T) {
	now := time.Unix(1772460320, 0)
	status := func(p glucose.Person, age time.Duration, f *glucose.Fault, values ...glucose.MgDL) Status {
		var all []glucose.Reading
		for i, v := range values {
			all = append(all, glucose.Reading{Time: now.Add(-age - time.Duration(len(values)-1-i)*5*time.Minute), Value: v, Trend: glucose.Falling})
		}
		return NewStatus(p, all, glucose.MgPerDL, glucose.DefaultLimits, f, now)
	}
	text := OpenMetrics([]Status{
		status(glucose.Person{ID: "a", Name: "An\"na\\\n"}, 20*time.Second, nil, 71, 62),
		status(glucose.Person{ID: "b", Name: "Ben"}, time.Hour, &glucose.Fault{Kind: glucose.Offline}, 180),
		status(glucose.Person{ID: "c"}, 0, nil),
	}, "1.0")
	require.Equal(t, `# TYPE llutray_build info
# HELP llutray_build The program.
llutray_build_info{version="1.0"} 1
# TYPE llutray_glucose_mgdl gauge
# UNIT llutray_glucose_mgdl mgdl
# HELP llutray_glucose_mgdl The present value in mg/dL.
llutray_glucose_mgdl{person="a",name="An\"na\\\n"} 62
`, before(text, "# TYPE llutray_glucose_mmol"))
	for _, line := range []string{
		`llutray_glucose_mmol{person="a",name="An\"na\\\n"} 3.4`, `llutray_delta_mgdl{person="a",name="An\"na\\\n"} -9`, `llutray_trend{person="a",name="An\"na\\\n"} -1`,
		`llutray_reading_timestamp_seconds{person="a",name="An\"na\\\n"} 1772460300`, `llutray_reading_timestamp_seconds{person="b",name="Ben"} 1772456720`,
		`llutray_stale{person="a",name="An\"na\\\n"} 0`, `llutray_stale{person="b",name="Ben"} 1`, `llutray_stale{person="c",name=""} 1`,
		`llutray_range{person="a",name="An\"na\\\n",llutray_range="low"} 1`, `llutray_range{person="a",name="An\"na\\\n",llutray_range="in"} 0`,
		`llutray_range{person="b",name="Ben",llutray_range="in"} 0`, `llutray_fault{person="b",name="Ben",kind="offline"} 1`,
	} {
		require.Contains(t, text, line+"\n")
	}
	require.NotContains(t, text, `llutray_glucose_mgdl{person="b"`, "an old value is not told as the present")
	require.NotContains(t, text, `llutray_glucose_mgdl{person="c"`)
	require.True(t, strings.HasSuffix(text, "\n# EOF\n"))
	// What the format demands: a family's lines together, units as suffixes.
	seen := map[string]bool{}
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); f[0] == "#" && len(f) > 2 && f[1] == "TYPE" {
			require.False(t, seen[f[2]])
			seen[f[2]] = true
		} else if f[0] == "#" && f[1] == "UNIT" {
			require.True(t, strings.HasSuffix(f[2], "_"+f[3]))
		}
	}
}
