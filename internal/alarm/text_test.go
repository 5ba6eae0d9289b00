package alarm

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

func TestText(t *testing.T) {
	at := time.Date(2026, 3, 2, 13, 40, 0, 0, time.FixedZone("CET", 3600))
	reading := func(v glucose.MgDL, tr glucose.Trend) *glucose.Reading {
		return &glucose.Reading{Time: at.Add(-2 * time.Minute).UTC(), Value: v, Trend: tr}
	}
	for _, c := range []struct {
		name, who   string
		d           Decision
		unit        glucose.Unit
		title, body string
	}{
		{
			"low", "John", Decision{Kind: Low, Reading: reading(61, glucose.FallingFast), Since: reading(61, 0).Time}, glucose.MmolPerL,
			"LOW 3.4 ↓ John, falling fast", "3.4 mmol/L at 13:38.",
		},
		{
			"nobody named, repeated", "", Decision{Kind: UrgentLow, Reading: reading(50, glucose.Flat), Since: at.Add(-22 * time.Minute), Repeat: 3}, glucose.MgPerDL,
			"URGENT LOW 50 → steady", "50 mg/dL at 13:38, urgent low since 13:18. Said 3 times before.",
		},
		{
			"trend unknown, since yesterday", "Ann", Decision{Kind: High, Reading: reading(270, 0), Since: at.Add(-14 * time.Hour), Repeat: 1}, glucose.MgPerDL,
			"HIGH 270 Ann", "270 mg/dL at 13:38, high since Sun 23:40. Said once before.",
		},
		{
			"LO", "Ann", Decision{Kind: UrgentLow, Reading: &glucose.Reading{Time: at, Limit: glucose.LimitLow, Trend: glucose.Falling}, Since: at}, glucose.MmolPerL,
			"URGENT LOW LO ↘ Ann, falling", "LO at 13:40.",
		},
		{
			"low soon", "John", Decision{Kind: LowSoon, Reading: reading(83, glucose.Falling), Limit: 70}, glucose.MmolPerL,
			"LOW SOON 4.6 ↘ John: likely below 3.9 in 15 min", "4.6 mmol/L at 13:38.",
		},
		{
			"low soon, nobody named", "", Decision{Kind: LowSoon, Reading: reading(83, 0), Limit: 70}, glucose.MgPerDL,
			"LOW SOON 83, likely below 70 in 15 min", "83 mg/dL at 13:38.",
		},
		{
			"treated in vain", "John", Decision{Kind: Low, Reading: reading(61, 0), Since: at.Add(-30 * time.Minute), Treated: at.Add(-15 * time.Minute), Repeat: 1}, glucose.MgPerDL,
			"LOW 61 John", "61 mg/dL at 13:38, low since 13:10. Treated at 13:25, and it has not risen. Said once before.",
		},
		{
			"no data with its link", "John", Decision{
				Kind: NoData, Since: at.Add(-23 * time.Minute), Reading: reading(97, glucose.Flat),
				Fault: &glucose.Fault{Message: "This computer is offline.", Hint: "Check its network."},
			}, glucose.MmolPerL,
			"NO DATA for 23 min, John", "This computer is offline. Check its network. The last was 5.4 mmol/L at 13:38.",
		},
		{
			"no data, nobody knows why, last word", "", Decision{Kind: NoData, Since: at.Add(-6 * time.Hour), Final: true}, glucose.MgPerDL,
			"NO DATA for 6 h", "No new reading has come; why is not known. Look at the phone and the sensor. The last reading was at 07:40. This is the last message until readings come back.",
		},
		{
			"no data ever", "", Decision{Kind: NoData}, glucose.MgPerDL,
			"NO DATA", "No reading has come yet; why is not known.",
		},
		{
			"still high", "John", Decision{Kind: StillHigh, Reading: reading(260, glucose.Falling), Since: at.Add(-3 * time.Hour)}, glucose.MmolPerL,
			"STILL HIGH 14.4 ↘ John, falling", "14.4 mmol/L at 13:38, high since 10:40.",
		},
		{
			"second rise", "", Decision{Kind: SecondRise, Reading: reading(160, glucose.Rising), Since: at.Add(-22 * time.Minute), Trough: 146}, glucose.MmolPerL,
			"RISING AGAIN 8.9 ↗ rising", "Came down to 8.1, now rising again: 8.9 mmol/L at 13:38, rising since 13:18.",
		},
		{
			"falling fast", "John", Decision{Kind: FallingFast, Reading: reading(104, glucose.FallingFast), Since: reading(104, 0).Time}, glucose.MgPerDL,
			"FALLING FAST 104 ↓ John", "104 mg/dL at 13:38.",
		},
		{
			"nobody answers", "John", Decision{Kind: UrgentLow, Reading: reading(50, glucose.Flat), Repeat: 3, Escalation: EscalateSecond, Raised: at.Add(-15 * time.Minute)}, glucose.MgPerDL,
			"URGENT LOW 50 → John, steady", "50 mg/dL at 13:38. Nobody has answered for 15 min.",
		},
		{
			"sensor of unknown life", "", Decision{Kind: SensorEnds}, glucose.MgPerDL,
			"SENSOR ends", "",
		},
		{
			"needs you", "John", Decision{Kind: NeedsYou, Fault: refused()}, glucose.MgPerDL,
			"SIGN-IN refused: no readings of John", "LibreLinkUp refused the password. Sign in again.",
		},
		{
			"terms", "", Decision{Kind: NeedsYou, Fault: &glucose.Fault{Kind: glucose.Terms, Message: "New terms."}}, glucose.MgPerDL,
			"NEW TERMS to accept: no readings", "New terms.",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.d.Time = at
			title, body := Text(c.d, c.who, c.unit, Full)
			require.Equal(t, c.title, title)
			require.Equal(t, c.body, body)

			title, body = Text(c.d, "Johanna", c.unit, ContentFree)
			require.NotRegexp(t, `[0-9]|Johanna|LOW|HIGH|[↓↘→↗↑]`, title+body)
		})
	}
}

func TestNamesCannotSpoilAMessage(t *testing.T) {
	d := Decision{Time: noon, Kind: Low, Reading: &glucose.Reading{Time: noon, Value: 61, Trend: glucose.Falling}}
	title, _ := Text(d, "John\n\x1b[31m\u202e  D.\t", glucose.MgPerDL, Full)
	require.Equal(t, "LOW 61 ↘ John [31m D., falling", title)
	title, _ = Text(d, strings.Repeat("ä", 500), glucose.MgPerDL, Full)
	require.Equal(t, "LOW 61 ↘ "+strings.Repeat("ä", nameRunes)+"…, falling", title)
}

func TestRecordOf(t *testing.T) {
	d := Decision{ID: "x", Time: noon, Kind: Low, Level: LevelLow, Reason: First, Reading: &glucose.Reading{Value: 61}}
	require.Equal(t, Record{ID: "x", Time: noon, Kind: Low, Level: LevelLow, Reason: First, Value: 61}, RecordOf(d))
	d.Reading = &glucose.Reading{Value: 3, Limit: glucose.LimitLow}
	require.Equal(t, glucose.LimitLow, RecordOf(d).Limit)
	require.Zero(t, RecordOf(d).Value)
	d.Kind = NoData
	require.Zero(t, RecordOf(d).Limit, "no data is not about the last value")
}
