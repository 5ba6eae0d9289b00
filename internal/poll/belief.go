package poll

// A belief is what is known of the delay between a reading's own time and
// the moment a request first finds it, in seconds of our clock; an offset
// between our clock and the phone's is part of it and thus learned as well.
//
// The delay is never seen, only that it lies between the last request that
// came in vain and the first that did not. What matters for planning is the
// late end of its distribution: the chance that a request at x comes in vain
// is taken to fall evenly from 1 to 0 over `width` seconds before `end`. Both
// are unknown; the belief is a grid of weights over the two, updated by
// Bayes' rule. It settles within a few readings, narrows when delays are
// steady and has no step size to tune.
type belief struct {
	Base   float64 // seconds of delay at the lower edge of the grid
	Weight [beliefCells][len(beliefWidths)]float64
}

const (
	beliefCells = 144 // of half a second: 72 s, a one-minute feed's step and some
	beliefCell  = 0.5

	// defaultBase lets our clock be some seconds behind the phone's.
	defaultBase = -12

	// stray is the share of delays that follow no pattern.
	stray = 0.005
	// changed is the chance, per reading, that delays are from now on
	// something else altogether: about once in five hours of a one-minute
	// feed. wander is the share of weight that moves to each neighbouring cell
	// per reading: the end walks by about two seconds an hour.
	changed = 1. / 300
	wander  = 0.1
)

// beliefWidths are seconds: from as steady as the clocks allow up to half a
// minute of scatter.
var beliefWidths = [...]float64{0.5, 1, 2, 4, 8, 16, 32}

// prior weighs a cell before anything is known. Followers have measured
// delays of some seconds up to half a minute; anything else is a clock that
// is off.
func (b *belief) prior(cell int) float64 {
	end := b.end(cell)
	if b.Base == defaultBase && (end < 1 || end > 32) {
		return 0.1
	}
	return 1
}

func newBelief(base float64) *belief {
	b := &belief{Base: base}
	for i := range b.Weight {
		for j := range b.Weight[i] {
			b.Weight[i][j] = b.prior(i)
		}
	}
	b.normalise()
	return b
}

func (b *belief) end(cell int) float64 { return b.Base + float64(cell+1)*beliefCell }

// span returns the edges of the delays the grid can tell apart.
func (b *belief) span() (lo, hi float64) { return b.Base, b.Base + beliefCells*beliefCell }

// strayLate is the chance that a delay without a pattern is longer than x.
func (b *belief) strayLate(x float64) float64 {
	lo, hi := b.span()
	return clamp01((hi - x) / (hi - lo))
}

// late is the chance that a request x seconds after the reading's time comes
// too early.
func (b *belief) late(x float64) float64 {
	var sum float64
	first := max(0, int((x-b.Base)/beliefCell)) // no earlier end is after x
	for i := first; i < beliefCells; i++ {
		before := b.end(i) - x
		for j, w := range beliefWidths {
			sum += b.Weight[i][j] * clamp01(before/w)
		}
	}
	return stray*b.strayLate(x) + (1-stray)*sum
}

// after is the least x from which on the chance of coming too early is at
// most p.
func (b *belief) after(p float64) float64 {
	lo, hi := b.span()
	if b.late(hi) > p {
		return hi
	}
	for hi-lo > 0.05 {
		if mid := (lo + hi) / 2; b.late(mid) > p {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}

// learn takes in that a delay was longer than lo and at most hi.
func (b *belief) learn(lo, hi float64) {
	oddly := stray * (b.strayLate(lo) - b.strayLate(hi))
	for i := range b.Weight {
		end := b.end(i)
		for j, w := range beliefWidths {
			chance := clamp01((end-lo)/w) - clamp01((end-hi)/w)
			b.Weight[i][j] *= oddly + (1-stray)*chance
		}
	}
	if !b.normalise() {
		*b = *newBelief(b.Base)
		return
	}
	fresh := changed * b.freshShare()
	var before [len(beliefWidths)]float64
	for i := range b.Weight {
		here := b.Weight[i]
		next := here
		if i+1 < beliefCells {
			next = b.Weight[i+1]
		}
		if i == 0 {
			before = here
		}
		for j := range here {
			walked := here[j] + wander*(before[j]+next[j]-2*here[j])
			b.Weight[i][j] = (1-changed)*walked + fresh*b.prior(i)
		}
		before = here
	}
}

// freshShare scales the prior so that it sums to one.
func (b *belief) freshShare() float64 {
	var sum float64
	for i := range b.Weight {
		sum += b.prior(i) * float64(len(beliefWidths))
	}
	return 1 / sum
}

func (b *belief) normalise() bool {
	var sum float64
	for i := range b.Weight {
		for j := range b.Weight[i] {
			sum += b.Weight[i][j]
		}
	}
	if sum < 1e-300 {
		return false
	}
	for i := range b.Weight {
		for j := range b.Weight[i] {
			b.Weight[i][j] /= sum
		}
	}
	return true
}

func clamp01(x float64) float64 { return max(0, min(1, x)) }
