package poll

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// However requests are wanted, no hour sees more than its limit and none waits
// longer than a pace after the last.
func TestPace(t *testing.T) {
	for seed := range uint64(50) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		p := purse{Limit: hourly}
		now := day0
		var sent []time.Time
		for range 2000 {
			if n := len(sent); n > 0 {
				require.LessOrEqual(t, p.paced(sent[n-1]).Sub(sent[n-1]), pace)
			}
			if rnd.IntN(40) == 0 {
				now = now.Add(time.Duration(rnd.Int64N(int64(90 * time.Minute)))) // an outage
			}
			wanted := now.Add(time.Duration(rnd.ExpFloat64() * float64(20*time.Second)))
			now = p.paced(wanted)
			require.False(t, now.Before(wanted))
			p.spend(now)
			sent = append(sent, now)
		}
		require.LessOrEqual(t, busiest(sent), hourly)
	}
}

// What is spare can be sent and leaves a pace's request in its time.
func TestSpare(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		p := purse{Limit: hourly}
		now := day0
		for range rnd.IntN(200) {
			now = p.paced(now.Add(time.Duration(rnd.ExpFloat64() * float64(50*time.Second))))
			p.spend(now)
		}
		now = now.Add(time.Minute)
		for range int(p.spare(now) + 1) {
			require.Equal(t, now, p.paced(now))
			p.spend(now)
		}
	}
}

// Neither faults nor a publication that has to be searched for again and again
// leave the next reading without a request.
func TestNextRequestComesInTime(t *testing.T) {
	const length = 24 * time.Hour
	for seed := range uint64(10) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		var delay, until time.Duration
		feed := makeFeed(rnd, time.Minute, length, func(at time.Duration) time.Duration {
			if at >= until {
				delay, until = seconds(rnd.Float64()*50), at+time.Duration(rnd.Int64N(int64(20*time.Minute)))
			}
			return delay
		})
		s := NewSchedule(day0, seed, "p1")
		var sent []time.Time
		var longest time.Duration
		well := day0
		for s.Plan().At.Before(day0.Add(length)) {
			plan := s.Plan()
			sent = append(sent, plan.At)
			longest = max(longest, plan.At.Sub(well))
			s.Begin(plan.At)
			a := Answer{Sent: plan.At, At: plan.At.Add(latency), Graph: plan.Graph}
			if plan.At.Sub(day0)%(2*time.Hour) < 15*time.Minute && rnd.IntN(2) == 0 {
				a.Fault = &glucose.Fault{Kind: glucose.NoSensor, Message: "scripted"}
				if rnd.IntN(2) == 0 {
					a.Fault.Kind = glucose.ServerError
				}
			} else {
				a.Snapshots = snapshot(newest(feed, plan.At))
			}
			s.Done(a)
			well = a.At
			if a.Fault != nil && a.Fault.Kind == glucose.ServerError {
				well = s.Plan().At // its distances are their own matter
			}
		}
		assert.LessOrEqual(t, busiest(sent), hourly)
		assert.LessOrEqual(t, longest, 2*time.Minute+5*time.Second, "seed %d", seed)
	}
}

// A start asks at once from what is left for that, then at the next pace, and
// within the hour of those before.
func TestRecall(t *testing.T) {
	now := day0.Add(5 * time.Hour)
	many := func(n int, apart time.Duration) (out []time.Time) {
		for i := range n {
			out = append(out, now.Add(-time.Duration(n-i)*apart))
		}
		return out
	}
	for _, c := range []struct {
		name  string
		spent Spent
		at    time.Duration
		asked bool
	}{
		{"nothing was sent", Spent{}, 0, false},
		{"a quiet hour", Spent{Planned: many(12, 5*time.Minute)}, 0, false},
		{"a feed of a minute", Spent{Planned: many(59, time.Minute)}, 0, false},
		{"a search for the sensor's second before", Spent{Planned: many(10, time.Second)}, 0, true},
		{"others were asked for, too", Spent{Planned: many(10, time.Second), Asked: many(29, time.Minute)}, 0, true},
		{"as many as may be", Spent{Planned: many(10, time.Second), Asked: many(30, time.Minute)}, pace, false},
		{"half of it by a clock that was ahead", Spent{Planned: many(30, 10*time.Second), Asked: many(30, time.Minute)}, pace, false},
		{"all of an hour ago", Spent{Planned: many(66, 55*time.Minute+time.Second)[64:], Asked: many(60, 2*time.Minute)[:30]}, 0, false},
		{"by a clock that was set back since", Spent{Planned: []time.Time{now.Add(time.Second), now.Add(time.Hour)}, Asked: []time.Time{now.Add(time.Minute)}}, 0, false},
	} {
		s := NewSchedule(now, 1, "p1")
		s.Recall(now, c.spent)
		require.Equal(t, c.asked, s.isExtra, c.name)
		if c.at > 0 {
			require.True(t, s.Plan().At.After(now), c.name)
			require.LessOrEqual(t, s.Plan().At.Sub(now), c.at, c.name)
			s.Begin(s.Plan().At)
			require.LessOrEqual(t, s.planned.paced(s.sent).Sub(s.sent), pace, c.name)
			continue
		}
		require.Equal(t, now, s.Plan().At, c.name)
	}
}
