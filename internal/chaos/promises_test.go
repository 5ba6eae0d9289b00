package chaos

import (
	"slices"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/libretest"
)

// look judges what can only be judged by time: what should have happened by
// now. It is called every few seconds while the computer is awake.
func (o *oracle) look() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, a := range o.w.lines {
		o.lookAtService(a)
	}
	if o.life == nil {
		return
	}
	if o.view != nil {
		o.notOld("still", *o.view, time.Second)
	}
	o.hears()
	if time.Since(o.began) < 5*time.Second || time.Since(o.woke) < 10*time.Second {
		return
	}
	for _, a := range o.w.lines {
		o.isFollowing(a)
	}
	for _, b := range o.books {
		o.showsNewest(b)
	}
	// A message that failed is tried again at the latest after a minute.
	if o.deskSince.IsZero() || time.Since(o.deskSince) < 75*time.Second {
		return
	}
	o.waitsInSight()
	for _, a := range o.w.lines {
		o.tellsUser(a)
	}
	for _, b := range o.books {
		if o.w.curves[b.id] == nil {
			continue // a visitor of one scenario
		}
		o.tellsLow(b, "urgent_low")
		o.tellsLow(b, "low")
		o.tellsHigh(b)
		o.tellsNoData(b)
	}
}

// showsNewest: what the program was given is on the screen.
func (o *oracle) showsNewest(b *book) {
	if o.view == nil || b.at.Before(o.began) || time.Since(b.at) < time.Second || time.Since(o.stepped) < time.Hour {
		return
	}
	for _, p := range o.view.People {
		if p.ID == b.id && (p.Reading == nil || p.Reading.Time.Before(b.newest.Time)) {
			o.breaks("%s: given the reading of %s, and it is not on the screen", b.name(), b.newest.Time)
		}
	}
}

// isFollowing: the next request comes in time, so that a world that is well
// again is followed again.
func (o *oracle) isFollowing(a *line) {
	if time.Since(o.stepped) < 10*time.Second {
		return // the waits are to times of the clock, and the program is about to notice
	}
	since, most := o.began, time.Minute
	switch {
	case !a.asked.IsZero():
		since, most = a.asked, 31*time.Second // it takes that long at most
	case !a.answeredAt.IsZero():
		since, most = a.answeredAt, o.waits(a)
	case !a.connect.IsZero():
		since, most = a.connect, 41*time.Second // the keyring is asked again
	}
	if late := time.Since(since) - most; late > 5*time.Second {
		o.breaks("%s: no request for %s, after %v at most %s", a, time.Since(since).Round(time.Second), kindOf(a.fault), most)
		a.answeredAt = time.Now() // say it once
	}
}

func kindOf(f *glucose.Fault) glucose.FaultKind {
	if f == nil {
		return "an answer"
	}
	return f.Kind
}

// waits is how long the next request may take to come.
func (o *oracle) waits(a *line) time.Duration {
	if a.fault == nil {
		var newest time.Time
		for _, b := range o.books {
			if (len(o.w.lines) == 1 || a.people[b.id]) && b.newest.Time.After(newest) {
				newest = b.newest.Time
			}
		}
		switch age := o.wall().Sub(newest); {
		case age > 5*time.Hour, o.w.wrong() <= -5*time.Minute: // or may be, by a clock that is behind
			return o.w.step + 6*time.Minute + 30*time.Second // the phone is away for long
		case age > 15*time.Minute:
			return o.w.step + 4*time.Minute
		}
		step := o.w.step
		if o.w.lately("upload_batches") {
			step = max(step, 5*time.Minute) // taken for a feed of a quarter of an hour
		}
		// What was spent before holds it up for 65 seconds at most.
		return step + 65*time.Second
	}
	until := a.until
	switch a.fault.Kind {
	case glucose.Offline:
		return max(until, time.Minute+time.Second)
	case glucose.Throttled, glucose.Locked, glucose.Blocked:
		return max(until, 30*time.Minute)
	case glucose.NotShared, glucose.ShareRevoked, glucose.NoSensor, glucose.WarmingUp,
		glucose.SensorEnded, glucose.UploadDelayed, glucose.ClockFault:
		return max(until, 5*time.Minute+30*time.Second)
	case glucose.Terms, glucose.VerifyEmail, glucose.TooOld, glucose.Closed:
		return max(until, 65*time.Minute)
	case glucose.WrongPassword, glucose.SignedOut:
		return 1000 * time.Hour // the user must act
	}
	return max(until, 16*time.Minute+30*time.Second)
}

