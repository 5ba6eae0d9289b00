package nightscout

import (
	"context"
	"crypto/sha1" //nolint:gosec // Nightscout's widgets send it
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// Served says what a Handler serves.
type Served struct {
	Token string // asked of every request; none is served without one
	// Read returns the stored readings of one person between two times, oldest
	// first.
	Read    func(ctx context.Context, from, to time.Time) ([]glucose.Reading, error)
	Now     func() time.Time                  // nil for the computer's clock
	Metrics func() (contentType, text string) // what a collector reads at /metrics; nil for none
	Unit    glucose.Unit
	Limits  glucose.Limits
	Version string // of the program
}

// longest is the longest time that is looked back without a date in the
// question, and mostServed the most entries of one answer.
const (
	longest    = 48 * time.Hour
	mostServed = 10000
)

// Handler answers as Nightscout's interface v1 does to who only reads: entries,
// the current one, the status and the Pebble's summary. A question that it does
// not know in full it refuses, instead of answering another one.
func Handler(s Served) http.Handler {
	if s.Now == nil {
		s.Now = time.Now
	}
	mux := http.NewServeMux()
	for _, p := range []string{"/api/v1/entries.json", "/api/v1/entries/sgv.json"} {
		mux.HandleFunc("GET "+p, func(w http.ResponseWriter, r *http.Request) { s.entries(w, r, false) })
	}
	mux.HandleFunc("GET /api/v1/entries", func(w http.ResponseWriter, r *http.Request) { s.entries(w, r, true) })
	mux.HandleFunc("GET /api/v1/entries/sgv", func(w http.ResponseWriter, r *http.Request) { s.entries(w, r, true) })
	mux.HandleFunc("GET /api/v1/entries/current.json", func(w http.ResponseWriter, r *http.Request) { s.current(w, r, false) })
	mux.HandleFunc("GET /api/v1/entries/current", func(w http.ResponseWriter, r *http.Request) { s.current(w, r, true) })
	mux.HandleFunc("GET /api/v1/status.json", s.status)
	mux.HandleFunc("GET /api/v1/verifyauth", func(w http.ResponseWriter, _ *http.Request) {
		say(w, map[string]any{"status": 200, "message": map[string]any{"canRead": true, "canWrite": false, "isAdmin": false, "message": "OK", "rolefound": "FOUND", "permissions": "ROLE"}})
	})
	mux.HandleFunc("GET /pebble", s.pebble)
	if s.Metrics != nil {
		mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
			kind, text := s.Metrics()
			w.Header().Set("Content-Type", kind)
			_, _ = io.WriteString(w, text) // who asked has gone
		})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		switch {
		case !local(r.Host):
			// A page in a browser that has its own name point to this computer.
			http.Error(w, "this address is served to this computer only", http.StatusForbidden)
		case !s.allowed(r):
			refuse(w, http.StatusUnauthorized, "Unauthorized")
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			refuse(w, http.StatusMethodNotAllowed, "nothing can be changed here")
		default:
			mux.ServeHTTP(w, r)
		}
	})
}

func local(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// allowed takes the token as the widgets send it: in the address, as it is in
// the header api-secret, or hashed there, as they do with what they call the
// secret.
func (s Served) allowed(r *http.Request) bool {
	if s.Token == "" {
		return false
	}
	hash := sha1.Sum([]byte(s.Token)) //nolint:gosec // as the widgets do it
	same := func(a, b string) bool {
		x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
		return subtle.ConstantTimeCompare(x[:], y[:]) == 1
	}
	h := r.Header.Get("Api-Secret")
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return same(h, s.Token) || same(h, hex.EncodeToString(hash[:])) || same(r.URL.Query().Get("token"), s.Token) || same(bearer, s.Token)
}

func say(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(v) // who asked has gone
}

func refuse(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]any{"status": code, "message": text})
}

// shown is an entry as it is served.
type shown struct {
	ID         string `json:"_id"`
	Device     string `json:"device"`
	Date       int64  `json:"date"`
	DateString string `json:"dateString"`
	SGV        int    `json:"sgv"`
	Direction  string `json:"direction"`
	Type       string `json:"type"`
	UTCOffset  int    `json:"utcOffset"`
	SysTime    string `json:"sysTime"`
	Mills      int64  `json:"mills"`
}

func shownOf(r glucose.Reading) shown {
	d := documentOf(r, V1)
	sum := sha256.Sum256([]byte(identifier(r.Time)))
	return shown{
		ID: hex.EncodeToString(sum[:12]), Device: d.Device, Date: d.Date, DateString: d.DateString, SGV: d.SGV,
		Direction: d.Direction, Type: d.Type, SysTime: d.DateString, Mills: d.Date,
	}
}

// question is which entries are asked for.
type question struct {
	from, to time.Time
	count    int
}

