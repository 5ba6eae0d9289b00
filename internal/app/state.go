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
	given    settings.Settings // as the file says
	settings settings.Settings // with the people found whom its sections are about
	people   map[string]*person
	everMet  map[string]bool // IDs of all who ever shared since the start
	accounts []*account      // that are followed; the first has no name
	chosen   string          // the person who is shown
	zone     *time.Location

	settingsErr error     // the settings file is broken; the last good ones are in force
	storeErr    error     // the last reading could not be stored
	stateErr    error     // alarms and snoozes could not be kept for the next start
	failing     []failing // what carries values elsewhere and does not work
	notice      string    // what the user must know of the files
	undelivered string    // why the last test alarm could not be shown
	mute        string    // why the last sound could not be played
	unrelayed   string    // which relay fails, and why
	unsaid      string    // why nothing could be said aloud
	locked      bool      // the screen is
	bedtime     string    // whether alarms would be heard, in a sentence; "" by day
}

// person is what is known of one person who shares their glucose.
type person struct {
	who       glucose.Person    // as the service calls them
	set       settings.Settings // as they hold for this person
	readings  []glucose.Reading // within window, oldest first, of any origin
	sensor    *glucose.Sensor
	account   glucose.Account
	futureBy  time.Duration // a refused reading was dated this far ahead
	engine    *alarm.Engine
	inForce   settings.Settings // what the engine goes by
	wake      time.Time         // when the engine wants to be called next
	judged    time.Time         // time of the newest reading the engine has seen
	answered  time.Time         // when an answer was last about them
	got       time.Time         // when the newest reading came
	named     time.Time         // when no data was last said, if by name; zero if for all
	elsewhere alarm.Elsewhere   // as the engine was last told
	covered   alarm.Elsewhere   // what of that was said in truth, not only waited for
	log       []alarm.Record
	relogged  int // how often an entry of the log changed
	lastNight nightSum
	unstored  []glucose.Reading // what the store refused, oldest first
	doubt     doubt             // what is to leave the store's readings
	disproved bool              // readings of the future were dropped since the last new one

	shares      map[*account]*share // with whom they share, or did when last heard of
	prompt      int                 // values in a row that came while young
	suffix      string              // of the tags of their messages
	undelivered string              // why their last alarm could not be shown
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
		if found || p.doubled(r) {
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

// doubt is what the store is still to keep apart from a person's readings.
type doubt struct {
	after    time.Time         // what it has of later times; zero for nothing
	unstored []glucose.Reading // what it refused before
}

// disprove drops readings of the future when the service tells one of the
// present: they were taken in by a clock that has been set right since, and
// would stand for the newest until their time came.
func (p *person) disprove(now time.Time) {
	n := len(p.readings)
	for n > 0 && ahead(p.readings[n-1], now) {
		n--
	}
	p.disproved = p.disproved || n < len(p.readings)
	p.readings = p.readings[:n]
	if p.judged.Sub(now) > glucose.MaxAhead {
		p.judged = time.Time{}
	}
}

// contradict drops, where readings of the future were dropped since the last new
// one, those of the same wrong clock that lie nearer: all that is dated with or
// after a reading that is new.
func (p *person) contradict(current glucose.Reading) {
	if p.disproved && !slices.Contains(p.readings, current) {
		p.readings = slices.DeleteFunc(p.readings, func(r glucose.Reading) bool { return !r.Time.Before(current.Time) })
	}
}

// misdated has the store keep readings of the future apart, whether they were
// known here or are of hours that no start recalls. It takes more than an
// answer of the present, which a clock that is behind makes of an old one: a
// reading that is new, for then the phone's clock has been set back as well.
// Where both tell the wrong time since, true readings go; no program can know,
// and that is why nothing is deleted.
//
// What contradicts it goes, too.
func (p *person) misdated(now time.Time, current glucose.Reading) {
	after := now.Round(0).Add(glucose.MaxAhead)
	if p.disproved {
		after = current.Time.Add(-time.Second) // another value may be in its second
		p.disproved = false
	}
	// As long as the store has failed to, nothing has been added to it: the
	// earliest border holds for all it has.
	if p.doubt.after.IsZero() || after.Before(p.doubt.after) {
		p.doubt.after = after
	}
	p.unstored = slices.DeleteFunc(p.unstored, func(r glucose.Reading) bool {
		if !r.Time.After(after) {
			return false
		}
		p.doubt.unstored = append(p.doubt.unstored, r)
		return true
	})
}

// ahead reports whether a reading is dated further ahead than any is taken in.
func ahead(r glucose.Reading, now time.Time) bool { return r.Time.Sub(now) > glucose.MaxAhead }

// near is how near two live readings of two sources may be to tell the same
// moment, in pictures and statistics: glucose.Merge's.
const near = 450 * time.Second

// doubled reports whether a live reading tells of the past what a live one of
// another source has told. What is newer than all known is always news.
func (p *person) doubled(r glucose.Reading) bool {
	if r.Origin != glucose.Live {
		return false
	}
	newest, ok := newestLive(p.readings)
	if !ok || r.Time.After(newest.Time) {
		return false
	}
	return slices.ContainsFunc(p.readings, func(o glucose.Reading) bool {
		return o.Origin == glucose.Live && o.Source != r.Source && o.Time.Sub(r.Time).Abs() <= near
	})
}

func compareReadings(a, b glucose.Reading) int {
	return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Origin, b.Origin))
}

