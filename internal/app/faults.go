package app

import (
	"strings"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// sensorLife is the life of the sensors whose life the service does not tell:
// 14 days for Libre 2 and 3. A Plus model runs a day longer; the sensor is
// called ended only when its values have stopped as well.
const sensorLife = 14 * 24 * time.Hour

// standing is what keeps a person, nil for nobody, from a fresh number now:
// the fault of the last request, else what the readings and the sensor
// themselves tell. It is nil when all is well.
func (s *state) standing(p *person, now time.Time) *glucose.Fault {
	a := s.of(p)
	if a.common() || a.fault != nil && (p == nil || p.who.ID == a.lead || !s.several()) {
		return s.told(a, a.fault)
	}
	if f := a.halfFault(p, now); f != nil {
		return s.told(a, f)
	}
	if p == nil || !a.asked {
		return nil // nothing is known of phone and sensor before the first answer
	}
	return p.standing(now)
}

// halfFault is what is wrong with one of two sources, if a person's number
// waits for it: that of LibreLinkUp for everybody whose fresh value is not the
// site's.
func (a *account) halfFault(p *person, now time.Time) *glucose.Fault {
	if p == nil {
		return a.ofLibre
	}
	r, have := p.newest()
	stale := !have || r.Stale(now, p.cadence())
	switch {
	case p.ofSite() && stale && a.ofSite != nil && a.ofLibre == nil:
		return a.ofSite
	case p.ofSite() && !stale, strings.HasPrefix(p.who.ID, siteID):
		return nil
	}
	return a.ofLibre
}

// halfTrouble is that one of two sources fails, in one line, while the other
// one goes on; "" when both answer.
func (s *state) halfTrouble() string {
	first := s.accounts[0] // the site is followed beside that one
	switch {
	case first.ofLibre != nil:
		return lang.F("Only Nightscout is followed at present: %s", first.ofLibre.Message)
	case first.ofSite != nil:
		return lang.F("Only LibreLinkUp is followed at present: %s", first.ofSite.Message)
	}
	return ""
}

// siteID begins the ID of somebody whom only a Nightscout site knows.
const siteID = "nightscout:"

// ofSite reports whether the newest value of a person came from Nightscout.
func (p *person) ofSite() bool {
	r, have := p.newest()
	return have && r.Source == glucose.Nightscout || strings.HasPrefix(p.who.ID, siteID)
}

// siteFault is why a value of Nightscout is old, as far as can be told.
func siteFault(r glucose.Reading, have bool, now time.Time) *glucose.Fault {
	if !have {
		return &glucose.Fault{
			Kind: glucose.NoSensor, Message: lang.T("The Nightscout site has no readings yet."),
			Hint: lang.T("Check what uploads to the site."),
		}
	}
	return &glucose.Fault{
		Kind:    glucose.UploadDelayed,
		Message: lang.F("No new value %s: nothing new has reached the Nightscout site.", lang.For(r.Age(now))),
		Hint:    lang.T("Check that the phone is near the sensor, is online and uploads to the site."),
		Since:   r.Time,
	}
}

// standing is what is wrong with a person's own phone and sensor.
func (p *person) standing(now time.Time) *glucose.Fault {
	r, have := p.newest()
	stale := !have || r.Stale(now, p.cadence())
	if p.futureBy > 0 && stale {
		return &glucose.Fault{
			Kind:    glucose.ClockFault,
			Message: lang.F("The newest reading is dated %s ahead of this computer's clock.", lang.Span(p.futureBy)),
			Hint:    lang.T("Set this computer's clock right; if it is, the clock of the phone with the sensor is wrong."),
			Since:   now.Add(-p.futureBy),
		}
	}
	if !stale {
		return nil
	}
	if missing := p.missing(); !missing.IsZero() {
		return &glucose.Fault{
			Kind: glucose.ShareRevoked, Message: lang.T("LibreLinkUp no longer lists this person."), Since: missing,
			Hint: lang.T("If that lasts they have stopped sharing; ask for a new invitation in the Libre app."),
		}
	}
	if p.ofSite() {
		return siteFault(r, have, now)
	}
	if f := sensorFault(p.sensor, r, have, now); f != nil {
		return f
	}
	return &glucose.Fault{
		Kind:    glucose.UploadDelayed,
		Message: lang.F("No new value %s: the phone with the sensor has not uploaded.", lang.For(r.Age(now))),
		Hint:    lang.T("Check that the phone is near the sensor, is online and has its Libre app open."),
		Since:   r.Time,
	}
}

func sensorFault(s *glucose.Sensor, r glucose.Reading, have bool, now time.Time) *glucose.Fault {
	if s == nil {
		if have {
			return nil // the last sensor's value is old; nothing more is known
		}
		return &glucose.Fault{
			Kind:    glucose.NoSensor,
			Message: lang.T("LibreLinkUp knows of no sensor that sends values."),
			Hint:    lang.T("Start a sensor in the Libre app on the phone; the first value comes an hour later."),
		}
	}
	ready := s.Activated.Add(s.WarmUp)
	if now.Before(ready) && (!have || r.Time.Before(s.Activated)) {
		return &glucose.Fault{
			Kind:    glucose.WarmingUp,
			Message: lang.F("The new sensor is warming up; its first value comes in %s.", lang.Span(ready.Sub(now))),
			Since:   s.Activated,
		}
	}
	life := s.Life
	if life == 0 {
		life = sensorLife
	}
	if end := s.Activated.Add(life); have && !s.Activated.IsZero() && now.After(end) {
		return &glucose.Fault{
			Kind:    glucose.SensorEnded,
			Message: lang.F("The sensor has reached its end; its last value is %s old.", lang.Span(r.Age(now))),
			Hint:    lang.T("Start a new sensor in the Libre app on the phone."),
			Since:   end,
		}
	}
	if !have {
		return &glucose.Fault{
			Kind:    glucose.NoSensor,
			Message: lang.T("The sensor has not sent a value yet."),
			Hint:    lang.T("Check that the phone is near the sensor, is online and has its Libre app open."),
			Since:   ready,
		}
	}
	return nil
}
