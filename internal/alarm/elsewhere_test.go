package alarm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// What is said for another person is silent here, with its reason, and said
// at once when it turns out to be this person's own.
func TestSaidElsewhere(t *testing.T) {
	r := newRig(t, time.Minute)
	r.read(100)
	start := r.now
	r.fault = &glucose.Fault{Kind: glucose.Offline, Message: "No network."}
	for r.now.Sub(start) < 50*time.Minute {
		r.now = r.now.Add(time.Minute)
		r.step(Input{Elsewhere: Elsewhere{true, true, true}})
	}
	require.Equal(t, "-no_data covered", all(r.log), "its reason is told, once")
	require.Equal(t, 20*time.Minute, r.log[0].Time.Sub(start))
	r.fault = &glucose.Fault{Kind: glucose.UploadDelayed, Message: "The phone."}
	r.log = nil
	r.step(Input{})
	require.Equal(t, "no_data first", said(r.log))
	require.True(t, r.log[0].Loud, "as loud as it is old")

	r = newRig(t, time.Minute)
	r.read(100)
	start = r.now
	r.fault = &glucose.Fault{Kind: glucose.Offline, Message: "No network."}
	for r.now.Sub(start) < 50*time.Minute {
		r.now = r.now.Add(time.Minute)
		r.step(Input{Elsewhere: Elsewhere{NoData: true}})
	}
	require.Equal(t, "no_data first", said(r.log), "what is loud is not covered by what is soft")
	require.True(t, r.log[len(r.log)-1].Loud)

	r = newRig(t, time.Minute)
	r.read(100)
	r.fault = &glucose.Fault{Kind: glucose.WrongPassword, Message: "Refused."}
	r.step(Input{Elsewhere: Elsewhere{true, true, true}})
	require.Empty(t, r.log)
	r.step(Input{})
	require.Equal(t, "needs_you first", said(r.log), "whoever else could have said it is gone")
}

// A snooze of no data that is said for another person ends with new data, also
// where it was not due yet.
func TestSnoozeOfWhatIsSaidElsewhere(t *testing.T) {
	r := newRig(t, time.Minute)
	r.read(100)
	r.fault = &glucose.Fault{Kind: glucose.Offline, Message: "No network."}
	r.pass(15 * time.Minute)
	there := Input{Elsewhere: Elsewhere{NoData: true}, Answers: []Answer{{SnoozeFor, NoData, 2 * time.Hour}}}
	r.step(there)
	r.pass(15 * time.Minute)
	require.Empty(t, said(r.log))
	r.fault = nil
	r.read(100)
	require.Empty(t, r.e.Snoozes(r.now))
	require.Equal(t, "no_data first", said(r.pass(20*time.Minute)))

	// One asked for while nothing is missing anywhere holds.
	r = newRig(t, time.Minute)
	r.read(100)
	r.answers(Answer{SnoozeFor, NoData, time.Hour})
	r.feed(100, 100)
	require.Empty(t, said(r.pass(30*time.Minute)))
}
