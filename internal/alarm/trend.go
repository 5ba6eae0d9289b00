package alarm

import "time"

// once lists the kinds that are said once an episode, the worse before the
// milder of a side.
var once = []Kind{FallingFast, SecondRise, RisingFast}

// trends follows what is not a matter of one limit: a second rise after a
// meal, and steep falls and rises. turned says that the second rise has just
// been found.
func (s *step) trends(p point, gap, turned bool) {
	ep := s.find(SecondRise)
	if ep != nil && (turned || s.m.Meal.Stage != mealAgain) {
		s.end(ep)
	}
	if turned && s.cfg.SecondRise.On {
		s.m.Episodes = append(s.m.Episodes, &episode{Kind: SecondRise, Since: s.m.Meal.Trough.Time})
	}

	// The value first: the pace is a look over the whole window.
	down, up := &s.cfg.FallingFast, &s.cfg.RisingFast
	s.steep(FallingFast, p, gap, down.On && p.Value < down.Limit && -s.m.pace(s.pace) >= down.Rate)
	s.steep(RisingFast, p, gap, up.On && p.Value > up.Limit && s.m.pace(s.pace) >= up.Rate)
}

// steep begins and ends the episode of a steep fall or rise: it is over when
// it has not been steep for 15 minutes, or after a gap.
func (s *step) steep(k Kind, p point, gap, is bool) {
	ep := s.find(k)
	if ep != nil && gap {
		s.end(ep)
		ep = nil
	}
	switch {
	case is && ep == nil:
		s.m.Episodes = append(s.m.Episodes, &episode{Kind: k, Since: p.Time})
	case is:
		ep.Back = time.Time{}
	case ep == nil:
	case ep.Back.IsZero():
		ep.Back = p.Time
	case p.Time.Sub(ep.Back) >= backFor-slack:
		s.end(ep)
	}
}

// speakOnce says what is said once an episode.
func (s *step) speakOnce() {
	for _, k := range once {
		ep := s.find(k)
		if ep == nil || !ep.Back.IsZero() {
			continue
		}
		ep.Due = true
		if ep.Said > 0 || ep.Pending != nil {
			continue
		}
		if k != SecondRise && s.levelStands(ep) || !s.room(ep) {
			s.silent(ep, Covered)
			continue
		}
		if why, say := s.allowed(k, First); !say {
			s.silent(ep, why)
			continue
		}
		s.say(ep, First, pending{Mark: s.m.Last.Time, Loud: s.onceLoud(k)})
	}
}

// levelStands reports whether the value is beyond a limit that has its own
// alarm on this side: that one's message has the arrow, too.
func (s *step) levelStands(ep *episode) bool {
	for i := range s.levels {
		o := s.find(s.levels[i].kind)
		if o != nil && o.Due && o.Back.IsZero() && o.Kind.covers(ep.Kind) {
			return true
		}
	}
	return false
}

func (s *step) onceLoud(k Kind) bool {
	switch k {
	case SecondRise:
		return s.cfg.SecondRise.Loud
	case FallingFast:
		return s.cfg.FallingFast.Loud
	}
	return s.cfg.RisingFast.Loud
}

// pace is the change in mg/dL a minute, over two steps of five minutes or the
// last one of 15, if the two newest steps agree: each has its direction and at
// least half of it. 0 when it is not known, or they do not.
func (m *memory) pace(cadence time.Duration) float64 {
	var late, early, all float64
	if slow(cadence) {
		n := len(m.Window)
		if n < 3 {
			return 0
		}
		a, b, c := m.Window[n-3], m.Window[n-2], m.Window[n-1]
		if b.Time.Sub(a.Time) > bridge || c.Time.Sub(b.Time) > bridge {
			return 0
		}
		late = float64(c.Value-b.Value) / c.Time.Sub(b.Time).Minutes()
		early = float64(b.Value-a.Value) / b.Time.Sub(a.Time).Minutes()
		all = late
	} else {
		now, ok1 := m.at(0)
		mid, ok2 := m.at(5 * time.Minute)
		far, ok3 := m.at(10 * time.Minute)
		if !ok1 || !ok2 || !ok3 {
			return 0
		}
		late, early, all = (now-mid)/5, (mid-far)/5, (now-far)/10
	}
	if late*2 >= all && early*2 >= all && all > 0 || late*2 <= all && early*2 <= all && all < 0 {
		return all
	}
	return 0
}
