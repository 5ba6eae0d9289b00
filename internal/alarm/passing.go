package alarm

import (
	"slices"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// PassingFor is how long a wish to be told once stands at most.
const PassingFor = 24 * time.Hour

// The limits that one may ask for, in mg/dL: within the scale of every sensor.
const (
	PassingLeast glucose.MgDL = 45
	PassingMost  glucose.MgDL = 390
)

// Passing is the wish to be told once: when the value rises above a limit, or
// falls below it. There is one of each direction; a new one takes the place of
// the old.
type Passing struct {
	Above bool
	Limit glucose.MgDL // PassingLeast to PassingMost; as a wish, 0 takes it back
	Until time.Time    // not of a wish: it is over then, told or not
	Armed bool         // not of a wish: the value has been on the other side
}

// Words are the wish for people: "rises above 8.0".
func (p Passing) Words(u glucose.Unit) string {
	if p.Above {
		return lang.F("rises above %s", u.Format(p.Limit))
	}
	return lang.F("falls below %s", u.Format(p.Limit))
}

// passing is a wish that stands.
type passing struct {
	Above  bool         `json:"above"`
	Limit  glucose.MgDL `json:"limit"`
	Asked  time.Time    `json:"asked"`
	Until  time.Time    `json:"until"`
	Armed  bool         `json:"armed"`            // a reading was on the other side
	Passed time.Time    `json:"passed,omitzero"`  // reading with which it passed; said as soon as may be
	Silent Reason       `json:"silent,omitempty"` // told for keeping silent
}

func (p *passing) beyond(v glucose.MgDL) bool {
	if p.Above {
		return v > p.Limit
	}
	return v < p.Limit
}

// before reports whether it was asked for before somebody went off duty: who
// asks afterwards wants to hear of it even so.
func (p *passing) before(off offDuty) bool { return p == nil || p.Asked.Before(off.Since) }

// Passings returns the wishes that stand, above first.
func (e *Engine) Passings(now time.Time) (out []Passing) {
	add := func(p *passing) {
		if p.Until.After(now) {
			out = append(out, Passing{p.Above, p.Limit, p.Until, p.Armed})
		}
	}
	for i := range e.m.Passings {
		add(&e.m.Passings[i])
	}
	if ep := e.find(Once); ep != nil && ep.Passing != nil && ep.Said == 0 {
		add(ep.Passing)
	}
	slices.SortStableFunc(out, func(a, b Passing) int {
		if a.Above {
			return -1
		}
		return 1
	})
	return out
}

// ask applies the wishes of the user.
func (s *step) ask() {
	for _, w := range s.in.Passings {
		s.m.Passings = slices.DeleteFunc(s.m.Passings, func(p passing) bool { return p.Above == w.Above })
		if ep := s.find(Once); ep != nil && ep.Passing != nil && ep.Passing.Above == w.Above {
			s.drop(ep)
		}
		if w.Limit < PassingLeast || w.Limit > PassingMost {
			continue
		}
		p := passing{Above: w.Above, Limit: w.Limit, Asked: s.now.UTC(), Until: s.now.UTC().Add(PassingFor)}
		p.Armed = s.fresh() && !p.beyond(pointOf(s.m.Last).Value)
		s.m.Passings = append(s.m.Passings, p)
	}
}

// drop forgets an episode without a word; its message may stay on the screen.
func (s *step) drop(ep *episode) {
	s.m.Episodes = slices.DeleteFunc(s.m.Episodes, func(o *episode) bool { return o == ep })
}

// pass judges the wishes by the last reading, which is live, fresh and new. A
// gap before it changes nothing: on which side the value was is known.
func (s *step) pass() {
	v := pointOf(s.m.Last).Value
	for i := range s.m.Passings {
		switch p := &s.m.Passings[i]; {
		case !p.beyond(v):
			p.Armed = true
		case p.Armed && p.Passed.IsZero():
			p.Passed = s.m.Last.Time
		}
	}
}

// judgePassings says what has passed, once, and ends what is over.
func (s *step) judgePassings() {
	if ep := s.find(Once); ep != nil {
		switch p := ep.Passing; {
		case p == nil || ep.Said > 0:
			s.drop(ep) // told; the message stays until it is wiped away
		case !p.Until.After(s.now):
			ep.dropPending()
			s.expire(*p)
			s.drop(ep)
		case ep.Pending == nil:
			s.m.Passings = append(s.m.Passings, *p) // held back when it was tried again
			s.drop(ep)
		}
	}
	s.m.Passings = slices.DeleteFunc(s.m.Passings, func(p passing) bool {
		over := !p.Until.After(s.now)
		if over {
			s.expire(p)
		}
		return over
	})
	for i := range s.m.Passings {
		p := s.m.Passings[i]
		if p.Passed.IsZero() || !s.fresh() || s.find(Once) != nil {
			continue
		}
		if s.off() && p.before(s.m.Off) {
			if p.Silent != OffDuty {
				s.m.Passings[i].Silent = OffDuty
				d := s.about(p, OffDuty)
				d.Reading = s.lastReading()
				s.out = append(s.out, d)
			}
			continue
		}
		s.m.Passings = slices.Delete(s.m.Passings, i, i+1)
		ep := &episode{Kind: Once, Since: p.Passed, Passing: &p}
		s.m.Episodes = append(s.m.Episodes, ep)
		s.say(ep, First, pending{Mark: s.m.Last.Time})
		return // the other one when this has arrived
	}
}

func (s *step) about(p passing, why Reason) Decision {
	return Decision{Time: s.now, Kind: Once, Level: Once.trait().level, Reason: why, Since: p.Asked, Limit: p.Limit, Above: p.Above}
}

func (s *step) expire(p passing) { s.out = append(s.out, s.about(p, Expired)) }

func (s *step) wakeForPassings(soonest func(time.Time)) {
	for _, p := range s.m.Passings {
		soonest(p.Until)
	}
	if ep := s.find(Once); ep != nil && ep.Passing != nil {
		soonest(ep.Passing.Until)
	}
}

// shiftPassings keeps the length of the wishes when the clock was set back,
// and none longer than a new one.
func (m *memory) shiftPassings(by time.Duration, now time.Time) {
	fix := func(p *passing) {
		if by > 0 {
			p.Asked, p.Until = p.Asked.Add(-by), p.Until.Add(-by)
		}
		p.Asked, p.Until = earlier(p.Asked, now), earlier(p.Until, now.Add(PassingFor))
		if !p.Passed.IsZero() {
			p.Passed = earlier(p.Passed, now)
		}
	}
	for i := range m.Passings {
		fix(&m.Passings[i])
	}
	for _, ep := range m.Episodes {
		if ep.Passing != nil {
			fix(ep.Passing)
		}
	}
}

func (p passing) trusted() bool { return p.Limit >= PassingLeast && p.Limit <= PassingMost }

// onceText says the value as it is, and what it has passed: it may have turned
// back before the message could be shown.
func onceText(d Decision, who string, u glucose.Unit) (title, body string) {
	limit := u.Format(d.Limit)
	title = lang.F("FELL BELOW %s", limit)
	if d.Above {
		title = lang.F("ROSE ABOVE %s", limit)
	}
	if d.Reading == nil {
		return join(title, who), ""
	}
	title = join(lang.F("%s: %s", title, d.Reading.Text(u)), who)
	if d.Reading.Trend != glucose.TrendUnknown {
		title += ", " + d.Reading.Trend.Words()
	}
	value, at := valued(*d.Reading, u), lang.At(d.Reading.Time, d.Time)
	if d.Since.Before(d.Reading.Time) {
		return title, lang.F("%s %s, passed %s. You asked to be told once.", value, at, lang.At(d.Since, d.Time))
	}
	return title, lang.F("%s %s. You asked to be told once.", value, at)
}
