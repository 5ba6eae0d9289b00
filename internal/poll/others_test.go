package poll

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// together follows the first of several feeds, all of which come with each answer
// but one with history.
func together(feeds [][]published, length time.Duration) (sent, graph []time.Time) {
	s := NewSchedule(day0, 1, "p0")
	for {
		plan := s.Plan()
		if plan.At.After(day0.Add(length)) {
			return sent, graph
		}
		s.Begin(plan.At)
		var all []glucose.Snapshot
		for i, feed := range feeds {
			one := snapshot(newest(feed, plan.At.Add(latency/2)))[0]
			if one.Person.ID = fmt.Sprintf("p%d", i); i == 0 || !plan.Graph {
				all = append(all, one)
			}
		}
		if sent = append(sent, plan.At); plan.Graph {
			graph = append(graph, plan.At)
		}
		s.Done(Answer{Sent: plan.At, At: plan.At.Add(latency), Graph: plan.Graph, Snapshots: all})
	}
}

// without are the requests that told of everybody.
func without(sent, graph []time.Time) (out []time.Time) {
	for _, at := range sent {
		if len(graph) > 0 && at.Equal(graph[0]) {
			graph = graph[1:]
			continue
		}
		out = append(out, at)
	}
	return out
}

// Whoever else shares with the account is seen as soon as the one who is followed,
// whatever the second of their sensor, and none waits for another's step.
func TestOthersAreAskedForInTheirSecond(t *testing.T) {
	const length = 24 * time.Hour
	for _, c := range []struct {
		step    time.Duration
		people  int
		most    int           // requests an hour
		longest time.Duration // mean lateness of anybody
	}{
		{5 * time.Minute, 2, 45, 15 * time.Second},
		{5 * time.Minute, 4, hourly, 15 * time.Second},
		{15 * time.Minute, 2, 50, 30 * time.Second},
		{5 * time.Minute, 12, hourly, 100 * time.Second},
		{time.Minute, 3, hourly, time.Minute},
	} {
		t.Run(fmt.Sprintf("%d people, %s", c.people, c.step), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(7, uint64(c.people)))
			var feeds [][]published
			for i := range c.people {
				apart := time.Duration(i) * 37 * time.Second
				feed := makeFeed(rnd, c.step, length, uniform(rnd, 4, 9))
				for j := range feed {
					feed[j].reading, feed[j].at = feed[j].reading.Add(apart), feed[j].at.Add(apart)
				}
				feeds = append(feeds, feed)
			}
			sent, graph := together(feeds, length)
			require.LessOrEqual(t, busiest(sent), c.most)
			for i, feed := range feeds {
				of := without(sent, graph)
				if i == 0 {
					of = sent
				}
				late := lateness(feed, of, 2*time.Hour)
				t.Logf("person %d: %s", i, late)
				require.LessOrEqual(t, late, c.longest, "person %d", i)
			}
		})
	}
}

// A feed that may have become faster is still asked a minute after a reading now
// and then, although somebody else's reading is due before that.
func TestOthersLeaveTheProbe(t *testing.T) {
	const length = 12 * time.Hour
	for apart := 15 * time.Second; apart <= 50*time.Second; apart += 5 * time.Second {
		rnd := rand.New(rand.NewPCG(7, 1))
		feed := makeFeed(rnd, 5*time.Minute, length, uniform(rnd, 4, 4.5))
		other := makeFeed(rnd, 5*time.Minute, length, uniform(rnd, 4, 4.5))
		for i := range other {
			other[i].reading, other[i].at = other[i].reading.Add(apart), other[i].at.Add(apart)
		}
		sent, _ := together([][]published{feed, other}, length)
		last, longest := day0, time.Duration(0)
		for _, at := range sent {
			if after := at.Sub(feed[0].reading) % (5 * time.Minute); after >= time.Minute && after < 80*time.Second {
				last, longest = at, max(longest, at.Sub(last))
			}
		}
		longest = max(longest, day0.Add(length).Sub(last))
		require.LessOrEqual(t, longest, probeEvery+10*time.Minute, apart)
	}
}

// On a feed of a minute the hour's requests go to its own readings: the others come
// with these.
func TestOthersCostAFeedOfAMinuteNothing(t *testing.T) {
	const length = 12 * time.Hour
	rnd := rand.New(rand.NewPCG(7, 5))
	feeds := [][]published{makeFeed(rnd, time.Minute, length, uniform(rnd, 4, 34))}
	for _, apart := range []time.Duration{30 * time.Second, 90 * time.Second, 140 * time.Second} {
		feed := makeFeed(rnd, 5*time.Minute, length, uniform(rnd, 4, 34))
		for j := range feed {
			feed[j].reading, feed[j].at = feed[j].reading.Add(apart), feed[j].at.Add(apart)
		}
		feeds = append(feeds, feed)
	}
	alone, _ := together(feeds[:1], length)
	sent, graph := together(feeds, length)
	require.Equal(t, alone, sent)
	for _, feed := range feeds[1:] {
		require.LessOrEqual(t, lateness(feed, without(sent, graph), 2*time.Hour), time.Minute)
	}
}

// Whoever shares no longer is asked for no more. An answer with history is about
// one person in any case.
func TestWhoLeftIsNotAskedFor(t *testing.T) {
	s := NewSchedule(day0, 1, "p0")
	var both []glucose.Snapshot
	for i := range 2 {
		one := snapshot(newest(makeFeed(rand.New(rand.NewPCG(1, 2)), 5*time.Minute, time.Hour, uniform(rand.New(rand.NewPCG(1, 2)), 8, 9)), day0.Add(time.Hour)))[0]
		one.Person.ID = fmt.Sprintf("p%d", i)
		both = append(both, one)
	}
	s.readOthers(Answer{Snapshots: both})
	require.Len(t, s.others, 1)
	s.readOthers(Answer{Snapshots: both[:1], Graph: true})
	require.Len(t, s.others, 1)
	s.readOthers(Answer{Snapshots: both[:1]})
	require.Empty(t, s.others)
}
