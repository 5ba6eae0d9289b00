package chaos

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/tray"
)

// oracle keeps books of its own about what the program was told and what it
// did, and says where it broke a promise. It knows the rules as alarms.md and
// the documents have them, and uses none of the program's code to judge.
//
// Times are the bubble's, as the computer's monotonic clock would tell them,
// unless they are called truth or wall.
type oracle struct {
	w  *world
	mu sync.Mutex

	broken []string
	story  []string // what happened, newest last

	books map[string]*book
	view  *tray.View // on the screen
	first bool       // the next view is the first of a life

	life      *life
	began     time.Time // of the life
	woke      time.Time // the computer resumed
	stepped   time.Time // the wall clock was set
	back      time.Time // it was set back
	deskSince time.Time // messages arrive since then; zero: they don't
	changed   time.Time // the settings
	full      time.Time // the disk was, last

	titles []title
	sounds []sounding
	played []played
	owners map[string]string // of tags: IDs; "" is everybody
	said   map[string]time.Time
	deaths []time.Time

	counts map[string]int
}

// title is what an alarm's message will say, and of whom: IDs, "" for everybody.
type title struct{ text, kind, person string }

// book is what is known of one person.
type book struct {
	id       string
	newest   glucose.Reading
	at       time.Time           // when it was received
	data     time.Time           // when one was received that may be data at all
	fresh    time.Time           // and one that is by any limit
	past     []glucose.Reading   // of the last hour, oldest first
	got      []time.Time         // when they were received
	low      map[string]*stretch // of low and urgent_low
	high     above
	anew     time.Time            // when readings came after a gap: alarms are armed anew
	below    time.Time            // since when readings are below the low limit, zero if the newest is not
	over     time.Time            // and above the high one
	heard    map[string]heard     // by kind
	answered map[string]time.Time // by kind
	snoozed  map[string]time.Time // until, truth
	kept     time.Time            // the newest reading known to be stored
	shown    glucose.Reading      // newest ever on the screen
	stored   []glucose.Reading    // all that were on the screen, and in the store then
	wrong    map[time.Time]bool   // readings that the phone's clock had dated in the future
	unsure   bool                 // it was shown as not stored
	gone     bool                 // shares no longer, and that was said
}

// stretch is a time below a limit.
type stretch struct {
	began time.Time // bubble
	first time.Time // before any gap: an answer holds over one
	back  time.Time // reading from which on it is above
	on    bool      // the newest reading is below
	mark  time.Time // when the reading was received that is to be told
}

type heard struct {
	at      time.Time // bubble
	reading time.Time
}

func newOracle(w *world) *oracle {
	return &oracle{w: w, books: map[string]*book{}, owners: map[string]string{}, said: map[string]time.Time{}, deskSince: time.Now(), counts: map[string]int{}}
}

// breaks notes a broken promise.
func (o *oracle) breaks(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	o.tell("BROKEN: %s", text)
	if len(o.broken) < 5 {
		o.broken = append(o.broken, text)
	}
}

func (o *oracle) tell(format string, args ...any) {
	line := fmt.Sprintf("%s %s", o.w.truth().Format("01-02 15:04:05.0"), fmt.Sprintf(format, args...))
	if o.story = append(o.story, line); len(o.story) > 4000 {
		o.story = o.story[2000:]
	}
}

// tell is for everybody else.
func (w *world) tell(format string, args ...any) {
	w.o.mu.Lock()
	defer w.o.mu.Unlock()
	w.o.tell(format, args...)
}

func (o *oracle) book(id string) *book {
	b := o.books[id]
	if b == nil {
		b = &book{id: id, low: map[string]*stretch{"low": {}, "urgent_low": {}}, heard: map[string]heard{}, answered: map[string]time.Time{}, snoozed: map[string]time.Time{}, wrong: map[time.Time]bool{}}
		o.books[id] = b
	}
	return b
}

