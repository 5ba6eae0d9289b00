package nightscout

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

func TestTextsPassThroughLang(t *testing.T) {
	defer lang.Pretend(lang.Masked)()
	faults := []*glucose.Fault{
		nonsense(errors.New("x")), unclear(), unreachable(errors.New("x")), unreachable(context.DeadlineExceeded), unreachable(&net.DNSError{}),
	}
	for _, code := range []int{302, 401, 403, 404, 429, 500, 503} {
		faults = append(faults, refusal(answer{code: code}, time.Now()))
	}
	faults = append(faults, bothFail(faults[0], faults[1]))
	for _, f := range faults {
		require.Empty(t, lang.Bare(f.Message+" "+f.Hint))
	}
	for _, s := range []Site{{}, {URL: "http://x.example"}, {URL: "https://a:b@x"}, {URL: "https://x", API: V3}, {URL: "https://x", Secret: "x"}} {
		require.Empty(t, lang.Bare(s.Check().Error()))
	}
	require.Equal(t, "Ärger.", sentence(errors.New("ärger")), "the first letter of any language")
}
