package history_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/history"
)

var (
	ctx  = context.Background()
	noon = time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC)
	john = glucose.Person{ID: "8f1c", Name: "John D."}
	mary = glucose.Person{ID: "77aa", Name: "Mary"}
)

func open(t *testing.T) *history.Store {
	s, notice, err := history.Open(filepath.Join(t.TempDir(), "llutray", "history.db"))
	require.NoError(t, err)
	require.Empty(t, notice)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func at(after time.Duration, v glucose.MgDL, o glucose.Origin) glucose.Reading {
	return glucose.Reading{Time: noon.Add(after), Value: v, Origin: o}
}

func TestAppend(t *testing.T) {
	tests := []struct {
		name     string
		stored   []glucose.Reading
		readings []glucose.Reading
		added    int
	}{
		{"the same second again", []glucose.Reading{at(0, 100, glucose.Live)}, []glucose.Reading{at(0, 100, glucose.Live)}, 0},
		{"the same second with another value", []glucose.Reading{at(0, 100, glucose.Live)}, []glucose.Reading{at(0, 101, glucose.Live)}, 0},
		{"a fraction of the same second", []glucose.Reading{at(0, 100, glucose.Live)}, []glucose.Reading{at(700*time.Millisecond, 100, glucose.Live)}, 0},
		{"live a second later", []glucose.Reading{at(0, 100, glucose.Live)}, []glucose.Reading{at(time.Second, 100, glucose.Live)}, 1},
		{"a graph point beside a live one", []glucose.Reading{at(0, 100, glucose.Live)}, []glucose.Reading{at(0, 98, glucose.Graph)}, 1},
		{"a graph point moved by 30 s", []glucose.Reading{at(0, 100, glucose.Graph)}, []glucose.Reading{at(30*time.Second, 100, glucose.Graph)}, 0},
		{"a graph point moved back by 30 s", []glucose.Reading{at(0, 100, glucose.Graph)}, []glucose.Reading{at(-30*time.Second, 100, glucose.Graph)}, 0},
		{"a graph point 31 s away", []glucose.Reading{at(0, 100, glucose.Graph)}, []glucose.Reading{at(31*time.Second, 100, glucose.Graph)}, 1},
		{"an imported row beside a graph point", []glucose.Reading{at(0, 100, glucose.Graph)}, []glucose.Reading{at(0, 100, glucose.Imported)}, 1},
		{"twice in one answer", nil, []glucose.Reading{at(0, 100, glucose.Graph), at(10*time.Second, 100, glucose.Graph)}, 1},
		{"a gap marker", nil, []glucose.Reading{at(0, 0, glucose.Live)}, 0},
		{"LO without a number", nil, []glucose.Reading{{Time: noon, Limit: glucose.LimitLow}}, 1},
		{"nothing", nil, nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t)
			_, err := s.Append(ctx, john, tt.stored)
			require.NoError(t, err)
			added, err := s.Append(ctx, john, tt.readings)
			require.NoError(t, err)
			require.Len(t, added, tt.added)
			all, err := s.Readings(ctx, john.ID, time.Time{}, time.Time{})
			require.NoError(t, err)
			require.Len(t, all, len(tt.stored)+tt.added)
			if len(tt.stored) > 0 {
				require.Contains(t, all, tt.stored[0], "what was shown stays as it was")
			}
			again, err := s.Append(ctx, john, tt.readings)
			require.NoError(t, err)
			require.Empty(t, again, "appending twice adds nothing")
		})
	}
}

