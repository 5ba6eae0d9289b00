package stats

import (
	"math"

	"github.com/llutray/llutray/internal/glucose"
)

// topValue is the highest value a plausible reading has.
const topValue = 600

// histogram counts how often each value was seen. Glucose is a few hundred
// whole numbers, so counting takes the place of sorting, and every figure
// comes out of one pass over them.
type histogram struct {
	counts [topValue + 1]int
	total  int
}

func (h *histogram) add(v glucose.MgDL, n int) {
	h.counts[min(max(v, 0), topValue)] += n
	h.total += n
}

// mean is the mean of f over the values.
func (h *histogram) mean(f func(v float64) float64) float64 {
	var sum float64
	for v, n := range h.counts {
		if n > 0 {
			sum += float64(n) * f(float64(v))
		}
	}
	return sum / float64(h.total)
}

// share is the percentage of values from low to high, both included.
func (h *histogram) share(low, high glucose.MgDL) float64 {
	return 100 * h.mean(func(v float64) float64 {
		if v >= float64(low) && v <= float64(high) {
			return 1
		}
		return 0
	})
}

// quantile is the p-quantile, 0 to 1, by R's type 7.
func (h *histogram) quantile(p float64) float64 {
	rank := p * float64(h.total-1)
	below := int(rank)
	lower := h.ranked(below)
	if part := rank - float64(below); part > 0 {
		return lower + part*(h.ranked(below+1)-lower)
	}
	return lower
}

// ranked is the value of a rank, the smallest having rank 0.
func (h *histogram) ranked(rank int) float64 {
	seen := 0
	for v, n := range h.counts {
		if seen += n; seen > rank {
			return float64(v)
		}
	}
	return math.NaN()
}

// quantile is the p-quantile, 0 to 1, of at least one sorted value by R's
// type 7: linear between the values of the two ranks around p(n-1).
func quantile(sorted []float64, p float64) float64 {
	rank := p * float64(len(sorted)-1)
	below := int(rank)
	if part := rank - float64(below); part > 0 {
		return sorted[below] + part*(sorted[below+1]-sorted[below])
	}
	return sorted[below]
}

// risk is the symmetrised risk of a glucose value in mg/dL: below 0 for low
// values, 0 at 112.5 (Kovatchev et al., Diabetes Care 1997;20:1655-1658).
func risk(v float64) float64 { return math.Pow(math.Log(v), 1.084) - 5.381 }

// riskScale makes the indices reach 100 at the ends of the scale; 10 x 1.509²
// of the same paper.
const riskScale = 22.77

func (h *histogram) lbgi() float64 {
	return riskScale * h.mean(func(v float64) float64 { return math.Pow(min(0, risk(v)), 2) })
}

func (h *histogram) hbgi() float64 {
	return riskScale * h.mean(func(v float64) float64 { return math.Pow(max(0, risk(v)), 2) })
}

// gri is the glycemia risk index, 0 to 100, by the limits of its authors and
// not the user's: Klonoff et al., J Diabetes Sci Technol 2023;17:1226-1242.
func (h *histogram) gri() float64 {
	return min(100, 3*h.share(0, 53)+2.4*h.share(54, 69)+1.6*h.share(251, topValue)+0.8*h.share(181, 250))
}
