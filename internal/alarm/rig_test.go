package alarm

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// noon is where the tests begin; seconds off the full minute, as sensors are.
var noon = time.Date(2026, 3, 2, 12, 0, 17, 0, time.UTC)

// rig drives an engine as the program does: outcomes of deliveries come back
// at the same instant, and the engine is called at the wakes it asks for.
type rig struct {
	t       testing.TB
	e       *Engine
	now     time.Time
	newest  time.Time
	cadence time.Duration
	fault   *glucose.Fault
	answer  bool   // every message is answered Seen at once
	err     string // what every delivery ends with
	hang    bool   // no outcome ever comes
	restart bool   // the program is started anew before every step
	wake    time.Time
	log     []Decision
}

func newRig(t testing.TB, cadence time.Duration) *rig {
	r := &rig{t: t, e: New(DefaultConfig(), State{}), now: noon, cadence: cadence}
	r.step(Input{Resumed: true})
	return r
}

// step is one step now; it returns what was decided, without the outcomes.
func (r *rig) step(in Input) []Decision {
	in.Newest, in.Cadence, in.Fault = r.newest, r.cadence, r.fault
	if r.restart && in.Delivered == nil { // no outcome survives one
		r.e = reborn(r.t, r.e)
	}
	res := r.e.Step(r.now, in)
	require.True(r.t, res.Wake.IsZero() || res.Wake.After(r.now), "a wake in the past spins the loop")
	r.wake = res.Wake
	r.log = append(r.log, res.Decisions...)
	out := res.Decisions
	var next Input
	for _, d := range res.Decisions {
		if d.Say && !r.hang {
			next.Delivered = append(next.Delivered, Delivery{d.ID, r.err})
			if r.answer {
				next.Answers = append(next.Answers, Answer{Kind: Seen})
			}
		}
	}
	if next.Delivered != nil {
		out = append(out, r.step(next)...)
	}
	return out
}

// until lets time pass without readings, waking the engine when it asked.
func (r *rig) until(t time.Time) (out []Decision) {
	r.t.Helper()
	for n := 0; !r.wake.IsZero() && !r.wake.After(t); n++ {
		require.Less(r.t, n, 5000, "the engine keeps itself awake")
		r.now = r.wake
		out = append(out, r.step(Input{})...)
	}
	r.now = t
	return out
}

func (r *rig) pass(d time.Duration) []Decision { r.t.Helper(); return r.until(r.now.Add(d)) }

// read hands in a reading of this instant.
func (r *rig) read(v glucose.MgDL) []Decision {
	r.t.Helper()
	return r.take(glucose.Reading{Time: r.now, Value: v})
}

func (r *rig) take(x glucose.Reading) []Decision {
	r.t.Helper()
	if x.Time.After(r.newest) {
		r.newest = x.Time
	}
	return r.step(Input{Reading: &x})
}

// feed hands in readings one cadence apart, the first one cadence from now,
// and returns what was decided.
func (r *rig) feed(values ...glucose.MgDL) (out []Decision) {
	r.t.Helper()
	for _, v := range values {
		out = append(out, r.pass(r.cadence)...)
		out = append(out, r.read(v)...)
	}
	return out
}

// flat is n times the same value.
func flat(v glucose.MgDL, n int) []glucose.MgDL {
	out := make([]glucose.MgDL, n)
	for i := range out {
		out[i] = v
	}
	return out
}

// said lists the messages among decisions: "low first, high repeat".
func said(ds []Decision) string {
	var out []string
	for _, d := range ds {
		if d.Say {
			out = append(out, string(d.Kind)+" "+string(d.Reason))
		}
	}
	return strings.Join(out, ", ")
}

// all lists all decisions, with a minus before the silent ones.
func all(ds []Decision) string {
	var out []string
	for _, d := range ds {
		mark := "-"
		switch {
		case d.Say:
			mark = ""
		case d.Withdraw:
			mark = "x"
		}
		out = append(out, mark+string(d.Kind)+" "+string(d.Reason))
	}
	return strings.Join(out, ", ")
}

// times lists when messages were said, in minutes after from.
func times(ds []Decision, from time.Time) (out []string) {
	for _, d := range ds {
		if d.Say {
			out = append(out, fmt.Sprintf("%g %s %s", d.Time.Sub(from).Minutes(), d.Kind, d.Reason))
		}
	}
	return out
}

// reborn is the engine as a restart of the program makes it.
func reborn(t testing.TB, e *Engine) *Engine {
	b, err := json.Marshal(e.State())
	require.NoError(t, err)
	var st State
	require.NoError(t, json.Unmarshal(b, &st))
	return New(e.cfg, st)
}
