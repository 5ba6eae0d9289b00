package poll

import (
	"math/rand/v2"
	"sort"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// day0 is when simulations begin; the sensor's second is not ours.
var day0 = time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC)

// A published reading and the moment the service had it.
type published struct{ reading, at time.Time }

// A feed of a sensor that measures each step, whose phone uploads after
// delay, and whose second wanders by at most a second.
func makeFeed(rnd *rand.Rand, step, length time.Duration, delay func(t time.Duration) time.Duration) []published {
	var out []published
	second := 17 * time.Second
	for t := -step; t < length; t += step {
		r := day0.Add(t + second)
		if rnd.IntN(30) == 0 {
			second += seconds(rnd.Float64()*0.4 - 0.2)
			second = min(max(second, 16*time.Second), 18*time.Second)
		}
		out = append(out, published{r.Truncate(time.Second), r.Add(delay(t))})
	}
	return out
}

// newest is the newest reading of those published by t.
func newest(feed []published, t time.Time) *published {
	// Uploads may overtake each other a little; look back far enough.
	n := sort.Search(len(feed), func(i int) bool { return feed[i].reading.After(t.Add(time.Minute)) })
	for i := n - 1; i >= 0; i-- {
		if !feed[i].at.After(t) {
			return &feed[i]
		}
	}
	return nil
}

func snapshot(p *published) []glucose.Snapshot {
	s := glucose.Snapshot{Person: glucose.Person{ID: "p1"}}
	if p != nil {
		s.Current = &glucose.Reading{Time: p.reading, Value: 104}
	}
	return []glucose.Snapshot{s}
}

const latency = 200 * time.Millisecond

// run follows the feed by a schedule alone and returns when requests were sent.
func run(feed []published, length time.Duration, seed uint64) (sent []time.Time) {
	s := NewSchedule(day0, seed, "p1")
	for {
		plan := s.Plan()
		if plan.At.After(day0.Add(length)) {
			return sent
		}
		sent = append(sent, plan.At)
		s.Begin(plan.At)
		at := plan.At.Add(latency)
		s.Done(Answer{Sent: plan.At, At: at, Graph: plan.Graph, Snapshots: snapshot(newest(feed, plan.At.Add(latency/2)))})
	}
}

// fixed is the usual poller.
func fixed(every, length time.Duration, phase time.Duration) (sent []time.Time) {
	for t := phase; t < length; t += every {
		sent = append(sent, day0.Add(t))
	}
	return sent
}

// lateness is how long after publication each reading was on the screen, or a
// newer one in its place: the mean over all readings of the feed.
func lateness(feed []published, sent []time.Time, from time.Duration) time.Duration {
	var sum time.Duration
	n := 0
	for _, p := range feed {
		if p.at.Before(day0.Add(from)) {
			continue
		}
		i := sort.Search(len(sent), func(i int) bool { return !sent[i].Add(latency / 2).Before(p.at) })
		if i == len(sent) {
			continue
		}
		sum += sent[i].Add(latency).Sub(p.at)
		n++
	}
	return sum / time.Duration(max(1, n))
}

// busiest is the most requests in any hour.
func busiest(sent []time.Time) (most int) {
	first := 0
	for i, t := range sent {
		for t.Sub(sent[first]) >= time.Hour {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

func uniform(rnd *rand.Rand, lo, hi float64) func(time.Duration) time.Duration {
	return func(time.Duration) time.Duration { return seconds(lo + rnd.Float64()*(hi-lo)) }
}
