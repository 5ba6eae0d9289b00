package libretest

import (
	"maps"
	"slices"
	"time"
)

// Endpoints, as Request.Endpoint and Counts name them.
const (
	EndpointLogin       = "login"
	EndpointContinue    = "continue"
	EndpointConnections = "connections"
	EndpointGraph       = "graph"
	EndpointLogbook     = "logbook"
	EndpointConfig      = "config"
	EndpointUser        = "user"
	EndpointAccount     = "account"
	EndpointElsewhere   = "elsewhere" // where http_redirect sends a client that follows it
	EndpointOther       = "other"     // nothing the service has
)

// Request is what a client asked.
type Request struct {
	Time       time.Time // by Options.Now
	Method     string
	Path       string
	Endpoint   string
	Region     string // of the path, "" if it has none
	Scenario   string
	Status     int  // answered; 0 while it is being answered, or if the client left
	Concurrent int  // requests being answered at the time, this one included
	Token      bool // an Authorization header came with it
	AccountID  bool // an Account-Id header came with it
	Product    string
	Version    string
	UserAgent  string
}

// record keeps the newest requests; counts are of all of them.
type record struct {
	list   []Request
	from   int // number of the first in list
	counts map[string]int
	busy   int
	recent []time.Time // for the rate limit
}

// A demo left running for weeks must not grow.
const mostRequests = 50_000

func (c *record) add(r Request) int {
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	c.busy++
	r.Concurrent = c.busy
	c.counts[r.Endpoint]++
	if len(c.list) >= mostRequests {
		c.list = slices.Delete(c.list, 0, mostRequests/2)
		c.from += mostRequests / 2
	}
	c.list = append(c.list, r)
	return c.from + len(c.list) - 1
}

func (c *record) finish(number, status int) {
	c.busy--
	if i := number - c.from; i >= 0 && i < len(c.list) {
		c.list[i].Status = status
	}
}

// Requests are what was asked since the start or the last ResetRequests.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.record.list)
}

// Counts are the requests by endpoint.
func (s *Server) Counts() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := maps.Clone(s.record.counts)
	if counts == nil {
		counts = map[string]int{}
	}
	return counts
}

// SignIns is how often a password was sent.
func (s *Server) SignIns() int { return s.Counts()[EndpointLogin] }

// ResetRequests forgets the requests so far.
func (s *Server) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.record.from += len(s.record.list)
	s.record.list, s.record.counts = nil, nil
}
