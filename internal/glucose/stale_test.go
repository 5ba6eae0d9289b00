package glucose

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A clock that was set back makes the last reading one of the future, and the
// newer ones are refused: it must not pass for the present until its time
// comes round again.
func TestAReadingFromTheFutureIsNotThePresent(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	r := Reading{Time: at, Value: 100}
	require.True(t, r.Stale(at.Add(-time.Hour), time.Minute))
	require.False(t, r.Stale(at.Add(-MaxAhead), time.Minute), "a phone's clock may run a little fast")
}
