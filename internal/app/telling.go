package app

import (
	"context"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// tellFaults tells each fault that comes or goes, once: what concerns
// everybody without a name, and the others with that of the person.
func (a *App) tellFaults(now time.Time) {
	all := a.state.standing(a.state.shown(), now)
	// Stored first: whoever hears of it may ask `status`. Also at the start, when
	// the last run may have left another, and when only its words have changed.
	a.storeFault(MetaFault, all)
	for _, p := range a.state.ordered() {
		a.storeFault(MetaFaultOf(p.who.ID), a.state.standing(p, now))
	}
	if len(a.state.accounts) > 1 {
		a.storeMeta(MetaAccounts, storedTroubles(a.state.troubles()))
	}
	if !a.state.several() && len(a.state.accounts) == 1 {
		a.tellFault(now, "", FaultEvent{}, all)
		return
	}
	for _, acc := range a.state.accounts {
		a.tellAccount(now, acc)
	}
	for _, p := range a.state.followed() {
		if acc := a.state.of(p); !acc.common() && !acc.catchingUp(now) { // whether phones are away, too, can't be told meanwhile
			a.tellFault(now, p.who.ID, FaultEvent{Person: &StatusPerson{p.who.ID, p.name()}}, a.state.standing(p, now))
		}
	}
}

// tellAccount tells what stands in the way of all whose values come through an
// account.
func (a *App) tellAccount(now time.Time, acc *account) {
	if len(a.state.accounts) == 1 {
		a.tellFault(now, "", FaultEvent{}, when(acc.common(), acc.fault))
		return
	}
	e := FaultEvent{Account: acc.call()}
	for _, p := range a.state.through(acc) {
		e.People = append(e.People, StatusPerson{p.who.ID, p.name()})
	}
	key := ""
	if acc.name != "" {
		key = "account " + acc.name
	}
	a.tellFault(now, key, e, when(acc.common() && !a.state.unused(acc), a.state.told(acc, acc.fault)))
}

func when(is bool, f *glucose.Fault) *glucose.Fault {
	if is {
		return f
	}
	return nil
}

// tellFault fills in an event that says whom it is about, and tells it.
func (a *App) tellFault(now time.Time, key string, e FaultEvent, f *glucose.Fault) {
	var kind glucose.FaultKind
	if f != nil {
		kind = f.Kind
	}
	if kind != a.faults[key] {
		a.faults[key] = kind
		e.Event, e.Time, e.Fault = "fault", now.UTC(), statusFault(f)
		a.emit(e)
	}
}

func (a *App) storeFault(key string, f *glucose.Fault) { a.storeMeta(key, storedFault(f)) }

func (a *App) storeMeta(key, text string) {
	if text != a.stored[key] {
		a.stored[key] = text
		if err := a.opt.Store.SetMeta(context.Background(), key, text); err != nil {
			a.log.Error("the present fault could not be stored", "err", err)
		}
	}
}

// MetaFault is the store's key for the fault that stands for the person shown.
const MetaFault = "fault"

// MetaAccounts is that for what is wrong with accounts, of several.
const MetaAccounts = "accounts"

// MetaFaultOf is the same as MetaFault for any person.
func MetaFaultOf(personID string) string { return MetaFault + " " + personID }
