package relay

import (
	"slices"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
)

// Rule is one relay: a place outside this computer and what is told there.
// Where the place is, its address with the secrets in it, is kept elsewhere.
type Rule struct {
	Name   string         // as the user calls it
	Kinds  []alarm.Kind   // of alarms; none for all
	People []string       // their IDs; none for everybody
	Hours  []alarm.Window // of which From, To and Days count; none for always
	// After is how long an alarm must have gone unanswered; 0 tells each alarm
	// at once, answered or not.
	After time.Duration
	// Every is the least time between two messages of an alarm that has not
	// become worse; 0 for defaultEvery.
	Every       time.Duration
	ContentFree bool // tell that there is an alarm, and nothing else
	Recovered   bool // tell also that it is over, to who was told of it
}

// defaultEvery keeps an urgent low, which is said every five minutes here,
// from being called a nuisance there.
const defaultEvery = 15 * time.Minute

// Text is a message for people.
type Text struct {
	Title string `json:"title"`
	Body  string `json:"body"`
}

// Alarm is one message of the alarm engine.
type Alarm struct {
	ID     string // of the decision
	Person glucose.Person
	Also   []string // IDs of others whom it is about as well
	Kind   alarm.Kind
	Time   time.Time // of the decision
	Raised time.Time // since when nobody has answered; zero when it is answered
	Loud   bool
	Full   Text // as the desktop shows it
	Free   Text // without name and value
}

// about reports whether the alarm is about a person.
func (a Alarm) about(id string) bool { return id == a.Person.ID || slices.Contains(a.Also, id) }

// Wants reports whether the rule lets the alarm through at now, in its zone.
func (r Rule) Wants(a Alarm, now time.Time) bool {
	return (len(r.Kinds) == 0 || slices.Contains(r.Kinds, a.Kind)) &&
		(len(r.People) == 0 || slices.ContainsFunc(r.People, a.about)) &&
		(len(r.Hours) == 0 || len(alarm.InForce(r.Hours, now)) > 0)
}

// slack lets a repeat through that comes a little early: readings and services
// are seconds off, and the next repeat is minutes later.
const slack = 30 * time.Second

// soon reports whether a repeat after that time is too early.
func (r Rule) soon(since time.Duration) bool {
	every := r.Every
	if every == 0 {
		every = defaultEvery
	}
	return since < every-slack
}

func (r Rule) text(a Alarm) Text {
	if r.ContentFree {
		return a.Free
	}
	return a.Full
}

// rank is the severity of a kind, the most severe first.
func rank(k alarm.Kind) int { return slices.Index(alarm.Kinds(), k) }
