package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/tray"
)

// Request is what a command of another process asks of the running program.
type Request struct {
	Command string // "show", "page", "snooze", "unsnooze", "snoozes", "off", "on", "duty", "tell", "untell", "people", "followed", "sensor", "trouble", "outputs", "secrets", "test-alarm", "reload", "act"
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
		a.testAlarm(func(err error) {
			r.Reply <- Reply{lang.T("The test alarm was handed to the desktop."), errorText(err)}
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
			return lang.T("llutray is already running as llutray watch in a terminal; stop that first to have it in the tray."), nil
		}
		m := a.present(now)
		d := delivery{message: m}
		if a.state.settings.HideShared() {
			m.Title = presentTitle()
			d.discreet = &m
		}
		a.send(d)
		a.showPage()
		return lang.T("llutray is already running; look for its number in the tray."), nil
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
			out = append(out, lang.F("%s until %s", s.Label, lang.Clock(s.Until)))
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
	case "trouble":
		return a.state.trouble(now), nil
	case "outputs":
		return a.outputsText(), nil
	case "secrets":
		if a.opt.Renew != nil {
			a.opt.Renew()
		}
		if a.state.settings.Outputs.Nightscout.Follow {
			a.connect(ctx, a.state.accounts[0]) // beside which the site is followed
		}
		return lang.T("It is in force."), nil
	case "reload":
		a.reload(ctx, r.Kind)
		return lang.T("Signing in again."), nil
	}
	return "", lang.E("this version of llutray does not know %q", r.Command)
}

func presentTitle() string { return lang.T("llutray is running") }

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
		what = lang.F("%s of %s", what, people[0].name())
	} else if len(people) > 1 {
		what = lang.F("%s of everybody", what)
	}
	ans := alarm.Answer{Kind: alarm.SnoozeFor, Alarm: kind, For: r.For}
	if back {
		ans = alarm.Answer{Kind: alarm.TakeBack, Alarm: kind}
	}
	for _, p := range people {
		a.answer(now, p, ans)
	}
	if back {
		return lang.F("%s is no longer snoozed.", what), nil
	}
	return lang.F("%s is snoozed until %s.", what, lang.Clock(now.Add(r.For).In(a.state.zone))), nil
}

// meant are the people a command is about.
func (a *App) meant(now time.Time, who string, kind alarm.Kind, back bool) ([]*person, error) {
	people := a.state.followed()
	if len(people) == 0 {
		return nil, lang.E("nobody is followed, so there is no alarm to answer")
	}
	var names []string
	for _, p := range people {
		names = append(names, p.name())
	}
	choices := lang.F("%s or %s", "--person "+strings.Join(names, ", --person "), "--person "+Everybody)
	if who == "" && (len(people) == 1 || back || a.state.common() && ofAll(kind)) || who == Everybody {
		return people, nil // taking back a snooze is safe for all
	}
	if who != "" {
		found := a.state.find(who)
		switch {
		case len(found) == 0:
			return nil, lang.E("nobody called %q shares with this account; use %s", who, choices)
		case len(found) > 1:
			return nil, lang.E("%q may be one of several; use their id, as llutray status --format json prints it", who)
		case !found[0].followed():
			return nil, lang.E("%s is not followed, so there is no alarm to answer (follow = false in the settings)", found[0].name())
		}
		if all := a.state.answering(found[0].who.ID, kind, now); all != nil {
			return all, nil // else it would be said again, for another of them
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
		return nil, lang.E("say for whom: %s", choices)
	}
	return ringing, nil
}

// present is the message that a second start raises: the value as it stands.
func (a *App) present(now time.Time) notify.Message {
	m := notify.Message{Tag: "show", Title: presentTitle(), Body: lang.T("Look for its icon in the tray."), Urgency: notify.Normal}
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
