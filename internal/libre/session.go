package libre

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// Session is what a Client must remember over a restart. It is plain data to
// be stored as JSON and kept like a password, since it holds the token. The
// zero Session is that of a program that never signed in.
type Session struct {
	Region       string    `json:"region,omitempty"`  // where the account lives; "" is the global host
	Version      string    `json:"version,omitempty"` // of the vendor's app, when the service asked for a newer one
	Token        string    `json:"token,omitempty"`
	TokenExpires time.Time `json:"token_expires,omitzero"`
	AccountID    string    `json:"account_id,omitempty"` // the user's id
	Owner        string    `json:"owner,omitempty"`      // fingerprint of the e-mail address the token belongs to

	NotBefore time.Time `json:"not_before,omitzero"` // no request at all before this
	Held      string    `json:"held,omitempty"`      // why
	Holds     int       `json:"holds,omitempty"`     // how often in a row, for growing waits

	SignedIn       time.Time `json:"signed_in,omitzero"`         // last sign-in with the password
	NextSignIn     time.Time `json:"next_sign_in,omitzero"`      // no automatic one before this
	SignInHeld     string    `json:"sign_in_held,omitempty"`     // why
	SignInFailures int       `json:"sign_in_failures,omitempty"` // in a row, for growing waits

	Noted time.Time `json:"noted,omitzero"` // when the last of these waits began

	Salt    string `json:"salt,omitempty"`
	Refused string `json:"refused,omitempty"` // fingerprint of the credentials the service refused
}

const (
	// maxHold is the longest wait that is believed. A longer one is a broken
	// answer, or a clock that was far ahead when it was written down.
	maxHold = 24 * time.Hour

	// refusedRounds makes guessing from a stolen session file dear. It is
	// paid only after a refusal, some milliseconds a time, and what it
	// guards is a password that did not work.
	refusedRounds = 20_000

	// ticketSaveEvery spares the keyring: nearly every answer renews the
	// token, and the older ones stay valid.
	ticketSaveEvery = time.Hour
)

// moveWaits moves what is waited for with the clock.
func (s *Session) moveWaits(by time.Duration) {
	for _, t := range []*time.Time{&s.NotBefore, &s.NextSignIn, &s.Noted} {
		if !t.IsZero() {
			*t = t.Add(by)
		}
	}
}

// BelongsTo reports whether the session's token was got with this e-mail
// address. A program whose address changed outside its own sign-in has to
// call [Client.SignOut], or it would follow the former account.
func (s Session) BelongsTo(email string) bool {
	return s.Token != "" && s.owns(email)
}

func (s Session) owns(email string) bool {
	return s.Owner != "" && hmac.Equal([]byte(s.Owner), []byte(s.ownerOf(email)))
}

func (s Session) ownerOf(email string) string {
	mac := hmac.New(sha256.New, []byte(s.Salt))
	mac.Write([]byte(strings.ToLower(strings.TrimSpace(email))))
	return hex.EncodeToString(mac.Sum(nil))
}

// refusedPrint is the fingerprint of credentials. It needs a salt.
func (s Session) refusedPrint(cr Credentials) string {
	key, err := pbkdf2.Key(sha256.New, cr.Email+"\x00"+cr.Password, []byte(s.Salt), refusedRounds, sha256.Size)
	if err != nil {
		// Only a build restricted to approved parameters refuses these;
		// then nothing is remembered rather than something weak.
		return ""
	}
	return hex.EncodeToString(key)
}

func (s Session) wasRefused(cr Credentials) bool {
	return s.Refused != "" && hmac.Equal([]byte(s.Refused), []byte(s.refusedPrint(cr)))
}

func (s *Session) ensureSalt() {
	if s.Salt == "" {
		b := make([]byte, 16)
		_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
		s.Salt = hex.EncodeToString(b)
	}
}

func (s *Session) forgetAccount() {
	s.Token, s.TokenExpires, s.AccountID = "", time.Time{}, ""
	s.Owner, s.Region, s.SignedIn = "", "", time.Time{}
}

// accountHeader is the value of the Account-Id header: the hash of the id of
// the user who signed in, not of the person followed.
func (s Session) accountHeader() string {
	if s.AccountID == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(s.AccountID))
	return hex.EncodeToString(sum[:])
}

