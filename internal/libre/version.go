package libre

import (
	"regexp"
	"strconv"
	"strings"
)

var versionShape = regexp.MustCompile(`^\d+\.\d+(\.\d+)?$`)

// parseVersion reads "4.17.0" or "4.17".
func parseVersion(s string) (v [3]int, ok bool) {
	if !versionShape.MatchString(s) {
		return v, false
	}
	for i, part := range strings.Split(s, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return [3]int{}, false
		}
		v[i] = n
	}
	return v, true
}

// newer reports whether version a is higher than b; one that cannot be read
// is lower than any.
func newer(a, b string) bool {
	va, okA := parseVersion(a)
	vb, okB := parseVersion(b)
	if !okA || !okB {
		return okA
	}
	for i := range va {
		if va[i] != vb[i] {
			return va[i] > vb[i]
		}
	}
	return false
}

// version is what requests say: ours, or the higher one the service once
// demanded.
func (s Session) version() string {
	if v, ok := parseVersion(s.Version); ok && v[0] == 4 && newer(s.Version, appVersion) {
		return s.Version
	}
	return appVersion
}

// adoptVersion takes over the version the service demands, if it is one this
// interface can have: the fifth has another one.
func (c *Client) adoptVersion(demanded string) reason {
	v, ok := parseVersion(demanded)
	switch {
	case ok && v[0] > 4:
		return reasonClosed
	case ok && v[0] == 4 && newer(demanded, c.session.version()):
		c.session.Version = demanded
		c.log.Info("LibreLinkUp demands a newer version; adopted", "version", demanded)
		return ""
	}
	return reasonTooOld
}
