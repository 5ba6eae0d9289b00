package chaos

import (
	"flag"
	"fmt"
	"runtime/debug"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var (
	seeds   = flag.Int("seeds", 200, "how many worlds")
	from    = flag.Int("seed", 1, "the first of them")
	length  = flag.Duration("length", 0, "of each; 0 for 2 to 11 hours, as the seed says")
	verbose = flag.Bool("story", false, "tell all that happened in a world, with the program's log")
)

// TestChaos lets everything happen at once in as many worlds as asked for:
// whatever libretest knows of the service's faults, networks that go away in
// every way, phones that are off, a computer that sleeps, travels and has its
// clock set, the program killed at any moment and started again on the same
// files, a desktop that refuses or hangs, a full disk, a locked keyring, and a
// user who answers and changes things. The oracle watches what must hold all
// the time. All chance comes from the seed.
func TestChaos(t *testing.T) {
	// Worlds make much garbage and keep little: a third of the time.
	defer debug.SetGCPercent(debug.SetGCPercent(600))
	total := map[string]int{}
	results := make(chan map[string]int, *seeds)
	t.Run("worlds", func(t *testing.T) {
		for i := range *seeds {
			seed := uint64(*from + i)
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, seed)
					d := *length
					if d == 0 {
						d = w.between(3*time.Hour, 11*time.Hour)
						if w.step == time.Minute {
							d /= 2
						}
					}
					w.happen(d)
					w.o.counts["hours"] = int(d.Hours())
					w.o.counts["worlds of two accounts"] = len(w.lines) - 1
					results <- w.o.counts
					w.judge(t)
				})
			})
		}
	})
	close(results)
	for r := range results {
		for k, n := range r {
			total[k] += n
		}
	}
	t.Logf("%d worlds: %v", *seeds, total)
}

// judge fails the test for what the oracle found.
func (w *world) judge(t *testing.T) {
	broken := w.broken()
	if len(broken) == 0 && !*verbose {
		return
	}
	tail := w.o.story
	if !*verbose {
		tail = tail[max(0, len(tail)-60):]
	}
	t.Logf("world %d, feed of %s, %d people, %d accounts:\n%s", w.seed, w.step, len(w.curves), len(w.lines), strings.Join(tail, "\n"))
	if len(broken) > 0 {
		t.Errorf("world %d: %s\nalone: go test ./internal/chaos -run TestChaos -seeds 1 -seed %d -story", w.seed, strings.Join(broken, "\n  "), w.seed)
	}
}
