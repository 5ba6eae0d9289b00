package page

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// fake is a program with a fixed state; it remembers what it was asked.
type fake struct {
	mu       sync.Mutex
	state    State
	readings []glucose.Reading
	log      []LogEntry
	err      error // of everything that can fail
	asked    []any
	hold     chan struct{} // a replay waits for it, or for its context
}

// The names, values and secrets of the fake must not be found in a log.
const (
	fakeName     = "Quentin Particular"
	fakePassword = "open-sesame-77"
	fakeEmail    = "quentin@example.org"
)

var fakeNow = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// newFake has a day of readings at 101 mg/dL each minute, and one low.
func newFake() *fake {
	age, stale := int64(30), fakeNow.Add(9*time.Minute)
	f := &fake{state: State{
		Schema: 1, Now: fakeNow, Zone: "UTC", Speed: 1, Unit: "mmol/L",
		Person: &Person{ID: "1", Name: fakeName}, People: []Row{{"1", fakeName, "5.6 →", true}},
		Reading: &Reading{Time: fakeNow.Add(-30 * time.Second), MgDL: 101, Text: "5.6"}, AgeSeconds: &age, StaleAt: &stale,
		Here: fakeNow, Measure: glucose.MmolPerL, Ranges: glucose.DefaultLimits,
	}}
	for at := fakeNow.Add(-24 * time.Hour); at.Before(fakeNow); at = at.Add(time.Minute) {
		f.readings = append(f.readings, glucose.Reading{Time: at, Value: 101, Trend: glucose.Flat})
	}
	f.log = []LogEntry{
		{Time: fakeNow.Add(-2 * time.Hour), Kind: "high", Label: "High", Level: "high", Reason: "quiet time"},
		{Time: fakeNow.Add(-time.Hour), Kind: "low", Label: "Low", Level: "low", Said: true, Reason: "first time", Value: "3.7", Answer: "seen"},
	}
	return f
}

func (f *fake) note(v any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, v)
	return f.err
}

func (f *fake) change(g func(*State)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	g(&f.state)
}

func (f *fake) State() State {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state
}

func (f *fake) Readings(_ context.Context, from, to time.Time) (out []glucose.Reading, _ error) {
	for _, r := range f.readings {
		if !r.Time.Before(from) && r.Time.Before(to) {
			out = append(out, r)
		}
	}
	return out, f.err
}

func (f *fake) Log(_ context.Context, from, to time.Time) (out []LogEntry, _ error) {
	for _, e := range f.log {
		if !e.Time.Before(from) && e.Time.Before(to) {
			out = append(out, e)
		}
	}
	return out, f.err
}

func (f *fake) Night(context.Context, time.Time, time.Time) (string, error) {
	return "Last night: 5.6 to 5.6, no alarms, no gaps", f.err
}

func (f *fake) Replay(ctx context.Context, q ReplayQuestion) (Replay, error) {
	if f.hold != nil {
		_ = f.note("replay begins")
		select {
		case <-f.hold:
		case <-ctx.Done():
			_ = f.note("replay ends")
			return Replay{}, ctx.Err()
		}
	}
	return Replay{Days: q.Days, Now: 3, Then: 5}, f.note(q)
}

func (f *fake) Settings(context.Context) (Settings, error) { return Settings{Path: "/x"}, f.err }
func (f *fake) Set(_ context.Context, key, value string) error {
	return f.note([2]string{key, value})
}
func (f *fake) Do(_ context.Context, a Action) (string, error) { return "Done.", f.note(a) }
func (f *fake) SignIn(_ context.Context, q SignIn) (SignInAnswer, error) {
	return SignInAnswer{Status: LegalStep, Step: &Step{"Terms of use"}}, f.note(q)
}

func (f *fake) Accept(context.Context) (SignInAnswer, error) {
	return SignInAnswer{Status: SignedIn}, f.note("accept")
}
func (f *fake) SignOut(_ context.Context, account string) error {
	return f.note(strings.TrimSpace("sign out " + account))
}

// rig is a server that listens, and a browser that was let in.
type rig struct {
	*testing.T
	*fake
	server  *Server
	base    string // of the server
	root    string // of the browser's session, without the slash at its end
	browser *http.Client
	logged  *syncBuffer
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func start(t *testing.T, o Options) *rig {
	r := &rig{T: t, fake: newFake(), logged: &syncBuffer{}}
	o.Source, o.Log = r.fake, slog.New(slog.NewTextHandler(r.logged, &slog.HandlerOptions{Level: slog.LevelInfo}))
	r.server = New(o)
	t.Cleanup(r.server.Close)
	r.browser = newBrowser()
	resp := r.do(r.browser, http.MethodGet, r.address(), nil, nil)
	require.Equal(t, http.StatusSeeOther, resp.StatusCode)
	r.root = r.base + strings.TrimSuffix(resp.Header.Get("Location"), "/")
	return r
}

// newBrowser keeps cookies and follows no redirect.
func newBrowser() *http.Client {
	jar, _ := cookiejar.New(nil)
	return &http.Client{
		Jar: jar, Timeout: 20 * time.Second, Transport: &http.Transport{},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (r *rig) address() string {
	a, err := r.server.Address("")
	require.NoError(r, err)
	u, err := url.Parse(a)
	require.NoError(r, err)
	r.base = "http://" + u.Host
	return a
}

// do makes a request; head changes headers, Host among them.
func (r *rig) do(c *http.Client, method, address string, body io.Reader, head map[string]string) *http.Response {
	r.Helper()
	q, err := http.NewRequestWithContext(r.Context(), method, address, body)
	require.NoError(r, err)
	for k, v := range head {
		if k == "Host" {
			q.Host = v
		} else {
			q.Header.Set(k, v)
		}
	}
	resp, err := c.Do(q)
	require.NoError(r, err)
	r.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

func (r *rig) get(path string) (int, string) {
	r.Helper()
	return text(r, r.do(r.browser, http.MethodGet, r.root+path, nil, nil))
}

// post asks as the page's own script does.
func (r *rig) post(path, body string) (int, string) {
	r.Helper()
	return text(r, r.do(r.browser, http.MethodPost, r.root+path, strings.NewReader(body), r.own(nil)))
}

func (r *rig) own(change map[string]string) map[string]string {
	h := map[string]string{"Origin": r.base, "Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}
	for k, v := range change {
		h[k] = v
	}
	return h
}

func text(t require.TestingT, resp *http.Response) (int, string) {
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(b)
}
