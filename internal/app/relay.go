package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/settings"
)

// Relay carries alarms past this computer's screen: to a phone, to somebody
// else. Its calls come from several goroutines.
type Relay interface {
	// Name is what the log and the menu call it. It tells relays apart.
	Name() string
	// Wants reports whether it carries this message. It decides at once,
	// without asking anybody. d.Escalation is alarm.EscalateSecond when nobody
	// has answered for so long that a second channel is due.
	Wants(d alarm.Decision) bool
	// Send hands a message over, before ctx ends. It is called again with the
	// same message after an error.
	Send(ctx context.Context, m Relayed) error
}

// Relayed is a message as a relay gets it.
type Relayed struct {
	Person   glucose.Person
	Decision alarm.Decision // zero for a test alarm
	// Title and Body say as much as privacy.text allows, also while the screen
	// here is locked or shared: a relay has a screen of its own.
	Title, Body string
}

const (
	relayDeadline = 20 * time.Second // of one try
	relayGivesUp  = 10 * time.Minute // of one message: a newer one is due by then, or it is old
	relayTest     = 8 * time.Second  // of a test alarm: within controlDeadline
)

// relayPauses are those between the tries; the last one stays.
var relayPauses = [...]time.Duration{5 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute}

// relays is the loop's side of the relays.
type relays struct {
	list   []Relay
	jobs   chan relayJob
	sent   map[relayKey]relaid // what each was given last, by tag
	failed map[relayKey]string // why the last message of a tag did not get through
}

func newRelays() relays {
	return relays{jobs: make(chan relayJob, 64), sent: map[relayKey]relaid{}, failed: map[relayKey]string{}}
}

type relayKey struct{ relay, tag string }

// relaid is a message that a relay was given.
type relaid struct {
	heard
	person string
	kind   alarm.Kind
}

// relayJob is a message for one relay, or the end of all tries of a tag.
type relayJob struct {
	key     relayKey
	relay   Relay // nil: end the tries
	message Relayed
}

// setRelays puts the relays of these settings in force.
func (a *App) setRelays(s settings.Settings) {
	if a.opt.Relays != nil {
		a.relays.list = a.opt.Relays(s)
		clear(a.relays.failed) // of one that may be gone
		a.state.unrelayed = ""
	}
}

// relay gives a message to the relays that want it. One that is only tried
// again on this desktop is not carried twice, but as often as its sound: where
// nothing is shown here, the engine counts no repeats.
func (a *App) relay(p *person, d alarm.Decision, who string) {
	tag := a.tag(p, d.Kind.Group())
	for _, r := range a.relays.list {
		key := relayKey{r.Name(), tag}
		if d.Reason == alarm.Undelivered && a.relays.sent[key].stands(d) || !r.Wants(d) {
			continue
		}
		title, body := alarm.Text(d, who, p.set.Unit, p.set.Privacy(false))
		a.relays.sent[key] = relaid{heard{d.ID, d.Time}, p.who.ID, d.Kind}
		a.giveRelay(relayJob{key, r, Relayed{p.who, d, title, body}})
	}
}

// endRelays stops trying to carry messages about a person, of a kind or "" for
// all: they were answered, or are no longer true.
func (a *App) endRelays(p *person, k alarm.Kind) {
	for key, last := range a.relays.sent {
		if last.person == p.who.ID && (k == "" || last.kind == k) {
			delete(a.relays.sent, key)
			a.giveRelay(relayJob{key: key})
		}
	}
}

func (a *App) giveRelay(j relayJob) {
	select {
	case a.relays.jobs <- j:
	default:
		a.log.Error("a relay takes no messages", "relay", j.key.relay)
	}
}

// relayLoop is the worker of the relays. Each message has a goroutine of its
// own, so that one that hangs holds up no other; a newer message takes the
// place of an older one with the same relay and tag.
func (a *App) relayLoop(ctx context.Context) {
	ends := map[relayKey]context.CancelFunc{}
	for {
		select {
		case <-ctx.Done():
			return // and with it those under way
		case j := <-a.relays.jobs:
			if end := ends[j.key]; end != nil {
				end()
				delete(ends, j.key)
			}
			if j.relay == nil {
				continue
			}
			bound, end := context.WithCancel(ctx)
			ends[j.key] = end
			a.start(func() {
				defer end()
				a.carry(bound, j)
			})
		}
	}
}

// carry tries until the relay has taken the message, it is too old, or ctx
// ends. Each outcome comes back to the loop.
func (a *App) carry(ctx context.Context, j relayJob) {
	began := a.opt.Clock.Now()
	for try := 0; ; try++ {
		err := a.carryOnce(ctx, j)
		if ctx.Err() != nil {
			return // answered, replaced or quitting: nobody asks any more
		}
		a.bring(ctx, func(now time.Time) { a.carried(now, j, err) })
		pause := relayPauses[min(try, len(relayPauses)-1)]
		if err == nil || a.opt.Clock.Now().Add(pause).Sub(began) >= relayGivesUp {
			return
		}
		timer := a.opt.Clock.NewTimer(pause)
		select {
		case <-timer.C():
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}

func (a *App) carryOnce(ctx context.Context, j relayJob) error {
	ctx, cancel := context.WithTimeout(ctx, relayDeadline)
	defer cancel()
	return j.relay.Send(ctx, j.message)
}

// carried keeps the outcome in the alarm log, as an entry beside the
// message's own.
func (a *App) carried(now time.Time, j relayJob, err error) {
	r := alarm.RecordOf(j.message.Decision)
	r.ID, r.Reason, r.Delivery = r.ID+"@"+j.key.relay, alarm.RelayedOn, alarm.DeliveryOK
	delete(a.relays.failed, j.key)
	if err != nil {
		r.Delivery = err.Error()
		a.relays.failed[j.key] = err.Error()
		a.log.Error("an alarm could not be relayed", "relay", j.key.relay, "kind", r.Kind, "err", err)
	} else {
		a.log.Info("alarm relayed", "relay", j.key.relay, "kind", r.Kind, "after", now.Sub(r.Time).Round(time.Second))
	}
	a.state.unrelayed = a.relays.trouble()
	a.relog(&person{who: j.message.Person}, r)
}

// trouble names a relay that fails, the same one as long as it does.
func (r *relays) trouble() string {
	var worst relayKey
	for key := range r.failed {
		if worst.relay == "" || cmp.Or(cmp.Compare(key.relay, worst.relay), cmp.Compare(key.tag, worst.tag)) < 0 {
			worst = key
		}
	}
	if worst.relay == "" {
		return ""
	}
	return worst.relay + ": " + r.failed[worst]
}

// testRelays sends a test alarm through all of them at once and returns what
// went wrong.
func testRelays(ctx context.Context, list []Relay, m notify.Message) error {
	ctx, cancel := context.WithTimeout(ctx, relayTest)
	defer cancel()
	errs := make([]error, len(list))
	var wg sync.WaitGroup
	for i, r := range list {
		wg.Go(func() {
			if err := r.Send(ctx, Relayed{Title: m.Title, Body: m.Body}); err != nil {
				errs[i] = fmt.Errorf("%s: %w", r.Name(), err)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
