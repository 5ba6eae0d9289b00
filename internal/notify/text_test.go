package notify

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"LOW 3.4 ↓ John":                "LOW 3.4 ↓ John",
		"a\x00b\x1b[1mc\x7fd\u0085e":    "ab[1mcde",
		"\u202e4.3\u202c \u2066x\ufeff": "4.3 x", // a name that turns the number round
		"  tab\t and\r\nnew line  ":     "tab and new line",
		"bad \xff\xfe bytes":            "bad \ufffd bytes",
		"family 👩\u200d👧":               "family 👩\u200d👧",
		"\u202e\x00":                    "",
	} {
		require.Equal(t, want, line(in, maxTitle), "%q", in)
	}
	require.Equal(t, "one\ntwo", paragraph("\n\n one \n\n\t\n two\r\n"))
	require.Equal(t, strings.TrimSuffix(strings.Repeat("l\n", maxLines), "\n"), paragraph(strings.Repeat("l\n", 500)))
}

func TestCut(t *testing.T) {
	require.Equal(t, "äöü", cut("äöü", 3))
	require.Equal(t, "äö…", cut("äöüß", 3))
	require.Equal(t, "a…", cut("a  b", 3), "no blank before the dots")
	require.Empty(t, cut("", 3))
}

func FuzzText(f *testing.F) {
	f.Add("LOW 3.4 ↓ <John>\n-0.4 $(calc) `x` ]]>")
	f.Add("\"@\n\u201d@\n\xff\u202e")
	f.Fuzz(func(t *testing.T, s string) {
		for text, limit := range map[string]int{line(s, maxTitle): maxTitle, paragraph(s): maxBody} {
			require.True(t, utf8.ValidString(text))
			require.LessOrEqual(t, utf8.RuneCountInString(text), limit)
			require.NotContains(t, text, "\x00")
			quiet := inert(text)
			require.False(t, strings.HasPrefix(quiet, "-"))
			require.NotContains(t, quiet, "]]>")
			require.False(t, strings.ContainsAny(quiet, "$`\"\u201c\u201d\u201e"))
		}
	})
}

func TestInert(t *testing.T) {
	require.Equal(t, "\u22120.4 mmol/L", inert("-0.4 mmol/L"))
	require.Equal(t, "\uff04(calc) 'x'", inert("$(calc) `x`"))
	require.Equal(t, "\u200b[a", inert("[a"))
	require.Equal(t, "'@", inert(`"@`))
	require.Equal(t, "5.4 → John", inert("5.4 → John"))
	require.Empty(t, inert(""))
}