// What comes back is what went in, and what Append says it added.
func TestReadingsRoundTrip(t *testing.T) {
	s := open(t)
	cairo := time.FixedZone("", 2*3600)
	in := []glucose.Reading{
		{Time: noon, Value: 39, Trend: glucose.FallingFast, Limit: glucose.LimitLow},
		{Time: noon.Add(61 * time.Second).In(cairo), Value: 104, Trend: glucose.Flat},
		{Time: noon.Add(2 * time.Minute), Value: 500, Trend: glucose.RisingFast, Limit: glucose.LimitHigh},
		{Time: noon.Add(3 * time.Minute), Value: 180, Origin: glucose.Graph},
		{Time: noon.Add(4 * time.Minute), Value: 181, Origin: glucose.Imported, Trend: glucose.Rising},
	}
	added, err := s.Append(ctx, john, in)
	require.NoError(t, err)
	got, err := s.Readings(ctx, john.ID, time.Time{}, time.Time{})
	require.NoError(t, err)
	require.Equal(t, added, got)
	in[1].Time = in[1].Time.UTC()
	require.Equal(t, in, got)
}

func TestReadingsWindow(t *testing.T) {
	s := open(t)
	_, err := s.Append(ctx, john, []glucose.Reading{at(0, 100, glucose.Live), at(time.Minute, 101, glucose.Live), at(2*time.Minute, 102, glucose.Live)})
	require.NoError(t, err)
	_, err = s.Append(ctx, mary, []glucose.Reading{at(time.Minute, 200, glucose.Live)})
	require.NoError(t, err)
	tests := []struct {
		name     string
		person   string
		from, to time.Time
		want     int
	}{
		{"open on both sides", john.ID, time.Time{}, time.Time{}, 3},
		{"from is inside, to is not", john.ID, noon, noon.Add(2 * time.Minute), 2},
		{"a fraction after a reading leaves it out", john.ID, noon.Add(time.Millisecond), time.Time{}, 2},
		{"a fraction after a reading takes it in", john.ID, time.Time{}, noon.Add(time.Minute + time.Millisecond), 2},
		{"another zone", john.ID, noon.In(time.FixedZone("", -7*3600)), noon.Add(time.Second), 1},
		{"an empty window", john.ID, noon, noon, 0},
		{"another person", mary.ID, time.Time{}, time.Time{}, 1},
		{"nobody", "", time.Time{}, time.Time{}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := s.Readings(ctx, tt.person, tt.from, tt.to)
			require.NoError(t, err)
			require.Len(t, got, tt.want)
			merged, err := s.Merged(ctx, tt.person, tt.from, tt.to)
			require.NoError(t, err)
			require.Equal(t, got, append([]glucose.Reading(nil), merged...), "nothing to merge")
		})
	}
}

// The service's history shows only where the program was not listening, also
// at the edges of the window.
func TestMergedFillsGapsOnly(t *testing.T) {
	s := open(t)
	var live, graph []glucose.Reading
	for m := time.Duration(0); m <= 3*60; m++ {
		if m < 60 || m >= 120 {
			live = append(live, at(m*time.Minute, 100, glucose.Live))
		}
		if m%15 == 5 {
			graph = append(graph, at(m*time.Minute+8*time.Second, 90, glucose.Graph))
		}
	}
	_, err := s.Append(ctx, john, append(graph, live...))
	require.NoError(t, err)

	got, err := s.Merged(ctx, john.ID, noon, noon.Add(3*time.Hour))
	require.NoError(t, err)
	var filled []time.Duration
	for i, r := range got {
		require.False(t, i > 0 && r.Time.Before(got[i-1].Time), "oldest first")
		if r.Origin == glucose.Graph {
			filled = append(filled, r.Time.Sub(noon).Truncate(time.Minute))
		}
	}
	require.Equal(t, []time.Duration{80 * time.Minute, 95 * time.Minute, 110 * time.Minute}, filled,
		"65 is within 7.5 minutes of the last live reading")

	got, err = s.Merged(ctx, john.ID, noon.Add(61*time.Minute), noon.Add(70*time.Minute))
	require.NoError(t, err)
	require.Empty(t, got, "the live reading just before the window stands for its first minutes")
}

