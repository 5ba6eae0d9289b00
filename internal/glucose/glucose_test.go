package glucose

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/lang/langtest"
)

func TestMmolIsTheServersConversion(t *testing.T) {
	// Pairs as the vendor's server printed them.
	for v, want := range map[MgDL]float64{91: 5.1, 252: 14, 174: 9.7, 201: 11.2, 70: 3.9, 54: 3, 180: 10, 250: 13.9, 100: 5.6, -9: -0.5, 0: 0} {
		require.Equal(t, want, v.Mmol(), "%d mg/dL", int(v))
	}
	for v := MgDL(0); v <= 600; v++ { // exactly half up, for every value a sensor can have
		require.InDelta(t, math.Floor(float64(v)/18*10+0.5+1e-9)/10, v.Mmol(), 1e-12)
	}
}

func TestFormat(t *testing.T) {
	require.Equal(t, "104", MgPerDL.Format(104))
	require.Equal(t, "5.8", MmolPerL.Format(104))
	require.Equal(t, "10.0", MmolPerL.Format(180), "the decimal stays, or 10 reads as mg/dL")
	require.Equal(t, "+5", MgPerDL.FormatDifference(5))
	require.Equal(t, "−0.2", MmolPerL.FormatDifference(-3))
	require.Equal(t, "±0", MgPerDL.FormatDifference(0))
	require.Equal(t, "±0.0", MmolPerL.FormatDifference(0))
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		unit Unit
		text string
		want MgDL
	}{
		{MgPerDL, "70", 70}, {MgPerDL, " 104 ", 104}, {MmolPerL, "3.9", 70}, {MmolPerL, "3,9", 70}, {MmolPerL, "10", 180},
	} {
		got, err := c.unit.Parse(c.text)
		require.NoError(t, err)
		require.Equal(t, c.want, got, c.text)
	}
	for _, text := range []string{"", "abc", "NaN", "inf", "-5", "0", "5", "99999", "1e300"} {
		_, err := MgPerDL.Parse(text)
		require.Error(t, err, text)
	}
}

func TestRanges(t *testing.T) {
	at := time.Unix(1e9, 0)
	for _, c := range []struct {
		value MgDL
		limit Limit
		want  Range
	}{
		{53, LimitNone, UrgentLow}, {54, LimitNone, Low}, {69, LimitNone, Low}, {70, LimitNone, InRange},
		{180, LimitNone, InRange}, {181, LimitNone, High}, {250, LimitNone, High}, {251, LimitNone, UrgentHigh},
		{0, LimitLow, UrgentLow}, {400, LimitLow, UrgentLow}, {0, LimitHigh, UrgentHigh},
		{0, LimitNone, RangeUnknown}, {-1, LimitNone, RangeUnknown}, {9999, LimitNone, RangeUnknown},
	} {
		require.Equal(t, c.want, DefaultLimits.Of(Reading{Time: at, Value: c.value, Limit: c.limit}), "%+v", c)
	}
	// 10.0 mmol/L is 180 and not above the limit, whatever 18.0182 says.
	require.Equal(t, InRange, DefaultLimits.Of(Reading{Time: at, Value: FromMmol(10)}))
}

func TestTextNeverClaimsATrend(t *testing.T) {
	r := Reading{Time: time.Unix(1e9, 0), Value: 104}
	require.Equal(t, "104", r.Text(MgPerDL))
	for trend, want := range map[Trend]string{FallingFast: "104 ↓", Falling: "104 ↘", Flat: "104 →", Rising: "104 ↗", RisingFast: "104 ↑", 9: "104", -1: "104"} {
		r.Trend = trend
		require.Equal(t, want, r.Text(MgPerDL))
	}
	r.Limit = LimitLow
	require.Equal(t, "LO", r.Number(MmolPerL))
	for trend := range trendNames {
		require.Equal(t, Trend(trend), ParseTrend(Trend(trend).String()))
	}
}

