package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/poll"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/tray"
)

// act does what the user chose in the menu.
func (a *App) act(ctx context.Context, now time.Time, act tray.Action) {
	switch act.Kind {
	case tray.Refresh:
		if two, ok := a.source.(twoSources); ok {
			two.Retry()
		}
		if a.poller != nil {
			a.poller.Refresh()
		} else {
			select {
			case a.redial <- struct{}{}:
			default:
			}
		}
	case tray.SignIn:
		a.work("sign in", a.opt.SignIn)
	case tray.Seen:
		a.answerFor(now, act.Person, alarm.Answer{Kind: alarm.Seen, Alarm: alarm.Kind(act.Key)})
	case tray.Treated:
		a.answerFor(now, act.Person, alarm.Answer{Kind: alarm.Treated, Alarm: alarm.Low})
	case tray.SnoozeAlarm:
		a.answerFor(now, act.Person, alarm.Answer{Kind: alarm.SnoozeFor, Alarm: alarm.Kind(act.Key), For: act.For})
	case tray.Unsnooze:
		a.answerFor(now, act.Person, alarm.Answer{Kind: alarm.TakeBack, Alarm: alarm.Kind(act.Key)})
	case tray.TestAlarm:
		a.testAlarm(ctx, func(err error) {
			a.bring(ctx, func(time.Time) { a.state.undelivered = errorText(err) })
		})
	case tray.SetUnit:
		a.set("unit", string(act.Unit))
	case tray.SetLimit:
		a.set(a.keyForShown("alarms."+act.Key+".limit"), strconv.Itoa(int(act.Value))+" "+string(glucose.MgPerDL))
	case tray.SetSound:
		sound := "none"
		if act.On {
			sound = settings.Default().Sound(alarm.Kind(act.Key))
		}
		a.set(a.keyForShown("alarms."+act.Key+".sound"), sound)
	case tray.SetLabel:
		a.set("display.label", strconv.FormatBool(act.On))
	case tray.SetDiscreet:
		look := settings.LookNumber
		if act.On {
			look = settings.LookDiscreet
		}
		a.set("display.icon", look)
	case tray.SetAutostart:
		a.setAutostart(ctx, act.On)
	case tray.OpenSettings:
		a.work("open the settings file", func() error {
			if err := settings.Ensure(a.opt.Paths.Settings); err != nil {
				return err
			}
			return a.opt.OpenFile(a.opt.Paths.Settings)
		})
	case tray.OpenPage:
		a.openPage(act.Key)
	case tray.Follow:
		before := a.state.chosen
		if p, ok := a.state.people[act.Key]; !ok || !p.followed() {
			return
		}
		a.state.given.Person = act.Key
		a.state.identify()
		a.state.choose()
		a.follow(ctx, now, before)
		a.set("person", act.Key)
	case tray.GoOff, tray.GoOn, tray.TellOnce, tray.Untell:
		a.actCarer(now, act)
	case tray.About:
		a.send(delivery{message: notify.Message{
			Tag: "about", Title: "llutray " + a.opt.Version,
			Body: "Shows glucose from LibreLinkUp. It is not a medical device: never decide a treatment by it alone.", Urgency: notify.Normal,
		}})
	case tray.Quit:
		a.quit()
	}
}

// answerFor gives an answer of the menu: for the person it was offered for, ""
// for everybody. What concerns all is answered for all.
func (a *App) answerFor(now time.Time, id string, ans alarm.Answer) {
	if id != "" && id == a.state.speaker && ans.Kind == alarm.Seen {
		for _, p := range a.state.followed() {
			for _, k := range []alarm.Kind{alarm.NoData, alarm.NeedsYou} {
				if a.state.saidElsewhere(p, k, now) {
					a.answer(now, p, alarm.Answer{Kind: alarm.Seen, Alarm: k})
				}
			}
		}
	}
	if a.state.forEveryone(id, ans.Alarm, now) {
		for _, p := range append(a.state.followed(), a.unknown) {
			a.answer(now, p, ans)
		}
		return
	}
	a.answer(now, a.state.people[id], ans)
}

