package alarm

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// Engine decides about the alarms of one person. It is not safe for
// concurrent use; its owner is one loop.
type Engine struct {
	cfg    Config
	levels []level
	hours  hours // the windows in force
	m      memory
}

// New makes an engine that goes on from st; the zero State is a first start.
// A configuration that does not validate is replaced by the default one: the
// caller is expected to have shown the user what is wrong with it.
func New(cfg Config, st State) *Engine {
	e := &Engine{m: st.m.clone()}
	e.m.Restored = true
	e.SetConfig(cfg)
	return e
}

// SetConfig puts another configuration in force, from the next step on. What
// stands goes on standing unless its kind was switched off.
func (e *Engine) SetConfig(cfg Config) {
	if cfg.Validate() != nil {
		cfg = DefaultConfig()
	}
	e.cfg, e.levels, e.hours = cfg, levelsOf(cfg), hours{}
}

// Snoozes returns the snoozes in force, the most severe kind first.
func (e *Engine) Snoozes(now time.Time) []Snooze {
	var out []Snooze
	for _, k := range Kinds() {
		for _, s := range e.m.Snoozes {
			if s.Kind == k && s.Until.After(now) {
				out = append(out, Snooze{s.Kind, s.Until})
			}
		}
	}
	return out
}

// Newest is the time of the newest reading that the engine knows of, zero for
// none: the age of missing data is counted from it.
func (e *Engine) Newest() time.Time { return e.m.Newest }

// Standing returns the alarms that stand, the most severe first, one a side:
// a low is not listed beside the urgent low it became. A kind whose value has
// come back but not for long enough to be over gives way to a milder one that
// still holds.
func (e *Engine) Standing(now time.Time) []Episode {
	var out []Episode
	taken := map[side]bool{}
	for _, over := range []bool{false, true} {
		for _, k := range Kinds() {
			ep, s := e.find(k), k.trait().side
			if ep == nil || !ep.Due || taken[s] || !over && !ep.Back.IsZero() {
				continue
			}
			if k == NoData && e.m.GaveUp || k.byValue() && now.Sub(e.m.lastValue()) >= forgetAfter {
				continue
			}
			taken[s] = true
			out = append(out, e.standing(ep, now))
		}
	}
	slices.SortStableFunc(out, func(a, b Episode) int {
		return slices.Index(Kinds(), a.Kind) - slices.Index(Kinds(), b.Kind)
	})
	return out
}

// standing is an episode for those who ask.
func (e *Engine) standing(ep *episode, now time.Time) Episode {
	st := Episode{Kind: ep.Kind, Since: ep.Since, Answered: ep.Answered, Said: ep.Said}
	st.OffDuty = ep.Silent == OffDuty && e.m.Off.Until.After(now)
	if ep.Pending != nil {
		st.Undelivered = lang.T(ep.Pending.Err)
	}
	if ep.Kind.byValue() {
		st.Reading = e.lastReading()
	}
	if ep.Kind.trait().side == lowSide {
		st.TreatedUntil = e.treatedUntil(now)
	}
	return st
}

func (e *Engine) find(k Kind) *episode {
	for _, ep := range e.m.Episodes {
		if ep.Kind == k {
			return ep
		}
	}
	return nil
}

// step is one call of Step.
type step struct {
	*Engine
	now     time.Time
	cadence time.Duration // by which missing data is told
	pace    time.Duration // by which values are judged
	in      Input
	out     []Decision
}

// Step takes in what happened and decides. It must be called with every new
// reading, with every fault that comes or goes, with every answer and outcome
// of a delivery, and at Result.Wake.
func (e *Engine) Step(now time.Time, in Input) Result {
	s := step{Engine: e, now: now.Round(0), cadence: in.Cadence, in: in}
	if s.cadence <= 0 {
		s.cadence = 5 * time.Minute
	}
	s.pace = cmp.Or(in.Pace, s.cadence)
	s.begin()
	s.outcomes()
	s.answers()
	s.ask()
	freed := s.expireSnoozes()
	s.dropDisabled()
	freed = s.leaveQuiet() || freed
	freed = s.changeDuty() || freed
	s.judgeReading(freed)
	s.judgeUser()
	s.judgeData()
	s.judgeSensor()
	s.judgePassings()
	s.retry()
	return Result{s.out, s.wake()}
}

func (s *step) begin() {
	now := s.now.UTC()
	s.m.setBack(now)
	s.tryAnew()
	s.setHours()
	s.learnSensor()
	if s.m.Watching.IsZero() {
		s.m.Watching = now
	}
	if s.in.Resumed {
		s.m.Quiet = now.Add(s.cfg.NoData.Grace)
	}
	if t := s.in.Newest.UTC(); t.After(s.m.Newest) && !t.After(now.Add(maxAhead)) {
		s.arrived(t)
	}
}

