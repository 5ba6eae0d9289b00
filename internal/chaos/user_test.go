package chaos

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/libre"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/tray"
)

// user does something in the menu or with a message.
func (w *world) user() {
	l := w.now
	if l == nil || l.dead.Load() {
		return
	}
	ids := slices.Sorted(maps.Keys(w.curves))
	id := ids[w.rnd.IntN(len(ids))]
	act := func(a tray.Action) {
		w.tell("user: %v %s %s", a.Kind, a.Key, a.For)
		select {
		case l.act <- a:
		case <-time.After(time.Second):
		}
	}
	switch w.rnd.IntN(9) {
	case 0, 1:
		if w.press() {
			return
		}
		fallthrough
	case 2:
		w.noteAnswers(id, "urgent_low", "low", "low_soon", "high", "still_high", "no_data", "needs_you")
		act(tray.Action{Kind: tray.Seen, Person: id})
	case 3:
		kind := []string{"urgent_low", "low", "high", "no_data", "low_soon"}[w.rnd.IntN(5)]
		for_ := []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour}[w.rnd.IntN(4)]
		w.o.mu.Lock()
		for other, b := range w.o.books {
			if other == id || kind == "no_data" && w.o.answeredTogether(other, id) {
				b.snoozed[kind] = later(b.snoozed[kind], w.truth().Add(for_))
			}
		}
		w.o.mu.Unlock()
		w.noteAnswers(id, covered(kind)...)
		act(tray.Action{Kind: tray.SnoozeAlarm, Person: id, Key: kind, For: for_})
	case 4:
		act(tray.Action{Kind: tray.Unsnooze, Person: id, Key: []string{"urgent_low", "low", "no_data"}[w.rnd.IntN(3)]})
	case 5:
		w.noteAnswers(id, "low", "treated")
		act(tray.Action{Kind: tray.Treated, Person: id})
	case 6:
		for range 1 + w.rnd.IntN(6) {
			w.o.mu.Lock()
			w.o.extra()
			w.o.mu.Unlock()
			act(tray.Action{Kind: tray.Refresh})
		}
	case 7:
		w.o.mu.Lock()
		w.o.extra()
		w.o.extra()
		w.o.mu.Unlock()
		act(tray.Action{Kind: tray.Follow, Key: id})
	case 8:
		act(tray.Action{Kind: tray.TestAlarm})
	}
}

// covered are the kinds that an answer to one is for, too.
func covered(kind string) []string {
	switch kind {
	case "urgent_low":
		return []string{"urgent_low", "low", "low_soon"}
	case "low":
		return []string{"low", "low_soon"}
	}
	return []string{kind}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (w *world) noteAnswers(id string, kinds ...string) {
	w.o.mu.Lock()
	defer w.o.mu.Unlock()
	for i, b := range w.o.books {
		// What concerns everybody is answered for everybody.
		for _, k := range kinds {
			if i == id || (k == "no_data" || k == "needs_you") && w.o.answeredTogether(i, id) {
				b.answered[k] = time.Now()
			}
		}
	}
}

// press is a button of the newest message.
func (w *world) press() bool {
	w.desk.mu.Lock()
	m, ok := w.desk.on[w.desk.newest]
	w.desk.mu.Unlock()
	if !ok || len(m.Buttons) == 0 {
		return false
	}
	e := notify.Event{Tag: m.Tag, Button: m.Buttons[w.rnd.IntN(len(m.Buttons))].Key}
	w.tell("user presses %q of %q", e.Button, m.Tag)
	w.o.mu.Lock()
	owner, all := w.o.owners[m.Tag], false
	if owner == "" {
		all = true
	}
	what, rest, _ := strings.Cut(e.Button, " ")
	for id, b := range w.o.books {
		if !all && !strings.Contains(owner, id) {
			continue
		}
		for _, k := range covered(rest) {
			b.answered[k] = time.Now()
		}
		switch what {
		case "treated":
			b.answered["treated"] = time.Now()
		case "snooze":
			length, kind, _ := strings.Cut(rest, " ")
			d, err := time.ParseDuration(length)
			require.NoError(w.t, err)
			for _, k := range covered(kind) {
				b.answered[k] = time.Now()
			}
			b.snoozed[kind] = later(b.snoozed[kind], w.truth().Add(d))
		}
	}
	w.o.mu.Unlock()
	select {
	case w.desk.events <- e:
	default:
	}
	return true
}

// change is a settings file that was saved, perhaps with a mistake in it.
func (w *world) change() {
	var err error
	set := w.set
	switch w.rnd.IntN(5) {
	case 0:
		set.Low.Limit = glucose.MgDL(62 + w.rnd.IntN(30))
	case 1:
		set.UrgentLow.Limit = glucose.MgDL(50 + w.rnd.IntN(8))
	case 2:
		set.High.On = !set.High.On
	case 3:
		set.Quiet = slices.Clone(set.Quiet)
		set.Quiet[0].On = !set.Quiet[0].On
	case 4:
		err = &json.SyntaxError{}
	}
	l := w.now
	if l == nil || l.dead.Load() {
		return
	}
	files := l.files.Load()
	if files == nil {
		return
	}
	w.tell("settings: low %d, urgent %d, %v", set.Low.Limit, set.UrgentLow.Limit, err)
	w.o.mu.Lock()
	if err == nil {
		w.set = set
		w.o.changed = time.Now()
	}
	w.o.mu.Unlock()
	(*files)(set, err)
}

// signIn is the user signing in again, in another process, as the hint says. It
// reports whether the service let them in.
func (w *world) signIn(a *line) bool {
	if w.wire.Load() != wireGood || w.on["network"] != nil || w.on["keyring"] != nil {
		return false
	}
	w.tell("user signs in to %s", a)
	w.o.look()
	account, cred := a.account(), a.credentials()
	ctx := context.Background()
	session, err := account.Load(ctx, cred)
	require.NoError(w.t, err)
	c, err := a.client(cred, session, func(s libre.Session) error { return account.Save(ctx, s) })
	require.NoError(w.t, err)
	err = c.SignIn(ctx)
	c.Reconnect()
	w.tell("signed in: %v", err)
	w.o.forgive(a)
	if err != nil {
		return false
	}
	w.o.mu.Lock()
	a.answeredAt, a.connect = time.Time{}, time.Now()
	a.service.refused = false
	a.extras = append(a.extras, w.truth(), w.truth())
	w.o.mu.Unlock()
	if l := w.now; l != nil && !l.dead.Load() {
		reply := make(chan app.Reply, 1)
		select {
		case l.ask <- app.Request{Command: "reload", Kind: a.name, Reply: reply}:
		case <-time.After(time.Second):
		}
	}
	return true
}

// forgive forgets the requests that the user's own sign-in made.
func (o *oracle) forgive(a *line) {
	o.mu.Lock()
	defer o.mu.Unlock()
	until := a.service.until
	for _, r := range a.server.Requests() {
		a.service.wait(r)
	}
	a.service.until = until // the program was not told
	a.server.ResetRequests()
}
