// Package nightscouttest is a Nightscout site for tests. It answers as a real
// Nightscout 15.0.7 was seen to answer, its traps included; what was not seen
// it does not do.
package nightscouttest

import (
	"crypto/sha1" //nolint:gosec // as Nightscout wants it
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Secret is the site's API secret, of the twelve characters that it demands.
const Secret = "open-sesame-please"

// SecretHash is how a client sends it.
func SecretHash() string {
	sum := sha1.Sum([]byte(Secret)) //nolint:gosec // as Nightscout wants it
	return hex.EncodeToString(sum[:])
}

// Entry is one document of the entries collection.
type Entry map[string]any

// Server is a Nightscout site on loopback.
type Server struct {
	*httptest.Server
	Now    func() time.Time
	Denied bool // AUTH_DEFAULT_ROLES=denied: nothing without credentials
	// Fail answers a request in place of the site, if it returns true.
	Fail func(w http.ResponseWriter, r *http.Request) bool

	mu       sync.Mutex
	entries  []Entry
	deleted  map[string]bool // identifiers
	subjects map[string][]string
	jwts     map[string]string // to access tokens
	requests []string
	serial   int
}

// New starts a site; Close ends it.
func New() *Server {
	s := &Server{Now: time.Now, deleted: map[string]bool{}, subjects: map[string][]string{}, jwts: map[string]string{}}
	s.Server = httptest.NewServer(s)
	return s
}

// AddSubject makes an access token with these permissions, as
// "api:entries:create"; "*" is all.
func (s *Server) AddSubject(token string, permissions ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.subjects[token] = permissions
}

// ExpireJWTs makes every JWT that was handed out invalid, as eight hours do.
func (s *Server) ExpireJWTs() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.jwts)
}

// Entries returns copies of all entries, in the order of the database.
func (s *Server) Entries() (out []Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.entries {
		out = append(out, clone(e))
	}
	return out
}

// Put stores an entry past the interface, as another uploader would.
func (s *Server) Put(e Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.complete(e)
	s.entries = append(s.entries, e)
}

// FailWith sets Fail while the server runs.
func (s *Server) FailWith(f func(w http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Fail = f
}

// Requests returns "METHOD path" of each request so far.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func clone(e Entry) Entry {
	out := Entry{}
	for k, v := range e {
		out[k] = v
	}
	return out
}

// ServeHTTP routes.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r.Method+" "+r.URL.Path)
	fail := s.Fail
	s.mu.Unlock()
	if fail != nil && fail(w, r) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/api/v3/"):
		s.v3(w, r, strings.TrimPrefix(path, "/api/v3/"))
	case strings.HasPrefix(path, "/api/v2/authorization/request/"):
		s.authorize(w, strings.TrimPrefix(path, "/api/v2/authorization/request/"))
	case path == "/api/v1/entries" && r.Method == http.MethodPost, path == "/api/v1/entries.json" && r.Method == http.MethodPost:
		s.v1Post(w, r)
	case (path == "/api/v1/entries.json" || path == "/api/v1/entries/sgv.json") && r.Method == http.MethodGet:
		s.v1Get(w, r)
	case path == "/api/v1/entries.json" && r.Method == http.MethodDelete:
		s.v1Delete(w, r)
	case path == "/api/v1/verifyauth":
		// 200 whatever came.
		if s.v1Auth(r) {
			reply(w, 200, map[string]any{"status": 200, "message": map[string]any{"canRead": true, "canWrite": true, "isAdmin": true, "message": "OK", "rolefound": "FOUND", "permissions": "ROLE"}})
			return
		}
		reply(w, 200, map[string]any{"status": 200, "message": map[string]any{"canRead": !s.Denied, "canWrite": false, "isAdmin": false, "message": "UNAUTHORIZED", "rolefound": "NOTFOUND", "permissions": "DEFAULT"}})
	case path == "/api/v1/experiments/test":
		if !s.v1Auth(r) {
			unauthorized(w)
			return
		}
		reply(w, 200, map[string]any{"status": "ok"})
	case path == "/api/v1/status.json":
		if s.Denied && !s.v1Auth(r) {
			unauthorized(w)
			return
		}
		reply(w, 200, map[string]any{
			"status": "ok", "name": "nightscout", "version": "15.0.7", "serverTime": stamp(s.Now()), "serverTimeEpoch": s.Now().UnixMilli(), "apiEnabled": true,
			"settings": map[string]any{"units": "mmol", "thresholds": map[string]any{"bgHigh": 260, "bgTargetTop": 180, "bgTargetBottom": 80, "bgLow": 55}},
		})
	default:
		http.NotFound(w, r)
	}
}

func reply(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v)
}

func unauthorized(w http.ResponseWriter) {
	reply(w, 401, map[string]any{"status": 401, "message": "Unauthorized", "description": "Invalid/Missing"})
}

// v1Auth takes the hash of the secret, never the secret itself, or an access
// token, in the header api-secret; a token also in the address.
func (s *Server) v1Auth(r *http.Request) bool {
	h := r.Header.Get("api-secret")
	if h == SecretHash() {
		return true
	}
	_, ok := s.subjects[h]
	if !ok {
		_, ok = s.subjects[r.URL.Query().Get("token")]
	}
	return ok
}

