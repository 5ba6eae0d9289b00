package history_test

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/history"
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
	readings := make([]glucose.Reading, 0, fiveYears)
	for i := range fiveYears {
		readings = append(readings, at(time.Duration(i-fiveYears)*time.Minute, glucose.MgDL(60+i%200), glucose.Live))
		if i%15 == 0 {
			readings = append(readings, at(time.Duration(i-fiveYears)*time.Minute+7*time.Second, glucose.MgDL(60+i%200), glucose.Graph))
		}
	}
	if _, err := s.Append(ctx, john, readings); err != nil {
		return "", err
	}
	return path, s.Close()
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

func BenchmarkOpenAndLatest(b *testing.B) {
	closeBig(b, openBig(b)) // written outside of the measure
	for b.Loop() {
		s := openBig(b)
		if _, ok, err := s.Latest(ctx, john.ID); err != nil || !ok {
			b.Fatal(ok, err)
		}
		closeBig(b, s)
	}
}

func BenchmarkOpenEmpty(b *testing.B) {
	path := filepath.Join(b.TempDir(), "history.db")
	for b.Loop() {
		s, _, err := history.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		closeBig(b, s)
	}
}

func BenchmarkReadings(b *testing.B) {
	for name, window := range map[string]time.Duration{"24h": 24 * time.Hour, "90d": 90 * 24 * time.Hour} {
		b.Run(name, func(b *testing.B) {
			s := openBig(b)
			defer closeBig(b, s)
			for b.Loop() {
				if got, err := s.Merged(ctx, john.ID, noon.Add(-window), noon); err != nil || len(got) != int(window/time.Minute) {
					b.Fatal(len(got), err)
				}
			}
		})
	}
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
