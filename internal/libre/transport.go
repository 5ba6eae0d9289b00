package libre

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"syscall"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

const (
	// appProduct names the vendor's app that the interface was made for. It
	// stays the same for ever: tokens may be bound to it.
	appProduct = "llu.ios"

	// appVersion is the version of that app; from 4.16.0 on the service is
	// content. When it demands more, the session remembers that.
	appVersion = "4.17.0"

	// userAgent says who really asks.
	userAgent = "Mozilla/5.0 (compatible; llutray; +https://github.com/llutray/llutray)"

	// requestDeadline bounds a request from dialling to the last byte.
	requestDeadline = 20 * time.Second

	// maxBody bounds an answer after decompression. The largest known, a
	// graph of a Libre 3, has 45 kB.
	maxBody = 1 << 20
)

// Endpoint families, for the log: a path may hold a person's id.
const (
	familyLogin       = "login"
	familyContinue    = "continue"
	familyConnections = "connections"
	familyGraph       = "graph"
)

// call is one request.
type call struct {
	family  string
	method  string // GET when empty
	path    string
	region  string
	body    []byte
	token   string
	account string // Account-Id
}

// answer is what came back, whatever it was.
type answer struct {
	host   string // that was asked, without a port
	code   int
	header http.Header
	body   []byte
}

func newHTTPClient(dial func(ctx context.Context, network, address string) (net.Conn, error)) *http.Client {
	if dial == nil {
		dial = (&net.Dialer{Timeout: requestDeadline / 2}).DialContext
	}
	return &http.Client{
		Transport: &http.Transport{
			DialContext:            dial,
			TLSHandshakeTimeout:    requestDeadline / 2,
			IdleConnTimeout:        90 * time.Second, // outlives the minute between requests
			MaxIdleConnsPerHost:    1,
			MaxResponseHeaderBytes: 256 << 10,
			ForceAttemptHTTP2:      true,
			// A connection that died while the computer slept answers no
			// ping, and is replaced instead of costing a whole deadline.
			HTTP2: &http.HTTP2Config{SendPingTimeout: 5 * time.Second, PingTimeout: 5 * time.Second},
		},
		Jar: new(cookies),
		// The service never redirects by HTTP: whatever does must not get
		// the password or the token.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// send makes one request. Its faults are those of the way to the service;
// what the service said is left to judge.
func (c *Client) send(ctx context.Context, q call) (answer, reason, *glucose.Fault) {
	parent := ctx
	ctx, cancel := context.WithTimeout(ctx, c.deadline)
	defer cancel()
	var way httptrace.GotConnInfo // without a connection before there is one
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(i httptrace.GotConnInfo) { way = i },
	})
	req, err := c.request(ctx, q)
	if err != nil {
		return answer{}, reasonNonsense, newFault(reasonNonsense, errors.New(q.family+": the request could not be built"))
	}
	res, err := c.http.Do(req)
	if err != nil {
		r, f := c.lost(parent, q, req.URL, way, err)
		return answer{}, r, f
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	if err != nil {
		r, f := c.lost(parent, q, req.URL, way, err)
		return answer{}, r, f
	}
	if len(body) > maxBody {
		c.log.Debug("LibreLinkUp answered too much", "host", req.URL.Host, "endpoint", q.family, "http", res.StatusCode)
		return answer{}, reasonNonsense, newFault(reasonNonsense, fmt.Errorf("%s: HTTP %d with more than %d bytes", q.family, res.StatusCode, maxBody))
	}
	a := answer{host: req.URL.Hostname(), code: res.StatusCode, header: res.Header, body: bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))}
	c.logAnswer(req.URL.Host, q, a)
	return a, "", nil
}

func (c *Client) logAnswer(host string, q call, a answer) {
	if !c.log.Enabled(context.Background(), slog.LevelDebug) {
		return
	}
	attrs := []any{"host", host, "endpoint", q.family, "http", a.code}
	e, _ := parseEnvelope(a.body)
	if status, ok := e.Status.int(); ok {
		attrs = append(attrs, "status", status)
	}
	c.log.Debug("LibreLinkUp answered", attrs...)
}

func (c *Client) request(ctx context.Context, q call) (*http.Request, error) {
	method := q.method
	if method == "" {
		method = http.MethodGet
	}
	var body io.Reader
	if q.body != nil {
		body = bytes.NewReader(q.body)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.servers.base(q.region)+q.path, body)
	if err != nil {
		return nil, err
	}
	h := req.Header
	h.Set("Accept", "application/json")
	h.Set("Content-Type", "application/json") // on GET, too, as the app does
	h.Set("Cache-Control", "no-cache")
	h.Set("User-Agent", userAgent)
	h.Set("product", appProduct)
	h.Set("version", c.session.version())
	// No Accept-Encoding: net/http would stop decompressing.
	if q.token != "" {
		h.Set("Authorization", "Bearer "+q.token)
	}
	if q.account != "" {
		h.Set("Account-Id", q.account)
	}
	return req, nil
}

