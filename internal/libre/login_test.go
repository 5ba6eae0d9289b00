package libre

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

const (
	refused  = `{"status":2,"error":{"message":"notAuthenticated"}}`
	locked   = `{"status":429,"data":{"code":60,"data":{"failures":3,"interval":60,"lockout":300},"message":"locked"}}`
	deadJWT  = `{"message":"invalid or expired jwt"}`
	tooOld   = `{"data":{"minimumVersion":"4.18.1"},"status":920}`
	notThere = `{"error":{"message":"couldNotLoadPatient"},"status":4}`
)

func redirectTo(region string) reply {
	return ok(`{"status":0,"data":{"redirect":true,"region":"` + region + `"}}`)
}

func stepBody(kind, ticket string) string {
	return jsonf(`{"status":4,"data":{"step":{"type":%q,"componentName":"AcceptDocument","props":{"reaccept":true}},
		"user":{"accountType":"pat","country":"CH","uiLanguage":"en-US"},"authTicket":{"token":%q,"expires":%d,"duration":3600000}}}`,
		kind, ticket, start.Add(time.Hour).Unix())
}

func TestRegionRedirect(t *testing.T) {
	good := ok(loginBody(secretToken, start.AddDate(0, 6, 0)))
	for name, c := range map[string]struct {
		preset  string
		replies []reply
		visited []string
		kind    glucose.FaultKind // "" is success
	}{
		"none":                       {"", []reply{good}, []string{"global"}, ""},
		"one":                        {"", []reply{redirectTo("eu2"), good}, []string{"global", "eu2"}, ""},
		"two":                        {"", []reply{redirectTo("eu"), redirectTo("de"), good}, []string{"global", "eu", "de"}, ""},
		"three are too many":         {"", []reply{redirectTo("a"), redirectTo("b"), redirectTo("c"), good}, []string{"global", "a", "b"}, glucose.ServerError},
		"to itself":                  {"", []reply{redirectTo("eu"), redirectTo("eu"), good}, []string{"global", "eu"}, glucose.ServerError},
		"in a circle":                {"eu", []reply{redirectTo("de"), redirectTo("eu"), good}, []string{"eu", "de"}, glucose.ServerError},
		"back to the start":          {"", []reply{redirectTo("global"), good}, []string{"global"}, glucose.ServerError},
		"unknown but well formed":    {"", []reply{redirectTo("zz9"), good}, []string{"global", "zz9"}, ""},
		"to another domain":          {"", []reply{redirectTo("x.evil.example/"), good}, []string{"global"}, glucose.ServerError},
		"too long a code":            {"", []reply{redirectTo("abcdefghi"), good}, []string{"global"}, glucose.ServerError},
		"upper case":                 {"", []reply{redirectTo("EU"), good}, []string{"global"}, glucose.ServerError},
		"no code":                    {"", []reply{ok(`{"status":0,"data":{"redirect":true}}`), good}, []string{"global"}, glucose.ServerError},
		"to Russia":                  {"", []reply{redirectTo("ru"), good}, []string{"global"}, glucose.SignedOut},
		"to China":                   {"", []reply{redirectTo("cn"), good}, []string{"global"}, glucose.SignedOut},
		"Russia by choice":           {"ru", []reply{good}, []string{"ru"}, ""},
		"a chosen region is started": {"us", []reply{good}, []string{"us"}, ""},
		"the global one by choice":   {"global", []reply{redirectTo("eu"), good}, []string{"global", "eu"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t)
			s.on(familyLogin, c.replies...)
			r := newRig(t, s)
			r.options.Region = c.preset
			r.restart(Session{})
			err := r.SignIn(context.Background())
			var regions []string
			for _, q := range s.all() {
				regions = append(regions, q.region)
			}
			require.Equal(t, c.visited, regions)
			if c.kind != "" {
				fault(t, err, c.kind)
				require.Empty(t, r.Session().Token)
				return
			}
			require.NoError(t, err)
			require.NoError(t, r.current())
			last := c.visited[len(c.visited)-1]
			require.Equal(t, last, s.all()[len(regions)].region, "data is asked for where the account lives")
			if last != "global" {
				require.Equal(t, last, r.lastStored().Region)
			}
		})
	}
}

func TestRegionIsRememberedForItsAccountOnly(t *testing.T) {
	s := newService(t)
	s.on(familyLogin, redirectTo("eu2"), ok(loginBody(secretToken, start)))
	r := newRig(t, s)
	require.NoError(t, r.SignIn(context.Background()))

	r.restart(r.lastStored())
	require.NoError(t, r.SignIn(context.Background()))
	require.Equal(t, "eu2", s.all()[2].region)

	r.creds.Email = "other@example.org"
	require.NoError(t, r.SignIn(context.Background()))
	require.Equal(t, "global", s.all()[3].region)
}

