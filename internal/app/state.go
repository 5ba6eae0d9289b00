package app

import (
	"cmp"
	"slices"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/poll"
	"github.com/llutray/llutray/internal/settings"
)

// window is how far back readings are held in memory: a whole local day on
// the longest day of the year, and the hours before midnight for the trace.
const window = 28 * time.Hour

// state is everything the program knows. One loop owns it.
type state struct {
	settings settings.Settings
	people   map[string]*person
	chosen   string // the person who is followed
	zone     *time.Location

	asked       bool           // the service has answered, or failed to
	met         bool           // this connection has told who shares with the account
	fault       *glucose.Fault // of the last request, nil when it succeeded
	settingsErr error          // the settings file is broken; the last good ones are in force
	storeErr    error          // the last reading could not be stored
	undelivered string         // why the last alarm could not be shown
	mute        string         // why the last sound could not be played
	unrelayed   string         // which relay fails, and why
	locked      bool           // the screen is
	bedtime     string         // whether alarms would be heard, in a sentence; "" by day
}

// person is what is known of one person who shares their glucose.
type person struct {
	who      glucose.Person
	readings []glucose.Reading // within window, oldest first, of any origin
	sensor   *glucose.Sensor
	account  glucose.Account
	futureBy time.Duration // a refused reading was dated this far ahead
	engine   *alarm.Engine
	judged   time.Time // time of the newest reading the engine has seen
	log      []alarm.Record
	unstored []glucose.Reading // what the store refused, oldest first
}

// newest returns the newest live reading, or failing that the newest of the
// service's own history.
func (p *person) newest() (r glucose.Reading, ok bool) {
	for _, x := range slices.Backward(p.readings) {
		if x.Origin == glucose.Live {
			return x, true
		}
		if !ok {
			r, ok = x, true
		}
	}
	return r, ok
}

func (p *person) cadence() time.Duration { return glucose.Cadence(p.readings) }

// add merges readings into the window and returns those that were not there.
func (p *person) add(now time.Time, readings []glucose.Reading) (added []glucose.Reading) {
	for _, r := range readings {
		if !r.Plausible() {
			continue
		}
		i, found := slices.BinarySearchFunc(p.readings, r, compareReadings)
		if found {
			continue
		}
		p.readings = slices.Insert(p.readings, i, r)
		added = append(added, r)
	}
	old := 0
	for old < len(p.readings) && now.Sub(p.readings[old].Time) > window {
		old++
	}
	p.readings = slices.Delete(p.readings, 0, old)
	return added
}

func compareReadings(a, b glucose.Reading) int {
	return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Origin, b.Origin))
}

// shown is the person on display, nil before anybody is known.
func (s *state) shown() *person { return s.people[s.chosen] }

// choose settles who is followed: the person in the settings, else whoever
// was followed, else the first by name.
func (s *state) choose() {
	if _, ok := s.people[s.settings.Person]; ok {
		s.chosen = s.settings.Person
		return
	}
	if _, ok := s.people[s.chosen]; ok {
		return
	}
	if o := s.ordered(); len(o) > 0 {
		s.chosen = o[0].who.ID
	}
}

func (s *state) ordered() []*person {
	var out []*person
	for _, p := range s.people {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b *person) int {
		return cmp.Or(cmp.Compare(a.who.Name, b.who.Name), cmp.Compare(a.who.ID, b.who.ID))
	})
	return out
}

// apply takes in one answer of the service and returns the readings that are
// new, by person.
func (s *state) apply(u poll.Update) map[string][]glucose.Reading {
	s.asked = true
	s.fault = since(s.fault, u.Fault, u.At)
	fresh := map[string][]glucose.Reading{}
	if u.Fault == nil && !u.Graph && !s.met {
		// The store remembers people of former accounts. Nobody may be followed
		// who is not shared with this one; who goes missing later stays, since
		// a list that is short once must not change the person on the screen.
		s.met = true
		for id := range s.people {
			if !slices.ContainsFunc(u.Snapshots, func(x glucose.Snapshot) bool { return x.Person.ID == id }) {
				delete(s.people, id)
			}
		}
	}
	for _, snap := range u.Snapshots {
		p := s.people[snap.Person.ID]
		if p == nil {
			p = &person{}
			s.people[snap.Person.ID] = p
		}
		if snap.Person.Name == "" {
			snap.Person.Name = p.who.Name // an answer without it is no renaming
		}
		p.who, p.account, p.sensor, p.futureBy = snap.Person, snap.Account, snap.Sensor, snap.FutureBy
		readings := slices.Clone(snap.History)
		if snap.Current != nil {
			readings = append(readings, *snap.Current)
		}
		if added := p.add(u.At, readings); len(added) > 0 {
			fresh[p.who.ID] = added
		}
	}
	s.choose()
	return fresh
}

// since keeps the moment a fault of one kind began.
func since(old, now *glucose.Fault, at time.Time) *glucose.Fault {
	if now == nil {
		return nil
	}
	f := *now
	f.Since = at
	if old != nil && old.Kind == f.Kind {
		f.Since = old.Since
	}
	return &f
}
