package poll

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// answerOf has the planned request answered at once with one reading of p1.
func answerOf(s *Schedule, taken time.Time) {
	plan := s.Plan()
	s.Begin(plan.At)
	s.Done(Answer{Sent: plan.At, At: plan.At, Graph: plan.Graph, Snapshots: []glucose.Snapshot{{
		Person: glucose.Person{ID: "p1"}, Current: &glucose.Reading{Time: taken, Value: 104},
	}}})
}

// Once a phone's clock that was hours ahead is right, so is the delay: what was
// learned with the wrong one would make the phone look away for hours.
func TestDelayOfAWrongClockIsForgotten(t *testing.T) {
	s := NewSchedule(day0, 1, "p1")
	for range 30 { // both clocks are 3 hours ahead, the phone's one less
		answerOf(s, s.Plan().At.Add(-time.Hour).Truncate(time.Minute))
	}
	s.Wake(s.Plan().At, Wake{Kind: ClockStepped, Jump: -12 * time.Hour})
	now := s.Plan().At
	answerOf(s, now.Add(-3*time.Minute))
	require.LessOrEqual(t, s.Plan().At.Sub(now), 2*time.Minute)
}

// A reading that a clock set back has put ahead of now, and the hour's budget,
// put the next request off by no more than a step each.
func TestReadingAheadOfNow(t *testing.T) {
	for ahead := time.Duration(0); ahead <= 4*time.Minute; ahead += 7 * time.Second {
		s := NewSchedule(day0, 1, "p1")
		var spent Spent
		for i := range hourly {
			spent.Planned = append(spent.Planned, day0.Add(-time.Duration(hourly-i)*54*time.Second))
		}
		s.Recall(day0, spent)
		taken := day0.Add(ahead) // and no newer comes
		for range 3 {
			now := s.Plan().At
			answerOf(s, taken)
			require.LessOrEqual(t, s.Plan().At.Sub(now), 125*time.Second, "%s ahead", ahead)
		}
	}
}
