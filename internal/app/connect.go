package app

import (
	"cmp"
	"context"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/poll"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/tray"
)

// connect starts following an account with the secrets there are now, in place of
// an earlier attempt.
func (a *App) connect(ctx context.Context, acc *account) {
	if acc.stopped != nil {
		acc.stopped()
	}
	ctx, acc.stopped = context.WithCancel(ctx)
	before, done := acc.done, make(chan struct{})
	acc.done = done
	acc.poller, acc.source, acc.met = nil, nil, false
	follow := a.state.followFirst(acc)
	acc.lead = follow
	log, seed := a.log, a.opt.Seed+uint64(acc.number)-1 // the loop's, which may number them anew
	if acc.name != "" {
		log = log.With("account", acc.number)
	}
	earlier := a.saved.Spent[acc.name].recall()
	a.start(func() {
		defer close(done)
		a.letGo(before)
		source := a.dial(ctx, acc)
		if source == nil {
			return
		}
		p := poll.New(poll.Options{
			Source: source, Clock: a.opt.Clock, Seed: seed, Person: follow, Log: log, Spent: earlier,
			Opening: func(sent time.Time, asked bool) { a.opening(ctx, acc, sent, asked) },
			Deliver: func(u poll.Update) {
				a.bring(ctx, func(now time.Time) {
					if ctx.Err() == nil { // else it is of a connection that was replaced
						a.update(ctx, now, acc, u)
					}
				})
			},
		})
		a.bring(ctx, func(time.Time) {
			if ctx.Err() != nil {
				return
			}
			acc.poller, acc.source = p, source
			if lead := a.state.wanted(acc); lead != nil && !strings.HasPrefix(lead.who.ID, siteID) {
				acc.lead = lead.who.ID
				p.Follow(acc.lead) // who may have been chosen while the keyring was asked
			}
		})
		if err := p.Run(ctx); err != nil && ctx.Err() == nil {
			log.Error("following stopped", "err", err)
		}
	})
}

// letGo waits until an earlier connection has ended, so that the service never
// sees two requests at once; one that hangs for all that is not waited for.
func (a *App) letGo(before <-chan struct{}) {
	if before == nil {
		return
	}
	timer := a.opt.Clock.NewTimer(5 * time.Second)
	defer timer.Stop()
	select {
	case <-before:
	case <-timer.C():
	}
}

// followFirst is whose sensor clock a new connection follows, before it has told
// anything; "" where the list must come first.
func (s *state) followFirst(acc *account) string {
	follow := s.chosen
	if s.settings.Person != "" {
		follow = s.settings.Person
	}
	if len(s.accounts) > 1 {
		follow = "" // it may be of another account
		if p := s.wanted(acc); p != nil {
			follow = p.who.ID
		}
	}
	if strings.HasPrefix(follow, siteID) {
		return "" // another source may know them by another ID
	}
	return follow
}

// renameAccounts follows those accounts that have come with the settings, and no
// longer those that have gone.
func (a *App) renameAccounts(ctx context.Context, now time.Time, come, gone []*account) {
	for _, acc := range gone {
		if acc.stopped != nil {
			acc.stopped()
		}
		a.tellFault(now, "account "+acc.name, FaultEvent{Account: acc.name}, nil)
		a.forget(ctx, now, acc)
		delete(a.saved.Accounts, acc.name)
		delete(a.saved.Spent, acc.name)
		a.unsaved = true
	}
	for _, acc := range come {
		a.connect(ctx, acc)
	}
}

// reload goes on with another sign-in to an account, or without one.
func (a *App) reload(ctx context.Context, name string) {
	if acc := a.state.accountOf(name); acc != nil {
		a.strangers(acc)
		a.connect(ctx, acc)
		return
	}
	// It is new, and the watch on the settings may be slow.
	a.start(func() {
		s, err := settings.Load(a.opt.Paths.Settings)
		a.bring(ctx, func(now time.Time) { a.changed(ctx, now, s, err) })
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
func (a *App) dial(ctx context.Context, acc *account) poll.Source {
	for {
		source, err := a.opt.Connect(ctx, acc.name)
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
			if ctx.Err() != nil {
				return
			}
			if nobody {
				a.forget(ctx, now, acc)
			}
			a.update(ctx, now, acc, poll.Update{At: now, Fault: f})
			if !slices.ContainsFunc(a.state.accounts, func(o *account) bool { return !o.absent() }) {
				a.invite(f)
			}
		})
		timer := a.opt.Clock.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C():
		case <-acc.redial:
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
					Tag: "host", Title: lang.T("llutray runs without an icon"), Body: tray.NoHost(os.Getenv("XDG_CURRENT_DESKTOP")), Urgency: notify.Normal,
				}})
			}
		})
	})
}

