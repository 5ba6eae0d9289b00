package app

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/page"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/tray"
)

// PageStore is the history as the page reads it, beside the loop.
type PageStore interface {
	Merged(ctx context.Context, personID string, from, to time.Time) ([]glucose.Reading, error)
	Alarms(ctx context.Context, personID string, from, to time.Time) ([]alarm.Record, error)
	People(ctx context.Context) ([]glucose.Person, error)
}

// present is the view as last shown, and who is followed.
func (p *Page) present() (v tray.View, id, name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, x := range p.view.People {
		if x.Chosen {
			return p.view, x.ID, p.view.Person
		}
	}
	return p.view, "", ""
}

// Readings are those of the person followed, none before anybody is known.
func (p *Page) Readings(ctx context.Context, from, to time.Time) ([]glucose.Reading, error) {
	_, id, _ := p.present()
	if id == "" {
		return nil, nil
	}
	return read(ctx, p, func() ([]glucose.Reading, error) { return p.opt.Store.Merged(ctx, id, from, to) })
}

// read looks into the store when nobody else of the page does: the store has
// few connections, and one must be free for the loop at any time.
func read[T any](ctx context.Context, p *Page, f func() (T, error)) (v T, err error) {
	select {
	case p.reading <- struct{}{}:
		defer func() { <-p.reading }()
		return f()
	case <-ctx.Done():
		return v, ctx.Err()
	}
}

func (p *Page) records(ctx context.Context, id string, from, to time.Time) ([]alarm.Record, error) {
	return read(ctx, p, func() ([]alarm.Record, error) { return p.opt.Store.Alarms(ctx, id, from, to) })
}

// Log is the alarm log of the person followed.
func (p *Page) Log(ctx context.Context, from, to time.Time) ([]page.LogEntry, error) {
	v, id, name := p.present()
	records, err := p.records(ctx, id, from, to)
	if err != nil {
		return nil, err
	}
	out := make([]page.LogEntry, 0, len(records))
	for _, r := range records {
		out = append(out, logEntry(r, name, v.Unit))
	}
	return out, nil
}

func logEntry(r alarm.Record, name string, u glucose.Unit) page.LogEntry {
	e := page.LogEntry{
		Time: r.Time.UTC(), Person: name, Kind: string(r.Kind), Label: r.Kind.Label(), Level: string(r.Level),
		Said: r.ID != "", Reason: r.Reason.Words(), Answer: r.AnswerWords(),
	}
	if r.Limit != glucose.LimitNone || r.Value > 0 {
		e.Value = glucose.Reading{Value: r.Value, Limit: r.Limit}.Number(u)
	}
	if r.Delivery != alarm.DeliveryOK {
		e.Delivery = r.Delivery
	}
	if !r.AnsweredAt.IsZero() {
		at := r.AnsweredAt.UTC()
		e.AnsweredAt = &at
	}
	return e
}

// Night sums a night up as the menu does.
func (p *Page) Night(ctx context.Context, from, to time.Time) (string, error) {
	v, id, _ := p.present()
	readings, err := p.Readings(ctx, from, to)
	if err != nil {
		return "", err
	}
	records, err := p.records(ctx, id, from, to)
	if err != nil {
		return "", err
	}
	return alarm.Night(records, readings, from, to, v.Limits).Sentence(v.Unit), nil
}

// Replay runs the alarms of the person followed over the last days twice: with
// the settings in the file, and with others.
func (p *Page) Replay(ctx context.Context, q page.ReplayQuestion) (page.Replay, error) {
	path := p.opt.Paths.Settings
	set, err := settings.Load(path)
	if err != nil {
		return page.Replay{}, problem(err)
	}
	_, id, _ := p.present()
	p.mu.Lock()
	section := p.alarms.section
	p.mu.Unlock()
	people, err := read(ctx, p, func() ([]glucose.Person, error) { return p.opt.Store.People(ctx) })
	if err != nil {
		return page.Replay{}, err
	}
	// The section is of the person shown if the loop has found it to be: the
	// store also knows people whose names are the same.
	people = slices.DeleteFunc(people, func(x glucose.Person) bool { return x.ID != id || section == "" })
	set = set.Identify(people)
	values := map[string]string{}
	for key, value := range q.Set {
		values[set.KeyFor(id, key)] = value
	}
	other, err := settings.With(path, values)
	if err != nil {
		return page.Replay{}, problem(err)
	}
	other = other.Identify(people)
	to := p.opt.Clock.Now()
	readings, err := p.Readings(ctx, to.AddDate(0, 0, -q.Days), to.Add(time.Minute))
	if err != nil {
		return page.Replay{}, err
	}
	now, err := wouldHear(ctx, set.For(id), readings)
	if err != nil {
		return page.Replay{}, err
	}
	then, err := wouldHear(ctx, other.For(id), readings)
	if err != nil {
		return page.Replay{}, err
	}
	return pageReplay(q, now, then, other.For(id)), nil
}

