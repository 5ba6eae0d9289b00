package nightscout

import (
	"context"
	"crypto/sha1" //nolint:gosec // as the widgets do it
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

func served(t *testing.T) (*httptest.Server, time.Time) {
	now := time.Date(2026, 3, 2, 14, 5, 20, 0, time.UTC)
	var all []glucose.Reading
	for i := 30; i >= 0; i-- {
		all = append(all, glucose.Reading{Time: now.Add(-time.Duration(i)*5*time.Minute - 20*time.Second), Value: glucose.MgDL(130 - 2*i), Trend: glucose.Rising})
	}
	all = append(all, glucose.Reading{Time: now.Add(-12 * time.Minute), Value: 99, Origin: glucose.Graph})
	srv := httptest.NewServer(Handler(Served{
		Metrics: func() (string, string) { return "text/x", "130 # EOF" },
		Token:   "a-token", Now: func() time.Time { return now }, Unit: glucose.MmolPerL, Limits: glucose.DefaultLimits, Version: "1.0",
		Read: func(_ context.Context, from, to time.Time) (out []glucose.Reading, _ error) {
			for _, r := range all {
				if !r.Time.Before(from) && !r.Time.After(to) {
					out = append(out, r)
				}
			}
			return out, nil
		},
	}))
	t.Cleanup(srv.Close)
	return srv, now
}

func get(t *testing.T, url string, header ...string) (int, string) {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(b)
}

func TestServedEntries(t *testing.T) {
	srv, now := served(t)
	ask := func(path string) (out []shown) {
		code, body := get(t, srv.URL+path, "api-secret", "a-token")
		require.Equal(t, 200, code, body)
		require.NoError(t, json.Unmarshal([]byte(body), &out))
		return out
	}
	ten := ask("/api/v1/entries.json")
	require.Len(t, ten, 10)
	require.Equal(t, shown{
		ID: ten[0].ID, Device: "llutray", Date: 1772460300000, DateString: "2026-03-02T14:05:00.000Z", SGV: 130, Direction: "FortyFiveUp",
		Type: "sgv", SysTime: "2026-03-02T14:05:00.000Z", Mills: 1772460300000,
	}, ten[0])
	require.Len(t, ten[0].ID, 24)
	require.Len(t, ask("/api/v1/entries/sgv.json?count=3"), 3)
	require.Len(t, ask("/api/v1/entries.json?count=100"), 31)
	since := millis(now.Add(-15 * time.Minute))
	require.Len(t, ask("/api/v1/entries.json?count=100&find[date][$gte]="+since), 3)
	require.Len(t, ask("/api/v1/entries.json?count=100&find[date][$gt]=1772460000000"), 1)
	require.Len(t, ask("/api/v1/entries.json?count=100&find[dateString][$gte]=2026-03-02T14:00&find[type]=sgv"), 2)
	require.Len(t, ask("/api/v1/entries.json?count=100&find[date][$lte]=1772451600000"), 2)
	require.Equal(t, ten[:1], ask("/api/v1/entries/current.json"))
	require.Equal(t, ten[:1], ask("/api/v1/entries/current.json?now=1"))

	for _, q := range []string{"find[sgv][$gte]=170", "count=x", "find[date][$ne]=1", "find[date][$gte]=x", "where=1"} {
		code, _ := get(t, srv.URL+"/api/v1/entries.json?"+q, "api-secret", "a-token")
		require.Equal(t, 400, code, "%s: another question is not answered instead", q)
	}
	code, body := get(t, srv.URL+"/api/v1/entries?count=1", "api-secret", "a-token")
	require.Equal(t, 200, code)
	require.Equal(t, "\"2026-03-02T14:05:00.000Z\"\t1772460300000\t130\t\"FortyFiveUp\"\t\"llutray\"\n", body)
	code, body = get(t, srv.URL+"/pebble?units=mmol", "api-secret", "a-token")
	require.Equal(t, 200, code)
	require.JSONEq(t, `{"status":[{"now":1772460320000}],"cals":[],"bgs":[{"sgv":"7.2","trend":3,"direction":"FortyFiveUp","datetime":1772460300000,"bgdelta":"0.1"}]}`, body)
	code, body = get(t, srv.URL+"/api/v1/status.json", "api-secret", "a-token")
	require.Equal(t, 200, code)
	require.Contains(t, body, `"units":"mmol"`)
	code, body = get(t, srv.URL+"/metrics", "Authorization", "Bearer a-token")
	require.Equal(t, []any{200, "130 # EOF"}, []any{code, body})
}

func TestServedToNobodyElse(t *testing.T) {
	srv, _ := served(t)
	hash := sha1.Sum([]byte("a-token")) //nolint:gosec // as the widgets do it
	for _, ok := range [][]string{{"api-secret", "a-token"}, {"api-secret", hex.EncodeToString(hash[:])}, {"Authorization", "Bearer a-token"}} {
		code, _ := get(t, srv.URL+"/api/v1/entries.json", ok...)
		require.Equal(t, 200, code, ok)
	}
	code, _ := get(t, srv.URL+"/api/v1/entries.json?token=a-token")
	require.Equal(t, 200, code)
	for _, no := range [][]string{nil, {"api-secret", ""}, {"api-secret", "a-toke"}, {"Authorization", "Bearer "}} {
		for _, path := range []string{"/api/v1/entries.json", "/api/v1/status.json", "/api/v1/verifyauth", "/pebble", "/metrics", "/", "/api/v1/entries/current"} {
			code, body := get(t, srv.URL+path, no...)
			require.Equal(t, 401, code, "%s %v", path, no)
			require.NotContains(t, body, "130")
		}
	}
	code, _ = get(t, srv.URL+"/api/v1/entries.json", "api-secret", "a-token", "Host", "evil.example")
	require.Equal(t, 403, code)
	for _, method := range []string{"POST", "DELETE", "PUT"} {
		req, err := http.NewRequest(method, srv.URL+"/api/v1/entries.json", strings.NewReader("[]"))
		require.NoError(t, err)
		req.Header.Set("api-secret", "a-token")
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, 405, resp.StatusCode)
	}
	none := httptest.NewServer(Handler(Served{}))
	defer none.Close()
	code, _ = get(t, none.URL+"/pebble?token=")
	require.Equal(t, 401, code, "without a token nothing is served")
}

// What is served reads back as what it was, by our own source too.
func TestServedIsNightscout(t *testing.T) {
	srv, now := served(t)
	all, err := NewSource(Site{URL: srv.URL, Secret: "a-token-of-12-and-more"}, anna, func() time.Time { return now }).Current(t.Context())
	require.Error(t, err)
	require.Empty(t, all)
	long := httptest.NewServer(Handler(Served{Token: "a-token-of-12-and-more", Now: func() time.Time { return now }, Read: func(context.Context, time.Time, time.Time) ([]glucose.Reading, error) {
		return []glucose.Reading{{Time: now.Add(-time.Minute), Value: 62, Trend: glucose.FallingFast}}, nil
	}}))
	defer long.Close()
	all, err = NewSource(Site{URL: long.URL, Secret: "a-token-of-12-and-more"}, anna, func() time.Time { return now }).Current(t.Context())
	require.NoError(t, err)
	require.Equal(t, "62 ↓", all[0].Current.Text(glucose.MgPerDL))
}
