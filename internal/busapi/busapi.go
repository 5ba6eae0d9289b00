// Package busapi offers what the tray shows on the session's D-Bus, so that
// extensions of a desktop can show it in their own way and answer alarms.
//
// Every program of this user on this session can read it, names and values
// included, and can do what the tray's menu can: it is as open as the screen,
// and off until the settings say otherwise. Nothing leaves the computer.
//
// The interface is described in docs/io.github.llutray.Llutray1.xml. It has a
// connection of its own: the tray library gives up its icon when it hears a
// signal that it does not expect on the shared one.
package busapi

import (
	_ "embed"
	"maps"
	"reflect"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
)

// Names on the bus.
const (
	Name      = "io.github.llutray.Llutray1"
	Path      = dbus.ObjectPath("/io/github/llutray/Llutray1")
	Interface = "io.github.llutray.Llutray1"
	// Refused is the error of a call that is not done, with a sentence why.
	Refused = "io.github.llutray.Error.Refused"
)

// XML describes the interface.
//
//go:embed io.github.llutray.Llutray1.xml
var XML string

// Person is how one person does.
type Person struct {
	glucose.Person
	Reading *glucose.Reading // the newest; nil as long as there is none
	Delta   *glucose.Delta   // nil when there is none to tell
	Range   glucose.Range
	Stale   bool       // the reading must not be taken for the present
	Text    string     // as the tray shows it, "5.8 ↗"; an old one with its age
	Alarm   alarm.Kind // the worst that stands; "" for none
}

// State is what is offered.
type State struct {
	Shown   string // ID of the person in the tray
	People  []Person
	Unit    glucose.Unit
	Fault   *glucose.Fault // nil when following works
	Version string
}

// Handler does what is asked for on the bus. Its functions are called from
// other goroutines and may wait for a moment; an error is a sentence for the
// user.
type Handler struct {
	// Answer is an answer to an alarm of a person, "" for the one shown.
	Answer  func(personID string, a alarm.Answer) error
	Refresh func() error
}

// properties of the interface.
func (s State) properties() map[string]dbus.Variant {
	out := map[string]dbus.Variant{
		"Version": dbus.MakeVariant(s.Version), "Unit": dbus.MakeVariant(string(s.Unit)), "Person": dbus.MakeVariant(s.Shown),
		"Fault": dbus.MakeVariant(""), "FaultMessage": dbus.MakeVariant(""), "FaultHint": dbus.MakeVariant(""),
	}
	if f := s.Fault; f != nil {
		out["Fault"], out["FaultMessage"], out["FaultHint"] = dbus.MakeVariant(string(f.Kind)), dbus.MakeVariant(f.Message), dbus.MakeVariant(f.Hint)
	}
	people, shown := []map[string]dbus.Variant{}, Person{Text: "—", Stale: true}
	for _, p := range s.People {
		one := p.properties()
		one["Id"], one["Name"] = dbus.MakeVariant(p.ID), dbus.MakeVariant(p.Name)
		people = append(people, one)
		if p.ID == s.Shown {
			shown = p
		}
	}
	out["People"] = dbus.MakeVariant(people)
	maps.Copy(out, shown.properties())
	out["PersonName"] = dbus.MakeVariant(shown.Name)
	return out
}

// properties of a person. An old value is no number: 0, so that nobody takes
// it for the present; its text and its time are told.
func (p Person) properties() map[string]dbus.Variant {
	var mgdl, delta, minutes int32
	var mmol float64
	var at int64
	trend, limit, rang := glucose.TrendUnknown.String(), "", glucose.RangeUnknown.String()
	stale := p.Stale || p.Reading == nil
	if r := p.Reading; r != nil {
		at = r.Time.Unix()
		if !stale {
			trend, rang = r.Trend.String(), p.Range.String()
			switch r.Limit {
			case glucose.LimitLow:
				limit = "low"
			case glucose.LimitHigh:
				limit = "high"
			default:
				mgdl, mmol = int32(r.Value), r.Value.Mmol() //nolint:gosec // plausible values are small
			}
			if d := p.Delta; d != nil {
				delta, minutes = int32(d.Change), int32(d.Minutes) //nolint:gosec // and so are their differences
			}
		}
	}
	return map[string]dbus.Variant{
		"Text": dbus.MakeVariant(p.Text), "MgDL": dbus.MakeVariant(mgdl), "Mmol": dbus.MakeVariant(mmol), "Trend": dbus.MakeVariant(trend),
		"Limit": dbus.MakeVariant(limit), "Range": dbus.MakeVariant(rang), "DeltaMgDL": dbus.MakeVariant(delta), "DeltaMinutes": dbus.MakeVariant(minutes),
		"Time": dbus.MakeVariant(at), "Stale": dbus.MakeVariant(stale), "Alarm": dbus.MakeVariant(string(p.Alarm)),
	}
}

