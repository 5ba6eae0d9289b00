//go:build judge

package alarm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// traces are the people of testdata/traces, those of 1- to 5-minute feeds and
// those of 15. They are behind a build tag because the race detector makes
// minutes of their seconds: see the Makefile's judge.
func traces(t *testing.T) (fast, slow []person) {
	const dir = "testdata/traces"
	for _, p := range readTraces(t, dir) {
		var f feed
		for _, r := range p.readings[:min(len(p.readings), 300)] {
			f.add(r.Time)
		}
		if f.step(2) == 15*time.Minute {
			slow = append(slow, p)
		} else {
			fast = append(fast, p)
		}
	}
	return fast, slow
}

func judgeEach(people []person) (out []verdict) {
	for _, p := range people {
		out = append(out, judgeLows(p.readings, lowSideOf(p)))
	}
	return out
}

func sum(vs []verdict) (v verdict) {
	for _, x := range vs {
		v.add(x)
	}
	return v
}

// spread is the middle nine tenths of a figure when as many people are drawn
// from these again and again: what other people may bring by chance alone.
func spread(vs []verdict, figure func(verdict) float64) string {
	rnd := rand.New(rand.NewPCG(1, 1))
	draws := make([]float64, 2000)
	for i := range draws {
		var v verdict
		for range vs {
			v.add(vs[rnd.IntN(len(vs))])
		}
		draws[i] = figure(v)
	}
	slices.Sort(draws)
	return fmt.Sprintf("%.2f to %.2f", draws[len(draws)/20], draws[len(draws)*19/20])
}

// The figures of everybody together, of the same days thinned to 15 minutes
// and interpolated to 1 minute with noise. ALARM_OUT=file keeps the messages
// for a judge of one's own.
func TestLowSideOnTraces(t *testing.T) {
	fast, slow := traces(t)
	each := append(judgeEach(fast), judgeEach(slow)...)
	of, all := sum(each[:len(fast)]), sum(each)
	t.Logf("1 to 5 min: %s", of)
	t.Logf("15 min:     %s", sum(each[len(fast):]))
	t.Logf("all:        %s", all)
	t.Logf("with other people: before %s, 10 min ahead %s, false %s, alarms %s, <54 warned %s", spread(each, verdict.beforePct),
		spread(each, verdict.tenPct), spread(each, verdict.vainDay), spread(each, verdict.alarmsDay), spread(each, verdict.warnedPct))
	require.Zero(t, all.never)
	require.GreaterOrEqual(t, all.beforePct(), 76.5)
	require.LessOrEqual(t, all.vainDay(), 0.60)
	require.LessOrEqual(t, all.alarmsDay(), 2.80)
	require.GreaterOrEqual(t, all.warnedPct(), 86.0)

	if out := os.Getenv("ALARM_OUT"); out != "" {
		var b strings.Builder
		b.WriteString("id,time,level\n")
		for _, p := range append(append([]person{}, fast...), slow...) {
			b.WriteString(strings.Join(append(lowSideMessages(p), ""), "\n"))
		}
		require.NoError(t, os.WriteFile(out, []byte(b.String()), 0o644))
	}

	var thin, fine verdict
	for i, p := range fast {
		q := person{id: p.id}
		for k := 0; k < len(p.readings); k += 3 {
			q.readings = append(q.readings, p.readings[k])
		}
		thin.add(judgeLows(q.readings, lowSideOf(q)))
		q = oneMinute(p, uint64(i))
		said := lowSideOf(q)
		fine.add(judgeLows(q.readings, said))
		last := map[Kind]time.Time{}
		for _, d := range said {
			require.GreaterOrEqual(t, d.Reading.Time.Sub(last[d.Kind]), backFor-slack, "%s flickers, %s at %s", q.id, d.Kind, d.Reading.Time)
			last[d.Kind] = d.Reading.Time
		}
	}
	t.Logf("thinned to 15 min: %s", thin)
	t.Logf("1 min with noise:  %s", fine)
	for _, v := range []verdict{thin, fine} {
		require.Zero(t, v.never)
		require.LessOrEqual(t, v.vainDay(), 0.70)
	}
	require.LessOrEqual(t, fine.repeats(), 1.4*of.repeats(), "noise flickers about a limit")
}

