package app

import (
	"cmp"
	"slices"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// share is that somebody shares with an account.
type share struct {
	seen    bool      // was in this account's list
	missing time.Time // since when the list lacks them; zero while it does not
	misses  int       // lists without them
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
	case a.uncaught:
		return 1
	}
	return 0
}

// through are those who are followed through an account.
func (s *state) through(a *account) []*person {
	return slices.DeleteFunc(s.followed(), func(p *person) bool { return s.of(p) != a })
}

// group are those who are followed through an account, or through one that fails
// together with it.
func (s *state) group(a *account) []*person {
	joined := s.joined(a)
	return slices.DeleteFunc(s.followed(), func(p *person) bool { return !slices.Contains(joined, s.of(p)) })
}

// together are those whom what concerns all of an account concerns as it does
// somebody; all, if that is nobody.
func (s *state) together(p *person) []*person {
	if p == nil {
		return s.followed()
	}
	return s.group(s.of(p))
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
	slices.SortStableFunc(gone, func(a, b leaver) int { return cmp.Compare(a.who.ID, b.who.ID) })
	return gone
}
