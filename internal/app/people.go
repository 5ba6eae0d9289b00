package app

import (
	"cmp"
	"slices"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/settings"
)

// Everything is kept by the service's ID of a person, through whatever account
// they come; what is an account's is in accounts.go.

// adopt puts settings in force for everybody, and returns the accounts that have
// come and gone with them.
func (s *state) adopt(given settings.Settings) (come, gone []*account) {
	s.given = given
	come, gone = s.nameAccounts(given.AccountNames())
	s.identify()
	return come, gone
}

// identify finds out whom the sections of the settings are about, whenever
// these or the people have changed. Who only was known before, of another
// account or a file, is asked for in want of others alone.
func (s *state) identify() {
	var known, sharing []glucose.Person
	for _, p := range s.people {
		known = append(known, p.who)
		if p.shared() {
			sharing = append(sharing, p.who)
		}
	}
	if len(sharing) > 0 {
		known = sharing
	}
	s.settings = s.given.Identify(known)
	for _, p := range s.people {
		p.set = s.settings.For(p.who.ID)
	}
}

// unmatched is the section of the settings that fits nobody, as far as can be
// told: one with an ID may be of somebody who shares at other times.
func (s *state) unmatched() string {
	if !s.met() {
		return ""
	}
	for _, p := range s.settings.People {
		if p.ID == "" {
			return p.Section
		}
	}
	return ""
}

// name is what to call the person.
func (p *person) name() string { return p.set.Call(p.who) }

func (p *person) followed() bool { return p.shared() && p.set.Personal(p.who.ID).Follow }

// ordered are all who share with an account, as the user ordered them.
func (s *state) ordered() []*person {
	var out []*person
	for _, p := range s.people {
		if p.shared() {
			out = append(out, p)
		}
	}
	place := func(p *person) int { return cmp.Or(p.set.Personal(p.who.ID).Order, 1000) } // after all with a number
	slices.SortFunc(out, func(a, b *person) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.name(), b.name()), cmp.Compare(a.who.ID, b.who.ID))
	})
	return out
}

// followed are those whose alarms are raised.
func (s *state) followed() []*person {
	return slices.DeleteFunc(s.ordered(), func(p *person) bool { return !p.followed() })
}

// having are those of these ids who are known.
func (s *state) having(ids []string) (out []*person) {
	for _, id := range ids {
		if p := s.people[id]; p != nil {
			out = append(out, p)
		}
	}
	return out
}

// several reports whether what is said must say of whom.
func (s *state) several() bool { return len(s.ordered()) > 1 }

// shown is the person whom the menu is about, nil before anybody is known.
func (s *state) shown() *person { return s.people[s.chosen] }

// choose settles who is shown: the person in the settings, else whoever was
// shown, else the first; of those who are followed, if anybody is.
func (s *state) choose() {
	among := s.followed()
	if len(among) == 0 {
		among = s.ordered()
	}
	for _, id := range []string{s.settings.Person, s.chosen} {
		if slices.ContainsFunc(among, func(p *person) bool { return p.who.ID == id }) {
			s.chosen = id
			return
		}
	}
	if len(among) > 0 {
		s.chosen = among[0].who.ID
	} else {
		s.chosen = ""
	}
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

// find returns the people that a command means: by ID, by the user's name, by
// the service's full or first one, or by the name of the section.
func (s *state) find(who string) (out []*person) {
	for _, p := range s.ordered() {
		if p.set.Means(p.who, who) {
			out = append(out, p)
		}
	}
	return out
}
