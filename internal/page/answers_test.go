package page

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/report"
)

// ok asks for an answer and reads it.
func ok[T any](r *rig, path string) (v T) {
	r.Helper()
	status, body := r.get(path)
	require.Equal(r, 200, status, body)
	require.NoError(r, json.Unmarshal([]byte(body), &v))
	return v
}

func TestState(t *testing.T) {
	r := start(t, Options{})
	st := ok[State](r, "/api/state")
	require.Equal(t, "5.6", st.Reading.Text)
	require.Equal(t, fakeNow.Add(9*time.Minute), *st.StaleAt)
	require.Equal(t, int64(30), *st.AgeSeconds)
}

func TestTrace(t *testing.T) {
	r := start(t, Options{})
	tr := ok[traceAnswer](r, "/api/trace?hours=3")
	require.Equal(t, fakeNow.Add(-3*time.Hour), tr.From)
	require.Equal(t, fakeNow, tr.To)
	require.Len(t, tr.Points, 180)
	require.Equal(t, point{fakeNow.Add(-3 * time.Hour), 101, "5.6", "in", "flat", "live"}, tr.Points[0])
	require.True(t, strings.HasPrefix(tr.SVG, "<svg"))
	require.NotContains(t, tr.SVG, "style=", "the policy forbids it")
	require.Greater(t, tr.Plot.Right, tr.Plot.Left)
	require.Equal(t, []mark{{fakeNow.Add(-time.Hour), "low", "Low", "low", "Low 3.7: first time; seen"}}, tr.Alarms, "what was held back is no mark")
	require.NotEmpty(t, tr.Summary)

	require.Len(t, ok[traceAnswer](r, "/api/trace?hours=24").Points, 24*60)
	before := ok[traceAnswer](r, "/api/trace?hours=3&until="+url.QueryEscape(fakeNow.Add(-21*time.Hour).Format(time.RFC3339)))
	require.Equal(t, fakeNow.Add(-21*time.Hour), before.To)
	require.Len(t, before.Points, 180)
	require.Equal(t, fakeNow, ok[traceAnswer](r, "/api/trace?until=2030-01-01").To, "the future is not asked for")
}

// TestWidths: letters in a picture are as large as the page's at any width.
func TestWidths(t *testing.T) {
	r := start(t, Options{})
	tr := ok[traceAnswer](r, "/api/trace?hours=3&width=328")
	require.Contains(t, tr.SVG, `viewBox="0 0 328 200"`)
	require.InDelta(t, 328, tr.Plot.Width, 0)
	require.Contains(t, ok[traceAnswer](r, "/api/trace").SVG, `viewBox="0 0 720 320"`)
	require.Contains(t, ok[struct{ SVG string }](r, "/api/night?width=328").SVG, `viewBox="0 0 328 200"`)
	require.Contains(t, ok[struct{ Days []dayRow }](r, "/api/days?days=1&width=328").Days[0].SVG, `viewBox="0 0 328 `)
	require.Contains(t, ok[numbersAnswer](r, "/api/stats?width=328").AGP.SVG, `viewBox="0 0 328 200"`)
	for _, path := range []string{"/api/trace", "/api/night", "/api/days", "/api/stats"} {
		status, _ := r.get(path + "?width=99999")
		require.Equal(t, http.StatusBadRequest, status, path)
	}
}

func TestDays(t *testing.T) {
	r := start(t, Options{})
	type answer struct{ Days []dayRow }
	days := ok[answer](r, "/api/days?days=3").Days
	require.Len(t, days, 3)
	require.Equal(t, []string{"2026-03-14", "2026-03-13", "2026-03-12"}, []string{days[0].Date, days[1].Date, days[2].Date})
	require.Equal(t, 720, days[0].Summary.Count)
	require.InDelta(t, 100, days[0].Summary.InRange, 0.01)
	require.Nil(t, days[2].Summary, "a day without readings is no day without lows")
	require.Equal(t, "2026-03-13", ok[answer](r, "/api/days?days=1&until=2026-03-13").Days[0].Date)
}

