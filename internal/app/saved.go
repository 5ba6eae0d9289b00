package app

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/settings"
)

// savedState is what survives a restart besides the history: episodes,
// snoozes and deliveries, by person.
type savedState struct {
	Alarms map[string]alarm.State `json:"alarms"`
}

// recall loads what was known before, so that the tray shows the last value
// with its age before any request is made.
func (a *App) recall(ctx context.Context, now time.Time) {
	if a.opt.State != nil {
		notice, err := a.opt.State.Load(&a.saved)
		if err != nil {
			a.log.Error("alarms and snoozes of the last run are lost", "err", err)
		}
		if notice != "" {
			a.log.Warn(notice)
		}
	}
	if a.saved.Alarms == nil {
		a.saved.Alarms = map[string]alarm.State{}
	}
	if a.opt.Recall == nil {
		return
	}
	memories, err := a.opt.Recall(ctx)
	if err != nil {
		a.state.storeErr = err
		a.log.Error("the history could not be read", "err", err)
		return
	}
	for _, m := range memories {
		p := &person{who: m.Person, log: slices.DeleteFunc(m.Alarms, func(r alarm.Record) bool { return r.ID == "" || r.Reason == alarm.RelayedOn })} // what was said here
		p.add(now, m.Readings)
		a.state.people[m.Person.ID] = p
	}
	a.state.choose()
}

// keep writes the engine's state if it changed. It is small and changes at
// most with each reading.
func (a *App) keep(p *person) {
	st := p.engine.State()
	if same(a.saved.Alarms[p.who.ID], st) {
		return
	}
	a.saved.Alarms[p.who.ID] = st
	a.save()
}

func same(a, b alarm.State) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}

func (a *App) save() {
	if a.opt.State == nil {
		return
	}
	if err := a.opt.State.Save(a.saved); err != nil {
		a.log.Error("alarms and snoozes could not be kept for the next start", "err", err)
	}
}

// StateFile keeps state in a file of its own.
type StateFile string

// Load reads the file into v; a missing one leaves v as it is, a damaged one
// is set aside and notice says so.
func (f StateFile) Load(v any) (notice string, err error) { return settings.LoadState(string(f), v) }

// Save writes v in place of the file.
func (f StateFile) Save(v any) error { return settings.SaveState(string(f), v) }
