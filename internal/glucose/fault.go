package glucose

import (
	"errors"
	"time"

	"github.com/llutray/llutray/internal/lang"
)

// FaultKind names the link that is broken between a person and their number.
// The strings are fixed: scripts read them.
type FaultKind string

// The kinds of faults.
const (
	Offline       FaultKind = "offline"        // this computer has no network
	ServerError   FaultKind = "server_error"   // the service answers nonsense, or not at all
	Maintenance   FaultKind = "maintenance"    // the service says it is being worked on
	Throttled     FaultKind = "throttled"      // too many requests; Until is binding
	Locked        FaultKind = "locked"         // too many failed sign-ins; Until is binding
	Blocked       FaultKind = "blocked"        // a gatekeeper refuses this computer
	WrongPassword FaultKind = "wrong_password" // the user must act
	Terms         FaultKind = "terms"          // the user must act
	VerifyEmail   FaultKind = "verify_email"   // the user must act
	TooOld        FaultKind = "too_old"        // the service demands a newer program
	Closed        FaultKind = "closed"         // the interface is gone
	NotShared     FaultKind = "not_shared"     // nobody shares with this account
	ShareRevoked  FaultKind = "share_revoked"  // the person no longer shares
	NoSensor      FaultKind = "no_sensor"
	WarmingUp     FaultKind = "warming_up"
	SensorEnded   FaultKind = "sensor_ended"
	UploadDelayed FaultKind = "upload_delayed" // the person's phone has not uploaded
	ClockFault    FaultKind = "clock"          // this computer's clock and the readings disagree
	SignedOut     FaultKind = "signed_out"     // nobody has signed in yet, or signed out
)

// NeedsUser reports whether nothing will get better until the user acts.
func (k FaultKind) NeedsUser() bool {
	switch k {
	case WrongPassword, Terms, VerifyEmail, TooOld, Closed, SignedOut:
		return true
	}
	return false
}

// Fault is why there is no fresh number, written for people. It is an error,
// and the only error type a source of readings returns. It never holds a
// secret, a name or a glucose value.
type Fault struct {
	Kind    FaultKind
	Message string    // what is wrong, a sentence
	Hint    string    // what to do, a sentence; "" when there is nothing to do but wait
	Since   time.Time // when it began; set by the owner of the state, not by the source
	Until   time.Time // no request before this instant; zero when free
	SignIn  time.Time // no sign-in by itself before this instant, though other requests are free; zero when free
	Account string    // which of several accounts it is of; "" where there is one, and of what is no account's. Set like Since
	Err     error     `json:"-"` // the technical cause for a debug log, already free of secrets
}

// Error returns the message.
func (f *Fault) Error() string { return f.Message }

// Unwrap returns the technical cause.
func (f *Fault) Unwrap() error { return f.Err }

// AsFault finds the Fault in an error chain; an unknown error becomes a
// ServerError that does not repeat its text to the user.
func AsFault(err error) *Fault {
	if err == nil {
		return nil
	}
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return &Fault{
		Kind:    ServerError,
		Message: lang.T("LibreLinkUp could not be read."),
		Hint:    lang.T("llutray keeps trying; if it stays like this, look into the log."),
		Err:     err,
	}
}