// arrived notes the time of the newest reading known.
func (s *step) arrived(t time.Time) {
	if !t.After(s.m.Newest) {
		return
	}
	s.m.Newest = t
	if ep := s.find(NoData); ep == nil {
		s.endSnooze(NoData, nil)
	} else {
		ep.Cadence = 0
		if s.m.GaveUp {
			// Something moves again after the last word. Should it be too old
			// even so, that is news.
			*ep = episode{Kind: NoData, Shown: ep.Shown}
		}
	}
	s.m.GaveUp = false
}

// dropDisabled ends what the user has switched off.
func (s *step) dropDisabled() {
	for i := len(s.m.Episodes) - 1; i >= 0; i-- {
		if ep := s.m.Episodes[i]; !s.cfg.on(ep.Kind) {
			s.end(ep)
		}
	}
}

// decide starts a decision about an episode with what every one of them has.
func (s *step) decide(ep *episode, why Reason) Decision {
	d := Decision{
		Time: s.now, Kind: ep.Kind, Level: ep.Kind.trait().level, Reason: why,
		Repeat: ep.Said, Since: ep.Since,
	}
	switch ep.Kind {
	case NeedsYou:
		d.Fault = s.in.Fault
	case NoData:
		d.Fault, d.Since, d.Sensor = s.in.Fault, s.m.Newest, s.sensor()
		// Without a value, if a newer reading is known than was ever judged.
		if !s.m.Last.Time.Before(s.m.Newest) {
			d.Reading = s.lastReading()
		}
	case SensorEnds:
		d.Sensor = s.sensor()
	default:
		d.Reading = s.lastReading()
		s.aboutLow(&d, ep)
	}
	if ep.Passing != nil {
		d.Limit, d.Above = ep.Passing.Limit, ep.Passing.Above
	}
	if ep.Kind == SecondRise {
		d.Trough = s.m.Meal.Trough.Value
	}
	return d
}

func (e *Engine) lastReading() *glucose.Reading {
	if e.m.Last.Time.IsZero() {
		return nil
	}
	r := e.m.Last
	return &r
}

// say decides to speak; the message counts when its delivery is reported.
func (s *step) say(ep *episode, why Reason, p pending) {
	s.m.Seq++
	p.ID = fmt.Sprintf("%s-%s-%d", ep.Kind, s.now.UTC().Format("20060102T150405Z"), s.m.Seq)
	p.Reason, p.SentAt = why, s.now.UTC()
	if ep.Said == 0 && !ep.Answered.IsZero() {
		// What was answered before it was ever said was not this message.
		ep.Answered, ep.Raised = time.Time{}, time.Time{}
	}
	ep.Pending, ep.Silent = &p, ""
	if ep.Raised.IsZero() {
		ep.Raised = s.now.UTC()
	}
	d := s.decide(ep, why)
	d.ID, d.Say, d.Loud, d.Final = p.ID, true, p.Loud, p.Final
	s.escalate(ep, &d)
	s.out = append(s.out, d)
}

// silent tells why an episode is not said, once for each reason.
func (s *step) silent(ep *episode, why Reason) {
	if ep.Silent != why {
		ep.Silent = why
		s.out = append(s.out, s.decide(ep, why))
	}
}

// end closes an episode. Its message is taken away with the last episode of
// its side, and nothing is told to who never heard of it.
func (s *step) end(ep *episode) {
	s.m.Episodes = slices.DeleteFunc(s.m.Episodes, func(o *episode) bool { return o == ep })
	own := ep.Kind.trait().side
	var heir *episode // the worst one that goes on
	for _, o := range s.m.Episodes {
		// A low is due with its first reading, although not yet in this step.
		due := o.Due || o.Kind == Low || o.Kind == UrgentLow
		if t := o.Kind.trait(); t.side == own && due && (heir == nil || t.rank > heir.Kind.trait().rank) {
			heir = o
		}
	}
	s.endSnooze(ep.Kind, heir)
	ep.dropPending()
	if heir != nil {
		heir.Shown = heir.Shown || ep.Shown
	}
	if ep.Due || ep.Shown {
		d := s.decide(ep, Cleared)
		d.Withdraw = ep.Shown && heir == nil
		s.out = append(s.out, d)
	}
}

// wake is the next instant at which something may be due without any input.
func (s *step) wake() time.Time {
	var next time.Time
	soonest := func(t time.Time) {
		if t.After(s.now) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, z := range s.m.Snoozes {
		soonest(z.Until)
	}
	for _, ep := range s.m.Episodes {
		if p := ep.Pending; p.underWay() {
			soonest(p.SentAt.Add(answerBound))
		} else if p != nil {
			soonest(p.RetryAt)
		}
		switch {
		case ep.Kind == NeedsYou:
			soonest(ep.SaidAt.Add(s.cfg.NeedsYou.Repeat))
		case ep.Kind.byValue():
			soonest(s.m.lastValue().Add(forgetAfter))
		}
	}
	s.wakeForData(soonest)
	s.wakeForSensor(soonest)
	s.wakeForDuty(soonest)
	s.wakeForPassings(soonest)
	soonest(s.hours.until)
	return next
}
