package app

import (
	"context"
	"errors"
	"fmt"
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
		a.answer(now, alarm.Answer{Kind: alarm.Seen, Alarm: alarm.Kind(act.Key)})
	case tray.Treated:
		a.answer(now, alarm.Answer{Kind: alarm.Treated, Alarm: alarm.Low})
	case tray.SnoozeAlarm:
		a.answer(now, alarm.Answer{Kind: alarm.SnoozeFor, Alarm: alarm.Kind(act.Key), For: act.For})
	case tray.Unsnooze:
		a.answer(now, alarm.Answer{Kind: alarm.TakeBack, Alarm: alarm.Kind(act.Key)})
	case tray.TestAlarm:
		a.testAlarm(func(err error) {
			a.bring(ctx, func(time.Time) { a.state.undelivered = errorText(err) })
		})
	case tray.SetUnit:
		a.set("unit", string(act.Unit))
	case tray.SetLimit:
		a.set("alarms."+act.Key+".limit", strconv.Itoa(int(act.Value))+" "+string(glucose.MgPerDL))
	case tray.SetSound:
		sound := "none"
		if act.On {
			sound = settings.Default().Sound(alarm.Kind(act.Key))
		}
		a.set("alarms."+act.Key+".sound", sound)
	case tray.SetLabel:
		a.set("display.label", strconv.FormatBool(act.On))
	case tray.SetAutostart:
		a.setAutostart(ctx, act.On)
	case tray.OpenSettings:
		a.work("open the settings file", func() error {
			if err := settings.Ensure(a.opt.Paths.Settings); err != nil {
				return err
			}
			return a.opt.OpenFile(a.opt.Paths.Settings)
		})
	case tray.Follow:
		before := a.state.chosen
		if _, ok := a.state.people[act.Key]; !ok {
			return
		}
		a.state.chosen, a.state.settings.Person = act.Key, act.Key
		a.follow(ctx, now, before)
		a.step(now, a.unjudged())
		a.set("person", act.Key)
	case tray.About:
		a.send(delivery{message: notify.Message{
			Tag: "about", Title: "llutray " + a.opt.Version,
			Body: "Shows glucose from LibreLinkUp. It is not a medical device: never decide a treatment by it alone.", Urgency: notify.Normal,
		}})
	case tray.Quit:
		a.quit()
	}
}

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

// set changes one setting in the file; the watch on the file brings it in
// force, as if the user had edited it.
func (a *App) set(key, value string) {
	a.work("change the settings", func() error { return settings.Set(a.opt.Paths.Settings, key, value) })
}

func (a *App) setAutostart(ctx context.Context, on bool) {
	if a.opt.Autostart == nil {
		return
	}
	a.work("change the start with the desktop", func() error {
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
	moved := s.Account.Region != a.state.settings.Account.Region
	a.state.settings = s
	if moved {
		a.connect(ctx)
	}
	before := a.state.chosen
	a.state.choose()
	a.follow(ctx, now, before)
	for _, p := range a.state.people {
		if p.engine != nil {
			p.engine.SetConfig(s.Alarms())
		}
	}
	a.step(now, alarm.Input{})
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
	Command string // "show", "snooze", "unsnooze", "snoozes", "test-alarm", "reload"
	Kind    string
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
			r.Reply <- Reply{"The test alarm was handed to the desktop.", errorText(err)}
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
		a.send(delivery{message: a.present(now)})
		return "llutray is already running; look for its number in the tray.", nil
	case "snooze", "unsnooze":
		kind, err := alarm.ParseKind(r.Kind)
		if err != nil {
			return "", err
		}
		if r.Command == "unsnooze" {
			a.answer(now, alarm.Answer{Kind: alarm.TakeBack, Alarm: kind})
			return kind.Label() + " is no longer snoozed.", nil
		}
		if err := kind.CheckSnooze(r.For); err != nil {
			return "", err
		}
		a.answer(now, alarm.Answer{Kind: alarm.SnoozeFor, Alarm: kind, For: r.For})
		return fmt.Sprintf("%s is snoozed until %s.", kind.Label(), now.Add(r.For).In(a.state.zone).Format("15:04")), nil
	case "snoozes":
		var out []string
		for _, s := range a.snoozes(now) {
			out = append(out, fmt.Sprintf("%s until %s", s.Label, s.Until.Format("15:04")))
		}
		return strings.Join(out, ", "), nil
	case "reload":
		a.connect(ctx)
		return "Signing in again.", nil
	}
	return "", errors.New("this version of llutray does not know " + strconv.Quote(r.Command))
}

// present is the message that a second start raises: the value as it stands.
func (a *App) present(now time.Time) notify.Message {
	m := notify.Message{Tag: "show", Title: "llutray is running", Body: "Look for its icon in the tray.", Urgency: notify.Normal}
	p := a.state.shown()
	if p == nil {
		return m
	}
	s := NewStatus(p.who, p.readings, a.state.settings.Unit, a.state.settings.Ranges(), a.state.standing(now), now)
	if a.state.settings.Privacy(a.state.locked) == alarm.Full && s.Reading != nil {
		m.Title = strings.TrimSpace(s.Text + " " + string(a.state.settings.Unit))
	}
	if s.Fault != nil {
		m.Body = strings.TrimSpace(s.Fault.Message + " " + s.Fault.Hint)
	}
	return m
}