// TestDaysOfTheUsersZone: a day is one of the wall clock, 23 hours long when
// the clocks go forward.
func TestDaysOfTheUsersZone(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	r := start(t, Options{})
	noon := time.Date(2026, 3, 29, 12, 0, 0, 0, berlin)
	r.change(func(s *State) { s.Here = noon })
	r.readings = nil
	for at := noon.Add(-36 * time.Hour); at.Before(noon); at = at.Add(time.Minute) {
		r.readings = append(r.readings, glucose.Reading{Time: at.UTC(), Value: 101})
	}
	days := ok[struct{ Days []dayRow }](r, "/api/days?days=2").Days
	require.Equal(t, "2026-03-29", days[0].Date)
	require.Equal(t, 11*60, days[0].Summary.Count)
	require.Equal(t, 24*60, days[1].Summary.Count)
}

func TestNumbers(t *testing.T) {
	r := start(t, Options{})
	n := ok[numbersAnswer](r, "/api/stats?days=14")
	require.Equal(t, 1440, n.Metrics.Count)
	require.Equal(t, "5.6", n.Metrics.MeanText)
	require.Nil(t, n.Metrics.GMI, "a day is too little for it")
	require.False(t, n.Enough)
	require.NotEmpty(t, n.Why)
	require.Nil(t, n.Previous)
	require.Empty(t, n.Change)
	require.Len(t, n.Goals, 6)
	require.True(t, *n.Goals[0].Met)
	require.Contains(t, n.AGP.SVG, "<svg")
	require.Contains(t, n.Bar.SVG, "<svg")

	r.readings = nil
	for at := fakeNow.AddDate(0, 0, -28); at.Before(fakeNow); at = at.Add(5 * time.Minute) {
		v := glucose.MgDL(120)
		if fakeNow.Sub(at) < time.Hour {
			v = 50
		}
		r.readings = append(r.readings, glucose.Reading{Time: at, Value: v})
	}
	n = ok[numbersAnswer](r, "/api/stats?days=14")
	require.True(t, n.Enough)
	require.Empty(t, n.Why)
	require.NotNil(t, n.Metrics.GMI)
	require.NotNil(t, n.Previous)
	require.Contains(t, n.Change, "two weeks before")
	require.Equal(t, counts{Low: 1, VeryLow: 1}, n.Episodes)
	require.Equal(t, 7, ok[numbersAnswer](r, "/api/stats?days=7").Days)
	require.Contains(t, ok[numbersAnswer](r, "/api/stats?days=7").Why, "14 days")
}

// TestGoalsHaveTheirOwnBorders: colours of the user's own do not move a goal.
func TestGoalsHaveTheirOwnBorders(t *testing.T) {
	r := start(t, Options{})
	r.change(func(s *State) { s.Ranges.High = 100 })
	n := ok[numbersAnswer](r, "/api/stats?days=1")
	require.InDelta(t, 100, n.Metrics.Above, 0.01)
	require.InDelta(t, 100, n.Goals[0].Value, 0.01)
	require.True(t, *n.Goals[0].Met)
}

func TestNothingMeasured(t *testing.T) {
	r := start(t, Options{})
	r.readings = nil
	n := ok[numbersAnswer](r, "/api/stats")
	require.Nil(t, n.Metrics)
	require.Nil(t, n.Goals[0].Met)
	require.NotEmpty(t, n.Why)
	require.Empty(t, ok[traceAnswer](r, "/api/trace").Points)
	status, _ := r.get("/report")
	require.Equal(t, 200, status)
}

func TestNightAndLog(t *testing.T) {
	r := start(t, Options{})
	night := ok[struct {
		Sentence, SVG string
		From, To      time.Time
		Alarms        []LogEntry
	}](r, "/api/night")
	require.Contains(t, night.Sentence, "Last night")
	require.Equal(t, time.Date(2026, 3, 13, 22, 0, 0, 0, time.UTC), night.From)
	require.Contains(t, night.SVG, "<svg")
	require.Empty(t, night.Alarms)

	entries := ok[struct{ Entries []LogEntry }](r, "/api/log?days=1").Entries
	require.Equal(t, []string{"low", "high"}, []string{entries[0].Kind, entries[1].Kind}, "newest first")
	require.False(t, entries[1].Said)
}