func TestWrongPasswordIsNotTriedAgain(t *testing.T) {
	for name, rep := range map[string]reply{
		"status 2":        ok(refused),
		"older words":     ok(`{"status":2,"error":{"message":"incorrect username/password"}}`),
		"status as text":  ok(`{"status":"2"}`),
		"HTTP 401":        {code: 401, body: `{"message":"Unauthorized"}`},
		"HTTP 401, empty": {code: 401},
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t)
			good := ok(loginBody(secretToken, start.AddDate(0, 6, 0)))
			s.on(familyLogin, rep)
			r := newRig(t, s)
			f := fault(t, r.current(), glucose.WrongPassword)
			require.True(t, f.Until.IsZero())
			require.Equal(t, 1, r.requests())

			// Not by itself, however long, and not after a restart.
			r.now = r.now.AddDate(0, 1, 0)
			fault(t, r.current(), glucose.WrongPassword)
			r.restart(r.lastStored())
			fault(t, r.current(), glucose.WrongPassword)
			_, err := r.Graph(context.Background(), secretPatient)
			fault(t, err, glucose.WrongPassword)
			require.Equal(t, 1, r.requests())

			// When the user asks, once; then not by itself again.
			fault(t, r.SignIn(context.Background()), glucose.WrongPassword)
			fault(t, r.current(), glucose.WrongPassword)
			require.Equal(t, 2, r.requests())

			// With another password at once.
			s.on(familyLogin, good)
			r.creds.Password += "!"
			require.NoError(t, r.current())
			require.Equal(t, 3, s.count(familyLogin))
			require.Empty(t, r.lastStored().Refused)
		})
	}
}

func TestAskedSignInThatReachesNobodyKeepsTheRefusal(t *testing.T) {
	s := newService(t)
	s.on(familyLogin, ok(refused))
	r := newRig(t, s)
	fault(t, r.current(), glucose.WrongPassword)
	s.Close()
	fault(t, r.SignIn(context.Background()), glucose.Offline)
	require.NotEmpty(t, r.Session().Refused)
	fault(t, r.current(), glucose.WrongPassword)
}

func TestRefusalCannotBeReadBack(t *testing.T) {
	s := newService(t)
	s.on(familyLogin, ok(refused))
	a, b := newRig(t, s), newRig(t, s)
	fault(t, a.current(), glucose.WrongPassword)
	fault(t, b.current(), glucose.WrongPassword)
	require.NotEqual(t, a.lastStored().Refused, b.lastStored().Refused, "each session has its own salt")
	require.Len(t, a.lastStored().Refused, 64)
}

func TestWrongPasswordLeavesAWorkingTokenAlone(t *testing.T) {
	s := newService(t)
	s.on(familyLogin, ok(refused))
	r := newRigWith(t, s, signedIn())
	fault(t, r.SignIn(context.Background()), glucose.WrongPassword)
	require.NoError(t, r.current())
}

func TestTermsAreAcceptedStepByStep(t *testing.T) {
	s := newService(t)
	s.on(familyLogin, redirectTo("fr"), ok(stepBody("tou", "step-one")))
	s.on(familyContinue, ok(stepBody("pp", "step-two")), ok(loginBody(secretToken, start.AddDate(0, 6, 0))))
	r := newRig(t, s)
	ctx := context.Background()

	fault(t, r.SignIn(ctx), glucose.Terms)
	step, pending := r.PendingStep()
	require.True(t, pending)
	require.Equal(t, Step{Type: "tou", Title: "Terms of use"}, step)
	require.True(t, step.Acceptable())
	require.NotContains(t, string(mustJSON(t, r.lastStored())), "step-one", "a step's ticket is not stored")

	fault(t, r.AcceptStep(ctx), glucose.Terms)
	step, _ = r.PendingStep()
	require.Equal(t, "pp", step.Type)

	require.NoError(t, r.AcceptStep(ctx))
	_, pending = r.PendingStep()
	require.False(t, pending)
	require.NoError(t, r.current())

	all := s.all()
	require.Equal(t, []string{"/auth/continue/tou", "/auth/continue/pp"}, []string{all[2].path, all[3].path})
	for i, ticket := range []string{"step-one", "step-two"} {
		q := all[2+i]
		require.Equal(t, "fr", q.region)
		require.Equal(t, http.MethodPost, q.method)
		require.Empty(t, q.body)
		require.Equal(t, "Bearer "+ticket, q.header.Get("Authorization"))
		require.Empty(t, q.header.Get("Account-Id"))
	}
	require.Equal(t, "Bearer "+secretToken, all[4].header.Get("Authorization"))
	require.Equal(t, "fr", r.lastStored().Region)
}

