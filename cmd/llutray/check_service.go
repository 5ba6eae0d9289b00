package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/glucose"
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
		out = append(out, finding{"program", true, "llutray is running; what follows is what it knows", exitFine})
		return append(out, checkStored(ctx, paths)...)
	}
	_ = lock.Unlock()
	set, err := settings.Load(paths.Settings)
	if err != nil {
		return append(out, finding{"settings", false, err.Error(), exitFailed})
	}
	site := checkSite(ctx, set, secrets)
	if _, err := (&app.Account{Secrets: secrets, Path: paths.Session}).Credentials(ctx); len(site) > 0 && err != nil {
		if f := glucose.AsFault(err); f.Kind == glucose.SignedOut && f.Err == nil {
			out = append(out, finding{"sign-in", true, "Nobody is signed in; the Nightscout site is followed", exitFine})
			return append(out, site...)
		}
	}
	return append(append(out, checkLive(ctx, set, paths, secrets)...), site...)
}

func checkKeyring(ctx context.Context, secrets settings.Secrets) finding {
	if err := secrets.Check(ctx); err != nil {
		return finding{"keyring", false, err.Error(), exitFine}
	}
	return finding{"keyring", true, "secrets can be kept", exitFine}
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
	people := strings.Split(ask("followed", ""), "\n") // "" is whoever is shown
	out := make([]finding, 0, len(links)*len(people))
	for _, id := range people {
		st, _, err := loadStatus(ctx, id)
		if err != nil {
			return []finding{{"history", false, err.Error(), exitFailed}}
		}
		var fault *glucose.Fault
		if f := st.Fault; f != nil {
			fault = &glucose.Fault{Kind: f.Kind, Message: f.Message, Hint: f.Hint}
		}
		of := serviceFindings(fault, ask("people", ""), ask("sensor", id), st)
		if len(people) > 1 {
			if fault != nil && slices.Index(ofAccount, linkOf(fault.Kind)) >= 0 {
				out = of // it is everybody's
				break
			}
			for i := range of[len(ofAccount):] {
				f := &of[len(ofAccount)+i]
				f.text = st.Person.Name + ": " + f.text
			}
			if len(out) > 0 {
				of = of[len(ofAccount):]
			}
		}
		out = append(out, of...)
	}
	if held := ask("snoozes", ""); held != "" {
		out = append(out, finding{"snoozes", false, "in force: " + held, exitFine})
	}
	if off := ask("duty", ""); off != "" {
		out = append(out, finding{"duty", false, off, exitFine})
	}
	return out
}

// checkLive asks the service itself.
func checkLive(ctx context.Context, set settings.Settings, paths settings.Paths, secrets settings.Secrets) []finding {
	broken := func(err error) []finding {
		return serviceFindings(glucose.AsFault(err), "", "", app.NewStatus(glucose.Person{}, nil, set.Unit, set.Ranges(), nil, time.Now()))
	}
	account := &app.Account{Secrets: secrets, Path: paths.Session}
	cred, err := account.Credentials(ctx)
	if err != nil {
		return broken(err)
	}
	session, err := account.Load(ctx, cred)
	if err != nil {
		return []finding{{"sign-in", false, err.Error(), exitFailed}}
	}
	client, err := app.NewClient(account, session, set.Account.Region, set.Proxy, cred, nil)
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
	who := set.Call(s.Person) + ": "
	if !set.Personal(s.Person.ID).Follow {
		return []finding{{"person", true, who + "not followed, as the settings say: no alarm comes for them", exitFine}}
	}
	out := serviceFindings(nil, count, app.SensorText(s.Sensor, time.Local), statusOf(s, set))[4:]
	for i := range out {
		out[i].text = who + out[i].text
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
	{"network", "the service can be reached"},
	{"server", "LibreLinkUp answers"},
	{"sign-in", "accepted"},
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
		text := l.text
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
			out = append(out, finding{l.what, false, "not asked without a sign-in", exitFine})
		case i > broken:
			out = append(out, finding{l.what, false, "not known as long as there is trouble above", exitFine})
		case l.what == "sensor" && text == "":
			out = append(out, finding{l.what, false, "no active sensor is known", exitFine})
		case text == "":
			out = append(out, finding{l.what, false, "not known", exitFine})
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
		return finding{"freshness", false, "there is no reading yet", exitNoReading}
	case st.Stale:
		return finding{"freshness", false, "the newest reading is old: " + st.Text, exitStale}
	}
	return finding{"freshness", true, fmt.Sprintf("the newest reading is %d s old", *st.AgeSeconds), exitFine}
}
