package page

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// protected are the headers of every answer.
var protected = map[string]string{
	"Content-Security-Policy": policy, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
	"Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
}

func requireProtected(t *testing.T, resp *http.Response) {
	t.Helper()
	for k, v := range protected {
		require.Equal(t, v, resp.Header.Get(k), k)
	}
	require.Empty(t, resp.Header.Get("Access-Control-Allow-Origin"))
}

func TestNothingListensBeforeAnybodyAsked(t *testing.T) {
	s := New(Options{Source: newFake()})
	require.Nil(t, s.listener)
	s.Changed()
	s.Close()
	_, err := s.Address("")
	require.ErrorIs(t, err, ErrClosed)
}

func TestListensOnLoopbackOnly(t *testing.T) {
	r := start(t, Options{})
	require.True(t, r.server.listener.Addr().(*net.TCPAddr).IP.IsLoopback())
}

// TestForged sends what another site, another program or another user of the
// computer could, and finds each of it refused and nothing done.
func TestForged(t *testing.T) {
	r := start(t, Options{})
	port := r.base[strings.LastIndexByte(r.base, ':')+1:]
	cookie := "llutray-" + port
	stranger := &http.Client{Transport: &http.Transport{}, CheckRedirect: r.browser.CheckRedirect}
	const ask = `{"key":"alarms.low.on","value":"false"}`
	for name, c := range map[string]struct {
		client *http.Client // nil for the browser that was let in
		method string       // POST when empty
		path   string       // /api/settings when empty
		head   map[string]string
		body   string
		status int
	}{
		"host of a rebound name":   {head: map[string]string{"Host": "evil.example:" + port}, status: 403},
		"host without the port":    {head: map[string]string{"Host": "127.0.0.1"}, status: 403},
		"host of another port":     {head: map[string]string{"Host": "127.0.0.1:1"}, status: 403},
		"host that only ends well": {head: map[string]string{"Host": "x.localhost:" + port}, status: 403},
		"another address of ours":  {head: map[string]string{"Host": "127.0.0.2:" + port}, status: 403},
		"rebound name reads":       {method: "GET", path: "/api/state", head: map[string]string{"Host": "evil.example:" + port}, status: 403},
		"rebound name opens":       {method: "GET", path: "/open?code=x", head: map[string]string{"Host": "evil.example:" + port}, status: 403},

		"no origin":              {head: map[string]string{"Origin": ""}, status: 403},
		"null origin":            {head: map[string]string{"Origin": "null"}, status: 403},
		"origin of another site": {head: map[string]string{"Origin": "http://evil.example"}, status: 403},
		"origin of another port": {head: map[string]string{"Origin": "http://127.0.0.1:1"}, status: 403},
		"origin over https":      {head: map[string]string{"Origin": "https://127.0.0.1:" + port}, status: 403},
		"origin by the other name": {
			head: map[string]string{"Origin": "http://localhost:" + port}, status: 403,
		},
		"cross-site":           {head: map[string]string{"Sec-Fetch-Site": "cross-site"}, status: 403},
		"same-site":            {head: map[string]string{"Sec-Fetch-Site": "same-site"}, status: 403},
		"a form by navigation": {head: map[string]string{"Sec-Fetch-Site": "none"}, status: 403},
		"cross-site read":      {method: "GET", path: "/api/state", head: map[string]string{"Sec-Fetch-Site": "cross-site"}, status: 403},
		"another port's read":  {method: "GET", path: "/api/state", head: map[string]string{"Sec-Fetch-Site": "same-site"}, status: 403},

		"no cookie":            {client: stranger, status: 401},
		"wrong cookie":         {client: stranger, head: map[string]string{"Cookie": cookie + "=" + random()}, status: 401},
		"empty cookie":         {client: stranger, head: map[string]string{"Cookie": cookie + "="}, status: 401},
		"cookie of other name": {client: stranger, head: map[string]string{"Cookie": "llutray=" + random()}, status: 401},
		"no cookie reads":      {client: stranger, method: "GET", path: "/api/state", status: 401},
		"no cookie listens":    {client: stranger, method: "GET", path: "/api/events", status: 401},
		"no cookie, the page":  {client: stranger, method: "GET", path: "/", status: 401},
		"no cookie, a script":  {client: stranger, method: "GET", path: "/assets/main.js", status: 401},
		"no cookie, report":    {client: stranger, method: "GET", path: "/report", status: 401},

		"form":               {head: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, status: 415},
		"plain text":         {head: map[string]string{"Content-Type": "text/plain"}, status: 415},
		"no content type":    {head: map[string]string{"Content-Type": ""}, status: 415},
		"oversized":          {body: `{"key":"` + strings.Repeat("x", maxBody) + `"}`, status: 413},
		"rubbish":            {body: `{"key`, status: 400},
		"unknown field":      {body: `{"key":"a","value":"b","more":1}`, status: 400},
		"two questions":      {body: ask + ask, status: 400},
		"nothing":            {body: " ", status: 400},
		"put":                {method: "PUT", status: 405},
		"delete":             {method: "DELETE", status: 405},
		"options":            {method: "OPTIONS", status: 405},
		"trace":              {method: "TRACE", status: 405},
		"head":               {method: "HEAD", path: "/api/state", status: 405},
		"get of an action":   {method: "GET", path: "/api/action", status: 405},
		"get of a sign-in":   {method: "GET", path: "/api/signin", status: 405},
		"get of a replay":    {method: "GET", path: "/api/replay", status: 405},
		"get of a sign-out":  {method: "GET", path: "/api/signout", status: 405},
		"post of the page":   {path: "/", status: 405},
		"post of the state":  {path: "/api/state", status: 405},
		"post of the opener": {path: "/open", status: 405},
		"no such answer":     {method: "GET", path: "/api/elsewhere", status: 404},
		"up from the assets": {method: "GET", path: "/assets/../../page.go", status: 404},
		"up, escaped":        {method: "GET", path: "/assets/..%2f..%2fserver.go", status: 404},
		"up, double escaped": {method: "GET", path: "/assets/%252e%252e/server.go", status: 404},
		"backslashes":        {method: "GET", path: `/assets/..%5c..%5cserver.go`, status: 404},
		"a folder":           {method: "GET", path: "/assets/", status: 404},
		"two slashes":        {method: "GET", path: "//assets/main.js", status: 404},
		"absolute":           {method: "GET", path: "/assets//etc/passwd", status: 404},
		"bad hours":          {method: "GET", path: "/api/trace?hours=25", status: 400},
		"bad hours again":    {method: "GET", path: "/api/trace?hours=-3", status: 400},
		"bad until":          {method: "GET", path: "/api/trace?until=tomorrow", status: 400},
		"bad days":           {method: "GET", path: "/api/days?days=91", status: 400},
		"bad stats":          {method: "GET", path: "/api/stats?days=0", status: 400},
		"bad log":            {method: "GET", path: "/api/log?days=1e3", status: 400},
		"bad report":         {method: "GET", path: "/report?days=x", status: 400},
	} {
		t.Run(name, func(t *testing.T) {
			client, method, path, body := r.browser, http.MethodPost, "/api/settings", ask
			if c.client != nil {
				client = c.client
			}
			if c.method != "" {
				method = c.method
			}
			if c.path != "" {
				path = c.path
			}
			if c.body != "" {
				body = c.body
			}
			var in io.Reader = strings.NewReader(body)
			head := r.own(c.head)
			if method == http.MethodGet || method == http.MethodHead {
				in = nil
				if c.head["Sec-Fetch-Site"] == "" {
					head["Sec-Fetch-Site"] = "same-origin"
				}
			}
			root := r.root
			if strings.HasPrefix(path, "/open") {
				root = r.base
			}
			resp := r.do(client, method, root+path, in, head)
			require.Equal(t, c.status, resp.StatusCode)
			requireProtected(t, resp)
			_, answer := text(t, resp)
			if method != http.MethodHead {
				require.Contains(t, answer, `"error":"`)
			}
			require.NotContains(t, answer, fakeName)
			require.NotContains(t, answer, "101")
		})
	}
	require.Empty(t, r.asked, "nothing was done")
}

