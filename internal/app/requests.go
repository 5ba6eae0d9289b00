package app

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/poll"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/tray"
)

// act does what the user chose in the menu.
func (a *App) act(ctx context.Context, now time.Time, act tray.Action) {
	switch act.Kind {
	case tray.Refresh:
		for _, acc := range a.state.accounts {
			acc.refresh()
		}
	case tray.SignIn:
		a.work(lang.Mark("llutray could not sign in"), a.opt.SignIn)
	case tray.Seen:
		a.answerFor(now, act.Person, alarm.Answer{Kind: alarm.Seen, Alarm: alarm.Kind(act.Key)})
	case tray.Treated:
		a.answerFor(now, act.Person, alarm.Answer{Kind: alarm.Treated, Alarm: alarm.Low})
	case tray.SnoozeAlarm:
		a.answerFor(now, act.Person, alarm.Answer{Kind: alarm.SnoozeFor, Alarm: alarm.Kind(act.Key), For: act.For})
	case tray.Unsnooze:
		a.answerFor(now, act.Person, alarm.Answer{Kind: alarm.TakeBack, Alarm: alarm.Kind(act.Key)})
	case tray.TestAlarm:
		a.testAlarm(func(err error) {
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
		a.work(lang.Mark("llutray could not open the settings file"), func() error {
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
			Body: lang.T("Shows glucose from LibreLinkUp. It is not a medical device: never decide a treatment by it alone."), Urgency: notify.Normal,
		}})
	case tray.Quit:
		a.quit()
	}
}

// answerFor gives an answer of the menu: for the person it was offered for, ""
// for everybody. What concerns all is answered for all.
func (a *App) answerFor(now time.Time, id string, ans alarm.Answer) {
	of := a.state.people[id]
	if of != nil && id == a.state.of(of).speaker && ans.Kind == alarm.Seen {
		for _, p := range a.state.together(of) {
			for _, k := range []alarm.Kind{alarm.NoData, alarm.NeedsYou} {
				if a.state.saidElsewhere(p, k, now) {
					a.answer(now, p, alarm.Answer{Kind: alarm.Seen, Alarm: k})
				}
			}
		}
	}
	if people := a.state.answering(id, ans.Alarm, now); people != nil {
		for _, p := range append(people, a.unknown) {
			a.answer(now, p, ans)
		}
		return
	}
	a.answer(now, of, ans)
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
func (a *App) work(failed string, f func() error) {
	if f == nil {
		return
	}
	a.start(func() {
		if err := f(); err != nil {
			a.log.Error(failed, "err", err)
			a.send(delivery{message: notify.Message{Tag: "trouble", Title: lang.T(failed), Body: err.Error(), Urgency: notify.Normal}})
		}
	})
}

// inTurn is work that does not overtake what was asked for before: of two
// limits in a row the last one must stay.
func (a *App) inTurn(failed string, f func() error) {
	before, done := a.turn, make(chan struct{})
	a.turn = done
	a.work(failed, func() error {
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
	a.inTurn(lang.Mark("llutray could not change the settings"), func() error { return settings.Set(a.opt.Paths.Settings, key, value) })
}

func (a *App) setAutostart(ctx context.Context, on bool) {
	if a.opt.Autostart == nil {
		return
	}
	a.inTurn(lang.Mark("llutray could not change the start with the desktop"), func() error {
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
	was := a.state.settings
	if s.Display.Language != was.Display.Language {
		lang.Use(s.Display.Language)
	}
	come, gone := a.state.adopt(s)
	a.setRelays()
	a.renameAccounts(ctx, now, come, gone)
	for _, acc := range a.state.accounts {
		moved := s.AccountOf(acc.name) != was.AccountOf(acc.name) || acc.name == "" && siteOf(s) != siteOf(was)
		if slices.Contains(come, acc) || !moved && s.Proxy == was.Proxy {
			continue
		}
		if moved {
			a.strangers(acc)
		}
		a.connect(ctx, acc)
	}
	before := a.state.chosen
	a.state.choose()
	a.follow(ctx, now, before)
	a.abide()
	if a.opt.LogLevel != nil {
		a.opt.LogLevel.Set(s.Level)
	}
	a.step(now, alarm.Input{})
	a.leadSchedules(now)
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
	for _, acc := range a.state.accounts {
		if r, ok := acc.source.(reconnecter); ok && w.Kind != poll.ZoneMoved {
			// Connections from before a sleep look alive and hang.
			a.start(func() { r.Reconnect() })
		}
		if acc.poller != nil {
			acc.poller.Wake(w)
		}
	}
	a.step(now, alarm.Input{Resumed: w.Kind == poll.Resumed})
}

// reconnecter is a source that can drop its idle connections.
type reconnecter interface{ Reconnect() }