// oneMinute makes a 1-minute feed of a slower one: a monotone cubic between
// readings that are near enough, and noise as sensors have it, of 2 mg/dL and
// with a memory of some minutes. One reading in fifty is lost.
func oneMinute(p person, seed uint64) person {
	const noise, memory = 2.0, 0.8
	rnd := rand.New(rand.NewPCG(seed, 9))
	out := person{id: p.id}
	r := p.readings
	off := 0.0
	put := func(at time.Time, v float64) {
		off = memory*off + math.Sqrt(1-memory*memory)*noise*rnd.NormFloat64()
		if rnd.Float64() >= 0.02 {
			out.readings = append(out.readings, glucose.Reading{Time: at, Value: glucose.MgDL(math.Round(max(v+off, 39)))})
		}
	}
	step := func(i int) (minutes, slope float64, ok bool) {
		if i < 0 || i+1 >= len(r) {
			return 0, 0, false
		}
		d := r[i+1].Time.Sub(r[i].Time)
		return d.Minutes(), float64(r[i+1].Value-r[i].Value) / d.Minutes(), d > 0 && d <= 1050*time.Second
	}
	tangent := func(i int) float64 { // Fritsch and Butland
		h0, d0, ok0 := step(i - 1)
		h1, d1, ok1 := step(i)
		if !ok0 || !ok1 || d0*d1 <= 0 {
			return 0
		}
		return (3*h0 + 3*h1) / ((2*h1+h0)/d0 + (h1+2*h0)/d1)
	}
	for i := range r {
		h, _, ok := step(i)
		if !ok {
			put(r[i].Time, float64(r[i].Value))
			continue
		}
		a, b, ma, mb := float64(r[i].Value), float64(r[i+1].Value), tangent(i), tangent(i+1)
		for m := 0.0; m < h-0.5; m++ {
			s := m / h
			put(r[i].Time.Add(time.Duration(m)*time.Minute),
				a*(1+2*s)*(1-s)*(1-s)+h*ma*s*(1-s)*(1-s)+b*s*s*(3-2*s)+h*mb*s*s*(s-1))
		}
	}
	return out
}

// The high side on the same people: how often, and whether still high came
// within one reading of three hours in every stretch without a gap.
func TestHighSideOnTraces(t *testing.T) {
	fast, slow := traces(t)
	var days float64
	said := map[Kind]int{}
	stretches := 0
	for _, p := range append(fast, slow...) {
		var still []time.Time
		for _, d := range Replay(DefaultConfig(), p.readings, true) {
			if !d.Say {
				continue
			}
			said[d.Kind]++
			if d.Kind == StillHigh {
				still = append(still, d.Reading.Time)
			}
		}
		gap := gapAfter(glucose.Cadence(p.readings))
		begin := time.Time{} // of the stretch, then of the last still high in it
		for i, r := range p.readings {
			if i > 0 {
				days += min(r.Time.Sub(p.readings[i-1].Time), 30*time.Minute).Hours() / 24
			}
			if r.Value <= 250 || i > 0 && r.Time.Sub(p.readings[i-1].Time) > gap {
				begin = time.Time{}
			}
			if r.Value <= 250 {
				continue
			}
			if begin.IsZero() {
				begin = r.Time
			}
			if slices.ContainsFunc(still, r.Time.Equal) {
				stretches, begin = stretches+1, r.Time
			}
			require.Less(t, r.Time.Sub(begin), 3*time.Hour, "%s was high since %s, and nothing said by %s", p.id, begin, r.Time)
		}
	}
	a := func(k Kind) float64 { return float64(said[k]) / days }
	t.Logf("%.0f days: high %.2f/day, still high %.2f/day (%d in a stretch without a gap), second rise %.2f/day", days, a(High), a(StillHigh), stretches, a(SecondRise))
	require.LessOrEqual(t, a(High), 1.2)
	require.LessOrEqual(t, a(SecondRise), 0.8)
	require.Greater(t, stretches, 50)
}
