package nightscout

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/nightscouttest"
)

// store is the history, for tests.
type store struct {
	mu  sync.Mutex
	all []glucose.Reading
}

func (s *store) read(_ context.Context, from time.Time) (out []glucose.Reading, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.all {
		if !r.Time.Before(from) {
			out = append(out, r)
		}
	}
	return out, nil
}

func (s *store) add(r ...glucose.Reading) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, r...)
	slices.SortFunc(s.all, func(a, b glucose.Reading) int { return a.Time.Compare(b.Time) })
}

func (w *world) sgvs() (out []any) {
	all := w.Entries()
	slices.SortFunc(all, func(a, b nightscouttest.Entry) int { return int(a["date"].(float64) - b["date"].(float64)) })
	for _, e := range all {
		out = append(out, e["sgv"])
	}
	return out
}

func TestUpload(t *testing.T) {
	apis(t, func(t *testing.T, w *world, site Site) {
		at := func(ago time.Duration, v glucose.MgDL) glucose.Reading {
			return glucose.Reading{Time: w.now.Add(-ago), Value: v, Trend: glucose.Rising}
		}
		var s store
		lo := at(time.Minute, 0)
		lo.Limit, lo.Trend = glucose.LimitLow, glucose.TrendUnknown
		foreign := at(30*time.Second, 77)
		foreign.Source = glucose.Nightscout // from the site itself
		s.add(at(25*time.Hour, 90), at(3*time.Hour, 100), at(2*time.Minute, 104), lo, foreign)
		u := NewUploader(site, s.read, w.clock, nil)
		require.NoError(t, u.Sync(t.Context()))
		require.Equal(t, []any{100.0, 104.0, 39.0}, w.sgvs(), "a day back and no further")
		e := w.Entries()[1]
		require.Equal(t, "FortyFiveUp", e["direction"])
		require.Equal(t, "llutray", e["device"])
		require.Equal(t, "2026-03-02T14:03:20.000Z", e["dateString"])
		_, identified := e["identifier"]
		require.Equal(t, site.API == V3, identified, "v3 would not know an entry of v1 again that has one")

		// Again, in this run and in the next.
		writes := func() (n int) {
			for _, r := range w.Requests() {
				if strings.HasPrefix(r, "POST") {
					n++
				}
			}
			return n
		}
		before := writes()
		require.NoError(t, u.Sync(t.Context()))
		require.NoError(t, NewUploader(site, s.read, w.clock, nil).Sync(t.Context()))
		require.Equal(t, before, writes())

		// A gap that the service's own history has filled later.
		late := at(90*time.Minute, 95)
		late.Origin = glucose.Graph
		s.add(late)
		require.NoError(t, u.Sync(t.Context()))
		require.Equal(t, []any{100.0, 95.0, 104.0, 39.0}, w.sgvs())

		// Another program has told the same moment.
		w.now = w.now.Add(10 * time.Minute)
		w.put(20*time.Second, 111.0, "Flat", "xDrip")
		s.add(at(40*time.Second, 110), at(3*time.Minute, 108))
		require.NoError(t, u.Sync(t.Context()))
		require.Equal(t, []any{100.0, 95.0, 104.0, 39.0, 108.0, 111.0}, w.sgvs())
	})
}

// The answer to an upload is lost: it is tried again, and there once.
func TestUploadLostAnswer(t *testing.T) {
	apis(t, func(t *testing.T, w *world, site Site) {
		var s store
		s.add(glucose.Reading{Time: w.now.Add(-time.Minute), Value: 100})
		u := NewUploader(site, s.read, w.clock, nil)
		w.Fail = func(rw http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPost {
				return false
			}
			w.Fail = nil
			w.ServeHTTP(discard{}, r)
			panic(http.ErrAbortHandler)
		}
		require.Error(t, u.Sync(t.Context()))
		require.NoError(t, u.Sync(t.Context()))
		require.Len(t, w.Entries(), 1)
	})
}

type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}

func TestUploadRefused(t *testing.T) {
	w := newWorld(t)
	w.AddSubject("reader-0123456789abcdef", "api:entries:read")
	var s store
	s.add(glucose.Reading{Time: w.now.Add(-time.Minute), Value: 100})
	for _, site := range []Site{
		{URL: w.URL, API: V3, Secret: "reader-0123456789abcdef"}, {URL: w.URL, Secret: "wrong-0123456789abcdef"}, {URL: w.URL},
	} {
		u := NewUploader(site, s.read, w.clock, nil)
		ctx, cancel := context.WithCancel(t.Context())
		var done sync.WaitGroup
		done.Go(func() { u.Run(ctx) })
		require.Eventually(t, func() bool { f := u.Fault(); return f != nil && f.Kind == glucose.WrongPassword }, 5*time.Second, 5*time.Millisecond)
		n := len(w.Requests())
		u.New()
		u.New()
		cancel()
		done.Wait()
		require.Len(t, w.Requests(), n, "a refusal is not pressed")
	}
	require.Empty(t, w.Entries())
}

func TestUploadRuns(t *testing.T) {
	w := newWorld(t)
	var s store
	u := NewUploader(Site{URL: w.URL, Secret: nightscouttest.Secret}, s.read, w.clock, nil)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var done sync.WaitGroup
	done.Go(func() { u.Run(ctx) })
	for i := range 3 {
		s.add(glucose.Reading{Time: w.now.Add(time.Duration(i-5) * time.Minute), Value: 100})
		u.New()
		require.Eventually(t, func() bool { return len(w.Entries()) == i+1 }, 5*time.Second, 5*time.Millisecond)
	}
	cancel()
	done.Wait()
	require.Nil(t, u.Fault())
}

func TestVerify(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, Verify(t.Context(), Site{URL: w.URL, Secret: nightscouttest.Secret}))
	require.NoError(t, Verify(t.Context(), Site{URL: w.URL, Secret: token}))
	require.NoError(t, Verify(t.Context(), Site{URL: w.URL, Secret: token, API: V3}))
	require.Error(t, Verify(t.Context(), Site{URL: w.URL, Secret: "the wrong secret"}), "the site answers 200 all the same")
	require.Error(t, Verify(t.Context(), Site{URL: w.URL}))
}
