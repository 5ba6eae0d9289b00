package poll

import (
	"math/rand/v2"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

const (
	// graphEvery is how often history is fetched in place of a light
	// request; its points are 5 to 15 minutes apart.
	graphEvery = 15 * time.Minute
	// graphRest is how long light requests are sent after a failed one.
	graphRest = 5 * time.Minute
	// probeEvery is how often a slow feed is asked a minute after a reading:
	// asked only each five minutes, a feed that has become faster would look
	// as slow as before.
	probeEvery = 30 * time.Minute
	// lookEvery is how often a feed with a step of more than frequent is asked
	// in between: a phone that sends each quarter of an hour for a while looks
	// like a sensor that reads as seldom.
	lookEvery = 5 * time.Minute
	// silentAfter and quietAfter are the ages of the newest reading from
	// which on the phone is taken to be away, and away for long. There are
	// phones that upload each 10 to 20 minutes; these are not away.
	silentAfter, silentEvery = 20 * time.Minute, 2
	quietAfter, quietEvery   = 6 * time.Hour, 5
)

// jitter is by how much a request may miss the sensor's second for want of
// budget, without being put off to the next one.
const jitter = time.Second

// retryWaits bounds the distances of the retries for a reading that is late.
// On a one-minute feed the next reading is due soon after the third.
var retryWaits = []time.Duration{3 * time.Second, 5 * time.Second, 10 * time.Second,
	20 * time.Second, 30 * time.Second, time.Minute}

// oneMinuteRetries is how many retries one reading of a one-minute feed may
// cost: a skipped reading must not eat up the hour's.
const oneMinuteRetries = 3

// How much is risked with the first request for a reading. Spent at eagerness
// times the even rate, the retries left last the hour with some over for the
// unexpected; with none left a request in vain costs a whole minute, and the
// late end is waited for. The figures are the best found by BenchmarkFreshness.
const (
	eagerness  = 3.2
	keptBack   = 0.5
	leastEager = 0.03
	maxEager   = 0.4 // where retries are plenty, on slow feeds
	lastEager  = 0.015
	// retryEager is the share of late readings that a retry may still miss.
	retryEager = 0.1
)

// Plan is the next request. A zero At means none before the user acts.
type Plan struct {
	At    time.Time
	Graph bool
}

// Answer is what came of a request.
type Answer struct {
	Sent, At  time.Time
	Graph     bool
	Snapshots []glucose.Snapshot
	Fault     *glucose.Fault
}

// State is what a schedule knows, for a log or a check.
type State struct {
	Newest  time.Time     // time of the newest reading of the followed person
	Step    time.Duration // the feed's
	Usual   time.Duration // half of the readings are there this long after their time
	Latest  time.Duration // and nearly all after this
	Left    int           // planned requests that may still be sent within the hour
	Faults  int           // in a row
	NotTill time.Time     // no request before, whoever asks
}

// Schedule decides when the next request is due and which. It has no clock
// and does no I/O: every method is told the time, and chance comes from the
// seed. All instants are wall clock; a step of it is told by Wake.
type Schedule struct {
	rnd    *rand.Rand
	person string
	plan   Plan

	planned purse     // what the schedule sends of itself
	extra   purse     // what was asked for
	isExtra bool      // the present plan pays from extra alone
	sent    time.Time // the last request
	asked   bool      // and it was paid from extra

	feed
	others  map[string]*feed // of who else comes with the answers, by ID
	trouble trouble
	hold    time.Time // no request before

	wantGraph bool
	graphAt   time.Time // last success
	graphOff  time.Time // after a failed one, light requests until then
}

// feed is what was learned of one person's readings.
type feed struct {
	newest  time.Time
	missed  time.Time // the last request that brought nothing new
	since   time.Time // of our clock: first answer without any reading
	cadence cadence
	delay   *belief
	outside int // delays in a row that lay beyond the belief's grid
	retries int // for the reading that is due
	probed  time.Time
}

func newFeed() feed {
	return feed{cadence: cadence{Step: time.Minute}, delay: newBelief(defaultBase)}
}

// NewSchedule returns a schedule whose first request is due now. person may
// be "" until it is known.
func NewSchedule(now time.Time, seed uint64, person string) *Schedule {
	now = now.Round(0)
	return &Schedule{
		rnd:       rand.New(rand.NewPCG(seed, seed^0x9e3779b97f4a7c15)),
		person:    person,
		plan:      Plan{At: now, Graph: person != ""},
		planned:   purse{Limit: hourly},
		extra:     purse{Limit: extraHourly},
		feed:      newFeed(),
		wantGraph: true,
	}
}

// Plan returns the next request.
func (s *Schedule) Plan() Plan { return s.plan }

// State tells what the schedule knows.
func (s *Schedule) State(now time.Time) State {
	return State{
		Newest: s.newest, Step: s.cadence.Step,
		Usual: seconds(s.delay.after(0.5)), Latest: seconds(s.delay.after(0.02)),
		Left: s.planned.left(now.Round(0)), Faults: s.trouble.Count, NotTill: s.hold,
	}
}

// Begin records that the planned request is being sent.
func (s *Schedule) Begin(now time.Time) {
	now = now.Round(0)
	if s.isExtra {
		s.extra.spend(now)
	} else {
		s.planned.spend(now)
	}
	s.asked = s.isExtra
	s.sent, s.plan, s.isExtra = now, Plan{}, false
}

// Done takes in the answer and plans the next request.
func (s *Schedule) Done(a Answer) {
	a.Sent, a.At = a.Sent.Round(0), a.At.Round(0)
	if a.Fault != nil {
		if policyOf(a.Fault.Kind) == retryLocal {
			// The service never saw it. Counted, a network that comes and goes
			// would use up the hour and leave us blind when it is well again.
			s.planned.refund(a.Sent)
			s.extra.refund(a.Sent)
		}
		if p := policyOf(a.Fault.Kind); a.Graph && (p == retryServer || p == retryShare) {
			// The list of people may have changed, and a light request
			// answers more often when the service is in trouble.
			s.graphOff = a.At.Add(graphRest)
		}
		due, hold, idle := s.trouble.next(a.Fault, a.At, s.rnd, s.asked)
		s.hold = hold
		if idle {
			s.plan = Plan{}
			return
		}
		s.at(later(due, a.At.Add(minGap)), true)
		return
	}
	s.trouble, s.hold = trouble{}, time.Time{}
	if a.Graph {
		s.wantGraph, s.graphAt = false, a.At
	}
	news := s.read(a)
	if s.person != "" && s.wantGraph && s.graphAt.IsZero() && !a.At.Before(s.graphOff) {
		// The history is wanted on the screen, not when the next reading is due.
		s.at(a.At.Add(minGap), true)
		return
	}
	s.follow(a, news)
}

// Refresh plans a request at once because the user asks for one, and reports
// whether it may be: not while the service forbids it, nor when one has just
// been sent.
func (s *Schedule) Refresh(now time.Time) bool {
	now = now.Round(0)
	if now.Before(s.hold) || now.Before(s.extra.earliest(now)) ||
		!s.sent.After(now) && !s.sent.IsZero() && now.Sub(s.sent) < extraGap {
		return false
	}
	if s.plan.At.IsZero() || now.Before(s.plan.At) {
		s.plan = Plan{At: now, Graph: s.graph(now, true)}
		s.isExtra = true
	}
	return true
}

// Wake takes in that the world has changed under the plan.
func (s *Schedule) Wake(now time.Time, w Wake) {
	now = now.Round(0)
	switch w.Kind {
	case ClockStepped:
		s.shift(w.Jump)
	case Resumed:
		s.wantGraph = true
	case NetworkBack:
		if s.trouble.Count == 0 || s.trouble.Policy != retryLocal {
			return
		}
	default:
		return
	}
	if s.plan.At.IsZero() || s.trouble.Count > 0 && s.trouble.Policy >= retryHourly {
		return // neither sleep nor a network signs anybody in
	}
	if s.trouble.Policy == retryLocal {
		s.trouble.Count = 0
	}
	s.Refresh(now)
}

// Follow changes the person. What was learned of another one's phone does not
// hold for this one's.
func (s *Schedule) Follow(now time.Time, person string) {
	if person == s.person {
		return
	}
	s.change(person)
	s.wantGraph, s.graphAt, s.graphOff = true, time.Time{}, time.Time{}
	s.plan.Graph = s.graph(s.plan.At, true)
	if s.plan.At.IsZero() || s.sent.IsZero() || s.trouble.Count > 0 {
		return
	}
	now = now.Round(0)
	at := later(later(now, s.hold), s.sent.Add(minGap))
	if s.extra.left(at) > 0 && at.Before(s.plan.At) {
		s.plan = Plan{At: at, Graph: s.graph(at, true)}
		s.isExtra = true
	}
}

// shift moves all instants of our clock by its step, so that what was to
// happen in a minute still does. A reading's own time does not move; its
// delay by our clock does.
func (s *Schedule) shift(by time.Duration) {
	shift(by, &s.plan.At, &s.sent, &s.hold, &s.graphAt, &s.graphOff, &s.trouble.Since)
	s.planned.shift(by)
	s.extra.shift(by)
	s.feed.shift(by)
	for _, f := range s.others {
		f.shift(by)
	}
}

func (f *feed) shift(by time.Duration) {
	shift(by, &f.missed, &f.since, &f.probed)
	f.delay.Base += by.Seconds()
}

func shift(by time.Duration, times ...*time.Time) {
	for _, t := range times {
		if !t.IsZero() {
			*t = t.Add(by)
		}
	}
}

// at plans a request for that moment or the first allowed one after it.
func (s *Schedule) at(t time.Time, first bool) {
	t = later(t, s.hold)
	wanted := t
	t = s.planned.paced(t)
	if first && s.trouble.Count == 0 && !s.newest.IsZero() && s.cadence.Step < longStep && t.Sub(wanted) > jitter {
		// Once off the sensor's second, requests would go on at the wrong one
		// for as long as nothing is spare.
		again := s.phase(t)
		if again.Sub(t) >= s.cadence.Step {
			again = again.Add(-s.cadence.Step) // enough was waited, whatever the clock makes of the reading's age
		}
		t = s.planned.paced(again)
	}
	s.plan = Plan{At: t, Graph: s.graph(t, first)}
	s.isExtra = false
}

// graph tells whether a request at t should bring history. Retries do not:
// their answer is waited for.
func (s *Schedule) graph(t time.Time, first bool) bool {
	return s.person != "" && first && !t.Before(s.graphOff) &&
		(s.wantGraph || t.Sub(s.graphAt) >= graphEvery)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
