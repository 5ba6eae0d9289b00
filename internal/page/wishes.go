package page

import (
	"context"
	"net/http"
	"time"
)

// Bounds of what the page may ask for.
const (
	maxChanges = 32               // settings of one replay
	signInTime = 50 * time.Second // within the server's own answerTime
)

func (s *Server) replay(w http.ResponseWriter, r *http.Request) {
	q := ReplayQuestion{Days: 7}
	if !read(w, r, &q) {
		return
	}
	if q.Days < 1 || q.Days > maxDays || len(q.Set) > maxChanges {
		badQuery(w, r)
		return
	}
	// A slider that is moved asks again and again: one at a time, and none for
	// a page that no longer waits.
	select {
	case s.heard <- struct{}{}:
		defer func() { <-s.heard }()
	case <-r.Context().Done():
	}
	if r.Context().Err() != nil {
		return
	}
	a, err := s.opt.Source.Replay(r.Context(), q)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, a)
}

func (s *Server) settings(w http.ResponseWriter, r *http.Request) {
	a, err := s.opt.Source.Settings(r.Context())
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, a)
}

func (s *Server) set(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	}
	if !read(w, r, &q) {
		return
	}
	if err := s.opt.Source.Set(r.Context(), q.Key, q.Value); err != nil {
		s.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, struct{}{})
}

func (s *Server) action(w http.ResponseWriter, r *http.Request) {
	var q Action
	if !read(w, r, &q) {
		return
	}
	text, err := s.opt.Source.Do(r.Context(), q)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, struct {
		Text string `json:"text"`
	}{text})
}

func (s *Server) signIn(w http.ResponseWriter, r *http.Request) {
	var q SignIn
	if !read(w, r, &q) {
		return
	}
	s.step(w, r, func(ctx context.Context) (SignInAnswer, error) { return s.opt.Source.SignIn(ctx, q) })
}

func (s *Server) accept(w http.ResponseWriter, r *http.Request) {
	if !read(w, r, &struct{}{}) {
		return
	}
	s.step(w, r, s.opt.Source.Accept)
}

func (s *Server) step(w http.ResponseWriter, r *http.Request, do func(context.Context) (SignInAnswer, error)) {
	ctx, cancel := context.WithTimeout(r.Context(), signInTime)
	defer cancel()
	a, err := do(ctx)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, a)
}

func (s *Server) signOut(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Account string `json:"account"`
	}
	if !read(w, r, &q) {
		return
	}
	if err := s.opt.Source.SignOut(r.Context(), q.Account); err != nil {
		s.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, struct{}{})
}
