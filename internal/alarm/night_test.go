package alarm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

func TestNight(t *testing.T) {
	from := time.Date(2026, 3, 2, 22, 0, 0, 0, time.UTC)
	to := from.Add(8 * time.Hour)
	series := func(start time.Time, values ...glucose.MgDL) (out []glucose.Reading) {
		for i, v := range values {
			out = append(out, glucose.Reading{Time: start.Add(time.Duration(i) * 5 * time.Minute), Value: v})
		}
		return out
	}
	full := append(series(from, flat(120, 40)...), series(from.Add(200*time.Minute), join5(flat(67, 5), flat(223, 3), flat(120, 48))...)...)
	record := func(after time.Duration, k Kind, why Reason, answer string) Record {
		return Record{ID: string(k) + after.String(), Time: from.Add(after), Kind: k, Reason: why, Delivery: DeliveryOK, Answer: answer}
	}
	for _, c := range []struct {
		name     string
		records  []Record
		readings []glucose.Reading
		want     string
	}{
		{"quiet", nil, series(from, flat(120, 96)...), "Last night: 6.7 to 6.7, no alarms, no gaps"},
		{"low and high, two alarms, both seen", []Record{
			record(-time.Hour, High, First, ""), // the evening before
			record(time.Hour, Low, First, ""), record(90*time.Minute, Low, Repeat, "seen"),
			{Time: from.Add(100 * time.Minute), Kind: Low, Reason: Cleared},
			record(2*time.Hour, High, First, "snoozed for 1 h"),
			{Time: from.Add(130 * time.Minute), Kind: High, Reason: TooSoon},
		}, full, "Last night: 3.7 to 12.4, 25 min low, 15 min high, 2 alarms (both seen), no gaps"},
		{"one not seen, one not shown", []Record{
			record(time.Hour, Low, First, "seen"),
			{ID: "x", Time: from.Add(2 * time.Hour), Kind: High, Reason: First, Delivery: "no notification service"},
			record(3*time.Hour, Low, First, ""),
		}, full, "Last night: 3.7 to 12.4, 25 min low, 15 min high, 3 alarms (1 seen, 1 could not be shown), no gaps"},
		{"a repeat of what began before", []Record{record(time.Hour, NoData, Repeat, "")}, full[:50],
			"Last night: 3.7 to 12.4, 25 min low, 15 min high, 1 alarm (not answered), a gap of 3 h 55 min"},
		{"a gap at each end, and LO", nil, []glucose.Reading{
			{Time: from.Add(4 * time.Hour), Limit: glucose.LimitLow}, {Time: from.Add(245 * time.Minute), Value: 100},
		}, "Last night: LO to 5.6, 5 min low, no alarms, 2 gaps (7 h 55 min)"},
		{"nothing", nil, nil, "Last night: no readings, no alarms"},
		{"what is no reading", nil, series(from, 0, 0), "Last night: no readings, no alarms"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := Night(c.records, c.readings, from, to, glucose.DefaultLimits)
			require.Equal(t, c.want, s.Sentence(glucose.MmolPerL))
		})
	}
	s := Night(nil, full, from, from.Add(205*time.Minute), glucose.DefaultLimits)
	require.Equal(t, 5*time.Minute, s.Below, "up to the end, and not beyond")
	require.Equal(t, glucose.MgDL(67), s.Lowest.Value)
	require.Equal(t, []Gap{{from, to}}, Night(nil, nil, from, to, glucose.DefaultLimits).Gaps)
}
