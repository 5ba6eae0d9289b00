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
