package app

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/libre"
	"github.com/llutray/llutray/internal/libretest"
	"github.com/llutray/llutray/internal/poll"
)

// TestRealDay lets a real person's day happen, in no time: every reading must
// come through the service into the store, unchanged, and the alarms must be
// those that the engine decides on the trace alone.
func TestRealDay(t *testing.T) { synctest.Test(t, realDay) }

func realDay(t *testing.T) {
	file, err := os.ReadFile("testdata/day.csv")
	require.NoError(t, err)
	trace := readTrace(t, file)
	start := time.Now()
	source, err := libretest.NewReplay(bytes.NewReader(file), libretest.ReplayOptions{Moment: trace[0].Time, Now: start})
	require.NoError(t, err)
	s := libretest.New(libretest.Options{
		Seed: 3, Feed: libretest.Feed{Step: 5 * time.Minute},
		People: []libretest.Person{{FirstName: "Robin", Source: source}},
	})
	require.NoError(t, s.StartInside())
	defer s.Close()

	w := newWorld(t)
	w.opt.WatchWorld = nil
	w.opt.Connect = func(context.Context, string) (poll.Source, error) {
		return libre.New(libre.Options{
			Server: s.RegionURL(), Dial: s.Dial,
			Credentials: func(context.Context) (libre.Credentials, error) {
				return libre.Credentials{Email: s.Email(), Password: s.Password()}, nil
			},
		})
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- New(w.opt).Run(ctx) }()
	length := trace[len(trace)-1].Time.Sub(trace[0].Time)
	time.Sleep(length + 3*time.Minute)
	stop()
	require.NoError(t, <-done)

	// What the service says to the second, the store has, in value and order.
	shift := start.Sub(trace[0].Time)
	got := map[time.Time]glucose.MgDL{}
	for _, r := range w.store.live() {
		got[r.Time.Truncate(time.Second).UTC()] = r.Value
	}
	for _, r := range trace {
		v, ok := got[r.Time.Add(shift).Truncate(time.Second).UTC()]
		require.True(t, ok, "the reading of %s never arrived live", r.Time)
		require.Equal(t, r.Value, v)
	}

	expected := firsts(trace, w.opt.Settings.Alarms())
	require.Greater(t, len(expected), 3, "the day has lows, urgent lows and a high")
	for _, want := range expected {
		at := want.Time.Add(shift)
		require.True(t, slices.ContainsFunc(w.said(), func(a AlarmEvent) bool {
			return a.Kind == string(want.Kind) && a.Time.Sub(at).Abs() < 6*time.Minute
		}), "%s (%s) at %s of the trace", want.Kind, want.Reason, want.Time)
	}
}

// firsts is what the engine alone says anew on a trace, each message answered
// by nobody and delivered at once.
func firsts(trace []glucose.Reading, cfg alarm.Config) (out []alarm.Decision) {
	e := alarm.New(cfg, alarm.State{})
	for _, r := range trace {
		now := r.Time.Add(10 * time.Second)
		in := alarm.Input{Reading: &r, Newest: r.Time, Cadence: 5 * time.Minute}
		for range 2 { // the second step brings the deliveries of the first
			res := e.Step(now, in)
			in = alarm.Input{Newest: r.Time, Cadence: 5 * time.Minute}
			for _, d := range res.Decisions {
				if !d.Say {
					continue
				}
				in.Delivered = append(in.Delivered, alarm.Delivery{ID: d.ID})
				if d.Reason == alarm.First || d.Reason == alarm.Worse {
					out = append(out, d)
				}
			}
		}
	}
	return out
}

func readTrace(t *testing.T, file []byte) (out []glucose.Reading) {
	rows, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	require.NoError(t, err)
	for _, row := range rows[1:] {
		at, err := time.Parse(time.RFC3339, row[1])
		require.NoError(t, err)
		v, err := strconv.Atoi(row[2])
		require.NoError(t, err)
		out = append(out, glucose.Reading{Time: at, Value: glucose.MgDL(v)})
	}
	return out
}

func (m *memory) live() (out []glucose.Reading) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.readings {
		if r.Origin == glucose.Live {
			out = append(out, r)
		}
	}
	return out
}

// said is alarms outside a bubble.
func (w *world) said() (out []AlarmEvent) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.events {
		if a, ok := e.(AlarmEvent); ok {
			out = append(out, a)
		}
	}
	return out
}
