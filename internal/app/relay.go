package app

import (
	"context"
	"encoding/json"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/relay"
	"github.com/llutray/llutray/internal/settings"
)

// relayTest bounds the relays' part of a test alarm: within controlDeadline.
const relayTest = 8 * time.Second

// RelayOptions are what carries alarms past this computer's screen: to a
// phone, to somebody else.
type RelayOptions struct {
	Send relay.Sender
	// Rules are those of the settings; people is who is known, by whom the
	// names in them are understood.
	Rules func(s settings.Settings, people []glucose.Person) []relay.Rule
	State State // what waits, over a restart; nil for nothing
}

// relays is the loop's side of the relays. Their own queue tries again, waits
// where nobody may have answered, and tells who heard that it is over.
type relays struct {
	box   *relay.Outbox                 // nil for none
	rules []relay.Rule                  // in force
	said  map[string]alarm.Record       // by decision, for the alarm log
	zone  atomic.Pointer[time.Location] // the user's, for the hours of the rules
}

// startRelays sets the relays to work.
func (a *App) startRelays(ctx context.Context) {
	o := a.opt.Relays
	if o == nil {
		return
	}
	a.relays.said = map[string]alarm.Record{}
	a.relays.zone.Store(a.state.zone)
	var book relay.Book
	if o.State != nil {
		notice, err := o.State.Load(&book)
		if err != nil {
			a.log.Error("what the relays had to carry is lost", "err", err)
		}
		if notice != "" {
			a.log.Warn(notice)
		}
	}
	a.relays.box = relay.New(relay.Options{
		Rules: a.relayRules(), Saved: book, Send: o.Send, Log: a.log,
		Zone: a.relays.zone.Load,
		Outcome: func(out relay.Outcome) {
			a.bring(ctx, func(now time.Time) { a.carried(out) })
		},
		Save: func(b json.RawMessage) {
			if o.State == nil {
				return
			}
			if err := o.State.Save(b); err != nil {
				a.log.Error("what the relays have to carry could not be kept for the next start", "err", err)
			}
		},
	})
	a.start(func() { a.relays.box.Run(ctx) })
}

func (a *App) relayRules() []relay.Rule {
	var people []glucose.Person
	for _, p := range a.state.people {
		people = append(people, p.who)
	}
	a.relays.rules = a.opt.Relays.Rules(a.state.settings, people)
	return a.relays.rules
}

// setRelays puts the rules of the present settings in force, for the people
// who are known now.
func (a *App) setRelays() {
	if a.relays.box == nil {
		return
	}
	before := a.relays.rules
	if !reflect.DeepEqual(before, a.relayRules()) {
		a.relays.box.SetRules(a.relays.rules)
		a.state.unrelayed = a.relayTrouble() // not of one that is gone
	}
}

// relay gives a message to the relays that want it, for a person or for all whom
// it concerns. They say as much as
// privacy.text allows, also while the screen here is locked or shared: they
// have screens of their own.
func (a *App) relay(p *person, d alarm.Decision, who string, concerned []*person) {
	if a.relays.box == nil {
		return
	}
	m := relay.Alarm{ID: d.ID, Person: glucose.Person{ID: p.who.ID, Name: who}, Kind: d.Kind, Time: d.Time, Raised: d.Raised, Loud: d.Loud}
	for _, o := range concerned {
		m.Also = append(m.Also, o.who.ID)
	}
	m.Full.Title, m.Full.Body = alarm.Text(d, who, p.set.Unit, p.set.Privacy(false))
	m.Free.Title, m.Free.Body = alarm.Text(d, "", p.set.Unit, alarm.ContentFree)
	if len(a.relays.said) > 200 {
		clear(a.relays.said) // an outcome of one so old has an entry of its own
	}
	a.relays.said[p.who.ID+"/"+d.ID] = alarm.RecordOf(d)
	a.relays.box.Raise(m)
}

// relayCleared tells the relays that an alarm is over, unless another of its
// side stands: who has recovered from the urgent low may still be low.
func (a *App) relayCleared(p *person, d alarm.Decision) {
	if a.relays.box == nil || p.engine == nil {
		return
	}
	for _, e := range p.engine.Standing(d.Time) {
		if e.Kind.Group() == d.Kind.Group() {
			return
		}
	}
	a.relays.box.Clear(p.who.ID, d.Kind)
}

// relayAnswered takes back what is told only when nobody answers.
func (a *App) relayAnswered(p *person, k alarm.Kind) {
	if a.relays.box != nil {
		a.relays.box.Answer(p.who.ID, k)
	}
}

// relayForget gives up what is to be told of a person who is followed no
// longer.
func (a *App) relayForget(p *person) {
	if a.relays.box != nil {
		a.relays.box.Forget(p.who.ID)
	}
}

// relayTrouble names a relay that fails, the first of the settings.
func (a *App) relayTrouble() string {
	for _, s := range a.relays.box.Status() {
		if s.Trouble != "" {
			return s.Name + ": " + s.Trouble
		}
	}
	return ""
}

// carried keeps the outcome in the alarm log, as an entry beside the
// message's own.
func (a *App) carried(o relay.Outcome) {
	a.state.unrelayed = a.relayTrouble()
	p := a.state.people[o.Person]
	if o.Over || p == nil {
		return // the log is of alarms
	}
	r, ok := a.relays.said[o.Person+"/"+o.ID]
	if !ok { // of the last run
		r = alarm.Record{ID: o.ID, Time: o.At, Kind: o.Kind}
	}
	r.ID, r.Reason, r.Delivery = r.ID+"@"+o.Relay, alarm.RelayedOn, alarm.DeliveryOK
	if o.Err != "" {
		r.Delivery = o.Err
	}
	a.relog(&person{who: p.who}, r)
}

// testRelays sends a test alarm through all of them at once and returns what
// went wrong.
func (a *App) testRelays(ctx context.Context, m notify.Message) error {
	if a.relays.box == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, relayTest)
	defer cancel()
	return a.relays.box.Test(ctx, relay.Text{Title: m.Title, Body: m.Body})
}
