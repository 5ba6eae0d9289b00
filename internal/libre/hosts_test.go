package libre

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHosts(t *testing.T) {
	var vendor servers
	for region, want := range map[string]string{
		"":               "https://api.libreview.io",
		"global":         "https://api.libreview.io",
		"eu2":            "https://api-eu2.libreview.io",
		"us":             "https://api-us.libreview.io",
		"ru":             "https://api.libreview.ru",
		"cn":             "https://api-cn.myfreestyle.cn",
		"x.evil.example": "https://api.libreview.io",
	} {
		require.Equal(t, want, vendor.base(region), region)
	}
}

func TestServerOverride(t *testing.T) {
	for server, wrong := range map[string]string{
		"":                              "",
		"https://proxy.example/llu/":    "",
		"https://{region}.example":      "",
		"http://127.0.0.1:8080":         "",
		"http://127.9.9.9/{region}":     "",
		"http://[::1]:80/{region}":      "",
		"http://LocalHost:80":           "",
		"http://proxy.example":          "https://",
		"http://10.0.0.1":               "https://",
		"http://localhost.evil.example": "https://",
		"http://127.0.0.1.evil.example": "https://",
		"http://{region}:80":            "https://",
		"ftp://proxy.example":           "https://",
		"proxy.example":                 "https://",
		"https://":                      "no host",
		"https://u:hush@proxy.example":  "user name",
		"https://proxy.example/?a=hush": "without ?",
		"https://proxy.example/#x":      "without ?",
		"https://pro xy.hush":           "not a URL",
	} {
		_, err := New(Options{Server: server})
		if wrong == "" {
			require.NoError(t, err, server)
			continue
		}
		require.ErrorContains(t, err, wrong, server)
		require.NotContains(t, err.Error(), "hush")
	}
}

func TestRegionChoice(t *testing.T) {
	for _, region := range []string{"", "global", "eu", "ru", "cn", "zz9"} {
		_, err := New(Options{Region: region})
		require.NoError(t, err)
	}
	for _, region := range []string{"EU", "e.u", "abcdefghi", "../x"} {
		_, err := New(Options{Region: region})
		require.ErrorContains(t, err, "not a region")
	}
}

// wire answers instead of the network, and notes the hosts.
type wire struct {
	hosts  []string
	answer func(*http.Request) string
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.hosts = append(w.hosts, r.URL.Scheme+"://"+r.URL.Host)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(w.answer(r))), Request: r}, nil
}

func TestThePasswordNeverLeavesTheVendorsDomain(t *testing.T) {
	for _, region := range []string{"ru", "cn", "evil.example/", "x@evil.example", "a.b", "-", "eu\n", "ЕU", "evil.example#"} {
		c, err := New(Options{Credentials: func(context.Context) (Credentials, error) { return Credentials{"a", "b"}, nil }})
		require.NoError(t, err)
		w := &wire{answer: func(*http.Request) string { return redirectTo(region).body }}
		c.http.Transport = w
		require.Error(t, c.SignIn(context.Background()))
		require.Equal(t, []string{"https://api.libreview.io"}, w.hosts, region)
	}
}

func TestChosenServices(t *testing.T) {
	for region, host := range map[string]string{"ru": "https://api.libreview.ru", "cn": "https://api-cn.myfreestyle.cn", "eu2": "https://api-eu2.libreview.io"} {
		c, err := New(Options{Region: region, Credentials: func(context.Context) (Credentials, error) { return Credentials{"a", "b"}, nil }})
		require.NoError(t, err)
		w := &wire{answer: func(r *http.Request) string {
			if r.Method == http.MethodPost {
				return loginBody("t", start)
			}
			return connectionsBody("null")
		}}
		c.http.Transport = w
		_, err = c.Current(context.Background())
		require.NoError(t, err)
		require.Equal(t, []string{host, host}, w.hosts)
	}
}
