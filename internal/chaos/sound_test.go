package chaos

import (
	"slices"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/notify"
)

// sounding is a loud alarm whose sound has not been heard yet.
type sounding struct {
	kind string
	at   time.Time // bubble
}

// played is a sound that belongs to no alarm yet.
type played struct {
	sound notify.Sound
	at    time.Time // bubble
}

// soundWithin is how late the sound of an alarm may come: a desktop that hangs
// holds up each message for five seconds, and there may be some.
const soundWithin = 25 * time.Second

// shouldSound notes an alarm that is loud by the settings of all worlds.
func (o *oracle) shouldSound(kind string) {
	if kind != "urgent_low" && kind != "low" {
		return
	}
	o.sounds = append(o.sounds, sounding{kind, time.Now()})
	o.match()
}

// sounded: a sound was played, or tried in vain, which the program knows then.
func (o *oracle) sounded(s notify.Sound) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.played = append(o.played, played{s, time.Now()})
	o.match()
}

// match takes sounds and alarms together. Within a moment either may be first,
// as different goroutines tell of them.
func (o *oracle) match() {
	o.played = slices.DeleteFunc(o.played, func(p played) bool { return time.Since(p.at) > time.Second })
	for _, pair := range [][2]string{
		{"urgent_low", string(notify.SoundUrgent)}, {"low", string(notify.SoundLow)},
		{"low", string(notify.SoundUrgent)}, // one that nobody answers
	} {
		i := slices.IndexFunc(o.sounds, func(s sounding) bool { return s.kind == pair[0] })
		j := slices.IndexFunc(o.played, func(p played) bool { return string(p.sound) == pair[1] })
		if i >= 0 && j >= 0 {
			o.sounds, o.played = slices.Delete(o.sounds, i, i+1), slices.Delete(o.played, j, j+1)
			o.counts["sound"]++
		}
	}
}

// hears: no sound is late.
func (o *oracle) hears() {
	o.sounds = slices.DeleteFunc(o.sounds, func(s sounding) bool {
		switch late := time.Since(s.at); {
		case s.at.Before(o.began):
			return true // the next life may say it again, and sounds then
		case late < soundWithin || s.at.Before(o.woke) && time.Since(o.woke) < soundWithin:
			return false
		}
		o.breaks("a %s was raised %s ago and not heard", s.kind, time.Since(s.at).Round(time.Second))
		return true
	})
}

// heard: a message reached the screen. One that was only put back there made no
// sound, and tells nothing new.
func (o *oracle) heard(m notify.Message, putBack bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if strings.Contains(m.Title, "no longer shares") {
		for _, b := range o.books {
			if len(o.w.lines) > 1 && o.w.names[b.id] != "" {
				b.gone = b.gone || strings.Contains(m.Title, o.w.names[b.id])
				continue
			}
			if strings.HasSuffix(m.Tag, b.id) || len(o.books) > 1 && strings.Contains(m.Title, "Robin") == (o.w.curves[b.id] == nil) {
				b.gone = true
			}
		}
	}
	if len(m.Buttons) == 0 || putBack {
		return
	}
	kind, ok := strings.CutPrefix(m.Buttons[0].Key, "seen ")
	if !ok {
		return
	}
	for _, t := range slices.Backward(o.titles) {
		if t.kind == kind && strings.HasPrefix(t.text, strings.TrimSuffix(m.Title, ".")) {
			o.owners[m.Tag] = t.person
			break
		}
	}
	if ids := o.named(m.Title); len(ids) > 1 {
		o.owners[m.Tag] = strings.Join(ids, " ") // and another number of minutes
	}
	if strings.Contains(m.Title, "everyone") {
		o.owners[m.Tag] = "" // tried again it may tell another age than at first
	}
	owner, known := o.owners[m.Tag]
	if kind == "needs_you" {
		for _, a := range o.w.lines {
			if len(o.w.lines) == 1 || !known || owner == "" || slices.ContainsFunc(strings.Fields(owner), func(id string) bool { return a.people[id] }) {
				a.needsHeard = time.Now()
			}
		}
	}
	for _, b := range o.books {
		if !known || owner == "" || strings.Contains(owner, b.id) {
			b.heard[kind] = heard{time.Now(), b.newest.Time}
		}
	}
	o.tell("heard %s of %q", kind, owner)
}
