package alarm

import (
	"strings"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

const (
	day = 24 * time.Hour
	// sensorSoon is the second notice, which quiet hours do not hold back.
	sensorSoon = 2 * time.Hour
	// sensorOver is how long after its end a sensor still stands as an alarm.
	// By then no data has said all there is to say, many times.
	sensorOver = 12 * time.Hour
)

// LifeOf is how long a sensor lasts: as the user set it, as it is known of
// this one, or else by its model. The service does not tell it. 15 days for
// the Plus models, 14 for the others.
func LifeOf(s glucose.Sensor, set time.Duration) time.Duration {
	switch {
	case set > 0:
		return set
	case s.Life > 0:
		return s.Life
	case strings.Contains(s.Model, "Plus"):
		return 15 * day
	}
	return 14 * day
}

// sensor is the sensor that is worn with its life filled in; nil when none is
// known.
func (s *step) sensor() *glucose.Sensor {
	if s.m.Sensor.Activated.IsZero() {
		return nil
	}
	c := s.m.Sensor
	c.Life = LifeOf(c, s.cfg.SensorEnds.Life)
	return &c
}

// sensorLeft is the time until the sensor ends.
func (s *step) sensorLeft() time.Duration {
	x := s.sensor()
	if x == nil {
		return 30 * day
	}
	return x.Activated.Add(x.Life).Sub(s.now)
}

// learnSensor keeps what must be known of the sensor while the service cannot
// be asked. Just after a change the service may name the old one once more.
func (s *step) learnSensor() {
	n := s.in.Sensor
	if n == nil || n.Activated.Before(s.m.Sensor.Activated) || n.Activated.IsZero() || n.Activated.After(s.now.Add(maxAhead)) {
		return
	}
	s.m.Sensor = glucose.Sensor{Model: n.Model, Activated: n.Activated.UTC(), WarmUp: n.WarmUp, Life: n.Life}
}

// judgeSensor tells the end of the sensor a day ahead, two hours ahead, and
// when it is there.
func (s *step) judgeSensor() {
	left, ep := s.sensorLeft(), s.find(SensorEnds)
	var stage int
	switch {
	case !s.cfg.SensorEnds.On || left > day || left <= -sensorOver:
		if ep != nil {
			s.end(ep)
		}
		return
	case left <= 0:
		stage = 3
	case left <= sensorSoon:
		stage = 2
	default:
		stage = 1
	}
	if ep == nil {
		ep = &episode{Kind: SensorEnds, Since: s.now.UTC().Add(left - day), Due: true}
		s.m.Episodes = append(s.m.Episodes, ep)
	}
	if p := ep.Pending; p != nil {
		if !p.underWay() {
			p.Stage = stage // the text goes by the time at which it is shown
		}
		return
	}
	if stage <= ep.Stage {
		return
	}
	why := First
	if ep.Said > 0 {
		why = Worse
	}
	if why, say := s.allowed(SensorEnds, why); !say {
		s.silent(ep, why)
		return
	}
	s.say(ep, why, pending{Mark: s.now.UTC(), Loud: s.cfg.SensorEnds.Loud, Stage: stage})
}

func (s *step) wakeForSensor(soonest func(time.Time)) {
	x := s.sensor()
	if x == nil || !s.cfg.SensorEnds.On {
		return
	}
	end := x.Activated.Add(x.Life)
	for _, ahead := range []time.Duration{day, sensorSoon, 0, -sensorOver} {
		soonest(end.Add(-ahead))
	}
}

// warmingUp reports whether a sensor does not give readings yet.
func warmingUp(s *glucose.Sensor, now time.Time) bool {
	return s != nil && now.Before(s.Activated.Add(s.WarmUp))
}

// ended reports whether a sensor's time is over.
func ended(s *glucose.Sensor, now time.Time) bool {
	return s != nil && s.Life > 0 && !now.Before(s.Activated.Add(s.Life))
}

func sensorText(d Decision, who string) (title, body string) {
	if d.Sensor == nil {
		return join(lang.T("SENSOR ends"), who), ""
	}
	end := d.Sensor.Activated.Add(d.Sensor.Life)
	days, at := int(d.Sensor.Life/day), lang.At(end, d.Time)
	left, warm := end.Sub(d.Time), lang.Exact(d.Sensor.WarmUp)
	over, tells := left <= 0, d.Sensor.WarmUp > 0
	title = lang.F("SENSOR ends in %s", lang.Exact(left.Round(time.Minute)))
	switch {
	case over && tells:
		title = lang.T("SENSOR has ended")
		body = lang.F("Its %d days were over %s. Start a new one: it gives no readings for its first %s.", days, at, warm)
	case over:
		title = lang.T("SENSOR has ended")
		body = lang.F("Its %d days were over %s. Start a new one.", days, at)
	case tells:
		body = lang.F("Its %d days are over %s. Have a new one ready: it gives no readings for its first %s.", days, at, warm)
	default:
		body = lang.F("Its %d days are over %s. Have a new one ready.", days, at)
	}
	return titled(title, who), body
}
