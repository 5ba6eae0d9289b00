package libre

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// TestWaits proves for every answer that asks to wait: the instant to the
// second, no request before it by any way and over a restart, and one at it.
func TestWaits(t *testing.T) {
	retry := func(v string) map[string]string { return map[string]string{"Retry-After": v} }
	elsewhere := retry(start.Add(5*time.Hour + 97*time.Second).Format(http.TimeFormat))
	elsewhere["Date"] = start.Add(5 * time.Hour).Format(http.TimeFormat)
	cloudflare := page(403, `<!DOCTYPE html><title>Attention Required! | Cloudflare</title>`)
	limited := page(429, `<title>Access denied | api-de.libreview.io used Cloudflare to restrict access</title>`)
	limited.header["Retry-After"] = "1800"
	for name, c := range map[string]struct {
		rep  reply
		kind glucose.FaultKind
		wait time.Duration
	}{
		"locked, in a good answer": {ok(locked), glucose.Locked, 300 * time.Second},
		"locked, HTTP 429":         {reply{code: 429, body: locked}, glucose.Locked, 300 * time.Second},
		"locked, other lockout":    {ok(`{"status":429,"data":{"code":60,"data":{"lockout":"77"}}}`), glucose.Locked, 77 * time.Second},
		"locked, not for how long": {ok(`{"status":429,"data":{"message":"locked"}}`), glucose.Locked, 300 * time.Second},
		"locked, for ever":         {ok(`{"status":429,"data":{"code":60,"data":{"lockout":1e18}}}`), glucose.Locked, 24 * time.Hour},
		"429":                      {reply{code: 429, body: "Too Many Requests"}, glucose.Throttled, 5 * time.Minute},
		"429 in seconds":           {reply{code: 429, header: retry("97")}, glucose.Throttled, 97 * time.Second},
		"429 with a date":          {reply{code: 429, header: retry(start.Add(601 * time.Second).Format(http.TimeFormat))}, glucose.Throttled, 601 * time.Second},
		"429, our clock is behind": {reply{code: 429, header: elsewhere}, glucose.Throttled, 97 * time.Second},
		"429 with a past date":     {reply{code: 429, header: retry(start.Add(-time.Hour).Format(http.TimeFormat))}, glucose.Throttled, 5 * time.Minute},
		"429 at once":              {reply{code: 429, header: retry("0")}, glucose.Throttled, 5 * time.Minute},
		"429 with nonsense":        {reply{code: 429, header: retry("soon")}, glucose.Throttled, 5 * time.Minute},
		"429 for ever":             {reply{code: 429, header: retry("99999999999999999999")}, glucose.Throttled, 24 * time.Hour},
		"429 in a good answer":     {ok(`{"status":429,"error":{"message":"slow down"}}`), glucose.Throttled, 5 * time.Minute},
		"430":                      {reply{code: 430}, glucose.Throttled, 5 * time.Minute},
		"430 with a page":          {page(430, "<html>"), glucose.Throttled, 5 * time.Minute},
		"Cloudflare":               {cloudflare, glucose.Blocked, 15 * time.Minute},
		"Cloudflare 1015":          {limited, glucose.Blocked, 30 * time.Minute},
		"Cloudflare in plain text": {reply{code: 403, header: map[string]string{"Content-Type": "text/plain"}, body: "error code: 1020"}, glucose.Blocked, 15 * time.Minute},
		"403 without a word":       {reply{code: 403}, glucose.Blocked, 15 * time.Minute},
		"HTML in a good answer":    {ok(` <html>LibreView</html>`), glucose.Blocked, 15 * time.Minute},
		"maintenance with a time":  {reply{code: 503, header: retry("120"), body: `{"status":911}`}, glucose.Maintenance, 2 * time.Minute},
		"5xx with a time":          {reply{code: 503, header: retry("120")}, glucose.ServerError, 2 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			until := start.Add(c.wait)
			for _, family := range []string{familyLogin, familyConnections} {
				s := newService(t)
				good := s.script[family]
				s.on(family, c.rep)
				sess := signedIn()
				if family == familyLogin {
					sess = Session{}
				}
				r := newRigWith(t, s, sess)
				f := fault(t, r.current(), c.kind)
				require.Equal(t, until, f.Until)
				require.NotEmpty(t, f.Hint)
				s.on(family, good...)

				asked := r.requests()
				quiet := func() {
					t.Helper()
					_, err := r.Graph(ctx, secretPatient)
					for _, err := range []error{r.current(), r.SignIn(ctx), r.AcceptStep(ctx), err} {
						f := fault(t, err, c.kind)
						require.Equal(t, until, f.Until)
					}
					require.Equal(t, asked, r.requests())
				}
				quiet()
				r.now = until.Add(-time.Second)
				quiet()
				r.restart(r.lastStored())
				quiet()
				r.now = until
				require.NoError(t, r.current())
				require.True(t, r.lastStored().NotBefore.IsZero())
			}
		})
	}
}

