package alarm

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// from hands in values of a source, one cadence apart.
func (r *rig) from(source glucose.Source, values ...glucose.MgDL) (out []Decision) {
	for _, v := range values {
		out = append(out, r.pass(r.cadence)...)
		out = append(out, r.take(glucose.Reading{Time: r.now, Value: v, Source: source})...)
	}
	return out
}

// A step between two sources is no fall and no rise.
func TestNoTrendAcrossSources(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.from(glucose.LibreLinkUp, 120, 120, 120, 120, 120)
	require.Empty(t, said(r.from(glucose.Nightscout, 92, 92, 92)), "no low is ahead: the other sensor reads lower")
	require.Empty(t, said(r.from(glucose.LibreLinkUp, 120, 120)))
	require.Empty(t, said(r.from(glucose.Nightscout, 92, 92)))

	// Within the second source it is foretold as ever.
	one := newRig(t, 5*time.Minute)
	one.from(glucose.LibreLinkUp, 160, 160, 160)
	other := newRig(t, 5*time.Minute)
	other.from(glucose.Nightscout, 160, 160, 160)
	fall := []glucose.MgDL{130, 120, 108, 96, 84, 76}
	require.Contains(t, said(other.from(glucose.Nightscout, fall...)), "low_soon first")
	require.Contains(t, said(one.from(glucose.Nightscout, fall...)), "low_soon first")
}

// A low that another source goes on with is the same low: not said again at
// once, and its repeat is not held back for a rise that is none.
func TestLowGoesOnAcrossSources(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	require.Equal(t, "low first", said(r.from(glucose.LibreLinkUp, 110, 66)))
	require.Empty(t, said(r.from(glucose.Nightscout, 64)), "it was just said")
	require.Len(t, r.e.Standing(r.now), 1)
	held := newRig(t, 5*time.Minute)
	held.answer = true
	held.from(glucose.LibreLinkUp, 110, 60)
	var out []Decision
	for i := range glucose.MgDL(6) { // each higher than the one before, by the source alone
		out = append(out, held.from([]glucose.Source{glucose.Nightscout, glucose.LibreLinkUp}[i%2], 61+i)...)
	}
	require.Contains(t, said(out), "low repeat")
}

// A low soon that could not be shown stays due when another source begins to
// tell: nothing is known yet of how it goes on.
func TestUndeliveredLowSoonStaysAcrossSources(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.err = "no desktop"
	r.from(glucose.LibreLinkUp, 140, 130, 120, 108, 96, 84)
	ep := r.e.find(LowSoon)
	require.NotNil(t, ep)
	require.NotNil(t, ep.Pending)
	r.from(glucose.Nightscout, 82)
	require.NotNil(t, r.e.find(LowSoon).Pending)
	r.err = ""
	require.Contains(t, said(r.pass(5*time.Minute)), "low_soon")
}

// Nothing on the low side is ever held back because of a change of source:
// whatever is said of a low when one source tells all is said as soon, or has
// been within its repeat, when two take turns.
func TestLowsAreNotHeldBackByAChangeOfSource(t *testing.T) {
	lows := 0
	for seed := range uint64(40) {
		rnd := rand.New(rand.NewPCG(seed, 5))
		cadence := []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute}[seed%3]
		one, two := newRig(t, cadence), newRig(t, cadence)
		one.answer, two.answer = seed%2 == 0, seed%2 == 0
		path := walk{rnd: rnd, value: 90}
		last := map[Kind]time.Time{} // said by two
		source := glucose.LibreLinkUp
		for end := noon.Add(4 * 24 * time.Hour); one.now.Before(end); {
			if rnd.IntN(8) == 0 {
				source = []glucose.Source{glucose.LibreLinkUp, glucose.Nightscout}[rnd.IntN(2)]
			}
			v := path.next(cadence)
			a, b := one.from(glucose.LibreLinkUp, v), two.from(source, v)
			for _, d := range b {
				if d.Say {
					last[d.Kind] = d.Reading.Time
				}
			}
			for _, d := range a {
				if !d.Say || d.Kind != Low && d.Kind != UrgentLow {
					continue
				}
				lows++
				rule := DefaultConfig().Low
				if d.Kind == UrgentLow {
					rule = DefaultConfig().UrgentLow
				}
				within := rule.Repeat
				if !one.answer && rule.Unanswered > 0 {
					within = rule.Unanswered
				}
				at := last[d.Kind]
				for _, k := range []Kind{UrgentLow, LowSoon} { // the worse, and what stands in for a low once heard
					if d.Kind == Low && last[k].After(at) {
						at = last[k]
					}
				}
				require.Less(t, d.Time.Sub(at), within, "seed %d: %s %s at %v, of two sources last at %v", seed, d.Kind, d.Reason, d.Time, at)
			}
		}
	}
	require.Greater(t, lows, 300, "there must be something to see")
}
