package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// days N FILE writes N days of readings every 15 minutes until the end of May
// 2026: three hours low each night, and six high each evening but for the last
// 14 days.
func scriptDays(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	end := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	var csv strings.Builder
	csv.WriteString("id,time,mgdl\n")
	for t := end.AddDate(0, 0, -n); t.Before(end); t = t.Add(15 * time.Minute) {
		v := 120
		switch {
		case t.Hour() < 3:
			v = 60
		case t.Hour() >= 18 && end.Sub(t) > 14*24*time.Hour:
			v = 200
		}
		fmt.Fprintf(&csv, "robin,%s,%d\n", t.Format(time.RFC3339), v)
	}
	ts.Check(writeNew(ts.MkAbs(args[1]), []byte(csv.String()), true))
}