func minutes(origin Origin, step time.Duration, values ...MgDL) []Reading {
	var out []Reading
	for i, v := range values {
		if v != 0 {
			out = append(out, Reading{Time: time.Unix(1e9, 0).Add(time.Duration(i) * step), Value: v, Origin: origin})
		}
	}
	return out
}

func TestDelta(t *testing.T) {
	for _, c := range []struct {
		name     string
		readings []Reading
		want     Delta
		ok       bool
	}{
		{"five minutes back on a 1-minute feed", minutes(Live, time.Minute, 100, 101, 102, 103, 104, 110, 111), Delta{10, 5}, true},
		{"5-minute feed", minutes(Live, 5*time.Minute, 100, 97), Delta{-3, 5}, true},
		{"15-minute feed", minutes(Live, 15*time.Minute, 100, 130), Delta{30, 15}, true},
		{"across a gap there is none", minutes(Live, 20*time.Minute, 100, 130), Delta{}, false},
		{"too near there is none", minutes(Live, time.Minute, 100, 102), Delta{}, false},
		{"one reading", minutes(Live, time.Minute, 100), Delta{}, false},
		{"none", nil, Delta{}, false},
		{"graph points never count", append(minutes(Graph, 5*time.Minute, 100), minutes(Live, 5*time.Minute, 0, 90)...), Delta{}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, ok := DeltaOf(c.readings)
			require.Equal(t, c.ok, ok)
			require.Equal(t, c.want, d)
		})
	}
	off := minutes(Live, 5*time.Minute, 100, 97)
	off[1].Limit = LimitLow
	_, ok := DeltaOf(off)
	require.False(t, ok, "LO is no number to subtract")
}

func TestSourcesAreNotMixed(t *testing.T) {
	readings := minutes(Live, 5*time.Minute, 100, 0, 130, 0, 0, 0, 0, 0, 0, 140)
	readings[0].Source, readings[1].Source = Nightscout, LibreLinkUp
	_, ok := DeltaOf(readings[:2])
	require.False(t, ok, "the two may be calibrated differently")
	readings = append(readings[:1], minutes(Live, 5*time.Minute, 0, 90, 95)...)
	d, ok := DeltaOf(readings)
	require.True(t, ok)
	require.Equal(t, Delta{5, 5}, d)

	one := minutes(Live, time.Minute, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
	for i := range one {
		if i%5 != 0 {
			one[i].Source = Nightscout
		}
	}
	require.Equal(t, 5*time.Minute, Cadence(one))
}

func TestCadence(t *testing.T) {
	require.Equal(t, 5*time.Minute, Cadence(nil))
	require.Equal(t, time.Minute, Cadence(minutes(Live, time.Minute, 1, 1, 1, 1, 1)))
	require.Equal(t, 5*time.Minute, Cadence(minutes(Live, 5*time.Minute, 1, 1, 1, 1, 1)))
	require.Equal(t, 15*time.Minute, Cadence(minutes(Live, 15*time.Minute, 1, 1, 1, 1, 1)))
	require.Equal(t, 15*time.Minute, Cadence(append(minutes(Graph, time.Minute, 1, 1, 1, 1), minutes(Live, 15*time.Minute, 1, 1, 1, 1)...)))
}

// A feed of which much is missed does not look slower than it is: its values
// would be believed for longer.
func TestCadenceOfAFeedWithGaps(t *testing.T) {
	at := time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC)
	feed := func(steps ...int) (out []Reading) {
		for _, m := range append([]int{0}, steps...) {
			at = at.Add(time.Duration(m) * time.Minute)
			out = append(out, Reading{Time: at, Value: 100, Origin: Live})
		}
		return out
	}
	require.Equal(t, 5*time.Minute, Cadence(feed(5, 5, 51, 117, 2, 60, 12)), "a laptop that is opened now and then")
	require.Equal(t, 5*time.Minute, Cadence(feed(60, 60, 60, 60)))
	gaps := feed(5, 10, 15, 10, 20, 5, 10)
	require.Equal(t, 5*time.Minute, Cadence(gaps), "a network that comes and goes")
	require.Equal(t, 15*time.Minute, Pace(gaps), "but that is how its values come")
	require.Equal(t, 15*time.Minute, Cadence(feed(15, 45, 15, 15, 7, 8, 15, 15, 15)), "a slow one that was scanned in between")
}

