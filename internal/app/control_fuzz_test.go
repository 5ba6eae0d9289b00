package app

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
)

// FuzzControl sends any line to the socket of a running program that waits for
// an answer to a low: it answers, goes on following, and nothing keeps the next
// low from being said.
func FuzzControl(f *testing.F) {
	for _, line := range []string{
		`{"command":"snooze","kind":"low","for":1800000000000}`, `{"command":"snooze","kind":"urgent_low","for":-1}`,
		`{"command":"snooze","kind":"low","for":9223372036854775807,"person":"Robin"}`, `{"command":"unsnooze","kind":"low"}`,
		`{"command":"test"}`, `{"command":"page"}`,
		`{}`, `null`, `{"command":1}`, "\x00", `{"command":"snooze","kind":"\u001b[2J","person":"\u202e"}`, strings.Repeat("x", 5000),
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.curve = func(since time.Duration) glucose.MgDL {
				if since < 10*time.Minute || since > 2*time.Hour {
					return 62
				}
				return 120
			}
			w.run()
			time.Sleep(2 * time.Minute)
			reply := ask(strings.NewReader(line+"\n"), w.ask)
			_, err := json.Marshal(reply)
			require.NoError(t, err)
			require.True(t, reply.Text == "" || reply.Error == "")
			before := len(w.alarms())
			require.NotZero(t, before)
			time.Sleep(5 * time.Hour) // longer than any snooze of a low
			low := false
			for _, e := range w.alarms()[before:] {
				low = low || e.Kind == string(alarm.Low)
			}
			require.True(t, low, "%q", line)
			w.end()
		})
	})
}
