//go:build linux

package pagetest

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestForged sends what no page of the program's own would: another Host,
// another Origin, another token or none. All of it is refused, and the same
// request as it should be is answered.
func TestForged(t *testing.T) {
	t.Parallel()
	p := demo(t)
	address := p.address(t)
	u, err := url.Parse(address)
	require.NoError(t, err)
	origin := "http://" + u.Host
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	opened, err := (&http.Client{Jar: jar}).Get(address)
	require.NoError(t, err)
	_ = opened.Body.Close()
	root := strings.TrimSuffix(opened.Request.URL.String(), "/") // where the session is
	cookies := jar.Cookies(opened.Request.URL)
	require.Len(t, cookies, 1, "the page gives no cookie")

	ask := func(method, path string, change func(*http.Request)) int {
		r, err := http.NewRequestWithContext(t.Context(), method, root+path, strings.NewReader(`{"kind":"refresh"}`))
		require.NoError(t, err)
		r.AddCookie(cookies[0])
		if method == http.MethodPost {
			r.Header.Set("Origin", origin)
			r.Header.Set("Content-Type", "application/json")
		}
		if change != nil {
			change(r)
		}
		answer, err := (&http.Transport{}).RoundTrip(r)
		require.NoError(t, err)
		_ = answer.Body.Close() // unread: a stream of events has no end
		return answer.StatusCode
	}
	require.Equal(t, http.StatusOK, ask(http.MethodGet, "/api/state", nil))
	require.Equal(t, http.StatusOK, ask(http.MethodPost, "/api/action", nil))

	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	forged := map[string]func(*http.Request){
		"Host":            func(r *http.Request) { r.Host = "llutray.example:" + u.Port() },
		"port":            func(r *http.Request) { r.Host = "127.0.0.1:1" },
		"no token":        func(r *http.Request) { r.Header.Del("Cookie") },
		"wrong token":     header("Cookie", cookies[0].Name+"="+strings.Repeat("A", len(cookies[0].Value))),
		"other cookie":    header("Cookie", "llutray-1="+cookies[0].Value),
		"another site":    header("Sec-Fetch-Site", "cross-site"),
		"the same site":   header("Sec-Fetch-Site", "same-site"),
		"empty old token": header("Cookie", cookies[0].Name+"="),
	}
	root = origin
	require.Equal(t, http.StatusUnauthorized, ask(http.MethodGet, "/api/state", nil), "the cookie in another place")
	root = strings.TrimSuffix(opened.Request.URL.String(), "/")
	for what, change := range forged {
		for _, path := range []string{"/", "/api/state", "/api/events", "/api/settings", "/report?days=14"} {
			assert.Contains(t, []int{http.StatusUnauthorized, http.StatusForbidden}, ask(http.MethodGet, path, change), "%s: GET %s", what, path)
		}
	}
	forged["Origin"] = header("Origin", "http://127.0.0.1:1")
	forged["null Origin"] = header("Origin", "null")
	forged["no Origin"] = func(r *http.Request) { r.Header.Del("Origin") }
	for what, change := range forged {
		assert.Contains(t, []int{http.StatusUnauthorized, http.StatusForbidden}, ask(http.MethodPost, "/api/action", change), "%s: POST", what)
	}
	assert.Equal(t, http.StatusUnsupportedMediaType, ask(http.MethodPost, "/api/action", header("Content-Type", "text/plain")))

	// The code of the address opens the page once.
	b := browse(t, address, origin)
	b.excuse("401")
	b.reads("body", "llutray")
	assert.NotContains(t, b.text("body"), "Now")
}

