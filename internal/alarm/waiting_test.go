package alarm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// waits is the alarm that the message on the low side is there for.
func (r *rig) waits() string {
	e, ok := r.e.Waiting(Low.Group(), r.now)
	require.Equal(r.t, ok, e.Kind != "")
	return string(e.Kind)
}

func TestWaiting(t *testing.T) {
	r := newRig(t, time.Minute)
	r.err = "no notification service"
	r.feed(66)
	require.Empty(t, r.waits(), "it is tried again by itself")
	r.err = ""
	r.pass(5 * time.Second)
	require.Equal(t, "low", r.waits())
	r.feed(50)
	require.Equal(t, "urgent_low", r.waits())
	r.feed(flat(66, 25)...)
	require.Equal(t, "low", r.waits(), "the urgent low is over, and told of the low")
	r.feed(72)
	require.Empty(t, r.waits(), "it may be over soon")
	r.feed(66)
	require.Equal(t, "low", r.waits())
	r.step(Input{Answers: []Answer{{Kind: Seen}}})
	require.Empty(t, r.waits())
}

func TestWaitingForLong(t *testing.T) {
	r := newRig(t, time.Minute)
	r.feed(66)
	require.Equal(t, "low", r.waits())
	r.pass(forgetAfter)
	require.Empty(t, r.waits(), "the value is of long ago")
	e, ok := r.e.Waiting(NoData.Group(), r.now)
	require.True(t, ok)
	require.Equal(t, NoData, e.Kind)
	r.pass(12 * time.Hour)
	require.Empty(t, r.e.Standing(r.now), "no data has said its last word")
	_, ok = r.e.Waiting(NoData.Group(), r.now)
	require.True(t, ok, "and that is not answered")
	r.take(glucose.Reading{Time: r.now, Value: 110})
	_, ok = r.e.Waiting(NoData.Group(), r.now)
	require.False(t, ok)
}

// A repeat that no desktop took before its value was too old to be news is not
// tried again: what was said before waits.
func TestWaitingWithAnOldValue(t *testing.T) {
	r := newRig(t, time.Minute)
	r.feed(50, 50)
	require.Equal(t, "urgent_low", r.waits())
	r.err = "no notification service"
	r.feed(flat(50, 5)...)
	require.Empty(t, r.waits(), "the repeat is tried again")
	r.pass(8 * time.Minute)
	require.Empty(t, r.waits())
	r.pass(4 * time.Minute)
	require.Equal(t, "urgent_low", r.waits())
}
