package lang

import (
	"cmp"
	"slices"
	"strings"
)

// fromEnvironment is the locale of a Unix environment. Of the languages that
// LANGUAGE prefers, the first that the program speaks counts.
func fromEnvironment(get func(string) string) string {
	locale := cmp.Or(get("LC_ALL"), get("LC_MESSAGES"), get("LANG"))
	if name, _, _ := strings.Cut(locale, "."); name == "" || name == "C" || name == "POSIX" {
		return ""
	}
	_, region := split(locale)
	for l := range strings.SplitSeq(get("LANGUAGE"), ":") {
		code, own := base(l)
		if slices.Contains(Codes(), code) {
			return strings.TrimRight(code+"-"+cmp.Or(own, region), "-")
		}
	}
	return locale
}

// base is a locale's language, whether it is spoken or not, and its region.
func base(locale string) (code, region string) {
	code, _, _ = strings.Cut(strings.NewReplacer("_", "-").Replace(locale), "-")
	_, region = split(locale)
	return strings.ToLower(code), region
}
