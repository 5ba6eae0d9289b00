package libretest

import (
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
)

// exchange is one request on its way to an answer.
type exchange struct {
	r        *http.Request
	now      time.Time
	endpoint string
	region   string
	id       string // of the person or step in the path
	body     []byte
	claims   claims
}

func (x *exchange) token() string {
	kind, token, _ := strings.Cut(x.r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") {
		return ""
	}
	return token
}

// authenticated reports an endpoint that wants a token.
func (x *exchange) authenticated() bool {
	switch x.endpoint {
	case EndpointConnections, EndpointGraph, EndpointLogbook, EndpointUser, EndpointAccount:
		return true
	}
	return false
}

// route finds the endpoint in the path, after the base path and perhaps one
// segment that is the region.
func (s *Server) route(r *http.Request) *exchange {
	x := &exchange{r: r, now: s.o.Now(), endpoint: EndpointOther}
	path, ok := strings.CutPrefix(r.URL.Path, s.o.BasePath+"/")
	if !ok {
		return x
	}
	if x.endpoint, x.id = endpoint(path); x.endpoint != EndpointOther {
		return x
	}
	region, path, _ := strings.Cut(path, "/")
	if x.endpoint, x.id = endpoint(path); x.endpoint != EndpointOther {
		x.region = region
	}
	return x
}

func endpoint(path string) (name, id string) {
	part := strings.Split(path, "/")
	switch {
	case path == "llu/auth/login":
		return EndpointLogin, ""
	case path == "llu/connections":
		return EndpointConnections, ""
	case path == "llu/config/country":
		return EndpointConfig, ""
	case path == "user":
		return EndpointUser, ""
	case path == "account":
		return EndpointAccount, ""
	case path == "elsewhere":
		return EndpointElsewhere, ""
	case len(part) == 3 && part[0] == "auth" && part[1] == "continue":
		return EndpointContinue, part[2]
	case len(part) == 4 && part[0] == "llu" && part[1] == "connections" && part[3] == "graph":
		return EndpointGraph, part[2]
	case len(part) == 4 && part[0] == "llu" && part[1] == "connections" && part[3] == "logbook":
		return EndpointLogbook, part[2]
	}
	return EndpointOther, ""
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if s.o.Control && strings.HasPrefix(r.URL.Path, s.o.BasePath+controlPath) {
		s.control(w, r)
		return
	}
	x := s.route(r)
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	if err != nil {
		http.Error(w, "unreadable body", http.StatusBadRequest)
		return
	}
	x.body = body

	s.mu.Lock()
	number := s.record.add(Request{
		Time: x.now, Method: r.Method, Path: r.URL.Path, Endpoint: x.endpoint, Region: x.region,
		Scenario: s.script.Name, Token: r.Header.Get("Authorization") != "", AccountID: r.Header.Get("Account-Id") != "",
		Product: r.Header.Get("product"), Version: r.Header.Get("version"), UserAgent: r.UserAgent(),
	})
	a := s.answer(x)
	if a.rest == nil {
		// Before the client has read the answer and can ask again.
		s.record.finish(number, a.status)
		s.mu.Unlock()
	} else {
		s.mu.Unlock()
		defer func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.record.finish(number, a.status)
		}()
	}
	s.log.Debug("request", "endpoint", x.endpoint, "region", x.region, "status", a.status)
	w.Header().Set("Date", x.now.UTC().Format(http.TimeFormat))
	a.write(w, r, s.leave)
}

// answer decides, with s.mu held.
func (s *Server) answer(x *exchange) *answer {
	switch x.endpoint {
	case EndpointOther:
		return notFound()
	case EndpointElsewhere:
		return reply(http.StatusOK, obj{"status": 0})
	}
	if want := method(x.endpoint); x.r.Method != want {
		return reply(http.StatusMethodNotAllowed, obj{"message": "Method Not Allowed"}).with("Allow", want)
	}
	if wait := s.overLimit(x.now); wait > 0 {
		return tooMany(wait)
	}
	if s.script.gate != nil {
		if a := s.script.gate(s, x); a != nil {
			return a
		}
	}
	a := s.dispatch(x)
	if s.script.spoil != nil {
		s.script.spoil(a)
	}
	return a
}

func method(endpoint string) string {
	if endpoint == EndpointLogin || endpoint == EndpointContinue {
		return http.MethodPost
	}
	return http.MethodGet
}

func (s *Server) overLimit(now time.Time) time.Duration {
	limit := s.o.RateLimit
	if limit.Requests <= 0 {
		return 0
	}
	recent := &s.record.recent
	*recent = slices.DeleteFunc(*recent, func(t time.Time) bool { return now.Sub(t) >= limit.Window })
	if len(*recent) >= limit.Requests {
		return (*recent)[0].Add(limit.Window).Sub(now)
	}
	*recent = append(*recent, now)
	return 0
}

func (s *Server) dispatch(x *exchange) *answer {
	switch x.endpoint {
	case EndpointConfig:
		return s.config()
	case EndpointLogin, EndpointContinue:
		if a := checkApp(x); a != nil {
			return a
		}
		kind, _, _ := mime.ParseMediaType(x.r.Header.Get("Content-Type"))
		if len(x.body) > 0 && kind != "application/json" {
			return reply(http.StatusUnsupportedMediaType, obj{"message": "Unsupported Media Type"})
		}
		if x.endpoint == EndpointLogin {
			return s.login(x)
		}
		return s.proceed(x)
	}
	if a := s.authorize(x); a != nil {
		return a
	}
	if s.misplaced(x) {
		return couldNotLoadPatient()
	}
	return s.data(x)
}

func couldNotLoadPatient() *answer {
	return reply(http.StatusOK, obj{"error": obj{"message": "couldNotLoadPatient"}, "status": 4})
}
