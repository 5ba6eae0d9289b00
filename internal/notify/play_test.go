//go:build !windows && !darwin

package notify

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/godbus/dbus/v5"
)

// play is a desktop in small.
type play struct {
	r     *rand.Rand
	b     *board
	story []string

	service *modelService // nil while none runs
	started int
	sent    int            // messages so far
	calls   []modelCall    // to the bus, in order
	replies []modelReply   // from the bus; in order, but handled apart from
	signals []*dbus.Signal // these
	seq     dbus.Sequence

	now    *modelSend // under way; nil for none
	known  string     // whose capabilities are known
	truth  map[string]string
	last   string // message that was shown last, as far as the sender was told
	events []Event

	answered  string // last, and of which service
	withdrawn bool   // and nothing was sent since
}

type modelService struct {
	name   string
	keeps  bool // takes a new message for an id that is gone under that id
	leaves bool // leaves on the screen what a button was pressed of
	next   uint32
	screen map[uint32]string
}

// modelSend is one call of Send.
type modelSend struct {
	about string
	tries int
}

type modelCall struct {
	send     *modelSend
	to       string // "" asks for the owner
	ticket   ticket
	about    string // "" closes id
	id       uint32
	replaces uint32
}

type modelReply struct {
	modelCall
	seq   dbus.Sequence
	owner string
	gone  bool
}

func newPlay(seed uint64) *play {
	return &play{
		r: rand.New(rand.NewPCG(seed, 7)), b: newBoard(), //nolint:gosec // reproducible on purpose
		truth: map[string]string{},
	}
}

func (p *play) say(format string, args ...any) {
	p.story = append(p.story, fmt.Sprintf(format, args...))
}

func (p *play) step() {
	switch p.r.IntN(20) {
	case 0:
		p.end()
	case 1, 2:
		p.begin()
	case 3, 4, 5:
		p.send()
	case 6:
		p.press()
	case 7:
		p.wipe()
	case 8:
		p.giveUp()
	case 9:
		p.withdraw()
	case 10, 11, 12, 13:
		p.serve()
	case 14, 15, 16, 17:
		p.handleReply()
	case 18, 19:
		p.handleSignal()
	}
}

// settle lets everything that is under way arrive.
func (p *play) settle() {
	for p.now != nil || len(p.calls)+len(p.replies)+len(p.signals) > 0 {
		switch p.r.IntN(3) {
		case 0:
			p.serve()
		case 1:
			p.handleReply()
		case 2:
			p.handleSignal()
		}
	}
}

func (p *play) begin() {
	if p.service != nil {
		return
	}
	p.started++
	p.service = &modelService{
		name: fmt.Sprintf(":1.%d", p.started), keeps: p.r.IntN(2) == 0, leaves: p.r.IntN(2) == 0, screen: map[uint32]string{},
	}
	p.say("%s begins, keeps %v, leaves %v", p.service.name, p.service.keeps, p.service.leaves)
	p.owner("", p.service.name)
}

func (p *play) end() {
	if p.service == nil {
		return
	}
	was := p.service
	p.say("%s ends", was.name)
	p.service = nil
	for _, about := range was.screen {
		if p.truth[about] == "" { // nor was it answered
			p.truth[about] = lost
		}
	}
	p.owner(was.name, "")
}

func (p *play) owner(was, is string) {
	p.emit(busName, "/org/freedesktop/DBus", sigOwner, serverName, was, is)
}

func (p *play) emit(from string, path dbus.ObjectPath, name string, body ...any) {
	p.seq++
	p.signals = append(p.signals, &dbus.Signal{Sender: from, Path: path, Name: name, Body: body, Sequence: p.seq})
}

// shown is a bubble on the screen, 0 for none.
func (p *play) shown() uint32 {
	if p.service == nil {
		return 0
	}
	for id := range p.service.next {
		if p.service.screen[id+1] != "" {
			return id + 1
		}
	}
	return 0
}

func (p *play) press() {
	id := p.shown()
	if id == 0 {
		return
	}
	s := p.service
	about := s.screen[id]
	p.say("%q is pressed, %d", about, id)
	p.truth[about] += pressed
	p.answered = about + s.name
	p.emit(s.name, serverPath, sigInvoked, id, "seen "+about)
	if !s.leaves {
		p.take(id, dismissed)
	}
}

func (p *play) wipe() {
	id := p.shown()
	if id == 0 {
		return
	}
	p.say("%q is wiped away, %d", p.service.screen[id], id)
	p.truth[p.service.screen[id]] += wiped
	p.take(id, dismissed)
}

func (p *play) take(id, reason uint32) {
	delete(p.service.screen, id)
	p.emit(p.service.name, serverPath, sigClosed, id, reason)
}

