package relay

import (
	"errors"
	"net"
	"net/http"
	"net/textproto"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/lang/langtest"
)

func TestTextsPassThroughLang(t *testing.T) {
	defer lang.Pretend(langtest.Masked)()
	clean := func(text string, but ...string) {
		require.Empty(t, langtest.Bare(text, but...), text)
	}
	now := time.Date(2026, 11, 28, 6, 0, 0, 0, time.UTC)
	old := Item{Time: now.Add(-time.Hour)}
	clean(late(old, now).Body)
	old.Unanswered = true
	clean(late(old, now).Body)
	for _, free := range []bool{false, true} {
		text := overText(Heard{Kind: alarm.UrgentLow, First: now, Name: "Ann"}, now, free)
		clean(text.Title+" "+text.Body, "Ann")
	}
	for _, code := range []int{400, 401, 403, 404, 500} {
		clean(refused(&http.Response{StatusCode: code, Header: http.Header{}}).Error(), http.StatusText(code))
	}
	for _, err := range []error{errors.New("x"), errors.New("EOF"), &net.DNSError{}, &net.OpError{Err: errors.New("x")}, &textproto.Error{Code: 550}} {
		clean(words("", err).Error())
	}
	clean(errNoAnswer.Error())
	clean(errCrashed.Error())
}

// The child says what is wrong in the language of its parent.
func TestChildSpeaksTheLanguage(t *testing.T) {
	lang.Use("de-AT")
	defer lang.Use(lang.English)
	c := child(t, "")
	t.Setenv(childEnv, "language")
	require.EqualError(t, c.Check(t.Context(), ""), "de-AT de-AT")
}
