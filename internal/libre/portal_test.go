package libre

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

const (
	hotelPage = `<!DOCTYPE html><html><title>Welcome to the Grand</title><form>Room number</form></html>`
	trainPage = `<html><body onload="location.href='http://login.train.example/'">`
)

func moved(code int, to string) reply {
	return reply{code: code, body: "<html>Moved", header: map[string]string{"Content-Type": "text/html", "Location": to}}
}

// What stands in the place of the service: a portal, or the service's own.
func TestPortalInTheAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		reply reply
		want  reason
	}{
		"a page":                    {page(200, hotelPage), reasonPortal},
		"a page called JSON":        {ok(trainPage), reasonPortal},
		"a redirect":                {moved(302, "http://login.hotel.example/?from=libreview"), reasonPortal},
		"a temporary redirect":      {moved(307, "https://login.hotel.example/"), reasonPortal},
		"RFC 6585":                  {page(511, hotelPage), reasonPortal},
		"a redirect to itself":      {moved(301, "/elsewhere"), reasonServer},
		"the service's own page":    {page(200, `<title>LibreView</title>Welcome`), reasonBlocked},
		"a page by the gatekeeper":  {reply{body: "<html>hello", header: map[string]string{"CF-Ray": "8a1-FRA", "Content-Type": "text/html"}}, reasonBlocked},
		"a refusal of a web filter": {page(403, "<html>This site is not allowed at work"), reasonBlocked},
		"a broken gateway":          {page(502, "<html>Bad Gateway"), reasonServer},
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t)
			s.on(familyConnections, c.reply)
			r := newRigWith(t, s, signedIn())
			f := fault(t, r.current(), texts[c.want].kind)
			require.Equal(t, texts[c.want].message, f.Message)
			if c.want == reasonPortal {
				require.Equal(t, glucose.Offline, f.Kind)
				require.Contains(t, f.Hint, "browser")
				require.True(t, f.Until.IsZero(), "it goes on as soon as somebody has signed in")
				require.Zero(t, r.asked, "no password for a hotel")
				require.Equal(t, 1, s.count(familyConnections))
			}
		})
	}
}

// A portal must not end a sign-in, nor make the stored token a dead one.
func TestPortalIsForgottenAfterwards(t *testing.T) {
	s := newService(t)
	s.on(familyConnections, page(200, hotelPage), page(200, hotelPage), ok(connectionsBody("null")))
	r := newRigWith(t, s, signedIn())
	fault(t, r.current(), glucose.Offline)
	fault(t, r.current(), glucose.Offline)
	require.NoError(t, r.current())
	require.Zero(t, s.count(familyLogin))
}

// Over https a portal can only be told by asking over plain http.
func TestPortalBehindACertificate(t *testing.T) {
	tls := httptest.NewUnstartedServer(http.NotFoundHandler())
	tls.Config.ErrorLog = log.New(io.Discard, "", 0) // the handshake fails on purpose
	tls.StartTLS()
	defer tls.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()

	for name, c := range map[string]struct {
		server string
		plain  http.HandlerFunc // what answers on the port of plain http
		want   reason
	}{
		"a page":        {tls.URL, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, hotelPage) }, reasonPortal},
		"a redirect":    {tls.URL, http.RedirectHandler("http://login.hotel.example/", http.StatusFound).ServeHTTP, reasonPortal},
		"https closed":  {gone.URL, http.RedirectHandler("http://login.hotel.example/", http.StatusFound).ServeHTTP, reasonPortal},
		"the service":   {tls.URL, http.RedirectHandler("https://127.0.0.1/", http.StatusMovedPermanently).ServeHTTP, reasonCertificate},
		"a filter":      {tls.URL, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, reasonCertificate},
		"nobody":        {tls.URL, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, reasonCertificate},
		"nobody at all": {gone.URL, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, reasonOffline},
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int32
			plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				for _, secret := range []string{"Authorization", "Cookie", "Account-Id"} {
					if r.Header.Get(secret) != "" {
						t.Errorf("%s is shown to the portal", secret)
					}
				}
				if r.URL.Path != "/" || r.Method != http.MethodGet {
					t.Errorf("the portal is asked %s %s", r.Method, r.URL)
				}
				c.plain(w, r)
			}))
			plain.Config.ErrorLog = log.New(io.Discard, "", 0)
			defer plain.Close()
			client, err := New(Options{Server: c.server, Session: signedIn()})
			require.NoError(t, err)
			client.portalURL = func(string) string { return plain.URL + "/" }
			_, err = client.Current(context.Background())
			f := fault(t, err, glucose.Offline)
			require.Equal(t, texts[c.want].message, f.Message)
			require.Positive(t, asked.Load())
		})
	}
}

// The proxy of the office is not there in the hotel.
func TestPortalInPlaceOfAProxy(t *testing.T) {
	clearProxies(t)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, hotelPage) }))
	defer plain.Close()
	client, err := New(Options{Server: "https://example.com", Session: signedIn(), Proxy: gone.URL})
	require.NoError(t, err)
	client.portalURL = func(string) string { return plain.URL + "/" }
	_, err = client.Current(context.Background())
	require.Equal(t, texts[reasonPortal].message, fault(t, err, glucose.Offline).Message)
}

func TestPortalURL(t *testing.T) {
	require.Equal(t, "http://api-de.libreview.io:80/", portalURL("api-de.libreview.io"))
	require.Equal(t, "http://proxy.example:80/", portalURL("proxy.example:8443"))
	require.Equal(t, "http://[2001:db8::1]:80/", portalURL("[2001:db8::1]:443"))
	require.Empty(t, portalURL("127.0.0.1:4711"), "on this computer there is no network in between")
	require.Empty(t, portalURL("localhost"))
}
