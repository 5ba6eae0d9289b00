package poll

import (
	"context"
	"log/slog"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// requestTime bounds one request with all that the source does for it: a
// renewed token and a retry after an adopted version are three exchanges.
const requestTime = 30 * time.Second

// stepSeen is how far the wall clock must have gone apart from the elapsed
// time to be taken for a step; below it is the timer's own lateness and what
// NTP slews.
const stepSeen = 2 * time.Second

// Options are what a Poller needs.
type Options struct {
	Source Source
	Clock  Clock
	Seed   uint64 // of the scatter in retries
	Person string // whom to follow, "" until it is known
	Spent  Spent  // by other runs and connections
	// Opening is called before the first request is sent, and may take a moment;
	// nil for nobody. asked tells from which of both it is paid.
	Opening func(sent time.Time, asked bool)
	// Deliver receives the outcome of each request, always from Run's
	// goroutine and one at a time. It must not block for long.
	Deliver func(Update)
	Log     *slog.Logger // nil: none
}

// Poller asks a source when its Schedule says so.
type Poller struct {
	o       Options
	refresh chan struct{}
	wake    chan Wake
	follow  chan string
	noted   noted

	// A step of the clock that a timer has found, before anybody told of it.
	found   time.Duration
	foundAt time.Time
	began   time.Time // of the last request, with its monotonic part
}

// New returns a Poller that asks nothing before Run.
func New(o Options) *Poller {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Poller{
		o:       o,
		refresh: make(chan struct{}, 1),
		wake:    make(chan Wake, 8),
		follow:  make(chan string, 1),
	}
}

// Refresh asks for a request at once because the user wants one. It is
// ignored while the service forbids requests and right after another one.
// Like Wake and Follow it never blocks and may be called from anywhere.
func (p *Poller) Refresh() {
	select {
	case p.refresh <- struct{}{}:
	default: // one is pending already
	}
}

// Wake tells that the world has changed.
func (p *Poller) Wake(w Wake) {
	select {
	case p.wake <- w:
	default:
		// Eight changes unheard of during one request. The last would change
		// nothing but a step's size, which the loop notices by itself.
	}
}

// Follow changes the person who is followed. The latest call wins.
func (p *Poller) Follow(personID string) {
	for {
		select {
		case p.follow <- personID:
			return
		default:
		}
		select {
		case <-p.follow:
		default:
		}
	}
}

// Run asks until ctx ends and then returns nil. The first request is sent at
// once, or as soon as what was spent before allows. There is never more than one under way.
func (p *Poller) Run(ctx context.Context) error {
	s := NewSchedule(p.o.Clock.Now(), p.o.Seed, p.o.Person)
	s.Recall(p.o.Clock.Now(), p.o.Spent)
	for ctx.Err() == nil {
		began := p.o.Clock.Now()
		plan := s.Plan()
		timer, fired := p.timer(plan, began)
		select {
		case <-ctx.Done():
		case <-p.refresh:
			if !s.Refresh(p.o.Clock.Now()) {
				p.o.Log.Debug("refresh not allowed now", "not_before", s.State(p.o.Clock.Now()).NotTill)
			}
		case w := <-p.wake:
			p.o.Log.Debug("woken", "kind", w.Kind, "jump", w.Jump)
			s.Wake(p.o.Clock.Now(), p.newTo(w))
		case id := <-p.follow:
			s.Follow(p.o.Clock.Now(), id)
		case <-fired:
			p.due(ctx, s, plan)
		}
		if timer != nil {
			timer.Stop()
		}
	}
	return nil
}

// timer fires when the plan is due; without a plan it never does.
func (p *Poller) timer(plan Plan, now time.Time) (Timer, <-chan time.Time) {
	if plan.At.IsZero() {
		return nil, nil
	}
	t := p.o.Clock.NewTimer(max(0, plan.At.Sub(now.Round(0))))
	return t, t.C()
}

// newTo is a change without the part of it that the schedule knows already:
// what a timer has found of a clock set back, and what came before the last
// request of one set forward, after which all was planned by the new clock.
func (p *Poller) newTo(w Wake) Wake {
	if w.Kind != ClockStepped {
		return w
	}
	now := p.o.Clock.Now()
	if p.found != 0 {
		if now.Sub(p.foundAt) <= 2*heartbeat {
			w.Jump -= p.found
		}
		p.found = 0
	}
	if monotonic := now != now.Round(0); monotonic && w.Jump > 0 && !p.began.IsZero() {
		// A sleep since then is in it, too, and makes it longer only.
		if since := now.Round(0).Sub(p.began.Round(0)) - now.Sub(p.began); since < w.Jump-stepSeen {
			w.Jump = 0
		}
	}
	return w
}

// due sends the request whose timer has fired, unless the wall clock says
// that it is not time yet: then it was set back while we waited.
func (p *Poller) due(ctx context.Context, s *Schedule, plan Plan) {
	now := p.o.Clock.Now()
	if early := plan.At.Sub(now.Round(0)); early > stepSeen {
		p.found, p.foundAt = -early, now
		s.Wake(now, Wake{Kind: ClockStepped, Jump: -early})
		return
	} else if early > 0 {
		return // a timer of coarse grain; the loop waits for the rest
	}
	if p.began.IsZero() && p.o.Opening != nil {
		if p.o.Opening(now, s.isExtra); ctx.Err() != nil {
			return
		}
	}
	s.Begin(now)
	p.began = now
	a := Answer{Sent: now, Graph: plan.Graph}
	var err error
	a.Snapshots, err = p.ask(ctx, s, plan)
	if ctx.Err() != nil {
		return // what came of it is not the service's fault
	}
	a.At, a.Fault = p.o.Clock.Now(), glucose.AsFault(err)
	s.Done(a)
	next := s.Plan().At
	p.note(a, next)
	p.o.Deliver(Update{Sent: a.Sent, At: a.At, Graph: a.Graph, Asked: s.asked, Snapshots: a.Snapshots, Fault: a.Fault, Next: next})
}

func (p *Poller) ask(ctx context.Context, s *Schedule, plan Plan) ([]glucose.Snapshot, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	if !plan.Graph {
		return p.o.Source.Current(ctx)
	}
	one, err := p.o.Source.Graph(ctx, s.person)
	if err != nil {
		return nil, err
	}
	return []glucose.Snapshot{one}, nil
}

// note logs what helps to find out why a value came late, and nothing of the
// value itself. The log tells a story: one line when it begins to fail or
// fails in another way, one when it works again, with how often it did not.
func (p *Poller) note(a Answer, next time.Time) {
	var kind glucose.FaultKind
	if a.Fault != nil {
		kind = a.Fault.Kind
	}
	level := slog.LevelDebug
	if kind != p.noted.kind || !p.noted.begun {
		level = slog.LevelInfo
	}
	var attrs []any
	if a.Fault != nil {
		attrs = append(attrs, "kind", kind, "next", next)
		if a.Fault.Err != nil {
			attrs = append(attrs, "err", a.Fault.Err)
		}
	} else {
		attrs = append(attrs, "graph", a.Graph, "took", a.At.Sub(a.Sent), "next", next)
	}
	if level == slog.LevelInfo {
		if p.noted.failures > 0 {
			attrs = append(attrs, "failed_before", p.noted.failures, "for", a.At.Sub(p.noted.since).Round(time.Second))
		}
		p.noted = noted{begun: true, kind: kind, since: a.At}
	}
	if a.Fault != nil {
		p.noted.failures++
		p.o.Log.Log(context.Background(), level, "request failed", attrs...)
		return
	}
	p.o.Log.Log(context.Background(), level, "request answered", attrs...)
}

// noted is what the log was last told.
type noted struct {
	begun    bool
	kind     glucose.FaultKind
	since    time.Time
	failures int // in this way
}
