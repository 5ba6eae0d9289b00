package libre

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// A captive portal is the page of a hotel or a train that stands in the way
// until somebody has signed in to the network. It cannot speak for LibreLinkUp,
// so over https it shows as a certificate that is not the service's, or as
// nobody there; only over plain http can it be made to show itself.

// portalDeadline bounds the question, which comes on top of a failed request.
const portalDeadline = 5 * time.Second

// portalURL is what is asked over plain http: the service's own host, without
// a path, a token or a cookie. It answers that with a redirect to itself; a
// portal in its place answers with its own page, or a redirect to that.
func portalURL(host string) string {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	if loopback(name) {
		return "" // no network is between
	}
	return "http://" + net.JoinHostPort(name, "80") + "/"
}

// portal reports whether a captive portal answers in the place of a host that
// could not be reached. A proxy of the office is not there in the hotel, so
// direct goes without one.
func (c *Client) portal(parent context.Context, host string, direct bool) bool {
	ask := c.portalURL(host)
	if ask == "" || parent.Err() != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(parent, min(portalDeadline, c.deadline))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, ask, nil)
	if err != nil {
		return false
	}
	req.Header.Set("User-Agent", userAgent)
	req.Close = true // the portal must not be met again by a later request
	// Without the jar: a portal gets no cookies, and leaves none.
	bare := http.Client{Transport: c.http.Transport, CheckRedirect: c.http.CheckRedirect}
	if t, ok := bare.Transport.(*http.Transport); ok && direct {
		t = t.Clone()
		t.Proxy = nil
		defer t.CloseIdleConnections()
		bare.Transport = t
	}
	res, err := bare.Do(req)
	if err != nil {
		return false
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err != nil {
		return false
	}
	return foreign(answer{host: req.URL.Hostname(), code: res.StatusCode, header: res.Header, body: body})
}

// foreign reports whether an answer comes from a captive portal: it says so
// (RFC 6585), sends the browser to another host, or is a web page that nothing
// ties to the service or the gatekeeper in front of it.
func foreign(a answer) bool {
	switch {
	case a.code == http.StatusNetworkAuthenticationRequired:
		return true
	case guarded(a):
		return false
	case a.code >= 300 && a.code < 400:
		to, err := url.Parse(a.header.Get("Location"))
		return err == nil && to.Hostname() != "" && !akin(to.Hostname(), a.host)
	case a.code/100 == 2:
		return gatekeeper(a) && !ownPage(a)
	}
	return false
}

// guarded reports whether the answer came by way of the content network that
// stands before the service.
func guarded(a answer) bool {
	return a.header.Get("CF-Ray") != "" || strings.EqualFold(a.header.Get("Server"), "cloudflare")
}

// ownPage reports whether a page speaks of the service or of its gatekeeper.
func ownPage(a answer) bool {
	page := strings.ToLower(string(a.body[:min(len(a.body), 64<<10)]))
	for _, word := range []string{"libreview", "librelink", "abbott", "cloudflare"} {
		if strings.Contains(page, word) {
			return true
		}
	}
	return false
}

// akin reports whether two hosts are of one site.
func akin(a, b string) bool {
	site := func(host string) string {
		labels := strings.Split(strings.ToLower(strings.TrimSuffix(host, ".")), ".")
		if net.ParseIP(host) != nil {
			return host
		}
		return strings.Join(labels[max(0, len(labels)-2):], ".")
	}
	return site(a) == site(b)
}
