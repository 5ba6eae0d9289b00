package app

import (
	"fmt"
	"strings"

	"github.com/llutray/llutray/internal/glucose"
)

// OpenMetrics writes how everybody does in the text format of OpenMetrics 1.0,
// for a collector such as Prometheus. A person's id and name are labels. An
// old value is left out, so that nobody graphs it as the present; its time is
// told.
func OpenMetrics(all []Status, version string) string {
	var b strings.Builder
	family := func(name, kind, unit, help string, lines func(line func(s *Status, suffix, labels string, value any))) {
		fmt.Fprintf(&b, "# TYPE %s %s\n", name, kind)
		if unit != "" {
			fmt.Fprintf(&b, "# UNIT %s %s\n", name, unit)
		}
		fmt.Fprintf(&b, "# HELP %s %s\n", name, help)
		lines(func(s *Status, suffix, labels string, value any) {
			if s != nil {
				who := fmt.Sprintf("person=%s,name=%s", quoteLabel(s.Person.ID), quoteLabel(s.Person.Name))
				labels = strings.Trim(who+","+labels, ",")
			}
			fmt.Fprintf(&b, "%s%s{%s} %v\n", name, suffix, labels, value)
		})
	}
	each := func(wanted func(s *Status) bool, value func(s *Status) any) func(func(*Status, string, string, any)) {
		return func(line func(*Status, string, string, any)) {
			for i := range all {
				if s := &all[i]; wanted(s) {
					line(s, "", "", value(s))
				}
			}
		}
	}
	have := func(s *Status) bool { return s.Reading != nil }
	fresh := func(s *Status) bool { return s.Reading != nil && !s.Stale && s.Reading.Limit == nil }
	family("llutray_build", "info", "", "The program.", func(line func(*Status, string, string, any)) {
		line(nil, "_info", "version="+quoteLabel(version), 1)
	})
	family("llutray_glucose_mgdl", "gauge", "mgdl", "The present value in mg/dL.", each(fresh, func(s *Status) any { return s.Reading.MgDL }))
	family("llutray_glucose_mmol", "gauge", "mmol", "The present value in mmol/L.", each(fresh, func(s *Status) any { return s.Reading.Mmol }))
	family("llutray_delta_mgdl", "gauge", "mgdl", "Change of the value in mg/dL over about five minutes.",
		each(func(s *Status) bool { return fresh(s) && s.Delta != nil }, func(s *Status) any { return s.Delta.MgDL }))
	family("llutray_trend", "gauge", "", "Direction from -2, falling fast, to 2, rising fast.",
		each(func(s *Status) bool {
			return fresh(s) && glucose.ParseTrend(s.Reading.Trend) != glucose.TrendUnknown
		}, func(s *Status) any { return int(glucose.ParseTrend(s.Reading.Trend) - glucose.Flat) }))
	family("llutray_reading_timestamp_seconds", "gauge", "seconds", "When the newest value was measured.",
		each(have, func(s *Status) any { return s.Reading.Time.Unix() }))
	family("llutray_stale", "gauge", "", "1 when the newest value must not be taken for the present.",
		each(func(*Status) bool { return true }, func(s *Status) any { return zeroOrOne(s.Stale) }))
	family("llutray_range", "stateset", "", "Where the present value stands.", func(line func(*Status, string, string, any)) {
		for i := range all {
			s := &all[i]
			for r := glucose.UrgentLow; r <= glucose.UrgentHigh; r++ {
				line(s, "", "llutray_range="+quoteLabel(r.String()), zeroOrOne(have(s) && !s.Stale && s.Range == r.String()))
			}
		}
	})
	family("llutray_fault", "gauge", "", "1 while something stands in the way, by its kind.", func(line func(*Status, string, string, any)) {
		for i := range all {
			if f := all[i].Fault; f != nil {
				line(&all[i], "", "kind="+quoteLabel(string(f.Kind)), 1)
			}
		}
	})
	b.WriteString("# EOF\n")
	return b.String()
}

// OpenMetricsType is the content type of OpenMetrics.
const OpenMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8"

func zeroOrOne(b bool) int {
	if b {
		return 1
	}
	return 0
}

var labelEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func quoteLabel(s string) string { return `"` + labelEscapes.Replace(s) + `"` }