// TestRawRequests sends what no HTTP client would.
func TestRawRequests(t *testing.T) {
	r := start(t, Options{})
	host := strings.TrimPrefix(r.base, "http://")
	for _, raw := range []string{
		"CONNECT evil.example:443 HTTP/1.1\r\nHost: " + host + "\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: " + host + "\r\n\r\n",
		"TRACE /api/state HTTP/1.1\r\nHost: " + host + "\r\n\r\n",
		"GET http://evil.example/api/state HTTP/1.1\r\nHost: " + host + "\r\n\r\n",
		"GET /assets/../server.go HTTP/1.1\r\nHost: " + host + "\r\n\r\n",
		"GET /api/state HTTP/1.0\r\n\r\n",
		"GET /api/state HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
		"GET /api/state HTTP/1.1\r\nHost: " + host + "\r\nX: " + strings.Repeat("x", 2*maxHeader) + "\r\n\r\n",
	} {
		c, err := net.Dial("tcp", host)
		require.NoError(t, err)
		_ = c.SetDeadline(time.Now().Add(10 * time.Second))
		_, err = c.Write([]byte(raw))
		require.NoError(t, err)
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		require.NoError(t, err, "%.40q", raw)
		require.GreaterOrEqual(t, resp.StatusCode, 400, "%.40q", raw)
		b, _ := io.ReadAll(resp.Body)
		require.NotContains(t, string(b), "5.6")
		_ = c.Close()
	}
}

