package nightscout

import (
	"context"
	"sync"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// Asker is a source of readings, as the poll loop knows it.
type Asker interface {
	Current(ctx context.Context) ([]glucose.Snapshot, error)
	Graph(ctx context.Context, personID string) (glucose.Snapshot, error)
}

// margin is by how much the second source must be newer to win. It is more
// than a step of a 5-minute feed, so that two that tell the same sensor do not
// take turns: each change of the source costs the change and the trend of the
// value for a while.
const margin = 6 * time.Minute

// Merged is one source of two that tell the same person: the first, and the
// second when its newest reading is newer by more than margin, or the first
// fails. Each reading names its source.
type Merged struct {
	first, second Asker
	person        string // ID that the first knows the person of the second by; "" for the only one
	now           func() time.Time
	notice        func(first, second *glucose.Fault)

	mu    sync.Mutex
	until time.Time // the first is not to be asked before
	needs *glucose.Fault
}

// Merge makes one source of two. notice is told after each request what stands
// in the way of either, nil for nothing; it may be nil itself. now may be nil
// for the computer's clock.
func Merge(first, second Asker, personID string, now func() time.Time, notice func(first, second *glucose.Fault)) *Merged {
	if now == nil {
		now = time.Now
	}
	if notice == nil {
		notice = func(_, _ *glucose.Fault) {}
	}
	return &Merged{first: first, second: second, person: personID, now: now, notice: notice}
}

// Retry lets the first source be asked again although the user had to act: the
// user has.
func (m *Merged) Retry() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.needs = nil
}

// Current asks both at once.
func (m *Merged) Current(ctx context.Context) ([]glucose.Snapshot, error) {
	var one, two []glucose.Snapshot
	f := m.both(
		func() (err error) { one, err = m.first.Current(ctx); return err },
		func() (err error) { two, err = m.second.Current(ctx); return err },
	)
	if f.first != nil && f.second != nil || f.first != nil && len(two) == 0 {
		return nil, f.first
	}
	if f.second != nil || len(two) == 0 {
		return one, nil //nolint:nilerr // the first stands alone
	}
	if f.first != nil {
		if m.stale(two[0]) {
			return nil, f.first // an old value is no reason to hide what is wrong
		}
		return []glucose.Snapshot{m.renamed(two[0], glucose.Snapshot{Person: glucose.Person{ID: m.person}})}, nil
	}
	for i := range one {
		if one[i].Person.ID == m.person || m.person == "" && len(one) == 1 {
			one[i] = m.fresher(one[i], two[0])
		}
	}
	return one, nil
}

// Graph is the same for one person. The history is that of whoever is
// believed, so that two are never mixed in one picture.
func (m *Merged) Graph(ctx context.Context, personID string) (glucose.Snapshot, error) {
	if m.person != "" && personID != m.person {
		return m.first.Graph(ctx, personID)
	}
	var one, two glucose.Snapshot
	f := m.both(
		func() (err error) { one, err = m.first.Graph(ctx, personID); return err },
		func() (err error) { two, err = m.second.Graph(ctx, personID); return err },
	)
	switch {
	case f.first != nil && (f.second != nil || m.stale(two)):
		return glucose.Snapshot{}, f.first
	case f.first != nil:
		return m.renamed(two, glucose.Snapshot{Person: glucose.Person{ID: personID}}), nil //nolint:nilerr // the second stands in
	case f.second != nil:
		return one, nil //nolint:nilerr // the first stands alone
	}
	return m.fresher(one, two), nil
}

// faults are what stands in the way of the two; nil for nothing.
type faults struct{ first, second *glucose.Fault }

// both asks the two, but not the first one while it must not be.
func (m *Merged) both(first, second func() error) faults {
	var wg sync.WaitGroup
	var one, two error
	wg.Go(func() { two = second() })
	m.mu.Lock()
	held := m.needs
	if held == nil && m.now().Before(m.until) {
		held = &glucose.Fault{Kind: glucose.Throttled, Message: "LibreLinkUp asks for a pause.", Until: m.until}
	}
	m.mu.Unlock()
	if held != nil {
		one = held
	} else {
		one = first()
	}
	wg.Wait()
	a, b := glucose.AsFault(one), glucose.AsFault(two)
	m.mu.Lock()
	if a == nil {
		m.until = time.Time{}
	} else {
		m.until = a.Until
		if a.Kind.NeedsUser() {
			m.needs = a
		}
	}
	m.mu.Unlock()
	m.notice(a, b)
	return faults{a, b}
}

func (m *Merged) stale(s glucose.Snapshot) bool {
	return s.Current == nil || s.Current.Stale(m.now(), 5*time.Minute)
}

// fresher is the first's snapshot, with the reading and the history of the
// second if it is newer by more than margin.
func (m *Merged) fresher(one, two glucose.Snapshot) glucose.Snapshot {
	if two.Current == nil || one.Current != nil && two.Current.Time.Sub(one.Current.Time) <= margin {
		return one
	}
	return m.renamed(two, one)
}

// renamed is a snapshot of the second as the first would tell it.
func (m *Merged) renamed(two, one glucose.Snapshot) glucose.Snapshot {
	out := one
	out.Current, out.History, out.FutureBy = two.Current, two.History, 0
	if out.Person.ID == "" {
		out.Person = two.Person
	}
	if one.Account == (glucose.Account{}) {
		out.Account = two.Account
	}
	return out
}
