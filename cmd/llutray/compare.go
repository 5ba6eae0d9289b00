package main

import (
	"fmt"
	"strings"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/lang"
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
	kinds := app.Compare(a, b)
	names := 12
	for _, k := range kinds {
		names = widest(names, k.Kind.Label())
	}
	names = widest(names, lang.T("in all"))
	columns := widest(10, lang.C("compared", "now"), lang.C("compared", "then"))
	fmt.Fprintf(&out, "%-*s %*s %*s   %s\n", names, "", columns, lang.C("compared", "now"), columns, lang.C("compared", "then"),
		lang.F("with %s", strings.Join(r.set, ", ")))
	line := func(name string, now, then int) {
		more := float64(then-now) / weeks
		week := lang.Float(more, 1)
		if more >= 0 {
			week = "+" + week
		}
		fmt.Fprintf(&out, "%-*s %*d %*d   %s\n", names, name, columns, now, columns, then, lang.F("%s a week", week))
	}
	for _, k := range kinds {
		line(k.Kind.Label(), k.Now, k.Then)
	}
	line(lang.T("in all"), len(now), len(then))
	if len(traces) == 1 && len(traces[0].readings) > 0 {
		readings := traces[0].readings
		last := readings[len(readings)-1].Time.Local()
		first, second := lang.T("Last night now"), lang.T("Last night then")
		width := widest(0, first, second) + 1
		fmt.Fprintf(&out, "\n%-*s %s\n", width, first, count(lastNight(last, now)))
		fmt.Fprintf(&out, "%-*s %s\n", width, second, count(lastNight(last, then)))
	}
	_, err := fmt.Fprint(r.out, out.String())
	return err
}
