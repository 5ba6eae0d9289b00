package relay

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/lang"
)

// keepFor is how long a message may wait for its delivery. Later it is news of
// the past, and the next repeat of the alarm tells the present.
const keepFor = 30 * time.Minute

// forgetAfter is when an alarm that was told and never reported over is of no
// interest any more: its end fell into a time in which the program did not run.
const forgetAfter = 24 * time.Hour

// waits are the pauses after each failed delivery; the last one stays.
var waits = [...]time.Duration{5 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute}

// Book is what is to be sent, by relay, and what was heard there. It is pure,
// belongs to one goroutine and survives a restart as JSON. It holds no
// address, and of a content-free relay no content.
type Book struct {
	Lines map[string]*Line `json:"lines"`
	Next  int              `json:"next"` // number of the next message
}

// Line is the queue of one relay.
type Line struct {
	Waiting []Item           `json:"waiting,omitempty"`
	Heard   map[string]Heard `json:"heard,omitempty"` // by person and group of alarms
	Trouble string           `json:"trouble,omitempty"`
	// TroubleSince is when the first of the deliveries failed that have failed
	// without a success between them.
	TroubleSince time.Time `json:"trouble_since,omitzero"`
}

// Heard is the last message of an alarm that arrived.
type Heard struct {
	Kind  alarm.Kind `json:"kind"`
	First time.Time  `json:"first"` // when the first one of the episode arrived
	At    time.Time  `json:"at"`
	Name  string     `json:"name,omitempty"` // of the person; "" where it may not be told
}

// Item is one message that waits.
type Item struct {
	Number     int        `json:"number"`
	ID         string     `json:"id,omitempty"` // of the decision
	Key        string     `json:"key"`          // person and group
	Kind       alarm.Kind `json:"kind"`
	Person     string     `json:"person,omitempty"` // ID
	Name       string     `json:"name,omitempty"`   // "" where it may not be told
	Time       time.Time  `json:"time"`             // of the alarm
	Due        time.Time  `json:"due"`              // first to be sent then
	At         time.Time  `json:"at"`               // to be tried then
	Unanswered bool       `json:"unanswered,omitempty"`
	Loud       bool       `json:"loud,omitempty"`
	Over       bool       `json:"over,omitempty"` // tells that the alarm is over
	Tries      int        `json:"tries,omitempty"`
	Text       Text       `json:"text"`

	underWay, cleared bool
}

// Outcome is what became of a message.
type Outcome struct {
	Relay  string
	ID     string // of the alarm's decision; "" for the news that it is over
	Person string
	Kind   alarm.Kind
	Over   bool
	At     time.Time
	Tries  int
	Err    string // for people; "" when the service took it
	Final  bool   // it is not tried again
}

func key(person string, k alarm.Kind) string { return person + "/" + k.Group() }

func (b *Book) line(name string) *Line {
	if b.Lines == nil {
		b.Lines = map[string]*Line{}
	}
	l := b.Lines[name]
	if l == nil {
		l = &Line{}
		b.Lines[name] = l
	}
	if l.Heard == nil {
		l.Heard = map[string]Heard{}
	}
	return l
}

// Keep forgets relays that are no longer among the rules.
func (b *Book) Keep(rules []Rule) {
	for name := range b.Lines {
		if !slices.ContainsFunc(rules, func(r Rule) bool { return r.Name == name }) {
			delete(b.Lines, name)
		}
	}
}