func (s *Server) authorize(w http.ResponseWriter, token string) {
	if _, ok := s.subjects[token]; !ok {
		unauthorized(w)
		return
	}
	s.serial++
	jwt := fmt.Sprintf("eyJ.%d.sig", s.serial)
	s.jwts[jwt] = token
	reply(w, 200, map[string]any{"token": jwt, "sub": "llutray", "iat": s.Now().Unix(), "exp": s.Now().Add(8 * time.Hour).Unix()})
}

// complete adds what the server adds to each entry.
func (s *Server) complete(e Entry) {
	s.serial++
	e["_id"] = fmt.Sprintf("%024x", s.serial)
	at := millis(e)
	if t, err := time.Parse(time.RFC3339Nano, str(e["dateString"])); err == nil {
		at = t.UnixMilli()
	}
	e["sysTime"] = stamp(time.UnixMilli(at))
	e["utcOffset"] = 0
	e["srvModified"] = s.Now().UnixMilli()
	if _, ok := e["type"]; !ok {
		e["type"] = "sgv"
	}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func millis(e Entry) int64 {
	switch v := e["date"].(type) {
	case float64:
		return int64(v)
	case int64:
		return v
	case int:
		return int64(v)
	}
	return 0
}

func str(v any) string {
	s, _ := v.(string)
	return s
}

func (s *Server) v1Post(w http.ResponseWriter, r *http.Request) {
	if !s.v1Auth(r) {
		unauthorized(w)
		return
	}
	body, _ := io.ReadAll(r.Body)
	var list []Entry
	if err := json.Unmarshal(body, &list); err != nil {
		var one Entry
		if json.Unmarshal(body, &one) != nil {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, "SyntaxError: Unexpected token\n    at JSON.parse (<anonymous>)\n    at parse (/opt/app/node_modules/body-parser/lib/types/json.js:92:19)")
			return
		}
		list = []Entry{one}
	}
	out := []Entry{}
	for _, e := range list {
		s.complete(e)
		// The key is sysTime and type; an identifier is stored and is none.
		i := slices.IndexFunc(s.entries, func(x Entry) bool { return x["sysTime"] == e["sysTime"] && x["type"] == e["type"] })
		if i < 0 {
			s.entries = append(s.entries, e)
			out = append(out, clone(e))
			continue
		}
		e["_id"] = s.entries[i]["_id"]
		s.entries[i] = e
		again := clone(e)
		delete(again, "_id") // the answer to an overwriting has none
		out = append(out, again)
	}
	reply(w, 200, out)
}

func (s *Server) v1Get(w http.ResponseWriter, r *http.Request) {
	if s.Denied && !s.v1Auth(r) {
		unauthorized(w)
		return
	}
	q := r.URL.Query()
	count := 10
	if n, err := strconv.Atoi(q.Get("count")); err == nil {
		count = n
	}
	found := s.find(q)
	if byDate(q) || !strings.Contains(r.URL.RawQuery, "find") {
		slices.SortStableFunc(found, func(a, b Entry) int { return int(millis(b) - millis(a)) })
	}
	// Without a date in the question the order is that of the database, from
	// the oldest: far from the newest.
	if len(found) > count {
		found = found[:count]
	}
	if found == nil {
		found = []Entry{}
	}
	reply(w, 200, found)
}

// v1Delete deletes all that match: count does not limit it.
func (s *Server) v1Delete(w http.ResponseWriter, r *http.Request) {
	if !s.v1Auth(r) {
		unauthorized(w)
		return
	}
	gone := s.find(r.URL.Query())
	s.entries = slices.DeleteFunc(s.entries, func(e Entry) bool {
		return slices.ContainsFunc(gone, func(x Entry) bool { return x["_id"] == e["_id"] })
	})
	reply(w, 200, map[string]any{"n": len(gone), "ok": 1})
}

func byDate(q map[string][]string) bool {
	for k := range q {
		if strings.HasPrefix(k, "find[date") {
			return true
		}
	}
	return false
}

// find knows find[FIELD] and find[FIELD][$gte|$gt|$lte|$lt].
func (s *Server) find(q map[string][]string) (out []Entry) {
	for _, e := range s.entries {
		ok := true
		for k, v := range q {
			inner, found := strings.CutPrefix(k, "find[")
			if !found {
				continue
			}
			field, op, _ := strings.Cut(strings.TrimSuffix(inner, "]"), "][")
			ok = ok && matches(e[field], op, v[0])
		}
		if ok {
			out = append(out, clone(e))
		}
	}
	return out
}

func matches(have any, op, want string) bool {
	c := strings.Compare(fmt.Sprint(have), want)
	if n, err := strconv.ParseFloat(want, 64); err == nil {
		f, isNumber := number(have)
		if !isNumber {
			return false
		}
		c = 0
		if f != n {
			c = 1
		}
		if f < n {
			c = -1
		}
	}
	switch op {
	case "$gte":
		return c >= 0
	case "$gt":
		return c > 0
	case "$lte":
		return c <= 0
	case "$lt":
		return c < 0
	}
	return c == 0
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	}
	return 0, false
}