func pageReplay(q page.ReplayQuestion, now, then []Heard, other settings.Settings) page.Replay {
	out := page.Replay{
		Days: q.Days, Now: len(now), Then: len(then), Rows: []page.ReplayRow{}, List: []page.Heard{},
		Sentence: replaySentence(q, other, len(then)-len(now)),
	}
	for _, t := range Compare(now, then) {
		out.Rows = append(out.Rows, page.ReplayRow{Kind: string(t.Kind), Label: t.Kind.Label(), Now: t.Now, Then: t.Then})
	}
	for _, c := range slices.Backward(Both(now, then)) {
		h := page.Heard{Time: c.Time, Label: c.Kind.Label(), In: c.In}
		if c.Reading != nil {
			h.Value = c.Reading.Number(other.Unit)
		}
		out.List = append(out.List, h)
	}
	return out
}

// replaySentence tells the difference: "With 75 you would have heard 3 more
// last week."
func replaySentence(q page.ReplayQuestion, other settings.Settings, more int) string {
	with := lang.T("With these settings")
	if len(q.Set) == 1 {
		for key := range q.Set {
			if value, err := settings.Get(other, key); err == nil && strings.HasSuffix(key, ".limit") {
				with = lang.F("With %s", lang.Decimal(inUnit(value, other.Unit)))
			}
		}
	}
	when := lang.N(q.Days, "in the last %d day", "in the last %d days")
	switch q.Days {
	case 1:
		when = lang.T("in the last day")
	case 7:
		when = lang.T("last week")
	}
	switch {
	case more > 0:
		return lang.N(more, "%s you would have heard %d more %s.", "%s you would have heard %d more %s.", with, more, when)
	case more < 0:
		return lang.N(-more, "%s you would have heard %d fewer %s.", "%s you would have heard %d fewer %s.", with, -more, when)
	}
	return lang.F("%s you would have heard just as many %s.", with, when)
}

// inUnit is a limit of the settings in the user's unit, with a point in every
// language, as the page takes numbers: the settings write one in mg/dL that
// mmol/L can't say exactly, and the defaults in mmol/L. A word stays.
func inUnit(limit string, u glucose.Unit) string {
	written := glucose.MgPerDL
	if strings.Contains(limit, ".") {
		written = glucose.MmolPerL
	}
	v, err := written.Parse(limit)
	if err != nil {
		return limit
	}
	return u.Digits(v)
}

// Do carries out what somebody chose in the page, as if in the menu.
func (p *Page) Do(ctx context.Context, a page.Action) (string, error) {
	length := time.Duration(a.Minutes) * time.Minute
	if a.Kind == "off" || a.Kind == "on" {
		return p.ask(ctx, Request{Command: a.Kind, Person: a.Person, For: length}) // without a person for everybody
	}
	if a.Person == "" {
		_, a.Person, _ = p.present() // of several people only the one who is meant is answered for
	}
	switch a.Kind {
	case "snooze", "unsnooze", "tell", "untell":
		return p.ask(ctx, Request{Command: a.Kind, Kind: a.Key, Person: a.Person, For: length})
	case "test_alarm":
		return p.ask(ctx, Request{Command: "test-alarm"})
	}
	act := tray.Action{Person: a.Person, Key: a.Key, On: a.On}
	var text string
	switch a.Kind {
	case "seen":
		act.Kind, text = tray.Seen, lang.T("Noted as seen.")
		if _, err := alarm.ParseKind(a.Key); a.Key != "" && err != nil {
			return "", problem(err)
		}
	case "treated":
		act.Kind, text = tray.Treated, lang.T("Noted as treated; llutray looks again in 15 minutes.")
	case "refresh":
		act.Kind, text = tray.Refresh, lang.T("Asking for a new value.")
	case "follow":
		v, _, _ := p.present()
		i := slices.IndexFunc(v.People, func(x tray.Person) bool { return x.ID == a.Key })
		if i < 0 {
			return "", &page.Problem{Message: lang.T("This person does not share with the account any more."), Hint: lang.T("Load the page again.")}
		}
		if v.People[i].NotFollowed {
			return "", &page.Problem{Message: lang.F("%s is not followed.", v.People[i].Name), Hint: lang.T("Change follow in the settings of this person.")}
		}
		act.Kind, text = tray.Follow, lang.F("Following %s.", v.People[i].Name)
	case "autostart":
		if p.app.opt.Autostart == nil {
			return "", &page.Problem{Message: lang.T("This llutray can't be started with the desktop."), Hint: lang.T("Set it in the tray program of your desktop.")}
		}
		act.Kind, text = tray.SetAutostart, lang.T("llutray no longer starts with the desktop.")
		if a.On {
			text = lang.T("llutray starts with the desktop from the next login on.")
		}
	case "open_settings":
		if p.app.opt.OpenFile == nil {
			return "", &page.Problem{Message: lang.T("There is no desktop to open the file in."), Hint: lang.F("Open it yourself: %s", p.opt.Paths.Settings)}
		}
		act.Kind, text = tray.OpenSettings, lang.T("The settings file opens in your editor.")
	default:
		return "", &page.Problem{Message: lang.T("This llutray does not know that wish."), Hint: lang.T("Load the page again.")}
	}
	if _, err := p.ask(ctx, Request{Command: "act", Action: act}); err != nil {
		return "", err
	}
	return text, nil
}

// problem tells the user what an error says: those of the settings and the
// alarms are written for people. The key is left out where the user sees it.
func problem(err error) *page.Problem {
	var wrong *settings.Error
	if errors.As(err, &wrong) && wrong.Path == "" {
		return &page.Problem{Message: wrong.Message}
	}
	return &page.Problem{Message: err.Error()}
}