// known reports whether there is anybody of whom an account's trouble can be told.
func (o *oracle) known(a *line) bool {
	if len(o.w.lines) == 1 {
		return len(o.books) > 0
	}
	for id := range a.people {
		if b := o.books[id]; !b.gone && o.w.curves[id] != nil {
			return true
		}
	}
	return false
}

// tellsUser: who must act is told so.
func (o *oracle) tellsUser(a *line) {
	if a.needs == "" || a.fault == nil || a.fault.Kind != a.needs || time.Since(a.needsSince) < 10*time.Second || !o.known(a) {
		return
	}
	for _, b := range o.books {
		if len(o.w.lines) > 1 && !a.people[b.id] {
			continue
		}
		if t := b.answered["needs_you"]; t.After(a.needsHeard) {
			a.needsHeard = t // who answers has seen it, wherever
		}
	}
	if a.needsHeard.Before(a.needsSince) {
		o.breaks("the user must act (%s) since %s and was not told", a.needs, time.Since(a.needsSince))
		a.needsHeard = time.Now()
	}
	if late := time.Since(a.needsHeard); late > 3*time.Hour+2*time.Minute && time.Since(o.woke) > 5*time.Minute && time.Since(o.back) > 4*time.Hour && time.Since(o.began) > 5*time.Minute {
		o.breaks("the user must act (%s) and was last told so %s ago", a.needs, late)
		a.needsHeard = time.Now()
	}
}

// tellsLow: a low is told, and told again.
func (o *oracle) tellsLow(b *book, kind string) {
	s := b.low[kind]
	if !s.on || s.mark.Before(o.began) || time.Since(s.mark) < 5*time.Second {
		return
	}
	if age := o.wall().Sub(b.newest.Time); max(age, time.Since(b.at)) > 9*time.Minute || age < -5*time.Minute {
		return // too old to be told, or by a clock that was set back since
	}
	if time.Since(o.stepped) < 5*time.Minute || time.Since(o.changed) < 2*o.w.step || o.snoozed(b, kind) {
		return
	}
	if kind == "low" && b.low["urgent_low"].on {
		return // the worse one speaks
	}
	last := b.heard["urgent_low"]
	if kind == "low" && b.heard["low"].at.After(last.at) {
		last = b.heard["low"]
	}
	if t := b.answered[kind]; t.After(last.at) && !t.Before(s.began) {
		last = heard{t, b.readingAt(t)} // who answers has seen it, wherever
	}
	since := s.began
	if kind == "low" {
		// What was answered a moment ago stands in for it.
		soon := b.heard["low_soon"]
		if t, said := b.answered["low_soon"], o.said["low_soon"+b.id]; t.After(soon.at) && b.readingAt(t).Sub(said) < 31*time.Minute {
			// In the menu, while no desktop took it.
			soon = heard{t, said}
		}
		if soon.at.After(s.began.Add(-15*time.Minute)) && !b.answered["low_soon"].Before(soon.at) && soon.at.After(last.at) {
			last, since = heard{soon.at, later(soon.reading, last.reading)}, soon.at
		}
		if t := b.answered["treated"]; time.Since(t) < 16*time.Minute+o.w.step {
			return
		}
	}
	if last.at.Before(since) {
		o.breaks("%s: %d is a %s since %s and was never told", b.name(), value(b.newest), kind, time.Since(s.began).Round(time.Second))
		b.heard[kind] = heard{time.Now(), b.newest.Time}
		return
	}
	most := time.Hour
	if kind == "urgent_low" {
		if b.answered[kind].Before(s.first) {
			most = 5 * time.Minute
		} else if !b.rising() {
			most = 15 * time.Minute
		}
	}
	if t := b.newest.Time.Sub(last.reading); t > most+o.w.step {
		o.breaks("%s: %d is a %s and was last told %s before", b.name(), value(b.newest), kind, t.Round(time.Second))
		b.heard[kind] = heard{time.Now(), b.newest.Time}
	}
}

// readingAt is the newest reading that was known then.
func (b *book) readingAt(t time.Time) time.Time {
	for i := len(b.past) - 1; i >= 0; i-- {
		if !b.got[i].After(t) {
			return b.past[i].Time
		}
	}
	return time.Time{}
}

// rising is taken from the newest readings in the widest sense: unless it is
// plain that none of them is below the newest, it may be.
func (b *book) rising() bool {
	for _, r := range b.past {
		if b.newest.Time.Sub(r.Time) <= 35*time.Minute && value(r) < value(b.newest) {
			return true
		}
	}
	return false
}

func (o *oracle) snoozed(b *book, kind string) bool {
	covers := map[string][]string{"low": {"low", "urgent_low"}, "urgent_low": {"urgent_low"}, "high": {"high", "still_high", "urgent_high"}, "no_data": {"no_data"}}
	for _, k := range covers[kind] {
		if o.w.truth().Before(b.snoozed[k].Add(5 * time.Minute)) {
			return true
		}
	}
	return false
}

