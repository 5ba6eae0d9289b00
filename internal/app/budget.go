package app

import (
	"context"
	"slices"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/poll"
)

// spent is when requests of the last hour were sent, as it is kept: Unix
// milliseconds. A service counts them whoever makes them, so that a program which
// ends and is started again, by its user or by a system that restarts what has
// crashed, must stay within the hour's.
type spent struct {
	Planned []int64 `json:"planned,omitempty"`
	Asked   []int64 `json:"asked,omitempty"`
	Next    int64   `json:"next,omitempty"` // planned: under way, perhaps, when the program ended
}

func (s *spent) recall() (out poll.Spent) {
	if s == nil {
		return out
	}
	for _, at := range s.Planned {
		out.Planned = append(out.Planned, time.UnixMilli(at))
	}
	if s.Next != 0 {
		out.Planned = append(out.Planned, time.UnixMilli(s.Next))
	}
	for _, at := range s.Asked {
		out.Asked = append(out.Asked, time.UnixMilli(at))
	}
	return out
}

// add counts a request, and forgets what is no longer of the hour before it, or
// was sent before the clock was set back.
func (s *spent) add(sent time.Time, asked bool) {
	at := sent.UnixMilli()
	other := func(o int64) bool { return o <= at-time.Hour.Milliseconds() || o >= at }
	s.Planned, s.Asked = slices.DeleteFunc(s.Planned, other), slices.DeleteFunc(s.Asked, other)
	if asked {
		s.Asked = append(s.Asked, at)
	} else {
		s.Planned = append(s.Planned, at)
	}
}

// drop takes back a request, and reports whether it was counted.
func (s *spent) drop(sent time.Time) bool {
	n := len(s.Planned) + len(s.Asked)
	is := func(o int64) bool { return o == sent.UnixMilli() }
	s.Planned, s.Asked = slices.DeleteFunc(s.Planned, is), slices.DeleteFunc(s.Asked, is)
	return len(s.Planned)+len(s.Asked) < n
}

// opening counts the first request of a connection before it is sent: a program
// that is killed at once, each time, must know of it.
func (a *App) opening(ctx context.Context, acc *account, sent time.Time, asked bool) {
	kept := make(chan struct{})
	a.bring(ctx, func(time.Time) {
		defer close(kept)
		if ctx.Err() == nil {
			a.spend(acc, sent, asked)
			a.save()
		}
	})
	select {
	case <-kept:
	case <-ctx.Done():
	}
}

// count counts a request that was answered, unless the service never saw it: a
// laptop that is offline for days need not write that down each minute.
func (a *App) count(acc *account, u poll.Update) {
	if u.Sent.IsZero() {
		return
	}
	if u.Fault != nil && u.Fault.Kind == glucose.Offline {
		if s := a.saved.Spent[acc.name]; s != nil && s.drop(u.Sent) {
			a.unsaved = true
		}
		return
	}
	s := a.spend(acc, u.Sent, u.Asked)
	if s.Next = 0; !u.Next.IsZero() {
		s.Next = u.Next.UnixMilli()
	}
}

func (a *App) spend(acc *account, sent time.Time, asked bool) *spent {
	if a.saved.Spent == nil {
		a.saved.Spent = map[string]*spent{}
	}
	s := a.saved.Spent[acc.name]
	if s == nil {
		s = &spent{}
		a.saved.Spent[acc.name] = s
	}
	s.add(sent, asked)
	a.unsaved = true
	return s
}
