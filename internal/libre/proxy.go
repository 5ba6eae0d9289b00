package libre

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/llutray/llutray/internal/lang"
)

// NoProxy as Options.Proxy goes without one whatever the environment says.
const NoProxy = "none"

// checkProxy refuses what is no address at all; whoever lets people type one
// says more.
func checkProxy(choice string) error {
	if u, err := url.Parse(choice); choice != "" && choice != NoProxy && (err != nil || u.Hostname() == "") {
		return lang.E("the proxy is not an address: write it like http://proxy.example.org:3128")
	}
	return nil
}

// proxyFor is the function of a transport that finds the proxy of a request.
// NO_PROXY holds for a proxy of the user's choice as well, and this computer is
// never reached through one. The environment is read now: a program that asks
// net/http gets what it was when that was first asked.
func proxyFor(choice string) func(*http.Request) (*url.URL, error) {
	if choice == NoProxy {
		return nil
	}
	found := proxiesOfEnvironment()
	if choice != "" {
		found.plain = proxyOf(choice)
		found.secure = found.plain
	}
	return func(r *http.Request) (*url.URL, error) { return found.of(r.URL), nil }
}

// ProxyOf is the proxy by which the service is reached with that choice, without
// a user or a password; "" for none.
func ProxyOf(choice string) string {
	find := proxyFor(choice)
	if find == nil {
		return ""
	}
	u, err := find(&http.Request{URL: &url.URL{Scheme: "https", Host: "api.libreview.io"}})
	if err != nil || u == nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host}).String()
}

// proxyRefusal is the answer of a proxy that will not connect.
type proxyRefusal int

func (p proxyRefusal) Error() string { return fmt.Sprintf("the proxy answers HTTP %d", int(p)) }

// minded turns a proxy's refusal, whose text net/http passes on, into one of
// our words.
func minded(_ context.Context, _ *url.URL, _ *http.Request, res *http.Response) error {
	if res.StatusCode/100 != 2 {
		return proxyRefusal(res.StatusCode)
	}
	return nil
}
