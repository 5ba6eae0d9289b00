package libre

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// everything is an answer with all that must not get out, made wrong or right
// by what stands around it.
const everything = `"user":{"id":"` + secretUser + `","email":"` + secretEmail + `","firstName":"` + secretName + `"},` +
	`"authTicket":{"token":"` + secretToken + `","expires":1900000000},"patientId":"` + secretPatient + `",` +
	`"glucoseMeasurement":{"FactoryTimestamp":"` + secretValue + `","ValueInMgPerDl":` + secretValue + `}`

// scenarios are the ways of the service, each with the family it answers.
func scenarios() map[string]map[string]reply {
	said := func(code int, rest string) reply { return reply{code: code, body: `{` + rest + `,` + everything + `}`} }
	data := func(rest string) reply { return ok(`{` + rest + `,"data":{` + everything + `}}`) }
	endless := endless(make(chan int, 100))
	stall := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	redirect := func(to string) reply {
		return ok(`{"status":0,"data":{"redirect":true,"region":"` + to + `",` + everything + `}}`)
	}
	step := func(kind string) reply {
		return ok(`{"status":4,"data":{"step":{"type":"` + kind + `"},` + everything + `}}`)
	}
	both := map[string]reply{
		"wrong password":          data(`"status":2,"error":{"message":"notAuthenticated"}`),
		"wrong password, older":   data(`"status":2,"error":{"message":"incorrect username/password"}`),
		"HTTP 401":                said(401, `"message":"invalid or expired jwt"`),
		"MissingCachedUser":       said(400, `"message":"MissingCachedUser"`),
		"terms":                   step("tou"),
		"privacy":                 step("pp"),
		"verify e-mail":           step("verifyEmail"),
		"step unknown":            step(secretName),
		"locked":                  ok(`{"status":429,"data":{"code":60,"data":{"lockout":300},"message":"locked",` + everything + `}}`),
		"429":                     said(429, `"message":"`+secretName+`"`),
		"430":                     said(430, `"message":"`+secretName+`"`),
		"maintenance":             data(`"status":911`),
		"header missing":          said(400, `"message":"RequiredHeaderMissing"`),
		"version":                 ok(`{"status":920,"data":{"minimumVersion":"` + secretName + `",` + everything + `}}`),
		"version adopted":         ok(`{"status":920,"data":{"minimumVersion":"4.50.0",` + everything + `}}`),
		"the fifth":               ok(`{"status":920,"data":{"minimumVersion":"5.0.0",` + everything + `}}`),
		"not loaded":              data(`"status":4,"error":{"message":"couldNotLoadPatient"}`),
		"nobody":                  ok(`{"status":0,"data":[]}`),
		"unknown status":          data(`"status":77,"error":{"message":"` + secretName + `"}`),
		"Cloudflare":              page(403, `<title>Attention Required! | Cloudflare</title>`+everything),
		"Cloudflare 1015":         page(429, `<title>Access denied</title>`+everything),
		"HTML 503":                page(503, `<html>maintenance `+everything),
		"404":                     said(404, `"message":"`+secretName+`"`),
		"500":                     said(500, `"message":"`+secretName+`"`),
		"empty":                   ok(""),
		"cut off":                 ok(`{"status":0,"data":{` + everything),
		"no JSON":                 ok(secretName + secretToken + secretPatient + secretValue),
		"wrong types":             ok(`{"status":"` + secretName + `","data":"` + secretToken + `","ticket":"` + secretToken + `"}`),
		"value where status is":   ok(`{"status":[` + secretValue + `],"data":` + secretValue + `}`),
		"endless":                 {write: endless},
		"stall":                   {write: stall},
		"HTTP redirect":           {code: 302, header: map[string]string{"Location": "/" + secretToken}},
		"header of secrets":       {code: 429, header: map[string]string{"Retry-After": secretName}},
		"redirect without end":    redirect("eu"),
		"redirect elsewhere":      redirect(secretName + ".example"),
		"redirect to Russia":      redirect("ru"),
		"right but for the value": ok(`{"status":0,"data":[{` + everything + `}]}`),
		"no HTTP": {write: func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			_, _ = io.WriteString(conn, "HTTP/9 "+secretToken+"\r\n"+everything)
			_ = conn.Close()
		}},
	}
	out := map[string]map[string]reply{"all is well": {}}
	for name, rep := range both {
		for _, family := range []string{familyLogin, familyContinue, familyConnections, familyGraph} {
			out[family+": "+name] = map[string]reply{family: rep}
		}
	}
	return out
}

// TestNothingSecretGetsOut goes through all that the service may do and looks
// for secrets in every error, to its last cause, in every text for people and
// in the log at its most talkative.
func TestNothingSecretGetsOut(t *testing.T) {
	for name, script := range scenarios() {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // some wait for a deadline
			s := newService(t)
			s.on(familyContinue, ok(stepBody("pp", secretToken)))
			for family, rep := range script {
				if family == familyContinue {
					s.on(familyLogin, ok(stepBody("tou", secretToken)))
				}
				s.on(family, rep)
			}
			var said strings.Builder
			note := func(err error) {
				for ; err != nil; err = errors.Unwrap(err) {
					fmt.Fprintf(&said, "%s\n%+v\n%#v\n", err.Error(), err, err)
					var f *glucose.Fault
					if errors.As(err, &f) {
						fmt.Fprintf(&said, "%s\n%s\n%+v\n", f.Message, f.Hint, *f)
					}
				}
			}
			for _, sess := range []Session{{}, signedIn()} {
				r := newRigWith(t, s, sess)
				r.deadline = 100 * time.Millisecond
				ctx := context.Background()
				for range 2 {
					note(r.current())
					_, err := r.Graph(ctx, secretPatient)
					note(err)
					note(r.SignIn(ctx))
					step, _ := r.PendingStep()
					fmt.Fprintf(&said, "%+v\n", step)
					note(r.AcceptStep(ctx))
					r.now = r.now.Add(25 * time.Hour)
				}
				r.options.Log.Info("session", "session", r.Session(), "credentials", r.creds)
				fmt.Fprintf(&said, "%v %+v %#v %v %+v %#v", r.Session(), r.Session(), r.Session(), r.creds, r.creds, r.creds)
				said.WriteString(r.logs.String())
			}
			require.Contains(t, said.String(), "endpoint=", "the log was kept")
			for _, secret := range []string{
				secretEmail, "verysecret", "wörd", "hush", secretToken, secretUser, secretPatient, "c0ffee00", secretName,
				"zacharias", secretValue, signedIn().accountHeader(), "step-one",
			} {
				before, after, found := strings.Cut(strings.ToLower(said.String()), strings.ToLower(secret))
				require.False(t, found, "%q between %q and %q", secret, before[max(0, len(before)-80):], after[:min(len(after), 80)])
			}
		})
	}
}
