//go:build linux

package pagetest

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/page"
)

// foreigner is a program that speaks another language, as far as it is its own
// to say: what the page adds is what these tests look for.
type foreigner struct {
	mu       sync.Mutex
	state    page.State
	readings []glucose.Reading
	set      []string // what was changed
}

func newForeigner() *foreigner {
	m := lang.T
	now := time.Now().UTC().Truncate(time.Second)
	later := now.Add(time.Hour)
	minutes := []int{30, 60, 120}
	f := &foreigner{state: page.State{
		Schema: 1, Now: now, Zone: "UTC", Speed: 1, Version: "1.2.3", Unit: "mmol/L",
		Limits: page.Limits{UrgentLow: 54, Low: 70, High: 180, UrgentHigh: 250}, AlarmLimits: page.AlarmLimits{Low: 70, High: 250, UrgentLow: 54},
		Person:   &page.Person{ID: "1", Name: "Quentin"},
		People:   []page.Row{{ID: "1", Name: "Quentin", Text: "5,6 →", Chosen: true}, {ID: "2", Name: "Émilie", Text: ""}},
		Reading:  &page.Reading{Time: now.Add(-2 * time.Minute), MgDL: 101, Text: "5,6", Arrow: "→", Trend: "flat", TrendWords: m("steady"), Range: "in", RangeWords: m("in range")},
		StaleAt:  &later,
		Delta:    &page.Delta{Text: "+0,1", Minutes: 5},
		Fault:    &page.Fault{Kind: "terms", Since: now.Add(-time.Hour), Message: m("LibreLinkUp has new terms of use that wait to be accepted."), Hint: m("Open the LibreLinkUp app on a phone and accept what it asks") + "; " + m("or run") + ": llutray login", Action: "sign_in"},
		Trouble:  m("No sound can be played on this computer."),
		Today:    page.Today{Known: true, InRange: 80, Below: 0.5, Above: 19, Lowest: "3,8", Highest: "12,1"},
		Night:    m("A quiet night."),
		Bedtime:  m("Nothing is planned."),
		Alarms:   []page.Alarm{{Who: "1", Name: "Quentin", Kind: "low", Label: m("Low"), Treatable: true}, {Who: "2", Name: "Émilie", Kind: "low", Treatable: true}},
		Snoozes:  []page.Snooze{{Who: "1", Name: "Quentin", Kind: "high", Label: m("High"), Until: later}},
		OffDuty:  []page.OffDuty{{Who: "2", Name: "Émilie", Until: later, Text: m("Another carer is on until then.")}, {Until: later, Text: m("Another carer is on.")}},
		OffNext:  later,
		Passings: []page.Passing{{Who: "1", Name: "Quentin", Key: "above", Text: m("rises above it"), Until: later}, {Who: "1", Key: "below", Text: m("falls below"), Until: later}},
		SignedIn: true, Spoken: "5,6, " + m("steady, in range"),
		Here: now, Measure: glucose.MmolPerL, Ranges: glucose.DefaultLimits,
	}}
	f.state.Snoozable = []page.Snoozable{{Who: "1", Name: "Quentin", Kind: "low", Label: m("Low"), Minutes: minutes}, {Who: "1", Name: "Quentin", Kind: "high", Label: m("High"), Minutes: minutes}}
	for at := now.AddDate(0, 0, -28); at.Before(now); at = at.Add(5 * time.Minute) {
		if h := at.Hour(); h == 3 && at.Minute() > 10 {
			continue // a gap each night
		}
		hours := float64(at.Unix()) / 3600
		v := 120 + 55*math.Sin(hours/3) + 25*math.Sin(hours/40)
		f.readings = append(f.readings, glucose.Reading{Time: at, Value: glucose.MgDL(v), Trend: glucose.Flat})
	}
	return f
}

func (f *foreigner) State() page.State {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state
}

func (f *foreigner) Readings(_ context.Context, from, to time.Time) (out []glucose.Reading, _ error) {
	for _, r := range f.readings {
		if !r.Time.Before(from) && r.Time.Before(to) {
			out = append(out, r)
		}
	}
	return out, nil
}

func (f *foreigner) Log(_ context.Context, from, to time.Time) (out []page.LogEntry, _ error) {
	at := f.state.Now
	answered := at.Add(-90 * time.Minute)
	for _, e := range []page.LogEntry{
		{Time: at.Add(-20 * time.Hour), Person: "Quentin", Kind: "high", Label: lang.T("High"), Level: "high", Reason: lang.T("snoozed"), Value: "14,2"},
		{Time: at.Add(-2 * time.Hour), Person: "Quentin", Kind: "low", Label: lang.T("Low"), Level: "low", Said: true, Reason: lang.T("first time"), Value: "3,7", Answer: lang.T("seen"), AnsweredAt: &answered},
		{Time: at.Add(-time.Hour), Person: "Émilie", Kind: "no_data", Label: lang.T("No data"), Level: "soft", Said: true, Reason: lang.T("again"), Delivery: lang.T("no desktop took it")},
	} {
		if !e.Time.Before(from) && e.Time.Before(to) {
			out = append(out, e)
		}
	}
	return out, nil
}