// keyForShown is the key that decides a setting for the person shown.
func (a *App) keyForShown(key string) string { return a.state.settings.KeyFor(a.state.chosen, key) }

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// work runs something slow that the user asked for, and tells when it failed.
func (a *App) work(what string, f func() error) {
	if f == nil {
		return
	}
	a.start(func() {
		if err := f(); err != nil {
			a.log.Error("could not "+what, "err", err)
			a.send(delivery{message: notify.Message{Tag: "trouble", Title: "llutray could not " + what, Body: err.Error(), Urgency: notify.Normal}})
		}
	})
}

// inTurn is work that does not overtake what was asked for before: of two
// limits in a row the last one must stay.
func (a *App) inTurn(what string, f func() error) {
	before, done := a.turn, make(chan struct{})
	a.turn = done
	a.work(what, func() error {
		defer close(done)
		if before != nil {
			<-before
		}
		return f()
	})
}

// set changes one setting in the file; the watch on the file brings it in
// force, as if the user had edited it.
func (a *App) set(key, value string) {
	a.inTurn("change the settings", func() error { return settings.Set(a.opt.Paths.Settings, key, value) })
}

func (a *App) setAutostart(ctx context.Context, on bool) {
	if a.opt.Autostart == nil {
		return
	}
	a.inTurn("change the start with the desktop", func() error {
		err := a.opt.Autostart.Set(on)
		enabled := a.opt.Autostart.Enabled()
		a.bring(ctx, func(time.Time) { a.env.autostart = enabled })
		return err
	})
}

// watchSettings brings each saved change of the settings file in force. A
// broken file leaves the last good settings in force and is shown.
func (a *App) watchSettings(ctx context.Context) {
	err := a.opt.WatchSettings(ctx, a.opt.Paths.Settings, func(s settings.Settings, err error) {
		a.bring(ctx, func(now time.Time) { a.changed(ctx, now, s, err) })
	})
	if err != nil && ctx.Err() == nil {
		a.log.Warn("the settings file can't be watched; changes need a restart", "err", err)
	}
}

func (a *App) changed(ctx context.Context, now time.Time, s settings.Settings, err error) {
	a.state.settingsErr = err
	if err != nil {
		a.log.Error("the settings file is not in force", "err", err)
		return
	}
	moved := s.Account.Region != a.state.settings.Account.Region || siteOf(s) != siteOf(a.state.settings)
	rerouted := s.Proxy != a.state.settings.Proxy
	a.state.adopt(s)
	a.setRelays()
	if moved {
		a.strangers()
	}
	if moved || rerouted {
		a.connect(ctx)
	}
	before := a.state.chosen
	a.state.choose()
	a.follow(ctx, now, before)
	a.abide()
	if a.opt.LogLevel != nil {
		a.opt.LogLevel.Set(s.Level)
	}
	a.step(now, alarm.Input{})
	a.leadSchedule(now)
}

// siteOf is the Nightscout that is followed, as far as the settings tell.
func siteOf(s settings.Settings) (site struct{ url, api, person string }) {
	if n := s.Outputs.Nightscout; n.Follow {
		site.url, site.api, site.person = n.Site, n.API, n.Person
	}
	return site
}

// abide has the engines go by the settings. These change with the file, and
// with the people, whom a section is found to be about only when they are named.
func (a *App) abide() {
	for _, p := range a.state.people {
		switch {
		case p.engine == nil:
		case !p.followed():
			// Left out by the user: what was said of them is over.
			a.dismiss(p)
			p.engine, p.undelivered = nil, ""
		case !p.set.Equal(p.inForce):
			p.inForce = p.set
			p.engine.SetConfig(p.set.Alarms())
		}
	}
	if u := a.unknown; u != nil && u.engine != nil {
		u.set = a.state.settings
		u.engine.SetConfig(u.set.Alarms())
	}
}

