package libretest

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestHeadersAreChecked(t *testing.T) {
	for _, c := range []struct {
		name, header, value string
		code                int
		body                string
	}{
		{"no product", "Product", "", 400, `{"message":"RequiredHeaderMissing"}`},
		{"no version", "Version", "", 400, `{"message":"RequiredHeaderMissing"}`},
		{"another product", "Product", "lv.web", 400, `{"message":"ProductMismatch"}`},
		{"old version", "Version", "4.15.9", 403, `{"data":{"minimumVersion":"4.16.0"},"status":920}`},
		{"no version at all", "Version", "new", 403, `{"data":{"minimumVersion":"4.16.0"},"status":920}`},
		{"no account", "Account-Id", "", 400, `{"message":"RequiredHeaderMissing"}`},
		{"another account", "Account-Id", strings.Repeat("0", 64), 400, `{"message":"RequiredHeaderMissing"}`},
		{"no token", "Authorization", "", 401, `{"message":"invalid or expired jwt"}`},
		{"no bearer", "Authorization", "Basic eDp5", 401, `{"message":"invalid or expired jwt"}`},
		{"forged token", "Authorization", "Bearer eyJhbGciOiJub25lIn0.e30.", 401, `{"message":"invalid or expired jwt"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, f, _ := signedIn(t, Options{})
			f.header.Set(c.header, c.value)
			if c.value == "" {
				f.header.Del(c.header)
			}
			for _, path := range []string{"/llu/connections", "/llu/connections/" + s.PersonIDs()[0] + "/graph", "/user"} {
				answer := f.get(path)
				require.Equal(t, c.code, answer.code)
				require.JSONEq(t, c.body, answer.body)
			}
		})
	}
}

func TestSignInSucceedsWithAnOldVersion(t *testing.T) {
	f := newFollower(t, StartTest(t, Options{}).URL())
	f.header.Set("Version", "4.2.1")
	require.Contains(t, f.login().body, `"authTicket"`)
}

func TestCredentialsCanBeChosen(t *testing.T) {
	s := StartTest(t, Options{Email: "a@b.c", Password: "quote\" and \\"})
	f := newFollower(t, s.URL())
	require.Contains(t, f.login().body, "notAuthenticated")
	body, err := json.Marshal(map[string]string{"email": s.Email(), "password": s.Password()})
	require.NoError(t, err)
	require.Contains(t, f.post("/llu/auth/login", string(body)).body, `"authTicket"`)
}

func TestSignInWantsJSON(t *testing.T) {
	f := newFollower(t, StartTest(t, Options{}).URL())
	require.Equal(t, 400, f.post("/llu/auth/login", `{"email":`).code)
	require.Equal(t, 405, f.get("/llu/auth/login").code)
	require.Equal(t, 404, f.get("/llu/nothing").code)
	f.header.Del("Content-Type")
	require.Equal(t, 415, f.login().code)
}

func TestTokenIsAJWTOfHalfAYear(t *testing.T) {
	_, f, clock := signedIn(t, Options{})
	part := strings.Split(strings.TrimPrefix(f.header.Get("Authorization"), "Bearer "), ".")
	require.Len(t, part, 3)
	head, err := base64.RawURLEncoding.DecodeString(part[0])
	require.NoError(t, err)
	require.JSONEq(t, `{"alg":"HS256","typ":"JWT"}`, string(head))
	payload, err := base64.RawURLEncoding.DecodeString(part[1])
	require.NoError(t, err)
	var claims map[string]any
	require.NoError(t, json.Unmarshal(payload, &claims))
	require.NotContains(t, claims, "email")
	expires := noon.Add(180 * 24 * time.Hour)
	require.InDelta(t, expires.Unix(), claims["exp"], 0)

	clock.Set(expires.Add(-time.Second))
	require.Equal(t, 200, f.get("/llu/connections").code)
	clock.Set(expires)
	require.Equal(t, 401, f.get("/llu/connections").code)
}

func TestTokenOutlivesTheServer(t *testing.T) {
	_, f, clock := signedIn(t, Options{Seed: 5})
	clock.Add(time.Hour)
	f.base = StartTest(t, Options{Seed: 5, Now: clock.Now}).URL()
	require.Equal(t, 200, f.get("/llu/connections").code)
	f.base = StartTest(t, Options{Seed: 6, Now: clock.Now}).URL()
	require.NotEqual(t, 200, f.get("/llu/connections").code)
}

func TestThreeFailuresLockForFiveMinutes(t *testing.T) {
	clock := newClock()
	s := StartTest(t, Options{Now: clock.Now})
	f := newFollower(t, s.URL())
	wrong := `{"email":"demo@example.org","password":"demo-Password"}`
	for range 3 {
		require.JSONEq(t, `{"status":2,"error":{"message":"notAuthenticated"}}`, f.post("/llu/auth/login", wrong).body)
		clock.Add(20 * time.Second)
	}
	// Locked at 40 s, asked at 60 s: locked until 360 s.
	locked := f.login()
	require.Equal(t, 200, locked.code)
	require.JSONEq(t, `{"status":429,"data":{"code":60,"data":{"failures":3,"interval":60,"lockout":300},"message":"locked"}}`, locked.body)
	clock.Add(300*time.Second - 1)
	require.Contains(t, f.login().body, "locked", "trying again renews the lock")
	clock.Add(300 * time.Second)
	f.signIn()
	require.Equal(t, 6, s.SignIns())
}

func TestSlowFailuresDoNotLock(t *testing.T) {
	clock := newClock()
	f := newFollower(t, StartTest(t, Options{Now: clock.Now}).URL())
	for range 6 {
		require.Contains(t, f.post("/llu/auth/login", `{"email":"x","password":"y"}`).body, "notAuthenticated")
		clock.Add(30 * time.Second)
	}
	f.signIn()
}

func TestRegionsAreHosts(t *testing.T) {
	s := StartTest(t, Options{Region: "eu2", BasePath: "/proxy/llu/"})
	require.True(t, strings.HasSuffix(s.RegionURL(), "/proxy/llu/{region}"))
	at := func(region string) string { return strings.Replace(s.RegionURL(), "{region}", region, 1) }
	f := newFollower(t, at("global"))
	require.JSONEq(t, `{"status":0,"data":{"redirect":true,"region":"eu2"}}`, f.login().body)
	f.base = at("eu2")
	f.signIn()
	people, _ := f.connections()
	require.Len(t, people, 1)
	f.base = at("de")
	require.JSONEq(t, `{"status":4,"error":{"message":"couldNotLoadPatient"}}`, f.get("/llu/connections/"+people[0].PatientID+"/graph").body)
	require.Equal(t, "de", s.Requests()[len(s.Requests())-1].Region)
}

func TestBareAddressIsRedirectedOnce(t *testing.T) {
	f := newFollower(t, StartTest(t, Options{Scenario: "redirect"}).URL())
	require.Contains(t, f.login().body, `"region":"eu2"`)
	f.signIn()
	require.NotNil(t, f.current())
}

func TestStepsOneAfterTheOther(t *testing.T) {
	s := StartTest(t, Options{Scenario: "terms_and_privacy"})
	f := newFollower(t, s.URL())
	step := func(answer got) string {
		var in struct {
			Status int
			Data   struct {
				Step       struct{ Type string }
				User       map[string]any
				AuthTicket struct {
					Token    string
					Duration int
				}
			}
		}
		require.NoError(t, json.Unmarshal([]byte(answer.body), &in), answer.body)
		require.Equal(t, 4, in.Status)
		require.NotContains(t, in.Data.User, "id")
		require.Equal(t, 3600_000, in.Data.AuthTicket.Duration)
		f.use(in.Data.AuthTicket.Token)
		return in.Data.Step.Type
	}
	f.header.Set("Account-Id", s.AccountID())
	require.Equal(t, "tou", step(f.login()))
	require.Equal(t, 401, f.get("/llu/connections").code, "the ticket of a step opens nothing else")
	require.Equal(t, 400, f.post("/auth/continue/pp", "").code, "one step cannot be left out")
	require.Equal(t, 404, f.post("/auth/continue/verifyEmail", "").code)
	require.Equal(t, "pp", step(f.post("/auth/continue/tou", "")))
	require.Contains(t, f.post("/auth/continue/pp", "").body, `"authTicket"`)
	f.signIn()
	require.NotNil(t, f.current())
}

func TestRateLimit(t *testing.T) {
	_, f, clock := signedIn(t, Options{RateLimit: RateLimit{Requests: 3, Window: time.Minute}})
	f.current()
	clock.Add(30 * time.Second)
	f.current()
	answer := f.get("/llu/connections")
	require.Equal(t, 429, answer.code)
	require.Equal(t, "30", answer.header.Get("Retry-After"))
	clock.Add(30*time.Second - 1)
	require.Equal(t, 429, f.get("/llu/connections").code)
	clock.Add(1)
	f.current()
}
