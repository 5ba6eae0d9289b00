package poll

import "time"

const (
	// hourly is the promise to the service: at most so many planned requests
	// in any 60 minutes, 1.1 for each reading of a one-minute feed.
	hourly = 66
	// extraHourly bounds what comes on top: requests that the user asks for
	// and those after a wake-up. They have a purse of their own, so that
	// pressing Refresh often does not leave the rest of the hour blind.
	extraHourly = 30
	// extraGap is the least distance of such a request to the one before it.
	extraGap = 5 * time.Second
	// minGap is the least distance of any two requests.
	minGap = time.Second
	// pace is the longest that a planned request ever waits for the hour's
	// budget, whatever faults and searching have cost before it. It leaves a
	// little more than the 60 s of the readings, since the moment in a minute at
	// which a reading is asked for wanders.
	pace = 63 * time.Second
)

// purse holds when requests were sent, oldest first, at most limit of them.
type purse struct {
	Limit int
	Sent  []time.Time
}

func (p *purse) spend(at time.Time) {
	if len(p.Sent) == p.Limit {
		p.Sent = append(p.Sent[:0], p.Sent[1:]...)
	}
	p.Sent = append(p.Sent, at)
}

// refund takes back what was spent last, if that was at that moment.
func (p *purse) refund(at time.Time) {
	if n := len(p.Sent); n > 0 && p.Sent[n-1].Equal(at) {
		p.Sent = p.Sent[:n-1]
	}
}

// left is how many requests may be sent at that moment.
func (p *purse) left(at time.Time) int {
	n := p.Limit
	for i := len(p.Sent) - 1; i >= 0 && at.Sub(p.Sent[i]) < time.Hour; i-- {
		n--
	}
	return n
}

// earliest is the first moment from at on when a request may be sent.
func (p *purse) earliest(at time.Time) time.Time {
	if len(p.Sent) < p.Limit {
		return at
	}
	return later(at, p.Sent[0].Add(time.Hour))
}

// paced is the first moment from at on when a request may be sent that leaves
// enough of the hour's for one at each pace after it, for ever.
//
// The k-th of those is sent k paces later, and then the n-th newest of today's
// must be out of the hour unless no more than the limit are in it with the k
// since: it is that old, or n+k is within the limit. This holds if its age is at
// least an hour less limit-n paces; a pace later it is a pace older and the
// (n+1)-th, so that it goes on to hold.
func (p *purse) paced(at time.Time) time.Time {
	for i, sent := range p.Sent {
		n := len(p.Sent) - i
		at = later(at, sent.Add(time.Hour-time.Duration(p.Limit-n)*pace))
	}
	return at
}

// spare is how many requests may be sent at that moment beyond the one that is
// due then, if none are until then.
func (p *purse) spare(at time.Time) float64 {
	spare := float64(p.Limit) - float64(time.Hour)/float64(pace)
	for i, sent := range p.Sent {
		n := len(p.Sent) - i
		if left := time.Hour - at.Sub(sent); left > 0 {
			spare = min(spare, float64(p.Limit-n)-float64(left)/float64(pace))
		}
	}
	return spare
}

// Spent is when requests were sent within the last hour, oldest first: those that
// a schedule planned, and those that were asked for or came with a start.
type Spent struct {
	Planned, Asked []time.Time
}

// Recall takes in what other runs and connections have spent: the hour's requests
// are the service's, and a program that is started again and again must not have
// them anew each time. It is called before the first request, which is still sent
// at once if it may be: whoever starts the program wants to see a value.
func (s *Schedule) Recall(now time.Time, spent Spent) {
	now = now.Round(0)
	s.planned.recall(now, spent.Planned)
	s.extra.recall(now, spent.Asked)
	for s.planned.paced(now).After(now.Add(pace)) {
		// What was planned never leaves more than a pace to wait. The clock was
		// set in between, and the oldest are not what they say.
		s.planned.Sent = s.planned.Sent[1:]
	}
	s.plan.At = s.planned.paced(now)
	if early := s.extra.earliest(now); early.Before(s.plan.At) {
		s.plan.At, s.isExtra = early, true
	}
}

// recall fills an empty purse with what was sent in the hour before now. What is of
// the future was sent before the clock was set back.
func (p *purse) recall(now time.Time, sent []time.Time) {
	for _, at := range sent {
		if !at.After(now) && now.Sub(at) < time.Hour {
			p.spend(at)
		}
	}
}

func (p *purse) shift(by time.Duration) {
	for i := range p.Sent {
		p.Sent[i] = p.Sent[i].Add(by)
	}
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
