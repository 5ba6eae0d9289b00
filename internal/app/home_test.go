package app

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/poll"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/tray"
)

// child is one of several who share with the account. Functions are asked
// with the time since the beginning; nil ones never.
type child struct {
	id, name string
	curve    func(since time.Duration) glucose.MgDL
	silent   func(since time.Duration) bool // the phone uploads nothing
	away     func(since time.Duration) bool // does not share
	step     time.Duration                  // of the sensor; 0 for a minute
	second   time.Duration                  // at which it reads in each step
}

// home is an account with several people.
type home struct {
	*world
	children []child
	kept     *shelf
}

func steadily(v glucose.MgDL) func(time.Duration) glucose.MgDL {
	return func(time.Duration) glucose.MgDL { return v }
}

func within(from, to time.Duration) func(time.Duration) bool {
	return func(since time.Duration) bool { return since >= from && since < to }
}

// newHome is a world in which anna and ben share, with more settings as text.
func newHome(t *testing.T, text string) *home {
	h := &home{world: newWorld(t), kept: &shelf{memory: newMemory(), readings: map[string][]glucose.Reading{}, alarms: map[string][]alarm.Record{}}}
	h.children = []child{{id: "a1", name: "Anna Smith", curve: steadily(110)}, {id: "b1", name: "Ben Smith", curve: steadily(120)}}
	h.opt.Settings = parsed(t, text)
	h.opt.Store, h.opt.Recall = h.kept, h.kept.recall
	h.opt.State = StateFile(h.opt.Paths.State)
	h.opt.Connect = func(context.Context, string) (poll.Source, error) { return h, nil }
	return h
}

func parsed(t *testing.T, text string) settings.Settings {
	path := filepath.Join(t.TempDir(), "settings.toml")
	require.NoError(t, os.WriteFile(path, []byte("unit = \"mg/dL\"\n"+text), 0o600))
	s, err := settings.Load(path)
	require.NoError(t, err)
	return s
}

func (h *home) Current(context.Context) ([]glucose.Snapshot, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	since := now.Sub(h.start)
	h.requests = append(h.requests, now)
	if h.fault != nil {
		if f := h.fault(since); f != nil {
			return nil, f
		}
	}
	var out []glucose.Snapshot
	for _, c := range h.children {
		if c.away == nil || !c.away(since) {
			out = append(out, h.snapshot(c, now))
		}
	}
	if len(out) == 0 {
		return nil, &glucose.Fault{Kind: glucose.NotShared, Message: "Nobody shares."}
	}
	return out, nil
}

func (h *home) snapshot(c child, now time.Time) glucose.Snapshot {
	s := glucose.Snapshot{
		Person: glucose.Person{ID: c.id, Name: c.name},
		Sensor: &glucose.Sensor{Activated: h.start.Add(-48 * time.Hour), WarmUp: time.Hour},
	}
	step := max(c.step, time.Minute)
	for at := now.Add(-delay - c.second).Truncate(step).Add(c.second); at.After(h.start.Add(-time.Hour)); at = at.Add(-step) {
		if c.silent == nil || !c.silent(at.Sub(h.start)) {
			s.Current = &glucose.Reading{Time: at.UTC(), Value: c.curve(at.Sub(h.start)), Trend: glucose.Flat}
			return s
		}
	}
	return s
}

func (h *home) Graph(ctx context.Context, id string) (glucose.Snapshot, error) {
	all, err := h.Current(ctx)
	if err != nil {
		return glucose.Snapshot{}, err
	}
	for _, s := range all {
		if s.Person.ID == id {
			return s, nil
		}
	}
	return glucose.Snapshot{}, &glucose.Fault{Kind: glucose.ShareRevoked, Message: "revoked"}
}

// said lists the messages on the desktop since the last call, as tag and title.
// told are the titles of what was said; what was only put back on the screen is
// no news.
func (h *home) told() (out []string) {
	synctest.Wait()
	for _, m := range h.desk.Sent() {
		if m.Sound != notify.SoundNone {
			out = append(out, m.Title)
		}
	}
	return out
}

func (h *home) toldOf(part string) (out []string) {
	return slices.DeleteFunc(h.told(), func(s string) bool { return !strings.Contains(s, part) })
}

func (h *home) row(id string) tray.Person {
	rows := h.view().People
	i := slices.IndexFunc(rows, func(p tray.Person) bool { return p.ID == id })
	require.GreaterOrEqual(h.t, i, 0, "no row for %s", id)
	return rows[i]
}

// waiting lists the alarms that wait for an answer.
func (h *home) waiting() string {
	var out []string
	for _, s := range h.view().Standing {
		if s.Label != "" {
			out = append(out, s.Label)
		}
	}
	return strings.Join(out, ", ")
}

func (h *home) command(r Request) Reply {
	reply := make(chan Reply, 1)
	r.Reply = reply
	h.ask <- r
	return <-reply
}

// shelf is a store without a file that knows several people.
type shelf struct {
	*memory
	mu       sync.Mutex
	names    map[string]string
	readings map[string][]glucose.Reading
	alarms   map[string][]alarm.Record
}

func (s *shelf) Append(_ context.Context, p glucose.Person, r []glucose.Reading) ([]glucose.Reading, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.names == nil {
		s.names = map[string]string{}
	}
	s.names[p.ID] = p.Name
	s.readings[p.ID] = append(s.readings[p.ID], r...)
	return r, nil
}

func (s *shelf) LogAlarm(_ context.Context, id string, r alarm.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.alarms[id], func(o alarm.Record) bool { return o.ID == r.ID && r.ID != "" }); i >= 0 {
		s.alarms[id][i] = r
		return nil
	}
	s.alarms[id] = append(s.alarms[id], r)
	return nil
}

func (s *shelf) recall(context.Context) (out []Memory, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(s.names)) {
		out = append(out, Memory{
			Person: glucose.Person{ID: id, Name: s.names[id]}, Readings: slices.Clone(s.readings[id]), Alarms: slices.Clone(s.alarms[id]),
		})
	}
	return out, nil
}