// forget stops following whoever is followed through an account: nobody is signed
// in to it any more, and no alarm may come of that.
func (a *App) forget(ctx context.Context, now time.Time, acc *account) {
	before := a.state.chosen
	several := len(a.state.accounts) > 1 || acc.name != ""
	var left []*person
	for id, p := range a.state.people {
		if several && p.shares[acc] == nil {
			continue
		}
		delete(p.shares, acc)
		if p.shared() {
			continue
		}
		if several && p.set.Personal(id).Follow {
			left = append(left, p)
		}
		a.dismiss(p)
		delete(a.state.people, id)
		delete(a.faults, id)
		if several {
			a.storeFault(MetaFaultOf(id), a.state.told(acc, signedOut(acc.name)))
		}
	}
	if !several {
		a.clearScreen()
		a.state.chosen = ""
	}
	a.state.identify()
	a.state.choose()
	a.follow(ctx, now, before)
	a.shareWith(acc, []string{})
	for _, p := range left {
		a.emit(FaultEvent{
			Event: "fault", Time: now.UTC(), Person: &StatusPerson{p.who.ID, p.name()},
			Fault: statusFault(a.state.told(acc, signedOut(acc.name))), Account: acc.call(),
		})
	}
	a.tellUnfollowed(left)
}

// tellUnfollowed tells who is no longer followed while others are: an account may
// have gone from the settings by a slip.
func (a *App) tellUnfollowed(left []*person) {
	if len(left) == 0 {
		return
	}
	slices.SortFunc(left, func(a, b *person) int { return cmp.Compare(a.who.ID, b.who.ID) })
	set := a.state.settings
	m := notify.Message{
		Tag: "unfollowed", Title: lang.F("%s: no longer followed", names(left)), Urgency: notify.Normal,
		Body: lang.T("Nobody is signed in to their account any more. No values and no alarms of theirs come now."),
	}
	nameless := m
	nameless.Title, nameless.Body = lang.T("llutray: somebody is no longer followed"), lang.T("Open llutray to see who is left.")
	if set.Privacy(a.state.locked) != alarm.Full {
		m = nameless
	}
	d := delivery{message: m}
	if set.HideShared() {
		d.discreet = &nameless
	}
	a.send(d)
}

// strangers makes everybody who shares with an account somebody who may have
// shared with another: whoever the next list lacks is gone without a word.
func (a *App) strangers(acc *account) {
	for _, p := range a.state.people {
		if sh := p.shares[acc]; sh != nil {
			sh.seen = false
		}
	}
}

// A notice that could not be shown is tried again so late and so often.
const (
	noticeAgain = time.Minute
	noticeTries = 60
)

// farewell tells that somebody shares no longer, and takes their messages off
// the screen. Alarms that end must not end in silence.
func (a *App) farewell(ctx context.Context, p leaver) {
	a.dismiss(p.person)
	if p.since.IsZero() {
		return // of a former account: the user has signed in to another
	}
	a.log.Info("somebody shares no longer")
	if !p.set.Personal(p.who.ID).Follow {
		return // nobody waits for their alarms
	}
	f := &glucose.Fault{
		Kind: glucose.ShareRevoked, Since: p.since, Message: lang.F("%s no longer shares with this account.", p.name()),
		Hint: lang.T("No values and no alarms come any more. If that is not meant, ask for a new invitation in the Libre app."),
	}
	delete(a.faults, p.who.ID)
	a.emit(FaultEvent{Event: "fault", Time: a.opt.Clock.Now().UTC(), Person: &StatusPerson{p.who.ID, p.name()}, Fault: statusFault(f)})
	m := notify.Message{
		Tag: a.tag(p.person, "gone"), Title: strings.TrimSuffix(f.Message, "."), Body: f.Hint,
		Urgency: notify.Critical, Sound: notify.Sound(p.set.NeedsYou.Sound),
	}
	nameless := m
	nameless.Title, nameless.Body = lang.T("llutray: somebody no longer shares"), lang.T("Open llutray to see who is left.")
	if p.set.Privacy(a.state.locked) != alarm.Full {
		m = nameless
	}
	d := delivery{message: m}
	if p.set.HideShared() {
		d.discreet = &nameless
	}
	a.insist(ctx, d, noticeTries)
}

// insist sends a message until the desktop has taken it. It sounds once:
// nothing may ring for an hour because the screen shows no messages.
func (a *App) insist(ctx context.Context, d delivery, left int) {
	d.shown = func(err error) {
		if err == nil || left <= 1 {
			return
		}
		a.start(func() {
			timer := a.opt.Clock.NewTimer(noticeAgain)
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
		m.Body = lang.T("Click here to sign in, or choose it in the menu of the icon with the warning sign.")
		m.Buttons = []notify.Button{{Key: "default", Label: lang.T("Sign in…")}}
	}
	a.send(delivery{message: m})
}