// Raise takes in a message of the alarm engine. now is in the zone of the
// rules' hours.
func (b *Book) Raise(now time.Time, rules []Rule, a Alarm) {
	for _, r := range rules {
		if !r.Wants(a, now) {
			continue
		}
		l, k := b.line(r.Name), key(a.Person.ID, a.Kind)
		if h, ok := l.Heard[k]; ok && rank(a.Kind) >= rank(h.Kind) && r.soon(now.Sub(h.At)) {
			continue
		}
		if a.ID != "" && slices.ContainsFunc(l.Waiting, func(o Item) bool { return o.ID == a.ID && o.Key == k }) {
			continue // the desktop tries it again; so do we, at our own pace
		}
		b.Next++
		it := Item{
			Number: b.Next, ID: a.ID, Key: k, Kind: a.Kind, Person: a.Person.ID, Time: a.Time.UTC(),
			Due: now.UTC(), Unanswered: r.After > 0, Loud: a.Loud, Text: r.text(a),
		}
		if !r.ContentFree {
			it.Name = a.Person.Name
		}
		if r.After > 0 {
			since := a.Raised
			if since.IsZero() {
				since = now
			}
			it.Due = latest(it.Due, since.Add(r.After).UTC())
		}
		it.At = it.Due
		// The newest word of an alarm replaces what has not left yet.
		l.drop(func(o Item) bool { return o.Key == k })
		l.Waiting = append(l.Waiting, it)
	}
}

// Answer takes in that somebody answered an alarm here, and those that are no
// worse with it; "" for all of the person's. What is told only when nobody
// answers is not told then.
func (b *Book) Answer(person string, k alarm.Kind) {
	for _, l := range b.Lines {
		l.drop(func(o Item) bool {
			return o.Unanswered && !o.Over && o.Person == person &&
				(k == "" || o.Kind.Group() == k.Group() && rank(o.Kind) >= rank(k))
		})
	}
}

// Clear takes in that an alarm is over.
func (b *Book) Clear(now time.Time, rules []Rule, person string, k alarm.Kind) {
	for _, r := range rules {
		l, ok := b.Lines[r.Name]
		if !ok {
			continue
		}
		at := key(person, k)
		l.drop(func(o Item) bool { return o.Key == at })
		for i := range l.Waiting {
			if o := &l.Waiting[i]; o.Key == at && o.underWay {
				o.cleared = true
			}
		}
		if h, heard := l.Heard[at]; heard {
			delete(l.Heard, at)
			b.over(now, r, l, at, person, h)
		}
	}
}

// Forget gives up everything about a person.
func (b *Book) Forget(person string) {
	for _, l := range b.Lines {
		l.drop(func(o Item) bool { return o.Person == person })
		for i := range l.Waiting {
			if o := &l.Waiting[i]; o.Person == person {
				o.cleared = true
			}
		}
		maps.DeleteFunc(l.Heard, func(k string, _ Heard) bool { return strings.HasPrefix(k, person+"/") })
	}
}

// over queues the news that an alarm is over, for who was told of it.
func (b *Book) over(now time.Time, r Rule, l *Line, at, person string, h Heard) {
	if !r.Recovered {
		return
	}
	b.Next++
	l.Waiting = append(l.Waiting, Item{
		Number: b.Next, Key: at, Kind: h.Kind, Person: person, Name: h.Name, Time: now.UTC(), Due: now.UTC(), At: now.UTC(),
		Over: true, Text: overText(h, now, r.ContentFree),
	})
}

// drop gives up what waits and has not been given to the service.
func (l *Line) drop(which func(Item) bool) {
	l.Waiting = slices.DeleteFunc(l.Waiting, func(o Item) bool { return !o.underWay && which(o) })
}

// Delivery is a message to be sent now; Number comes back in Done.
type Delivery struct {
	Relay  string
	Number int
	Text   Text
	Loud   bool
}

