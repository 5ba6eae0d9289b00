package chart_test

import (
	"encoding/xml"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/lang/langtest"
)

// TestOtherLanguage: no word of English is left in the pictures, nor in what
// is told of them.
func TestOtherLanguage(t *testing.T) {
	defer lang.Pretend(langtest.Masked)()
	for name, d := range drawings(t) {
		require.Empty(t, langtest.Bare(d.Words, "Urgent low", "Low 3.8"), "%s: %s", name, d.Words)
		dec := xml.NewDecoder(strings.NewReader(d.SVG))
		for {
			token, err := dec.Token()
			if err != nil {
				break
			}
			if text, ok := token.(xml.CharData); ok {
				require.Empty(t, langtest.Bare(string(text), "Urgent low", "Low 3.8"), "%s: %s", name, text)
			}
		}
	}
}

// TestLongWords: a language with longer words makes the picture of the bar
// wider, so that no letter is cut off.
func TestLongWords(t *testing.T) {
	before := drawings(t)["bar"].Plot
	defer lang.Pretend(func(key string) string { return key + strings.Repeat("~", 12) })()
	after := drawings(t)["bar"].Plot
	require.Greater(t, after.Width, before.Width)
	require.InDelta(t, before.Right, after.Right, 0)
}