// apply takes in one answer about an account and returns the readings that are
// new, by person, and who has stopped sharing.
func (s *state) apply(a *account, u poll.Update) (fresh map[string][]glucose.Reading, gone []leaver) {
	a.asked = true
	was := a.fault
	a.fault = since(was, u.Fault, u.At)
	a.overFor(u)
	s.relieve(a, was, u.At)
	fresh = map[string][]glucose.Reading{}
	for _, snap := range u.Snapshots {
		p := s.people[snap.Person.ID]
		if p == nil {
			if !s.meets(snap.Person.ID) {
				continue
			}
			p = &person{}
			s.people[snap.Person.ID] = p
		}
		if snap.Person.Name == "" {
			snap.Person.Name = p.who.Name // an answer without it is no renaming
		}
		if !p.outdated(a, snap) {
			p.who, p.account, p.sensor, p.futureBy = snap.Person, snap.Account, snap.Sensor, snap.FutureBy
		}
		p.sharing(a).seen = true
		p.answered = u.At
		readings := slices.Clone(snap.History)
		// The clock may have been set back while it was answered: then it disproves
		// nothing.
		present := snap.Current != nil && !ahead(*snap.Current, u.At)
		if present {
			p.disprove(u.At)
			p.contradict(*snap.Current)
		}
		if snap.Current != nil {
			readings = append(readings, *snap.Current)
		}
		added := p.add(u.At, readings)
		if present && slices.Contains(added, *snap.Current) {
			p.misdated(u.At, *snap.Current)
		}
		if len(added) > 0 {
			fresh[p.who.ID] = added
			p.prompt++
			r, ok := newestLive(added)
			if !ok || r.Age(u.At) > promptly {
				p.prompt = 0
			}
			if newest, _ := newestLive(p.readings); ok && r.Time.Equal(newest.Time) {
				p.got = u.At
			}
		}
	}
	// Without LibreLinkUp the list is no list of all who share.
	if u.Fault == nil && !u.Graph && a.ofLibre == nil {
		a.met = true
		gone = s.listed(a, u.At, u.Snapshots)
	}
	s.identify()
	s.choose()
	return fresh, gone
}

// mostMet is how many people are followed between two starts, more than anybody
// has. A service that names new ones without end must not fill the store, nor
// the screen with farewells.
const mostMet = 256

func (s *state) meets(id string) bool {
	if !s.everMet[id] {
		if len(s.everMet) >= mostMet {
			return false
		}
		if s.everMet == nil {
			s.everMet = map[string]bool{}
		}
		s.everMet[id] = true
	}
	return true
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
