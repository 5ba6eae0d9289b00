package stats

import (
	"math"

	"github.com/llutray/llutray/internal/glucose"
)

// topValue is the highest value a plausible reading can have.
const topValue = 600

// histogram counts values. Glucose is whole mg/dL of a small range, so that
// counting takes the place of sorting.
type histogram struct {
	weight [topValue + 1]float64
	total  float64
}

func (h *histogram) add(v glucose.MgDL, w float64) {
	h.weight[min(max(v, 0), topValue)] += w
	h.total += w
}

// quantile is R's type 7: linear between the values at ranks around
// p(n-1)+1. NaN when there is none.
func (h *histogram) quantile(p float64) float64 {
	if h.total == 0 {
		return math.NaN()
	}
	rank := p * (h.total - 1)
	below := math.Floor(rank)
	lower := h.at(below)
	if rank == below {
		return lower
	}
	return lower + (rank-below)*(h.at(below+1)-lower)
}

// at is the value of a rank, counted from 0.
func (h *histogram) at(rank float64) float64 {
	var sum float64
	for v, w := range h.weight {
		if sum += w; sum > rank {
			return float64(v)
		}
	}
	return math.NaN()
}