func TestLatest(t *testing.T) {
	tests := []struct {
		name   string
		stored []glucose.Reading
		want   time.Duration
		ok     bool
	}{
		{"nothing", nil, 0, false},
		{"the newest live reading", []glucose.Reading{at(0, 100, glucose.Live), at(time.Minute, 100, glucose.Live)}, time.Minute, true},
		{"live before a newer graph point", []glucose.Reading{at(0, 100, glucose.Live), at(time.Hour, 100, glucose.Graph)}, 0, true},
		{"no live one", []glucose.Reading{at(0, 100, glucose.Graph), at(time.Hour, 100, glucose.Imported)}, time.Hour, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t)
			_, err := s.Append(ctx, john, tt.stored)
			require.NoError(t, err)
			got, ok, err := s.Latest(ctx, john.ID)
			require.NoError(t, err)
			require.Equal(t, tt.ok, ok)
			if ok {
				require.Equal(t, noon.Add(tt.want), got.Time)
			}
			_, ok, err = s.Latest(ctx, mary.ID)
			require.NoError(t, err)
			require.False(t, ok)
		})
	}
}

func TestPeople(t *testing.T) {
	s := open(t)
	_, err := s.Append(ctx, mary, []glucose.Reading{at(0, 100, glucose.Live)})
	require.NoError(t, err)
	require.NoError(t, s.SavePerson(ctx, john, noon))
	people := func() []glucose.Person {
		got, err := s.People(ctx)
		require.NoError(t, err)
		return got
	}
	require.Equal(t, []glucose.Person{john, mary}, people(), "a reading does not make somebody followed")
	require.NoError(t, s.SavePerson(ctx, mary, noon.Add(time.Hour)))
	require.Equal(t, []glucose.Person{mary, john}, people())

	require.NoError(t, s.SavePerson(ctx, glucose.Person{ID: mary.ID, Name: "Mary B."}, noon.Add(2*time.Hour)))
	_, err = s.Append(ctx, glucose.Person{ID: mary.ID}, nil)
	require.NoError(t, err)
	require.Equal(t, "Mary B.", people()[0].Name, "a new name is kept, a missing one is not")

	require.NoError(t, s.DeletePerson(ctx, mary.ID))
	require.Equal(t, []glucose.Person{john}, people())
	_, err = s.Append(ctx, mary, nil)
	require.NoError(t, err)
	left, err := s.Readings(ctx, mary.ID, time.Time{}, time.Time{})
	require.NoError(t, err)
	require.Empty(t, left, "nothing comes back with the person")
}

func TestMeta(t *testing.T) {
	s := open(t)
	_, ok, err := s.Meta(ctx, "fault")
	require.NoError(t, err)
	require.False(t, ok)
	for _, v := range []string{`{"kind":"offline"}`, "", "null", "null"} {
		require.NoError(t, s.SetMeta(ctx, "fault", v))
		got, ok, err := s.Meta(ctx, "fault")
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, v, got)
	}
}

// One writer process has several goroutines: the loop, the command socket, an
// import. Nothing is lost and nothing counted twice.
func TestConcurrentUse(t *testing.T) {
	s := open(t)
	const writers, each = 4, 50
	var wg sync.WaitGroup
	var mu sync.Mutex
	total := 0
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				// Every second reading is one that the next writer has too.
				r := at(time.Duration(i*writers+w-i%2)*time.Minute, 100, glucose.Live)
				added, err := s.Append(ctx, john, []glucose.Reading{r})
				if err != nil {
					t.Errorf("append: %v", err)
					return
				}
				mu.Lock()
				total += len(added)
				mu.Unlock()
				if _, err := s.Merged(ctx, john.ID, noon, noon.Add(time.Hour)); err != nil {
					t.Errorf("read: %v", err)
				}
			}
		})
	}
	wg.Wait()
	got, err := s.Readings(ctx, john.ID, time.Time{}, time.Time{})
	require.NoError(t, err)
	require.Len(t, got, total)
	require.Less(t, total, writers*each, "some were appended twice")
}

func TestCancelledAppendStoresNothing(t *testing.T) {
	s := open(t)
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, err := s.Append(cancelled, john, []glucose.Reading{at(0, 100, glucose.Live)})
	require.ErrorIs(t, err, context.Canceled)
	_, ok, err := s.Latest(ctx, john.ID)
	require.NoError(t, err)
	require.False(t, ok)
}
