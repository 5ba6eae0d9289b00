package app

import (
	"context"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"time"
)

// NewLogger writes warnings and errors that repeat themselves, such as those of
// a full disk, once an hour with how often they came. What the log says in
// between is then read.
func NewLogger(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(&repeats{
		Handler: slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}), seen: &seenLines{at: map[string]*seenLine{}},
	})
}

const (
	sayAgain  = time.Hour
	mostLines = 256 // that are remembered; a program has not so many troubles
)

// repeats is a handler that counts what it has just said.
type repeats struct {
	slog.Handler
	seen *seenLines
}

type seenLines struct {
	mu sync.Mutex
	at map[string]*seenLine
}

type seenLine struct {
	said  time.Time
	count int // since then
}

// Handle passes a record on, unless it was passed on within the hour.
func (h *repeats) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn {
		count, again := h.seen.look(sameness(r), r.Time)
		if again {
			return nil
		}
		if count > 0 {
			r = r.Clone()
			r.AddAttrs(slog.Int("repeated", count))
		}
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs and WithGroup keep the count in common.
func (h *repeats) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &repeats{h.Handler.WithAttrs(attrs), h.seen}
}

// WithGroup is as WithAttrs.
func (h *repeats) WithGroup(name string) slog.Handler {
	return &repeats{h.Handler.WithGroup(name), h.seen}
}

func (s *seenLines) look(key string, now time.Time) (count int, again bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.at[key]
	if l == nil {
		if len(s.at) >= mostLines {
			clear(s.at)
		}
		s.at[key] = &seenLine{said: now}
		return 0, false
	}
	// A clock that was set back must not silence a trouble for ever.
	if since := now.Sub(l.said); since >= 0 && since < sayAgain {
		l.count++
		return 0, true
	}
	count = l.count
	*l = seenLine{said: now}
	return count, false
}

var digits = regexp.MustCompile(`\d+`)

// sameness is what makes two records the same: all but their numbers.
func sameness(r slog.Record) string {
	var b strings.Builder
	b.WriteString(r.Message)
	r.Attrs(func(a slog.Attr) bool {
		b.WriteString("\x00" + a.Key + "=" + a.Value.String())
		return true
	})
	return digits.ReplaceAllString(b.String(), "#")
}
