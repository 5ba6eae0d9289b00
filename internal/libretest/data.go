package libretest

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// data answers an authorized request.
func (s *Server) data(x *exchange) *answer {
	var data any
	switch x.endpoint {
	case EndpointConnections:
		data = s.connections(x)
	case EndpointGraph, EndpointLogbook:
		sharing := s.sharing()
		at := slices.IndexFunc(sharing, func(p *patient) bool { return p.ID == x.id })
		if at < 0 || s.script.nobody {
			return couldNotLoadPatient()
		}
		if x.endpoint == EndpointLogbook {
			data = sharing[at].logbook(s.readings(sharing[at], x.now, 14*24*time.Hour))
		} else {
			data = s.graph(sharing[at], x)
		}
	case EndpointUser, EndpointAccount:
		data = obj{"user": s.userObject()}
	}
	if s.script.blank {
		data = nil
	}
	s.state.served = true
	return reply(http.StatusOK, obj{"status": 0, "data": data, "ticket": s.ticket(x)})
}

// ticket comes with every authenticated answer. The token in it is often the one
// the client has; it is a new one when that is a day old.
func (s *Server) ticket(x *exchange) obj {
	life := s.life()
	if s.script.tokenLife > 0 || x.claims.Expires < x.now.Add(life-24*time.Hour).Unix() {
		return s.issue(x, life, 0)
	}
	return obj{"token": x.token(), "expires": x.claims.Expires, "duration": life.Milliseconds()}
}

func (s *Server) connections(x *exchange) []obj {
	list := []obj{}
	if s.script.nobody {
		return list
	}
	for _, p := range s.sharing() {
		c, _ := s.connection(p, x.now, 40*time.Minute)
		list = append(list, c)
	}
	// The order is not stable at the real one either.
	if s.state.turn++; s.state.turn%2 == 0 {
		slices.Reverse(list)
	}
	return list
}

// connection also returns the readings of span before the current one.
func (s *Server) connection(p *patient, now time.Time, span time.Duration) (obj, []Reading) {
	list := s.readings(p, now, span)
	var item obj
	if len(list) > 0 {
		q := s.shown(p)
		item = q.current(list[len(list)-1], arrow(list))
		if s.script.item != nil {
			s.script.item(item)
		}
	}
	c := s.shown(p).connection(s.activation(p, now), item)
	if s.script.connection != nil {
		s.script.connection(c)
	}
	return c, list
}

func (s *Server) graph(p *patient, x *exchange) obj {
	c, list := s.connection(p, x.now, 12*time.Hour+10*time.Minute)
	sensor := s.shown(p).sensor(s.activation(p, x.now))
	sensor["deviceId"] = uuid(p.seed, 4)
	d := obj{
		"connection":    c,
		"activeSensors": []obj{{"sensor": sensor, "device": p.device(s.activation(p, x.now))}},
		"graphData":     s.shown(p).graph(list),
	}
	if s.script.graph != nil {
		s.script.graph(d)
	}
	return d
}

// readings are what the service shows of a person, the newest last.
func (s *Server) readings(p *patient, now time.Time, span time.Duration) []Reading {
	list := p.uploaded(s.horizon(now), span, s.hides())
	if s.script.shift != 0 {
		for i := range list {
			list[i].Time = list[i].Time.Add(s.script.shift)
		}
	}
	return list
}

// horizon is the instant after which nothing has been published yet.
func (s *Server) horizon(now time.Time) time.Time {
	if !s.frozen.IsZero() {
		now = minTime(now, s.frozen)
	}
	if s.script.frozen {
		now = minTime(now, s.state.last)
	}
	if s.script.batch > 0 {
		now = now.Truncate(s.script.batch)
	}
	return now
}

// hides tells the readings the scenario withholds.
func (s *Server) hides() func(Reading) bool {
	if !s.script.warming {
		return func(Reading) bool { return false }
	}
	from, to := s.state.last, s.state.activation.Add(warmUp)
	return func(r Reading) bool { return r.Time.After(from) && r.Time.Before(to) }
}

func (s *Server) activation(p *patient, now time.Time) time.Time {
	if !s.state.activation.IsZero() {
		return s.state.activation
	}
	return p.activation(now)
}

// shown is the person in the unit of the scenario.
func (s *Server) shown(p *patient) *patient {
	if !s.script.mmol {
		return p
	}
	q := *p
	q.Mmol = true
	return &q
}

func (s *Server) units(p *patient) int { return s.shown(p).unit() }

// config answers GET /llu/config/country, which wants no token.
func (s *Server) config() *answer {
	regions := obj{}
	for _, code := range []string{"ae", "ap", "au", "ca", "de", "eu", "eu2", "fr", "jp", "la", "us"} {
		regions[code] = obj{
			"lslApi": fmt.Sprintf("https://api-%s.libreview.io", code), "socketHub": fmt.Sprintf("https://hub-%s.libreview.io", code),
		}
	}
	return reply(http.StatusOK, obj{"status": 0, "data": obj{
		"CountryList": obj{"countries": []obj{{"DisplayMember": "United Kingdom", "ValueMember": "GB"}}},
		"MinVersion":  s.o.MinimumVersion, "lslApi": "https://api.libreview.io", "regionalMap": regions,
		"heartbeatMilliseconds": 2100000, "features": obj{}, "notificationService": "fcm",
		"passwordRules": obj{"minLength": 8, "maxLength": 36},
	}})
}
