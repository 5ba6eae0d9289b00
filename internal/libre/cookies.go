package libre

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"sync"
)

// cookies keeps those of the content network in front of the service. The
// library's jar takes as many as a server sets, an answer's 256 kB each
// minute; this one forgets all when they are more than any service has, and
// none outlives the program.
type cookies struct {
	mu  sync.Mutex
	jar *cookiejar.Jar
}

const (
	maxCookies     = 32
	maxCookieBytes = 16 << 10 // of all names and values that go with a request
)

// SetCookies is called for each answer.
func (c *cookies) SetCookies(u *url.URL, set []*http.Cookie) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.jar == nil {
		c.jar, _ = cookiejar.New(nil) // it cannot fail without options
	}
	for _, one := range set {
		one.Path = "/" // so that none is overlooked when they are counted
	}
	c.jar.SetCookies(u, set)
	sent, bytes := c.jar.Cookies(u), 0
	for _, one := range sent {
		bytes += len(one.Name) + len(one.Value)
	}
	if len(sent) > maxCookies || bytes > maxCookieBytes {
		c.jar = nil
	}
}

// Cookies are those that go with a request.
func (c *cookies) Cookies(u *url.URL) []*http.Cookie {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.jar == nil {
		return nil
	}
	return c.jar.Cookies(u)
}
