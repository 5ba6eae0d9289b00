package libre

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// endless writes until the other side has had enough, and tells how much
// that was.
func endless(written chan<- int) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		chunk := []byte(strings.Repeat(" ", 1<<16))
		total := 0
		for total < 50<<20 {
			n, err := w.Write(chunk)
			if total += n; err != nil {
				break
			}
		}
		written <- total
	}
}

func TestEndlessBodyIsCutOff(t *testing.T) {
	s := newService(t)
	written := make(chan int, 1)
	s.on(familyConnections, reply{write: endless(written)})
	r := newRigWith(t, s, signedIn())
	f := fault(t, r.current(), glucose.ServerError)
	require.ErrorContains(t, f.Err, "more than 1048576 bytes")
	require.Less(t, <-written, 50<<20, "the connection is closed and not read to its end")
}

func TestCompressedEndlessBodyIsCutOff(t *testing.T) {
	s := newService(t)
	s.on(familyConnections, reply{write: gzipped(strings.Repeat(" ", 8<<20))})
	fault(t, newRigWith(t, s, signedIn()).current(), glucose.ServerError)
}

func TestLargestAllowedBody(t *testing.T) {
	s := newService(t)
	body := connectionsBody("null")
	s.on(familyConnections, ok(body+strings.Repeat(" ", maxBody-len(body))))
	require.NoError(t, newRigWith(t, s, signedIn()).current())
}

func TestStalls(t *testing.T) {
	require.Equal(t, 20*time.Second, requestDeadline)
	for name, stall := range map[string]func(http.ResponseWriter, *http.Request){
		"before the answer": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"within the body": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, `{"status":`)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t)
			s.on(familyConnections, reply{write: stall})
			r := newRigWith(t, s, signedIn())
			r.deadline = 50 * time.Millisecond
			f := fault(t, r.current(), glucose.ServerError)
			require.Contains(t, f.Message, "did not answer in time")
			require.ErrorIs(t, f, context.DeadlineExceeded)
			require.True(t, f.Until.IsZero())

			// The next request makes a connection of its own.
			s.on(familyConnections, ok(connectionsBody("null")))
			r.deadline = 5 * time.Second
			require.NoError(t, r.current())
		})
	}
}

// A connection of before that swallows a request is the network's fault when no
// other can be made, and the service's when one can.
func TestDeadConnection(t *testing.T) {
	for name, c := range map[string]struct {
		refuses bool
		kind    glucose.FaultKind
	}{"no network": {true, glucose.Offline}, "a slow service": {false, glucose.ServerError}} {
		t.Run(name, func(t *testing.T) {
			s := newService(t)
			r := newRigWith(t, s, signedIn())
			var cut atomic.Bool
			r.http.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
				if cut.Load() && c.refuses {
					return nil, &net.OpError{Op: "dial", Err: syscall.ENETUNREACH}
				}
				return new(net.Dialer).DialContext(ctx, network, address)
			}
			s.on(familyConnections, ok(connectionsBody("null")))
			require.NoError(t, r.current())
			s.on(familyConnections, reply{write: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }})
			cut.Store(true)
			r.deadline = 50 * time.Millisecond
			f := fault(t, r.current(), c.kind)
			require.NotContains(t, f.Error(), secretName)
		})
	}
}

func TestConnectionBrokenOff(t *testing.T) {
	for name, broken := range map[string]func(http.ResponseWriter, *http.Request){
		"at once": func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) },
		"within the body": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"status":0`)
		},
		"with no HTTP": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			_, _ = io.WriteString(conn, "HTTP/1.1 "+secretToken+" "+secretName+"\r\n\r\n")
			_ = conn.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t)
			s.on(familyConnections, reply{write: broken})
			f := fault(t, newRigWith(t, s, signedIn()).current(), glucose.ServerError)
			require.NotContains(t, fmt.Sprintf("%+v %+v", f, f.Err), "hush")
		})
	}
}

func TestNobodyThere(t *testing.T) {
	s := newService(t)
	s.Close()
	r := newRigWith(t, s, signedIn())
	f := fault(t, r.current(), glucose.Offline)
	require.Contains(t, f.Hint, "network")
	require.ErrorContains(t, f.Err, "connecting")
}

func TestUntrustedCertificate(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // the handshake fails on purpose
	s.StartTLS()
	defer s.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	for name, server := range map[string]string{
		"self-signed":              s.URL,
		"a server without any TLS": strings.Replace(plain.URL, "http:", "https:", 1),
	} {
		t.Run(name, func(t *testing.T) {
			c, err := New(Options{Server: server, Session: signedIn()})
			require.NoError(t, err)
			_, err = c.Current(context.Background())
			f := fault(t, err, glucose.Offline)
			require.Contains(t, f.Message, "certificate")
			require.Contains(t, f.Hint, "date and time")
		})
	}
}

func TestExplain(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	for name, c := range map[string]struct {
		err       error
		connected bool
		want      reason
	}{
		"no such host":           {dial(&net.DNSError{Err: "no such host", IsNotFound: true}), false, reasonOffline},
		"name server silent":     {dial(&net.DNSError{Err: "timeout", IsTimeout: true}), false, reasonOffline},
		"no route":               {dial(syscall.EHOSTUNREACH), false, reasonOffline},
		"network down":           {dial(syscall.ENETUNREACH), false, reasonOffline},
		"proxy not there":        {&net.OpError{Op: "proxyconnect", Err: syscall.ECONNREFUSED}, false, reasonNoProxy},
		"dial too slow":          {dial(context.DeadlineExceeded), false, reasonOffline},
		"connected, then silent": {context.DeadlineExceeded, true, reasonTimeout},
		"connected, then reset":  {&net.OpError{Op: "read", Err: syscall.ECONNRESET}, true, reasonServer},
		"cut off":                {io.ErrUnexpectedEOF, true, reasonServer},
		"expired certificate":    {x509.CertificateInvalidError{Reason: x509.Expired}, false, reasonCertificate},
		"other invalid":          {x509.CertificateInvalidError{Reason: x509.NotAuthorizedToSign}, false, reasonCertificate},
		"unknown authority":      {&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, false, reasonCertificate},
		"certificate of another": {x509.HostnameError{Certificate: &x509.Certificate{}, Host: "x"}, false, reasonCertificate},
		"TLS alert":              {tls.AlertError(40), false, reasonCertificate},
		"anything else":          {errors.New("malformed HTTP response " + secretToken), true, reasonServer},
	} {
		t.Run(name, func(t *testing.T) {
			wrapped := &url.Error{Op: "Get", URL: "https://h/llu/connections/" + secretPatient + "/graph", Err: c.err}
			r, cause := explain(context.Background(), c.connected, wrapped)
			require.Equal(t, c.want, r)
			require.NotContains(t, cause.Error(), "hush")
		})
	}
	ctx, cancel := context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer cancel()
	r, _ := explain(ctx, true, ctx.Err())
	require.Equal(t, reasonTimeout, r, "a caller's deadline is a slow service as well")
}
