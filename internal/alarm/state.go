package alarm

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// State is everything the engine has to remember over a restart. It is
// written and read as JSON; one that is unknown, of a newer program or damaged
// reads as empty, for it is better to say an alarm twice than never.
type State struct{ m memory }

const stateVersion = 1

type memory struct {
	Version  int             `json:"version"`
	Now      time.Time       `json:"now"`                // of the last step, to notice a clock set back
	Restored bool            `json:"-"`                  // no step since: Now is to ten minutes, deliveries have no outcome
	Watching time.Time       `json:"watching"`           // since when readings are waited for
	Quiet    time.Time       `json:"quiet"`              // no data keeps silent until then
	Newest   time.Time       `json:"newest"`             // newest reading known, judged or not
	GaveUp   bool            `json:"gave_up"`            // no data said its last word about Newest
	Judged   time.Time       `json:"judged"`             // no reading up to this time is looked at again
	Refused  time.Time       `json:"refused"`            // the reading that was refused as future, told once
	Last     glucose.Reading `json:"last,omitzero"`      // newest reading judged; zero for none
	Window   []point         `json:"window,omitempty"`   // the last hour, for the trend
	Source   glucose.Source  `json:"source,omitempty"`   // that told what is in Window
	Changed  time.Time       `json:"changed,omitzero"`   // reading with which Source began to tell in place of another
	Episodes []*episode      `json:"episodes,omitempty"` //
	Snoozes  []snooze        `json:"snoozes,omitempty"`
	LowSaid  time.Time       `json:"low_said,omitzero"` // reading of the last message on the low side
	SoonRest bool            `json:"soon_rest"`         // low soon rests after a low
	Recheck  treatment       `json:"recheck,omitzero"`  // its quiet is over; the next reading tells whether it helped
	Meal     meal            `json:"meal,omitzero"`     // the second rise
	Off      offDuty         `json:"off,omitzero"`
	Passings []passing       `json:"passings,omitempty"`
	Sensor   glucose.Sensor  `json:"sensor,omitzero"` // the one last known, without its number
	Seq      int             `json:"seq"`             // of message IDs
}

// episode is one condition from its first sign to its end.
type episode struct {
	Kind     Kind              `json:"kind"`
	Since    time.Time         `json:"since"`             // by readings for levels, by the clock else
	Fault    glucose.FaultKind `json:"fault,omitempty"`   // needs you: what for
	Stood    time.Time         `json:"stood,omitzero"`    // urgent low: its first reading, also before a gap
	Readings int               `json:"readings"`          // beyond the limit, before it was due
	Back     time.Time         `json:"back"`              // within the limit since; zero while beyond
	Deep     bool              `json:"deep"`              // clearly within the limit since Back
	Due      bool              `json:"due"`               // it stands: said, or silent for a reason
	Said     int               `json:"said"`              // messages that arrived, of this or a worse kind
	SaidAt   time.Time         `json:"said_at"`           // the last: its reading's time for levels, the clock's else
	Repeats  int               `json:"repeats"`           // no data: since the loud message
	Loud     bool              `json:"loud"`              // no data: the loud message arrived
	Cadence  time.Duration     `json:"cadence,omitempty"` // no data: of the feed when it was due; 0 once there is newer data
	Owed     time.Time         `json:"owed,omitzero"`     // low: reading of the low soon that stands in for it
	Shown    bool              `json:"shown"`             // a message of it may be on the screen
	Raised   time.Time         `json:"raised"`            // first to be said, by the clock, whether it arrived or not
	Stage    int               `json:"stage,omitempty"`   // sensor ends: how much of it has been said
	Answered time.Time         `json:"answered"`          // by the clock
	Silent   Reason            `json:"silent,omitempty"`  // last reason told for keeping silent
	Pending  *pending          `json:"pending,omitempty"`
	Passing  *passing          `json:"passing,omitempty"` // once: what was asked for
}

// pending is a message whose arrival is not known yet, or failed.
type pending struct {
	ID      string    `json:"id"`
	Reason  Reason    `json:"reason"`
	Mark    time.Time `json:"mark"`     // becomes SaidAt
	SentAt  time.Time `json:"sent_at"`  // last try
	RetryAt time.Time `json:"retry_at"` // next try; zero while the last one is under way
	Failed  int       `json:"failed"`
	Err     string    `json:"err,omitempty"`
	Loud    bool      `json:"loud"`
	Final   bool      `json:"final,omitempty"`
	Stage   int       `json:"stage,omitempty"`
}

func (p *pending) underWay() bool { return p != nil && p.RetryAt.IsZero() }

type snooze struct {
	Kind  Kind      `json:"kind"`
	Until time.Time `json:"until"`
	Bound bool      `json:"bound"` // ends with the episode it was asked in

	Treated treatment `json:"treated,omitzero"` // it was asked for by Treated
}

// State returns a copy of what must survive a restart.
func (e *Engine) State() State {
	m := e.m
	m.Version = stateVersion
	// Only needed to notice a clock that was set back by a lot. Rounded, so
	// that a step in which nothing happened leaves the state unchanged.
	m.Now = m.Now.Truncate(10 * time.Minute)
	return State{m.clone()}
}

func (m memory) clone() memory {
	m.Window, m.Snoozes = slices.Clone(m.Window), slices.Clone(m.Snoozes)
	m.Meal.Means, m.Passings = slices.Clone(m.Meal.Means), slices.Clone(m.Passings)
	m.Episodes = slices.Clone(m.Episodes)
	for i, ep := range m.Episodes {
		c := *ep
		if c.Pending != nil {
			p := *c.Pending
			c.Pending = &p
		}
		if c.Passing != nil {
			p := *c.Passing
			c.Passing = &p
		}
		m.Episodes[i] = &c
	}
	return m
}