// lost turns an error of net/http into a fault. The error itself is dropped:
// its text holds the URL, and with it a person's id, and may quote the answer.
func (c *Client) lost(parent context.Context, q call, to *url.URL, way httptrace.GotConnInfo, err error) (reason, *glucose.Fault) {
	host := to.Host
	r, cause := explain(parent, way.Conn != nil, err)
	switch r {
	case reasonCertificate, reasonOffline, reasonNoProxy:
		if c.portal(parent, host, r == reasonNoProxy) {
			r, cause = reasonPortal, fmt.Errorf("%w; another host answers plain http", cause)
		}
	}
	if r == reasonTimeout {
		// A connection over a network that went away swallows requests. The
		// next one shall dial, and so find out whether there is a network.
		c.http.CloseIdleConnections()
		if way.Reused && c.cutOff(parent, to) {
			r, cause = reasonOffline, errors.New("the connection is dead, and no other can be made")
		}
	}
	c.log.Debug("LibreLinkUp was not reached", "host", host, "endpoint", q.family, "cause", cause)
	return r, newFault(r, fmt.Errorf("%s: %w", q.family, cause))
}

// cutOffDeadline bounds the question, which comes on top of a failed request.
const cutOffDeadline = 5 * time.Second

// cutOff reports whether nobody can be reached where a connection from before
// has swallowed a request. A service that is slow takes connections all the
// same; of a proxy nothing can be told.
func (c *Client) cutOff(parent context.Context, to *url.URL) bool {
	t, ok := c.http.Transport.(*http.Transport)
	if !ok || parent.Err() != nil {
		return false
	}
	if t.Proxy != nil {
		if proxy, err := t.Proxy(&http.Request{URL: to}); err != nil || proxy != nil {
			return false
		}
	}
	port := to.Port()
	if port == "" {
		port = to.Scheme // the resolver knows the ports of http and https
	}
	ctx, cancel := context.WithTimeout(parent, min(cutOffDeadline, c.deadline))
	defer cancel()
	conn, err := t.DialContext(ctx, "tcp", net.JoinHostPort(to.Hostname(), port))
	if err != nil {
		return parent.Err() == nil
	}
	_ = conn.Close()
	return false
}

// explain finds out what went wrong on the way.
func explain(parent context.Context, connected bool, err error) (reason, error) {
	if cause := parent.Err(); errors.Is(cause, context.Canceled) {
		return reasonCancelled, cause
	}
	var (
		verify  *tls.CertificateVerificationError
		invalid x509.CertificateInvalidError
		host    x509.HostnameError
		unknown x509.UnknownAuthorityError
		record  tls.RecordHeaderError
		alert   tls.AlertError
		dns     *net.DNSError
		op      *net.OpError
		dead    *url.Error
		refusal proxyRefusal
	)
	switch {
	case errors.As(err, &refusal):
		return reasonProxy, refusal
	case errors.As(err, &op) && op.Op == "proxyconnect":
		return reasonNoProxy, systemCause("connecting to the proxy", op)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return reasonCertificate, errors.New("certificate expired or not yet valid")
	case errors.As(err, &unknown):
		return reasonCertificate, errors.New("certificate of an unknown authority")
	case errors.As(err, &host):
		return reasonCertificate, errors.New("certificate of another host")
	case errors.As(err, &verify), errors.As(err, &invalid):
		return reasonCertificate, errors.New("certificate not valid")
	case errors.As(err, &record), errors.As(err, &alert), errors.Is(err, http.ErrSchemeMismatch):
		return reasonCertificate, errors.New("no TLS, or refused")
	case errors.As(err, &dns):
		return reasonOffline, errors.New("host name not found")
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &dead) && dead.Timeout(), isTimeout(err):
		// Before a connection stands nobody was there to be slow: that is
		// the network. After it the service, or something near it, is.
		if connected {
			return reasonTimeout, context.DeadlineExceeded
		}
		return reasonOffline, fmt.Errorf("connecting: %w", context.DeadlineExceeded)
	case errors.As(err, &op) && (op.Op == "dial" || !connected):
		return reasonOffline, systemCause("connecting", op)
	case errors.As(err, &op):
		return reasonServer, systemCause("connection broken", op)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return reasonServer, errors.New("connection closed in the middle of an answer")
	}
	return reasonServer, fmt.Errorf("no valid HTTP answer (%T)", innermost(err))
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}

// systemCause keeps the operating system's number, which has no text of
// anybody else's in it.
func systemCause(what string, op *net.OpError) error {
	var no syscall.Errno
	if errors.As(op, &no) {
		return fmt.Errorf("%s: %w", what, no)
	}
	return errors.New(what)
}

func innermost(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
