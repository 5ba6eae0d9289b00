package page

import (
	"bytes"
	"net/http"

	"github.com/llutray/llutray/internal/report"
	"github.com/llutray/llutray/internal/stats"
)

// reportPolicy allows the report its one style and nothing else.
var reportPolicy = "default-src 'none'; style-src " + report.StyleHash() +
	"; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

// report is the page for a clinic, with the person's name only if asked.
func (s *Server) report(w http.ResponseWriter, r *http.Request) {
	st, q := s.opt.Source.State(), r.URL.Query()
	days, ok := number(q, "days", 1, maxDays, 14)
	if !ok {
		badQuery(w, r)
		return
	}
	window := stats.Days(days, st.Here)
	readings, err := s.opt.Source.Readings(r.Context(), window.Before().From, window.To)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	d := report.Data{
		Readings: readings, Window: window, Made: st.Here, Unit: st.Measure, Version: st.Version,
	}
	if q.Get("name") == "1" {
		for _, p := range st.People {
			if p.Chosen {
				d.Name = p.Name
			}
		}
	}
	var out bytes.Buffer // so that a report is whole or refused
	if err := report.Write(&out, d); err != nil {
		s.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Security-Policy", reportPolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(out.Bytes())
}
