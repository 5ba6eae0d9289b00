package libretest

import (
	"math"
	"time"
)

// mix is the finaliser of SplitMix64: a pure way from a number to an unrelated
// one. A generator with state would make the past depend on the order in which
// it was asked for.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}

// unit is a number in [0, 1) that belongs to (seed, key).
func unit(seed uint64, key int64) float64 {
	return float64(mix(mix(seed)^uint64(key))>>11) / (1 << 53)
}

// between is a number in [lo, hi) that belongs to (seed, key).
func between(seed uint64, key int64, lo, hi float64) float64 {
	return lo + (hi-lo)*unit(seed, key)
}

// bell is roughly normal with deviation 1, bounded by 3: a sensor's white noise
// must never throw a reading that no body could have.
func bell(seed uint64, key int64) float64 {
	sum := 0.0
	for i := range uint64(3) {
		sum += 2*unit(seed+i*0x51ed27, key) - 1
	}
	return sum
}

// wander is smooth noise in [-1, 1] whose turns are about one period apart.
func wander(seed uint64, t time.Time, period time.Duration) float64 {
	at := float64(t.UnixMilli()) / float64(period.Milliseconds())
	cell := math.Floor(at)
	a, b := 2*unit(seed, int64(cell))-1, 2*unit(seed, int64(cell)+1)-1
	return a + (b-a)*ease(at-cell)
}

// ease goes from 0 to 1 with no corner at either end.
func ease(x float64) float64 {
	x = min(max(x, 0), 1)
	return x * x * (3 - 2*x)
}
