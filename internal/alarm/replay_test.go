package alarm

import (
	"encoding/csv"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

var update = flag.Bool("update", false, "write the golden decisions anew")

func readTrace(t *testing.T, path string) (out []glucose.Reading) {
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	for _, row := range rows[1:] {
		at, err := time.Parse(time.RFC3339, row[1])
		require.NoError(t, err)
		v, err := strconv.Atoi(row[2])
		require.NoError(t, err)
		out = append(out, glucose.Reading{Time: at, Value: glucose.MgDL(v)})
	}
	return out
}

// Three real days: lows in the night, second dips, a morning high, gaps.
func TestReplayOfARealPerson(t *testing.T) {
	trace := readTrace(t, "testdata/brP05.csv")
	r := &rig{t: t, e: New(DefaultConfig(), State{}), now: trace[0].Time, cadence: 15 * time.Minute, answer: true}
	for _, x := range trace {
		r.until(x.Time)
		r.take(x)
	}
	var b strings.Builder
	for _, d := range r.log {
		value := "-"
		if d.Reading != nil {
			value = strconv.Itoa(int(d.Reading.Value))
		}
		does := "silent"
		switch {
		case d.Say && d.Loud:
			does = "SAY"
		case d.Say:
			does = "say"
		case d.Withdraw:
			does = "withdraw"
		}
		fmt.Fprintf(&b, "%s %-8s %-10s %-9s %s\n", d.Time.Format("02 15:04"), does, d.Kind, d.Reason, value)
	}
	const golden = "testdata/brP05.decisions"
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), b.String())
}

// Replay is the live engine: the same days say the same.
func TestReplayIsAsLive(t *testing.T) {
	trace := readTrace(t, "testdata/brP05.csv")
	r := &rig{t: t, e: New(DefaultConfig(), State{}), now: trace[0].Time, cadence: 15 * time.Minute, answer: true}
	for _, x := range trace {
		r.until(x.Time)
		r.take(x)
	}
	require.NotEmpty(t, said(r.log))
	require.Equal(t, times(r.log, noon), times(Replay(DefaultConfig(), trace, true), noon))
	require.Greater(t, len(times(Replay(DefaultConfig(), trace, false), noon)), len(times(r.log, noon)), "with nobody to answer there is more to hear")
	require.Empty(t, Replay(DefaultConfig(), nil, true))
}

func TestReplayKnowsTheFeed(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	var f feed
	var all []glucose.Reading
	at := noon
	for i := range 2000 {
		f.add(at)
		all = append(all, glucose.Reading{Time: at, Value: 100})
		require.Equal(t, glucose.Cadence(all), f.step(4), "after %d readings", i+1)
		require.Equal(t, glucose.Pace(all), f.step(2), "after %d readings", i+1)
		step := []time.Duration{1, 5, 15, 40}[min(3, i/300%4+rnd.IntN(2))]
		at = at.Add(step*time.Minute + time.Duration(rnd.IntN(9))*time.Second)
	}
}

// A year of a 1-minute feed with three lows and three highs a day, as it is
// set out of the box, and with every kind and window there is.
func BenchmarkYearOfMinutes(b *testing.B) {
	b.Run("default", func(b *testing.B) { benchmarkYear(b, DefaultConfig()) })
	b.Run("everything", func(b *testing.B) { benchmarkYear(b, everything(b, 2)) })
}

func benchmarkYear(b *testing.B, cfg Config) {
	year := make([]glucose.Reading, 365*24*60)
	for i := range year {
		year[i] = glucose.Reading{Time: noon.Add(time.Duration(i) * time.Minute), Value: wave(i)}
	}
	for b.Loop() {
		e := New(cfg, State{})
		messages := 0
		for i := range year {
			res := e.Step(year[i].Time, Input{Reading: &year[i], Newest: year[i].Time, Cadence: time.Minute})
			for _, d := range res.Decisions {
				if d.Say {
					messages++
					e.Step(year[i].Time, Input{
						Newest: year[i].Time, Cadence: time.Minute,
						Delivered: []Delivery{{ID: d.ID}}, Answers: []Answer{{Kind: Seen}},
					})
				}
			}
		}
		b.ReportMetric(float64(messages)/365, "messages/day")
	}
}

// wave swings between 48 and 272 every eight hours, with a little saw on it.
func wave(minute int) glucose.MgDL {
	phase := minute % 480
	if phase > 240 {
		phase = 480 - phase
	}
	return glucose.MgDL(48 + phase*224/240 + minute%3)
}
