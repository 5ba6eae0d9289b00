package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/chart"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/settings"
)

// delivery is one thing the notification worker has to do.
type delivery struct {
	message  notify.Message
	discreet *notify.Message // in its place while the screen is shared; nil for the same
	withdraw bool
	person   string      // whom it is about, "" for nobody
	id       string      // of the decision, "" when nobody waits for the outcome
	silent   bool        // its sound was heard already
	speech   *utterance  // what is said aloud after the sound; nil for nothing
	shown    func(error) // told whether the desktop took it; nil where nobody asks
}

// step gives the engine of everybody who is followed what happened.
func (a *App) step(now time.Time, in alarm.Input) {
	a.state.settleSpeakers(now)
	people := a.state.followed()
	if len(people) == 0 && len(a.state.people) == 0 {
		// Before anybody is known, "needs you" still has somebody to tell.
		people = append(people, a.nobody())
	} else if a.unknown != nil {
		// Somebody is known now: take back what was said to nobody.
		u := a.unknown
		a.unknown = nil
		for _, d := range u.engine.Step(now, alarm.Input{}).Decisions {
			a.decided(u, d)
		}
	}
	for _, p := range people {
		a.stepOne(p, now, in)
	}
}

// stepDue gives those engines the time that asked for it.
func (a *App) stepDue(ctx context.Context, now time.Time) {
	a.keepReadingsDue(ctx, now)
	a.restoreDue(ctx, now)
	a.state.settleSpeakers(now)
	for _, p := range a.awaited() {
		if !p.wake.IsZero() && !now.Before(p.wake) || p.engine != nil && p.elsewhere != a.state.elsewhere(p, now) {
			a.stepOne(p, now, alarm.Input{})
		}
	}
}

// awaited are those with an engine that may ask for the time.
func (a *App) awaited() []*person {
	people := a.state.followed()
	if a.unknown != nil {
		people = append(people, a.unknown)
	}
	return people
}

// stepOne gives the engine of one person what happened, with their newest
// reading if it has not had it; acts on what it decides and remembers when it
// wants to be called next.
func (a *App) stepOne(p *person, now time.Time, in alarm.Input) {
	if p.engine == nil {
		p.engine, p.inForce = alarm.New(p.set.Alarms(), a.saved.Alarms[p.who.ID]), p.set
		in.Resumed = true
	}
	if r, ok := newestLive(p.readings); ok {
		in.Newest = r.Time
		if r.Time.After(p.judged) {
			in.Reading, p.judged = &r, r.Time
		}
	}
	in.Cadence, in.Pace, in.Sensor = p.cadence(), glucose.Pace(p.readings), p.sensor
	p.elsewhere = a.state.elsewhere(p, now)
	p.covered = a.state.covered(p, now)
	in.Fault, in.Elsewhere = a.state.standing(p, now), p.elsewhere
	res := p.engine.Step(now.In(a.state.zone), in)
	p.wake = res.Wake
	for _, d := range res.Decisions {
		a.decided(p, d)
	}
	a.keep(p)
	if in.Reading != nil {
		a.emit(a.status(p, now))
	}
}

// status is what is known of a person, for scripts.
func (a *App) status(p *person, now time.Time) Status {
	return NewStatus(glucose.Person{ID: p.who.ID, Name: p.name()}, p.readings, p.set.Unit, p.set.Ranges(), a.state.standing(p, now), now)
}

// nobody stands in for the person as long as no sign-in has worked.
func (a *App) nobody() *person {
	if a.unknown == nil {
		a.unknown = &person{set: a.state.settings}
	}
	return a.unknown
}

// decided turns a decision into a message, and into the facts that are kept.
func (a *App) decided(p *person, d alarm.Decision) {
	tag := a.tag(p, d.Kind.Group())
	if d.Withdraw {
		a.withdraw(tag)
	}
	if !d.Say {
		if d.Reason == alarm.Cleared {
			a.relayCleared(p, d)
		}
		// The log can be asked later why nothing was heard.
		a.relog(p, alarm.RecordOf(d))
		return
	}
	said, concerned := d, a.toldOf(p, tag, d)
	common := concerned != nil
	if d.Kind == alarm.NoData {
		p.named = d.Time
		if common {
			p.named = time.Time{}
		}
	}
	if common {
		said.Reading = nil // not one person's
	}
	who := a.state.whom(p, d.Kind, concerned)
	m := a.message(p, tag, said, who)
	// A message that is tried again must not sound again: the sound reached
	// the ear although the desktop refused the picture.
	told := delivery{message: m, discreet: a.discreet(p, m, d), person: p.who.ID, id: d.ID, silent: d.Reason == alarm.Undelivered && a.heard[tag].stands(d), speech: a.aloud(p, said, who)}
	a.raise(&raised{Tag: tag, Person: p.who.ID, Said: said, Concerned: idsOf(concerned)})
	a.send(told)
	a.relay(p, said, who, concerned)
	if d.Reason != alarm.Undelivered {
		a.log.Info("alarm raised", "kind", d.Kind, "reason", d.Reason)
		e := AlarmEvent{
			Event: "alarm", Kind: string(d.Kind), Level: string(d.Level), Reason: string(d.Reason),
			Time: d.Time.UTC(), Message: strings.TrimSpace(m.Title + ". " + m.Body),
		}
		if p.who.ID != "" && !common {
			e.Person = &StatusPerson{p.who.ID, p.name()}
		}
		a.emit(e)
		r := alarm.RecordOf(d)
		p.log = append(p.log, r)
		a.relog(p, r)
	}
}

