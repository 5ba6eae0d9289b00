package stats

import (
	"slices"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// Window is a stretch of time, From included and To excluded. Its times carry
// the location whose clock its days and nights go by.
type Window struct{ From, To time.Time }

// The night, by the wall clock; the same hours as the sentence of the alarms
// on the last night.
const nightFrom, nightTo = 22, 7

// Day is the calendar day of t, in t's location. It has 23 or 25 hours when
// the clocks change.
func Day(t time.Time) Window {
	y, m, d := t.Date()
	return Window{time.Date(y, m, d, 0, 0, 0, 0, t.Location()), time.Date(y, m, d+1, 0, 0, 0, 0, t.Location())}
}

// Night is the newest night that began before t: 22:00 to 07:00, in t's
// location. It may not be over yet.
func Night(t time.Time) Window {
	y, m, d := t.Date()
	begin := time.Date(y, m, d, nightFrom, 0, 0, 0, t.Location())
	if !begin.Before(t) {
		d--
		begin = time.Date(y, m, d, nightFrom, 0, 0, 0, t.Location())
	}
	return Window{begin, time.Date(y, m, d+1, nightTo, 0, 0, 0, t.Location())}
}

// Days are the n days before to, by the wall clock of its location: they
// begin at the same time of day.
func Days(n int, to time.Time) Window { return Window{to.AddDate(0, 0, -n), to} }

// Before is the window of as many days right before; of a window that is no
// whole number of days, one of the same length.
func (w Window) Before() Window {
	if n := w.days(); n > 0 && w.To.AddDate(0, 0, -n).Equal(w.From) {
		return Window{w.From.AddDate(0, 0, -n), w.From}
	}
	return Window{w.From.Add(-w.To.Sub(w.From)), w.From}
}

// days is the length in days of 24 hours, rounded.
func (w Window) days() int { return int((w.To.Sub(w.From) + 12*time.Hour) / (24 * time.Hour)) }

// Each lists the calendar days that the window touches, oldest first, each
// whole.
func (w Window) Each() []Window {
	var out []Window
	for d := Day(w.From); d.From.Before(w.To); d = Day(d.To) {
		out = append(out, d)
	}
	return out
}

// Clip is the part of readings, oldest first, that lies in the window; a zero
// time leaves that side open. It shares their memory.
func (w Window) Clip(readings []glucose.Reading) []glucose.Reading {
	at := func(t time.Time) int {
		i, _ := slices.BinarySearchFunc(readings, t, func(r glucose.Reading, t time.Time) int { return r.Time.Compare(t) })
		return i
	}
	end := len(readings)
	if !w.To.IsZero() {
		end = at(w.To)
	}
	return readings[min(at(w.From), end):end]
}
