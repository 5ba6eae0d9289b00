package app

import (
	"slices"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/notify"
)

// buttonsOf offers the answers: seen, treated for a low, and a snooze.
func buttonsOf(k alarm.Kind) []notify.Button {
	out := []notify.Button{{Key: "seen " + string(k), Label: lang.C("button", "Seen")}}
	if k == alarm.Low {
		out = append(out, notify.Button{Key: "treated " + string(k), Label: lang.C("button", "Treated")})
	}
	if snooze := snoozeOf(k); snooze > 0 {
		out = append(out, notify.Button{Key: "snooze " + snooze.String() + " " + string(k), Label: snoozeLabel(snooze), Short: lang.C("button", "Snooze")})
	}
	return out
}

func snoozeLabel(d time.Duration) string {
	if d < 2*time.Hour {
		return lang.N(int(d/time.Minute), "Snooze %d minute", "Snooze %d minutes")
	}
	return lang.N(int(d/time.Hour), "Snooze %d hour", "Snooze %d hours")
}

// snoozeOf is the snooze to offer where there is room for one: the second
// shortest where there is a choice, 0 when the kind has none.
func snoozeOf(k alarm.Kind) time.Duration {
	lengths := k.SnoozeLengths()
	switch {
	case len(lengths) == 0:
		return 0
	case k == alarm.UrgentLow:
		return lengths[0]
	}
	return lengths[min(1, len(lengths)-1)]
}

// answered turns what the user did with a message into an answer, for the
// person whom the message is about.
func (a *App) answered(now time.Time, e notify.Event) {
	of, ok := a.raised[e.Tag]
	if e.Tag == tagWelcome && e.Button != "" {
		a.work(lang.Mark("llutray could not sign in"), a.opt.SignIn)
	}
	if !ok {
		return
	}
	kind := of.Said.Kind
	if e.About != "" {
		kind = alarm.Kind(e.About) // a worse one may be about to replace it
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
	if of.Concerned == nil {
		a.answer(now, a.person(of.Person), ans)
	}
	// What it says of several is answered for these, and not for whoever else has
	// no data by now.
	for _, id := range of.Concerned {
		a.answer(now, a.state.people[id], ans)
	}
}

// answer gives an answer to the engine of one person, nil for none.
func (a *App) answer(now time.Time, p *person, ans alarm.Answer) {
	if p == nil || p != a.unknown && !p.followed() {
		return
	}
	var standing []alarm.Episode // an answer before the alarm answers none of the past
	if p.engine != nil {
		standing = p.engine.Standing(now)
	}
	if ans.Kind != alarm.TakeBack {
		a.relayAnswered(p, ans.Alarm)
	}
	a.stepOne(p, now, alarm.Input{Answers: []alarm.Answer{ans}})
	if ans.Kind == alarm.TakeBack {
		return
	}
	for i := len(p.log) - 1; i >= 0; i-- {
		if r := &p.log[i]; (ans.Alarm == "" || r.Kind == ans.Alarm) && (r.Kind == alarm.Once && ans.Alarm == alarm.Once || slices.ContainsFunc(standing, func(e alarm.Episode) bool {
			return e.Kind == r.Kind && !r.Time.Before(e.Since)
		})) {
			r.Answer, r.AnsweredAt = ans.Words(), now
			a.relog(p, *r)
			break
		}
	}
}
