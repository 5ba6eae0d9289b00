package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/history"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/settings"
)

// checkService looks at sign-in, server, person, sensor and freshness. With a
// running program it reads what that stored, because a second client on the
// same account gets people locked out.
func checkService(ctx context.Context, paths settings.Paths) []finding {
	secrets := openSecrets(paths, false)
	out := []finding{checkKeyring(ctx, secrets)}
	// Asked and given back at once: a tray that starts while a slow service is
	// checked must not take this for a running program.
	lock := flock.New(inUse(paths).Lock)
	if held, err := lock.TryLock(); err == nil && !held {
		out = append(out, finding{"program", true, lang.T("llutray is running; what follows is what it knows"), exitFine})
		return append(out, checkStored(ctx, paths)...)
	}
	_ = lock.Unlock()
	set, err := settings.Load(paths.Settings)
	if err != nil {
		return append(out, finding{"settings", false, err.Error(), exitFailed})
	}
	of := checkFirst(ctx, set, paths, secrets)
	if len(set.Accounts) > 0 {
		of = ofAccountCalled(lang.T("first account"), of)
	}
	out = append(out, of...)
	for _, name := range set.AccountNames() {
		out = append(out, ofAccountCalled(lang.F("account %s", name), checkLive(ctx, set, paths, secrets, name))...)
	}
	return out
}

// ofAccountCalled are findings that say which of several accounts they are about.
func ofAccountCalled(name string, findings []finding) []finding {
	for i := range findings {
		findings[i].text = lang.F("%s: %s", name, findings[i].text)
	}
	return findings
}

// checkFirst looks at the first account, and at the site that is followed beside
// it or in its place.
func checkFirst(ctx context.Context, set settings.Settings, paths settings.Paths, secrets settings.Secrets) []finding {
	site := checkSite(ctx, set, secrets)
	if _, err := (&app.Account{Secrets: secrets, Path: paths.Session}).Credentials(ctx); (len(site) > 0 || len(set.Accounts) > 0) && err != nil {
		if f := glucose.AsFault(err); f.Kind == glucose.SignedOut && f.Err == nil {
			text := lang.T("Nobody is signed in to the first account; others are followed")
			if len(site) > 0 {
				text = lang.T("Nobody is signed in; the Nightscout site is followed")
			}
			return append([]finding{{"sign-in", true, text, exitFine}}, site...)
		}
	}
	return append(checkLive(ctx, set, paths, secrets, ""), site...)
}

func checkKeyring(ctx context.Context, secrets settings.Secrets) finding {
	if err := secrets.Check(ctx); err != nil {
		return finding{"keyring", false, err.Error(), exitFine}
	}
	return finding{"keyring", true, lang.T("secrets can be kept"), exitFine}
}

// checkStored tells what the running program knows.
func checkStored(ctx context.Context, paths settings.Paths) []finding {
	ask := func(what, person string) string {
		text, err := askRunning(paths, person, what, "", 0)
		if err != nil {
			return ""
		}
		return text
	}
	troubles := storedTroubles(ctx, paths)
	people := strings.Split(ask("followed", ""), "\n") // "" is whoever is shown
	out := make([]finding, 0, len(links)*len(people))
	for _, id := range people {
		st, _, err := loadStatus(ctx, id)
		if err != nil {
			return []finding{{"history", false, err.Error(), exitFailed}}
		}
		var fault *glucose.Fault
		if f := st.Fault; f != nil {
			fault = &glucose.Fault{Kind: f.Kind, Message: f.Message, Hint: f.Hint, Account: f.Account}
		}
		of := serviceFindings(fault, ask("people", ""), ask("sensor", id), st)
		if len(people) > 1 {
			if fault != nil && slices.Index(ofAccount, linkOf(fault.Kind)) >= 0 {
				if fault.Account != "" && len(troubles) > 0 {
					continue // which is told below, for all whom it concerns
				}
				out = of // it is everybody's
				break
			}
			for i := range of[len(ofAccount):] {
				f := &of[len(ofAccount)+i]
				f.text = lang.F("%s: %s", st.Person.Name, f.text)
			}
			if len(out) > 0 {
				of = of[len(ofAccount):]
			}
		}
		out = append(out, of...)
	}
	for _, t := range troubles {
		f := finding{linkOf(t.Fault.Kind), false, t.Text(), exitFailed}
		if t.Fault.Kind.NeedsUser() {
			f.code = exitUserMust
		}
		out = append(out, f)
	}
	if held := ask("snoozes", ""); held != "" {
		out = append(out, finding{"snoozes", false, lang.F("in force: %s", held), exitFine})
	}
	if off := ask("duty", ""); off != "" {
		out = append(out, finding{"duty", false, off, exitFine})
	}
	return out
}

// storedTroubles are the accounts, of several, of which a running llutray gets no
// values.
func storedTroubles(ctx context.Context, paths settings.Paths) []app.AccountTrouble {
	set, err := settings.Load(paths.Settings)
	if err != nil || len(set.Accounts) == 0 {
		return nil // what one without others has left is no longer so
	}
	store, err := history.OpenReadOnly(paths.History)
	if err != nil {
		return nil // whoever needs the store as well reports it
	}
	defer func() { _ = store.Close() }()
	text, _, _ := store.Meta(ctx, app.MetaAccounts)
	return app.ParseStoredTroubles(text)
}

