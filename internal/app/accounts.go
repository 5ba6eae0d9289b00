package app

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/poll"
	"github.com/llutray/llutray/internal/settings"
)

// account is one account that is followed: how it is asked, and what is known of
// it. Its sign-in is an Account. With one alone nobody hears of accounts.
type account struct {
	name string // of its section in the settings; "" for the first

	poller  *poll.Poller       // nil before there is a source
	source  poll.Source        // that the poller asks
	stopped context.CancelFunc // of the present poller
	done    chan struct{}      // closed when it has ended
	redial  chan struct{}      // the user asks to read the sign-in again; capacity 1
	number  int                // its place, for the log, where no name may be

	lead     string         // whose sensor clock the schedule follows
	speaker  string         // for whom a fault of all its people is said; "" without one
	asked    bool           // the service has answered, or failed to
	met      bool           // this connection has told who shares with the account
	fault    *glucose.Fault // of the last request, nil when it succeeded
	ofLibre  *glucose.Fault // of two sources that of LibreLinkUp, nil when it answers or is the only one
	ofSite   *glucose.Fault // and that of Nightscout
	uncaught bool           // no answer about all has come since a fault that concerned all
	began    time.Time      // that fault, or the first of several
	partly   time.Time      // when the first one about one of them came; zero before it and after a fault
	relieved time.Time      // when another account was answered that had no network either; zero after an answer
}

// nameAccounts has these accounts beside the first.
func (s *state) nameAccounts(names []string) (come, gone []*account) {
	before := s.accounts
	s.accounts = nil
	for i, name := range append([]string{""}, names...) {
		at := slices.IndexFunc(before, func(a *account) bool { return a.name == name })
		if at < 0 {
			a := &account{name: name, redial: make(chan struct{}, 1)}
			come, s.accounts = append(come, a), append(s.accounts, a)
		} else {
			s.accounts = append(s.accounts, before[at])
		}
		s.accounts[i].number = i + 1
	}
	for _, a := range before {
		if !slices.Contains(s.accounts, a) {
			gone = append(gone, a)
		}
	}
	return come, gone
}

func (s *state) accountOf(name string) *account {
	if i := slices.IndexFunc(s.accounts, func(a *account) bool { return a.name == name }); i >= 0 {
		return s.accounts[i]
	}
	return nil
}

// refresh asks for values because the user wants them.
func (a *account) refresh() {
	if two, ok := a.source.(twoSources); ok {
		two.Retry()
	}
	if a.poller != nil {
		a.poller.Refresh()
		return
	}
	select {
	case a.redial <- struct{}{}:
	default:
	}
}

// call is what an account is called where there are several.
func (a *account) call() string { return cmp.Or(a.name, settings.FirstAccount) }

// absent reports whether nobody is signed in to it.
func (a *account) absent() bool {
	return a.fault != nil && a.fault.Kind == glucose.SignedOut && a.fault.Err == nil
}

// unused reports whether it is the first one that nobody has signed in to because
// all are followed through others.
func (s *state) unused(a *account) bool {
	return a.name == "" && a.absent() && slices.ContainsFunc(s.accounts, func(o *account) bool { return !o.absent() })
}

// met reports whether all accounts have told who shares with them.
func (s *state) met() bool {
	told := false
	for _, a := range s.accounts {
		told = told || a.met
		if !a.met && !a.absent() {
			return false
		}
	}
	return told
}

// callAll is what to call several: all who are followed, or some by name.
func (s *state) callAll(people []*person, all string) string {
	if len(people) == len(s.followed()) {
		return all
	}
	return names(people)
}

func names(people []*person) string {
	var out []string
	for _, p := range people {
		out = append(out, p.name())
	}
	if n := len(out); n > 1 {
		out = append(out[:n-2], lang.F("%s and %s", out[n-2], out[n-1]))
	}
	return strings.Join(out, ", ")
}

func idsOf(people []*person) (out []string) {
	for _, p := range people {
		out = append(out, p.who.ID)
	}
	return out
}

// told is a fault of an account, with its name where there are several.
func (s *state) told(a *account, f *glucose.Fault) *glucose.Fault {
	if f == nil || len(s.accounts) == 1 {
		return f
	}
	g := *f
	g.Account = a.call()
	if f.Kind != glucose.Offline { // which is this computer's
		g.Message = lang.F("%s: %s", a.title(), f.Message)
	}
	if a.name != "" && !strings.Contains(f.Hint, " --account ") {
		g.Hint = strings.ReplaceAll(f.Hint, "llutray login", "llutray login --account "+a.name)
	}
	return &g
}

func (a *account) title() string {
	if a.name == "" {
		return lang.T("First account")
	}
	return lang.F("Account %s", a.name)
}

// troubles are the accounts that do not answer, and for whom they should.
func (s *state) troubles() (out []AccountTrouble) {
	if len(s.accounts) == 1 {
		return nil
	}
	for _, a := range s.accounts {
		if !a.common() || s.unused(a) {
			continue
		}
		t := AccountTrouble{Name: a.call(), Fault: *statusFault(s.told(a, a.fault)), People: []StatusPerson{}}
		for _, p := range s.through(a) {
			t.People = append(t.People, StatusPerson{p.who.ID, p.name()})
		}
		out = append(out, t)
	}
	return out
}

// accountTrouble is the same in a line, as far as it is not the fault of whoever
// is shown.
func (s *state) accountTrouble() string {
	p := s.shown()
	if p == nil {
		return ""
	}
	own := s.of(p)
	for _, t := range s.troubles() {
		both := own.offline() && t.Fault.Kind == glucose.Offline // which is one trouble
		if own.call() != t.Name && !both {
			return t.Text()
		}
	}
	return ""
}

// AccountTrouble is why one of several accounts gives no values.
type AccountTrouble struct {
	Name   string         `json:"name"`
	People []StatusPerson `json:"people"` // who is followed through it
	Fault  StatusFault    `json:"fault"`
}

// Text is for people: whom it is about, what is wrong, and what they must do.
func (t AccountTrouble) Text() string {
	var of []string
	for _, p := range t.People {
		of = append(of, p.Name)
	}
	text := t.Fault.Message
	if len(of) > 0 {
		text = lang.F("%s: %s", strings.Join(of, ", "), text)
	}
	if t.Fault.Kind.NeedsUser() {
		text += " " + t.Fault.Hint
	}
	return strings.TrimSpace(text)
}