func TestReport(t *testing.T) {
	r := start(t, Options{})
	resp := r.do(r.browser, http.MethodGet, r.root+"/report?days=14", nil, nil)
	require.Equal(t, 200, resp.StatusCode)
	require.Contains(t, resp.Header.Get("Content-Security-Policy"), "style-src "+report.StyleHash())
	require.NotContains(t, resp.Header.Get("Content-Security-Policy"), "unsafe")
	require.Equal(t, "no-store", resp.Header.Get("Cache-Control"))
	_, body := text(t, resp)
	require.NotContains(t, body, fakeName, "only if asked")
	_, body = r.get("/report?days=14&name=1")
	require.Contains(t, body, fakeName)
}

func TestWishes(t *testing.T) {
	r := start(t, Options{})
	for _, c := range []struct {
		path, body, answer string
		asked              any
	}{
		{"/api/settings", `{"key":"unit","value":"mg/dL"}`, `{}`, [2]string{"unit", "mg/dL"}},
		{"/api/action", `{"kind":"snooze","key":"high","minutes":60}`, `{"text":"Done."}`, Action{Kind: "snooze", Key: "high", Minutes: 60}},
		{"/api/action", `{"kind":"autostart","on":true}`, `{"text":"Done."}`, Action{Kind: "autostart", On: true}},
		{
			"/api/signin", `{"email":"a@example.org","password":"p","region":"ru","file":true}`,
			`{"status":"step","step":{"title":"Terms of use"},"people":null,"offer":null,"message":""}`,
			SignIn{"a@example.org", "p", "ru", true, ""},
		},
		{"/api/signin/accept", `{}`, `{"status":"ok","step":null,"people":null,"offer":null,"message":""}`, "accept"},
		{"/api/signout", `{}`, `{}`, "sign out"},
		{"/api/signout", `{"account":"mum"}`, `{}`, "sign out mum"},
		{"/api/replay", `{"days":14,"set":{"alarms.low.limit":"75"}}`, `{"days":14,"rows":null,"now":3,"then":5,"sentence":"","list":null}`, ReplayQuestion{14, map[string]string{"alarms.low.limit": "75"}}},
	} {
		r.asked = nil
		status, body := r.post(c.path, c.body)
		require.Equal(t, 200, status, body)
		require.Equal(t, c.answer, body)
		require.Equal(t, []any{c.asked}, r.asked)
	}
	for _, bad := range []string{`{"days":0}`, `{"days":91}`, `{"days":-1}`} {
		status, _ := r.post("/api/replay", bad)
		require.Equal(t, 400, status)
	}
	status, body := r.get("/api/settings")
	require.Equal(t, 200, status)
	require.Contains(t, body, `"path":"/x"`)
}

// TestReasons: what the user can mend is told, what not is kept for the log.
func TestReasons(t *testing.T) {
	r := start(t, Options{})
	r.err = &Problem{"12 is not allowed.", "Use 60 to 100."}
	for _, p := range []string{"/api/settings", "/api/action", "/api/signin", "/api/signin/accept", "/api/signout", "/api/replay"} {
		status, body := r.post(p, `{}`)
		require.Equal(t, 422, status, p)
		require.JSONEq(t, `{"error":"12 is not allowed.","hint":"Use 60 to 100."}`, body)
	}
	r.err = errors.New("disk image is malformed")
	for _, p := range []string{"/api/trace", "/api/days", "/api/stats", "/api/night", "/api/log", "/api/settings", "/report"} {
		status, body := r.get(p)
		require.Equal(t, 500, status, p)
		require.NotContains(t, body, "malformed")
		require.Contains(t, body, "look into the log")
	}
	require.Contains(t, r.logged.String(), "malformed")
}

