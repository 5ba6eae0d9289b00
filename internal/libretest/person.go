package libretest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Model is the kind of sensor a person wears; it decides how the graph looks.
type Model int

// The sensors.
const (
	Libre3 Model = iota // graph points every 5 minutes
	Libre2              // graph points every 15 minutes
)

// Person is someone who shares their glucose with the account.
type Person struct {
	ID                  string // patientId, a UUID; drawn from the seed if empty
	FirstName, LastName string
	Country             string         // ISO code; GB if empty
	Zone                *time.Location // their wall clock; UTC if nil
	Model               Model
	SensorStart         time.Time     // five days before the server's start if zero
	SensorLife          time.Duration // 14 days if zero; then the next sensor begins
	TargetLow           int           // mg/dL; 70 if zero
	TargetHigh          int           // mg/dL; 180 if zero
	Mmol                bool          // the account shows this person in mmol/L
	Glucose             Glucose       // read by a sensor on Options.Feed; a simulator if nil
	Source              Source        // instead of Glucose
}

const warmUp = 60 * time.Minute

// patient is a Person with what has been done to them at run time.
type patient struct {
	Person
	seed   uint64
	feed   Feed
	worn   bool // Source is our own sensor, which warms up
	pushed []Reading
	held   *hold
}

// hold replaces the values of a sensor from an instant on.
type hold struct {
	from  time.Time
	value Reading
}

func newPatient(p Person, feed Feed, seed uint64, now time.Time) *patient {
	fill := func(s *string, otherwise string) {
		if *s == "" {
			*s = otherwise
		}
	}
	fill(&p.ID, uuid(seed, 1))
	fill(&p.FirstName, "Alex")
	fill(&p.LastName, "Example")
	fill(&p.Country, "GB")
	if p.Zone == nil {
		p.Zone = time.UTC
	}
	if p.SensorStart.IsZero() {
		p.SensorStart = now.Add(-5 * 24 * time.Hour).Truncate(time.Second)
	}
	if p.SensorLife <= 0 {
		p.SensorLife = 14 * 24 * time.Hour
	}
	if p.TargetLow == 0 {
		p.TargetLow = 70
	}
	if p.TargetHigh == 0 {
		p.TargetHigh = 180
	}
	q := &patient{seed: seed, feed: feed.withDefaults(seed)}
	if p.Source == nil {
		if p.Glucose == nil {
			p.Glucose = NewSimulator(seed, p.Zone)
		}
		p.Source = NewSensor(p.Glucose, q.feed, seed)
		q.worn = true
	}
	q.Person = p
	return q
}

// activation is when the sensor worn at t was started.
func (p *patient) activation(t time.Time) time.Time {
	worn := t.Sub(p.SensorStart) % p.SensorLife
	if worn < 0 {
		worn += p.SensorLife
	}
	return t.Add(-worn)
}

// readings are those of the sensor with after < Time <= until, with pushed and
// held ones in their place, each with the instant of its publication.
func (p *patient) readings(after, until time.Time) []Reading {
	var out []Reading
	for _, r := range p.Source.Readings(after, until) {
		if p.worn && r.Time.Sub(p.activation(r.Time)) < warmUp {
			continue
		}
		if len(p.pushed) > 0 && !r.Time.Before(p.pushed[0].Time) {
			break
		}
		if p.held != nil && !r.Time.Before(p.held.from) {
			held := p.held.value
			held.Time = r.Time
			r = held
		}
		if r.Published.IsZero() {
			r.Published = r.Time.Add(p.feed.Delay(r.Time))
		}
		out = append(out, r)
	}
	for _, r := range p.pushed {
		if r.Time.After(after) && !r.Time.After(until) {
			out = append(out, r)
		}
	}
	return out
}

// push keeps the pushed readings in order of time; a second one for the same
// instant replaces the first.
func (p *patient) push(r Reading) {
	at, found := slices.BinarySearchFunc(p.pushed, r, func(a, b Reading) int { return a.Time.Compare(b.Time) })
	if found {
		p.pushed[at] = r
		return
	}
	p.pushed = slices.Insert(p.pushed, at, r)
}

// uploaded are the readings the service has at now, back to span before the
// newest; none if nothing was uploaded for two months.
func (p *patient) uploaded(now time.Time, span time.Duration, hidden func(Reading) bool) []Reading {
	for _, back := range []time.Duration{time.Hour, 26 * time.Hour, 60 * 24 * time.Hour} {
		// A pushed reading may claim to be from the future: a phone's clock can
		// be wrong.
		list := p.published(now.Add(-back), now.Add(24*time.Hour), now, hidden)
		if len(list) == 0 {
			continue
		}
		newest := list[len(list)-1].Time
		if newest.Add(-span).Before(now.Add(-back)) {
			list = p.published(newest.Add(-span-time.Second), newest, now, hidden)
		}
		return list
	}
	return nil
}

func (p *patient) published(after, until, now time.Time, hidden func(Reading) bool) []Reading {
	// Beyond now only pushed readings can be published, so the sensor need not
	// be read there.
	list := p.readings(after, minTime(until, now))
	for _, r := range p.pushed {
		if r.Time.After(now) && !r.Time.After(until) {
			list = append(list, r)
		}
	}
	return slices.DeleteFunc(list, func(r Reading) bool { return r.Published.After(now) || hidden(r) })
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// uuid is a version-4-shaped identifier that belongs to (seed, what).
func uuid(seed uint64, what int64) string {
	a, b := mix(seed^uint64(what)<<32), mix(seed+uint64(what)*7919+1)
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0x3fff|0x8000, b&0xffffffffffff)
}

// serial is a number as the service tells it: ten characters, the printed
// leading digit missing, and on a Libre 3 a surplus 0 at the end.
func (p *patient) serial(activated time.Time) string {
	const letters = "0123456789ACDEFGHJKLMNPQRTUVWXYZ"
	n := mix(p.seed ^ uint64(activated.Unix()))
	var b strings.Builder
	if p.Model == Libre3 {
		b.WriteString("0H")
	} else {
		b.WriteString("MH")
	}
	for b.Len() < 9 {
		b.WriteByte(letters[n%32])
		n /= 32
	}
	b.WriteByte('0')
	return b.String()
}
