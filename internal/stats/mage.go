package stats

import (
	"math"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// The measures of MAGE, as Fernandes et al. found them best (J Diabetes Sci
// Technol 2022, "Open-Source Algorithm to Calculate Mean Amplitude of Glycemic
// Excursions Using Short and Long Moving Averages").
const (
	mageStep  = 5 * time.Minute
	mageShort = 5  // points of the short average
	mageLong  = 32 // of the long one
	// A longer gap splits the readings into parts that are looked at alone.
	mageGap = 3 * time.Hour
)

// MAGE is the mean amplitude of glycemic excursions in mg/dL: of the rises and
// falls of more than one standard deviation between the peaks and nadirs that
// two moving averages tell apart. readings are oldest first. ok is false when
// there is no such excursion.
func MAGE(readings []glucose.Reading, w Window) (mage float64, ok bool) {
	c := curve{readings: within(readings, w)}
	var sum, weight float64
	var part []float64 // NaN in a short gap
	missing := 0
	flush := func() {
		part = part[:len(part)-missing]
		rises, falls := excursions(part)
		for _, amplitude := range []float64{rises, falls} {
			if !math.IsNaN(amplitude) {
				sum += amplitude * float64(len(part)-1)
				weight += float64(len(part) - 1)
			}
		}
		part, missing = part[:0], 0
	}
	c.grid(mageStep, func(_ time.Time, v float64, ok bool) {
		if ok {
			if time.Duration(missing)*mageStep > mageGap {
				flush()
			}
			part, missing = append(part, v), 0
		} else if len(part) > 0 {
			part = append(part, math.NaN())
			missing++
		}
	})
	flush()
	return sum / weight, weight > 0
}

// excursions are the mean heights of the rises and of the falls in a part; NaN
// when there is none.
func excursions(part []float64) (rises, falls float64) {
	if len(part) < mageLong {
		return math.NaN(), math.NaN()
	}
	turns := turningPoints(part)
	sd := deviation(part)
	mirrored := make([]float64, len(turns))
	for i, v := range turns {
		mirrored[i] = -v
	}
	return meanRise(turns, sd), meanRise(mirrored, sd)
}

// turningPoints are the peaks and nadirs, in turn: where the short average
// leads the long one there is a peak, where it lags a nadir.
func turningPoints(part []float64) []float64 {
	short, long := averages(part, mageShort), averages(part, mageLong)
	var turns []float64
	from := 0 // the last turning point
	extreme := func(to int, peak bool) {
		best := from
		for i := from; i <= to; i++ {
			v := part[i]
			if math.IsNaN(part[best]) || peak && v > part[best] || !peak && v < part[best] {
				best = i
			}
		}
		if !math.IsNaN(part[best]) {
			turns = append(turns, part[best])
			from = best
		}
	}
	leads := short[0] > long[0]
	for i := 1; i < len(part); i++ {
		d := short[i] - long[i]
		if math.IsNaN(d) || math.IsNaN(part[i]) || d == 0 || d > 0 == leads {
			continue
		}
		extreme(i, leads)
		leads = d > 0
	}
	extreme(len(part)-1, leads)
	return turns
}

// averages is the mean of the n points up to each, NaN left out; the first
// n-1 are that of the first n.
func averages(part []float64, n int) []float64 {
	out := make([]float64, len(part))
	var sum float64
	count := 0
	add := func(v, sign float64) {
		if !math.IsNaN(v) {
			sum += sign * v
			count += int(sign)
		}
	}
	for i, v := range part {
		add(v, 1)
		if i >= n {
			add(part[i-n], -1)
		}
		out[i] = sum / float64(count)
		if count == 0 {
			out[i], sum = math.NaN(), 0
		}
	}
	for i := range n - 1 {
		out[i] = out[n-1]
	}
	return out
}

// meanRise is the mean height of the rises of at least sd, each from the
// lowest turning point since the last rise to the highest one before a fall of
// more than sd; NaN when there is none.
func meanRise(turns []float64, sd float64) float64 {
	var sum float64
	n := 0
	for start, i := 0, 0; i < len(turns); {
		low := turns[start]
		for _, v := range turns[start : i+1] {
			low = min(low, v)
		}
		if rise := turns[i] - low; rise < sd || rise == 0 {
			i++
			continue
		}
		peak := turns[i]
		end := i
		for ; end < len(turns); end++ {
			peak = max(peak, turns[end])
			if peak-turns[end] > sd {
				break
			}
		}
		sum += peak - low
		n++
		start, i = end, end
	}
	if n == 0 {
		return math.NaN()
	}
	return sum / float64(n)
}

// deviation is the standard deviation of a sample, NaN left out.
func deviation(part []float64) float64 {
	var sum, squares float64
	n := 0
	for _, v := range part {
		if !math.IsNaN(v) {
			sum += v
			n++
		}
	}
	mean := sum / float64(n)
	for _, v := range part {
		if !math.IsNaN(v) {
			squares += (v - mean) * (v - mean)
		}
	}
	return math.Sqrt(squares / float64(n-1))
}
