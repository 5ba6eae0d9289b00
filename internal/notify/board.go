//go:build !windows && !darwin

package notify

import (
	"slices"

	"github.com/godbus/dbus/v5"
)

// The notification service's names on the bus.
const (
	serverName  = "org.freedesktop.Notifications"
	serverPath  = dbus.ObjectPath("/org/freedesktop/Notifications")
	busName     = "org.freedesktop.DBus"
	sigOwner    = busName + ".NameOwnerChanged"
	sigInvoked  = serverName + ".ActionInvoked"
	sigClosed   = serverName + ".NotificationClosed"
	dismissed   = uint32(2) // the reason for a closing that is the user's doing
	maxEarly    = 64        // signals kept for ids not known yet
	maxForgiven = 32        // closed bubbles remembered
	maxFormer   = 8         // bubbles remembered that one took the place of
)

// bubble is one notification as the server has it.
type bubble struct {
	tag      string
	about    string
	seq      uint64 // of the Send or Withdraw that made it so
	id       uint32 // 0 while nothing of this tag is on the screen
	keys     map[string]bool
	resident bool
	closed   bool
	owed     bool // to be closed, unless a message under way takes its place

	at     dbus.Sequence // of the reply
	former *bubble       // the one it took the place of; what came of the id before the reply is about that one
}

// forget leaves so many of those that a bubble took the place of.
func (c *bubble) forget(leave int) {
	for ; c != nil; c, leave = c.former, leave-1 {
		if leave == 0 {
			c.former = nil
		}
	}
}

// board knows which of our messages are on the screen, from the replies and
// signals of the server that owns the name now. It does no I/O, so that
// anything a neighbour on the bus may send can be tried on it.
type board struct {
	owner   string        // unique name of the server, "" when there is none
	asOf    dbus.Sequence // of the newest word about the owner
	era     int           // changes with the owner; ids of another era mean nothing
	seq     uint64
	tags    map[string]*bubble
	ids     map[uint32]*bubble
	old     []uint32       // closed ids still in ids, oldest first
	pending int            // Notify calls without a reply
	claims  map[uint32]int // of them, by the id they are to replace
	early   []*dbus.Signal // for ids that a pending reply may bring
	surplus []uint32       // ids to be closed by whoever has the connection
}

func newBoard() *board {
	return &board{tags: map[string]*bubble{}, ids: map[uint32]*bubble{}, claims: map[uint32]int{}}
}

// ticket is a message under way to the server.
type ticket struct {
	seq      uint64
	era      int
	owner    string
	replaces uint32
}

// begin registers a message that is about to be sent.
func (b *board) begin(tag string) ticket {
	b.seq++
	b.pending++
	t := ticket{seq: b.seq, era: b.era, owner: b.owner}
	if cur := b.tags[tag]; cur != nil && cur.id != 0 && !cur.closed {
		t.replaces = cur.id
		b.claims[cur.id]++
	}
	return t
}

// failed ends a message that got no id.
func (b *board) failed(t ticket) {
	if b.pending--; b.pending == 0 {
		b.early = nil
	}
	if t.replaces == 0 || t.era != b.era {
		return
	}
	if b.claims[t.replaces]--; b.claims[t.replaces] > 0 {
		return
	}
	delete(b.claims, t.replaces)
	if old := b.ids[t.replaces]; old != nil && old.owed {
		old.owed = false
		b.surplus = append(b.surplus, t.replaces)
	}
}

// landed puts the message the server gave this id to on the board, makes sure
// that one notification a tag remains, and returns what happened to the new one
// before its id was known here. It is not here when its server went away
// before the reply was handled: nobody shows it then.
func (b *board) landed(t ticket, m Message, id uint32, at dbus.Sequence) (events []Event, here bool) {
	defer b.failed(t)
	if t.era != b.era {
		return nil, false
	}
	cur := b.tags[m.Tag]
	if cur != nil && cur.seq > t.seq {
		// A slow server answered after a newer message or a withdrawal.
		if cur.id != id {
			b.surplus = append(b.surplus, id)
		}
		return nil, true
	}
	if cur != nil && cur.id != 0 && cur.id != id && !cur.closed {
		b.retire(cur) // and not forgotten: it may have been answered before
		b.takeDown(cur)
	}
	next := &bubble{
		tag: m.Tag, about: m.About, seq: t.seq, id: id, resident: m.Resident, keys: map[string]bool{}, at: at, former: b.ids[id],
	}
	next.forget(maxFormer)
	for _, button := range m.Buttons {
		next.keys[button.Key] = true
	}
	b.tags[m.Tag], b.ids[id] = next, next
	early := b.early
	b.early = nil
	for _, s := range early {
		events = append(events, b.signal(s)...)
	}
	return events, true
}

