package chaos

import (
	"slices"
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
