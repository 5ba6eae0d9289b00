package alarm

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// verdict is how messages on the low side compare with the episodes in the
// data. An episode is the consensus one: 15 minutes below the limit, ended by
// 15 minutes at or above it or by a gap.
type verdict struct {
	days                         float64
	alarms, vain                 int
	episodes, before, ten, never int // below 70; ten: 10 minutes ahead or more
	deep, warned                 int // below 54; told 15 minutes ahead or more
	again                        int // further messages in an episode
}

func (v *verdict) add(o verdict) {
	v.days += o.days
	v.alarms, v.vain = v.alarms+o.alarms, v.vain+o.vain
	v.episodes, v.before, v.ten, v.never = v.episodes+o.episodes, v.before+o.before, v.ten+o.ten, v.never+o.never
	v.deep, v.warned = v.deep+o.deep, v.warned+o.warned
	v.again += o.again
}

func percent(a, b int) float64 { return 100 * float64(a) / float64(max(1, b)) }

func (v verdict) beforePct() float64 { return percent(v.before, v.episodes) }
func (v verdict) warnedPct() float64 { return percent(v.warned, v.deep) }
func (v verdict) vainDay() float64   { return float64(v.vain) / v.days }
func (v verdict) alarmsDay() float64 { return float64(v.alarms) / v.days }
func (v verdict) tenPct() float64    { return percent(v.ten, v.episodes) }
func (v verdict) repeats() float64   { return float64(v.again) / float64(max(1, v.episodes)) }
func (v verdict) String() string {
	return fmt.Sprintf("before %.1f %%, 10 min ahead %.1f %%, missed %.2f %%, false %.3f/day, alarms %.3f/day, <54 warned %.1f %%, %.2f more messages a low",
		v.beforePct(), v.tenPct(), percent(v.never, v.episodes), v.vainDay(), v.alarmsDay(), v.warnedPct(), v.repeats())
}

type span struct{ from, to time.Time }

func stretches(r []glucose.Reading, cadence time.Duration, limit glucose.MgDL) (found []span) {
	gap := max(20*time.Minute, cadence*5/2)
	open := false
	var s span
	var j int
	for i := 0; i < len(r); i = j + 1 {
		if open && r[i].Time.Sub(r[i-1].Time) > gap {
			found, open = append(found, s), false
		}
		below := r[i].Value < limit
		for j = i; j+1 < len(r) && (r[j+1].Value < limit) == below && r[j+1].Time.Sub(r[j].Time) <= gap; j++ {
		}
		long := r[j].Time.Sub(r[i].Time)+cadence >= backFor-slack
		switch {
		case below && open:
			s.to = r[j].Time
		case below && long:
			s, open = span{r[i].Time, r[j].Time}, true
		case !below && open && long:
			found, open = append(found, s), false
		}
	}
	if open {
		found = append(found, s)
	}
	return found
}

// judgeLows counts, with nobody acting on a message. A message is in vain when
// no reading below 70 follows within 30 minutes and it belongs to no episode.
func judgeLows(r []glucose.Reading, said []Decision) (v verdict) {
	steps := make([]time.Duration, 0, len(r))
	for i := 1; i < len(r); i++ {
		steps = append(steps, r[i].Time.Sub(r[i-1].Time))
	}
	sorted := slices.Sorted(slices.Values(steps))
	cadence := sorted[len(sorted)/2].Round(time.Minute)
	for _, d := range steps {
		v.days += min(d, cadence*3/2).Hours() / 24
	}
	at := make([]time.Time, len(said))
	for i, d := range said {
		at[i] = d.Reading.Time
	}
	from := func(t time.Time) int {
		i, _ := slices.BinarySearchFunc(at, t, time.Time.Compare)
		return i
	}
	v.alarms = len(at)
	useful := make([]bool, len(at))
	near := max(time.Minute, cadence/10)
	var previous time.Time
	for _, e := range stretches(r, cadence, 70) {
		v.episodes++
		first := e.from.Add(-45 * time.Minute)
		if after := previous.Add(time.Second); after.After(first) {
			first = after
		}
		lo, hi := from(first), from(e.to.Add(time.Second))
		previous = e.to
		if lo >= hi {
			v.never++
			continue
		}
		for i := lo; i < hi; i++ {
			useful[i] = true
		}
		v.again += hi - lo - 1
		switch lead := e.from.Sub(at[lo]); {
		case lead >= 10*time.Minute-slack:
			v.ten++
			fallthrough
		case lead > near:
			v.before++
		}
	}
	for _, e := range stretches(r, cadence, 54) {
		v.deep++
		lo := from(e.from.Add(-90 * time.Minute))
		if lo < len(at) && e.from.Sub(at[lo]) >= 15*time.Minute {
			v.warned++
		}
	}
	for i, a := range at {
		if useful[i] {
			continue
		}
		x, _ := slices.BinarySearchFunc(r, a, func(r glucose.Reading, t time.Time) int { return cmp.Compare(r.Time.Unix(), t.Unix()) })
		for x < len(r) && r[x].Time.Sub(a) <= 30*time.Minute && r[x].Value >= 70 {
			x++
		}
		if x == len(r) || r[x].Time.Sub(a) > 30*time.Minute {
			v.vain++
		}
	}
	return v
}
