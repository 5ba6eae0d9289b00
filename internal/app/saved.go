package app

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/settings"
)

// savedState is what survives a restart besides the history: episodes,
// snoozes and deliveries, by person, and who shared with the accounts.
type savedState struct {
	Alarms   map[string]alarm.State `json:"alarms"`
	Shared   []string               `json:"shared"`             // with the first account: IDs, sorted; nil before it was kept
	Accounts map[string][]string    `json:"accounts,omitempty"` // with the others, by name
	Spent    map[string]*spent      `json:"spent,omitempty"`    // on requests of the last hour, by account
	Raised   messages               `json:"raised,omitempty"`   // the last of each tag
}

// sharing are the IDs of who shared with an account; nil before it was kept.
func (s *savedState) sharing(acc *account) []string {
	if acc.name == "" {
		return s.Shared
	}
	return s.Accounts[acc.name]
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
			a.opt.Notices = append(a.opt.Notices, notice)
		}
	}
	if a.saved.Alarms == nil {
		a.saved.Alarms = map[string]alarm.State{}
	}
	defer a.recallRaised() // once it is known of whom
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
		// Readings of the future are kept until an answer disproves them: it may be
		// this clock that is behind, and an older one must not pass for the present
		// then. They are stale. Those that a wrong clock has dated near now are not,
		// and nothing tells them from true ones; they only last where no answer of
		// the present came since.
		p.add(now, m.Readings)
		for _, acc := range a.state.accounts {
			if slices.Contains(a.saved.sharing(acc), m.Person.ID) {
				p.sharing(acc).seen = true
			}
		}
		a.state.people[m.Person.ID] = p
	}
	a.state.identify()
	if a.saved.Shared == nil {
		// A state of before several could be followed: the one who was shown.
		// Whoever signed out has an empty list, and nobody is watched over.
		first := a.state.accounts[0]
		var alone []*person
		for _, p := range a.state.people {
			if !p.shared() {
				p.sharing(first)
				alone = append(alone, p)
			}
		}
		a.state.choose()
		for _, p := range alone {
			if p.who.ID != a.state.chosen {
				p.shares = nil
			}
		}
	}
	a.state.choose()
	a.dropAccounts()
}

// dropAccounts forgets who shared with accounts that the settings no longer have,
// and tells who is followed no more: it may be a slip.
func (a *App) dropAccounts() {
	for name := range a.saved.Spent {
		if a.state.accountOf(name) == nil {
			delete(a.saved.Spent, name)
		}
	}
	var left []*person
	for name, ids := range a.saved.Accounts {
		if a.state.accountOf(name) != nil {
			continue
		}
		for _, id := range ids {
			if p := a.state.people[id]; p != nil && !p.shared() && p.set.Personal(id).Follow && !slices.Contains(left, p) {
				left = append(left, p)
			}
		}
		delete(a.saved.Accounts, name)
		a.unsaved = true
	}
	a.tellUnfollowed(left)
}

// tellNotices tells what became of the program's files: whoever looks for a
// snooze or a reading later must not have to read the log.
func (a *App) tellNotices(ctx context.Context) {
	m := notify.Message{
		Tag: "files", Title: lang.T("llutray: trouble with its files"), Body: strings.Join(a.opt.Notices, "\n"), Urgency: notify.Normal,
	}
	if a.opt.Notice != "" {
		m.Title, m.Urgency = lang.T("llutray runs, but can keep nothing"), notify.Critical
		m.Body = strings.TrimSpace(a.opt.Notice + "\n" + m.Body)
	}
	if m.Body != "" {
		a.insist(ctx, delivery{message: m}, noticeTries)
	}
}

// keepShared remembers who shares with an account, so that a restart neither
// forgets somebody's alarms nor overlooks that they have gone. Before the
// account has told that, those of the last time stay.
func (a *App) keepShared(acc *account) {
	if !acc.met {
		return
	}
	ids := []string{}
	for _, p := range a.state.people {
		if sh := p.shares[acc]; sh != nil && sh.seen {
			ids = append(ids, p.who.ID)
		}
	}
	slices.Sort(ids)
	a.shareWith(acc, ids)
}

func (a *App) shareWith(acc *account, ids []string) {
	if before := a.saved.sharing(acc); before != nil && slices.Equal(ids, before) {
		return
	}
	a.unsaved = true
	if acc.name == "" {
		a.saved.Shared = ids
		return
	}
	if a.saved.Accounts == nil {
		a.saved.Accounts = map[string][]string{}
	}
	a.saved.Accounts[acc.name] = ids
}

// keep takes the engine's state over if it changed, to be written with those
// of the others at the end of the event. It is small and changes at most with
// each reading.
func (a *App) keep(p *person) {
	st := p.engine.State()
	if same(a.saved.Alarms[p.who.ID], st) {
		return
	}
	a.saved.Alarms[p.who.ID] = st
	a.unsaved = true
}

func same(a, b alarm.State) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}

// save writes what has changed since it was last written.
func (a *App) save() {
	if !a.unsaved {
		return
	}
	a.unsaved = false
	if a.opt.State == nil {
		return
	}
	err := a.opt.State.Save(a.saved)
	a.state.stateErr = err
	if err != nil {
		a.unsaved = true
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
