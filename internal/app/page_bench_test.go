package app

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/history"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/tray"
)

// BenchmarkPage asks the page as a browser does, over five years of readings,
// one a minute, with the service's own history between them. What it is held
// to: 20 ms for a day's trace, 150 ms for the numbers of 90 days.
func BenchmarkPage(b *testing.B) {
	const n = 5 * 365 * 24 * 60
	now := time.Now().Truncate(time.Second)
	store, _, err := history.Open(filepath.Join(b.TempDir(), "history.db"))
	require.NoError(b, err)
	b.Cleanup(func() { _ = store.Close() })
	readings := make([]glucose.Reading, 0, n+n/15)
	for i := range n {
		at, v := now.Add(time.Duration(i-n)*time.Minute), glucose.MgDL(70+(i*7%1440)/10)
		readings = append(readings, glucose.Reading{Time: at, Value: v, Trend: glucose.Flat})
		if i%15 == 0 {
			readings = append(readings, glucose.Reading{Time: at.Add(7 * time.Second), Value: v, Origin: glucose.Graph})
		}
	}
	_, err = store.Append(b.Context(), glucose.Person{ID: "p1", Name: "Robin"}, readings)
	require.NoError(b, err)

	paths := settings.PathsUnder(b.TempDir())
	require.NoError(b, paths.Make())
	p := NewPage(PageOptions{Clock: SystemClock{}, Paths: paths, Store: store})
	b.Cleanup(p.Close)
	p.show(tray.View{Now: now, Unit: glucose.MmolPerL, Limits: glucose.DefaultLimits, People: []tray.Person{{ID: "p1", Chosen: true}}}, glance{})
	address, err := p.server.Address("")
	require.NoError(b, err)
	jar, _ := cookiejar.New(nil)
	browser := &http.Client{Jar: jar}
	opened, err := browser.Get(address)
	require.NoError(b, err)
	_ = opened.Body.Close()
	u := opened.Request.URL
	ask := func(b *testing.B, path, body string) {
		q, _ := http.NewRequest(http.MethodGet, u.String()+path[1:], nil)
		if body != "" {
			q, _ = http.NewRequest(http.MethodPost, u.String()+path[1:], strings.NewReader(body))
			q.Header.Set("Origin", "http://"+u.Host)
			q.Header.Set("Content-Type", "application/json")
		}
		resp, err := browser.Do(q)
		require.NoError(b, err)
		size, err := io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		require.NoError(b, err)
		require.Equal(b, 200, resp.StatusCode)
		b.ReportMetric(float64(size)/1024, "KiB")
	}
	for name, path := range map[string]string{
		"trace-24h": "/api/trace?hours=24", "stats-14d": "/api/stats?days=14", "stats-90d": "/api/stats?days=90",
		"days-14d": "/api/days?days=14", "days-90d": "/api/days?days=90", "report-90d": "/report?days=90",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				ask(b, path, "")
			}
		})
	}
	for name, body := range map[string]string{
		"replay-7d":  `{"days":7,"set":{"alarms.low.limit":"75"}}`,
		"replay-30d": `{"days":30,"set":{"alarms.low.limit":"75"}}`,
		"replay-90d": `{"days":90,"set":{"alarms.low.limit":"75"}}`,
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				ask(b, "/api/replay", body)
			}
		})
	}
}
