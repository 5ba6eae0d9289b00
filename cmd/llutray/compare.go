package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/alarm"
)

// What a message of a comparison is heard with: the settings as they are, the
// others, or both.
const (
	inNow  = "now"
	inThen = "then"
	inBoth = "both"
)

// together merges what is heard with two settings, person by person in the
// order of time.
func together(now, then []heard) []heard {
	type key struct {
		id   string
		at   time.Time
		kind alarm.Kind
	}
	index := map[key]int{}
	order := map[string]int{} // of the people
	out := slices.Clone(now)
	for i := range out {
		h := &out[i]
		h.In = inNow
		index[key{h.ID, h.Time, h.Kind}] = i
	}
	for _, h := range then {
		if i, ok := index[key{h.ID, h.Time, h.Kind}]; ok {
			out[i].In = inBoth
			continue
		}
		h.In = inThen
		out = append(out, h)
	}
	for _, h := range out {
		if _, ok := order[h.ID]; !ok {
			order[h.ID] = len(order)
		}
	}
	slices.SortStableFunc(out, func(a, b heard) int {
		return cmp.Or(cmp.Compare(order[a.ID], order[b.ID]), a.Time.Compare(b.Time))
	})
	return out
}

// of picks what is heard with one of the settings.
func of(all []heard, in string) []heard {
	return slices.DeleteFunc(slices.Clone(all), func(h heard) bool { return h.In != in && h.In != inBoth })
}

// compare shows two settings side by side: by kind, and the last night.
func (r *replay) compare(traces []trace, all []heard) error {
	var days float64
	for _, t := range traces {
		days += daysOf(t)
	}
	weeks := max(days/7, 1.0/7)
	tally := func(all []heard) map[alarm.Kind]int {
		m := map[alarm.Kind]int{}
		for _, h := range all {
			m[h.Kind]++
		}
		return m
	}
	now, then := of(all, inNow), of(all, inThen)
	a, b := tally(now), tally(then)
	var out strings.Builder
	fmt.Fprintf(&out, "%-12s %10s %10s   with %s\n", "", inNow, inThen, strings.Join(r.set, ", "))
	for _, k := range alarm.Kinds() {
		if a[k]+b[k] > 0 {
			fmt.Fprintf(&out, "%-12s %10d %10d   %+.1f a week\n", k.Label(), a[k], b[k], float64(b[k]-a[k])/weeks)
		}
	}
	fmt.Fprintf(&out, "%-12s %10d %10d   %+.1f a week\n", "in all", len(now), len(then), float64(len(then)-len(now))/weeks)
	if len(traces) == 1 && len(traces[0].readings) > 0 {
		readings := traces[0].readings
		last := readings[len(readings)-1].Time.Local()
		fmt.Fprintf(&out, "\nLast night now   %s\nLast night then  %s\n", count(lastNight(last, now)), count(lastNight(last, then)))
	}
	_, err := fmt.Fprint(r.out, out.String())
	return err
}