// heldAt is the fault that stands in for any request at now, or nil.
func (s Session) heldAt(now time.Time) *glucose.Fault {
	return standIn(s.NotBefore, reason(s.Held), reasonThrottled, now)
}

// signInHeldAt is the same for an automatic sign-in with the password.
func (s Session) signInHeldAt(now time.Time) *glucose.Fault {
	f := standIn(s.NextSignIn, reason(s.SignInHeld), reasonRenewal, now)
	if f != nil {
		// Until stays free: a sign-in the user asks for is not bound by
		// it, and neither is a request with a token that comes to life.
		f.Until, f.SignIn = time.Time{}, f.Until
	}
	return f
}

func standIn(until time.Time, r, fallback reason, now time.Time) *glucose.Fault {
	if wait := until.Sub(now); wait <= 0 || wait > maxHold {
		return nil
	}
	if _, known := texts[r]; !known {
		r = fallback
	}
	f := newFault(r, errWaiting)
	f.Until = until
	return f
}

// hold puts off every request and returns until when. told is the wait the
// service asked for, 0 if it did not: then it grows from one such answer to
// the next.
func (s *Session) hold(r reason, told time.Duration, now time.Time) time.Time {
	if s.Held != string(r) {
		s.Holds = 0
	}
	s.Held = string(r)
	s.Holds++
	s.NotBefore, s.Noted = now.Add(holdFor(r, told, s.Holds)), now
	return s.NotBefore
}

// holdFor tells how long the n-th answer in a row holds requests back.
func holdFor(r reason, told time.Duration, n int) time.Duration {
	if told > 0 && r != reasonLocked {
		return min(told, maxHold)
	}
	switch r {
	case reasonLocked:
		// Trying on the dot each time is what renews the lock for hours.
		if told <= 0 {
			told = 5 * time.Minute
		}
		return min(doubled(told, n, max(told, 30*time.Minute)), maxHold)
	case reasonBlocked:
		return doubled(15*time.Minute, n, time.Hour)
	case reasonPending:
		return doubled(5*time.Minute, n, time.Hour)
	}
	return doubled(5*time.Minute, n, 30*time.Minute)
}

// holdSignIn puts off automatic sign-ins after one that failed for r.
func (s *Session) holdSignIn(r reason, now time.Time) {
	var wait time.Duration
	switch kind := texts[r].kind; {
	case kind == glucose.Offline, r == reasonCancelled:
		return // no sign-in reached the service
	case r == reasonPassword:
		return // other credentials may be tried at once, these not at all
	case r == reasonRenewal:
		wait = 15 * time.Minute
	case kind.NeedsUser():
		wait = time.Hour
	default:
		s.SignInFailures++
		wait = doubled(time.Minute, s.SignInFailures, 15*time.Minute)
	}
	s.SignInHeld, s.NextSignIn, s.Noted = string(r), now.Add(wait), now
}

// doubled is first, doubled with each repetition, at most limit.
func doubled(first time.Duration, n int, limit time.Duration) time.Duration {
	for ; n > 1 && first < limit; n-- {
		first *= 2
	}
	return min(first, limit)
}

// settle forgets the waits once an answer was good.
func (s *Session) settle() {
	s.NotBefore, s.Held, s.Holds = time.Time{}, "", 0
}

// persist saves the session if something changed that is worth it. A failure
// is tried again with the next call and does not spoil the reading at hand.
func (c *Client) persist() {
	if c.session == c.saved {
		return
	}
	now := c.wall()
	ticketOnly := c.saved
	ticketOnly.Token, ticketOnly.TokenExpires = c.session.Token, c.session.TokenExpires
	if since := now.Sub(c.ticketSaved); c.session == ticketOnly && since >= 0 && since < ticketSaveEvery {
		return
	}
	if err := c.save(c.session); err != nil {
		c.log.Warn("the LibreLinkUp session could not be saved", "error", err)
		return
	}
	c.saved, c.ticketSaved = c.session, now
}

const redacted = "[redacted]"

// Format keeps the password out of whatever the credentials are printed to.
func (Credentials) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, redacted) }

// LogValue keeps the password out of logs.
func (Credentials) LogValue() slog.Value { return slog.StringValue(redacted) }

// Format keeps the token out of whatever the session is printed to.
func (Session) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, redacted) }

// LogValue keeps the token out of logs.
func (Session) LogValue() slog.Value { return slog.StringValue(redacted) }
