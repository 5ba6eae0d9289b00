package settings

import (
	"slices"
	"strings"
	"unicode"

	"github.com/llutray/llutray/internal/lang"
)

// Sections that the user names: [quiet.NAME], [relays.NAME], [accounts.NAME], and
// [people.NAME] with what lies below it.

func inName(r rune) bool {
	return r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r)
}

// canonical forgives the likeliest slip: "person" is one setting of its own.
func canonical(name string) string {
	if rest, ok := strings.CutPrefix(name, "person."); ok {
		return "people." + rest
	}
	return name
}

// knownSection reports whether keys may stand below a header.
func knownSection(name string) bool {
	if slices.ContainsFunc(keys, func(k key) bool { return strings.HasPrefix(k.name, name+".") }) {
		return true
	}
	first, rest, deeper := strings.Cut(name, ".")
	if !deeper {
		return name == "people" || name == "relays" || name == "accounts" // "quiet" has keys of everybody's
	}
	section, rest, deeper := strings.Cut(rest, ".")
	switch first {
	case "quiet", "relays":
		return goodName(section) && !deeper
	case "accounts":
		return CheckAccountName(section) == nil && !deeper
	case "people":
		return goodName(section) && (!deeper || differs(rest+".") && knownSection(rest))
	}
	return false
}

// sectionDoc is what stands above a header.
func sectionDoc(name string) phrase {
	if doc, ok := sections[name]; ok {
		return phrase{text: doc}
	}
	parts := strings.SplitN(name, ".", 3)
	switch {
	case parts[0] == "quiet":
		return phrase{text: lang.Mark("Quiet hours of your own.")}
	case parts[0] == "relays":
		return phrase{text: lang.Mark("A place outside this computer that alarms go to.")}
	case parts[0] == "accounts":
		return phrase{
			lang.Mark("Another LibreLinkUp account that is followed beside the first. Sign in to it with:\n%s"),
			[]any{"llutray login --account " + parts[1]},
		}
	case len(parts) < 3:
		return phrase{
			lang.Mark("One person who shares with the account. Any key of [alarms.…], [limits] and\n[quiet.…] may be set below for them alone, as in [%s.alarms.low]."),
			[]any{tomlName(name)},
		}
	}
	return phrase{lang.Mark("For %s alone. %s"), []any{parts[1], sectionDoc(parts[2])}}
}

// tomlName writes a dotted name, with quotes where TOML wants them.
func tomlName(name string) string {
	parts := strings.Split(name, ".")
	for i, p := range parts {
		if strings.ContainsFunc(p, func(r rune) bool { return r > unicode.MaxASCII || !inName(r) }) {
			parts[i] = quote(p)
		}
	}
	return strings.Join(parts, ".")
}

// near lists the keys that may have been meant by a name.
func near(name string) (out []string) {
	for _, k := range keys {
		out = append(out, k.name)
	}
	parts := strings.SplitN(name, ".", 3)
	if len(parts) < 3 || !goodName(parts[1]) {
		return out
	}
	switch parts[0] {
	case "quiet":
		for _, k := range ownWindowKeys(parts[1]) {
			out = append(out, k.name)
		}
	case "relays":
		for _, k := range relayKeys(parts[1]) {
			out = append(out, k.name)
		}
	case "accounts":
		for _, k := range accountKeys(parts[1]) {
			out = append(out, k.name)
		}
	case "people":
		for _, k := range personKeys(parts[1]) {
			out = append(out, k.name)
		}
		below := "people." + parts[1] + "."
		for _, n := range near(parts[2]) {
			if differs(n) {
				out = append(out, below+n)
			}
		}
	}
	return out
}

// nearSections lists the sections that may have been meant by a name.
func nearSections(name string) (out []string) {
	for s := range sections {
		out = append(out, s)
	}
	if _, own, ok := strings.Cut(name, "."); ok {
		section, rest, deeper := strings.Cut(own, ".")
		if !goodName(section) {
			return out
		}
		out = append(out, "people."+section)
		if !deeper {
			out = append(out, "quiet."+section, "relays."+section, "accounts."+section)
		} else {
			for _, s := range nearSections(rest) {
				if differs(s + ".") {
					out = append(out, "people."+section+"."+s)
				}
			}
		}
	}
	return out
}

// checkWindows finds a window of the user's own that says not when it is: it
// would never be in force, and is likely a slip of the pen for another.
func (d *document) checkWindows() error {
	has := map[string]bool{}
	for _, e := range d.entries {
		has[e.name] = true
	}
	for _, e := range d.entries {
		below, everyone := "", e.name
		if parts := strings.SplitN(e.name, ".", 3); parts[0] == "people" && len(parts) == 3 {
			below, everyone = "people."+parts[1]+".", parts[2]
		}
		parts := strings.Split(everyone, ".")
		if parts[0] != "quiet" || len(parts) != 3 || Default().hasWindow(parts[1]) {
			continue
		}
		for _, key := range []string{"from", "to"} {
			shared := "quiet." + parts[1] + "." + key
			if !has[below+shared] && !has[shared] {
				window := below + "quiet." + parts[1]
				return &Error{Line: e.line, Key: window, Message: lang.F("it has no %q: write when it begins and ends, such as from = \"21:00\" and to = \"06:30\"", key), document: d}
			}
		}
	}
	return nil
}