// changed are the properties that differ.
func changed(old, now map[string]dbus.Variant) map[string]dbus.Variant {
	out := map[string]dbus.Variant{}
	for k, v := range now {
		if o, ok := old[k]; !ok || !reflect.DeepEqual(o.Value(), v.Value()) {
			out[k] = v
		}
	}
	return out
}

// Alarm is a message of the alarm engine, for the signal of that name.
type Alarm struct {
	Person  glucose.Person
	Kind    alarm.Kind
	Level   alarm.Level
	Message string
}

// Server offers the interface. Its methods never wait for the bus.
type Server struct {
	do   Handler
	poke chan struct{} // capacity 1

	mu     sync.Mutex
	now    map[string]dbus.Variant
	alarms []Alarm
}

// New makes a Server; Run offers it.
func New(do Handler) *Server {
	return &Server{do: do, poke: make(chan struct{}, 1), now: State{}.properties()}
}

// Set changes what is offered. Who listens is told of what differs only.
func (s *Server) Set(st State) {
	s.mu.Lock()
	s.now = st.properties()
	s.mu.Unlock()
	s.wake()
}

// mostAlarms bounds what is kept for a bus that does not take it.
const mostAlarms = 32

// Announce sends the signal for a message of the alarm engine.
func (s *Server) Announce(a Alarm) {
	s.mu.Lock()
	if len(s.alarms) < mostAlarms {
		s.alarms = append(s.alarms, a)
	}
	s.mu.Unlock()
	s.wake()
}

func (s *Server) wake() {
	select {
	case s.poke <- struct{}{}:
	default:
	}
}

func (s *Server) properties() map[string]dbus.Variant {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// longest is the longest snooze that can be said on the bus; the engine allows
// less.
const longest = 24 * 60

// answer does one of the calls.
func (s *Server) answer(person, kind string, a alarm.Answer) *dbus.Error {
	if kind != "" {
		k, err := alarm.ParseKind(kind)
		if err != nil {
			return refuse(err.Error())
		}
		a.Alarm = k
	}
	if a.Kind == alarm.SnoozeFor {
		if err := a.Alarm.CheckSnooze(a.For); err != nil {
			return refuse(err.Error())
		}
	}
	if s.do.Answer == nil {
		return refuse("alarms cannot be answered here")
	}
	if err := s.do.Answer(person, a); err != nil {
		return refuse(err.Error())
	}
	return nil
}

func refuse(why string) *dbus.Error { return dbus.NewError(Refused, []any{why}) }

// calls are the methods on the bus.
type calls struct{ s *Server }

// Seen answers an alarm; kind "" is whatever stands.
func (c calls) Seen(person, kind string) *dbus.Error {
	return c.s.answer(person, kind, alarm.Answer{Kind: alarm.Seen})
}

// Snooze keeps a kind of alarm silent for some minutes.
func (c calls) Snooze(person, kind string, minutes uint32) *dbus.Error {
	if kind == "" {
		return refuse("name the kind of alarm")
	}
	return c.s.answer(person, kind, alarm.Answer{Kind: alarm.SnoozeFor, For: time.Duration(min(minutes, longest)) * time.Minute})
}

// Unsnooze takes a snooze back; kind "" takes all back.
func (c calls) Unsnooze(person, kind string) *dbus.Error {
	return c.s.answer(person, kind, alarm.Answer{Kind: alarm.TakeBack})
}

// Refresh asks for a new reading.
func (c calls) Refresh() *dbus.Error {
	if c.s.do.Refresh == nil {
		return refuse("nothing is followed")
	}
	if err := c.s.do.Refresh(); err != nil {
		return refuse(err.Error())
	}
	return nil
}

// standard are the methods of org.freedesktop.DBus.Properties.
type standard struct{ s *Server }

const properties = "org.freedesktop.DBus.Properties"

// Get returns one property.
func (p standard) Get(iface, name string) (dbus.Variant, *dbus.Error) {
	if v, ok := p.s.properties()[name]; ok && iface == Interface {
		return v, nil
	}
	return dbus.Variant{}, dbus.NewError("org.freedesktop.DBus.Error.UnknownProperty", []any{"there is no property " + name})
}

// GetAll returns all.
func (p standard) GetAll(iface string) (map[string]dbus.Variant, *dbus.Error) {
	if iface != Interface {
		return map[string]dbus.Variant{}, nil
	}
	return p.s.properties(), nil
}

// Set is refused: all of them are read-only.
func (p standard) Set(_, name string, _ dbus.Variant) *dbus.Error {
	return dbus.NewError("org.freedesktop.DBus.Error.PropertyReadOnly", []any{name + " can only be read"})
}

// introspection is the method of org.freedesktop.DBus.Introspectable.
type introspection struct{}

// Introspect describes the object.
func (introspection) Introspect() (string, *dbus.Error) { return XML, nil }
