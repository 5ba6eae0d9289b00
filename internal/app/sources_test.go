package app

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/poll"
)

// What another source tells of the past fills gaps only; what is newer than
// all known is always news.
func TestReadingsOfTwoSourcesAreNotDoubled(t *testing.T) {
	now := time.Date(2026, 3, 2, 14, 0, 0, 0, time.UTC)
	ago := func(source glucose.Source, minutes int) glucose.Reading {
		return glucose.Reading{Time: now.Add(-time.Duration(minutes) * time.Minute), Value: 100, Source: source}
	}
	p := &person{}
	p.add(now, []glucose.Reading{ago("", 60), ago("", 15), ago("", 10)})
	added := p.add(now, []glucose.Reading{
		ago(glucose.Nightscout, 61), ago(glucose.Nightscout, 40), ago(glucose.Nightscout, 12), ago(glucose.Nightscout, 9), ago(glucose.Nightscout, 4),
	})
	require.Equal(t, []glucose.Reading{ago(glucose.Nightscout, 40), ago(glucose.Nightscout, 9), ago(glucose.Nightscout, 4)}, added)
	require.Len(t, p.add(now, []glucose.Reading{ago("", 3)}), 1)
}

// One of two sources that fails is blamed for what waits for it, and nobody
// is taken to have stopped sharing because LibreLinkUp does not answer.
func TestOneOfTwoSourcesFails(t *testing.T) {
	now := time.Date(2026, 3, 2, 14, 0, 0, 0, time.UTC)
	a := &account{}
	s := &state{people: map[string]*person{}, accounts: []*account{a}}
	one := func(id string, source glucose.Source, age time.Duration) glucose.Snapshot {
		return glucose.Snapshot{Person: glucose.Person{ID: id, Name: id}, Current: &glucose.Reading{Time: now.Add(-age), Value: 100, Source: source}}
	}
	s.apply(a, poll.Update{At: now, Snapshots: []glucose.Snapshot{one("anna", "", time.Minute), one("ben", "", time.Minute)}})
	a.ofLibre = &glucose.Fault{Kind: glucose.ServerError, Message: "LibreLinkUp does not answer."}
	for range 30 {
		now = now.Add(time.Minute)
		_, gone := s.apply(a, poll.Update{At: now, Snapshots: []glucose.Snapshot{one("anna", glucose.Nightscout, 0)}})
		require.Empty(t, gone)
	}
	require.Contains(t, s.people, "ben")
	require.Nil(t, s.standing(s.people["anna"], now), "her value is fresh")
	require.Equal(t, a.ofLibre, s.standing(s.people["ben"], now))
	require.Contains(t, s.trouble(now), "Only Nightscout is followed at present: LibreLinkUp does not answer.")

	// The site is old, too: her phone or what uploads, or LibreLinkUp.
	now = now.Add(time.Hour)
	require.Equal(t, a.ofLibre, s.standing(s.people["anna"], now))
	a.ofLibre, a.ofSite = nil, &glucose.Fault{Kind: glucose.ServerError, Message: "The Nightscout site does not answer in time."}
	require.Equal(t, a.ofSite, s.standing(s.people["anna"], now))
	require.Equal(t, glucose.UploadDelayed, s.standing(s.people["ben"], now).Kind, "he is not the site's")
	a.ofSite = nil
	require.Contains(t, s.standing(s.people["anna"], now).Message, "Nightscout site")
}
