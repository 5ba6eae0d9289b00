package alarm

import (
	"math"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

const (
	// forecastNeeds is how long readings must have been coming, without a gap.
	forecastNeeds = 15 * time.Minute
	// forecastReach is how far above the low limit a forecast may begin. From
	// further up, a fall that steep is mostly a sensor that is pressed upon.
	forecastReach glucose.MgDL = 70
)

// ahead is a forecast on a feed of 1 to 5 minutes: the value goes on along
// the straight line of its logarithm, for a fall from 140 to 120 is as much of
// one as from 70 to 60. The exponents are the time ahead, as a share of the 5
// and of the 15 minutes that the two slopes are taken from.
type ahead struct{ near, far float64 }

func (a ahead) value(x0, x5, x15 float64) float64 {
	return x0 * math.Pow(x0/x5, a.near) * math.Pow(x0/x15, a.far)
}

// A low is expected when the value is about to be at the low limit in some 5
// minutes, or falls so steeply that it may be at the urgent one in 18. Both
// are short on purpose: waiting for one more reading costs five minutes of
// warning and removes vain ones. The numbers were chosen on the traces of 27
// people; odds learned by regression and ensembles of trees, judged on people
// left out, did no better than these four.
var (
	toLow    = ahead{near: 0.60, far: 0.15}
	toUrgent = ahead{near: 1.40, far: 0.70}
)

// nearly is what counts as reaching a limit, in mg/dL above it.
const nearly = 1

// On a 15-minute feed a low is expected on the line through the last two
// readings: below the limit after this share of a step, or well below the
// urgent limit after that one.
const (
	slowShare     = 0.60
	slowDeepShare = 1.10
	slowDeep      = 4 // mg/dL below the urgent limit
)

// lowAhead reports whether a low is to be expected from here.
func (m *memory) lowAhead(cadence time.Duration, low, urgent glucose.MgDL) bool {
	x0, x15, ok := m.descent(low)
	if !ok {
		return false
	}
	if slow(cadence) {
		fall := x15 - x0
		return x0-slowShare*fall <= float64(low) || x0-slowDeepShare*fall <= float64(urgent)-slowDeep
	}
	x5, ok := m.at(5 * time.Minute)
	return ok && x0 <= x5 && (toLow.value(x0, x5, x15) <= float64(low)+nearly ||
		toUrgent.value(x0, x5, x15) <= float64(urgent)+nearly)
}

// descent is the value now and 15 minutes ago if a forecast may be made at
// all: near above the limit, falling, and known for long enough.
func (m *memory) descent(low glucose.MgDL) (x0, x15 float64, ok bool) {
	n := len(m.Window)
	if n == 0 {
		return 0, 0, false
	}
	p := m.Window[n-1]
	if p.Value < low || p.Value >= low+forecastReach || p.Time.Sub(m.Window[0].Time) < forecastNeeds-slack {
		return 0, 0, false
	}
	x0, _ = m.at(0)
	x15, ok = m.at(15 * time.Minute)
	return x0, x15, ok && x0 < x15
}

// steady reports whether the value is known not to be below the one of 15
// minutes ago. It is not known while another source has only begun to tell.
func (m *memory) steady() bool {
	return !m.sinking() && m.newest().Sub(m.Window[0].Time) >= forecastNeeds-slack
}

// sinking reports whether the value is below the one of 15 minutes ago. Where
// that is not known it is not.
func (m *memory) sinking() bool {
	x0, ok := m.at(0)
	x15, ok15 := m.at(15 * time.Minute)
	return ok && ok15 && x0 < x15
}
