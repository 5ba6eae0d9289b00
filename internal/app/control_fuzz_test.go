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
// low from being said, or for whom another carer is on the next urgent one.
func FuzzControl(f *testing.F) {
	for _, line := range []string{
		`{"command":"snooze","kind":"low","for":9223372036854775807,"person":"Robin"}`, `{"command":"snooze","kind":"low","for":3600000000000}`,
		`{"command":"snooze","kind":"urgent_low","for":36000000000000}`, `{"command":"snooze","kind":"urgent-low","for":1800000000000}`,
		`{"command":"test"}`, `null`, "\x00", `{"command":"snooze","kind":"\u001b[2J","person":"\u202e"}`, strings.Repeat("x", 5000),
		`{"command":"off"}`, `{"command":"off","for":86400000000000,"person":"all"}`,
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		synctest.Test(t, func(t *testing.T) {
			const again = 20 * time.Minute
			next := glucose.MgDL(62)
			w := newWorld(t)
			w.curve = func(since time.Duration) glucose.MgDL {
				switch {
				case since < 5*time.Minute:
					return 62
				case since < again:
					return 120
				}
				return next
			}
			w.run()
			time.Sleep(2 * time.Minute)
			require.NotEmpty(t, w.alarms())
			reply := ask(strings.NewReader(line+"\n"), w.ask)
			_, err := json.Marshal(reply)
			require.NoError(t, err)
			require.True(t, reply.Text == "" || reply.Error == "")
			if w.view().OffDuty != nil {
				w.mu.Lock()
				next = 50
				w.mu.Unlock()
			}
			until := again + 3*time.Minute
			if reply.Error == "" { // perhaps a snooze, of an hour at most
				until = 70 * time.Minute
			}
			time.Sleep(until - time.Since(w.start))
			low := false
			for _, e := range w.alarms() {
				low = low || e.Time.Sub(w.start) >= again && (e.Kind == string(alarm.Low) || e.Kind == string(alarm.UrgentLow))
			}
			require.True(t, low, "%q", line)
			w.end()
		})
	})
}
