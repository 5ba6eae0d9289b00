package libre

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// The seeds are in testdata/fuzz, one file each; go test runs them all.

func checkSnapshot(t *testing.T, s glucose.Snapshot) {
	require.NotEmpty(t, s.Person.ID)
	require.False(t, slices.ContainsFunc([]rune(s.Person.Name), unicode.IsControl))
	if r := s.Current; r != nil {
		require.True(t, r.Plausible())
		require.Equal(t, time.UTC, r.Time.Location())
		require.LessOrEqual(t, r.Time.Sub(start), maxAhead)
		require.Equal(t, glucose.Live, r.Origin)
		require.Zero(t, s.FutureBy)
	}
	if s.FutureBy != 0 {
		require.Greater(t, s.FutureBy, maxAhead)
	}
	if s.Sensor != nil {
		require.Positive(t, s.Sensor.WarmUp)
	}
}

func FuzzConnections(f *testing.F) {
	f.Fuzz(func(t *testing.T, body string) {
		e, _ := parseEnvelope([]byte(body))
		list, fault := readConnections(e.Data, start)
		require.Equal(t, fault == nil, len(list) > 0)
		for _, s := range list {
			checkSnapshot(t, s)
			require.Empty(t, s.History)
		}
	})
}

func FuzzGraph(f *testing.F) {
	f.Fuzz(func(t *testing.T, body string) {
		e, _ := parseEnvelope([]byte(body))
		s, fault := readGraph(e.Data, "p", start)
		if fault != nil {
			require.Equal(t, glucose.Snapshot{}, s)
			return
		}
		checkSnapshot(t, s)
		var before time.Time
		for _, r := range s.History {
			require.True(t, r.Plausible())
			require.True(t, r.Time.After(before))
			require.Equal(t, glucose.Graph, r.Origin)
			require.Equal(t, glucose.TrendUnknown, r.Trend)
			before = r.Time
		}
	})
}

func FuzzLogin(f *testing.F) {
	f.Fuzz(func(t *testing.T, body string) {
		ticket, userID := readLogin([]byte(body))
		req, err := http.NewRequest(http.MethodGet, "http://localhost", nil)
		require.NoError(t, err)
		require.True(t, headerSafe(ticket.token))
		req.Header.Set("Authorization", "Bearer "+ticket.token)
		_, err = json.Marshal(Session{Token: ticket.token, TokenExpires: ticket.expires, AccountID: userID})
		require.NoError(t, err, "what was accepted can be stored")

		step, _ := readStep([]byte(body))
		require.Contains(t, []string{"tou", "pp", "verifyEmail", "unknown"}, step.Type)
		if region, redirected := readRedirect([]byte(body)); redirected && followRegion(region, []string{""}) == "" {
			require.Regexp(t, `^https://api-[a-z0-9]{1,8}\.libreview\.io$`, servers{}.base(region))
		}
	})
}

func FuzzErrors(f *testing.F) {
	f.Fuzz(func(t *testing.T, code int, contentType, retry, body string) {
		header := http.Header{"Content-Type": {contentType}, "Retry-After": {retry}}
		for _, family := range []string{familyLogin, familyContinue, familyConnections, familyGraph} {
			a := answer{code: code, header: header, body: []byte(body)}
			v := judge(family, a, start)
			require.GreaterOrEqual(t, v.wait, time.Duration(0))
			require.LessOrEqual(t, v.wait, maxHold)
			if v.reason == "" {
				require.Equal(t, 2, code/100)
				continue
			}
			require.Contains(t, texts, v.reason)
			if v.reason == reasonPassword {
				require.Equal(t, familyLogin, family)
			}
			if gatekeeper(a) {
				require.NotContains(t, []reason{reasonPassword, reasonDeadToken}, v.reason, "a page never leads to a sign-in")
			}
			var s Session
			until := s.hold(v.reason, v.wait, start)
			require.True(t, until.After(start) && !until.After(start.Add(maxHold)))
		}
	})
}

func FuzzTime(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string) {
		at, ok := parseTime(s)
		if !ok {
			require.Zero(t, at)
			return
		}
		again, ok := parseTime(at.Format("1/2/2006 3:04:05 PM"))
		require.True(t, ok)
		require.True(t, again.Equal(at.Truncate(time.Second)))
	})
}
