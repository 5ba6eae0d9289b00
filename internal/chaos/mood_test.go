package chaos

import (
	"math/rand/v2"

	"github.com/llutray/llutray/internal/libretest"
)

// mood is what happens more often in a world than in others, and what never does.
// A mean of everything hides what needs the same thing three times.
type mood struct {
	often  []int    // a factor for each event
	faults []string // of the service; nil for all alike
}

// moodOf is that of a world: every fourth has one.
func moodOf(seed uint64) (m mood) {
	if seed%4 != 1 {
		return m
	}
	rnd := rand.New(rand.NewPCG(seed, 0x300d))
	for range 15 {
		m.often = append(m.often, []int{0, 1, 1, 5}[rnd.IntN(4)])
	}
	if rnd.IntN(2) == 0 {
		all := libretest.Scenarios()
		for range 3 {
			m.faults = append(m.faults, all[rnd.IntN(len(all))].Name)
		}
	}
	return m
}

// fault is one of the service's.
func (w *world) fault() string {
	if of := w.mood.faults; of != nil {
		return of[w.rnd.IntN(len(of))]
	}
	all := libretest.Scenarios()
	return all[w.rnd.IntN(len(all))].Name
}

// event lets one thing happen.
func (w *world) event() {
	events := []struct {
		weight int
		do     func()
	}{
		{14, w.scenario}, {6, w.network}, {5, w.phone}, {4, w.sleep}, {3, w.setClock}, {2, w.travel},
		{5, w.kill}, {2, w.restart}, {4, w.trouble}, {2, w.fullDisk}, {2, w.lockKeyring},
		{12, w.user}, {4, w.change}, {3, func() { w.signIn(w.someLine()) }}, {3, w.serviceRestarts},
	}
	n := 0
	for i := range events {
		if w.mood.often != nil {
			events[i].weight *= w.mood.often[i]
		}
		n += events[i].weight
	}
	if n == 0 {
		return // a world without an event
	}
	n = w.rnd.IntN(n)
	for _, e := range events {
		if n -= e.weight; n < 0 {
			e.do()
			return
		}
	}
}