// Due returns what is to be sent now, at most one message a relay, and what
// is given up because it has waited for too long. Whoever calls it sends what
// it returns and reports each with Done.
func (b *Book) Due(now time.Time) (send []Delivery, expired []Outcome) {
	for name, l := range b.Lines {
		maps.DeleteFunc(l.Heard, func(_ string, h Heard) bool { return now.Sub(h.At) > forgetAfter })
		l.drop(func(o Item) bool {
			if now.Before(o.Due.Add(keepFor)) {
				return false
			}
			expired = append(expired, outcome(name, o, now, lang.F("it could not be delivered for %d min", int(keepFor/time.Minute)), true))
			return true
		})
		if slices.ContainsFunc(l.Waiting, func(o Item) bool { return o.underWay }) {
			continue
		}
		best := -1
		for i, o := range l.Waiting {
			if !o.At.After(now) && (best < 0 || before(o, l.Waiting[best])) {
				best = i
			}
		}
		if best < 0 {
			continue
		}
		o := &l.Waiting[best]
		o.underWay = true
		o.Tries++
		send = append(send, Delivery{Relay: name, Number: o.Number, Text: late(*o, now), Loud: o.Loud})
	}
	slices.SortStableFunc(send, func(a, b Delivery) int { return cmp.Compare(a.Number, b.Number) })
	return send, expired
}

// before orders what is due together: alarms before news that one is over, the
// worst first.
func before(a, b Item) bool {
	if a.Over != b.Over {
		return b.Over
	}
	return cmp.Or(cmp.Compare(rank(a.Kind), rank(b.Kind)), cmp.Compare(a.Number, b.Number)) < 0
}

// Done takes in how a delivery ended. why is "" for success, else a sentence;
// wait is how long the service asks to be left alone.
func (b *Book) Done(now time.Time, rules []Rule, d Delivery, why string, wait time.Duration) (Outcome, bool) {
	if _, ok := b.Lines[d.Relay]; !ok {
		return Outcome{}, false
	}
	l := b.line(d.Relay)
	i := slices.IndexFunc(l.Waiting, func(o Item) bool { return o.Number == d.Number && o.underWay })
	if i < 0 {
		return Outcome{}, false
	}
	o := &l.Waiting[i]
	o.underWay = false
	if why != "" {
		if l.Trouble == "" {
			l.TroubleSince = now.UTC()
		}
		l.Trouble = why
		o.At = now.UTC().Add(max(waits[min(o.Tries, len(waits))-1], wait))
		// A newer message has come meanwhile, or it is no longer true.
		newer := slices.ContainsFunc(l.Waiting, func(x Item) bool { return x.Key == o.Key && x.Number > o.Number })
		out := outcome(d.Relay, *o, now, why, newer || o.cleared)
		if out.Final {
			l.Waiting = slices.Delete(l.Waiting, i, i+1)
		}
		return out, true
	}
	l.Trouble, l.TroubleSince = "", time.Time{}
	item := *o
	l.Waiting = slices.Delete(l.Waiting, i, i+1)
	if !item.Over {
		h := Heard{Kind: item.Kind, First: now.UTC(), At: now.UTC(), Name: item.Name}
		if old, ok := l.Heard[item.Key]; ok {
			h.First = old.First
		}
		if item.cleared {
			if r := slices.IndexFunc(rules, func(r Rule) bool { return r.Name == d.Relay }); r >= 0 {
				b.over(now, rules[r], l, item.Key, item.Person, h)
			}
		} else {
			l.Heard[item.Key] = h
		}
	}
	return outcome(d.Relay, item, now, "", true), true
}

func outcome(relay string, o Item, now time.Time, why string, final bool) Outcome {
	return Outcome{
		Relay: relay, ID: o.ID, Person: o.Person, Kind: o.Kind, Over: o.Over, At: now.UTC(), Tries: o.Tries, Err: why, Final: final,
	}
}

// Wake is when Due has something to do at the latest; zero when nothing waits.
func (b *Book) Wake() (at time.Time) {
	for _, l := range b.Lines {
		busy := slices.ContainsFunc(l.Waiting, func(o Item) bool { return o.underWay })
		for _, o := range l.Waiting {
			t := o.At
			if end := o.Due.Add(keepFor); busy || end.Before(t) {
				t = end
			}
			if !o.underWay && (at.IsZero() || t.Before(at)) {
				at = t
			}
		}
	}
	return at
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