// watchWorld tells the schedule and the engine when the computer woke, the
// network came back, the clock was set or the user travelled.
func (a *App) watchWorld(ctx context.Context) {
	if err := a.world.Run(ctx); err != nil && ctx.Err() == nil {
		a.log.Warn("waking from sleep is noticed late", "err", err)
	}
}

func (a *App) woke(now time.Time, w poll.Wake) {
	a.log.Info("noticed", "what", w.Kind.String())
	if w.Zone != nil {
		a.state.zone = w.Zone
		a.relays.zone.Store(w.Zone)
	}
	if r, ok := a.source.(reconnecter); ok && w.Kind != poll.ZoneMoved {
		// Connections from before a sleep look alive and hang.
		a.start(func() { r.Reconnect() })
	}
	if a.poller != nil {
		a.poller.Wake(w)
	}
	a.step(now, alarm.Input{Resumed: w.Kind == poll.Resumed})
}

// reconnecter is a source that can drop its idle connections.
type reconnecter interface{ Reconnect() }

// Request is what a command of another process asks of the running program.
type Request struct {
	Command string // "show", "page", "snooze", "unsnooze", "snoozes", "off", "on", "duty", "tell", "untell", "people", "followed", "sensor", "test-alarm", "reload", "act"
	Kind    string
	Person  string      // name or ID, Everybody, or "" for what is plain
	Action  tray.Action // of "act", which no other process can ask
	For     time.Duration
	Reply   chan<- Reply // buffered
}

// Reply is the answer to a Request: a sentence for the user, or why not.
type Reply struct {
	Text  string
	Error string
}

// request answers a command. A test alarm is answered when it was delivered.
func (a *App) request(ctx context.Context, now time.Time, r Request) {
	if r.Command == "test-alarm" {
		a.testAlarm(ctx, func(err error) {
			r.Reply <- Reply{"The test alarm was handed to the desktop.", errorText(err)}
		})
		return
	}
	if r.Command == "page" && a.opt.Page != nil {
		// A browser may take its time to start.
		a.start(func() {
			text, err := a.opt.Page.asked(r.Kind)
			r.Reply <- Reply{text, errorText(err)}
		})
		return
	}
	text, err := a.command(ctx, now, r)
	r.Reply <- Reply{text, errorText(err)}
}

func (a *App) command(ctx context.Context, now time.Time, r Request) (string, error) {
	switch r.Command {
	case "show":
		if a.opt.Front == nil {
			return "llutray is already running as llutray watch in a terminal; stop that first to have it in the tray.", nil
		}
		m := a.present(now)
		d := delivery{message: m}
		if a.state.settings.HideShared() {
			m.Title = presentTitle
			d.discreet = &m
		}
		a.send(d)
		a.showPage()
		return "llutray is already running; look for its number in the tray.", nil
	case "snooze", "unsnooze":
		return a.snoozeCommand(now, r)
	case "off", "on":
		return a.dutyCommand(now, r)
	case "duty":
		return a.state.offDutyText(now), nil
	case "tell", "untell":
		return a.tellCommand(now, r)
	case "snoozes":
		var out []string
		for _, s := range a.snoozes(now) {
			out = append(out, fmt.Sprintf("%s until %s", s.Label, s.Until.Format("15:04")))
		}
		return strings.Join(out, ", "), nil
	case "people":
		return PeopleText(len(a.state.ordered())), nil
	case "followed":
		var ids []string
		for _, p := range a.state.followed() {
			ids = append(ids, p.who.ID)
		}
		return strings.Join(ids, "\n"), nil
	case "sensor":
		p := a.state.shown()
		if r.Person != "" {
			p = a.state.people[r.Person]
		}
		if p != nil {
			return SensorText(p.sensor, a.state.zone), nil
		}
		return "", nil
	case "act":
		a.act(ctx, now, r.Action)
		return "", nil
	case "reload":
		a.strangers()
		a.connect(ctx)
		return "Signing in again.", nil
	}
	return "", errors.New("this version of llutray does not know " + strconv.Quote(r.Command))
}