// parse reads a question; what it does not know is an error.
func (s Served) parse(q url.Values) (a question, err error) {
	now := s.Now()
	a = question{from: now.Add(-longest), to: now.Add(time.Hour), count: 10}
	for k, v := range q {
		field, isFind := strings.CutPrefix(k, "find[")
		field, op, _ := strings.Cut(strings.TrimSuffix(field, "]"), "][")
		switch {
		case k == "token" || k == "now" || k == "_" || k == "t" || k == "units":
		case k == "count":
			if a.count, err = strconv.Atoi(v[0]); err != nil || a.count < 0 {
				return a, fmt.Errorf("count is a number")
			}
			a.count = min(a.count, mostServed)
		case isFind && field == "type" && v[0] == "sgv":
		case isFind && (field == "date" || field == "dateString" || field == "mills"):
			at, err := when(v[0])
			if err != nil {
				return a, err
			}
			switch op {
			case "$gte":
				a.from = at
			case "$gt":
				a.from = at.Add(time.Millisecond)
			case "$lte":
				a.to = at
			case "$lt":
				a.to = at.Add(-time.Millisecond)
			default:
				return a, fmt.Errorf("%s is not known here", k)
			}
		default:
			return a, fmt.Errorf("%s is not known here", k)
		}
	}
	return a, nil
}

func when(s string) (time.Time, error) {
	if ms, err := strconv.ParseFloat(s, 64); err == nil && ms >= 0 && ms < 4e12 {
		return time.UnixMilli(int64(ms)), nil
	}
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(form, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("a date is in milliseconds, or like 2026-01-31T12:00:00Z")
}

// list are the newest readings that are asked for, newest first.
func (s Served) list(ctx context.Context, a question) ([]glucose.Reading, error) {
	all, err := s.Read(ctx, a.from, a.to)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(slices.Clone(glucose.Merge(all)), func(r glucose.Reading) bool {
		return !r.Plausible() || r.Time.Before(a.from) || r.Time.After(a.to)
	})
	slices.Reverse(all)
	return all[:min(len(all), a.count)], nil
}

func (s Served) entries(w http.ResponseWriter, r *http.Request, table bool) {
	a, err := s.parse(r.URL.Query())
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	s.answer(w, r, a, table)
}

func (s Served) current(w http.ResponseWriter, r *http.Request, table bool) {
	now := s.Now()
	s.answer(w, r, question{now.Add(-longest), now.Add(time.Hour), 1}, table)
}

func (s Served) answer(w http.ResponseWriter, r *http.Request, a question, table bool) {
	all, err := s.list(r.Context(), a)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "the readings cannot be read")
		return
	}
	out := []shown{}
	for _, x := range all {
		out = append(out, shownOf(x))
	}
	if !table || strings.Contains(r.Header.Get("Accept"), "application/json") {
		say(w, out)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	for _, e := range out {
		_, _ = fmt.Fprintf(w, "%q\t%d\t%d\t%q\t%q\n", e.DateString, e.Date, e.SGV, e.Direction, e.Device)
	}
}

func (s Served) status(w http.ResponseWriter, _ *http.Request) {
	units := "mmol"
	if s.Unit == glucose.MgPerDL {
		units = "mg/dl"
	}
	now := s.Now()
	say(w, map[string]any{
		"status": "ok", "name": "llutray", "version": s.Version, "serverTime": now.UTC().Format("2006-01-02T15:04:05.000Z"),
		"serverTimeEpoch": now.UnixMilli(), "apiEnabled": true, "careportalEnabled": false, "boluscalcEnabled": false,
		"settings": map[string]any{"units": units, "timeFormat": 24, "thresholds": map[string]any{
			"bgHigh": s.Limits.UrgentHigh, "bgTargetTop": s.Limits.High, "bgTargetBottom": s.Limits.Low, "bgLow": s.Limits.UrgentLow,
		}},
	})
}

// arrows are the numbers of Nightscout's directions.
var arrows = map[glucose.Trend]int{glucose.RisingFast: 2, glucose.Rising: 3, glucose.Flat: 4, glucose.Falling: 5, glucose.FallingFast: 6}

// pebble is the summary that the watch faces began with.
func (s Served) pebble(w http.ResponseWriter, r *http.Request) {
	now := s.Now()
	count := 1
	if n, err := strconv.Atoi(r.URL.Query().Get("count")); err == nil {
		count = max(0, min(n, 288))
	}
	unit := glucose.MgPerDL
	if strings.HasPrefix(r.URL.Query().Get("units"), "mmol") {
		unit = glucose.MmolPerL
	}
	all, err := s.Read(r.Context(), now.Add(-longest), now.Add(time.Hour))
	if err != nil {
		refuse(w, http.StatusInternalServerError, "the readings cannot be read")
		return
	}
	bgs := []map[string]any{}
	series := glucose.Merge(all)
	for i := len(series) - 1; i >= 0 && len(bgs) < count; i-- {
		x := series[i]
		v := sgv(x)
		bg := map[string]any{"sgv": unit.Digits(glucose.MgDL(v)), "trend": arrows[x.Trend], "direction": direction(x.Trend), "datetime": x.Time.UnixMilli()}
		if len(bgs) == 0 {
			if d, ok := glucose.DeltaOf(series[:i+1]); ok {
				bg["bgdelta"] = unit.Digits(d.Change)
			}
		}
		bgs = append(bgs, bg)
	}
	say(w, map[string]any{"status": []any{map[string]any{"now": now.UnixMilli()}}, "bgs": bgs, "cals": []any{}})
}
