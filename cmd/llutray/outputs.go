package main

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/busapi"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/hook"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/mqtt"
	"github.com/llutray/llutray/internal/nightscout"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/tray"
	"github.com/llutray/llutray/packaging"
)

// outputs tells whoever the settings name how everybody does: a broker, a
// Nightscout site, a command, the session's bus. Nothing of the program waits
// for them.
type outputs struct {
	p   *program
	act func(tray.Action) // nil where nothing can be asked

	mu      sync.Mutex
	set     settings.Settings
	last    app.Outlook
	parent  context.Context    // of all that ever run
	stop    context.CancelFunc // of those that run
	broken  map[string]string  // which of them ended badly, and why
	mqtt    *mqtt.Publisher
	bus     *busapi.Server
	hook    *hook.Hook
	upload  *nightscout.Uploader
	told    []string // IDs that the broker knows
	newest  time.Time
	workers sync.WaitGroup
}

// withOutputs adds the outputs to the options of an app. They end with ctx;
// wait returns when they have.
func withOutputs(ctx context.Context, p *program, o *app.Options, act func(tray.Action)) (wait func()) {
	out := &outputs{p: p, act: act, parent: ctx}
	o.Relays = &app.RelayOptions{
		Send: relayChild(openSecrets(p.paths, false)), Rules: relayRules,
		State: app.StateFile(filepath.Join(filepath.Dir(p.paths.State), "relays.json")),
	}
	out.apply(o.Settings)
	events, watch := o.Events, o.WatchSettings
	o.Events = func(e any) {
		if events != nil {
			events(e)
		}
		out.event(e)
	}
	o.Outlook, o.Troubles, o.Renew = out.outlook, out.troubles, out.renew
	if watch != nil {
		o.WatchSettings = func(ctx context.Context, path string, f func(settings.Settings, error)) error {
			return watch(ctx, path, func(s settings.Settings, err error) {
				if err == nil {
					out.apply(s)
				}
				f(s, err)
			})
		}
	}
	return func() {
		done := make(chan struct{})
		go func() { out.workers.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(2 * time.Second): // the broker's goodbye takes one
		}
	}
}

// apply starts what these settings want, in place of what ran.
func (x *outputs) apply(s settings.Settings) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.stop != nil && x.set.Outputs == s.Outputs {
		x.set = s
		return
	}
	x.start(s)
}

// renew starts all anew, with the secrets there are now.
func (x *outputs) renew() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.start(x.set)
}

func (x *outputs) start(s settings.Settings) {
	if x.stop != nil {
		x.stop()
	}
	ctx, stop := context.WithCancel(x.parent)
	x.stop, x.broken = stop, map[string]string{}
	x.set, x.mqtt, x.bus, x.hook, x.upload, x.told, x.newest = s, nil, nil, nil, nil, nil, time.Time{}
	o := s.Outputs
	if o.Bus {
		x.bus = busapi.New(x.handler())
		bus := x.bus
		x.run(ctx, outputBus, func() error { return x.offer(ctx, bus) })
	}
	if words, err := hook.Words(o.Hook.Command); err != nil {
		x.p.log.Warn("the hook's command is not understood", "err", err)
		x.broken[outputHook] = err.Error()
	} else if len(words) > 0 {
		x.hook = hook.New(hook.Options{Argv: words, Events: strings.Fields(o.Hook.Events), Log: x.p.log})
		h := x.hook
		x.run(ctx, outputHook, func() error { h.Run(ctx); return nil })
	}
	secrets := openSecrets(x.p.paths, false)
	if o.MQTT.Broker != "" {
		x.run(ctx, outputMQTT, func() error { return x.runMQTT(ctx, secrets, o.MQTT) })
	}
	if o.Nightscout.Upload && o.Nightscout.Site != "" {
		x.run(ctx, outputUpload, func() error { return x.runUpload(ctx, secrets, o.Nightscout) })
	}
	if o.Nightscout.Port != 0 {
		x.run(ctx, outputEndpoint, func() error { return x.serve(ctx, secrets, o.Nightscout.Port) })
	}
}

// runMQTT keeps a broker up to date. The keyring may be locked at the start,
// and its owner come later.
func (x *outputs) runMQTT(ctx context.Context, secrets settings.Secrets, m settings.MQTT) error {
	password := ""
	if m.User != "" {
		var err error
		if password, err = x.patiently(ctx, secrets, settings.MQTTSecret); err != nil {
			return err
		}
	}
	p := mqtt.New(mqtt.Config{
		Broker: m.Broker, User: m.User, Password: password, CAFile: m.CAFile, Prefix: m.Prefix, Discovery: m.Discovery,
		NoNames: !m.Names, Commands: m.Commands && x.act != nil, Version: packaging.Version,
	}, x.heard, x.p.log)
	x.begin(ctx, func() { x.mqtt = p })
	return p.Run(ctx)
}

// begin notes a part that runs from now on, unless the settings have changed
// meanwhile, and tells it what is known.
func (x *outputs) begin(ctx context.Context, note func()) {
	x.mu.Lock()
	if ctx.Err() == nil {
		note()
	}
	last := x.last
	x.mu.Unlock()
	if !last.Now.IsZero() {
		x.outlook(last)
	}
}

func (x *outputs) runUpload(ctx context.Context, secrets settings.Secrets, n settings.Nightscout) error {
	token, err := x.patiently(ctx, secrets, settings.NightscoutSecret)
	if err != nil {
		return err
	}
	u := nightscout.NewUploader(nightscout.Site{URL: n.Site, Secret: token, API: nightscout.API(n.API)},
		func(ctx context.Context, from time.Time) ([]glucose.Reading, error) {
			all, err := x.readings(ctx, from, time.Now().Add(time.Hour))
			// The site's own are not told back to it.
			return slices.DeleteFunc(all, func(r glucose.Reading) bool { return r.Source == glucose.Nightscout }), err
		}, nil, x.p.log)
	x.begin(ctx, func() { x.upload = u })
	u.Run(ctx)
	return nil
}

