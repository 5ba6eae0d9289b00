package alarm

import (
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// recadence is how many readings pass before a replay judges the feed's
// cadence anew; it changes with a sensor, not with a reading.
const recadence = 12

// Simulate runs the engine over a past series of readings, oldest first, as
// if each had been handled the moment it was made: every message is delivered
// at once and, if seen is set, answered Seen at once. say gets each message,
// in order. Its result depends on nothing but its arguments.
func Simulate(cfg Config, readings []glucose.Reading, seen bool, say func(Decision)) {
	if len(readings) == 0 {
		return
	}
	e := New(cfg, State{})
	var wake time.Time
	var newest time.Time
	cadence := glucose.Cadence(nil)
	step := func(now time.Time, in Input) {
		for in.Newest, in.Cadence = newest, cadence; ; {
			res := e.Step(now, in)
			wake = res.Wake
			in = Input{Newest: newest, Cadence: cadence}
			for _, d := range res.Decisions {
				if !d.Say {
					continue
				}
				say(d)
				in.Delivered = append(in.Delivered, Delivery{ID: d.ID})
				if seen {
					in.Answers = append(in.Answers, Answer{Kind: Seen, Alarm: d.Kind})
				}
			}
			if len(in.Delivered) == 0 {
				return
			}
		}
	}
	for i, r := range readings {
		for !wake.IsZero() && wake.Before(r.Time) {
			due := wake
			step(due, Input{})
			if !wake.After(due) { // an engine that asks for the past again
				break
			}
		}
		if i%recadence == 0 {
			cadence = glucose.Cadence(readings[max(0, i-recadence-24) : i+1])
		}
		newest = r.Time
		step(r.Time, Input{Reading: &r})
	}
}
