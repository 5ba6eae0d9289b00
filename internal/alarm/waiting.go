package alarm

import "time"

// rests reports whether a message that failed is not tried again: its value has
// grown too old to be told as news.
func (p *pending) rests(now time.Time) bool {
	return !p.underWay() && now.Sub(p.RetryAt) > 10*time.Second
}

// Waiting returns the alarm that a message of a group on the screen is there
// for: the worst that was said, holds and has not been answered. There is none
// as long as a message of the group is under way or tried again, nor while the
// value is back and may stay there. The last word about no data waits, too,
// although it is no longer listed among what stands.
func (e *Engine) Waiting(group string, now time.Time) (Episode, bool) {
	var worst *episode
	for _, k := range Kinds() {
		ep := e.find(k)
		if ep == nil || k.Group() != group {
			continue
		}
		if ep.Pending != nil && (!ep.Kind.byValue() || !ep.Pending.rests(now)) {
			return Episode{}, false
		}
		forgotten := k.byValue() && now.Sub(e.m.lastValue()) >= forgetAfter
		if worst == nil && ep.Due && ep.Said > 0 && ep.Answered.IsZero() && ep.Back.IsZero() && !forgotten {
			worst = ep
		}
	}
	if worst == nil {
		return Episode{}, false
	}
	return e.standing(worst, now), true
}
