package libretest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options configures a Server. The zero value is a working server with one
// simulated person.
type Options struct {
	Now  func() time.Time // time.Now if nil; must be safe for concurrent use
	Seed uint64           // everything drawn is drawn from it

	Email, Password string // demo@example.org and demo-password if empty
	Region          string // where the account lives; anywhere if empty
	People          []Person
	Glucose         Glucose // of the only person, if People is empty
	Source          Source  // likewise
	Feed            Feed

	MinimumVersion string // of the client; 4.16.0 if empty
	RateLimit      RateLimit
	Scenario       string // ok if empty
	BasePath       string // as behind a proxy: /some/path
	Control        bool   // serve /_control/
	Log            *slog.Logger
}

// RateLimit refuses, with 429 and Retry-After, what goes beyond so many requests
// within a window. Zero is no limit.
type RateLimit struct {
	Requests int
	Window   time.Duration
}

// Server is a LibreLinkUp service. All methods are safe for concurrent use.
type Server struct {
	o       Options
	log     *slog.Logger
	started time.Time
	leave   chan struct{} // closed by Close: ends replies that hang

	mu       sync.Mutex
	people   []*patient
	extra    *patient // the second person of two_people
	account  account
	script   *script
	state    state
	frozen   time.Time // nothing is published after it, unless zero
	record   record
	initial  error // of Options, told by Start
	closed   bool
	listener string // address, kept over Down and Up
	serving  *serving
	pauses   sync.WaitGroup
	inside   bool   // StartInside was called
	pipes    *pipes // of the present life, then
}

// serving is one life of the listener.
type serving struct {
	http *http.Server
	done chan struct{}
}

// New makes a server that does not listen yet.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Email == "" {
		o.Email = "demo@example.org"
	}
	if o.Password == "" {
		o.Password = "demo-password"
	}
	if o.MinimumVersion == "" {
		o.MinimumVersion = "4.16.0"
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.BasePath = strings.TrimSuffix(o.BasePath, "/")
	s := &Server{o: o, log: o.Log, started: o.Now(), leave: make(chan struct{})}
	people := o.People
	if len(people) == 0 {
		people = []Person{{Glucose: o.Glucose, Source: o.Source}}
	}
	for i, p := range people {
		s.people = append(s.people, newPatient(p, o.Feed, o.Seed+uint64(i)*1000, s.started))
	}
	s.extra = newPatient(Person{FirstName: "Robin", LastName: "Sample", Country: "DE", Model: Libre2},
		o.Feed, o.Seed+77_000, s.started)
	s.account = newAccount(o, s.started)
	if o.Scenario == "" {
		o.Scenario = "ok"
	}
	if s.initial = s.SetScenario(o.Scenario); s.initial != nil {
		s.script = scripts["ok"]
	}
	return s
}

// Handler serves the API without a listener of its own.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serve) }

// Start listens on a free port of loopback.
func (s *Server) Start() error {
	if s.initial != nil {
		return s.initial
	}
	return s.listen("127.0.0.1:0")
}

func (s *Server) listen(address string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errors.New("the server is closed")
	}
	if s.serving != nil {
		return nil
	}
	var l net.Listener
	if s.inside {
		s.pipes = newPipes()
		l = s.pipes
	} else {
		var err error
		if l, err = new(net.ListenConfig).Listen(context.Background(), "tcp", address); err != nil {
			return fmt.Errorf("the demo server cannot listen: %w", err)
		}
	}
	s.listener = l.Addr().String()
	life := &serving{
		http: &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug)},
		done: make(chan struct{}),
	}
	s.serving = life
	go func() {
		defer close(life.done)
		_ = life.http.Serve(l) // returns when closed, and has nothing else to say
	}()
	return nil
}

// URL is the address to give to a client, base path included, without a slash
// at its end. It stays the same over Down and Up.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return "http://" + s.listener + s.o.BasePath
}

// RegionURL is URL with the placeholder {region} for the region's code, so that
// the server can tell one regional host from another.
func (s *Server) RegionURL() string { return s.URL() + "/{region}" }

// Down breaks every connection and refuses new ones.
func (s *Server) Down() {
	s.mu.Lock()
	life := s.serving
	s.serving = nil
	s.mu.Unlock()
	if life != nil {
		_ = life.http.Close()
		<-life.done
	}
}

// Up listens again where it did before Down.
func (s *Server) Up() error {
	s.mu.Lock()
	address := s.listener
	s.mu.Unlock()
	if address == "" {
		return errors.New("the server was never started")
	}
	return s.listen(address)
}

// Close stops the server and every reply that is still going on. It may be
// called more than once.
func (s *Server) Close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.leave)
	}
	s.mu.Unlock()
	s.pauses.Wait()
	s.Down()
}

// Email and Password are the credentials the server accepts.
func (s *Server) Email() string { return s.o.Email }

// Password is what goes with Email.
func (s *Server) Password() string { return s.o.Password }

// AccountID is the value of the header a client has to send, the hash of the
// follower's user id.
func (s *Server) AccountID() string { return s.account.hash }

// PersonIDs are the patient ids of Options.People, in their order.
func (s *Server) PersonIDs() []string {
	ids := make([]string, len(s.people))
	for i, p := range s.people {
		ids[i] = p.ID
	}
	return ids
}

// Readings are those the service has of a person by now with after < Time <=
// until, arrows computed: what the graph never gives, every reading of a day.
func (s *Server) Readings(personID string, after, until time.Time) []Reading {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.person(personID)
	if p == nil {
		return nil
	}
	now := s.o.Now()
	list := p.published(after.Add(-20*time.Minute), until, s.horizon(now), s.hides())
	from := 0
	for i := range list {
		if !list[i].Time.After(after) {
			from = i + 1
		}
	}
	out := slices.Clone(list[from:])
	for i := range out {
		out[i].Arrow = arrow(list[:from+i+1])
	}
	return out
}

// Push publishes an exact reading of a person at once; "" is the first person
// and a zero Time now. From its time on the person's own sensor is silent, until
// Release.
func (s *Server) Push(personID string, r Reading) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.person(personID)
	if p == nil {
		return fmt.Errorf("there is no person %q", personID)
	}
	now := s.o.Now()
	if r.Time.IsZero() {
		r.Time = now
	}
	r.Time = r.Time.Truncate(time.Second)
	if r.Published.IsZero() {
		r.Published = now
	}
	p.push(r)
	return nil
}

// Hold makes the person's sensor read this value from now on, at its own times;
// a zero Arrow is computed, and Time is ignored.
func (s *Server) Hold(personID string, r Reading) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.person(personID)
	if p == nil {
		return fmt.Errorf("there is no person %q", personID)
	}
	p.held = &hold{from: s.o.Now(), value: r}
	return nil
}

// Release forgets what was pushed, held and frozen.
func (s *Server) Release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frozen = time.Time{}
	for _, p := range s.people {
		p.pushed, p.held = nil, nil
	}
}

// Freeze stops the publication of readings, pushed ones included, as a phone
// without network does.
func (s *Server) Freeze() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frozen = s.o.Now()
}

// Thaw publishes again, and everything that was held back at once.
func (s *Server) Thaw() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frozen = time.Time{}
}

func (s *Server) person(id string) *patient {
	if id == "" {
		return s.people[0]
	}
	for _, p := range s.sharing() {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// sharing is everyone who shares with the account.
func (s *Server) sharing() []*patient {
	if s.script.second && len(s.people) == 1 {
		return append([]*patient{s.people[0]}, s.extra)
	}
	return s.people
}
