package page

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"

	"github.com/llutray/llutray/internal/lang"
)

// stream is one page that is open. A signal that is already waiting stands
// for all later ones: the state is read when it is sent.
type stream struct{ changed chan struct{} }

// maxStreams is how many pages may be open at once.
const maxStreams = 8

// Changed tells every open page to look at the state again. It never blocks.
func (s *Server) Changed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for t := range s.streams {
		select {
		case t.changed <- struct{}{}:
		default:
		}
	}
}

func (s *Server) join() (*stream, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.streams) >= maxStreams {
		return nil, false
	}
	t := &stream{make(chan struct{}, 1)}
	t.changed <- struct{}{}
	s.streams[t] = true
	return t, true
}

func (s *Server) leave(t *stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.streams, t)
}

// events sends the state at once and on every visible change.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	t, ok := s.join()
	if !ok {
		w.Header().Set("Retry-After", "10")
		fail(w, r, http.StatusServiceUnavailable, lang.T("The page is open too often."), lang.T("Close it elsewhere and load it again."))
		return
	}
	defer s.leave(t)
	out := http.NewResponseController(w)
	_ = out.SetReadDeadline(time.Time{}) // the browser says nothing more
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	send := func(text []byte) bool {
		if !s.admitted(r) {
			return false // the session has ended since
		}
		// Who does not read is let go: the program waits for nobody.
		_ = out.SetWriteDeadline(time.Now().Add(s.opt.Patience))
		_, err := w.Write(text)
		return err == nil && out.Flush() == nil
	}
	beat := time.NewTicker(s.opt.Beat)
	defer beat.Stop()
	var last []byte
	for {
		select {
		case <-r.Context().Done():
			return
		case <-s.done:
			send([]byte("event: bye\ndata: {}\n\n"))
			return
		case <-beat.C:
			if !send([]byte(": llutray is running\n\n")) {
				return
			}
		case <-t.changed:
			st := s.present()
			seen := st.visible()
			if bytes.Equal(seen, last) {
				continue
			}
			last = seen
			text, err := json.Marshal(st)
			if err != nil || !send(append(append([]byte("event: state\ndata: "), text...), "\n\n"...)) {
				return
			}
		}
	}
}

func (s *Server) state(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, s.present())
}

// present is the state with the language it is told in: a page that was loaded
// in another loads itself again.
func (s *Server) present() State {
	st := s.opt.Source.State()
	st.Lang = lang.Locale()
	return st
}
