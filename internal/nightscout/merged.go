package nightscout

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// Asker is a source of readings, as the poll loop knows it. Each is expected
// to keep its own waits.
type Asker interface {
	Current(ctx context.Context) ([]glucose.Snapshot, error)
	Graph(ctx context.Context, personID string) (glucose.Snapshot, error)
}

// margin is by how much the second source must be newer to win. It is more
// than a step of a 5-minute feed, so that two that tell the same sensor do not
// take turns: each change of the source costs the change and the trend of the
// value for a while.
const margin = 6 * time.Minute

// patience is how long the second source may take: the answer of the first
// waits for it.
const patience = 8 * time.Second

// Merged is one source of two: the first, and the second for the one person
// whom it tells of, when its newest reading is newer by more than margin, or
// the first fails. Each reading names its source.
//
// As long as one of the two answers there is an answer: Faults tells what
// stands in the way of either.
type Merged struct {
	first, second Asker
	own           string // ID of the second's person while the first knows them by none
	whose         Whose
	now           func() time.Time

	mu     sync.Mutex
	known  []glucose.Snapshot // as the first told last
	faults [2]*glucose.Fault
}

// Whose tells by what ID the first source knows the person of the second: one
// of people, "" if they are somebody else, and ok false if that can't be told.
// met is false as long as the first has not told anybody.
type Whose func(people []glucose.Person, met bool) (id string, ok bool)

// Merge makes one source of two. own is the ID by which the second knows its
// person. now may be nil for the computer's clock.
func Merge(first, second Asker, own string, whose Whose, now func() time.Time) *Merged {
	if now == nil {
		now = time.Now
	}
	return &Merged{first: first, second: second, own: own, whose: whose, now: now}
}

// Faults are what stands in the way of the first and of the second, as of the
// last request; nil for nothing.
func (m *Merged) Faults() (first, second *glucose.Fault) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.faults[0], m.faults[1]
}

// Retry lets both be asked again although the user had to act: the user has.
func (m *Merged) Retry() {
	for _, s := range []Asker{m.first, m.second} {
		if r, ok := s.(interface{ Retry() }); ok {
			r.Retry()
		}
	}
}

// Reconnect drops idle connections.
func (m *Merged) Reconnect() {
	for _, s := range []Asker{m.first, m.second} {
		if r, ok := s.(interface{ Reconnect() }); ok {
			r.Reconnect()
		}
	}
}

// Current asks both at once.
func (m *Merged) Current(ctx context.Context) ([]glucose.Snapshot, error) {
	var one, two []glucose.Snapshot
	f, g := m.both(
		func() (err error) { one, err = m.first.Current(ctx); return err },
		func() (err error) {
			ctx, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			two, err = m.second.Current(ctx)
			return err
		},
	)
	m.mu.Lock()
	defer m.mu.Unlock()
	if f == nil {
		m.known = slices.Clone(one)
	} else if g == nil {
		// Whom the first told of, as it told last: they are not gone.
		one = slices.Clone(m.known)
	}
	m.faults = [2]*glucose.Fault{f, g}
	switch {
	case f != nil && g != nil:
		return nil, bothFail(f, g)
	case g != nil || len(two) == 0:
		return one, nil //nolint:nilerr // the first stands alone
	}
	id, ok := m.person()
	if !ok {
		m.faults[1] = unclear()
		if f != nil {
			return nil, bothFail(f, m.faults[1])
		}
		return one, nil
	}
	if id == "" {
		return append(one, two[0]), nil
	}
	for i := range one {
		if one[i].Person.ID == id {
			one[i] = m.fresher(one[i], two[0], f != nil)
			return one, nil
		}
	}
	return append(one, renamed(two[0], glucose.Snapshot{Person: glucose.Person{ID: id}})), nil
}

