package app

import (
	"context"
	"os"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/poll"
	"github.com/llutray/llutray/internal/tray"
)

// connect starts following with the secrets there are now, in place of an
// earlier attempt.
func (a *App) connect(ctx context.Context) {
	if a.stopped != nil {
		a.stopped()
	}
	ctx, a.stopped = context.WithCancel(ctx)
	a.poller, a.state.met = nil, false
	follow := a.state.chosen
	if a.state.settings.Person != "" {
		follow = a.state.settings.Person
	}
	if strings.HasPrefix(follow, siteID) {
		follow = "" // another source may know them by another ID: the list first
	}
	a.state.lead = follow
	a.start(func() {
		source := a.dial(ctx)
		if source == nil {
			return
		}
		p := poll.New(poll.Options{
			Source: source, Clock: a.opt.Clock, Seed: a.opt.Seed, Person: follow, Log: a.log,
			Deliver: func(u poll.Update) {
				a.bring(ctx, func(now time.Time) {
					if ctx.Err() == nil { // else it is of a connection that was replaced
						a.update(ctx, now, u)
					}
				})
			},
		})
		a.bring(ctx, func(time.Time) {
			a.poller, a.source = p, source
			if a.state.chosen != "" && !strings.HasPrefix(a.state.chosen, siteID) {
				a.state.lead = a.state.chosen
				p.Follow(a.state.lead) // who may have been chosen while the keyring was asked
			}
		})
		if err := p.Run(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("following stopped", "err", err)
		}
	})
}

// twoSources are followed as one: as long as either answers, so do they.
type twoSources interface {
	Faults() (libre, site *glucose.Fault)
	Retry() // the user acts: what waited for that is asked again
}

// redial is how long to wait before a sign-in that could not be read is read
// again: somebody may be typing the keyring's password.
const redial = 30 * time.Second

// redialSignedOut is the same while nobody is signed in. A sign-in tells the
// running program itself; asking the keyring more often costs a process each.
const redialSignedOut = 10 * time.Minute

// dial gets the source of readings, again and again while what keeps it away
// may pass. It returns nil when ctx ends.
func (a *App) dial(ctx context.Context) poll.Source {
	for {
		source, err := a.opt.Connect(ctx)
		if err == nil {
			a.bring(ctx, func(time.Time) {
				if a.invited {
					a.withdraw(tagWelcome)
				}
			})
			return source
		}
		f := glucose.AsFault(err)
		wait, nobody := redial, f.Kind == glucose.SignedOut && f.Err == nil
		if nobody {
			wait = redialSignedOut
		}
		a.bring(ctx, func(now time.Time) {
			if nobody {
				a.forget()
				a.invite(f)
			}
			a.update(ctx, now, poll.Update{At: now, Fault: f})
		})
		timer := a.opt.Clock.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C():
		case <-a.redial:
			timer.Stop()
		}
	}
}

// hostPatience is how long a desktop may take to bring up its panel.
const hostPatience = 30 * time.Second

// missHost tells the user once why there is no icon, when none appears.
func (a *App) missHost(ctx context.Context) {
	if a.hosted || a.missed {
		return
	}
	a.start(func() {
		timer := a.opt.Clock.NewTimer(hostPatience)
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return
		case <-timer.C():
		}
		a.bring(ctx, func(time.Time) {
			if !a.hosted && !a.missed {
				a.missed = true
				a.send(delivery{message: notify.Message{
					Tag: "host", Title: "llutray runs without an icon", Body: tray.NoHost(os.Getenv("XDG_CURRENT_DESKTOP")), Urgency: notify.Normal,
				}})
			}
		})
	})
}

// forget stops following whoever was followed: nobody is signed in any more,
// and no alarm may come of that.
func (a *App) forget() {
	for _, p := range a.state.people {
		a.dismiss(p)
	}
	a.clearScreen()
	clear(a.state.people)
	a.state.chosen = ""
	a.shareWith([]string{})
}

// strangers makes everybody known somebody who may have shared with another
// account: whoever the next list lacks is gone without a word.
func (a *App) strangers() {
	for _, p := range a.state.people {
		p.seen = false
	}
}

// again is how long after a failure a notice is tried again, and how often.
const (
	again = time.Minute
	tries = 60
)

// farewell tells that somebody shares no longer, and takes their messages off
// the screen. Alarms that end must not end in silence.
func (a *App) farewell(ctx context.Context, p *person) {
	a.dismiss(p)
	if !p.seen {
		return // of a former account: the user has signed in to another
	}
	a.log.Info("somebody shares no longer")
	if !p.followed() {
		return // nobody waits for their alarms
	}
	f := &glucose.Fault{
		Kind: glucose.ShareRevoked, Since: p.missing, Message: p.name() + " no longer shares with this account.",
		Hint: "No values and no alarms come any more. If that is not meant, ask for a new invitation in the Libre app.",
	}
	delete(a.faults, p.who.ID)
	a.emit(FaultEvent{Event: "fault", Time: a.opt.Clock.Now().UTC(), Person: &StatusPerson{p.who.ID, p.name()}, Fault: statusFault(f)})
	m := notify.Message{
		Tag: a.tag(p, "gone"), Title: strings.TrimSuffix(f.Message, "."), Body: f.Hint,
		Urgency: notify.Critical, Sound: notify.Sound(p.set.NeedsYou.Sound),
	}
	nameless := m
	nameless.Title, nameless.Body = "llutray: somebody no longer shares", "Open llutray to see who is left."
	if p.set.Privacy(a.state.locked) != alarm.Full {
		m = nameless
	}
	d := delivery{message: m}
	if p.set.HideShared() {
		d.discreet = &nameless
	}
	a.insist(ctx, d, tries)
}

// insist sends a message until the desktop has taken it. It sounds once:
// nothing may ring for an hour because the screen shows no messages.
func (a *App) insist(ctx context.Context, d delivery, left int) {
	d.shown = func(err error) {
		if err == nil || left <= 1 {
			return
		}
		a.start(func() {
			timer := a.opt.Clock.NewTimer(again)
			defer timer.Stop()
			select {
			case <-ctx.Done():
			case <-timer.C():
				d.silent = true
				a.insist(ctx, d, left-1)
			}
		})
	}
	a.send(d)
}

// dismiss takes all messages about one person off the screen, and ends the
// tries to carry them elsewhere.
func (a *App) dismiss(p *person) {
	a.relayForget(p)
	for tag, r := range a.raised {
		if r.person == p.who.ID {
			a.withdraw(tag)
		}
	}
}

// clearScreen takes back every alarm on the screen.
func (a *App) clearScreen() {
	for tag := range a.raised {
		a.withdraw(tag)
	}
}

// tagWelcome is of the invitation to sign in.
const tagWelcome = "welcome"

// invite tells somebody who has just installed the program what to do, once.
func (a *App) invite(f *glucose.Fault) {
	if a.invited {
		return
	}
	a.invited = true
	m := notify.Message{Tag: tagWelcome, Title: "llutray: " + strings.TrimSuffix(f.Message, "."), Body: f.Hint, Urgency: notify.Normal}
	if a.opt.SignIn != nil {
		// LXQt and XFCE make a button of a click on the message; with one of its
		// own it would be there twice.
		m.Body = "Click here to sign in, or choose it in the menu of the icon with the warning sign."
		m.Buttons = []notify.Button{{Key: "default", Label: "Sign in…"}}
	}
	a.send(delivery{message: m})
}
