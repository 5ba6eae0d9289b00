package libre

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// proxy is one that takes every host to the same server.
type proxy struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []string
	refuse int // with this code
}

func newProxy(t *testing.T, target string) *proxy {
	p := &proxy{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked = append(p.asked, r.Method+" "+r.Host)
		p.mu.Unlock()
		if r.Method != http.MethodConnect || p.refuse != 0 {
			w.WriteHeader(max(p.refuse, http.StatusBadGateway))
			_, _ = io.WriteString(w, secretName)
			return
		}
		there, err := net.Dial("tcp", target)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		here, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() { _, _ = io.Copy(there, here); _ = there.Close() }()
		_, _ = io.Copy(here, there)
		_ = here.Close()
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *proxy) seen() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.asked...)
}

// through makes a client of a service with a certificate for example.com, which
// only a proxy can lead to.
func through(t *testing.T, secure *httptest.Server, choice string) *Client {
	c, err := New(Options{Server: "https://example.com/{region}", Session: signedIn(), Proxy: choice, Now: func() time.Time { return start }})
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(secure.Certificate())
	transport := c.http.Transport.(*http.Transport)
	transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if host, _, _ := net.SplitHostPort(address); !loopback(host) {
			return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}
		}
		return dial(ctx, network, address)
	}
	return c
}

func clearProxies(t *testing.T) {
	for _, name := range []string{"HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "ALL_PROXY"} {
		t.Setenv(name, "")
		t.Setenv(strings.ToLower(name), "")
	}
}

func TestProxy(t *testing.T) {
	for name, c := range map[string]struct {
		https, none, choice string // "P" is the proxy
		through             bool
	}{
		"none":                          {"", "", "", false},
		"by the environment":            {"P", "", "", true},
		"NO_PROXY":                      {"P", "example.com", "", false},
		"NO_PROXY for another":          {"P", "example.org", "", true},
		"by the settings":               {"", "", "P", true},
		"the settings win":              {"http://127.0.0.1:1", "", "P", true},
		"the settings say none":         {"P", "", NoProxy, false},
		"NO_PROXY binds the settings's": {"", ".example.com,example.com", "P", false},
	} {
		t.Run(name, func(t *testing.T) {
			clearProxies(t)
			p := &proxy{}
			fill := func(s string) string {
				if s == "P" {
					return p.URL
				}
				return s
			}
			s := newService(t)
			secure := httptest.NewTLSServer(s.Config.Handler)
			defer secure.Close()
			p = newProxy(t, secure.Listener.Addr().String())
			t.Setenv("HTTPS_PROXY", fill(c.https))
			t.Setenv("NO_PROXY", c.none)
			client := through(t, secure, fill(c.choice))
			_, err := client.Current(context.Background())
			if c.through {
				require.NoError(t, err)
				require.Equal(t, []string{"CONNECT example.com:443"}, p.seen())
				return
			}
			fault(t, err, glucose.Offline)
			require.Empty(t, p.seen())
		})
	}
}

func TestProxyThatRefuses(t *testing.T) {
	clearProxies(t)
	s := newService(t)
	secure := httptest.NewTLSServer(s.Config.Handler)
	defer secure.Close()
	for _, code := range []int{403, 407, 502} {
		p := newProxy(t, secure.Listener.Addr().String())
		p.refuse = code
		_, err := through(t, secure, p.URL).Current(context.Background())
		f := fault(t, err, glucose.Offline)
		require.Equal(t, texts[reasonProxy].message, f.Message)
		require.Contains(t, f.Hint, "network.proxy")
		require.NotContains(t, f.Err.Error(), secretName)
	}
}

func TestProxyThatIsNotThere(t *testing.T) {
	clearProxies(t)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	s := newService(t)
	secure := httptest.NewTLSServer(s.Config.Handler)
	defer secure.Close()
	_, err := through(t, secure, gone.URL).Current(context.Background())
	f := fault(t, err, glucose.Offline)
	require.Equal(t, texts[reasonNoProxy].message, f.Message)
	require.Contains(t, f.Hint, "VPN")
}

func TestProxyThatIsNoAddress(t *testing.T) {
	for _, bad := range []string{"http://", "http://%zz", "proxy"} {
		_, err := New(Options{Proxy: bad})
		require.ErrorContains(t, err, "not an address")
	}
}

// The proxy that is told to the user holds no password.
func TestProxyOf(t *testing.T) {
	clearProxies(t)
	require.Empty(t, ProxyOf(""))
	require.Equal(t, "http://proxy.example.org:3128", ProxyOf("http://user:secret@proxy.example.org:3128/"))
	t.Setenv("HTTPS_PROXY", "http://user:secret@other.example.org:1")
	require.Equal(t, "http://other.example.org:1", ProxyOf(""))
	require.Empty(t, ProxyOf(NoProxy))
	t.Setenv("NO_PROXY", "libreview.io")
	require.Empty(t, ProxyOf(""))
}
