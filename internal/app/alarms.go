package app

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/chart"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/settings"
)

// delivery is one thing the notification worker has to do.
type delivery struct {
	message  notify.Message
	discreet *notify.Message // in its place while the screen is shared; nil for the same
	withdraw bool
	id       string // of the decision, "" when nobody waits for the outcome
	silent   bool   // its sound was heard already
	done     func(error)
	relays   []Relay // to be tested with it
}

// step gives the engine of the followed person what happened, acts on what it
// decides and remembers when it wants to be called next.
func (a *App) step(now time.Time, in alarm.Input) {
	p := a.state.shown()
	if p == nil {
		// Before anybody is known, "needs you" still has somebody to tell.
		p = a.nobody()
	} else if a.unknown != nil {
		// Somebody is known now: take back what was said to nobody.
		u := a.unknown
		a.unknown = nil
		for _, d := range u.engine.Step(now, alarm.Input{}).Decisions {
			a.decided(u, d)
		}
	}
	if p.engine == nil {
		p.engine = alarm.New(a.state.settings.Alarms(), a.saved.Alarms[p.who.ID])
		in.Resumed = true
	}
	if r, ok := newestLive(p.readings); ok {
		in.Newest = r.Time
	}
	in.Cadence, in.Sensor = p.cadence(), p.sensor
	in.Fault = a.state.standing(now)
	res := p.engine.Step(now.In(a.state.zone), in)
	a.wakeAt = res.Wake
	for _, d := range res.Decisions {
		a.decided(p, d)
	}
	a.keep(p)
}

// nobody stands in for the person as long as no sign-in has worked.
func (a *App) nobody() *person {
	if a.unknown == nil {
		a.unknown = &person{}
	}
	return a.unknown
}

// decided turns a decision into a message, and into the facts that are kept.
func (a *App) decided(p *person, d alarm.Decision) {
	tag := d.Kind.Group()
	if d.Withdraw {
		a.send(delivery{withdraw: true, message: notify.Message{Tag: tag}})
	}
	if !d.Say {
		if d.Reason == alarm.Cleared {
			a.endRelays(d.Kind)
		}
		// The log can be asked later why nothing was heard.
		a.relog(p, alarm.RecordOf(d))
		return
	}
	who := ""
	if a.state.settings.Display.ShowName || len(a.state.people) > 1 {
		who = p.who.Name
	}
	title, body := alarm.Text(d, who, a.state.settings.Unit, a.state.settings.Privacy(a.state.locked))
	m := notify.Message{
		Tag: tag, Title: title, Body: body, Urgency: urgencyOf(d),
		Icon: a.picture(d), Sound: soundOf(a.state.settings.Sound(d.Kind), d), Buttons: buttonsOf(d.Kind),
	}
	a.raised[tag] = d.Kind
	// A message that is tried again must not sound again: the sound reached
	// the ear although the desktop refused the picture.
	a.send(delivery{message: m, discreet: a.discreet(m, d), id: d.ID, silent: d.Reason == alarm.Undelivered && a.heard[tag].stands(d)})
	a.relay(p, d, who)
	if d.Reason != alarm.Undelivered {
		a.log.Info("alarm raised", "kind", d.Kind, "reason", d.Reason)
		a.emit(AlarmEvent{
			Event: "alarm", Kind: string(d.Kind), Level: string(d.Level), Reason: string(d.Reason),
			Time: d.Time.UTC(), Message: strings.TrimSpace(title + ". " + body),
		})
		r := alarm.RecordOf(d)
		p.log = append(p.log, r)
		a.relog(p, r)
	}
}

// heard is a sound that reached the ear.
type heard struct {
	id string // of the decision
	at time.Time
}

// stands reports whether the sound need not be played for d, which is tried
// again. Where nothing shows messages the sound is all there is, and the
// engine counts no repeats before the first message arrived.
func (h heard) stands(d alarm.Decision) bool {
	again := 30 * time.Minute
	if d.Kind == alarm.UrgentLow {
		again = 5 * time.Minute
	}
	return h.id == d.ID && d.Time.Sub(h.at) < again
}