// MarshalJSON writes the state.
func (s State) MarshalJSON() ([]byte, error) { return json.Marshal(s.m) }

// UnmarshalJSON reads a state and never fails on what it does not understand:
// the state is empty then.
func (s *State) UnmarshalJSON(b []byte) error {
	var m memory
	if json.Unmarshal(b, &m) != nil {
		m = memory{}
	}
	s.m = m.trusted()
	return nil
}

// trusted drops what cannot have been written by this engine.
func (m memory) trusted() memory {
	if m.Version != stateVersion || m.Seq < 0 {
		return memory{}
	}
	seen := map[Kind]bool{}
	m.Episodes = slices.DeleteFunc(m.Episodes, func(ep *episode) bool {
		bad := ep == nil || ep.Kind.trait().side < 0 || seen[ep.Kind] || ep.Said < 0 || ep.Repeats < 0 || ep.Readings < 0 ||
			(ep.Kind == Once) != (ep.Passing != nil && ep.Passing.trusted())
		if !bad {
			seen[ep.Kind] = true
			if p := ep.Pending; p != nil && (p.Failed < 0 || p.ID == "") {
				ep.Pending = nil
			}
		}
		return bad
	})
	m.Snoozes = slices.DeleteFunc(m.Snoozes, func(s snooze) bool { return s.Kind.longestSnooze() == 0 })
	m.Passings = slices.DeleteFunc(m.Passings, func(p passing) bool { return !p.trusted() })
	m.Passings = m.Passings[:min(len(m.Passings), 2)]
	if !slices.IsSortedFunc(m.Window, func(a, b point) int { return a.Time.Compare(b.Time) }) || len(m.Window) > maxWindow {
		m.Window = nil
	}
	if !m.Meal.trusted() {
		m.Meal = meal{}
	}
	if !m.Last.Plausible() {
		m.Last = glucose.Reading{}
	}
	return m
}

// setBack keeps what goes by the clock right when the clock was set back: a
// snooze of half an hour stays one, and no repeat waits for the old time to
// come round again. Only forward time counts as passed.
func (m *memory) setBack(now time.Time) {
	by := m.Now.Sub(now)
	if by > 0 {
		shift := func(ts ...*time.Time) {
			for _, t := range ts {
				if !t.IsZero() {
					*t = t.Add(-by)
				}
			}
		}
		shift(&m.Watching, &m.Quiet, &m.Recheck.At, &m.Off.Since, &m.Off.Until)
		for i := range m.Snoozes {
			shift(&m.Snoozes[i].Until, &m.Snoozes[i].Treated.At)
		}
		for _, ep := range m.Episodes {
			shift(&ep.Answered, &ep.Raised, &ep.Stood)
			if !ep.Kind.byValue() {
				shift(&ep.Since, &ep.SaidAt)
			}
			if p := ep.Pending; p != nil {
				if by >= time.Minute && !p.underWay() {
					p.RetryAt = now // to a minute: the time since the last step is in by
				}
				shift(&p.SentAt, &p.RetryAt)
				if !ep.Kind.byValue() {
					shift(&p.Mark)
				}
			}
		}
	}
	m.Now = now

	// Readings were judged by the old clock that the new one calls future:
	// forget them, or everything that follows would count as old.
	if ahead := now.Add(maxAhead); m.Judged.After(ahead) || m.Newest.After(ahead) {
		m.Judged, m.Refused, m.Window, m.Meal = time.Time{}, time.Time{}, nil, meal{}
		// But not what was not told yet: the last reading, if any, is as old as it was.
		if at := m.Last.Time.Add(-max(by, 0)); m.Restored || m.Last.Time.IsZero() || at.After(now) {
			m.Last = glucose.Reading{}
		} else {
			m.Last.Time = at
		}
		m.Changed = time.Time{}
		if m.Newest.After(now) {
			m.Newest = now
		}
		m.Recheck.Reading = time.Time{}
		for i := range m.Snoozes {
			m.Snoozes[i].Treated.Reading = time.Time{}
		}
		for _, ep := range m.Episodes {
			if ep.Kind.byValue() {
				ep.Since = earlier(ep.Since, now)
				ep.Back = earlier(ep.Back, now)
				// By the old clock, as all readings were: it says nothing about
				// how long ago that is.
				ep.SaidAt, ep.Owed = time.Time{}, time.Time{}
				if p := ep.Pending; p != nil {
					p.Mark = earlier(p.Mark, now)
				}
			}
		}
	}
	// A state from a disk may hold any time; none may silence for longer than
	// a fresh one could.
	if m.LowSaid.After(now.Add(maxAhead)) {
		m.LowSaid = time.Time{}
	}
	m.shiftPassings(by, now)
	if m.Off.Until.After(now.Add(LongestOff)) {
		m.Off = offDuty{}
	}
	m.Watching, m.Quiet = earlier(m.Watching, now), earlier(m.Quiet, now.Add(maxGrace))
	for _, ep := range m.Episodes {
		ep.Raised, ep.Stood = earlier(ep.Raised, now), earlier(ep.Stood, now)
		if !ep.Kind.byValue() {
			ep.Since, ep.SaidAt = earlier(ep.Since, now), earlier(ep.SaidAt, now)
		}
		if p := ep.Pending; p != nil {
			p.SentAt, p.RetryAt = earlier(p.SentAt, now), earlier(p.RetryAt, now.Add(retryAfter[len(retryAfter)-1]))
		}
	}
	m.Snoozes = slices.DeleteFunc(m.Snoozes, func(s snooze) bool {
		return s.Until.After(now.Add(s.Kind.longestSnooze())) || s.treated() && s.Until.After(now.Add(treatedFor))
	})
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
