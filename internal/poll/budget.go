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
