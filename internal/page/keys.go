package page

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"sync"
	"time"
)

// keys are who may see the page. A code opens it once and is of no use then;
// it stands in an address, which other programs on the computer may read. The
// session it is changed for stands in a cookie and is never written anywhere.
// A browser sends a cookie to every port of a computer, so each session has a
// place of its own, which its cookie is bound to: who serves another port does
// not know it, and never gets the cookie.
type keys struct {
	cookie string // its name; set before the first request

	mu       sync.Mutex
	codes    []code
	sessions []session // oldest first
	wrong    []time.Time
}

// secret is the hash of a code or a session, so that a comparison takes as
// long whatever it compares, and the memory holds nothing that opens the page.
type secret [sha256.Size]byte

func hash(s string) secret { return sha256.Sum256([]byte(s)) }

type code struct {
	secret  secret
	until   time.Time
	session secret // that it was changed for; zero before
	used    bool
}

type session struct{ place, secret secret }

const (
	codeLife    = time.Minute
	maxCodes    = 16
	maxSessions = 16
	// maxWrong codes within wrongTime, and further wrong ones are refused
	// unread. A right one is always taken: nobody may be locked out by others.
	maxWrong  = 8
	wrongTime = time.Minute
)

func random() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails, by its documentation
	return base64.RawURLEncoding.EncodeToString(b)
}

// code makes one that opens the page once.
func (k *keys) code(now time.Time) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	c := random()
	k.codes = append(k.codes, code{secret: hash(c), until: now.Add(codeLife)})
	if len(k.codes) > maxCodes {
		k.codes = k.codes[1:]
	}
	return c
}

// entry is what became of a code.
type entry int

const (
	wrongCode entry = iota
	tooMany         // wrong codes of late
	opened
)

// open changes a code for a session. A code that comes a second time ends the
// session of the first: one of the two who had it was not the user, and the
// user is told to open the page again.
func (k *keys) open(c string, now time.Time) (place, token string, e entry) {
	h := hash(c)
	k.mu.Lock()
	defer k.mu.Unlock()
	found := -1
	for i := range k.codes {
		if subtle.ConstantTimeCompare(k.codes[i].secret[:], h[:]) == 1 {
			found = i
		}
	}
	switch {
	case found < 0 || now.After(k.codes[found].until):
		return "", "", k.refuse(now)
	case k.codes[found].used:
		k.end(k.codes[found].session)
		return "", "", k.refuse(now)
	}
	place, token = random(), random()
	k.codes[found].used, k.codes[found].session = true, hash(token)
	k.sessions = append(k.sessions, session{hash(place), hash(token)})
	if len(k.sessions) > maxSessions {
		k.sessions = k.sessions[1:]
	}
	return place, token, opened
}

func (k *keys) refuse(now time.Time) entry {
	for len(k.wrong) > 0 && now.Sub(k.wrong[0]) > wrongTime {
		k.wrong = k.wrong[1:]
	}
	if len(k.wrong) >= maxWrong {
		return tooMany
	}
	k.wrong = append(k.wrong, now)
	return wrongCode
}

func (k *keys) end(s secret) {
	for i := range k.sessions {
		if k.sessions[i].secret == s {
			k.sessions = append(k.sessions[:i:i], k.sessions[i+1:]...)
			return
		}
	}
}

// admits reports whether a token is of a session that was opened, at its place.
func (k *keys) admits(place, token string) bool {
	p, h := hash(place), hash(token)
	k.mu.Lock()
	defer k.mu.Unlock()
	ok := 0
	for i := range k.sessions {
		ok |= subtle.ConstantTimeCompare(k.sessions[i].place[:], p[:]) & subtle.ConstantTimeCompare(k.sessions[i].secret[:], h[:])
	}
	return ok == 1
}