func (f *foreigner) Night(context.Context, time.Time, time.Time) (string, error) {
	return lang.T("A quiet night."), nil
}

func (f *foreigner) Replay(_ context.Context, q page.ReplayQuestion) (page.Replay, error) {
	return page.Replay{Days: q.Days, Now: 3, Then: 5, Sentence: lang.T("More would be heard."),
		Rows: []page.ReplayRow{{Kind: "low", Label: lang.T("Low"), Now: 3, Then: 5}},
		List: []page.Heard{{Time: f.state.Now.Add(-time.Hour), Label: lang.T("Low"), Value: "3,7", In: "then"}}}, nil
}

func (f *foreigner) Settings(context.Context) (page.Settings, error) {
	bound := func(x float64) *float64 { return &x }
	doc := lang.T("What is said of it, so that nobody needs to guess.")
	key := func(name, kind, value, standard string, options ...string) page.Key {
		return page.Key{Key: name, Type: kind, Value: value, Default: standard, Doc: doc, Options: options, Label: "Label"}
	}
	limit := key("alarms.low.limit", "limit", "3.9", "4.2")
	limit.Min, limit.Max, limit.Unit = bound(3.3), bound(5.6), "mmol/L"
	high := key("alarms.high.limit", "limit", "13.9", "13.9")
	high.Min, high.Max, high.Unit = bound(6.7), bound(22.2), "mmol/L"
	usual := key("quiet.night.low", "limit", "usual", "usual", "usual")
	usual.Min, usual.Max, usual.Unit = bound(3.3), bound(5.6), "mmol/L"
	span := key("alarms.low.repeat", "duration", "45m", "30m")
	span.Min, span.Max, span.Unit = bound(5), bound(90), "min"
	language := key("display.language", "word", "auto", "auto", "auto", "de")
	language.Names = []string{"", "Deutsch"}
	return page.Settings{Path: "/x", Sections: []page.Section{
		{Keys: []page.Key{key("unit", "word", "mmol/L", "mg/dL", "mmol/L", "mg/dL")}},
		{Name: "display", Title: lang.T("Display"), Doc: doc, Keys: []page.Key{
			key("display.show_name", "flag", "true", "false"), key("display.icon", "word", "number", "large", "number", "large", "discreet"),
			key("display.contrast", "word", "auto", "on", "auto", "on", "off"), language,
		}},
		{Name: "alarms.low", Title: lang.T("Alarm: low"), Doc: doc, Keys: []page.Key{
			key("alarms.low.on", "flag", "true", "true"), limit, span, key("alarms.low.sound", "word", "low", "none", "none", "soft", "low", "urgent"),
		}},
		{Name: "alarms.high", Title: lang.T("Alarm: high"), Doc: doc, Keys: []page.Key{key("alarms.high.on", "flag", "true", "true"), high}},
		{Name: "quiet.night", Title: lang.T("Quiet hours: night"), Doc: doc, Keys: []page.Key{
			key("quiet.night.on", "flag", "true", "false"), key("quiet.night.from", "text", "22:00", "21:00"),
			key("quiet.night.days", "text", "mon tue", "every day"), key("quiet.night.through", "text", "high", ""), usual,
		}},
		{Name: "speech", Title: lang.T("Speech"), Doc: doc, Keys: []page.Key{key("speech.value", "word", "5m", "off", "off", "5m", "1h")}},
	}}, nil
}

func (f *foreigner) Set(_ context.Context, key, value string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.set = append(f.set, key+" = "+value)
	return nil
}

func (f *foreigner) Do(context.Context, page.Action) (string, error) {
	return lang.T("It is done."), nil
}

func (f *foreigner) SignIn(_ context.Context, q page.SignIn) (page.SignInAnswer, error) {
	if !q.File {
		return page.SignInAnswer{Status: page.NoKeyring, Message: lang.T("there is no keyring")}, nil
	}
	return page.SignInAnswer{Status: page.LegalStep, Step: &page.Step{Title: lang.T("terms of use")}}, nil
}

func (f *foreigner) Accept(context.Context) (page.SignInAnswer, error) {
	return page.SignInAnswer{
		Status: page.SignedIn, People: []page.Shared{{Name: "Quentin", Text: "5,6 →"}},
		Offer: []page.Offer{{Key: "alarms.low.limit", Label: lang.T("low alarm"), Value: "70 mg/dL"}},
	}, nil
}

func (f *foreigner) SignOut(context.Context, string) error { return nil }
