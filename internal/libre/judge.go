package libre

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// Codes of the service's own, as HTTP code and as "status" in the body.
const (
	statusPending     = 430 // seen while new terms wait to be accepted
	statusMaintenance = 911
	statusTooOld      = 920
)

// verdict is what an answer means. An empty reason is a good answer.
type verdict struct {
	reason  reason
	wait    time.Duration // that the service asked for; 0 if it did not
	version string        // minimum demanded, with reasonTooOld
	detail  string        // for the technical cause; our words only
}

// judge is the one place where answers are told apart. HTTP codes alone do
// not: the service answers most errors with 200, and a gatekeeper in front of
// it uses the same codes with a page of HTML.
func judge(family string, a answer, now time.Time) verdict {
	wait := retryAfter(a.header, now)
	if a.code == statusMaintenance {
		return verdict{reason: reasonMaintenance, wait: wait}
	}
	if a.code == statusPending { // no gatekeeper uses it, whatever the body
		return verdict{reason: reasonPending, wait: wait}
	}
	if foreign(a) {
		return verdict{reason: reasonPortal, detail: "the answer of another host"}
	}
	if a.code >= 300 && a.code < 400 {
		return verdict{reason: reasonServer, detail: "redirect not followed"}
	}
	if a.code/100 == 2 && len(a.body) == 0 {
		return verdict{reason: reasonServer, detail: "empty answer"}
	}
	if gatekeeper(a) {
		return judgePage(family, a, wait)
	}
	e, isJSON := parseEnvelope(a.body)
	if isJSON {
		if v, ok := judgeWords(family, e, wait); ok {
			return v
		}
	}
	switch {
	case a.code == http.StatusTooManyRequests:
		return verdict{reason: reasonThrottled, wait: wait}
	case a.code == http.StatusUnauthorized:
		return verdict{reason: unauthorized(family)}
	case a.code == http.StatusNotFound || a.code == http.StatusGone:
		return verdict{reason: gone(family)}
	case a.code == http.StatusForbidden && !isJSON:
		return verdict{reason: reasonBlocked, wait: wait}
	case a.code/100 != 2:
		return verdict{reason: reasonServer, wait: wait}
	case !isJSON:
		return verdict{reason: reasonNonsense, detail: "not JSON"}
	}
	return judgeStatus(family, e)
}

// judgeWords knows the errors that are told by the body under any HTTP code.
func judgeWords(family string, e envelope, wait time.Duration) (verdict, bool) {
	status, _ := e.Status.int()
	message := e.message()
	switch {
	case status == statusMaintenance:
		return verdict{reason: reasonMaintenance, wait: wait}, true
	case status == statusTooOld || e.Reason == "runningVersionTooLow":
		return verdict{reason: reasonTooOld, version: e.minimumVersion()}, true
	case status == http.StatusTooManyRequests:
		if lockout, locked := e.lockout(); locked {
			return verdict{reason: reasonLocked, wait: max(lockout, wait)}, true
		}
		return verdict{reason: reasonThrottled, wait: wait}, true
	case status == statusPending:
		return verdict{reason: reasonPending, wait: wait}, true
	case message == "RequiredHeaderMissing":
		return verdict{reason: reasonHeaderAbsent, detail: "RequiredHeaderMissing"}, true
	case message == "invalid or expired jwt", message == "MissingCachedUser":
		if family == familyLogin {
			// Nothing was presented that could have expired.
			return verdict{reason: reasonServer, detail: "token refused at sign-in"}, true
		}
		return verdict{reason: unauthorized(family)}, true
	case message == "couldNotLoadPatient":
		return verdict{reason: reasonRevoked}, true
	case e.encrypted(), e.successor():
		return verdict{reason: reasonClosed, detail: "answer of the next interface"}, true
	}
	return verdict{}, false
}

// judgeStatus judges a JSON answer with a good HTTP code.
func judgeStatus(family string, e envelope) verdict {
	status, told := e.Status.int()
	switch {
	case e.step() != "" && (status == 4 || !told):
		return verdict{reason: stepReason(e.step())}
	case status == 4 && (family == familyLogin || family == familyContinue):
		return verdict{reason: reasonStepUnknown}
	case status == 2 && family == familyLogin:
		return verdict{reason: reasonPassword}
	case status == 2:
		return verdict{reason: unauthorized(family)}
	case status != 0:
		return verdict{reason: reasonServer, detail: fmt.Sprintf("status %d", status)}
	case !told && !e.hasData():
		return verdict{reason: reasonNonsense, detail: "neither status nor data"}
	}
	return verdict{}
}

// judgePage judges HTML and the gatekeeper's plain "error code".
func judgePage(family string, a answer, wait time.Duration) verdict {
	page := strings.ToLower(string(a.body[:min(len(a.body), 64<<10)]))
	has := func(s string) bool { return strings.Contains(page, s) }
	switch {
	case has("attention required!"), has("used cloudflare to restrict"), has("just a moment"), strings.HasPrefix(page, "error code: 1"):
		return verdict{reason: reasonBlocked, wait: wait}
	case a.code >= 500 && has("maintenance"):
		return verdict{reason: reasonMaintenance, wait: wait}
	case a.code >= 500:
		return verdict{reason: reasonServer, wait: wait, detail: "HTML"}
	case a.code == http.StatusNotFound, a.code == http.StatusGone:
		return verdict{reason: gone(family)}
	}
	return verdict{reason: reasonBlocked, wait: wait}
}

func gatekeeper(a answer) bool {
	kind := strings.ToLower(a.header.Get("Content-Type"))
	return strings.HasPrefix(kind, "text/html") || strings.HasPrefix(kind, "application/xhtml") ||
		bytes.HasPrefix(a.body, []byte("<")) || bytes.HasPrefix(a.body, []byte("error code: 1"))
}

func unauthorized(family string) reason {
	switch family {
	case familyLogin:
		return reasonPassword
	case familyContinue:
		return reasonStepExpired
	}
	return reasonDeadToken
}

func gone(family string) reason {
	if family == familyContinue {
		return reasonStepRefused // some hosts do not know this endpoint
	}
	return reasonClosed
}

// retryAfter reads the header of that name, in seconds or as a date; 0 when
// there is nothing to wait for.
func retryAfter(h http.Header, now time.Time) time.Duration {
	s := strings.TrimSpace(h.Get("Retry-After"))
	if s == "" {
		return 0
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(max(n, 0), int64(maxHold/time.Second))) * time.Second
	}
	t, err := http.ParseTime(s)
	if err != nil {
		return 0
	}
	// It is a time by the service's clock, of which ours may be hours off.
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return min(max(t.Sub(now), 0), maxHold)
}

// fault turns a verdict into the fault, and notes in the session what the
// service asked to wait for.
func (c *Client) fault(q call, a answer, v verdict) *glucose.Fault {
	cause := fmt.Errorf("%s: HTTP %d", q.family, a.code)
	e, _ := parseEnvelope(a.body)
	if status, ok := e.Status.int(); ok {
		cause = fmt.Errorf("%w, status %d", cause, status)
	}
	if v.detail != "" {
		cause = fmt.Errorf("%w: %s", cause, v.detail)
	}
	f := newFault(v.reason, cause)
	switch v.reason {
	case reasonThrottled, reasonPending, reasonLocked, reasonBlocked:
		f.Until = c.session.hold(v.reason, v.wait, c.wall())
	case reasonMaintenance, reasonServer:
		// Binding only when the service itself named a time.
		if v.wait > 0 {
			f.Until = c.session.hold(v.reason, v.wait, c.wall())
		}
	}
	return f
}
