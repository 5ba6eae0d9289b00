package libre

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/http/httpproxy"
)

// reference is who else reads the same variables: curl's rules as every Go
// program knows them.
func reference(proxy, none string) func(*url.URL) (*url.URL, error) {
	return (&httpproxy.Config{HTTPProxy: proxy, HTTPSProxy: proxy, NoProxy: none}).ProxyFunc()
}

func FuzzProxyOfEnvironment(f *testing.F) {
	for _, none := range []string{
		"", "*", ",", " example.com , .org", "*.example.com", ".example.com", "example.com:443", "example.com:80", "EXAMPLE.com", "ample.com",
		"10.0.0.0/8", "10.1.2.3", "10.1.2.3:8080", "[fd00::1]:443", "fd00::1", "fd00::/8", "::ffff:10.1.2.3", "*example.com", "*.", ".", ":443", "[]:1", "10.0.0.0/99", "*:80",
	} {
		for _, to := range []string{
			"https://example.com/x", "http://example.com", "https://api.example.com:8443", "https://10.1.2.3", "http://10.1.2.3:8080/", "https://[fd00::1]/",
			"https://[::ffff:10.1.2.3]", "http://localhost:1", "https://127.0.0.9", "https://[::1]:3",
		} {
			f.Add("proxy.example.net:3128", none, to)
		}
	}
	for _, proxy := range []string{"", "http://u:p@h:1", "socks5://h:1", "h", "https://h/", "%", "http://%", ":", "://", "h:x"} {
		f.Add(proxy, "", "https://example.com")
	}
	f.Fuzz(func(t *testing.T, proxy, none, to string) {
		u, err := url.Parse(to)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || !ascii(none) || !ascii(u.Host) || u.Host != strings.ToLower(u.Host) || strings.ContainsAny(u.Hostname(), "[] ") {
			t.Skip()
		}
		address := proxyOf(proxy)
		want, err := reference(proxy, none)(u)
		require.NoError(t, err)
		require.Equal(t, want, proxies{plain: address, secure: address, direct: directOf(none)}.of(u), "%q %q %q", proxy, none, to)
	})
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}

func TestProxyVariables(t *testing.T) {
	clearProxies(t)
	t.Setenv("HTTP_PROXY", "http://plain:1")
	t.Setenv("https_proxy", "http://small:2")
	t.Setenv("HTTPS_PROXY", "http://capital:2")
	t.Setenv("no_proxy", "direct.example")
	for to, want := range map[string]string{
		"http://example.com": "http://plain:1", "https://example.com": "http://small:2", "https://direct.example": "", "https://LOCALHOST": "",
	} {
		u, err := url.Parse(to)
		require.NoError(t, err)
		got := ""
		if p := proxiesOfEnvironment().of(u); p != nil {
			got = p.String()
		}
		require.Equal(t, want, got, to)
	}
}