// wall is the program's clock.
func (o *oracle) wall() time.Time { return o.w.clock.Now().Round(0) }

func (o *oracle) started(l *life) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.life, o.began, o.first = l, time.Now(), true
	o.view, o.sounds, o.played = nil, nil, nil
	for _, a := range o.w.lines {
		a.asked, a.answeredAt, a.connect, a.fault = time.Time{}, time.Time{}, time.Time{}, nil
		a.extras = append(a.extras, o.w.truth(), o.w.truth()) // the first, and one for the history
	}
	clear(o.owners)
}

func (o *oracle) ended() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.life, o.view = nil, nil
}

func (o *oracle) died(*life) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.tell("killed")
	o.life, o.view = nil, nil
	o.deaths = append(o.deaths, time.Now())
}

// receive: the program was given a current reading.
func (o *oracle) receive(a *line, b *book, r glucose.Reading) {
	o.counts["answer"]++
	wall := o.wall()
	age := wall.Sub(r.Time)
	if c := o.w.curves[b.id]; c != nil && a.server.Scenario() == "ok" && o.w.wrong() == 0 && r.Limit == glucose.LimitNone && !o.w.lately("future_clock") && int(r.Value) != c.at(r.Time) {
		o.breaks("the client reads %d at %s, the sensor gave %d", r.Value, r.Time, c.at(r.Time))
	}
	if age < -5*time.Minute {
		o.breaks("the client passes on a reading that is %s ahead", -age)
	}
	if a.server.Scenario() == "future_clock" {
		b.wrong[r.Time] = true
	}
	if b.newest.Time.Sub(wall) > 5*time.Minute {
		b.newest = glucose.Reading{} // by a wrong clock
	}
	if !r.Time.After(b.newest.Time) {
		return
	}
	o.counts["reading"]++
	gap := r.Time.Sub(b.newest.Time)
	b.newest, b.at = r, time.Now()
	if age < o.noDataAfter() {
		b.data = time.Now()
	}
	if age < 20*time.Minute {
		b.fresh = time.Now() // whatever step the program takes the feed for
	}
	b.past, b.got = append(b.past, r), append(b.got, time.Now())
	if len(b.past) > 70 {
		b.past, b.got = b.past[1:], b.got[1:]
	}
	if gap > 16*time.Minute {
		b.anew = time.Now()
	}
	o.above(b, r, gap, age)
	v := value(r)
	o.beyond(b, v, age)
	o.tell("%s gets %d, %s old", b.name(), v, age.Round(time.Second))
	for kind, limit := range map[string]int{"urgent_low": int(o.w.set.UrgentLow.Limit), "low": int(o.w.set.Low.Limit)} {
		s := b.low[kind]
		if gap > 40*time.Minute {
			*s = stretch{first: s.first} // what happened meanwhile is not known: it is new
		}
		switch {
		case v >= limit:
			if s.back.IsZero() {
				s.back = r.Time
			}
			s.on = false
			if r.Time.Sub(s.back) >= 16*time.Minute+o.w.step {
				*s = stretch{back: s.back}
			}
		default:
			// Older ones need not be told, but may be.
			s.on = age <= 10*time.Minute
			s.back, s.mark = time.Time{}, time.Now()
			if s.began.IsZero() {
				s.began = time.Now()
			}
			if s.first.IsZero() {
				s.first = s.began
			}
			o.counts["below "+kind]++
		}
	}
}

// noDataAfter is the age at which no data is said.
func (o *oracle) noDataAfter() time.Duration {
	if o.w.step == 15*time.Minute {
		return 35 * time.Minute
	}
	return 20 * time.Minute
}

func (b *book) name() string { return "person " + b.id[7:8] }

func value(r glucose.Reading) int {
	switch r.Limit {
	case glucose.LimitLow:
		return 39
	case glucose.LimitHigh:
		return 501
	}
	return int(r.Value)
}

