package page

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzRequest asks anything of a page that listens, from outside and with the
// browser's cookie: nothing is done and nothing told without that, and no
// question ends the program.
func FuzzRequest(f *testing.F) {
	const own = "application/json"
	for _, path := range []string{"/", "/report?days=14&name=1", "/api/state", "/api/trace?hours=24&until=2026-03-14", "/api/days?days=3&width=328", "/api/stats?days=90", "/api/night", "/api/log?days=3", "/assets/texts.js", "/assets/..%2f..%2fserver.go", "//x/../api/state", "/open?code=x"} {
		f.Add("GET", path, "", "", true)
		f.Add("GET", path, "", "", false)
	}
	for path, body := range map[string]string{
		"/api/replay": `{"days":7,"set":{"alarms.low.limit":"80"}}`, "/api/settings": `{"key":"unit","value":"mg/dL"}`, "/api/signin": `{"email":"a","password":"b","region":"","file":true}`,
		"/api/signin/accept": `{}`, "/api/signout": `{}`, "/api/action": `{"kind":"snooze","key":"high","minutes":60}`,
	} {
		f.Add("POST", path, own, body, true)
		f.Add("POST", path, own, body, false)
		f.Add("POST", path, "text/plain", body[:len(body)-1], true)
	}
	fake := newFake()
	s := New(Options{Source: fake})
	f.Cleanup(s.Close)
	address, err := s.Address("")
	require.NoError(f, err)
	open, err := url.Parse(address)
	require.NoError(f, err)
	handler := s.serving.Handler
	first := httptest.NewRecorder()
	handler.ServeHTTP(first, httptest.NewRequest(http.MethodGet, address, nil))
	require.Equal(f, http.StatusSeeOther, first.Code)
	cookies, place := first.Result().Cookies(), strings.TrimSuffix(first.Result().Header.Get("Location"), "/")
	require.Len(f, cookies, 1)
	f.Fuzz(func(t *testing.T, method, path, kind, body string, admitted bool) {
		q, err := http.NewRequestWithContext(t.Context(), method, "http://"+open.Host+place+"/"+strings.TrimPrefix(path, "/"), strings.NewReader(body))
		if err != nil || strings.HasPrefix(path, "/api/events") { // which goes on for ever
			return
		}
		q.RemoteAddr = "127.0.0.1:1"
		q.Header.Set("Content-Type", kind)
		q.Header.Set("Origin", "http://"+open.Host)
		if admitted {
			q.AddCookie(cookies[0])
		}
		fake.mu.Lock()
		before := len(fake.asked)
		fake.mu.Unlock()
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, q)
		require.Contains(t, w.Header().Get("Content-Security-Policy"), "default-src 'none'") // the report has one of its own
		require.Empty(t, w.Header().Get("Access-Control-Allow-Origin"))
		fake.mu.Lock()
		asked := len(fake.asked) - before
		fake.mu.Unlock()
		if !admitted {
			require.Zero(t, asked, "done without a cookie")
			require.GreaterOrEqual(t, w.Code, 400)
			require.NotContains(t, w.Body.String(), fakeName)
			require.NotContains(t, w.Body.String(), "5.6")
		}
		if method != http.MethodPost {
			require.Zero(t, asked, "a question that changes something is a POST")
		}
		require.NotEqual(t, http.StatusInternalServerError, w.Code)
	})
}
