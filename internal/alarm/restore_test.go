package alarm

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// FuzzRestore starts from any text as the stored state: none may bring the
// engine down, keep it awake, or keep an urgent low from being said.
func FuzzRestore(f *testing.F) {
	r := newRig(f, time.Minute)
	for _, values := range [][]glucose.MgDL{flat(110, 5), flat(62, 20), flat(48, 10), flat(300, 90), flat(110, 20)} {
		r.feed(values...)
		r.answers(Answer{SnoozeFor, High, time.Hour})
		b, err := json.Marshal(r.e.State())
		require.NoError(f, err)
		f.Add(string(b))
		f.Add(strings.ReplaceAll(string(b), "2026-", "2096-"))
		f.Add(strings.ReplaceAll(string(b), "2026-", "1926-"))
		f.Add(strings.ReplaceAll(string(b), `"kind":"`, `"kind":"x`))
		f.Add(strings.ReplaceAll(string(b), `:0`, `:9000000000`))
		f.Add(string(b[:len(b)/2]))
	}
	for _, text := range []string{`{"version":1,"judged":"9999-12-31T23:59:59Z","newest":"9999-12-31T23:59:59Z","now":"0001-01-01T00:00:00Z"}`,
		`{"version":1,"snoozes":[{"kind":"urgent_low","until":"9999-01-01T00:00:00Z"}]}`, `{"version":2}`, `[]`, `null`, ``} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var st State
		if json.Unmarshal([]byte(text), &st) != nil {
			return // the file is set aside
		}
		r := &rig{t: t, e: New(DefaultConfig(), st), now: noon, cadence: time.Minute}
		r.step(Input{Resumed: true})
		r.feed(flat(110, 30)...)
		require.Contains(t, said(r.feed(flat(48, 60)...)), string(UrgentLow))
	})
}