// evil is what a hostile page on this very computer may try: its site is the
// same, for a port makes no difference to cookies.
const evil = `<!doctype html><title>evil</title><body><script>
const to = location.hash.slice(1);
const tries = {
	read: () => fetch(to + "/api/state", {credentials: "include"}).then(r => r.text()),
	blind: () => fetch(to + "/api/state", {credentials: "include", mode: "no-cors"}).then(r => r.type === "opaque" ? "" : r.text()),
	change: () => fetch(to + "/api/settings", {method: "POST", credentials: "include", headers: {"Content-Type": "application/json"}, body: '{"key":"alarms.low.on","value":"false"}'}).then(r => r.text()),
	simple: () => fetch(to + "/api/settings", {method: "POST", credentials: "include", mode: "no-cors", headers: {"Content-Type": "text/plain"}, body: '{"key":"alarms.low.on","value":"false"}'}).then(() => ""),
	signout: () => fetch(to + "/api/signout", {method: "POST", credentials: "include", mode: "no-cors", body: "{}"}).then(() => ""),
	events: () => new Promise(done => { const e = new EventSource(to + "/api/events", {withCredentials: true}); e.addEventListener("state", m => done(m.data)); e.onerror = () => { e.close(); done(""); }; }),
	socket: () => new Promise(done => { const w = new WebSocket(to.replace("http", "ws") + "/api/events"); w.onopen = () => done("open"); w.onerror = () => done(""); }),
	script: () => new Promise(done => { const s = document.createElement("script"); s.src = to + "/assets/main.js"; s.type = "module"; s.onload = () => done("loaded"); s.onerror = () => done(""); document.body.append(s); }),
	image: () => new Promise(done => { const i = new Image(); i.src = to + "/assets/icon.svg"; i.onload = () => done("loaded"); i.onerror = () => done(""); }),
	frame: () => new Promise(done => { const f = document.createElement("iframe"); f.src = to + "/"; f.onload = () => { let seen = ""; try { seen = f.contentDocument?.body.innerText ?? ""; } catch {} done(seen); }; document.body.append(f); }),
	form: () => new Promise(done => { const f = document.createElement("form"); f.method = "post"; f.enctype = "text/plain"; f.action = to + "/api/settings"; f.target = "sink";
		const i = document.createElement("input"); i.name = '{"key":"alarms.low.on","value":"false","x":"'; i.value = '"}'; f.append(i);
		const s = document.createElement("iframe"); s.name = "sink"; document.body.append(s, f); f.submit(); setTimeout(() => done(""), 500); }),
};
const limit = ms => new Promise(done => setTimeout(() => done(""), ms));
window.result = Promise.all(Object.entries(tries).map(async ([name, f]) => {
	try { return [name, await Promise.race([f(), limit(3000)])]; } catch { return [name, ""]; }
})).then(all => Object.fromEntries(all.filter(([, got]) => got)));
</script>`

// TestForeignPage lets a hostile page on another port try, in the browser that
// holds the cookie.
func TestForeignPage(t *testing.T) {
	t.Parallel()
	p := demo(t)
	b := open(t, p)
	b.until("a current value", current)
	cookies := make(chan string, 100)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cookies <- r.Header.Get("Cookie")
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, evil)
	}))
	t.Cleanup(site.Close)

	hostile := &tab{t: t, origin: b.origin}
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithListener(hostile.heard)) // shares the cookies
	t.Cleanup(cancel)
	hostile.ctx = ctx
	// Let it even know where the session is.
	hostile.do(chromedp.Navigate(site.URL + "/#" + b.origin + strings.TrimSuffix(eval[string](b, "location.pathname"), "/")))
	assert.Empty(t, <-cookies, "the browser gave the cookie to another port")
	got := eval[map[string]string](hostile, "window.result", chromedp.EvalAwaitPromise)
	assert.Empty(t, got, "a foreign page got through")
	hostile.mu.Lock()
	tried := strings.Join(hostile.requests, " ")
	hostile.mu.Unlock()
	for _, path := range []string{"/api/state", "/api/settings", "/api/signout", "/api/events", "/assets/main.js"} {
		assert.Contains(t, tried, path, "it was not even tried")
	}
	time.Sleep(200 * time.Millisecond)
	assert.True(t, eval[bool](b, `fetch("./api/settings").then(r => r.json()).then(a => a.sections.flatMap(s => s.keys).find(k => k.key === "alarms.low.on").value === "true")`, chromedp.EvalAwaitPromise), "a foreign page changed a setting")
	assert.True(t, eval[bool](b, current))
}