// TestReplaysWait: one simulation at a time, and none for a page that left.
func TestReplaysWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.hold = make(chan struct{})
		s := New(Options{Source: f})
		ask := func(ctx context.Context) chan int {
			done := make(chan int, 1)
			go func() {
				w := httptest.NewRecorder()
				s.replay(w, httptest.NewRequestWithContext(ctx, http.MethodPost, "/api/replay", strings.NewReader(`{"days":30}`)))
				done <- w.Body.Len()
			}()
			synctest.Wait()
			return done
		}
		first := ask(t.Context())
		gone, leave := context.WithCancel(t.Context())
		second := ask(gone)
		require.Equal(t, []any{"replay begins"}, f.asked, "the second waits its turn")
		leave()
		require.Zero(t, <-second)
		require.Equal(t, []any{"replay begins"}, f.asked)
		gone, leave = context.WithCancel(t.Context())
		third := ask(gone)
		f.hold <- struct{}{}
		require.NotZero(t, <-first)
		synctest.Wait()
		require.Len(t, f.asked, 3, "its turn has come")
		leave()
		require.Zero(t, <-third)
		require.Equal(t, "replay ends", f.asked[3], "what is under way for a page that left ends")
	})
}

func TestStatic(t *testing.T) {
	r := start(t, Options{})
	byName := strings.Replace(r.address(), "127.0.0.1", "localhost", 1)
	other := newBrowser()
	let := r.do(other, http.MethodGet, byName, nil, nil)
	require.Equal(t, http.StatusSeeOther, let.StatusCode)
	for client, root := range map[*http.Client]string{r.browser: r.root + "/", other: strings.Replace(r.base, "127.0.0.1", "localhost", 1) + let.Header.Get("Location")} {
		resp := r.do(client, http.MethodGet, root, nil, nil)
		require.Equal(t, 200, resp.StatusCode)
		require.Equal(t, "text/html; charset=utf-8", resp.Header.Get("Content-Type"))
		requireProtected(t, resp)
	}
	for name, f := range files {
		status, body := r.get(name)
		require.Equal(t, 200, status, name)
		require.Equal(t, string(f.text), body)
		require.NotEqual(t, "application/octet-stream", f.kind, "%s: say what it is", name)
	}
}

// TestPageObeysItsPolicy: what the policy would silently drop, and what would
// ask another computer, is in no file.
func TestPageObeysItsPolicy(t *testing.T) {
	html := string(files["/"].text)
	require.NotContains(t, html, "style=")
	require.NotContains(t, html, "<style")
	require.NotRegexp(t, `<script[^>]*>[^<\s]`, html)
	require.NotRegexp(t, `\son[a-z]+=`, html)
	for name, f := range files {
		require.NotRegexp(t, `https?://[a-z0-9.-]*[a-z]/?`, strings.NewReplacer(
			"http://www.w3.org", "", "https://www.librelinkup.com", "").Replace(string(f.text)), name)
	}
}

func FuzzQuestions(f *testing.F) {
	for _, s := range []string{
		`{"days":7,"set":{"a":"b"}}`, `{"email":"a","password":"b","region":"","file":true}`, `{"key":"k","value":"v"}`,
		`{"kind":"snooze","key":"high","minutes":60,"on":false}`, `{}`, `[]`, `null`, `{"days":1e9}`, `{} {}`, "\xff",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		for _, v := range []any{&ReplayQuestion{}, &SignIn{}, &Action{}, &struct{}{}} {
			w := httptest.NewRecorder()
			q := httptest.NewRequest(http.MethodPost, "/api/x", strings.NewReader(body))
			if good := read(w, q, v); good == (w.Body.Len() > 0) {
				t.Fatalf("taken: %v, and answered %q", good, w.Body)
			}
			if w.Body.Len() > 0 && !json.Valid(w.Body.Bytes()) {
				t.Fatalf("not JSON: %q", w.Body)
			}
		}
	})
}

func FuzzQuery(f *testing.F) {
	for _, s := range []string{"hours=3", "until=2026-01-01", "until=2026-03-14T12:00:00Z", "hours=99999999999999999999", "hours=3&hours=4", "%", "until=9999-99-99"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, query string) {
		q, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		if n, ok := number(q, "hours", 3, 24, 3); ok && (n < 3 || n > 24) {
			t.Fatal(n)
		}
		if at, ok := instant(q, "until", time.UTC); ok && !at.IsZero() && (at.Year() < 2000 || at.Year() > 2200) {
			t.Fatal(at)
		}
	})
}
