package libre

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"regexp"
	"strconv"
	"time"
)

// Only what is used is decoded: almost every other field of the interface has
// broken some strict client when it turned null or changed its type.

// decode reads JSON into v. A field of a wrong type is left empty and the
// rest still read; false means that it is no JSON at all.
func decode(data []byte, v any) bool {
	err := json.Unmarshal(data, v)
	var wrongType *json.UnmarshalTypeError
	return err == nil || errors.As(err, &wrongType)
}

// number is a JSON number, or one in a string; ok is false for all else.
type number struct {
	v  float64
	ok bool
}

// UnmarshalJSON never fails: what is no number is no value.
func (n *number) UnmarshalJSON(b []byte) error {
	*n = number{}
	s := string(b)
	if len(b) > 1 && b[0] == '"' {
		if json.Unmarshal(b, &s) != nil {
			return nil
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
		*n = number{f, true}
	}
	return nil
}

// int is the number if it is whole and small enough for any code or count.
func (n number) int() (int, bool) {
	if !n.ok || n.v != math.Trunc(n.v) || math.Abs(n.v) > 1<<40 {
		return 0, false
	}
	return int(n.v), true
}

// unix reads seconds since 1970, within the years a session can be stored
// with; anything else is the zero time.
func (n number) unix() time.Time {
	s, ok := n.int()
	if !ok || s <= 0 || s > 7_258_118_400 { // the year 2200
		return time.Time{}
	}
	return time.Unix(int64(s), 0).UTC()
}

// envelope is what every JSON answer has around its data, and the forms that
// errors come in.
type envelope struct {
	Status  number          `json:"status"`
	Data    json.RawMessage `json:"data"`
	Ticket  json.RawMessage `json:"ticket"`
	Reason  string          `json:"reason"`
	Message string          `json:"message"`
	Error   json.RawMessage `json:"error"`

	Signature json.RawMessage `json:"signature"`
	Code      number          `json:"code"`
	Errors    json.RawMessage `json:"errors"`
}

// parseEnvelope reads a JSON object; anything else is none.
func parseEnvelope(body []byte) (e envelope, ok bool) {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || body[0] != '{' || !decode(body, &e) {
		return envelope{}, false
	}
	return e, true
}

// message is the error's key word, of the gateway or of the service.
func (e envelope) message() string {
	var inner struct {
		Message string `json:"message"`
	}
	if decode(e.Error, &inner) && inner.Message != "" {
		return inner.Message
	}
	return e.Message
}

func (e envelope) minimumVersion() string {
	var d struct {
		MinimumVersion string `json:"minimumVersion"`
	}
	decode(e.Data, &d)
	return d.MinimumVersion
}

// lockout tells whether the answer is that of a locked account, and for how
// long it is; 0 when it does not say.
func (e envelope) lockout() (d time.Duration, locked bool) {
	var outer struct {
		Code    number `json:"code"`
		Message string `json:"message"`
		Data    struct {
			Lockout number `json:"lockout"`
		} `json:"data"`
	}
	decode(e.Data, &outer)
	code, _ := outer.Code.int()
	locked = code == 60 || outer.Message == "locked"
	if s := outer.Data.Lockout; locked && s.ok && s.v > 0 {
		d = time.Duration(math.Ceil(min(s.v, maxHold.Seconds()))) * time.Second
	}
	return d, locked
}

func (e envelope) hasData() bool {
	return len(e.Data) > 0 && !bytes.Equal(e.Data, []byte("null"))
}

var sealed = regexp.MustCompile(`^"[A-Za-z0-9+/=_-]+\.[A-Za-z0-9+/=_-]+\.[A-Za-z0-9+/=_-]+"$`)

// encrypted recognises the data of the interface that follows this one.
func (e envelope) encrypted() bool { return len(e.Signature) > 0 && sealed.Match(e.Data) }

// successor recognises the errors of the interface that follows this one.
func (e envelope) successor() bool {
	return e.Code.ok && !e.Status.ok && len(e.Errors) > 0 && e.Errors[0] == '['
}

type ticket struct {
	token   string
	expires time.Time
}

func readTicket(raw json.RawMessage) ticket {
	var w struct {
		Token   string `json:"token"`
		Expires number `json:"expires"`
	}
	decode(raw, &w)
	if !headerSafe(w.Token) {
		return ticket{}
	}
	return ticket{w.Token, w.Expires.unix()}
}

func (e envelope) ticket() ticket { return readTicket(e.Ticket) }

// headerSafe refuses a token that could not be sent back in a header.
func headerSafe(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

type wireLogin struct {
	Redirect bool   `json:"redirect"`
	Region   string `json:"region"`
	User     struct {
		ID string `json:"id"`
	} `json:"user"`
	AuthTicket  json.RawMessage `json:"authTicket"`
	Invitations json.RawMessage `json:"invitations"` // ids, null or absent
	Step        struct {
		Type string `json:"type"`
	} `json:"step"`
}

func loginOf(body []byte) (w wireLogin) {
	e, _ := parseEnvelope(body)
	decode(e.Data, &w)
	return w
}

func readLogin(body []byte) (t ticket, userID string) {
	w := loginOf(body)
	return readTicket(w.AuthTicket), w.User.ID
}

// readInvited tells whether somebody has invited the account and waits for its
// answer.
func readInvited(body []byte) bool {
	var ids []json.RawMessage
	decode(loginOf(body).Invitations, &ids)
	return len(ids) > 0
}

func readRedirect(body []byte) (region string, redirected bool) {
	w := loginOf(body)
	return w.Region, w.Redirect
}

func (e envelope) step() string {
	var w wireLogin
	decode(e.Data, &w)
	return w.Step.Type
}

func readStep(body []byte) (Step, string) {
	w := loginOf(body)
	step := Step{Type: w.Step.Type, Title: stepTitle(w.Step.Type)}
	if stepReason(step.Type) == reasonStepUnknown {
		step.Type = "unknown" // whatever the service wrote there is shown to nobody
	}
	return step, readTicket(w.AuthTicket).token
}

func stepTitle(kind string) string {
	switch kind {
	case "tou":
		return "Terms of use"
	case "pp":
		return "Privacy policy"
	case "verifyEmail":
		return "Verification of the e-mail address"
	}
	return "A confirmation that llutray does not know"
}

func stepReason(kind string) reason {
	switch kind {
	case "tou":
		return reasonTerms
	case "pp":
		return reasonPrivacy
	case "verifyEmail":
		return reasonVerifyEmail
	}
	return reasonStepUnknown
}

func isStep(r reason) bool {
	switch r {
	case reasonTerms, reasonPrivacy, reasonVerifyEmail, reasonStepUnknown:
		return true
	}
	return false
}
