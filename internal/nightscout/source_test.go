package nightscout

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/nightscouttest"
)

const token = "llutray-0123456789abcdef"

var anna = glucose.Person{ID: "a", Name: "Anna"}

// world is a site with a clock.
type world struct {
	*nightscouttest.Server
	t   *testing.T
	now time.Time
}

func newWorld(t *testing.T) *world {
	w := &world{Server: nightscouttest.New(), t: t, now: time.Date(2026, 3, 2, 14, 5, 20, 0, time.UTC)}
	w.Server.Now = w.clock
	w.AddSubject(token, "api:entries:read", "api:entries:create", "api:entries:update")
	t.Cleanup(w.Close)
	return w
}

func (w *world) clock() time.Time { return w.now }

// put stores an entry of another program, that long ago.
func (w *world) put(ago time.Duration, sgv any, direction, device string) {
	at := w.now.Add(-ago)
	w.Put(nightscouttest.Entry{"type": "sgv", "sgv": sgv, "date": float64(at.UnixMilli()), "dateString": at.Format(time.RFC3339Nano), "direction": direction, "device": device})
}

// apis runs a test with each interface.
func apis(t *testing.T, f func(t *testing.T, w *world, s Site)) {
	for _, c := range []struct {
		name   string
		api    API
		secret string
	}{{"v1 with the secret", V1, nightscouttest.Secret}, {"v1 with a token", V1, token}, {"v3", V3, token}} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			f(t, w, Site{URL: w.URL + "/", Secret: c.secret, API: c.api})
		})
	}
}

func TestSource(t *testing.T) {
	apis(t, func(t *testing.T, w *world, site Site) {
		w.put(10*time.Minute, 110.0, "Flat", "xDrip")
		w.put(20*time.Second, 62.0, "FortyFiveDown", "xDrip") // stored out of order
		w.put(5*time.Minute, 71.0, "SingleDown", "xDrip")
		w.put(5*time.Minute+2*time.Second, 99.0, "Flat", "other")
		w.put(15*time.Minute, 5.0, "NONE", "xDrip") // an error code of the sensor
		s := NewSource(site, anna, w.clock)
		all, err := s.Current(t.Context())
		require.NoError(t, err)
		require.Len(t, all, 1)
		require.Equal(t, anna, all[0].Person)
		require.Equal(t, glucose.Reading{Time: w.now.Add(-20 * time.Second), Value: 62, Trend: glucose.Falling, Source: glucose.Nightscout}, *all[0].Current)
		require.Equal(t, []glucose.Reading{
			{Time: w.now.Add(-10 * time.Minute), Value: 110, Trend: glucose.Flat, Source: glucose.Nightscout},
			{Time: w.now.Add(-5*time.Minute - 2*time.Second), Value: 99, Trend: glucose.Flat, Origin: glucose.Graph, Source: glucose.Nightscout},
			{Time: w.now.Add(-5 * time.Minute), Value: 71, Trend: glucose.FallingFast, Source: glucose.Nightscout},
		}, all[0].History, "what another program told beside it is no live value")
		if site.API == V1 {
			require.Equal(t, glucose.Account{Unit: glucose.MmolPerL, TargetLow: 80, TargetHigh: 180, AlarmLow: 55, AlarmHigh: 260}, all[0].Account)
		}
		snap, err := s.Graph(t.Context(), "a")
		require.NoError(t, err)
		require.Equal(t, all[0], snap)
	})
}

func TestSourceOfADay(t *testing.T) {
	apis(t, func(t *testing.T, w *world, site Site) {
		for i := range 1500 {
			w.put(time.Duration(i)*time.Minute, 100.0+float64(i%50), "Flat", "phone")
		}
		snap, err := NewSource(site, anna, w.clock).Graph(t.Context(), "a")
		require.NoError(t, err)
		require.Len(t, snap.History, 1440)
		require.True(t, snap.History[0].Time.Before(snap.History[1].Time))
	})
}

func TestSourceThatLags(t *testing.T) {
	apis(t, func(t *testing.T, w *world, site Site) {
		s := NewSource(site, anna, w.clock)
		all, err := s.Current(t.Context())
		require.NoError(t, err)
		require.Nil(t, all[0].Current, "a new site")
		w.put(30*24*time.Hour, 123.0, "Flat", "xDrip")
		all, err = s.Current(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 123, all[0].Current.Value, "the last there was, with its age")
		require.Equal(t, 30*24*time.Hour, all[0].Current.Age(w.now))
	})
}