// whose readings go to Nightscout, by ID: a site is one person's. "" as long
// as nobody is known.
func (x *outputs) whose() (string, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	name := x.set.Outputs.Nightscout.Person
	var fit []string
	for _, p := range x.last.People {
		if name == "" || x.set.Means(p.Who, name) {
			fit = append(fit, p.Who.ID)
		}
	}
	switch {
	case len(fit) == 1:
		return fit[0], nil
	case len(x.last.People) == 0:
		return "", nil
	}
	return "", lang.E("say in nightscout.person whose readings are meant, by a name that one person has")
}

// readings are the stored ones that go to Nightscout.
func (x *outputs) readings(ctx context.Context, from, to time.Time) ([]glucose.Reading, error) {
	id, err := x.whose()
	if err != nil || id == "" {
		return nil, err
	}
	return x.p.store.Readings(ctx, id, from, to)
}

func (x *outputs) serve(ctx context.Context, secrets settings.Secrets, port int) error {
	token, err := x.patiently(ctx, secrets, settings.ServeSecret)
	if err != nil {
		return err
	}
	if token == "" {
		return lang.E("it has no token yet: llutray nightscout serve-token makes one")
	}
	x.mu.Lock()
	set := x.set
	x.mu.Unlock()
	l := x.listen(ctx, port)
	if l == nil {
		return nil
	}
	srv := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: nightscout.Handler(nightscout.Served{
		Token: token, Unit: set.Unit, Limits: set.Ranges(), Version: packaging.Version,
		Read: x.readings,
		Metrics: func() (string, string) {
			x.mu.Lock()
			defer x.mu.Unlock()
			var all []app.Status
			for _, p := range x.last.People {
				all = append(all, p.Status)
			}
			return app.OpenMetricsType, app.OpenMetrics(all, packaging.Version)
		},
	})}
	context.AfterFunc(ctx, func() { _ = srv.Close() })
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// outlook hands on how everybody does.
func (x *outputs) outlook(o app.Outlook) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.last = o
	if x.mqtt != nil {
		var now []string
		for _, p := range o.People {
			now = append(now, p.Who.ID)
			m := mqtt.State{Person: p.Who, Reading: p.Reading, Delta: p.Delta, Range: p.Range, Stale: p.Stale, Alarm: p.Alarm}
			if p.Fault != nil {
				m.Fault = p.Fault.Kind
			}
			x.mqtt.Publish(m)
		}
		for _, id := range x.told {
			if !slices.Contains(now, id) {
				x.mqtt.Forget(id)
			}
		}
		x.told = now
	}
	if x.bus != nil {
		st := busapi.State{Shown: o.Shown, Unit: o.Unit, Fault: o.Fault, Version: packaging.Version}
		for _, p := range o.People {
			st.People = append(st.People, busapi.Person{
				Person: p.Who, Reading: p.Reading, Delta: p.Delta, Range: p.Range, Stale: p.Stale, Text: p.Status.Text, Alarm: p.Alarm,
			})
		}
		x.bus.Set(st)
	}
	if x.upload != nil {
		newest := x.newest
		for _, p := range o.People {
			if p.Reading != nil && p.Reading.Time.After(newest) {
				newest = p.Reading.Time
			}
		}
		if newest.After(x.newest) {
			x.newest = newest
			x.upload.New()
		}
	}
}

// event hands on what has happened.
func (x *outputs) event(e any) {
	x.mu.Lock()
	h, bus := x.hook, x.bus
	x.mu.Unlock()
	if h != nil {
		h.Fire(e)
	}
	if a, ok := e.(app.AlarmEvent); ok && bus != nil {
		said := busapi.Alarm{Kind: alarm.Kind(a.Kind), Level: alarm.Level(a.Level), Message: a.Message}
		if a.Person != nil {
			said.Person = glucose.Person{ID: a.Person.ID, Name: a.Person.Name}
		}
		bus.Announce(said)
	}
}

// handler does what is asked for on the bus.
func (x *outputs) handler() busapi.Handler {
	if x.act == nil {
		return busapi.Handler{}
	}
	return busapi.Handler{
		Refresh: func() error { x.act(tray.Action{Kind: tray.Refresh}); return nil },
		Answer: func(person string, a alarm.Answer) error {
			x.mu.Lock()
			known := slices.ContainsFunc(x.last.People, func(p app.Outlooked) bool { return p.Who.ID == person })
			shown := x.last.Shown
			x.mu.Unlock()
			if person == "" {
				person = shown
			} else if !known {
				return errors.New("nobody with this id is followed")
			}
			x.answer(person, a)
			return nil
		},
	}
}

// heard does what is asked for through the broker.
func (x *outputs) heard(c mqtt.Command) {
	if c.Refresh {
		x.act(tray.Action{Kind: tray.Refresh})
		return
	}
	x.answer(c.Person, alarm.Answer{Kind: c.Answer, Alarm: c.Alarm, For: c.For})
}

func (x *outputs) answer(person string, a alarm.Answer) {
	act := tray.Action{Person: person, Key: string(a.Alarm), For: a.For}
	switch a.Kind {
	case alarm.Seen:
		act.Kind = tray.Seen
	case alarm.Treated:
		act.Kind = tray.Treated
	case alarm.SnoozeFor:
		act.Kind = tray.SnoozeAlarm
	case alarm.TakeBack:
		act.Kind = tray.Unsnooze
	}
	x.act(act)
}