func TestOpensOnceOnly(t *testing.T) {
	r := start(t, Options{})
	address := r.address()
	mine := newBrowser()
	ahead := r.do(mine, http.MethodGet, address, nil, map[string]string{"Sec-Purpose": "prefetch;prerender"})
	require.Equal(t, http.StatusServiceUnavailable, ahead.StatusCode, "a browser that guesses uses nothing up")
	resp := r.do(mine, http.MethodGet, address, nil, map[string]string{"Accept": "text/html", "Sec-Fetch-Site": "none"})
	require.Equal(t, http.StatusSeeOther, resp.StatusCode)
	place := resp.Header.Get("Location")
	require.Regexp(t, `^/[\w-]{43}/$`, place)
	requireProtected(t, resp)
	c := resp.Cookies()[0]
	require.True(t, c.HttpOnly)
	require.Equal(t, http.SameSiteStrictMode, c.SameSite)
	require.Equal(t, place, c.Path)
	require.Len(t, c.Value, 43, "32 random bytes")
	require.NotContains(t, address+place, c.Value)
	theirs := &rig{T: t, server: r.server, base: r.base, root: r.base + strings.TrimSuffix(place, "/"), browser: mine}
	status, _ := theirs.get("/api/state")
	require.Equal(t, 200, status)

	_, _, _, stream := theirs.stream()

	// Who comes second is told to open it again, and ends the first one's
	// session: nobody knows which of the two was the user.
	resp = r.do(newBrowser(), http.MethodGet, address, nil, map[string]string{"Accept": "text/html"})
	require.Equal(t, http.StatusUnauthorized, resp.StatusCode)
	requireProtected(t, resp)
	_, words := text(t, resp)
	require.Contains(t, words, "Choose “Open llutray…” from its menu again")
	require.NotContains(t, words, "<script")
	status, _ = theirs.get("/api/state")
	require.Equal(t, 401, status)
	r.change(func(s *State) { s.Trouble = "told to nobody" })
	r.server.Changed()
	rest, err := io.ReadAll(stream)
	require.NoError(t, err, "its stream ends")
	require.NotContains(t, string(rest), "told to nobody")
	status, _ = r.get("/api/state")
	require.Equal(t, 200, status, "other windows stay open")
}

func TestOpensAtAPart(t *testing.T) {
	r := start(t, Options{})
	for view, to := range map[string]string{"signin": "#signin", "//evil.example": "", "": ""} {
		a, err := r.server.Address(view)
		require.NoError(t, err)
		if view != "" && to == "" {
			a += "&view=" + url.QueryEscape(view)
		}
		resp := r.do(newBrowser(), http.MethodGet, a, nil, nil)
		require.Regexp(t, `^/[\w-]{43}/`+to+"$", resp.Header.Get("Location"))
	}
}

func TestCodesEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k keys
		first, second := k.code(time.Now()), k.code(time.Now())
		time.Sleep(codeLife)
		_, _, e := k.open(first, time.Now())
		require.Equal(t, opened, e, "to the second")
		time.Sleep(time.Nanosecond)
		_, _, e = k.open(second, time.Now())
		require.Equal(t, wrongCode, e)
	})
}

func TestWrongCodesAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k keys
		for range maxWrong {
			_, _, e := k.open(random(), time.Now())
			require.Equal(t, wrongCode, e)
		}
		_, _, e := k.open(random(), time.Now())
		require.Equal(t, tooMany, e)
		place, token, e := k.open(k.code(time.Now()), time.Now())
		require.Equal(t, opened, e, "nobody is locked out by others")
		require.True(t, k.admits(place, token))
		time.Sleep(wrongTime + time.Nanosecond)
		_, _, e = k.open(random(), time.Now())
		require.Equal(t, wrongCode, e)
	})
}

