package app

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// speech says things aloud, on a worker of its own: a voice that hangs holds up
// neither a message nor a sound.
type speech struct {
	queue  chan utterance
	locked atomic.Bool // the screen is, as the loop last heard
	told   time.Time   // when the value was last said, of the loop
}

const (
	// toSay is how many alarms may wait for the voice.
	toSay = 8
	// sayWithin is how old news may be that is still said.
	sayWithin = time.Minute
	// saySlack lets a value be said a little early: values come once a minute,
	// and not at its same second.
	saySlack = 30 * time.Second
)

// utterance is something to be said.
type utterance struct {
	text    string
	instead string // of text, where that may not be said; "" for nothing
	locked  bool   // text may be said while the screen is locked
	shared  bool   // and while it is shared
	at      time.Time
}

// aloud is what is said of an alarm, nil for nothing. It is short: whoever
// wants more looks.
func (a *App) aloud(p *person, d alarm.Decision, who string) *utterance {
	if a.opt.Speak == nil || !a.state.settings.Speech.Alarms {
		return nil
	}
	u := utterance{text: spokenAlarm(d, who, p.set.Unit), instead: lang.T("Glucose alarm."), at: d.Time}
	u.locked, u.shared = p.set.Privacy(true) == alarm.Full, !p.set.HideShared()
	if p.set.Privacy(false) != alarm.Full {
		u.text = u.instead
	}
	return &u
}

func spokenAlarm(d alarm.Decision, who string, unit glucose.Unit) string {
	parts := []string{d.Kind.Label()}
	if who != "" {
		parts = append(parts, who)
	}
	if d.Reading != nil && d.Kind != alarm.NoData {
		parts = append(parts, spokenValue(*d.Reading, unit))
	}
	return strings.Join(parts, ". ") + "."
}

// spokenValue is a number with its trend: "5.4, rising".
func spokenValue(r glucose.Reading, unit glucose.Unit) string {
	text := r.Number(unit)
	switch r.Limit {
	case glucose.LimitLow:
		text = lang.T("below what the sensor measures")
	case glucose.LimitHigh:
		text = lang.T("above what the sensor measures")
	}
	if r.Trend != glucose.TrendUnknown {
		text += ", " + r.Trend.Words()
	}
	return text
}

// say hands over something to be said. With a full queue it is dropped: the
// message and the sound have told it.
func (a *App) say(u *utterance) {
	if u == nil {
		return
	}
	select {
	case a.speech.queue <- *u:
	default:
	}
}

// sayValue says the present value when it is time, unless anything may be said
// before it. Alarms that wait to be said go first.
func (a *App) sayValue(now time.Time) {
	a.speech.locked.Store(a.state.locked)
	every, p := a.state.settings.Speech.Value, a.state.shown()
	if a.opt.Speak == nil || every == 0 || p == nil || now.Sub(a.speech.told) < every-saySlack || len(a.speech.queue) > 0 {
		return
	}
	r, ok := newestLive(p.readings)
	if !ok || r.Stale(now, p.cadence()) || a.state.locked || p.set.Privacy(false) != alarm.Full || !p.offUntil(now).IsZero() || p.set.Alarms().QuietAt(now.In(a.state.zone)) {
		return // an old number is never said, nor one that nobody asked for at night
	}
	a.speech.told = now
	text := spokenValue(r, p.set.Unit)
	if where := p.set.Ranges().Of(r); where != glucose.InRange && r.Limit == glucose.LimitNone {
		text += ", " + where.Words()
	}
	if a.state.several() {
		text = p.name() + ". " + text
	}
	a.say(&utterance{text: text + ".", shared: !p.set.HideShared(), at: now})
}

// speakLoop says one thing after the other.
func (a *App) speakLoop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case u := <-a.speech.queue:
			text := u.text
			if !u.locked && a.speech.locked.Load() || !u.shared && a.sharedNow(ctx) {
				text = u.instead
			}
			if text == "" || a.opt.Clock.Now().Sub(u.at) > sayWithin {
				continue
			}
			err := a.opt.Speak(ctx, text)
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				a.log.Warn("nothing could be said aloud", "err", err)
			}
			a.bring(ctx, func(time.Time) { a.state.unsaid = errorText(err) })
		}
	}
}

func (a *App) sharedNow(ctx context.Context) bool {
	if a.opt.Shared == nil {
		return false
	}
	shared, known := a.opt.Shared(ctx)
	return shared && known
}
