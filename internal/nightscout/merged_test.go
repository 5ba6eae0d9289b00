package nightscout

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/poll"
)

// told is a source of one person, and of others beside them.
type told struct {
	snap   glucose.Snapshot
	others []glucose.Snapshot
	err    error
	n      int
}

func (s *told) Current(context.Context) ([]glucose.Snapshot, error) {
	s.n++
	if s.err != nil {
		return nil, s.err
	}
	return append([]glucose.Snapshot{s.snap}, s.others...), nil
}

func (s *told) Graph(context.Context, string) (glucose.Snapshot, error) {
	s.n++
	return s.snap, s.err
}

// pair is LibreLinkUp and a site, at a time.
type pair struct {
	*Merged
	t        *testing.T
	now      time.Time
	llu, ns  *told
	lastList []glucose.Snapshot
}

func newPair(t *testing.T, whose Whose) *pair {
	p := &pair{t: t, now: time.Date(2026, 3, 2, 14, 0, 0, 0, time.UTC),
		llu: &told{snap: glucose.Snapshot{Person: anna, Sensor: &glucose.Sensor{Serial: "1"}}},
		ns:  &told{snap: glucose.Snapshot{Person: glucose.Person{ID: "nightscout:x", Name: "Ben"}}}}
	clock := func() time.Time { return p.now }
	p.Merged = Merge(poll.NewGuard(p.llu, clock, 1), poll.NewGuard(p.ns, clock, 2), "nightscout:x", whose, clock)
	return p
}

func isAnna([]glucose.Person, bool) (string, bool) { return "a", true }

func (p *pair) reading(source glucose.Source, ago time.Duration) *glucose.Reading {
	return &glucose.Reading{Time: p.now.Add(-ago), Value: 100, Source: source}
}

// source is where the reading of Anna came from.
func (p *pair) source() string {
	all, err := p.Current(p.t.Context())
	if err != nil {
		return string(glucose.AsFault(err).Kind)
	}
	p.lastList = all
	require.Equal(p.t, "a", all[0].Person.ID)
	if all[0].Current == nil {
		return "none"
	}
	snap, err := p.Graph(p.t.Context(), "a")
	require.NoError(p.t, err)
	require.Equal(p.t, all[0].Current, snap.Current)
	return "reading of " + string(all[0].Current.Source)
}

func TestMerged(t *testing.T) {
	p := newPair(t, isAnna)
	llu, ns := p.llu, p.ns
	llu.snap.Current, ns.snap.Current = p.reading("", 6*time.Minute), p.reading(glucose.Nightscout, 0)
	require.Equal(t, "reading of ", p.source(), "two that tell the same sensor do not take turns")
	ns.snap.Current = p.reading(glucose.Nightscout, -5*time.Minute)
	require.Equal(t, "reading of ", p.source(), "a clock that is ahead wins nothing")
	llu.snap.Current, ns.snap.Current = p.reading("", 6*time.Minute+time.Second), p.reading(glucose.Nightscout, 0)
	require.Equal(t, "reading of nightscout", p.source())
	require.Equal(t, "1", p.lastList[0].Sensor.Serial)
	llu.snap.Current, ns.snap.Current = nil, p.reading(glucose.Nightscout, time.Hour)
	require.Equal(t, "reading of nightscout", p.source(), "an old one is better than none, with its age")
	ns.snap.Current = nil
	require.Equal(t, "none", p.source())

	llu.snap.Current, ns.err = p.reading("", time.Hour), &glucose.Fault{Kind: glucose.Closed}
	require.Equal(t, "reading of ", p.source())
	f, g := p.Faults()
	require.Nil(t, f)
	require.Equal(t, glucose.Closed, g.Kind)
}

// One that fails keeps its own waits, whatever the other does.
func TestMergedLeavesAloneWhatFails(t *testing.T) {
	p := newPair(t, isAnna)
	llu, ns := p.llu, p.ns
	ns.snap.Current = p.reading(glucose.Nightscout, time.Minute)
	llu.err = &glucose.Fault{Kind: glucose.Locked, Until: p.now.Add(5 * time.Minute)}
	for range 4 {
		require.Equal(t, "reading of nightscout", p.source())
		p.now = p.now.Add(time.Minute)
	}
	require.Equal(t, 1, llu.n, "left alone as long as it says")
	require.Equal(t, 8, ns.n)
	p.now = p.now.Add(time.Minute)
	llu.err = &glucose.Fault{Kind: glucose.WrongPassword}
	require.Equal(t, "reading of nightscout", p.source())
	for range 100 {
		p.now = p.now.Add(10 * time.Minute)
		require.Equal(t, "reading of nightscout", p.source(), "an old value has its age; what is wrong is told beside it")
	}
	require.Equal(t, 2, llu.n, "never again after a refusal until the user acts")
	f, _ := p.Faults()
	require.Equal(t, glucose.WrongPassword, f.Kind)
	p.Retry()
	llu.err, llu.snap.Current = nil, p.reading("", 0)
	require.Equal(t, "reading of ", p.source())
	f, _ = p.Faults()
	require.Nil(t, f)
}