func TestSourceFromTheFuture(t *testing.T) {
	w := newWorld(t)
	s := NewSource(Site{URL: w.URL}, glucose.Person{}, w.clock)
	require.True(t, strings.HasPrefix(s.PersonID(), "nightscout:127.0.0.1:"))
	w.put(-10*time.Minute, 200.0, "Flat", "wrong clock")
	all, err := s.Current(t.Context())
	require.NoError(t, err)
	require.Nil(t, all[0].Current)
	require.Equal(t, 10*time.Minute, all[0].FutureBy)
	w.put(time.Minute, 100.0, "Flat", "right clock")
	all, err = s.Current(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 100, all[0].Current.Value, "one wrong clock hides no other")
	require.Zero(t, all[0].FutureBy)
}

func TestEntries(t *testing.T) {
	at := float64(time.Date(2026, 3, 2, 14, 5, 0, 0, time.UTC).UnixMilli())
	for _, c := range []struct {
		name string
		e    entry
		want string // "" for none
	}{
		{"mg/dL", entry{SGV: 104, Direction: "FortyFiveUp"}, "104 ↗"},
		{"a fraction", entry{SGV: 103.6, Direction: "Flat"}, "104 →"},
		{"mmol/L", entry{SGV: 5.8, Units: "mmol/l", Direction: "DoubleUp"}, "104 ↑"},
		{"LOW", entry{SGV: 39}, "LO"}, {"lowest", entry{SGV: 40}, "40"},
		{"HIGH", entry{SGV: 401}, "HI"}, {"a Libre's high", entry{SGV: 480}, "480"}, {"beyond", entry{SGV: 501}, "HI"},
		{"error code", entry{SGV: 12}, ""}, {"zero", entry{}, ""}, {"calibration", entry{Type: "cal", SGV: 104}, ""},
		{"not computable", entry{SGV: 104, Direction: "NOT COMPUTABLE"}, "104"}, {"no date", entry{SGV: 104, Date: 1}, ""},
		{"absurd", entry{SGV: 1e300}, "HI"}, {"negative", entry{SGV: -1e300}, ""},
	} {
		if c.e.Date == 0 {
			c.e.Date = at
		}
		r, ok := c.e.reading()
		require.Equal(t, c.want != "", ok, c.name)
		if ok {
			require.Equal(t, c.want, r.Text(glucose.MgPerDL), c.name)
		}
	}
	for trend := glucose.FallingFast; trend <= glucose.RisingFast; trend++ {
		require.Equal(t, trend, parseDirection(direction(trend)))
	}
	require.Equal(t, glucose.TrendUnknown, parseDirection(direction(glucose.TrendUnknown)))
}

func FuzzEntries(f *testing.F) {
	f.Add([]byte(`[{"type":"sgv","sgv":104,"date":1700000000000,"direction":"Flat"},{"sgv":"104","date":"x"},null,[]]`))
	f.Add([]byte(`[{"sgv":1e999,"date":-1}]`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var list []entry
		if json.Unmarshal(b, &list) != nil {
			return
		}
		last := time.Time{}
		for _, r := range readings(list) {
			if !r.Plausible() || r.Time.Before(last) || r.Source != glucose.Nightscout {
				t.Fatalf("%+v", r)
			}
			last = r.Time
		}
	})
}

