package app

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
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
	redial  chan struct{}      // the user asks to read the sign-in again; capacity 1
	number  int                // its place, for the log, where no name may be

	lead       string         // whose sensor clock the schedule follows
	speaker    string         // for whom a fault of all its people is said; "" without one
	asked      bool           // the service has answered, or failed to
	met        bool           // this connection has told who shares with the account
	fault      *glucose.Fault // of the last request, nil when it succeeded
	ofLibre    *glucose.Fault // of two sources that of LibreLinkUp, nil when it answers or is the only one
	ofSite     *glucose.Fault // and that of Nightscout
	catchingUp bool           // no answer about everybody has come since a fault that concerned all
}

// share is that somebody shares with an account.
type share struct {
	seen    bool      // was in this account's list
	missing time.Time // since when the list lacks them; zero while it does not
	misses  int       // lists without them
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

// common reports whether what stands in the way concerns all who share with it.
func (a *account) common() bool { return a.fault != nil && a.fault.Kind != glucose.ShareRevoked }

// troubled is the same, also as long as it is only just over.
func (a *account) troubled() bool { return a.common() || a.catchingUp }

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

func (p *person) shared() bool { return len(p.shares) > 0 }

// sharing is that they share with an account; from now on if they did not.
func (p *person) sharing(a *account) *share {
	if p.shares == nil {
		p.shares = map[*account]*share{}
	}
	if p.shares[a] == nil {
		p.shares[a] = &share{}
	}
	return p.shares[a]
}

// missing is since when no account lists them; zero while one does.
func (p *person) missing() (since time.Time) {
	for _, sh := range p.shares {
		if sh.missing.IsZero() {
			return time.Time{}
		}
		if sh.missing.After(since) {
			since = sh.missing
		}
	}
	return since
}

// outdated reports whether another account has told more lately of them.
func (p *person) outdated(a *account, snap glucose.Snapshot) bool {
	r, ok := newestLive(p.readings)
	if !ok || len(p.shares) == 0 || len(p.shares) == 1 && p.shares[a] != nil {
		return false
	}
	return snap.Current == nil || snap.Current.Time.Before(r.Time)
}

// of is the account that somebody's values come through at present: of several
// one that answers. Of nobody it is one that has something to say.
func (s *state) of(p *person) *account {
	if p == nil {
		for _, a := range s.accounts {
			if a.fault != nil && !s.unused(a) {
				return a
			}
		}
		return s.accounts[0]
	}
	best := s.accounts[0]
	least := -1
	for _, a := range s.accounts {
		if sh := p.shares[a]; sh != nil {
			if bad := a.badness(p, sh); least < 0 || bad < least {
				best, least = a, bad
			}
		}
	}
	return best
}

// badness orders the accounts that somebody shares with.
func (a *account) badness(p *person, sh *share) int {
	switch {
	case !sh.missing.IsZero():
		return 5
	case a.fault != nil && a.fault.Kind.NeedsUser():
		return 4
	case a.common():
		return 3
	case a.fault != nil && a.lead == p.who.ID:
		return 2
	case a.catchingUp:
		return 1
	}
	return 0
}

// group are those who are followed through an account.
func (s *state) group(a *account) []*person {
	return slices.DeleteFunc(s.followed(), func(p *person) bool { return s.of(p) != a })
}

// together are those whom what concerns all of an account concerns as it does
// somebody; all, if that is nobody.
func (s *state) together(p *person) []*person {
	if p == nil {
		return s.followed()
	}
	return s.group(s.of(p))
}

// common reports whether something stands in the way of everybody.
func (s *state) common() bool {
	people := s.followed()
	if len(people) == 0 {
		return s.of(nil).common()
	}
	return !slices.ContainsFunc(people, func(p *person) bool { return !s.of(p).common() })
}

// concerned are those whom an alarm of somebody's is about, when it is not about
// them alone.
func (s *state) concerned(p *person, k alarm.Kind) []*person {
	if !s.several() || !s.of(p).common() || !ofAll(k) {
		return nil
	}
	group := s.together(p)
	if len(group) == 1 && len(s.accounts) > 1 {
		return nil
	}
	return group
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
		out = append(out[:n-2], out[n-2]+" and "+out[n-1])
	}
	return strings.Join(out, ", ")
}

// told is a fault of an account, with its name where there are several.
func (s *state) told(a *account, f *glucose.Fault) *glucose.Fault {
	if f == nil || len(s.accounts) == 1 {
		return f
	}
	g := *f
	g.Account = a.call()
	if f.Kind != glucose.Offline { // which is this computer's
		g.Message = a.title() + ": " + f.Message
	}
	if a.name != "" && !strings.Contains(f.Hint, " --account ") {
		g.Hint = strings.ReplaceAll(f.Hint, "llutray login", "llutray login --account "+a.name)
	}
	return &g
}

func (a *account) title() string {
	if a.name == "" {
		return "First account"
	}
	return "Account " + a.name
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
		for _, p := range s.group(a) {
			t.People = append(t.People, StatusPerson{p.who.ID, p.name()})
		}
		out = append(out, t)
	}
	return out
}

