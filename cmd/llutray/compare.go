package main

import (
	"fmt"
	"strings"

	"github.com/llutray/llutray/internal/app"
)

// heardWith picks what is heard with one of the settings.
func heardWith(all []heard, in string) (picked []heard, was []app.Heard) {
	for _, h := range all {
		if h.In == in || h.In == app.InBoth {
			picked, was = append(picked, h), append(was, h.was)
		}
	}
	return picked, was
}

// compare shows two settings side by side: by kind, and the last night.
func (r *replay) compare(traces []trace, all []heard) error {
	var days float64
	for _, t := range traces {
		days += daysOf(t)
	}
	weeks := max(days/7, 1.0/7)
	now, a := heardWith(all, app.InNow)
	then, b := heardWith(all, app.InThen)
	var out strings.Builder
	fmt.Fprintf(&out, "%-12s %10s %10s   with %s\n", "", app.InNow, app.InThen, strings.Join(r.set, ", "))
	for _, k := range app.Compare(a, b) {
		fmt.Fprintf(&out, "%-12s %10d %10d   %+.1f a week\n", k.Kind.Label(), k.Now, k.Then, float64(k.Then-k.Now)/weeks)
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
