// Package notify brings an alarm to a person: a notification on the desktop,
// with buttons where the desktop has them, and a sound.
//
// A notification is best effort on every desktop. An error from Send means it
// was certainly not shown in time; no error means the desktop took it, not
// that anybody saw it. Callers repeat an alarm until it is answered and show
// an undelivered one by other means too.
//
// The notification and the sound are delivered apart from each other, because
// a desktop that hangs must not keep the sound back, nor the other way round:
// Desktop.Send shows a Message, Player.Play is told its Sound.
package notify

import "github.com/llutray/llutray/internal/lang"

// Urgency is how hard a notification insists.
type Urgency int

// The urgencies, as the desktops know them.
const (
	Low      Urgency = iota // may be shown in passing and is not kept; GNOME never shows it
	Normal                  // kept among the day's notifications
	Critical                // stays on the screen until it is answered
)

// Sound names one of the program's own sounds, as the settings spell them.
type Sound string

// The sounds, mildest first.
const (
	SoundNone   Sound = "none"
	SoundSoft   Sound = "soft"   // two rising tones, for a high and for notices
	SoundLow    Sound = "low"    // three falling tones
	SoundUrgent Sound = "urgent" // falling tones, repeated and loud enough to wake
)

// Button is one answer offered with a notification.
type Button struct {
	Key   string // comes back in Event.Button; "default" is a click on the notification itself
	Label string // for people
	Short string // the same where there is little room, "" for no other
}

// Message is one notification.
type Message struct {
	Tag      string // a message replaces the former one of its tag
	About    string // what it is about, for the sender: comes back in Event.About
	Title    string
	Body     string // plain text, lines separated by \n
	Urgency  Urgency
	Sound    Sound // what goes with it; shown messages are silent, see Options.ServerSound
	Buttons  []Button
	Resident bool   // stays after a button was pressed, until withdrawn or closed
	Icon     []byte // PNG, nil for the program's own
}

// Event is what became of a notification. One press of a button is one event,
// however often the desktop reports it, and the closing that follows the press
// is part of it. A notification taken back with Withdraw causes none.
type Event struct {
	Tag    string
	About  string // of the message it happened to, which a newer one of the tag may be about to replace
	Button string // key of the button pressed, "" if none was
	Closed bool   // it is no longer on the screen
	ByUser bool   // closed by the user, not by time or because the desktop lost it
	Lost   bool   // closed because its notification service went away
}

// Status is what a desktop can do, for `llutray check`.
type Status struct {
	Via          string   // how messages travel: "D-Bus", "kdialog", "toast", ...
	Server       string   // who shows them, "" where that cannot be asked
	Version      string   // of the server
	Capabilities []string // as the server names them
	Actions      bool     // buttons work
	Sound        bool     // the server can sound
	Paused       bool     // the server holds notifications back: do not disturb
}

// Errors a caller may want to tell apart. Each says what to do.
var (
	ErrNoServer error = lang.Error("this desktop shows no notifications: install and start a notification service, for instance dunst")
	ErrNoBus    error = lang.Error("this session's D-Bus cannot be reached: start the program from within the desktop session")
	ErrHangs    error = lang.Error("the notification service does not answer: restart it, or log out and in again")
	ErrClosed   error = lang.Error("notifications are shut down")
)
