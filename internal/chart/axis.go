package chart

import (
	"slices"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// band shades the target range.
func (t *tracing) band() { t.svg.band(t.frame, t.spec.Limits) }

func (s *svg) band(f frame, l glucose.Limits) {
	s.rect(f.Left, f.y(float64(l.High)), f.Right, f.y(float64(l.Low)), `class="band" fill="#E3F0F8"`)
}

// grid draws the axes with their labels.
func (t *tracing) grid(ticks []yTick) { t.svg.grid(t.frame, ticks) }

func (s *svg) grid(f frame, ticks []yTick) {
	times := f.xTicks()
	var lines, days path
	for _, tick := range ticks {
		lines.move(f.Left, tick.y)
		lines.line(f.Right, tick.y)
	}
	for _, tick := range times {
		to := &lines
		if tick.midnight && tick.x > f.Left+1 && tick.x < f.Right-1 {
			to = &days
		}
		to.move(tick.x, f.Top)
		to.line(tick.x, f.Bottom)
	}
	s.path(lines, `class="grid" fill="none" stroke="#DADADA"`)
	s.path(days, `class="midnight" fill="none" stroke="#8A8A8A"`)
	s.put(`<g class="axis" fill="#444" text-anchor="end">`)
	for _, tick := range ticks {
		s.label(f.Left-6, tick.label+4, tick.text, "")
	}
	s.put(`</g><g class="axis" fill="#444" text-anchor="middle">`)
	for _, tick := range times {
		// The first and the last may not leave the picture.
		s.label(min(max(tick.x, 18), f.Width-18), f.Bottom+15, tick.text, "")
	}
	s.put(`</g>`)
}

// unit names what the vertical axis is in, above it.
func (t *tracing) unit(u glucose.Unit) { t.svg.unit(t.frame, u) }

func (s *svg) unit(f frame, u glucose.Unit) {
	s.label(2, f.Top-9, string(u), `class="axis" fill="#444"`)
}

// limits draws the borders of the ranges, and the limits of alarms dashed.
func (t *tracing) limits() {
	var borders, urgent, alarms path
	l := t.spec.Limits
	add := func(p *path, v glucose.MgDL) {
		if y := t.y(float64(v)); y >= t.Top && y <= t.Bottom {
			p.move(t.Left, y)
			p.line(t.Right, y)
		}
	}
	add(&borders, l.Low)
	add(&borders, l.High)
	for _, v := range []glucose.MgDL{l.UrgentLow, l.UrgentHigh} {
		if !slices.Contains(t.spec.AlarmLimits, v) {
			add(&urgent, v)
		}
	}
	for _, v := range t.spec.AlarmLimits {
		add(&alarms, v)
	}
	t.path(borders, `class="limit" fill="none" stroke="#8DBBD9"`)
	t.path(urgent, `class="limit urgent" fill="none" stroke="#9A9A9A" stroke-dasharray="1 3"`)
	t.path(alarms, `class="alarm-limit" fill="none" stroke="#444" stroke-dasharray="6 4"`)
}

// clock is a time of day where the axis is.
func (t *tracing) clock(at time.Time) string { return lang.Clock(at.In(t.from.Location())) }