func TestWaitsGrow(t *testing.T) {
	m := time.Minute
	for name, c := range map[string]struct {
		rep  reply
		want []time.Duration
	}{
		"429":        {reply{code: 429}, []time.Duration{5 * m, 10 * m, 20 * m, 30 * m, 30 * m}},
		"430":        {reply{code: 430}, []time.Duration{5 * m, 10 * m, 20 * m, 40 * m, 60 * m, 60 * m}},
		"locked":     {ok(locked), []time.Duration{5 * m, 10 * m, 20 * m, 30 * m, 30 * m}},
		"Cloudflare": {page(403, "<html>"), []time.Duration{15 * m, 30 * m, 60 * m, 60 * m}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t)
			s.on(familyLogin, c.rep)
			r := newRig(t, s)
			for _, want := range c.want {
				f := fault(t, r.current(), r.kindOf(c.rep))
				require.Equal(t, want, f.Until.Sub(r.now))
				r.now = f.Until
				r.restart(r.lastStored())
			}
			require.Equal(t, len(c.want), r.requests())

			// One good answer, and it begins anew.
			s.on(familyLogin, ok(loginBody(secretToken, start)))
			require.NoError(t, r.current())
			s.on(familyConnections, c.rep)
			f := fault(t, r.current(), r.kindOf(c.rep))
			require.Equal(t, c.want[0], f.Until.Sub(r.now))
		})
	}
}

func (r *rig) kindOf(rep reply) glucose.FaultKind {
	switch { //nolint:staticcheck // ranges and single values mixed
	case rep.code == 0:
		return glucose.Locked
	case rep.code == 403:
		return glucose.Blocked
	}
	return glucose.Throttled
}

func Test430TellsOfTermsEvenAfterARestart(t *testing.T) {
	s := newService(t)
	s.on(familyLogin, reply{code: 430})
	r := newRig(t, s)
	first := fault(t, r.current(), glucose.Throttled)
	require.Contains(t, first.Hint, "accept new terms")
	r.restart(r.lastStored())
	require.Equal(t, first.Hint, fault(t, r.current(), glucose.Throttled).Hint)
}

// A clock that was years ahead when a wait was written down must not silence
// the program for years.
func TestImpossibleWaitIsDropped(t *testing.T) {
	s := newService(t)
	sess := signedIn()
	sess.NotBefore, sess.Held = start.AddDate(3, 0, 0), "throttled"
	require.NoError(t, newRigWith(t, s, sess).current())

	sess = Session{NextSignIn: start.AddDate(3, 0, 0), SignInHeld: "terms"}
	require.NoError(t, newRigWith(t, s, sess).current())
}

// Who asks anew must know when a sign-in is free again: a moment earlier it would
// be refused here. Everything else is free meanwhile.
func TestFaultTellsWhenASignInIsFree(t *testing.T) {
	s := newService(t)
	s.on(familyLogin, reply{code: 500})
	r := newRigWith(t, s, Session{})
	for _, wait := range []time.Duration{time.Minute, 2 * time.Minute} {
		f := fault(t, r.current(), glucose.ServerError)
		require.True(t, f.Until.IsZero())
		require.Equal(t, r.now.Add(wait), f.SignIn)
		asked := r.requests()
		r.now = f.SignIn.Add(-1)
		require.Equal(t, f.SignIn, fault(t, r.current(), glucose.ServerError).SignIn)
		require.Equal(t, asked, r.requests())
		r.now = f.SignIn
	}
}

func TestWaitOfAnUnknownReasonStillBinds(t *testing.T) {
	sess := signedIn()
	sess.NotBefore, sess.Held = start.Add(time.Minute), "of a later version"
	r := newRigWith(t, newService(t), sess)
	fault(t, r.current(), glucose.Throttled)
	require.Zero(t, r.requests())
}

func TestWaitsMoveWithTheClock(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s := Session{NotBefore: now.Add(10 * time.Minute), Held: string(reasonThrottled)}
	const back = -time.Hour
	s.moveWaits(back)
	require.NotNil(t, s.heldAt(now.Add(back+9*time.Minute)))
	require.Nil(t, s.heldAt(now.Add(back+10*time.Minute)), "minutes have become hours")
	require.True(t, s.NextSignIn.IsZero(), "nothing is waited for there")
}

// The clock was set back before the program was started again: the wait is as
// long as it was at most.
func TestWaitsOverARestartWithTheClockSetBack(t *testing.T) {
	s := newService(t)
	s.on(familyConnections, page(403, "<html>"))
	r := newRigWith(t, s, signedIn())
	fault(t, r.current(), glucose.Blocked)
	r.now = start.Add(-3 * time.Hour)
	r.restart(r.lastStored())
	require.Equal(t, r.now.Add(15*time.Minute), fault(t, r.current(), glucose.Blocked).Until)
	asked := r.requests()
	r.now = r.now.Add(15*time.Minute - time.Second)
	fault(t, r.current(), glucose.Blocked)
	require.Equal(t, asked, r.requests())
	r.now = r.now.Add(time.Second)
	fault(t, r.current(), glucose.Blocked)
	require.Equal(t, asked+1, r.requests())
}
