package stats_test

import (
	"compress/gzip"
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/stats"
)

// traces are the real traces of the project, by person; read once.
func traces(t testing.TB) map[string][]glucose.Reading {
	if allTraces == nil {
		allTraces = readTraces(t)
	}
	return allTraces
}

var allTraces map[string][]glucose.Reading

func readTraces(t testing.TB) map[string][]glucose.Reading {
	paths, err := filepath.Glob("../alarm/testdata/traces/*.csv.gz")
	require.NoError(t, err)
	require.Len(t, paths, 5)
	out := map[string][]glucose.Reading{}
	for _, path := range paths {
		f, err := os.Open(path)
		require.NoError(t, err)
		defer f.Close()
		z, err := gzip.NewReader(f)
		require.NoError(t, err)
		rows, err := csv.NewReader(z).ReadAll()
		require.NoError(t, err)
		for _, row := range rows[1:] {
			at, err := time.Parse(time.RFC3339, row[1])
			require.NoError(t, err)
			v, err := strconv.Atoi(row[2])
			require.NoError(t, err)
			out[row[0]] = append(out[row[0]], glucose.Reading{Time: at, Value: glucose.MgDL(v)})
		}
	}
	return out
}

// table reads a file of testdata as one map a row.
func table(t testing.TB, name string) (out []map[string]string) {
	f, err := os.Open(filepath.Join("testdata", name))
	require.NoError(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			m[name] = row[i]
		}
		out = append(out, m)
	}
	return out
}

func float(t testing.TB, s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	require.NoError(t, err)
	return v
}

// The statistics of six people agree with the R package iglu.
func TestAgreesWithReference(t *testing.T) {
	people := traces(t)
	rows := table(t, "expected.csv")
	require.Len(t, rows, 6)
	for _, row := range rows {
		t.Run(row["id"], func(t *testing.T) {
			readings := people[row["id"]]
			got := stats.Summarize(readings, glucose.DefaultLimits, time.Time{}, time.Time{})
			tight := stats.Summarize(readings, glucose.Limits{UrgentLow: 54, Low: 70, High: 140, UrgentHigh: 250}, time.Time{}, time.Time{})
			pregnancy := stats.Summarize(readings, stats.Pregnancy.Limits, time.Time{}, time.Time{})
			require.True(t, got.Known)
			for name, value := range map[string]float64{
				"n": float64(got.Count), "min": float64(got.Min), "max": float64(got.Max),
				"mean": got.Mean, "sd": got.SD, "cv": got.CV, "gmi": got.GMI,
				"below_54": got.UrgentLow, "below_70": got.Below, "in_54_69": got.Below - got.UrgentLow,
				"in_70_180": got.InRange, "in_70_140": got.Tight, "in_63_140": pregnancy.InRange,
				"in_181_250": got.Above - got.UrgentHigh, "above_140": tight.Above,
				"above_180": got.Above, "above_250": got.UrgentHigh,
				"lbgi": got.LBGI, "hbgi": got.HBGI, "gri": got.GRI,
				"p05": got.P5, "p25": got.P25, "median": got.Median, "p75": got.P75, "p95": got.P95,
			} {
				want := float(t, row[name])
				require.InDelta(t, want, value, 1e-6*want+1e-12, name)
			}
			require.InDelta(t, float(t, row["active_percent"]), got.Active, 0.1)
		})
	}
}

// Count and mean length of every kind of episode are equal.
func TestEpisodesAgreeWithReference(t *testing.T) {
	people := traces(t)
	for _, row := range table(t, "expected.csv") {
		t.Run(row["id"], func(t *testing.T) {
			got := stats.EpisodesOf(people[row["id"]], glucose.DefaultLimits, stats.Window{})
			for name, n := range map[string]int{
				"ep_lv1_hypo": len(got.Low), "ep_lv2_hypo": len(got.VeryLow),
				"ep_lv1_hyper": len(got.High), "ep_lv2_hyper": len(got.VeryHigh),
			} {
				require.Equal(t, float(t, row[name]), float64(n), name)
			}
			if row["ep_dur_lv1_hypo"] != "" {
				var minutes int
				for _, e := range got.Low {
					minutes += e.Minutes()
				}
				require.InEpsilon(t, float(t, row["ep_dur_lv1_hypo"]), float64(minutes)/float64(len(got.Low)), 1e-6)
			}
		})
	}
}

func TestMAGEAgreesWithReference(t *testing.T) {
	people := traces(t)
	for _, row := range table(t, "expected.csv") {
		got, ok := stats.MAGE(people[row["id"]], stats.Window{})
		require.True(t, ok)
		require.InEpsilon(t, float(t, row["mage"]), got, 1e-6, row["id"])
	}
}

// The reference counts the hours by their end, so that its hour 24 is our
// 00:00.
func TestProfileAgreesWithReference(t *testing.T) {
	people := traces(t)
	profiles := map[string]stats.Profile{}
	rows := table(t, "expected_agp.csv")
	require.Len(t, rows, 6*24)
	for _, row := range rows {
		id := row["id"]
		if _, ok := profiles[id]; !ok {
			profiles[id] = stats.ProfileOf(people[id], stats.Window{}, time.Hour)
		}
		slot := profiles[id].Slots[int(float(t, row["hour_ending"]))%24]
		for name, got := range map[string]float64{
			"n_days": float64(slot.Days), "p05": slot.P5, "p25": slot.P25, "p50": slot.P50, "p75": slot.P75, "p95": slot.P95,
		} {
			require.InEpsilon(t, float(t, row[name]), got, 1e-6, "%s at %s, %s", id, slot.At, name)
		}
	}
}
