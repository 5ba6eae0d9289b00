package nightscouttest

import (
	"crypto/sha1" //nolint:gosec // only to make an identifier
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// v3 takes a JWT in the header Authorization and nothing else.
func (s *Server) v3(w http.ResponseWriter, r *http.Request, path string) {
	if path == "version" {
		reply(w, 200, map[string]any{"status": 200, "result": map[string]any{"version": "15.0.7", "apiVersion": "3.0.4"}})
		return
	}
	jwt, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	token, ok := s.jwts[jwt]
	if !ok {
		reply(w, 401, map[string]any{"status": 401, "message": "Missing or bad access token or JWT"})
		return
	}
	name, id, _ := strings.Cut(path, "/")
	switch {
	case path == "status":
		// Empty for a role of one's own, although it works.
		reply(w, 200, map[string]any{"status": 200, "result": map[string]any{"version": "15.0.7", "apiVersion": "3.0.4", "apiPermissions": map[string]any{}}})
	case path == "lastModified":
		reply(w, 200, map[string]any{"status": 200, "result": map[string]any{"collections": map[string]any{"entries": s.lastModified()}}})
	case name != "entries":
		reply(w, 404, map[string]any{"status": 404})
	case r.Method == http.MethodPost:
		s.v3Post(w, r, token)
	case r.Method == http.MethodDelete:
		if !s.may(w, token, "delete") {
			return
		}
		i := s.identified(id)
		if i < 0 {
			reply(w, 404, map[string]any{"status": 404})
			return
		}
		s.entries = slices.Delete(s.entries, i, i+1)
		s.deleted[id] = true
		reply(w, 200, map[string]any{"status": 200})
	case r.Method == http.MethodGet && id == "":
		if s.may(w, token, "read") {
			s.v3List(w, r)
		}
	case r.Method == http.MethodGet:
		if !s.may(w, token, "read") {
			return
		}
		since, isHistory := strings.CutPrefix(id, "history/")
		if isHistory {
			s.v3History(w, since)
			return
		}
		if s.deleted[id] {
			reply(w, 410, map[string]any{"status": 410})
			return
		}
		i := s.identified(id)
		if i < 0 {
			reply(w, 404, map[string]any{"status": 404})
			return
		}
		reply(w, 200, map[string]any{"status": 200, "result": s.entries[i]})
	}
}

func (s *Server) lastModified() (last int64) {
	for _, e := range s.entries {
		if n, ok := e["srvModified"].(int64); ok && n > last {
			last = n
		}
	}
	return last
}

func (s *Server) may(w http.ResponseWriter, token, what string) bool {
	need := "api:entries:" + what
	if slices.Contains(s.subjects[token], need) || slices.Contains(s.subjects[token], "*") {
		return true
	}
	reply(w, 403, map[string]any{"status": 403, "message": "Missing permission " + need})
	return false
}

func (s *Server) identified(id string) int {
	return slices.IndexFunc(s.entries, func(e Entry) bool { return id != "" && e["identifier"] == id })
}

func (s *Server) v3Post(w http.ResponseWriter, r *http.Request, token string) {
	if !s.may(w, token, "create") {
		return
	}
	body, _ := io.ReadAll(r.Body)
	var e Entry
	if json.Unmarshal(body, &e) != nil {
		reply(w, 400, map[string]any{"status": 400, "message": "Bad or missing request body"}) // also for an array
		return
	}
	if str(e["app"]) == "" {
		reply(w, 400, map[string]any{"status": 400, "message": "Bad or missing app field"})
		return
	}
	if millis(e) < 946684800000 {
		reply(w, 400, map[string]any{"status": 400, "message": "Bad or missing date field"})
		return
	}
	id := str(e["identifier"])
	if id == "" {
		sum := sha1.Sum([]byte(fmt.Sprint(str(e["device"]), millis(e), str(e["app"])))) //nolint:gosec // an identifier
		id = fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
		e["identifier"] = id
	}
	i := s.identified(id)
	if i < 0 {
		// The fallback sees only entries without an identifier, as v1 makes
		// them when it is given none.
		i = slices.IndexFunc(s.entries, func(x Entry) bool {
			_, has := x["identifier"]
			return !has && millis(x) == millis(e) && x["type"] == e["type"]
		})
	}
	if i >= 0 || s.deleted[id] {
		if !s.may(w, token, "update") {
			return
		}
		s.complete(e)
		if i >= 0 {
			e["_id"] = s.entries[i]["_id"]
			s.entries[i] = e
		}
		reply(w, 200, map[string]any{"status": 200, "isDeduplication": true, "deduplicatedIdentifier": id, "identifier": id, "lastModified": s.Now().UnixMilli()})
		return
	}
	s.complete(e)
	s.entries = append(s.entries, e)
	w.Header().Set("Location", "/api/v3/entries/"+id)
	reply(w, 201, map[string]any{"status": 201, "identifier": id, "lastModified": s.Now().UnixMilli()})
}

// v3List knows limit, sort$desc and FIELD$gte and the like.
func (s *Server) v3List(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	limit := 1000
	if v := q.Get("limit"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > 1000 {
			reply(w, 400, map[string]any{"status": 400, "message": "Parameter limit out of tolerance"})
			return
		}
		limit = n
	}
	found := []Entry{}
	for _, e := range s.entries {
		ok := true
		for k, v := range q {
			field, op, isOp := strings.Cut(k, "$")
			if isOp && field != "sort" {
				ok = ok && matches(e[field], "$"+op, v[0])
			}
		}
		if ok {
			found = append(found, clone(e))
		}
	}
	if q.Get("sort$desc") == "date" {
		slices.SortStableFunc(found, func(a, b Entry) int { return int(millis(b) - millis(a)) })
	}
	reply(w, 200, map[string]any{"status": 200, "result": found[:min(limit, len(found))]})
}

func (s *Server) v3History(w http.ResponseWriter, since string) {
	n, _ := strconv.ParseInt(since, 10, 64)
	found := []Entry{}
	for _, e := range s.entries {
		if at, ok := e["srvModified"].(int64); ok && at > n {
			found = append(found, clone(e))
		}
	}
	reply(w, 200, map[string]any{"status": 200, "result": found})
}