func TestSessionsAreBounded(t *testing.T) {
	var k keys
	now := time.Now()
	there, oldest, _ := k.open(k.code(now), now)
	var place, newest, before string
	for range maxSessions {
		before = place
		place, newest, _ = k.open(k.code(now), now)
	}
	require.False(t, k.admits(there, oldest))
	require.True(t, k.admits(place, newest))
	require.False(t, k.admits(before, newest), "at another session's place")
	require.False(t, k.admits(place, ""))
	require.False(t, k.admits("", newest))
	require.Len(t, k.codes, maxCodes)
}

func TestTooManyWrongCodes(t *testing.T) {
	r := start(t, Options{})
	var status int
	for range maxWrong + 1 {
		status, _ = text(t, r.do(newBrowser(), http.MethodGet, r.base+"/open?code="+random(), nil, nil))
	}
	require.Equal(t, http.StatusTooManyRequests, status)
}

// TestOtherPortsGetNoCookie: a browser sends the cookies of this computer to
// every port of it, but only where their path leads.
func TestOtherPortsGetNoCookie(t *testing.T) {
	r := start(t, Options{})
	for _, address := range []string{"http://127.0.0.1:1/", "http://127.0.0.1:1/api/state", "http://127.0.0.1:1/open?code=x", r.base + "/"} {
		u, err := url.Parse(address)
		require.NoError(t, err)
		require.Empty(t, r.browser.Jar.Cookies(u), address)
	}
	u, _ := url.Parse(r.root + "/api/state")
	cookie := r.browser.Jar.Cookies(u)[0].String()
	status, _ := text(t, r.do(newBrowser(), http.MethodGet, r.base+"/api/state", nil, map[string]string{"Cookie": cookie}))
	require.Equal(t, 401, status, "nor is it good elsewhere")
	other := start(t, Options{})
	status, _ = text(t, r.do(newBrowser(), http.MethodGet, other.root+"/api/state", nil, map[string]string{"Cookie": cookie}))
	require.Equal(t, 401, status)
}

// TestRestart: a cookie of the last run opens nothing.
func TestRestart(t *testing.T) {
	r := start(t, Options{})
	u, _ := url.Parse(r.root + "/")
	old := r.browser.Jar.Cookies(u)[0]
	r.server.Close()
	next := start(t, Options{})
	port := next.base[strings.LastIndexByte(next.base, ':')+1:]
	c := &http.Client{Transport: &http.Transport{}}
	status, _ := text(t, r.do(c, http.MethodGet, next.root+"/api/state", nil, map[string]string{
		"Cookie": fmt.Sprintf("llutray-%s=%s; %s=%s", port, old.Value, old.Name, old.Value),
	}))
	require.Equal(t, 401, status)
	_, err := r.browser.Get(r.root + "/api/state")
	require.Error(t, err, "nothing listens any more")
}

// TestNothingPersonalInTheLog asks everything, well and badly, with failures
// that are logged.
func TestNothingPersonalInTheLog(t *testing.T) {
	r := start(t, Options{})
	ask := func() {
		for _, p := range []string{"/", "/api/state", "/api/trace?hours=24", "/api/days", "/api/stats", "/api/night", "/api/log", "/api/settings", "/report?name=1", "/nowhere"} {
			_, _ = r.get(p)
		}
		_, _ = r.post("/api/signin", `{"email":"`+fakeEmail+`","password":"`+fakePassword+`","region":"","file":true}`)
		_, _ = r.post("/api/signin", `{"email":"`+fakeEmail+`","password":"`+fakePassword)
		_, _ = r.post("/api/settings", `{"key":"person","value":"`+fakeName+`"}`)
	}
	ask()
	r.err = io.ErrUnexpectedEOF
	ask()
	u, _ := url.Parse(r.root + "/")
	// A second or a port may look like a value.
	logged := regexp.MustCompile(`(time|port)=\S+`).ReplaceAllString(r.logged.String(), "")
	for _, secret := range []string{fakeName, "Particular", fakePassword, fakeEmail, "5.6", "101", u.Path, r.browser.Jar.Cookies(u)[0].Value} {
		require.NotContains(t, logged, secret)
	}
	require.Contains(t, logged, "unexpected EOF", "the failures are logged")
}
