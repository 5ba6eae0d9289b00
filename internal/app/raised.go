package app

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/notify"
)

// raised is what the last message of a tag says, and of whom. It is kept over a
// restart: the notifications take down what a killed run has left there, whose
// buttons nobody hears, and the next run puts back what waits for an answer.
type raised struct {
	Tag       string         `json:"tag"`
	Person    string         `json:"person"`
	Said      alarm.Decision `json:"said"`
	Concerned []string       `json:"concerned,omitempty"` // whom it is about, where it is about several; nil for that person alone
	Closed    bool           `json:"closed,omitempty"`    // by the user or by its time

	away absence
}

// messages are the last of each tag.
type messages map[string]*raised

// UnmarshalJSON takes what it understands: what is kept beside them must be read
// in any case.
func (m *messages) UnmarshalJSON(b []byte) error {
	*m = messages{}
	var each map[string]json.RawMessage
	if json.Unmarshal(b, &each) != nil {
		return nil //nolint:nilerr // none
	}
	for tag, text := range each {
		var r raised
		if json.Unmarshal(text, &r) == nil && r.Tag == tag && slices.Contains(alarm.Kinds(), r.Said.Kind) {
			(*m)[tag] = &r
		}
	}
	return nil
}

// recallRaised takes over what the run before had on the screen. Of whom that was
// may be known later only: the history may be out of reach.
func (a *App) recallRaised() {
	if a.saved.Raised == nil {
		a.saved.Raised = messages{}
	}
	a.raised = a.saved.Raised
}

// tag is what keeps the messages of one group of alarms and one person from
// replacing others. It never changes, whoever comes and goes, as long as one of the
// person's messages is on the screen.
func (a *App) tag(p *person, group string) string {
	if p.suffix == "" && p != a.unknown {
		p.suffix = a.suffix(p)
	}
	return strings.TrimSpace(group + p.suffix)
}

// suffix is what the tags of a person end with: a space for the first.
func (a *App) suffix(p *person) string {
	first := true
	for _, r := range a.raised {
		suffix := cmp.Or(strings.TrimPrefix(r.Tag, r.Said.Kind.Group()), " ")
		if r.Person == p.who.ID {
			return suffix
		}
		first = first && (r.Person == "" || suffix != " ")
	}
	for _, o := range a.state.people {
		first = first && (o == p || o.suffix != " ")
	}
	if first {
		return " "
	}
	return " " + p.who.ID
}

// raise notes what a message says that is about to be sent. Until it has arrived
// the one that it replaces may be on no screen.
func (a *App) raise(r *raised) {
	if former := a.raised[r.Tag]; former != nil {
		r.away.retry, r.away.pause = former.away.retry, former.away.pause
	}
	a.raised[r.Tag] = r
	a.unsaved = true
}

func (a *App) withdraw(tag string) {
	if r := a.raised[tag]; r != nil {
		a.missNoMore(r)
		delete(a.raised, tag)
		a.unsaved = true
	}
	a.send(delivery{withdraw: true, message: notify.Message{Tag: tag}})
}

// dismiss takes all messages about one person off the screen, and ends the
// tries to carry them elsewhere.
func (a *App) dismiss(p *person) {
	a.relayForget(p)
	for tag, r := range a.raised {
		if r.Person == p.who.ID {
			a.withdraw(tag)
		}
	}
}

// clearScreen takes back every alarm on the screen.
func (a *App) clearScreen() {
	for tag := range a.raised {
		a.withdraw(tag)
	}
}
