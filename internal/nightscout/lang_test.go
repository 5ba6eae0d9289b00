package nightscout

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/lang/langtest"
)

func faults() []*glucose.Fault {
	all := []*glucose.Fault{
		nonsense(errors.New("x")), unclear(), unreachable(errors.New("x")), unreachable(context.DeadlineExceeded), unreachable(&net.DNSError{}),
	}
	for _, code := range []int{302, 401, 403, 404, 429, 500, 503} {
		all = append(all, refusal(answer{code: code}, time.Now()))
	}
	return append(all, bothFail(all[0], all[1]))
}

func TestTextsPassThroughLang(t *testing.T) {
	defer lang.Pretend(langtest.Masked)()
	for _, f := range faults() {
		require.Empty(t, langtest.Bare(f.Message+" "+f.Hint))
	}
	for _, s := range []Site{{}, {URL: "http://x.example"}, {URL: "https://a:b@x"}, {URL: "https://x", API: V3}, {URL: "https://x", Secret: "x"}} {
		require.Empty(t, langtest.Bare(s.Check().Error()))
	}
	require.Equal(t, "Ärger.", sentence(errors.New("ärger")), "the first letter of any language")
}

// In the menu there is room for three lines of 60 characters for what is wrong
// and since when, and for what to do.
func TestFaultsFitTheMenu(t *testing.T) {
	defer lang.Use(lang.English)
	for _, code := range lang.Codes() {
		lang.Use(code)
		for _, f := range faults() {
			require.LessOrEqual(t, langtest.Lines(f.Message+strings.Repeat(" xxxx", 4), 60), 3, "%s: %s", code, f.Message)
			require.LessOrEqual(t, langtest.Lines(f.Hint, 60), 3, "%s: %s", code, f.Hint)
		}
	}
}