// tellsNoData: data that stays away is told.
func (o *oracle) tellsNoData(b *book) {
	limit := o.noDataAfter()
	if len(o.w.curves) > 1 {
		limit += 90 * time.Second // after a fault the first answer may be about one alone
	}
	if b.at.IsZero() || b.gone || o.wall().Sub(b.newest.Time) < limit+10*time.Second || o.snoozed(b, "no_data") {
		return
	}
	quiet := 2*time.Minute + 10*time.Second
	if len(o.w.curves) > 1 {
		quiet += 90 * time.Second
	}
	if time.Since(o.began) < quiet || time.Since(o.woke) < quiet || time.Since(o.stepped) < quiet {
		return
	}
	if time.Since(o.back) < limit+quiet {
		return // the data is of no known age since the clock was set back
	}
	if slices.ContainsFunc(o.deaths, func(d time.Time) bool { return d.Sub(b.fresh).Abs() < time.Second }) {
		return // killed with it: for the program the silence of before may go on
	}
	if b.at.Before(o.began) && o.full.After(b.at) {
		return // the same, as it could not be kept on a full disk
	}
	if b.answered["no_data"].Before(b.fresh) && b.heard["no_data"].at.Before(b.fresh) && b.heard["needs_you"].at.Before(b.fresh) {
		o.breaks("%s: no data for %s and not a word", b.name(), o.wall().Sub(b.newest.Time).Round(time.Second))
		b.heard["no_data"] = heard{at: time.Now()}
	}
}

// service is what the service has asked of its client.
type service struct {
	scenario string    // of the last request seen
	refused  bool      // the password was, and nobody has acted since
	until    time.Time // truth: no request before
	// Truth: all are refused until then, also if it was the user's own sign-in,
	// in another process, that began it.
	throttled time.Time
	login     time.Time // truth: no sign-in before
}

// lookAtService goes through the requests that came in since the last look.
func (o *oracle) lookAtService(a *line) {
	list := a.server.Requests()
	a.server.ResetRequests()
	s := &a.service
	for _, r := range list {
		if r.Scenario != s.scenario {
			s.scenario, s.login = r.Scenario, time.Time{}
		}
		if time.Since(o.stepped) < time.Hour || o.w.wrong() != 0 {
			// A wait is to a time of the wall clock, and kept over a restart:
			// one that is moved meanwhile ends it early or late.
			s.until, s.login = time.Time{}, time.Time{}
		}
		if r.Time.Before(s.until) {
			o.breaks("%s asked %s before it was allowed", r.Endpoint, s.until.Sub(r.Time))
		}
		if r.Concurrent > 1 {
			o.breaks("%d requests at once at the service", r.Concurrent)
		}
		switch r.Endpoint {
		case libretest.EndpointElsewhere:
			o.breaks("the client went where the service sent it")
		case libretest.EndpointLogin:
			o.counts["sign-in"]++
			if s.refused {
				o.breaks("a sign-in with the password after it was refused")
			}
			if r.Time.Before(s.login) {
				o.breaks("a sign-in %s before it was allowed", s.login.Sub(r.Time))
			}
			switch r.Scenario {
			case "wrong_password", "wrong_password_text":
				s.refused = s.refused || !o.diedSince(r.Time)
			case "locked_200", "locked_429":
				if s.login.IsZero() || r.Time.Before(s.login) {
					s.login = r.Time.Add(300 * time.Second)
				} else {
					s.login = time.Time{} // the lock is over, and this one succeeds
				}
			}
		}
		s.wait(r)
		if o.diedSince(r.Time) {
			// It may not have lived to note what it was told.
			s.until, s.login = time.Time{}, time.Time{}
		}
	}
}

// wait takes in what the service asks to wait for with an answer.
func (s *service) wait(r libretest.Request) {
	switch {
	case r.Status == 429 && (r.Scenario == "throttled_429" || r.Scenario == "throttled_429_date"):
		if s.until.Before(r.Time) {
			if !s.throttled.After(r.Time) {
				s.throttled = r.Time.Add(120 * time.Second)
			}
			s.until = s.throttled
		}
	case r.Status == 503 && r.Scenario == "server_503_retry":
		s.until = r.Time.Add(300 * time.Second)
	}
}

// diedSince reports whether the program was killed within a second after t.
func (o *oracle) diedSince(t time.Time) bool {
	for _, d := range o.deaths {
		at := o.w.truth().Add(-time.Since(d))
		if at.Sub(t).Abs() < time.Second {
			return true
		}
	}
	return false
}
