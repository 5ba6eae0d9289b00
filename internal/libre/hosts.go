package libre

import (
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/llutray/llutray/internal/lang"
)

// globalRegion stands for the host every account may start at; the service
// tells from there where the account lives.
const globalRegion = "global"

// manualHosts are regions of another domain than the vendor's main one.
// Only the user chooses them.
var manualHosts = map[string]string{
	"ru": "https://api.libreview.ru",
	"cn": "https://api-cn.myfreestyle.cn",
}

// regionCode is the shape of a region's code. New ones have appeared without
// notice, so the shape is asked for and not a list; it cannot form a host
// outside the vendor's domain.
var regionCode = regexp.MustCompile(`^[a-z0-9]{1,8}$`)

// servers tells the base URL of each region.
type servers struct {
	override string // "" for the vendor's; may hold regionMark
}

const regionMark = "{region}"

func newServers(override string) (servers, error) {
	s := servers{override: strings.TrimRight(strings.TrimSpace(override), "/")}
	if s.override == "" {
		return s, nil
	}
	return s, checkServer(s.base(""))
}

// base is the URL that paths are appended to.
func (s servers) base(region string) string {
	if region == "" {
		region = globalRegion
	}
	if s.override != "" {
		return strings.ReplaceAll(s.override, regionMark, region)
	}
	if host, ok := manualHosts[region]; ok {
		return host
	}
	if region == globalRegion || !regionCode.MatchString(region) {
		return "https://api.libreview.io"
	}
	return "https://api-" + region + ".libreview.io"
}

// checkServer says what is wrong with a base URL, without repeating it: it
// may hold a password.
func checkServer(base string) error {
	u, err := url.Parse(base)
	switch {
	case err != nil:
		return lang.E("the server address is not a URL: write it like https://example.org")
	case u.Scheme != "https" && u.Scheme != "http":
		return lang.E("the server address must begin with https://")
	case u.Hostname() == "":
		return lang.E("the server address names no host: write it like https://example.org")
	case u.User != nil:
		return lang.E("the server address must not hold a user name or password")
	case u.RawQuery != "" || u.Fragment != "":
		return lang.E("the server address must end with its path, without ? or #")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return lang.E("the server address must begin with https://: plain http would show the password to the network and is allowed to this computer only (127.0.0.1, localhost)")
	}
	return nil
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func checkPreset(region string) error {
	if region == "" || region == globalRegion || regionCode.MatchString(region) {
		return nil
	}
	return lang.E("%q is not a region of LibreLinkUp: leave it empty, or write a code like eu, us, ru or cn", region)
}

// signInRegion is where a password sign-in starts: the user's choice, else
// where the account was last found. The region belongs to the account, so
// another address starts anew.
func (c *Client) signInRegion(email string) string {
	switch {
	case c.preset == globalRegion:
		return ""
	case c.preset != "":
		return c.preset
	case c.session.owns(email):
		return c.session.Region
	}
	return ""
}

// followRegion checks a region a server named. visited holds those already tried.
func followRegion(next string, visited []string) reason {
	if _, manual := manualHosts[next]; manual {
		return reasonOtherDomain
	}
	if !regionCode.MatchString(next) || next == globalRegion {
		return reasonRedirect
	}
	if slices.Contains(visited, next) || len(visited) > maxHops {
		return reasonRedirect
	}
	return ""
}

// maxHops is how often a sign-in follows the service to another region. Two
// were seen: from global to a region, and on from there.
const maxHops = 2
