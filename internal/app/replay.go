package app

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/settings"
)

// Heard is one message of a replay.
type Heard struct {
	Time    time.Time // UTC
	Level   alarm.Level
	Kind    alarm.Kind
	Reason  alarm.Reason
	Reading *glucose.Reading // nil where it is about no value
	In      string           // of a comparison: InNow, InThen or InBoth
}

// What a message of a comparison is heard with: the settings as they are, the
// others, or both.
const (
	InNow  = "now"
	InThen = "then"
	InBoth = "both"
)

// Text is the message in short: "low 3.7".
func (h Heard) Text(u glucose.Unit) string {
	out := lang.Lower(h.Kind.Label())
	if h.Reading != nil {
		out += " " + h.Reading.Number(u)
	}
	return out
}

// WouldHear runs the alarms with some settings over readings, oldest first,
// and tells what would have been heard. With seen every message is answered
// Seen at once, else never.
func WouldHear(set settings.Settings, readings []glucose.Reading, seen bool) []Heard {
	var out []Heard
	for _, d := range alarm.Replay(set.Alarms(), readings, seen) {
		if !d.Say {
			continue
		}
		h := Heard{Time: d.Time.UTC(), Level: d.Level, Kind: d.Kind, Reason: d.Reason}
		if d.Kind != alarm.NoData {
			h.Reading = d.Reading
		}
		out = append(out, h)
	}
	return out
}

// Tally is how often one kind of alarm is heard with the present settings and
// with others.
type Tally struct {
	Kind      alarm.Kind
	Now, Then int
}

// Compare counts by kind, in the order of their urgency, what is heard at all.
func Compare(now, then []Heard) (out []Tally) {
	count := func(all []Heard, k alarm.Kind) (n int) {
		for _, h := range all {
			if h.Kind == k {
				n++
			}
		}
		return n
	}
	for _, k := range alarm.Kinds() {
		if t := (Tally{k, count(now, k), count(then, k)}); t.Now+t.Then > 0 {
			out = append(out, t)
		}
	}
	return out
}

// Both tells of two replays of the same readings which message is in which,
// oldest first.
func Both(now, then []Heard) (out []Heard) {
	type at struct {
		time time.Time
		kind alarm.Kind
	}
	index := map[at]int{}
	for _, h := range now {
		index[at{h.Time, h.Kind}] = len(out)
		h.In = InNow
		out = append(out, h)
	}
	for _, h := range then {
		if i, ok := index[at{h.Time, h.Kind}]; ok {
			out[i].In = InBoth
			continue
		}
		h.In = InThen
		out = append(out, h)
	}
	slices.SortStableFunc(out, func(a, b Heard) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Kind, b.Kind)) })
	return out
}

// wouldHear is WouldHear for somebody who may stop waiting: it begins nothing
// more then.
func wouldHear(ctx context.Context, set settings.Settings, readings []glucose.Reading) ([]Heard, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return WouldHear(set, readings, true), nil
}
