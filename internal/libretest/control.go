package libretest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

const controlPath = "/_control/"

// control lets a shell script do what a test in Go does with methods. All values
// are query parameters; changes want POST and answer with the state.
//
//	POST scenario?name=stall
//	POST push?mgdl=52&arrow=2[&age=90s][&high=1][&low=1][&person=ID]
//	POST hold?mgdl=52[&arrow=3][&person=ID]
//	POST freeze, thaw, release, reset
//	POST down?for=10s     refuses connections for so long, in real time
//	GET  requests, scenarios, state
func (s *Server) control(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Path[len(s.o.BasePath+controlPath):]
	if r.Method == http.MethodGet {
		switch name {
		case "requests":
			s.tell(w, s.Requests())
		case "scenarios":
			s.tell(w, Scenarios())
		case "state":
			s.tellState(w)
		default:
			http.NotFound(w, r)
		}
		return
	}
	if r.Method != http.MethodPost {
		http.Error(w, "GET or POST", http.StatusMethodNotAllowed)
		return
	}
	if err := s.order(name, r); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.tellState(w)
	if name == "down" {
		// Only now: the answer has to be out before its connection breaks.
		_ = http.NewResponseController(w).Flush()
		s.pause(r)
	}
}

func (s *Server) order(name string, r *http.Request) error {
	q := r.URL.Query()
	switch name {
	case "scenario":
		return s.SetScenario(q.Get("name"))
	case "push", "hold":
		reading, err := s.readingOf(r)
		if err != nil {
			return err
		}
		if name == "push" {
			return s.Push(q.Get("person"), reading)
		}
		return s.Hold(q.Get("person"), reading)
	case "freeze":
		s.Freeze()
	case "thaw":
		s.Thaw()
	case "release":
		s.Release()
	case "reset":
		s.ResetRequests()
	case "down":
		_, err := pauseOf(r)
		return err
	default:
		return fmt.Errorf("there is no control %q", name)
	}
	return nil
}

func pauseOf(r *http.Request) (time.Duration, error) {
	text := r.URL.Query().Get("for")
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("for=%q is not a duration like 10s", text)
	}
	return d, nil
}

// pause takes the server down for a while. It ends early when the server closes,
// and Close waits for it.
func (s *Server) pause(r *http.Request) {
	d, err := pauseOf(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil || s.closed {
		return
	}
	s.pauses.Go(func() {
		s.Down()
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			if err := s.Up(); err != nil {
				s.log.Debug("could not listen again", "err", err)
			}
		case <-s.leave:
		}
	})
}

func (s *Server) readingOf(r *http.Request) (Reading, error) {
	q := r.URL.Query()
	var out Reading
	var err error
	if out.MgDL, err = strconv.Atoi(q.Get("mgdl")); err != nil {
		return out, fmt.Errorf("mgdl=%q is not a whole number", q.Get("mgdl"))
	}
	if v := q.Get("arrow"); v != "" {
		if out.Arrow, err = strconv.Atoi(v); err != nil || out.Arrow < ArrowUnknown || out.Arrow > ArrowRisingFast {
			return out, fmt.Errorf("arrow=%q is not a number from -1 to 5", v)
		}
	}
	if v := q.Get("age"); v != "" {
		age, err := time.ParseDuration(v)
		if err != nil {
			return out, fmt.Errorf("age=%q is not a duration like 90s", v)
		}
		out.Time = s.o.Now().Add(-age)
	}
	out.High, out.Low = q.Get("high") == "1", q.Get("low") == "1"
	return out, nil
}

func (s *Server) tellState(w http.ResponseWriter) {
	s.mu.Lock()
	frozen := !s.frozen.IsZero()
	s.mu.Unlock()
	s.tell(w, map[string]any{
		"scenario": s.Scenario(), "frozen": frozen, "now": s.o.Now(),
		"counts": s.Counts(), "sign_ins": s.SignIns(), "people": s.PersonIDs(),
	})
}

func (s *Server) tell(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // fails only when the client has left
}