func TestMergeFillsOnlyGaps(t *testing.T) {
	live := minutes(Live, time.Minute, 100, 101, 102)         // minutes 0 to 2
	graph := minutes(Graph, 5*time.Minute, 90, 91, 92, 93)    // minutes 0, 5, 10, 15
	imported := minutes(Imported, 15*time.Minute, 80, 81, 82) // minutes 0, 15, 30
	var got []MgDL
	for _, r := range Merge(append(append(append([]Reading{}, graph...), live...), imported...)) {
		got = append(got, r.Value)
	}
	require.Equal(t, []MgDL{100, 101, 102, 92, 93, 82}, got)
}

// Layer must keep exactly what a look at every pair would.
func TestLayerAgainstEveryPair(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	start := time.Unix(1e9, 0)
	series := func(o Origin) (out []Reading) {
		at := time.Duration(rnd.IntN(600)) * time.Second
		for range rnd.IntN(20) {
			out = append(out, Reading{Time: start.Add(at), Value: 100, Origin: o})
			at += time.Duration(rnd.IntN(4)*300+rnd.IntN(3)) * time.Second
		}
		return out
	}
	for range 2000 {
		better, worse := series(Live), series(Imported)
		want := slices.Clone(better)
		for _, w := range worse {
			if !slices.ContainsFunc(better, func(b Reading) bool { return w.Time.Sub(b.Time).Abs() < 450*time.Second }) {
				want = append(want, w)
			}
		}
		slices.SortStableFunc(want, func(a, b Reading) int { return a.Time.Compare(b.Time) })
		require.Equal(t, want, slices.Collect(Layer(slices.Values(better), slices.Values(worse))))
		for range Layer(slices.Values(better), slices.Values(worse)) {
			break // whoever wants no more gets no more
		}
	}
}

func TestImportedIsNeverThePresent(t *testing.T) {
	start := time.Unix(1e9, 0)
	r := Reading{Time: start, Value: 100}
	require.False(t, r.Stale(start.Add(time.Minute), time.Minute))
	r.Origin = Imported
	require.True(t, r.Stale(start.Add(time.Minute), time.Minute))
}

func TestAsFault(t *testing.T) {
	require.Nil(t, AsFault(nil))
	f := &Fault{Kind: Offline, Message: "x"}
	require.Same(t, f, AsFault(f))
	require.Equal(t, ServerError, AsFault(errors.New("secret")).Kind)
}

func TestNumbersOfTheLanguage(t *testing.T) {
	lang.Use("de")
	defer lang.Use("en")
	require.Equal(t, "5,4", MmolPerL.Format(97))
	require.Equal(t, "97", MgPerDL.Format(97))
	require.Equal(t, "−0,2", MmolPerL.FormatDifference(-3))
	require.Equal(t, "±0,0", MmolPerL.FormatDifference(0))
	require.Equal(t, "5.4", MmolPerL.Digits(97), "for programs")
	v, err := MmolPerL.Parse("5,4")
	require.NoError(t, err)
	require.Equal(t, MgDL(97), v)
}

func TestTextsPassThroughLang(t *testing.T) {
	defer lang.Pretend(langtest.Masked)()
	texts := []string{AsFault(errors.New("x")).Message, AsFault(errors.New("x")).Hint}
	for r := RangeUnknown; r <= UrgentHigh; r++ {
		texts = append(texts, r.Words())
	}
	for tr := TrendUnknown; tr <= RisingFast; tr++ {
		texts = append(texts, tr.Words())
	}
	_, err := ParseUnit("")
	texts = append(texts, err.Error())
	for _, s := range []string{"", "5"} {
		_, err := MgPerDL.Parse(s)
		texts = append(texts, err.Error())
	}
	for _, text := range texts {
		require.Empty(t, langtest.Bare(text), text)
	}
}