// Graph is the same for one person. The history is that of whoever is
// believed, so that two are never mixed in one picture.
func (m *Merged) Graph(ctx context.Context, personID string) (glucose.Snapshot, error) {
	m.mu.Lock()
	id, ok := m.person()
	met := m.known != nil
	last := slices.IndexFunc(m.known, func(s glucose.Snapshot) bool { return s.Person.ID == personID })
	told := glucose.Snapshot{Person: glucose.Person{ID: personID}}
	if last >= 0 {
		told = m.known[last]
	}
	m.mu.Unlock()
	switch {
	case personID == m.own && (!met || !ok || id != ""):
		// Followed by the site alone before: the first may know them now.
		return m.current(ctx)
	case personID == m.own:
		two, err := m.second.Graph(ctx, personID)
		m.note(1, err)
		return two, err
	case !ok || id != personID:
		one, err := m.first.Graph(ctx, personID)
		m.note(0, err)
		if err != nil && last >= 0 {
			return told, nil //nolint:nilerr // Faults tells it; the second must not wait for the first
		}
		return one, err
	}
	var one, two glucose.Snapshot
	f, g := m.both(
		func() (err error) { one, err = m.first.Graph(ctx, personID); return err },
		func() (err error) {
			ctx, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			two, err = m.second.Graph(ctx, personID)
			return err
		},
	)
	m.mu.Lock()
	m.faults = [2]*glucose.Fault{f, g}
	m.mu.Unlock()
	switch {
	case f != nil && g != nil:
		return glucose.Snapshot{}, bothFail(f, g)
	case f != nil:
		return m.fresher(told, two, true), nil //nolint:nilerr // the second stands in
	case g != nil:
		return one, nil //nolint:nilerr // the first stands alone
	}
	return m.fresher(one, two, false), nil
}

// current is what a light request tells of the person of the second.
func (m *Merged) current(ctx context.Context) (glucose.Snapshot, error) {
	list, err := m.Current(ctx)
	if err != nil {
		return glucose.Snapshot{}, err
	}
	m.mu.Lock()
	id, ok := m.person()
	m.mu.Unlock()
	if id == "" {
		id = m.own
	}
	if i := slices.IndexFunc(list, func(s glucose.Snapshot) bool { return s.Person.ID == id }); ok && i >= 0 {
		return list[i], nil
	}
	return glucose.Snapshot{}, unclear()
}

// both asks the two at once.
func (m *Merged) both(first, second func() error) (f, g *glucose.Fault) {
	var wg sync.WaitGroup
	var one, two error
	wg.Go(func() { two = second() })
	one = first()
	wg.Wait()
	return glucose.AsFault(one), glucose.AsFault(two)
}

func (m *Merged) note(which int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.faults[which] = glucose.AsFault(err)
}

// person is whom the second tells of. The lock is held.
func (m *Merged) person() (id string, ok bool) {
	var people []glucose.Person
	for _, s := range m.known {
		people = append(people, s.Person)
	}
	return m.whose(people, m.known != nil)
}

// fresher is the first's snapshot, with the reading and the history of the
// second if it is newer by more than margin, or by anything if the first
// fails. What is dated ahead of our clock counts as of now.
func (m *Merged) fresher(one, two glucose.Snapshot, failed bool) glucose.Snapshot {
	least := margin
	if failed {
		least = 0
	}
	if two.Current == nil {
		return one
	}
	at := two.Current.Time
	if now := m.now(); at.After(now) {
		at = now
	}
	if one.Current != nil && at.Sub(one.Current.Time) <= least {
		return one
	}
	return renamed(two, one)
}

// renamed is a snapshot of the second as the first would tell it; without a
// name if the first has not told one, for the second does not rename anybody.
func renamed(two, one glucose.Snapshot) glucose.Snapshot {
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

// bothFail is what to say when neither answers. How it goes on, and when the
// two may be asked again, is for the one that recovers by itself: a password
// that is refused by one must not keep the other from being asked.
func bothFail(first, second *glucose.Fault) *glucose.Fault {
	lead, other := *first, second
	if first.Kind.NeedsUser() && !second.Kind.NeedsUser() {
		lead, other = *second, first
	}
	if !lead.Until.IsZero() && (other.Until.IsZero() || other.Until.Before(lead.Until)) && !other.Kind.NeedsUser() {
		lead.Until = other.Until
	}
	if other.Kind != lead.Kind || other.Message != lead.Message {
		lead.Hint = strings.TrimSpace(lang.F("%s And: %s", lead.Hint, strings.TrimSpace(other.Message+" "+other.Hint)))
	}
	return &lead
}

func unclear() *glucose.Fault {
	return &glucose.Fault{
		Kind: glucose.ServerError, Message: lang.T("It is not known whose readings the Nightscout site has."),
		Hint: lang.T("Set nightscout.person to a name that one person has."),
	}
}
