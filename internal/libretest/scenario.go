package libretest

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Scenario is a way the service can behave.
type Scenario struct {
	Name string
	What string // a line for people
}

// script is a scenario with what makes it happen. A zero field changes nothing.
type script struct {
	Scenario
	gate      func(*Server, *exchange) *answer // answers in the service's place, unless nil
	spoil     func(*answer)                    // damages a good answer
	refuse    string                           // message every sign-in is refused with
	home      string                           // region the account lives in
	redirect  func(region string) string       // where a sign-in is sent, always
	steps     []string                         // to take before the account is let in
	minimum   string                           // version asked of the client
	tokenLife time.Duration
	revoke    bool   // tokens issued before are dead
	expiry    string // what is said of a dead token
	nobody    bool   // shares with the account
	invited   bool   // an invitation waits, told at the sign-in
	second    bool   // person shares with the account
	blank     bool   // data is null
	mmol      bool
	frozen    bool // nothing newer is published
	warming   bool // up, the sensor is
	ended     bool // the sensor is
	batch     time.Duration
	shift     time.Duration // of the phone's clock

	item       func(item obj) // changes the current reading
	connection func(c obj)
	graph      func(d obj)
}

// state is what a scenario remembers; a new scenario begins with none.
type state struct {
	redirects, accepted, turn int
	until                     time.Time // of a throttle
	last                      time.Time // reading published
	activation                time.Time // of the sensor, if not the person's own
	served                    bool      // data has been given out; outlives a scenario
}

// Scenarios are all of them, ok first.
func Scenarios() []Scenario {
	list := make([]Scenario, len(catalogue))
	for i, sc := range catalogue {
		list[i] = sc.Scenario
	}
	return list
}

// SetScenario changes how the service behaves from now on. A lockout that is
// running and the tokens given out stay, unless the scenario is about them.
func (s *Server) SetScenario(name string) error {
	sc, ok := scripts[name]
	if !ok {
		return fmt.Errorf("there is no scenario %q", name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.o.Now()
	s.script = sc
	s.state = state{served: s.state.served}
	if sc.revoke {
		s.account.revoked = s.account.serial
	}
	// The number of a server that starts with such a scenario is already old; one
	// that was seen by a client does not go back in time.
	age := func(d time.Duration) time.Time {
		if s.state.served {
			return now
		}
		return now.Add(-d)
	}
	switch {
	case sc.ended:
		s.state.last = age(time.Hour)
		// Over for every model, the fifteen days of the Plus included.
		s.state.activation = s.state.last.Add(-15*24*time.Hour - time.Minute)
	case sc.warming:
		s.state.last, s.state.activation = age(25*time.Minute), age(20*time.Minute)
	case sc.frozen:
		s.state.last = age(25 * time.Minute)
	}
	return nil
}

// Scenario is the name of the present one.
func (s *Server) Scenario() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.script.Name
}

var scripts = func() map[string]*script {
	m := map[string]*script{}
	for i := range catalogue {
		m[catalogue[i].Name] = &catalogue[i]
	}
	return m
}()

// onLogin, onData and onAll say where a gate stands.
func onLogin(make func() *answer) func(*Server, *exchange) *answer {
	return func(_ *Server, x *exchange) *answer {
		if x.endpoint != EndpointLogin {
			return nil
		}
		return make()
	}
}

func onData(make func() *answer) func(*Server, *exchange) *answer {
	return func(_ *Server, x *exchange) *answer {
		if !x.authenticated() {
			return nil
		}
		return make()
	}
}

func onAll(make func() *answer) func(*Server, *exchange) *answer {
	return func(*Server, *exchange) *answer { return make() }
}

// throttleFor is how long the throttled scenarios keep a client out.
const throttleFor = 120 * time.Second

// throttle refuses everything until throttleFor after the first refusal.
func throttle(header func(s *Server, x *exchange, wait time.Duration) string) func(*Server, *exchange) *answer {
	return func(s *Server, x *exchange) *answer {
		if s.state.until.IsZero() {
			s.state.until = x.now.Add(throttleFor)
		}
		wait := s.state.until.Sub(x.now)
		if wait <= 0 {
			return nil
		}
		return tooMany(0).with("Retry-After", header(s, x, wait))
	}
}

func inSeconds(_ *Server, _ *exchange, wait time.Duration) string {
	return strconv.Itoa(int((wait + time.Second - 1) / time.Second))
}

func asDate(s *Server, _ *exchange, _ time.Duration) string {
	return s.state.until.Add(time.Second - 1).Truncate(time.Second).UTC().Format(http.TimeFormat)
}

// lock refuses sign-ins until five minutes after the last one.
func lock(code int) func(*Server, *exchange) *answer {
	return func(s *Server, x *exchange) *answer {
		if x.endpoint != EndpointLogin {
			return nil
		}
		if s.state.until.IsZero() || x.now.Before(s.state.until) {
			s.state.until = x.now.Add(lockFor)
			return lockedAnswer(code)
		}
		return nil
	}
}

// sendElsewhere is an HTTP redirect, which the service never sends: a client
// that follows one gives its password away. It stays on this server, where the
// record shows who came.
func sendElsewhere(code int) func(*Server, *exchange) *answer {
	return func(s *Server, _ *exchange) *answer {
		return page(code, "<html><body>Moved</body></html>").with("Location", s.o.BasePath+"/elsewhere")
	}
}
