package history_test

import (
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/history"
	"github.com/llutray/llutray/internal/stats"
)

// fiveYears is the number of readings of five years, one a minute.
const fiveYears = 5 * 365 * 24 * 60

// big is a file of five years, written once for all benchmarks.
var big = sync.OnceValues(func() (string, error) { return writeBig(bigDir) })

var bigDir string

func writeBig(dir string) (string, error) {
	path := filepath.Join(dir, "history.db")
	s, _, err := history.Open(path)
	if err != nil {
		return "", err
	}
	if _, err := s.Append(ctx, john, minutes(fiveYears)); err != nil {
		return "", err
	}
	return path, s.Close()
}

// minutes makes one live reading a minute up to noon, and the service's own
// history beside them.
func minutes(n int) []glucose.Reading {
	readings := make([]glucose.Reading, 0, n+n/15)
	for i := range n {
		readings = append(readings, at(time.Duration(i-n)*time.Minute, glucose.MgDL(60+i%200), glucose.Live))
		if i%15 == 0 {
			readings = append(readings, at(time.Duration(i-n)*time.Minute+7*time.Second, glucose.MgDL(60+i%200), glucose.Graph))
		}
	}
	return readings
}

func openBig(b *testing.B) *history.Store {
	path, err := big()
	if err != nil {
		b.Fatal(err)
	}
	s, _, err := history.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func closeBig(b *testing.B, s *history.Store) {
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkStart is what a start does before it shows the stored value, on
// five years of readings, put beside the same on their last day alone and on
// an empty file.
func BenchmarkStart(b *testing.B) {
	closeBig(b, openBig(b)) // written outside of the measure
	path, _ := big()
	day := filepath.Join(b.TempDir(), "day.db")
	empty := filepath.Join(b.TempDir(), "empty.db")
	s, _, err := history.Open(day)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.Append(ctx, john, minutes(28*60)); err != nil {
		b.Fatal(err)
	}
	closeBig(b, s)
	var took [3]time.Duration
	for b.Loop() {
		for i, path := range []string{path, day, empty} {
			begun := time.Now()
			start(b, path)
			took[i] += time.Since(begun)
		}
	}
	b.ReportMetric(float64(took[0])/float64(took[1]), "x-one-day")
	b.ReportMetric(float64(took[0])/float64(took[2]), "x-empty")
	b.ReportMetric(took[0].Seconds()*1000/float64(b.N), "ms-five-years")
	b.ReportMetric(0, "ns/op")
}

func start(b *testing.B, path string) {
	s, _, err := history.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	people, err := s.People(ctx)
	if err != nil {
		b.Fatal(err)
	}
	for _, p := range people {
		if _, err := s.Readings(ctx, p.ID, noon.Add(-28*time.Hour), time.Time{}); err != nil {
			b.Fatal(err)
		}
		if _, err := s.Alarms(ctx, p.ID, noon.Add(-28*time.Hour), time.Time{}); err != nil {
			b.Fatal(err)
		}
	}
	closeBig(b, s)
}

// BenchmarkMerged is what pictures and statistics read.
func BenchmarkMerged(b *testing.B) {
	for _, days := range []int{1, 14, 90} {
		window := time.Duration(days) * 24 * time.Hour
		b.Run(fmt.Sprintf("days=%d", days), func(b *testing.B) {
			s := openBig(b)
			defer closeBig(b, s)
			b.ReportAllocs()
			for b.Loop() {
				if got, err := s.Merged(ctx, john.ID, noon.Add(-window), noon); err != nil || len(got) != int(window/time.Minute) {
					b.Fatal(len(got), err)
				}
			}
		})
	}
}

// BenchmarkStatistics is what a page or a report of 90 days out of five years
// takes from the file to the profile.
func BenchmarkStatistics(b *testing.B) {
	s := openBig(b)
	defer closeBig(b, s)
	w := stats.Window{From: noon.AddDate(0, 0, -90), To: noon}
	for b.Loop() {
		readings, err := s.Merged(ctx, john.ID, w.From, w.To)
		if err != nil {
			b.Fatal(err)
		}
		if stats.Summarize(readings, glucose.DefaultLimits, w.From, w.To).Count == 0 || stats.ProfileOf(readings, w, 15*time.Minute).Days < 90 {
			b.Fatal("nothing to sum up")
		}
	}
}

// BenchmarkMergedSeq reads all five years, and tells by how much the heap was
// larger on the way than before.
func BenchmarkMergedSeq(b *testing.B) {
	s := openBig(b)
	defer closeBig(b, s)
	b.ReportAllocs()
	heap := func() float64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc) / 1e6
	}
	runtime.GC()
	before, most := heap(), 0.0
	for b.Loop() {
		n := 0
		for _, err := range s.MergedSeq(ctx, john.ID, time.Time{}, time.Time{}) {
			if err != nil {
				b.Fatal(err)
			}
			if n++; n%100_000 == 0 {
				most = max(most, heap()-before)
			}
		}
		if n != fiveYears {
			b.Fatal(n)
		}
	}
	b.ReportMetric(most, "MB-heap")
}

func BenchmarkAppend(b *testing.B) {
	s := openBig(b)
	defer closeBig(b, s)
	minute := 0
	for b.Loop() {
		minute++
		if _, err := s.Append(ctx, mary, []glucose.Reading{at(time.Duration(minute)*time.Minute, 100, glucose.Live)}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCheck is what a start after a crash costs.
func BenchmarkCheck(b *testing.B) {
	s := openBig(b)
	defer closeBig(b, s)
	for b.Loop() {
		if err := s.Check(ctx); err != nil {
			b.Fatal(err)
		}
	}
}