// toldOf are those of whom a decision tells, as in concerned. A message that is
// tried again tells of all whom it was to tell of, as long as nothing came of them:
// another account may fail with theirs by now, for whose people nothing is due.
func (a *App) toldOf(p *person, tag string, d alarm.Decision) []*person {
	present := a.state.concerned(p, d.Kind)
	r := a.raised[tag]
	if present != nil || d.Reason != alarm.Undelivered || r == nil || r.Said.ID != d.ID || !a.state.of(p).common() {
		return present
	}
	still := slices.DeleteFunc(a.state.having(r.Concerned), func(o *person) bool { return o.got.After(r.Said.Time) })
	if len(still) < 2 {
		return nil
	}
	return still
}

// whom is the name that a message of a person's alarm, or of all whom it
// concerns, is about; "" for none.
func (s *state) whom(p *person, k alarm.Kind, concerned []*person) string {
	switch {
	case concerned == nil && (p.set.Display.ShowName || s.several()):
		return p.name()
	case concerned == nil:
		return ""
	case k == alarm.NoData:
		return s.callAll(concerned, lang.T("everyone"))
	case len(s.accounts) > 1:
		return names(concerned)
	}
	return ""
}

// message is a decision as it is shown.
func (a *App) message(p *person, tag string, d alarm.Decision, who string) notify.Message {
	title, body := alarm.Text(d, who, p.set.Unit, p.set.Privacy(a.state.locked))
	return notify.Message{
		Tag: tag, About: string(d.Kind), Title: title, Body: body, Urgency: urgencyOf(d),
		Icon: a.picture(p, d), Sound: soundOf(p.set.Sound(d.Kind), d), Buttons: buttonsOf(d.Kind),
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
func (a *App) picture(p *person, d alarm.Decision) []byte {
	set := p.set
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

// relog keeps an entry of the alarm log as it now stands.
func (a *App) relog(p *person, r alarm.Record) {
	p.relogged++
	if p.who.ID == "" {
		return // nobody is known yet whose log it could be
	}
	if err := a.opt.Store.LogAlarm(context.Background(), p.who.ID, r); err != nil {
		a.log.Error("the alarm log could not be kept", "err", err)
	}
}

// send hands a job to the notification worker; a full queue means the desktop
// has hung for minutes, and the engine will ask again.
func (a *App) send(d delivery) (taken bool) {
	select {
	case a.deliver <- d:
		return true
	default:
		a.log.Error("the desktop takes no messages")
		return false
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
			over := a.tests.giveWay()
			if !d.silent {
				a.play(ctx, d)
			}
			err := a.opt.Notifier.Send(ctx, a.fitForScreen(ctx, d))
			over()
			if d.shown != nil {
				d.shown(err)
			}
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
		a.say(d.speech)
		return
	}
	a.start(func() {
		err := a.opt.Play(ctx, s)
		a.say(d.speech)
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
	if err != nil {
		a.log.Error("an alarm could not be shown", "err", err)
	}
	p := a.person(d.person)
	if p == nil || p.engine == nil {
		return // nobody waits for it any more
	}
	a.tellUndelivered(p, err)
	if r := a.raised[d.message.Tag]; err == nil && r != nil && r.Said.ID == d.id {
		a.arrived(r, 0)
	}
	for i := range p.log {
		if r := &p.log[i]; r.ID == d.id {
			r.Delivery = alarm.DeliveryOK
			if err != nil {
				r.Delivery = err.Error()
			}
			a.relog(p, *r)
		}
	}
	a.stepOne(p, now, alarm.Input{Delivered: []alarm.Delivery{{ID: d.id, Err: errorText(err)}}})
}

// person is who has that id, or who stands in for them before anybody is known.
func (a *App) person(id string) *person {
	if id == "" {
		return a.unknown
	}
	return a.state.people[id]
}

// tellUndelivered has the menu say why their last alarm could not be shown.
func (a *App) tellUndelivered(p *person, err error) {
	a.state.undelivered, p.undelivered = "", errorText(err)
	if p == a.unknown {
		a.state.undelivered = errorText(err)
	}
}