// send begins another Send: one at a time.
func (p *play) send() {
	if p.now != nil {
		return
	}
	p.sent++
	p.withdrawn = false
	p.now = &modelSend{about: fmt.Sprintf("message %d", p.sent)}
	p.say("%q is to be sent", p.now.about)
	p.try()
}

// giveUp is a Send whose time is over; its reply may still come.
func (p *play) giveUp() {
	late := func(c modelCall) bool { return p.now != nil && c.send == p.now }
	if slices.ContainsFunc(p.calls, late) || slices.ContainsFunc(p.replies, func(r modelReply) bool { return late(r.modelCall) }) {
		p.done(false)
	}
}

func (p *play) withdraw() {
	if p.now != nil {
		return
	}
	id := p.b.withdraw("low")
	p.say("it is taken back, %d", id)
	p.last, p.withdrawn = "", true
	if id != 0 {
		p.calls = append(p.calls, modelCall{to: p.b.owner, id: id})
	}
}

// try is what freedesktop.twice does.
func (p *play) try() {
	if p.b.owner == "" || p.b.owner != p.known {
		p.calls = append(p.calls, modelCall{send: p.now})
		return
	}
	p.notify()
}

func (p *play) notify() {
	if p.b.owner == "" {
		p.gone()
		return
	}
	t := p.b.begin("low")
	p.say("%q goes to %s in place of %d", p.now.about, t.owner, t.replaces)
	p.calls = append(p.calls, modelCall{send: p.now, to: t.owner, ticket: t, about: p.now.about, replaces: t.replaces})
}

// gone is after a call whose service went away.
func (p *play) gone() {
	p.hear(p.b.setOwner(""))
	p.now.tries++
	if p.now.tries == 2 {
		p.done(false)
		return
	}
	p.try()
}

func (p *play) done(shown bool) {
	p.say("%q is told as shown: %v", p.now.about, shown)
	if shown {
		p.last = p.now.about
	}
	p.now = nil
}

// serve has the bus and the service take the next call.
func (p *play) serve() {
	if len(p.calls) == 0 {
		return
	}
	c := p.calls[0]
	p.calls = p.calls[1:]
	s := p.service
	reply := modelReply{modelCall: c}
	switch {
	case c.to == "":
		if s != nil {
			reply.owner = s.name
		}
	case s == nil || c.to != s.name:
		reply.gone = true
	case c.about == "":
		if s.screen[c.id] != "" {
			p.say("%q is closed for us, %d", s.screen[c.id], c.id)
			p.truth[s.screen[c.id]] += takenDown
			p.take(c.id, 3)
		}
	default:
		reply.id = c.replaces
		if c.replaces == 0 || s.screen[c.replaces] == "" && !s.keeps {
			s.next++
			reply.id = s.next
		}
		if old := s.screen[reply.id]; old != "" {
			p.truth[old] += replaced
		}
		s.screen[reply.id] = c.about
		p.say("%s shows %q as %d", s.name, c.about, reply.id)
	}
	if c.to != "" && c.about == "" {
		return // nobody waits for it
	}
	p.seq++
	reply.seq = p.seq
	p.replies = append(p.replies, reply)
}

func (p *play) handleReply() {
	if len(p.replies) == 0 {
		return
	}
	r := p.replies[0]
	p.replies = p.replies[1:]
	waited := r.send == p.now
	switch {
	case r.to == "" && !waited: // nor does freedesktop take it in
	case r.to == "" && r.owner == "":
		p.done(false)
	case r.to == "":
		p.hear(p.b.learnOwner(r.owner, r.seq))
		p.known = r.owner
		if p.b.owner != r.owner {
			p.gone()
			return
		}
		p.say("met %s", r.owner)
		if p.r.IntN(4) == 0 {
			p.handleSignal() // in between
		}
		p.notify()
	case r.gone:
		p.b.failed(r.ticket)
		p.tidy()
		if waited {
			p.gone()
		}
	default:
		events, here := p.b.landed(r.ticket, Message{Tag: "low", About: r.about, Buttons: []Button{{Key: "seen " + r.about}}}, r.id, r.seq)
		p.say("%q landed, here %v", r.about, here)
		p.tidy()
		p.hear(events)
		switch {
		case !waited:
		case here:
			p.done(true)
		default:
			p.gone()
		}
	}
}

func (p *play) handleSignal() {
	if len(p.signals) == 0 {
		return
	}
	s := p.signals[0]
	p.signals = p.signals[1:]
	p.say("signal %s %v", s.Name, s.Body)
	events := p.b.signal(s)
	p.tidy()
	p.hear(events)
}

func (p *play) tidy() {
	for _, id := range p.b.excess() {
		p.calls = append(p.calls, modelCall{to: p.b.owner, id: id})
	}
}

func (p *play) hear(events []Event) {
	for _, e := range events {
		p.say("event %+v", e)
	}
	p.events = append(p.events, events...)
}
