package relay

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/llutray/llutray/internal/lang"
)

// watch sees the requests of a library and remembers how they ended, because
// what the library makes of them is not to be relied on.
type watch struct {
	next http.RoundTripper

	mu   sync.Mutex
	ends map[string]error // by request: nil when the same one has succeeded at last
	last string
}

// RoundTrip passes a request on.
func (w *watch) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.GetBody != nil {
		if b, err := req.GetBody(); err == nil {
			body, _ = io.ReadAll(b)
		}
	}
	id := req.Method + " " + req.URL.String() + "\n" + string(body)
	resp, err := w.next.RoundTrip(req)
	end := err
	switch {
	case err != nil:
		end = words("", err)
	case resp.StatusCode >= 400:
		end = refused(resp)
	case req.Response != nil && req.Method == http.MethodGet && req.Response.Request != nil && req.Response.Request.Method != http.MethodGet:
		// After a redirect the message is asked for instead of sent, and a web
		// page that says so counts for the library as fine.
		end = lang.E("the service has moved to another address: correct the address of the relay")
	}
	if resp != nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, mostBody), resp.Body}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ends == nil {
		w.ends = map[string]error{}
	}
	w.ends[id], w.last = end, id
	return resp, err
}

// mostBody bounds what is read of an answer.
const mostBody = 1 << 20

// trouble is a failure that no success of the same request has followed.
func (w *watch) trouble() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if e := w.ends[w.last]; e != nil {
		return e
	}
	for _, e := range w.ends {
		if e != nil {
			return e
		}
	}
	return nil
}

// refused says in words what an answer means.
func refused(resp *http.Response) error {
	answer := fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	text := lang.F("the service answered %s", answer)
	switch resp.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		text = lang.F("the service answered %s: it does not take the key or the password in the relay's address", answer)
	case http.StatusNotFound:
		text = lang.F("the service answered %s: the relay's address leads nowhere, or its key is wrong", answer)
	case http.StatusBadRequest:
		// Telegram and Pushover name the receiver in the body; so do we not.
		text = lang.F("the service answered %s: it does not take the message; look at the receiver in the relay's address", answer)
	}
	s, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	if err == nil && s > 0 {
		return &Wait{text, time.Duration(min(s, 3600)) * time.Second}
	}
	return errors.New(text)
}

// words is an error of the network for people, without an address in it.
func words(service string, err error) error {
	var (
		untrusted x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
		verify    *tls.CertificateVerificationError
		dns       *net.DNSError
		op        *net.OpError
		proto     *textproto.Error
	)
	switch {
	case errors.As(err, &proto):
		return lang.E("the mail server answered %d: look at the user, the password and the receiver in the relay's address", proto.Code)
	case errors.As(err, &untrusted), errors.As(err, &hostname), errors.As(err, &invalid), errors.As(err, &verify):
		return lang.E("the service's certificate cannot be trusted")
	case errors.As(err, &record):
		return lang.E("the service does not speak TLS there: look at the port in the relay's address")
	case errors.As(err, &dns):
		return lang.E("the service's name is not known, or there is no network")
	case errors.As(err, &op), bytes.Contains([]byte(err.Error()), []byte("EOF")), strings.Contains(err.Error(), "connection"):
		return lang.E("the service cannot be reached")
	case service == "smtp" && strings.Contains(err.Error(), "StartTLS"):
		return lang.E("the mail server offers no encryption: use its other port, or add requirestarttls=no to the relay's address")
	}
	return lang.E("the service did not take the message")
}