func urgencyOf(d alarm.Decision) notify.Urgency {
	if d.Loud {
		return notify.Critical
	}
	return notify.Normal
}

// picture is the value of an alarm as the tray draws it, for the message; nil
// for the program's own icon, also where messages may tell nothing.
func (a *App) picture(d alarm.Decision) []byte {
	set := a.state.settings
	if d.Reading == nil || d.Kind == alarm.NoData || set.Privacy(a.state.locked) != alarm.Full {
		return nil
	}
	return chart.IconPNG(chart.IconSpec{
		Number: d.Reading.Number(set.Unit), Range: set.Ranges().Of(*d.Reading), Trend: d.Reading.Trend,
	})
}

// soundOf is the sound of the kind, and a louder one when the engine raises
// its voice: no data is soft at first.
func soundOf(set string, d alarm.Decision) notify.Sound {
	switch {
	case set == settings.SoundNone:
		return notify.SoundNone
	case d.Escalation >= alarm.EscalateLouder:
		return notify.SoundUrgent // nobody has answered for a while
	case set == settings.SoundSoft && d.Loud:
		return notify.SoundLow
	}
	return notify.Sound(set)
}

// buttonsOf offers the answers: seen, treated for a low, and the snooze that
// fits the kind, which is the second shortest where there is a choice.
func buttonsOf(k alarm.Kind) []notify.Button {
	out := []notify.Button{{Key: "seen " + string(k), Label: "Seen"}}
	if k == alarm.Low {
		out = append(out, notify.Button{Key: "treated " + string(k), Label: "Treated"})
	}
	if lengths := k.SnoozeLengths(); len(lengths) > 0 {
		snooze := lengths[min(1, len(lengths)-1)]
		if k == alarm.UrgentLow {
			snooze = lengths[0]
		}
		out = append(out, notify.Button{Key: "snooze " + snooze.String() + " " + string(k), Label: "Snooze " + inWords(snooze)})
	}
	return out
}

// answered turns what the user did with a message into an answer.
func (a *App) answered(now time.Time, e notify.Event) {
	kind, ok := a.raised[e.Tag]
	if !ok {
		return
	}
	ans := alarm.Answer{Alarm: kind}
	switch what, arg, _ := strings.Cut(e.Button, " "); {
	case what == "seen":
		ans.Alarm, ans.Kind = alarm.Kind(arg), alarm.Seen
	case what == "treated":
		ans.Alarm, ans.Kind = alarm.Kind(arg), alarm.Treated
	case what == "snooze":
		// The button names its alarm: the message on the screen may be of the
		// low that has become urgent since, or failed to be replaced.
		length, of, _ := strings.Cut(arg, " ")
		d, err := time.ParseDuration(length)
		if err != nil {
			return
		}
		ans.Alarm, ans.Kind, ans.For = alarm.Kind(of), alarm.SnoozeFor, d
	case e.Closed && e.ByUser && kind != alarm.UrgentLow:
		// Wiped away by hand is seen. Not for the urgent low: some desktops
		// wipe everything at once, and on doubt the alarm goes on.
		ans.Kind = alarm.Seen
	default:
		return
	}
	a.answer(now, ans)
}

func (a *App) answer(now time.Time, ans alarm.Answer) {
	var standing []alarm.Episode // an answer before the alarm answers none of the past
	if p := a.state.shown(); p != nil && p.engine != nil {
		standing = p.engine.Standing(now)
	}
	if ans.Kind != alarm.TakeBack {
		a.endRelays(ans.Alarm)
	}
	a.step(now, alarm.Input{Answers: []alarm.Answer{ans}})
	if p := a.state.shown(); p != nil && ans.Kind != alarm.TakeBack {
		for i := len(p.log) - 1; i >= 0; i-- {
			if r := &p.log[i]; (ans.Alarm == "" || r.Kind == ans.Alarm) && slices.ContainsFunc(standing, func(e alarm.Episode) bool {
				return e.Kind == r.Kind && !r.Time.Before(e.Since)
			}) {
				r.Answer, r.AnsweredAt = ans.Words(), now
				a.relog(p, *r)
				break
			}
		}
	}
}

