package libretest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const (
	tokenLife = 180 * 24 * time.Hour
	stepLife  = time.Hour // of a ticket that only serves to accept terms

	// Three failures within a minute lock the account for five.
	lockFailures = 3
	lockInterval = 60 * time.Second
	lockFor      = 300 * time.Second
)

// account is the follower.
type account struct {
	id, hash string
	country  string
	key      []byte // signs tokens
	serial   int64  // of the last token
	revoked  int64  // tokens up to this serial are refused
	failures []time.Time
	locked   time.Time
}

func newAccount(o Options, now time.Time) account {
	id := uuid(o.Seed, 9)
	sum := sha256.Sum256([]byte(id))
	key := sha256.Sum256(fmt.Appendf(nil, "token key %d", o.Seed))
	// Serials start with the time so that a server started anew neither repeats
	// nor refuses the tokens of the one before.
	return account{id: id, hash: hex.EncodeToString(sum[:]), country: "GB", key: key[:], serial: now.UnixMicro()}
}

// claims is the payload of a token. The one for a pending step also holds the
// e-mail address, as the real one does.
type claims struct {
	ID        string `json:"id"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
	Country   string `json:"country"`
	Region    string `json:"region"`
	Role      string `json:"role"`
	Email     string `json:"email,omitempty"`
	Units     int    `json:"units"`
	Practices []any  `json:"practices"`
	C         int    `json:"c"`
	S         string `json:"s"`
	Step      int    `json:"step,omitempty"` // pending steps left, for us
	Serial    int64  `json:"jti"`
	Expires   int64  `json:"exp"`
}

var b64 = base64.RawURLEncoding

func (a *account) sign(c claims) string {
	body, err := json.Marshal(c)
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	text := b64.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + b64.EncodeToString(body)
	return text + "." + b64.EncodeToString(a.mac(text))
}

func (a *account) mac(text string) []byte {
	h := hmac.New(sha256.New, a.key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// verify returns the claims of a token that is ours, not expired and not revoked.
func (a *account) verify(token string, now time.Time) (claims, bool) {
	var c claims
	cut := strings.LastIndexByte(token, '.')
	if cut < 0 {
		return c, false
	}
	text := token[:cut]
	_, payload, ok := strings.Cut(text, ".")
	sent, err := b64.DecodeString(token[cut+1:])
	if !ok || err != nil || !hmac.Equal(sent, a.mac(text)) {
		return c, false
	}
	body, err := b64.DecodeString(payload)
	if err != nil || json.Unmarshal(body, &c) != nil {
		return c, false
	}
	return c, now.Unix() < c.Expires && c.Serial > a.revoked
}

// issue makes a ticket. Steps above zero makes one that only continues a
// sign-in.
func (s *Server) issue(x *exchange, life time.Duration, steps int) obj {
	s.account.serial++
	c := claims{
		ID: s.account.id, FirstName: "Sam", LastName: "Follower", Country: s.account.country,
		Region: x.region, Role: "patient", Units: s.people[0].unit(), Practices: []any{}, C: 1,
		S: x.r.Header.Get("product"), Step: steps, Serial: s.account.serial, Expires: x.now.Add(life).Unix(),
	}
	if steps > 0 {
		c.Email = s.o.Email
	}
	return obj{"token": s.account.sign(c), "expires": c.Expires, "duration": life.Milliseconds()}
}

func (s *Server) life() time.Duration {
	if s.script.tokenLife > 0 {
		return s.script.tokenLife
	}
	return tokenLife
}

// login answers POST /llu/auth/login.
func (s *Server) login(x *exchange) *answer {
	var sent struct{ Email, Password *string }
	if json.Unmarshal(x.body, &sent) != nil || sent.Email == nil || sent.Password == nil {
		return reply(http.StatusBadRequest, obj{"message": "Bad Request"})
	}
	a := &s.account
	if x.now.Before(a.locked) {
		// Trying again renews the lock: why a client must wait and not poll.
		a.locked = x.now.Add(lockFor)
		return lockedAnswer(http.StatusOK)
	}
	if s.script.refuse != "" || !strings.EqualFold(strings.TrimSpace(*sent.Email), s.o.Email) || *sent.Password != s.o.Password {
		return s.refuse(x)
	}
	a.failures = nil
	if region, ok := s.redirected(x); ok {
		return reply(http.StatusOK, obj{"status": 0, "data": obj{"redirect": true, "region": region}})
	}
	return s.admit(x, len(s.pending()))
}

func (s *Server) refuse(x *exchange) *answer {
	a := &s.account
	recent := []time.Time{x.now}
	for _, t := range a.failures {
		if x.now.Sub(t) < lockInterval {
			recent = append(recent, t)
		}
	}
	a.failures = recent
	if len(recent) >= lockFailures {
		a.failures, a.locked = nil, x.now.Add(lockFor)
	}
	message := s.script.refuse
	if message == "" {
		message = "notAuthenticated"
	}
	return reply(http.StatusOK, obj{"status": 2, "error": obj{"message": message}})
}

func lockedAnswer(code int) *answer {
	return reply(code, obj{"status": 429, "data": obj{
		"code": 60, "message": "locked",
		"data": obj{"failures": lockFailures, "interval": int(lockInterval.Seconds()), "lockout": int(lockFor.Seconds())},
	}})
}

// home is the region the account lives in, "" if anywhere.
func (s *Server) home() string {
	if s.script.home != "" {
		return s.script.home
	}
	return s.o.Region
}

// redirected tells where a sign-in has to go instead.
func (s *Server) redirected(x *exchange) (string, bool) {
	home := s.home()
	if s.script.redirect != nil {
		return s.script.redirect(x.region), true
	}
	if home == "" || x.region == home {
		return "", false
	}
	if x.region == "" {
		// All hosts are one: the first sign-in is redirected, the next served.
		s.state.redirects++
		return home, s.state.redirects%2 == 1
	}
	return home, true
}

// misplaced reports a request for data at another region's host.
func (s *Server) misplaced(x *exchange) bool {
	home := s.home()
	return home != "" && x.region != "" && x.region != home
}

// pending are the steps the account has to take before it is let in.
func (s *Server) pending() []string {
	return s.script.steps[min(s.state.accepted, len(s.script.steps)):]
}

// admit is a sign-in that came through, or its next step.
func (s *Server) admit(x *exchange, steps int) *answer {
	if steps == 0 {
		var invitations []string
		if s.script.invited {
			invitations = []string{s.people[0].ID}
		}
		return reply(http.StatusOK, obj{"status": 0, "data": obj{
			"user":               s.userObject(),
			"messages":           obj{"unread": 0},
			"notifications":      obj{"unresolved": 0},
			"authTicket":         s.issue(x, s.life(), 0),
			"invitations":        invitations,
			"trustedDeviceToken": "",
		}})
	}
	kind := s.script.steps[len(s.script.steps)-steps]
	step := obj{"type": kind, "componentName": "AcceptDocument"}
	switch kind {
	case "tou":
		step["props"] = obj{"reaccept": true, "titleKey": "Common.termsOfUse", "type": "tou"}
	case "pp":
		step["props"] = obj{"reaccept": true, "titleKey": "Common.privacyPolicy", "type": "pp"}
	case "verifyEmail":
		step["componentName"], step["props"] = "VerifyEmail", obj{"email": s.o.Email}
	default:
		step["componentName"], step["props"] = "Unknown", obj{}
	}
	return reply(http.StatusOK, obj{"status": 4, "data": obj{
		"step":       step,
		"user":       obj{"accountType": "pat", "country": s.account.country, "uiLanguage": "en-GB"},
		"authTicket": s.issue(x, stepLife, steps),
	}})
}

// proceed answers POST /auth/continue/{step}.
func (s *Server) proceed(x *exchange) *answer {
	pending := s.pending()
	if x.id != "tou" && x.id != "pp" {
		return notFound() // an e-mail address is verified by its link only
	}
	c, ok := s.account.verify(x.token(), x.now)
	if !ok || c.Step == 0 {
		return badToken()
	}
	if len(pending) == 0 || pending[0] != x.id {
		return reply(http.StatusBadRequest, obj{"message": "Bad Request"})
	}
	s.state.accepted++
	return s.admit(x, len(pending)-1)
}

func (s *Server) userObject() obj {
	at := s.started.Add(-90 * 24 * time.Hour).Unix()
	unit := fmt.Sprint(s.units(s.people[0]))
	return obj{
		"id": s.account.id, "firstName": "Sam", "lastName": "Follower", "email": s.o.Email,
		"country": s.account.country, "uiLanguage": "en-GB", "communicationLanguage": "en-GB", "accountType": "pat",
		"uom": unit, "dateFormat": "1", "timeFormat": "1", "emailDay": []int{1},
		"system":  obj{"messages": obj{"firstUsePhoenix": at, "lvWebPostRelease": "3.9.47"}},
		"details": obj{}, "created": at, "lastLogin": s.started.Unix(), "dateOfBirth": 315532800,
		"twoFactor": obj{"primaryMethod": "", "primaryValue": "", "secondaryMethod": "", "secondaryValue": ""},
		"programs":  obj{}, "practices": obj{}, "devices": obj{},
		"consents": obj{"llu": obj{"policyAccept": at, "touAccept": at}},
	}
}

// authorize makes the checks of an authenticated call, in the service's order;
// nil is through.
func (s *Server) authorize(x *exchange) *answer {
	if a := checkApp(x); a != nil {
		return a
	}
	minimum := s.o.MinimumVersion
	if s.script.minimum != "" {
		minimum = s.script.minimum
	}
	if older(x.r.Header.Get("version"), minimum) {
		return reply(http.StatusForbidden, obj{"data": obj{"minimumVersion": minimum}, "status": 920})
	}
	if got := x.r.Header.Get("Account-Id"); got != s.account.hash {
		// What a wrong one gets is not known; this way a test sees it at once.
		return reply(http.StatusBadRequest, obj{"message": "RequiredHeaderMissing"})
	}
	c, ok := s.account.verify(x.token(), x.now)
	if !ok && s.script.expiry != "" {
		return reply(http.StatusUnauthorized, obj{"message": s.script.expiry})
	}
	if !ok || c.Step != 0 || len(s.pending()) > 0 {
		return badToken()
	}
	x.claims = c
	return nil
}

func checkApp(x *exchange) *answer {
	product, version := x.r.Header.Get("product"), x.r.Header.Get("version")
	switch {
	case product == "" || version == "":
		return reply(http.StatusBadRequest, obj{"message": "RequiredHeaderMissing"})
	case product != "llu.android" && product != "llu.ios":
		return reply(http.StatusBadRequest, obj{"message": "ProductMismatch"})
	}
	return nil
}

func badToken() *answer {
	return reply(http.StatusUnauthorized, obj{"message": "invalid or expired jwt"})
}

func notFound() *answer { return reply(http.StatusNotFound, obj{"message": "Not Found"}) }

// older reports whether version a comes before b; what is no version comes
// before all.
func older(a, b string) bool {
	var x, y [3]int
	if n, _ := fmt.Sscanf(a, "%d.%d.%d", &x[0], &x[1], &x[2]); n < 2 {
		return true
	}
	_, _ = fmt.Sscanf(b, "%d.%d.%d", &y[0], &y[1], &y[2])
	for i := range x {
		if x[i] != y[i] {
			return x[i] < y[i]
		}
	}
	return false
}
