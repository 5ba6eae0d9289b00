package libre

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/lang"
)

func TestTextsPassThroughLang(t *testing.T) {
	defer lang.Pretend(lang.Masked)()
	clean := func(text string) {
		require.Empty(t, lang.Bare(text), text)
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
	require.Empty(t, lang.Bare(checkPreset("!").Error()))
}