func TestTermsAreNeverAcceptedByThemselves(t *testing.T) {
	s := newService(t)
	s.on(familyLogin, ok(stepBody("tou", "step-one")))
	r := newRig(t, s)
	for range 30 {
		f := fault(t, r.current(), glucose.Terms)
		require.Contains(t, f.Hint, "llutray login")
		r.now = r.now.Add(time.Minute)
	}
	require.Equal(t, 1, r.requests(), "neither continued, nor used for data, nor signed in again")

	r.restart(r.lastStored())
	fault(t, r.current(), glucose.Terms)
	require.Equal(t, 1, r.requests())
	r.now = start.Add(time.Hour)
	fault(t, r.current(), glucose.Terms)
	require.Equal(t, 2, r.requests(), "hourly, in case they were accepted elsewhere")

	s.on(familyLogin, ok(loginBody(secretToken, start)))
	require.NoError(t, r.SignIn(context.Background()), "the user need not wait")
}

func TestStepsThatCannotBeContinued(t *testing.T) {
	ctx := context.Background()
	accept := func(t *testing.T, step string, continued ...reply) (*rig, error) {
		s := newService(t)
		s.on(familyLogin, ok(step))
		s.on(familyContinue, continued...)
		r := newRig(t, s)
		require.Error(t, r.SignIn(ctx))
		_, pending := r.PendingStep()
		require.True(t, pending)
		return r, r.AcceptStep(ctx)
	}
	t.Run("an e-mail address to be verified", func(t *testing.T) {
		r, err := accept(t, stepBody("verifyEmail", "x"))
		fault(t, err, glucose.VerifyEmail)
		require.Equal(t, 1, r.requests())
	})
	t.Run("an unknown step", func(t *testing.T) {
		r, err := accept(t, stepBody("../../evil", "x"))
		step, _ := r.PendingStep()
		require.Equal(t, "unknown", step.Type)
		require.False(t, step.Acceptable())
		fault(t, err, glucose.Terms)
		require.Equal(t, 1, r.requests())
	})
	t.Run("no step told", func(t *testing.T) {
		_, err := accept(t, `{"status":4}`)
		fault(t, err, glucose.Terms)
	})
	t.Run("no ticket", func(t *testing.T) {
		r, err := accept(t, `{"status":4,"data":{"step":{"type":"tou"}}}`)
		fault(t, err, glucose.Terms)
		require.Equal(t, 1, r.requests())
	})
	t.Run("an old ticket", func(t *testing.T) {
		r, err := accept(t, stepBody("tou", "x"), reply{code: 401, body: deadJWT})
		f := fault(t, err, glucose.Terms)
		require.Contains(t, f.Message, "took too long")
		_, pending := r.PendingStep()
		require.False(t, pending)
		fault(t, r.AcceptStep(ctx), glucose.Terms)
	})
	t.Run("a host that knows no steps", func(t *testing.T) {
		_, err := accept(t, stepBody("pp", "x"), reply{code: 404, body: `{"message":"Not Found"}`})
		f := fault(t, err, glucose.Terms)
		require.Contains(t, f.Hint, "LibreLinkUp app")
	})
	t.Run("steps without end", func(t *testing.T) {
		r, err := accept(t, stepBody("tou", "x"), ok(stepBody("tou", "x")))
		for range 9 {
			fault(t, err, glucose.Terms)
			err = r.AcceptStep(ctx)
		}
		require.Equal(t, 4, r.service.count(familyContinue))
		_, pending := r.PendingStep()
		require.False(t, pending)
	})
}

func TestLoginAnswersThatAreNone(t *testing.T) {
	for name, body := range map[string]string{
		"empty":            ``,
		"null":             `null`,
		"no data":          `{"status":0}`,
		"data null":        `{"status":0,"data":null}`,
		"a list":           `[]`,
		"no user":          `{"status":0,"data":{"authTicket":{"token":"x","expires":1}}}`,
		"no user id":       `{"status":0,"data":{"user":{"id":null},"authTicket":{"token":"x","expires":1}}}`,
		"no ticket":        `{"status":0,"data":{"user":{"id":"u"}}}`,
		"ticket of text":   `{"status":0,"data":{"user":{"id":"u"},"authTicket":"x"}}`,
		"token of numbers": `{"status":0,"data":{"user":{"id":"u"},"authTicket":{"token":5}}}`,
		"cut off":          `{"status":0,"data":{"user":{"id":"u"},"authTicket":{"token":"x","exp`,
		"unknown status":   `{"status":77,"error":{"message":"whatever"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t)
			s.on(familyLogin, ok(body))
			r := newRig(t, s)
			fault(t, r.current(), glucose.ServerError)
			require.Empty(t, r.Session().Token)

			// Failed sign-ins rest by themselves, longer each time.
			var at []time.Duration
			for r.now.Before(start.Add(time.Hour)) {
				before := r.requests()
				fault(t, r.current(), glucose.ServerError)
				if r.requests() > before {
					at = append(at, r.now.Sub(start))
				}
				r.now = r.now.Add(30 * time.Second)
			}
			m := time.Minute
			require.Equal(t, []time.Duration{1 * m, 3 * m, 7 * m, 15 * m, 30 * m, 45 * m}, at)
		})
	}
}
