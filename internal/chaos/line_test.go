package chaos

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/libre"
	"github.com/llutray/llutray/internal/libretest"
	"github.com/llutray/llutray/internal/poll"
)

// line is an account with a server of its own: most worlds have one, some have
// two. Each is judged by its own budget and faults.
type line struct {
	w      *world
	name   string // of its section in the settings; "" for the first
	server *libretest.Server
	path   string // of the account's state

	// The oracle's.
	asked, answeredAt, connect time.Time // zero: not in this life
	fault                      *glucose.Fault
	well                       time.Time     // bubble; the last answer without a fault
	until                      time.Duration // how long the fault asks to wait, of the program's clock
	calls, extras              []time.Time   // truth

	needs      glucose.FaultKind // what the user is to do
	needsSince time.Time
	needsHeard time.Time

	people  map[string]bool // IDs of who came with its answers
	service service
}

// addLine makes an account with its server.
func (w *world) addLine(name, folder string, people []libretest.Person) {
	a := &line{w: w, name: name, path: filepath.Join(folder, "session"+name+".json"), people: map[string]bool{}}
	o := libretest.Options{Now: w.truth, Seed: w.seed, People: people, Feed: libretest.Feed{Step: w.step}}
	if name != "" {
		o.Email = name + "@example.org"
	}
	a.server = libretest.New(o)
	require.NoError(w.t, a.server.StartInside())
	w.t.Cleanup(a.server.Close)
	w.lines = append(w.lines, a)
}

func (w *world) line(name string) *line {
	return w.lines[slices.IndexFunc(w.lines, func(a *line) bool { return a.name == name })]
}

// someLine is one of several, and nothing is drawn where there is one.
func (w *world) someLine() *line {
	if len(w.lines) == 1 {
		return w.lines[0]
	}
	return w.lines[w.rnd.IntN(len(w.lines))]
}

func (w *world) down() {
	for _, a := range w.lines {
		a.server.Down()
	}
}

func (w *world) up() {
	for _, a := range w.lines {
		require.NoError(w.t, a.server.Up())
	}
}

// account is the sign-in as the program keeps it.
func (a *line) account() *app.Account {
	return &app.Account{Name: a.name, Secrets: &a.w.keys, Path: a.path}
}

func (a *line) credentials() libre.Credentials {
	return libre.Credentials{Email: a.server.Email(), Password: a.server.Password()}
}

// client is one of the account's.
func (a *line) client(cred libre.Credentials, session libre.Session, save func(libre.Session) error) (*libre.Client, error) {
	return libre.New(libre.Options{
		Server: a.server.RegionURL(), Session: session, Now: a.w.clock.Now, Save: save,
		Credentials: func(context.Context) (libre.Credentials, error) { return cred, nil },
		Dial:        a.w.dialOf(a.server),
	})
}

func (a *line) String() string {
	if a.name == "" {
		return "the account"
	}
	return fmt.Sprintf("the account of %s", a.name)
}

// offline: this computer has no network for it.
func (a *line) offline() bool { return a.fault != nil && a.fault.Kind == glucose.Offline }

// linesOf are the accounts through which somebody came.
func (o *oracle) linesOf(id string) []*line {
	return slices.DeleteFunc(slices.Clone(o.w.lines), func(a *line) bool { return !a.people[id] })
}

// answeredTogether reports whether no data of two people may be one message, which
// is answered for both.
func (o *oracle) answeredTogether(one, other string) bool {
	if len(o.w.lines) == 1 {
		return true
	}
	for _, a := range o.linesOf(one) {
		for _, b := range o.linesOf(other) {
			if a == b || a.offline() && b.offline() {
				return true
			}
		}
	}
	return false
}

// mustAct: the program waits for the user, who has something to mend first.
func (a *line) mustAct() bool {
	return a.needs != "" || a.fault != nil && a.fault.Kind == glucose.SignedOut
}

func (o *oracle) connecting(a *line) {
	o.mu.Lock()
	defer o.mu.Unlock()
	a.connect = time.Now()
}