// When neither answers, how it goes on is for the one that recovers by itself:
// a password refused by one must not end the asking of the other.
func TestMergedWhenBothFail(t *testing.T) {
	p := newPair(t, isAnna)
	p.llu.err = &glucose.Fault{Kind: glucose.WrongPassword, Message: "LibreLinkUp refuses.", Hint: "Sign in."}
	p.ns.err = errors.New("down")
	_, err := p.Current(t.Context())
	f := glucose.AsFault(err)
	require.False(t, f.Kind.NeedsUser())
	require.Contains(t, f.Hint, "LibreLinkUp refuses. Sign in.", "both are told")
	p.llu.err, p.ns.err = errors.New("down"), &glucose.Fault{Kind: glucose.WrongPassword, Message: "The site refuses."}
	p.Retry()
	p.now = p.now.Add(time.Hour)
	_, err = p.Current(t.Context())
	require.False(t, glucose.AsFault(err).Kind.NeedsUser())
	require.Contains(t, glucose.AsFault(err).Hint, "The site refuses.")
}

// The others whom the first tells of are not gone because it fails.
func TestMergedKeepsTheOthers(t *testing.T) {
	p := newPair(t, isAnna)
	ben := glucose.Snapshot{Person: glucose.Person{ID: "b", Name: "Ben"}, Current: p.reading("", 2*time.Minute)}
	p.llu.others = []glucose.Snapshot{ben}
	p.llu.snap.Current, p.ns.snap.Current = p.reading("", time.Minute), p.reading(glucose.Nightscout, 0)
	require.Equal(t, "reading of ", p.source())
	p.llu.err = errors.New("down")
	p.now = p.now.Add(time.Hour)
	p.ns.snap.Current = p.reading(glucose.Nightscout, 0)
	require.Equal(t, "reading of nightscout", p.source())
	require.Len(t, p.lastList, 2)
	require.Equal(t, ben, p.lastList[1], "with the reading that was told last, and no other")
	snap, err := p.Graph(t.Context(), "b")
	require.NoError(t, err, "a fault of the first must not keep the second from being asked")
	require.Equal(t, ben, snap)
}

// Somebody whom only the site knows is one more in the list.
func TestMergedWithSomebodyElse(t *testing.T) {
	p := newPair(t, func([]glucose.Person, bool) (string, bool) { return "", true })
	p.llu.snap.Current, p.ns.snap.Current = p.reading("", time.Minute), p.reading(glucose.Nightscout, 0)
	require.Equal(t, "reading of ", p.source())
	require.Len(t, p.lastList, 2)
	require.Equal(t, glucose.Person{ID: "nightscout:x", Name: "Ben"}, p.lastList[1].Person)
	asked := p.llu.n
	snap, err := p.Graph(t.Context(), "nightscout:x")
	require.NoError(t, err)
	require.Equal(t, glucose.Nightscout, snap.Current.Source)
	require.Equal(t, asked, p.llu.n, "LibreLinkUp is not asked about them")
}

// Who was followed by the site alone is LibreLinkUp's once that knows them, and
// LibreLinkUp is never asked about somebody whom it does not know.
func TestMergedAfterTheSiteAlone(t *testing.T) {
	p := newPair(t, func(_ []glucose.Person, met bool) (string, bool) {
		if !met {
			return "", false
		}
		return "a", true
	})
	p.llu.snap.Current, p.ns.snap.Current = p.reading("", time.Minute), p.reading(glucose.Nightscout, 0)
	snap, err := p.Graph(t.Context(), "nightscout:x")
	require.NoError(t, err)
	require.Equal(t, p.llu.snap, snap)
	require.Equal(t, 1, p.llu.n)
}

// As long as it is not clear whose the readings are, nobody gets them.
func TestMergedUnclear(t *testing.T) {
	p := newPair(t, func([]glucose.Person, bool) (string, bool) { return "", false })
	p.ns.snap.Current = p.reading(glucose.Nightscout, 0)
	require.Equal(t, "none", p.source())
	require.Len(t, p.lastList, 1)
	_, g := p.Faults()
	require.Contains(t, g.Hint, "nightscout.person")
}
