package notify

import (
	"strings"
	"unicode"
)

// Lengths in characters. A title longer than this is cut by every desktop
// anyway; a body longer than this pushes the buttons off a small screen.
const (
	maxTitle = 120
	maxBody  = 600
	maxLabel = 40
	maxLines = 8
)

// line returns s as one line of at most limit characters.
func line(s string, limit int) string {
	return cut(strings.Join(strings.Fields(visible(s)), " "), limit)
}

// paragraph returns s with its lines kept, but neither endless nor spread out.
func paragraph(s string) string {
	var lines []string
	for l := range strings.Lines(visible(s)) {
		l = strings.Join(strings.Fields(l), " ")
		if l == "" {
			continue
		}
		if lines = append(lines, l); len(lines) == maxLines {
			break
		}
	}
	return cut(strings.Join(lines, "\n"), maxBody)
}

// visible drops what cannot be seen yet changes what is seen: control
// characters, and the marks with which a name from the server could turn the
// reading direction of the text around it, digits included. Joiners stay,
// since scripts need them.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\u2028' || r == '\u2029':
			return '\n'
		case r == '\t' || r == '\r':
			return ' '
		case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		case r == '\ufeff', unicode.Is(unicode.Noncharacter_Code_Point, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

func cut(s string, limit int) string {
	n := 0
	for i := range s {
		if n++; n == limit {
			if rest := s[i:]; len([]rune(rest)) > 1 {
				return strings.TrimRight(s[:i], " \n") + "…"
			}
			return s
		}
	}
	return s
}

// inert makes text safe for the roads that pass through another program's
// command line or script: a leading '-' is read as an option, terminal-notifier
// parses a leading bracket as a property list, and the Windows toast library
// falls back to a PowerShell here-string, in which '$' and '`' expand and any
// kind of double quote at the start of a line ends the string, and puts the
// text into a CDATA section, which "]]>" ends.
func inert(s string) string {
	s = powershell.Replace(s)
	if s == "" {
		return s
	}
	switch s[0] {
	case '-':
		return "\u2212" + s[1:] // the minus sign says the same and is no option
	case '[', '(', '{', '<':
		return "\u200b" + s
	}
	return s
}

var powershell = strings.NewReplacer(
	"$", "\uff04", "`", "'", `"`, "'", "\u201c", "'", "\u201d", "'", "\u201e", "'", "]]>", "]] >")