// accountTrouble is the same in a line, as far as it is not the fault of whoever
// is shown.
func (s *state) accountTrouble() string {
	for _, t := range s.troubles() {
		if p := s.shown(); p != nil && s.of(p).call() != t.Name {
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
		text = strings.Join(of, ", ") + ": " + text
	}
	if t.Fault.Kind.NeedsUser() {
		text += " " + t.Fault.Hint
	}
	return strings.TrimSpace(text)
}

// The schedule follows one sensor's clock; the values of the others come with
// the same answers. These are the limits at which it should follow another's.
const (
	phoneAway = 20 * time.Minute // the schedule asks more seldom from here on
	promptly  = 90 * time.Second // a value of a 1-minute feed is no older when it comes
	proven    = 3                // such values in a row
	slowFeed  = 10 * time.Minute
)

// wanted is whose sensor clock an account's schedule follows best: that of the
// person shown, or of the first whose values come through it.
func (s *state) wanted(a *account) *person {
	p := s.shown()
	if len(s.accounts) == 1 || p != nil && p.shares[a] != nil {
		return p
	}
	for _, among := range [][]*person{s.followed(), s.ordered()} {
		for _, p := range among {
			if p.shares[a] != nil {
				return p
			}
		}
	}
	return nil
}

// leader is whose sensor clock the schedule should follow: the wanted person's,
// unless that would keep others waiting, because the phone is away or sends each
// 15 minutes.
func (s *state) leader(a *account, now time.Time) string {
	c := s.wanted(a)
	if c == nil {
		return ""
	}
	fresh := func(p *person, within time.Duration) bool {
		r, ok := p.newest()
		return ok && r.Age(now) < within
	}
	away := !fresh(c, phoneAway) || !c.sharing(a).missing.IsZero()
	if !away && c.cadence() < slowFeed {
		return c.who.ID
	}
	for _, p := range s.followed() {
		if p != c && p.shares[a] != nil && fresh(p, glucose.StaleAfter(p.cadence())) && (away || p.prompt >= proven) {
			return p.who.ID
		}
	}
	return c.who.ID
}

// ofAll reports whether an alarm of that kind is everybody's while a fault
// concerns all.
func ofAll(k alarm.Kind) bool { return k == alarm.NoData || k == alarm.NeedsYou }

// settleSpeakers decides for each account for whom a fault that concerns all its
// people is said: for the one whose data has come last, so that nobody waits for
// the repeat of a message about a phone that was away before; and whose alarm is
// not held.
func (s *state) settleSpeakers(now time.Time) {
	for _, a := range s.accounts {
		s.settleSpeaker(a, now)
	}
}

func (s *state) settleSpeaker(a *account, now time.Time) {
	if !a.troubled() {
		a.speaker = ""
		return
	}
	group := s.group(a)
	var best *person
	var bestAt time.Time
	for _, p := range group {
		if !p.set.NoData.On || p.engine != nil && (p.snoozes(now, alarm.NoData) || !p.offUntil(now).IsZero()) {
			continue
		}
		if p.who.ID == a.speaker {
			return
		}
		at := time.Time{}
		if r, ok := newestLive(p.readings); ok {
			at = r.Time
		}
		if best == nil || at.After(bestAt) || at.Equal(bestAt) && p.who.ID == s.chosen {
			best, bestAt = p, at
		}
	}
	among := func(id string) bool {
		return slices.ContainsFunc(group, func(p *person) bool { return p.who.ID == id })
	}
	switch {
	case best != nil:
		a.speaker = best.who.ID
	case among(a.speaker):
	case among(s.chosen) || len(group) == 0:
		a.speaker = s.chosen
	default:
		a.speaker = group[0].who.ID
	}
}

func (p *person) snoozes(now time.Time, k alarm.Kind) bool {
	return slices.ContainsFunc(p.engine.Snoozes(now), func(z alarm.Snooze) bool { return z.Kind == k })
}

// elsewhere reports whether a common fault is said for another person; also
// when it is just over, and the first answer was about one of them alone.
func (s *state) elsewhere(p *person) bool {
	a := s.of(p)
	return a.troubled() && a.speaker != "" && p.who.ID != a.speaker
}

// When a person who is no longer in the service's list is taken to share no
// longer: a list may be short once.
const (
	goneAfter  = 10 * time.Minute
	goneMisses = 3
)

// leaver is somebody who shares no longer.
type leaver struct {
	*person
	since time.Time // zero for one who shared with a former account, and was not seen since
}

// listed compares an account's list with who is known, and returns whoever has
// stopped sharing with it and shares with no other.
func (s *state) listed(a *account, now time.Time, list []glucose.Snapshot) (gone []leaver) {
	in := func(id string) bool {
		return slices.ContainsFunc(list, func(x glucose.Snapshot) bool { return x.Person.ID == id })
	}
	for id, p := range s.people {
		sh := p.shares[a]
		var since time.Time
		switch {
		case sh == nil && (p.shared() || !s.met()):
			continue
		case sh == nil:
			// The store remembers people of former accounts. Nobody may be
			// followed who is not shared with one of these.
		case in(id):
			sh.missing, sh.misses = time.Time{}, 0
			continue
		case !sh.seen:
		case sh.missing.IsZero():
			sh.missing, sh.misses = now, 1
			continue
		default:
			if sh.misses++; sh.misses < goneMisses || now.Sub(sh.missing) < goneAfter {
				continue
			}
			since = sh.missing
		}
		delete(p.shares, a)
		if p.shared() {
			continue
		}
		gone = append(gone, leaver{p, since})
		delete(s.people, id)
	}
	slices.SortFunc(gone, func(a, b leaver) int { return cmp.Compare(a.who.ID, b.who.ID) })
	return gone
}