func TestFaults(t *testing.T) {
	status := func(code int, body string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Retry-After", "90")
			w.WriteHeader(code)
			_, _ = w.Write([]byte(body))
			return true
		}
	}
	apis(t, func(t *testing.T, w *world, site Site) {
		for _, c := range []struct {
			name string
			fail func(http.ResponseWriter, *http.Request) bool
			kind glucose.FaultKind
		}{
			{"refused", status(401, "{}"), glucose.WrongPassword}, {"not permitted", status(403, "{}"), glucose.WrongPassword},
			{"no such page", status(404, "<html>"), glucose.Closed}, {"moved", status(301, ""), glucose.Closed},
			{"asleep", status(503, "<html>Application error"), glucose.Maintenance}, {"crashed", status(500, "Error: at x.js:1"), glucose.ServerError},
			{"too many", status(429, ""), glucose.Throttled}, {"a page", status(200, "<html>"), glucose.ServerError}, {"null", status(200, "null"), glucose.ServerError},
			{"hangs up", func(w http.ResponseWriter, _ *http.Request) bool { panic(http.ErrAbortHandler) }, glucose.ServerError},
		} {
			if c.name == "null" && site.API == V1 {
				continue // an empty list, for all that is known
			}
			w.Fail = c.fail
			_, err := NewSource(site, anna, w.clock).Current(t.Context())
			var f *glucose.Fault
			require.ErrorAs(t, err, &f, c.name)
			require.Equal(t, c.kind, f.Kind, c.name)
			require.NotContains(t, f.Message+f.Hint+errorText(f.Err), "0123456789abcdef", c.name)
			require.NotContains(t, f.Message+f.Hint+errorText(f.Err), nightscouttest.Secret, c.name)
			if c.kind == glucose.Throttled {
				require.Equal(t, w.now.Add(90*time.Second), f.Until)
			}
		}
	})
	w := newWorld(t)
	w.Denied = true
	_, err := NewSource(Site{URL: w.URL, Secret: "this is the wrong one"}, anna, w.clock).Current(t.Context())
	require.Equal(t, glucose.WrongPassword, glucose.AsFault(err).Kind)
	_, err = NewSource(Site{URL: w.URL, API: V3, Secret: "wrong-0123456789abcdef"}, anna, w.clock).Current(t.Context())
	require.Equal(t, glucose.WrongPassword, glucose.AsFault(err).Kind)
	w.Close()
	_, err = NewSource(Site{URL: w.URL, API: V3, Secret: token}, anna, w.clock).Current(t.Context())
	require.NotContains(t, errorText(glucose.AsFault(err).Err), "0123456789abcdef", "the token is in the address that is asked")
	_, err = NewSource(Site{URL: "https://nightscout.invalid"}, anna, w.clock).Current(t.Context())
	require.Equal(t, glucose.Offline, glucose.AsFault(err).Kind)
	ctx, cancel := context.WithTimeout(t.Context(), -1)
	defer cancel()
	_, err = NewSource(Site{URL: w.URL}, anna, w.clock).Current(ctx)
	require.Error(t, err)
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestTokenIsRenewed(t *testing.T) {
	w := newWorld(t)
	s := NewSource(Site{URL: w.URL, API: V3, Secret: token}, anna, w.clock)
	signIns := func() (n int) {
		for _, r := range w.Requests() {
			if strings.HasPrefix(r, "GET /api/v2/authorization/request/") {
				n++
			}
		}
		return n
	}
	for range 3 {
		_, err := s.Current(t.Context())
		require.NoError(t, err)
	}
	require.Equal(t, 1, signIns())
	w.now = w.now.Add(8 * time.Hour)
	_, err := s.Current(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, signIns(), "before it ends")
	w.ExpireJWTs()
	_, err = s.Current(t.Context())
	require.NoError(t, err)
	require.Equal(t, 3, signIns(), "when it was refused, once")
}

func TestSiteCheck(t *testing.T) {
	for _, s := range []Site{
		{}, {URL: "my-site.example"}, {URL: "http://my-site.example"}, {URL: "https://x:s3cret-s3cret@my-site.example"}, {URL: "https://my-site.example/?token=s3cret"},
		{URL: "https://a.example", API: V3, Secret: "s3cret s3cret s3cret"}, {URL: "https://a.example", Secret: "s3cret"},
	} {
		err := s.Check()
		require.Error(t, err, s.URL)
		require.NotContains(t, err.Error(), "s3cret")
	}
	for _, s := range []Site{{URL: "https://a.example"}, {URL: "http://192.168.1.5:1337", Secret: nightscouttest.Secret}, {URL: "http://localhost:1337", API: V3, Secret: token}} {
		require.NoError(t, s.Check())
	}
	_, err := NewSource(Site{URL: "http://a.example", Secret: token}, anna, nil).Current(t.Context())
	require.True(t, glucose.AsFault(err).Kind.NeedsUser(), "nothing is sent in clear")
}
