package nightscout

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"syscall"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// keepsTrying is the hint for what passes by itself.
var keepsTrying = lang.Mark("llutray keeps trying.")

// throttle is the pause that a site gets which asks for one of no length.
const throttle = 5 * time.Minute

// refusal is what an answer that is no success means.
func refusal(a answer, now time.Time) *glucose.Fault {
	f := &glucose.Fault{Err: fmt.Errorf("answer %d", a.code)}
	switch {
	case a.code == http.StatusUnauthorized:
		f.Kind = glucose.WrongPassword
		f.Message = lang.T("The Nightscout site refuses the secret or the access token.")
		f.Hint = lang.T("Set the right one: llutray nightscout token.")
	case a.code == http.StatusForbidden:
		f.Kind = glucose.WrongPassword
		f.Message = lang.T("The Nightscout site does not permit this to the access token.")
		f.Hint = lang.T("Give it a role that may read entries, and to upload also create and update them.")
	case a.code == http.StatusTooManyRequests:
		f.Kind = glucose.Throttled
		f.Message = lang.T("The Nightscout site asks for fewer requests.")
		f.Hint = lang.T(keepsTrying)
		f.Until = now.Add(retryAfter(a.header))
	case a.code == http.StatusNotFound || a.code == http.StatusGone || a.code < 400:
		f.Kind = glucose.Closed
		f.Message = lang.T("There is no Nightscout at the address that is set.")
		f.Hint = lang.T("Look whether the site has moved, and set its address.")
	case a.code == http.StatusServiceUnavailable:
		f.Kind = glucose.Maintenance
		f.Message = lang.T("The Nightscout site is not running.")
		f.Hint = lang.T("Some hosts put a site to sleep: open it in a browser. llutray keeps trying.")
	default:
		f.Kind = glucose.ServerError
		f.Message = lang.F("The Nightscout site answers with an error (%d).", a.code)
		f.Hint = lang.T(keepsTrying)
	}
	return f
}

func retryAfter(h http.Header) time.Duration {
	if s, err := strconv.Atoi(h.Get("Retry-After")); err == nil && s > 0 {
		return time.Duration(min(s, 24*3600)) * time.Second
	}
	return throttle
}

func nonsense(err error) *glucose.Fault {
	return &glucose.Fault{Kind: glucose.ServerError, Message: lang.T("The Nightscout site answers something that is not understood."), Hint: lang.T(keepsTrying), Err: err}
}

// unreachable is a request without an answer. The error of the library repeats
// the address, and with it a token: only what is below it is kept.
func unreachable(err error) *glucose.Fault {
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	f := &glucose.Fault{Kind: glucose.ServerError, Message: lang.T("The Nightscout site cannot be reached."), Hint: lang.T(keepsTrying), Err: err}
	var dns *net.DNSError
	if errors.As(err, &dns) || errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.EHOSTUNREACH) {
		f.Kind, f.Message = glucose.Offline, lang.T("The Nightscout site cannot be found: this computer is offline, or the address is wrong.")
	}
	if errors.Is(err, context.DeadlineExceeded) {
		f.Message = lang.T("The Nightscout site does not answer in time.")
	}
	return f
}

// sentence makes one of an error's text.
func sentence(err error) string { return lang.Upper(err.Error()) + "." }
