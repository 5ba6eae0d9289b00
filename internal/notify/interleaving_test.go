//go:build !windows && !darwin

package notify

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryInterleaving plays services that come and go, a user who presses and
// wipes away, and messages of one tag under way to them, in any order, with
// replies and signals handled in any order that two goroutines may handle them
// in. What was told as shown is on the screen in the end, or its end was told.
func TestEveryInterleaving(t *testing.T) {
	ends := map[string]int{}
	for seed := range uint64(20_000) {
		p := newPlay(seed)
		for range 60 {
			p.step()
		}
		p.settle()
		if wrong := p.wrong(); wrong != "" {
			t.Fatalf("seed %d: %s\n%s", seed, wrong, strings.Join(p.story, "\n"))
		}
		for _, end := range p.truth {
			for _, what := range []string{lost, pressed, wiped, replaced, takenDown} {
				if strings.Contains(end, what) {
					ends[what]++
				}
			}
		}
	}
	for what, n := range ends {
		require.Greater(t, n, 1000, what)
	}
	require.Len(t, ends, 5)
}

// What may become of a message.
const (
	lost      = "lost "
	pressed   = "pressed "
	wiped     = "wiped "
	replaced  = "replaced "
	takenDown = "taken down "
)

// wrong says what must not be.
func (p *play) wrong() string {
	var screen []string
	if p.service != nil {
		for _, about := range p.service.screen {
			screen = append(screen, about)
		}
	}
	told := slices.ContainsFunc(p.events, func(e Event) bool { return e.Lost })
	if p.last != "" && !slices.Contains(screen, p.last) {
		switch what := p.truth[p.last]; {
		case what == lost && !told:
			return "it was lost, and nobody was told"
		case what == takenDown:
			return "it was taken down, and nobody has answered it"
		}
	}
	for _, e := range p.events {
		// What happens to a message before its reply is handled may be laid to the
		// one it replaces. Never to one that has come since.
		if (e.ByUser || e.Button != "") && !p.touched(e.About) {
			return fmt.Sprintf("%q was not answered", e.About)
		}
	}
	if p.last != "" && p.truth[p.last] == "" {
		if cur := p.b.tags["low"]; cur == nil || cur.closed || p.service == nil || p.service.screen[cur.id] != p.last {
			return "it is thought to be gone, and is on the screen"
		}
	}
	heard := slices.ContainsFunc(p.events, func(e Event) bool { return e.Button == "seen "+p.last })
	if p.service != nil && p.answered == p.last+p.service.name && !heard {
		return "it was answered, and nobody was told"
	}
	if p.withdrawn && len(screen) > 0 {
		return fmt.Sprintf("%q was taken back, and is there", screen)
	}
	if len(screen) > 1 {
		return fmt.Sprintf("there are several: %q", screen)
	}
	return ""
}

// touched reports whether the user did something to a message, or to a newer one.
func (p *play) touched(about string) bool {
	for what, end := range p.truth {
		if number(what) >= number(about) && (strings.Contains(end, wiped) || strings.Contains(end, pressed)) {
			return true
		}
	}
	return false
}

func number(about string) (n int) {
	_, _ = fmt.Sscanf(about, "message %d", &n)
	return n
}