// decided: the program raises an alarm.
func (o *oracle) decided(a app.AlarmEvent) {
	o.mu.Lock()
	defer o.mu.Unlock()
	person := ""
	if a.Person != nil {
		person = a.Person.ID
	}
	o.counts["alarm "+a.Kind]++
	o.tell("alarm %s %s of %q", a.Kind, a.Reason, person)
	o.shouldSound(a.Kind)
	of := person
	if person == "" && len(o.w.lines) > 1 {
		of = strings.Join(o.named(a.Message), " ")
	}
	o.titles = append(o.titles, title{a.Message, a.Kind, of})
	if len(o.titles) > 20 {
		o.titles = o.titles[1:]
	}
	o.notTooOften(a.Kind, person, a.Reason, a.Message)
}

// apart is how far apart two alarms of a kind and person are at least: less
// would be the same thing said twice. Alarms about values go by the times of
// the readings, which may come half a minute early.
var apart = map[string]time.Duration{
	"urgent_low": 5*time.Minute - 45*time.Second,
	"low":        14 * time.Minute,
	"high":       14 * time.Minute,
	"still_high": 59 * time.Minute,
	"no_data":    18 * time.Minute,
	"low_soon":   14 * time.Minute,
}

// named are the IDs of who is called by name in a message.
func (o *oracle) named(text string) (ids []string) {
	for _, id := range slices.Sorted(maps.Keys(o.w.names)) {
		if strings.Contains(text, o.w.names[id]) {
			ids = append(ids, id)
		}
	}
	return ids
}

func (o *oracle) notTooOften(kind, person, reason, text string) {
	at := o.w.truth()
	mark := at
	if kind != "no_data" && person != "" {
		if mark = o.book(person).newest.Time; reason != "still" { // what was treated is said again by the clock
			at = mark
		}
	}
	key := kind + person
	if person == "" {
		key += strings.Join(o.named(text), " and ")
	}
	last, ok := o.said[key]
	o.said[key] = mark
	since := at.Sub(last)
	if !ok || since >= apart[kind] {
		return
	}
	if kind == "no_data" {
		if reason == "worse" {
			return // it gets louder by its age, and may have been silent at first
		}
		for _, b := range o.books {
			if (person == "" || b.id == person) && time.Since(b.data) <= since {
				return // there was data in between
			}
		}
		for _, a := range o.w.lines {
			if person == "" && reason == "first" && time.Since(a.well) <= since {
				return // it is another fault of all, and another of them whose data is missing
			}
		}
	}
	if person != "" && kind != "no_data" {
		b := o.book(person)
		unheard := b.heard[kind].reading.Before(last)
		if unheard && time.Since(o.began) < time.Minute {
			return // nor did one before the start
		}
		for _, r := range b.past {
			if !r.Time.After(last) {
				continue
			}
			// A low that turns into a high ends, and the other way round.
			if v := value(r); strings.Contains(kind, "low") && v > 250 || strings.Contains(kind, "high") && v < 70 {
				return
			}
			if unheard && o.noLonger(kind, value(r)) {
				return // no desktop took it
			}
		}
	}
	switch wrong := o.w.wrong(); {
	case wrong <= -5*time.Minute:
		return // the past comes round again
	case wrong >= 5*time.Minute && kind == "no_data":
		return // each value looks old and is news all the same
	}
	// On doubt an alarm is let through: when the clock was moved, the limits
	// were, or the program could not note what it had said.
	recent := func(t time.Time) bool { return !t.IsZero() && time.Since(t) <= since+20*time.Minute }
	if recent(o.full) || recent(o.stepped) || recent(o.changed) || len(o.deaths) > 0 && recent(o.deaths[len(o.deaths)-1]) {
		return
	}
	if kind == "no_data" && len(o.w.curves) > 1 && recent(o.began) {
		return // a program that starts in a fault can't know for whom it was said
	}
	o.breaks("%s of %q is said again after %s", kind, person, since.Round(time.Second))
}