// extra notes a reason for a request beyond those planned.
func (o *oracle) extra() {
	for _, a := range o.w.lines {
		a.extras = append(a.extras, o.w.truth())
	}
}

// asks: a request begins.
func (o *oracle) asks(x *source) {
	o.mu.Lock()
	defer o.mu.Unlock()
	a := x.line
	if x.l.asking[a]++; x.l.asking[a] > 1 {
		o.breaks("%s: two requests at once", a)
	}
	if x.l != o.life {
		return
	}
	o.counts["request"]++
	a.asked = time.Now()
	now := o.w.truth()
	recent := func(list []time.Time, within time.Duration) []time.Time {
		return slices.DeleteFunc(list, func(t time.Time) bool { return now.Sub(t) >= within })
	}
	// The request for which there is a reason comes a heartbeat later.
	a.calls, a.extras = append(recent(a.calls, time.Hour), now), recent(a.extras, time.Hour+2*heartbeat)
	most := 66 + min(30, len(a.extras))
	if len(o.w.lines) == 1 && len(o.w.curves) > 1 || len(a.people) > 1 {
		most = 66 + 30 // the others are asked for after an answer about one alone
	}
	// What was under way at a kill, or when the state could not be kept, is not
	// known afterwards.
	for _, at := range o.deaths {
		if time.Since(at) < time.Hour+2*heartbeat {
			most++
		}
	}
	if n := len(a.calls); n > most && time.Since(o.full) > time.Hour && time.Since(o.stepped) > time.Hour {
		o.breaks("%s: %d requests within an hour, %d are allowed", a, n, most)
	}
}

// answered: it has ended.
func (o *oracle) answered(x *source, ctx context.Context, list []glucose.Snapshot, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	a := x.line
	x.l.asking[a]--
	if x.l != o.life {
		return
	}
	a.asked = time.Time{}
	if ctx.Err() == context.Canceled {
		return
	}
	a.answeredAt = time.Now()
	a.fault = nil
	if err == nil {
		a.well = time.Now()
	}
	if err != nil {
		a.fault, a.until = glucose.AsFault(err), 0
		if !a.fault.Until.IsZero() {
			a.until = a.fault.Until.Sub(o.wall())
		}
		o.counts["fault "+string(a.fault.Kind)]++
		o.tell("answer of %s: %s", a, a.fault.Kind)
		if a.fault.Kind == glucose.Offline && len(a.calls) > 0 {
			a.calls = a.calls[:len(a.calls)-1] // the service never saw it
		}
	}
	a.noteNeeds()
	for _, s := range list {
		b := o.book(s.Person.ID)
		b.gone = false
		a.people[b.id] = true
		if s.Current != nil {
			o.receive(a, b, *s.Current)
		}
	}
}

// noteNeeds keeps since when the user has something to do. A fault that hides
// it does not end it.
func (a *line) noteNeeds() {
	var kind glucose.FaultKind
	if a.fault != nil {
		switch kind = a.fault.Kind; kind {
		case glucose.Offline, glucose.ServerError, glucose.Maintenance, glucose.Throttled, glucose.Locked, glucose.Blocked:
			return
		case glucose.WrongPassword, glucose.Terms, glucose.VerifyEmail, glucose.TooOld, glucose.Closed:
		default:
			kind = ""
		}
	}
	if kind != a.needs {
		a.needs, a.needsSince = kind, time.Now()
	}
}

// source is the client, and a witness of what it is asked and answers.
type source struct {
	*libre.Client
	l    *life
	line *line
}

var _ poll.Source = (*source)(nil)

func (s *source) Current(ctx context.Context) ([]glucose.Snapshot, error) {
	s.l.w.o.asks(s)
	list, err := s.Client.Current(ctx)
	s.l.w.o.answered(s, ctx, list, err)
	return list, err
}

func (s *source) Graph(ctx context.Context, id string) (glucose.Snapshot, error) {
	s.l.w.o.asks(s)
	one, err := s.Client.Graph(ctx, id)
	var list []glucose.Snapshot
	if err == nil {
		list = append(list, one)
	}
	s.l.w.o.answered(s, ctx, list, err)
	return one, err
}
