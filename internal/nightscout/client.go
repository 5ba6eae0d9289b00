package nightscout

import (
	"bytes"
	"context"
	"crypto/sha1" //nolint:gosec // the site wants it
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// API is an interface of the site.
type API string

// The interfaces. V1 is the one that every site has.
const (
	V1 API = "v1"
	V3 API = "v3"
)

// Site says where a Nightscout is and how it is spoken to.
type Site struct {
	URL    string // https://HOST; plain http only within the house
	Secret string // an access token, or the API secret with V1; "" for a site that anybody may read
	API    API    // "" for V1
}

const (
	deadline = 20 * time.Second
	maxBody  = 8 << 20 // a day of two 1-minute feeds has 1 MB
)

// tokenForm is how the site writes access tokens: a name, a hyphen, 16 digits.
var tokenForm = regexp.MustCompile(`^[a-z0-9_]{0,10}-[0-9a-f]{16}$`)

// IsToken reports whether the text is an access token and not an API secret.
func IsToken(s string) bool { return tokenForm.MatchString(s) }

// Check tells what is wrong with how the site is set, before it is asked. It
// repeats no secret.
func (s Site) Check() error {
	u, err := url.Parse(s.URL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return lang.E("the address of the Nightscout site is not understood: write it like https://my-site.example")
	case u.Scheme == "http" && !atHome(u.Hostname()):
		return lang.E("the address of the Nightscout site must begin with https://: over http everybody on the way reads the secret")
	case u.User != nil || u.RawQuery != "":
		return lang.E("the secret does not belong into the address of the Nightscout site")
	case s.API == V3 && !IsToken(s.Secret):
		return lang.E("interface v3 of Nightscout wants an access token, like llutray-0123456789abcdef: make one under Admin Tools, Subjects")
	case s.Secret != "" && !IsToken(s.Secret) && len(s.Secret) < 12:
		return lang.E("this is no API secret of Nightscout, which has at least 12 characters, and no access token")
	}
	return nil
}

// atHome reports whether a host is this computer or a number of the house.
func atHome(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && (ip.IsLoopback() || ip.IsPrivate())
}

// client speaks with one site. One request at a time.
type client struct {
	site Site
	http *http.Client
	now  func() time.Time

	mu      sync.Mutex
	jwt     string
	expires time.Time
}

func newClient(s Site, now func() time.Time) *client {
	if s.API == "" {
		s.API = V1
	}
	s.URL = strings.TrimRight(s.URL, "/")
	return &client{site: s, now: now, http: &http.Client{
		Timeout: deadline,
		// The secret goes to the site that was set and to no other.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, IdleConnTimeout: 90 * time.Second, MaxIdleConnsPerHost: 1},
	}}
}

// answer is what came back.
type answer struct {
	code   int
	header http.Header
	body   []byte
}

// ask makes a request of the site's interface, signed in as it wants it.
func (c *client) ask(ctx context.Context, method, path string, query url.Values, body any) (answer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.site.Check(); err != nil {
		return answer{}, &glucose.Fault{Kind: glucose.WrongPassword, Message: lang.T("The Nightscout site is not set right."), Hint: sentence(err), Err: err}
	}
	for again := false; ; again = true {
		header := http.Header{}
		if c.site.API == V3 {
			if err := c.signIn(ctx); err != nil {
				return answer{}, err
			}
			header.Set("Authorization", "Bearer "+c.jwt)
		} else if c.site.Secret != "" {
			header.Set("Api-Secret", c.v1Secret())
		}
		a, err := c.send(ctx, method, path, query, header, body)
		if err != nil {
			return a, err
		}
		if a.code == http.StatusUnauthorized && c.site.API == V3 && !again {
			c.jwt = "" // it may have ended before its time
			continue
		}
		if a.code >= 300 {
			return a, refusal(a, c.now())
		}
		return a, nil
	}
}

// v1Secret is the hash of the secret, or the access token as it is.
func (c *client) v1Secret() string {
	if IsToken(c.site.Secret) {
		return c.site.Secret
	}
	sum := sha1.Sum([]byte(c.site.Secret)) //nolint:gosec // the site wants it
	return hex.EncodeToString(sum[:])
}

// signIn gets a JWT for the access token, for the time that it is good.
func (c *client) signIn(ctx context.Context) error {
	if c.jwt != "" && c.now().Before(c.expires) {
		return nil
	}
	a, err := c.send(ctx, http.MethodGet, "/api/v2/authorization/request/"+url.PathEscape(c.site.Secret), nil, nil, nil)
	if err != nil {
		return err
	}
	if a.code >= 300 {
		return refusal(a, c.now())
	}
	var got struct {
		Token string `json:"token"`
		Exp   int64  `json:"exp"`
	}
	if json.Unmarshal(a.body, &got) != nil || got.Token == "" {
		return nonsense(errors.New("authorization: no token in the answer"))
	}
	c.jwt, c.expires = got.Token, time.Unix(got.Exp, 0).Add(-time.Minute)
	return nil
}

func (c *client) send(ctx context.Context, method, path string, query url.Values, header http.Header, body any) (answer, error) {
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return answer{}, nonsense(err)
		}
		in = bytes.NewReader(b)
	}
	target := c.site.URL + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, target, in)
	if err != nil {
		return answer{}, nonsense(errors.New("the request cannot be made")) // the cause may repeat the token
	}
	if header != nil {
		req.Header = header
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "llutray (+https://github.com/llutray/llutray)")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return answer{}, unreachable(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return answer{}, unreachable(err)
	}
	return answer{resp.StatusCode, resp.Header, b}, nil
}

// mostV3 is the largest limit that v3 takes.
const mostV3 = 1000

// entries are up to count entries with from <= date <= to. Their order is not
// to be relied on.
func (c *client) entries(ctx context.Context, from, to time.Time, count int) ([]entry, error) {
	if c.site.API != V3 {
		a, err := c.ask(ctx, http.MethodGet, "/api/v1/entries.json", url.Values{
			// Without a date in the question the answer begins anywhere.
			"find[date][$gte]": {millis(from)}, "find[date][$lte]": {millis(to)},
			"find[type]": {"sgv"}, "count": {strconv.Itoa(count)},
		}, nil)
		if err != nil {
			return nil, err
		}
		var list []entry
		if err := json.Unmarshal(a.body, &list); err != nil {
			return nil, nonsense(errors.New("entries: no list in the answer"))
		}
		return list, nil
	}
	var list []entry
	for {
		limit := min(count-len(list), mostV3)
		a, err := c.ask(ctx, http.MethodGet, "/api/v3/entries", url.Values{
			"date$gte": {millis(from)}, "date$lte": {millis(to)}, "sort$desc": {"date"}, "limit": {strconv.Itoa(limit)},
		}, nil)
		if err != nil {
			return nil, err
		}
		var got struct {
			Result []entry `json:"result"`
		}
		if err := json.Unmarshal(a.body, &got); err != nil || got.Result == nil {
			return nil, nonsense(errors.New("entries: no list in the answer"))
		}
		list = append(list, got.Result...)
		if len(got.Result) < limit || len(list) >= count {
			return list, nil
		}
		oldest := to
		for _, e := range got.Result {
			if at := time.UnixMilli(int64(e.Date)); at.Before(oldest) {
				oldest = at
			}
		}
		to = oldest.Add(-time.Millisecond)
	}
}

func millis(t time.Time) string { return strconv.FormatInt(max(0, t.UnixMilli()), 10) }