// checkLive asks the service itself about an account.
func checkLive(ctx context.Context, set settings.Settings, paths settings.Paths, secrets settings.Secrets, name string) []finding {
	broken := func(err error) []finding {
		return serviceFindings(glucose.AsFault(err), "", "", app.NewStatus(glucose.Person{}, nil, set.Unit, set.Ranges(), nil, time.Now()))
	}
	account := &app.Account{Name: name, Secrets: secrets, Path: paths.SessionOf(name)}
	cred, err := account.Credentials(ctx)
	if err != nil {
		return broken(err)
	}
	session, err := account.Load(ctx, cred)
	if err != nil {
		return []finding{{"sign-in", false, err.Error(), exitFailed}}
	}
	client, err := app.NewClient(account, session, set.AccountOf(name).Region, set.Proxy, cred, nil)
	if err != nil {
		return broken(err)
	}
	snapshots, err := client.Current(ctx)
	if err != nil {
		return broken(err)
	}
	var people []glucose.Person
	for _, s := range snapshots {
		people = append(people, s.Person)
	}
	set = set.Identify(people)
	count := app.PeopleText(len(people))
	if len(snapshots) == 1 && set.Personal(people[0].ID).Follow {
		return serviceFindings(nil, count, app.SensorText(snapshots[0].Sensor, time.Local), statusOf(snapshots[0], set))
	}
	out := serviceFindings(nil, count, "", app.Status{})[:4] // the links that all have in common
	for _, s := range snapshots {
		out = append(out, checkPerson(s, set.For(s.Person.ID), count)...)
	}
	return out
}

// checkPerson looks at the sensor and the value of one of several people, or
// of one who is not followed.
func checkPerson(s glucose.Snapshot, set settings.Settings, count string) []finding {
	who := set.Call(s.Person)
	if !set.Personal(s.Person.ID).Follow {
		return []finding{{"person", true, lang.F("%s: %s", who, lang.T("not followed, as the settings say: no alarm comes for them")), exitFine}}
	}
	out := serviceFindings(nil, count, app.SensorText(s.Sensor, time.Local), statusOf(s, set))[4:]
	for i := range out {
		out[i].text = lang.F("%s: %s", who, out[i].text)
	}
	return out
}

func statusOf(s glucose.Snapshot, set settings.Settings) app.Status {
	var readings []glucose.Reading
	if s.Current != nil {
		readings = append(readings, *s.Current)
	}
	return app.NewStatus(s.Person, readings, set.Unit, set.Ranges(), nil, time.Now())
}

// links are the parts of the way that are checked one after the other, with
// what is said of them when they work.
var links = []struct{ what, text string }{
	{"network", lang.Mark("the service can be reached")},
	{"server", lang.Mark("LibreLinkUp answers")},
	{"sign-in", lang.Mark("accepted")},
	{"person", ""},
	{"sensor", ""},
	{"freshness", ""},
}

// ofAccount are those that all who share have in common, the first ones.
var ofAccount = []string{"network", "server", "sign-in"}

// serviceFindings has one line for each link, whether all is well or not. What
// comes before the broken one works, of what comes after it nothing is known.
func serviceFindings(f *glucose.Fault, people, sensor string, st app.Status) (out []finding) {
	broken := len(links) // none
	if f != nil {
		broken = slices.IndexFunc(links, func(l struct{ what, text string }) bool { return l.what == linkOf(f.Kind) })
	}
	for i, l := range links {
		text := lang.T(l.text)
		switch l.what {
		case "person":
			text = people
		case "sensor":
			text = sensor
		}
		switch {
		case i == broken:
			code := exitFailed
			switch {
			case f.Kind.NeedsUser():
				code = exitUserMust
			case l.what == "freshness":
				code = exitStale
			}
			out = append(out, finding{l.what, false, strings.TrimSpace(f.Message + " " + f.Hint), code})
		case l.what == "freshness" && (st.Reading != nil || i < broken):
			out = append(out, freshness(st))
		case i < broken && f != nil && f.Kind == glucose.SignedOut:
			out = append(out, finding{l.what, false, lang.T("not asked without a sign-in"), exitFine})
		case i > broken:
			out = append(out, finding{l.what, false, lang.T("not known as long as there is trouble above"), exitFine})
		case l.what == "sensor" && text == "":
			out = append(out, finding{l.what, false, lang.T("no active sensor is known"), exitFine})
		case text == "":
			out = append(out, finding{l.what, false, lang.T("not known"), exitFine})
		default:
			out = append(out, finding{l.what, true, text, exitFine})
		}
	}
	return out
}

// linkOf files a fault under the line that is about it.
func linkOf(k glucose.FaultKind) string {
	switch alarm.LinkOf(k) {
	case alarm.LinkNetwork:
		return "network"
	case alarm.LinkSignIn:
		return "sign-in"
	case alarm.LinkSensor:
		return "sensor"
	case alarm.LinkPhone:
		if k != glucose.UploadDelayed {
			return "person"
		}
		return "freshness"
	case alarm.LinkComputer:
		if k == glucose.ClockFault {
			return "freshness"
		}
	}
	return "server"
}

func freshness(st app.Status) finding {
	switch {
	case st.Reading == nil:
		return finding{"freshness", false, lang.T("there is no reading yet"), exitNoReading}
	case st.Stale:
		return finding{"freshness", false, lang.F("the newest reading is old: %s", st.Text), exitStale}
	}
	return finding{"freshness", true, lang.F("the newest reading is %d s old", *st.AgeSeconds), exitFine}
}
