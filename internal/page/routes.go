package page

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/llutray/llutray/internal/lang"
)

// route is what an address answers; nil for a method that it does not know.
type route struct {
	get, post func(http.ResponseWriter, *http.Request)
}

func (s *Server) routes() http.Handler {
	all := map[string]route{
		"/report":            {get: s.report},
		"/api/state":         {get: s.state},
		"/api/events":        {get: s.events},
		"/api/trace":         {get: s.trace},
		"/api/days":          {get: s.days},
		"/api/stats":         {get: s.numbers},
		"/api/night":         {get: s.night},
		"/api/log":           {get: s.alarmLog},
		"/api/replay":        {post: s.replay},
		"/api/settings":      {get: s.settings, post: s.set},
		"/api/action":        {post: s.action},
		"/api/signin":        {post: s.signIn},
		"/api/signin/accept": {post: s.accept},
		"/api/signout":       {post: s.signOut},
		"/assets/texts.js":   {get: texts},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to, ok := all[r.URL.Path]
		if !ok {
			to = route{get: static}
		}
		do := to.get
		if r.Method == http.MethodPost {
			do = to.post
		}
		if do == nil {
			allow := http.MethodGet
			if to.get == nil {
				allow = http.MethodPost
			}
			if to.get != nil && to.post != nil {
				allow = "GET, POST"
			}
			w.Header().Set("Allow", allow)
			fail(w, r, http.StatusMethodNotAllowed, lang.T("The page knows no such request."), "")
			return
		}
		do(w, r)
	})
}

// Problem is why something was not done, for people: what is wrong, then what
// to do. As an error of a Source it is told to the user as it is; any other
// error is told as a failure and kept for the log.
type Problem struct {
	Message string `json:"error"`
	Hint    string `json:"hint"`
}

// Error returns the message.
func (p *Problem) Error() string { return p.Message }

// answer writes v as JSON.
func answer(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		status, b = http.StatusInternalServerError, []byte("{}") // the page has its own words for it
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(b)
}

// refuse answers with an error of the source.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var p *Problem
	switch {
	case errors.As(err, &p):
		fail(w, r, http.StatusUnprocessableEntity, p.Message, p.Hint)
	case r.Context().Err() != nil: // nobody is waiting any more
	default:
		s.log.Error("the page was not answered", "path", r.URL.Path, "err", err)
		fail(w, r, http.StatusInternalServerError, lang.T("llutray could not do this."), lang.T("Try again; if it stays like this, look into the log."))
	}
}

// read takes the question of a POST, which must be one JSON object with known
// fields only; it answers itself if it is not.
func read(w http.ResponseWriter, r *http.Request, v any) bool {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("more than one")
		}
	}
	var large *http.MaxBytesError
	switch {
	case err == nil:
		// The time to read is over, and must not end what is done about it.
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
		return true
	case errors.As(err, &large):
		fail(w, r, http.StatusRequestEntityTooLarge, lang.T("The question is too long."), "")
	default:
		// The decoder's own words may repeat what was typed.
		fail(w, r, http.StatusBadRequest, lang.T("The question could not be read."), lang.T("Load the page again."))
	}
	return false
}

// number is a whole number of the query within bounds.
func number(q url.Values, name string, least, most, fallback int) (int, bool) {
	if !q.Has(name) {
		return fallback, true
	}
	n, err := strconv.Atoi(q.Get(name))
	return n, err == nil && n >= least && n <= most
}

// instant is the moment until which something is asked for: an RFC 3339 time,
// or a date for the end of that day where the user is; zero when not given.
func instant(q url.Values, name string, zone *time.Location) (time.Time, bool) {
	if !q.Has(name) {
		return time.Time{}, true
	}
	text := q.Get(name)
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, t.Year() > 2000 && t.Year() < 2200
	}
	d, err := time.ParseInLocation(time.DateOnly, text, zone)
	return d.AddDate(0, 0, 1), err == nil && d.Year() > 2000 && d.Year() < 2200
}

func badQuery(w http.ResponseWriter, r *http.Request) {
	fail(w, r, http.StatusBadRequest, lang.T("The page asked for a time that there can't be."), lang.T("Load the page again."))
}
