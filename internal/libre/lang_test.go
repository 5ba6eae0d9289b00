package libre

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/lang/langtest"
)

func TestTextsPassThroughLang(t *testing.T) {
	defer lang.Pretend(langtest.Masked)()
	clean := func(text string) {
		require.Empty(t, langtest.Bare(text), text)
	}
	for r := range texts {
		f := newFault(r, nil)
		require.NotEmpty(t, f.Message)
		clean(f.Message + " " + f.Hint)
	}
	for _, base := range []string{"http://%", "ftp://x", "https://", "https://a:b@x", "https://x?y", "http://example.org"} {
		err := checkServer(base)
		require.Error(t, err, base)
		clean(err.Error())
	}
	require.Empty(t, langtest.Bare(checkPreset("!").Error()))
}

// In the menu there is room for three lines of 60 characters for what is wrong
// and since when, and for what to do.
func TestFaultsFitTheMenu(t *testing.T) {
	defer lang.Use(lang.English)
	for _, code := range lang.Codes() {
		lang.Use(code)
		for r := range texts {
			f := newFault(r, nil)
			require.LessOrEqual(t, langtest.Lines(f.Message+strings.Repeat(" xxxx", 4), 60), 3, "%s: %s", code, f.Message)
			require.LessOrEqual(t, langtest.Lines(f.Hint, 60), 3, "%s: %s", code, f.Hint)
		}
	}
}