// excess hands over the ids that must be closed.
func (b *board) excess() []uint32 {
	ids := b.surplus
	b.surplus = nil
	return ids
}

// withdraw takes a tag off the board and returns the id to close, 0 for none.
func (b *board) withdraw(tag string) uint32 {
	cur := b.tags[tag]
	if b.pending > 0 {
		b.seq++ // outlives a reply still under way
		b.tags[tag] = &bubble{tag: tag, seq: b.seq}
	} else {
		delete(b.tags, tag)
	}
	if cur == nil || cur.id == 0 || cur.closed {
		return 0
	}
	delete(b.ids, cur.id)
	return cur.id
}

// learnOwner notes who the server is, from a message of the bus. Replies and
// signals are handled by different goroutines, so an older one may come last.
func (b *board) learnOwner(name string, at dbus.Sequence) []Event {
	if at < b.asOf {
		return nil
	}
	b.asOf = at
	return b.setOwner(name)
}

// setOwner begins a new era if the server is another one: it knows nothing of
// what the former one showed, and starts its ids anew.
func (b *board) setOwner(name string) []Event {
	if name == b.owner {
		return nil
	}
	b.owner = name
	b.era++
	var events []Event
	for _, cur := range b.tags {
		if cur.id != 0 && !cur.closed {
			events = append(events, Event{Tag: cur.tag, About: cur.about, Closed: true, Lost: true})
		}
	}
	clear(b.tags)
	clear(b.ids)
	clear(b.claims)
	b.old, b.early, b.surplus = nil, nil, nil
	return events
}

// signal takes any signal that reaches the connection. Everybody on the bus
// can send one here, with any name and body, so nothing about it is assumed
// and only the server's own count.
func (b *board) signal(s *dbus.Signal) []Event {
	if s == nil {
		return nil
	}
	if s.Name == sigOwner {
		if s.Sender != busName || len(s.Body) < 3 {
			return nil
		}
		name, ok1 := s.Body[0].(string)
		owner, ok2 := s.Body[2].(string)
		if !ok1 || !ok2 || name != serverName {
			return nil
		}
		return b.learnOwner(owner, s.Sequence)
	}
	if s.Sender == "" || s.Sender != b.owner || s.Path != serverPath || len(s.Body) < 2 {
		return nil
	}
	id, ok := s.Body[0].(uint32)
	if !ok {
		return nil
	}
	cur := b.ids[id]
	if cur == nil {
		b.keep(s)
		return nil
	}
	replaced := false
	for cur.former != nil && s.Sequence < cur.at {
		cur, replaced = cur.former, true
	}
	switch s.Name {
	case sigInvoked:
		key, ok := s.Body[1].(string)
		if !ok || !cur.keys[key] {
			if b.claims[id] > 0 {
				b.keep(s)
			}
			return nil
		}
		cur.keys[key] = false // GNOME says it four times
		if !cur.resident && !cur.closed && !replaced {
			// dunst leaves it on the screen when the button was chosen from
			// its menu. Retired now, so that the next message of the tag does
			// not take over an id that is about to be closed.
			b.retire(cur)
			b.takeDown(cur)
		}
		return []Event{{Tag: cur.tag, About: cur.about, Button: key}}
	case sigClosed:
		reason, ok := s.Body[1].(uint32)
		if !ok || cur.closed {
			return nil
		}
		if cur.closed = true; !replaced {
			b.retire(cur)
		}
		return []Event{{Tag: cur.tag, About: cur.about, Closed: true, ByUser: reason == dismissed}}
	}
	return nil
}

// takeDown has a bubble closed, unless a message under way may have taken its
// place: that one would be closed in its stead.
func (b *board) takeDown(cur *bubble) {
	if b.claims[cur.id] > 0 {
		cur.owed = true
		return
	}
	b.surplus = append(b.surplus, cur.id)
}

// keep puts by a signal that may be about a message whose reply is not handled yet.
func (b *board) keep(s *dbus.Signal) {
	if b.pending > 0 && len(b.early) < maxEarly {
		b.early = append(b.early, s)
	}
}

// retire marks a bubble closed but keeps it for a while: the specification
// does not say whether a press or the closing it causes is told first.
func (b *board) retire(cur *bubble) {
	cur.closed = true
	if b.tags[cur.tag] == cur && b.pending == 0 {
		delete(b.tags, cur.tag)
	}
	b.old = append(b.old, cur.id)
	if len(b.old) > maxForgiven {
		gone := b.old[0]
		b.old = slices.Delete(b.old, 0, 1)
		if was := b.ids[gone]; was != nil && was.closed {
			delete(b.ids, gone)
		}
	}
}