const presentTitle = "llutray is running"

// Everybody is Request.Person for all who are followed.
const Everybody = "all"

// snoozeCommand holds an alarm back, or takes that back. Without a person a
// snooze is for the one whose alarm of that kind stands; where that is not
// plain nothing is held back, for a snooze of the wrong one may hide a low.
func (a *App) snoozeCommand(now time.Time, r Request) (string, error) {
	kind, err := alarm.ParseKind(r.Kind)
	if err != nil {
		return "", err
	}
	back := r.Command == "unsnooze"
	if !back {
		if err := kind.CheckSnooze(r.For); err != nil {
			return "", err
		}
	}
	people, err := a.meant(now, r.Person, kind, back)
	if err != nil {
		return "", err
	}
	what := kind.Label()
	if len(people) == 1 && a.state.several() {
		what += " of " + people[0].name()
	} else if len(people) > 1 {
		what += " of everybody"
	}
	ans := alarm.Answer{Kind: alarm.SnoozeFor, Alarm: kind, For: r.For}
	if back {
		ans = alarm.Answer{Kind: alarm.TakeBack, Alarm: kind}
	}
	for _, p := range people {
		a.answer(now, p, ans)
	}
	if back {
		return what + " is no longer snoozed.", nil
	}
	return fmt.Sprintf("%s is snoozed until %s.", what, now.Add(r.For).In(a.state.zone).Format("15:04")), nil
}

// meant are the people a command is about.
func (a *App) meant(now time.Time, who string, kind alarm.Kind, back bool) ([]*person, error) {
	people := a.state.followed()
	if len(people) == 0 {
		return nil, errors.New("nobody is followed, so there is no alarm to answer")
	}
	var names []string
	for _, p := range people {
		names = append(names, p.name())
	}
	choices := "--person " + strings.Join(names, ", --person ") + " or --person " + Everybody
	if who == "" && (len(people) == 1 || back || a.state.common() && ofAll(kind)) || who == Everybody {
		return people, nil // taking back a snooze is safe for all
	}
	if who != "" {
		found := a.state.find(who)
		switch {
		case len(found) == 0:
			return nil, fmt.Errorf("nobody called %q shares with this account; use %s", who, choices)
		case len(found) > 1:
			return nil, fmt.Errorf("%q may be one of several; use their id, as llutray status --format json prints it", who)
		case !found[0].followed():
			return nil, fmt.Errorf("%s is not followed, so there is no alarm to answer (follow = false in the settings)", found[0].name())
		case a.state.forEveryone(found[0].who.ID, kind, now):
			return people, nil // else it would be said again, for another of them
		}
		return found, nil
	}
	var ringing []*person
	for _, p := range people {
		if p.engine != nil && slices.ContainsFunc(p.engine.Standing(now), func(e alarm.Episode) bool { return e.Kind.Group() == kind.Group() }) {
			ringing = append(ringing, p)
		}
	}
	if len(ringing) != 1 {
		return nil, errors.New("say for whom: " + choices)
	}
	return ringing, nil
}

// present is the message that a second start raises: the value as it stands.
func (a *App) present(now time.Time) notify.Message {
	m := notify.Message{Tag: "show", Title: presentTitle, Body: "Look for its icon in the tray.", Urgency: notify.Normal}
	p := a.state.shown()
	if p == nil {
		return m
	}
	s := a.status(p, now)
	if a.state.settings.Privacy(a.state.locked) == alarm.Full && s.Reading != nil {
		m.Title = strings.TrimSpace(s.Text + " " + string(a.state.settings.Unit))
	}
	if s.Fault != nil {
		m.Body = strings.TrimSpace(s.Fault.Message + " " + s.Fault.Hint)
	}
	return m
}