// relog keeps an entry of the alarm log as it now stands.
func (a *App) relog(p *person, r alarm.Record) {
	if p.who.ID == "" {
		return // nobody is known yet whose log it could be
	}
	if err := a.opt.Store.LogAlarm(context.Background(), p.who.ID, r); err != nil {
		a.log.Error("the alarm log could not be kept", "err", err)
	}
}

// send hands a job to the notification worker; a full queue means the desktop
// has hung for minutes, and the engine will ask again.
func (a *App) send(d delivery) {
	select {
	case a.deliver <- d:
	default:
		a.log.Error("the desktop takes no messages")
	}
}

// deliverLoop is the notification worker: one message at a time, its outcome
// back to the loop.
func (a *App) deliverLoop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case d := <-a.deliver:
			if d.withdraw {
				_ = a.opt.Notifier.Withdraw(ctx, d.message.Tag) // gone is gone
				continue
			}
			if d.done != nil {
				relayed := make(chan error, 1)
				go func() { relayed <- testRelays(ctx, d.relays, d.message) }()
				err := a.opt.Notifier.Send(ctx, d.message)
				if err == nil && a.opt.Play != nil {
					err = a.opt.Play(ctx, d.message.Sound)
				}
				d.done(errors.Join(err, <-relayed))
				continue
			}
			if !d.silent {
				a.play(ctx, d)
			}
			err := a.opt.Notifier.Send(ctx, a.fitForScreen(ctx, d))
			if d.id == "" || ctx.Err() != nil {
				continue
			}
			a.bring(ctx, func(now time.Time) { a.delivered(now, d, err) })
		}
	}
}

// play starts the sound without waiting for its end; what became of it comes
// back to the loop.
func (a *App) play(ctx context.Context, d delivery) {
	s := d.message.Sound
	if a.opt.Play == nil || s == "" || s == notify.SoundNone {
		return
	}
	a.start(func() {
		err := a.opt.Play(ctx, s)
		if ctx.Err() != nil {
			return
		}
		a.bring(ctx, func(now time.Time) {
			a.state.mute = errorText(err)
			if err != nil {
				a.log.Warn("the alarm's sound could not be played", "err", err)
			} else if d.id != "" {
				a.heard[d.message.Tag] = heard{d.id, now}
			}
		})
	})
}

func (a *App) delivered(now time.Time, d delivery, err error) {
	out := alarm.Delivery{ID: d.id}
	a.state.undelivered = ""
	if err != nil {
		out.Err = err.Error()
		a.state.undelivered = err.Error()
		a.log.Error("an alarm could not be shown", "err", err)
	}
	if p := a.state.shown(); p != nil {
		for i := range p.log {
			if r := &p.log[i]; r.ID == d.id {
				r.Delivery = alarm.DeliveryOK
				if err != nil {
					r.Delivery = out.Err
				}
				a.relog(p, *r)
			}
		}
	}
	a.step(now, alarm.Input{Delivered: []alarm.Delivery{out}})
}

// testAlarm sends a real message through every channel and tells done how it
// went. It holds no value, so that it may be tried on a shared screen.
func (a *App) testAlarm(done func(error)) {
	a.send(delivery{done: done, message: TestMessage(), relays: a.relays.list})
}

// TestMessage is the alarm that `test-alarm` raises.
func TestMessage() notify.Message {
	return notify.Message{
		Tag: "test", Title: "TEST alarm from llutray", Urgency: notify.Critical, Sound: notify.SoundLow, Resident: true,
		Body:    "This is how an alarm looks and sounds. It is only a test.",
		Buttons: []notify.Button{{Key: "seen", Label: "Seen"}},
	}
}
