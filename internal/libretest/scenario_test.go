package libretest

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	loginPath = "/llu/auth/login"
	dataPath  = "/llu/connections"
)

// TestScenarioAnswers holds the literal answers. A client that is signed in sees
// the scenario begin, then signs in anew.
func TestScenarioAnswers(t *testing.T) {
	const (
		fine   = ""
		jwt    = `{"message":"invalid or expired jwt"}`
		locked = `{"status":429,"data":{"code":60,"data":{"failures":3,"interval":60,"lockout":300},"message":"locked"}}`
		many   = `{"message":"Too Many Requests"}`
	)
	type want struct {
		code int
		body string // JSON, or the text of a page; fine is any with status 0
	}
	good := want{200, fine}
	same := func(code int, body string) [2]want { return [2]want{{code, body}, {code, body}} }
	redirect := func(region string) [2]want {
		return [2]want{{200, `{"status":0,"data":{"redirect":true,"region":"` + region + `"}}`}, good}
	}
	table := map[string][2]want{ // login, data
		"ok":                      {good, good},
		"wrong_password":          {{200, `{"status":2,"error":{"message":"notAuthenticated"}}`}, good},
		"wrong_password_text":     {{200, `{"status":2,"error":{"message":"incorrect username/password"}}`}, good},
		"redirect":                redirect("eu2"),
		"redirect_unknown_region": redirect("zz9"),
		"redirect_same":           redirect("eu"),
		"redirect_loop":           redirect("de"),
		"redirect_hostile":        redirect("evil.com/x"),
		"locked_200":              {{200, locked}, good},
		"locked_429":              {{429, locked}, good},
		"status_430":              {{430, "page:"}, good},
		"throttled_429":           same(429, many),
		"throttled_429_date":      same(429, many),
		"throttled_429_bare":      same(429, many),
		"too_old":                 {good, {403, `{"data":{"minimumVersion":"4.18.0"},"status":920}`}},
		"too_old_5":               {good, {403, `{"data":{"minimumVersion":"5.0.0"},"status":920}`}},
		"too_old_reason":          {good, {403, `{"status":920,"reason":"runningVersionTooLow"}`}},
		"header_missing":          {good, {400, `{"message":"RequiredHeaderMissing"}`}},
		"cloudflare_403":          same(403, "page:Attention Required! | Cloudflare"),
		"cloudflare_1015":         same(429, "page:Access denied | api-de.libreview.io used Cloudflare to restrict access"),
		"expired_token":           {good, {401, jwt}},
		"token_always_refused":    {good, {401, jwt}},
		"missing_cached_user":     {good, {401, `{"message":"MissingCachedUser"}`}},
		"maintenance_911_json":    same(200, `{"status":911}`),
		"maintenance_http911":     same(911, `{"status":911}`),
		"server_500":              same(500, `{"message":"Internal Server Error"}`),
		"server_502_html":         same(502, "page:502 Bad Gateway"),
		"server_503_retry":        same(503, `{"message":"Service Unavailable"}`),
		"empty_body":              same(200, "page:"),
		"captive_portal":          same(200, "page:<title>Welcome to our hotel</title>"),
		"html_200":                same(200, "page:<title>LibreView</title>"),
		"http_redirect":           same(302, "page:Moved"),
		"http_redirect_307":       same(307, "page:Moved"),
	}
	for _, name := range []string{"terms", "terms_and_privacy"} {
		table[name] = [2]want{{200, `step:{"type":"tou","componentName":"AcceptDocument","props":{"reaccept":true,"titleKey":"Common.termsOfUse","type":"tou"}}`}, {401, jwt}}
	}
	table["verify_email"] = [2]want{{200, `step:{"type":"verifyEmail","componentName":"VerifyEmail","props":{"email":"demo@example.org"}}`}, {401, jwt}}
	table["unknown_step"] = [2]want{{200, `step:{"type":"somethingNew","componentName":"Unknown","props":{}}`}, {401, jwt}}

	check := func(t *testing.T, w want, answer got) {
		t.Helper()
		require.NoError(t, answer.err)
		require.Equal(t, w.code, answer.code, answer.body)
		switch {
		case w.body == fine:
			var in struct{ Status *int }
			require.NoError(t, json.Unmarshal([]byte(answer.body), &in))
			require.NotNil(t, in.Status)
			require.Zero(t, *in.Status)
			require.Contains(t, answer.header.Get("Content-Type"), "application/json")
		case w.body == "page:":
			require.Empty(t, answer.body)
		case len(w.body) > 5 && w.body[:5] == "page:":
			require.Contains(t, answer.body, w.body[5:])
			require.Contains(t, answer.header.Get("Content-Type"), "text/html")
		case len(w.body) > 5 && w.body[:5] == "step:":
			var in struct {
				Status int
				Data   struct{ Step json.RawMessage }
			}
			require.NoError(t, json.Unmarshal([]byte(answer.body), &in))
			require.Equal(t, 4, in.Status)
			require.JSONEq(t, w.body[5:], string(in.Data.Step))
		default:
			require.JSONEq(t, w.body, answer.body)
			require.Contains(t, answer.header.Get("Content-Type"), "application/json")
		}
	}
	for name, w := range table {
		t.Run(name, func(t *testing.T) {
			s, f, _ := signedIn(t, Options{})
			require.NoError(t, s.SetScenario(name))
			check(t, w[1], f.get(dataPath))
			check(t, w[0], f.login())
			require.Equal(t, name, s.Requests()[1].Scenario)
			require.Equal(t, w[1].code, s.Requests()[1].Status)
		})
	}
	// Every scenario is held by this table or by one of the tests below.
	elsewhere := map[string]bool{}
	for _, name := range []string{
		"ticket_refresh", "truncated_json", "stall", "huge_body", "gzip_rubbish", "hang_up", "empty_connections", "invited",
		"could_not_load_patient", "two_people", "mmol_account", "null_measurement", "null_data", "null_everything",
		"missing_fields", "no_sensor", "warming_up", "sensor_ended", "upload_delayed", "upload_batches", "future_clock",
		"hi", "lo", "unknown_trend", "unknown_trend_null", "unknown_trend_absent",
	} {
		elsewhere[name] = true
	}
	require.Equal(t, "ok", Scenarios()[0].Name)
	seen := map[string]bool{}
	for _, sc := range Scenarios() {
		_, here := table[sc.Name]
		require.True(t, here || elsewhere[sc.Name], sc.Name)
		require.False(t, seen[sc.Name], "%s twice", sc.Name)
		require.NotEmpty(t, sc.What)
		seen[sc.Name] = true
	}
	require.Len(t, seen, len(table)+len(elsewhere))
}

func TestUnknownScenario(t *testing.T) {
	s := New(Options{Scenario: "nonsense"})
	require.ErrorContains(t, s.Start(), "nonsense")
	require.Error(t, s.SetScenario(""))
}

func TestLockScenarioEnds(t *testing.T) {
	s, f, clock := signedIn(t, Options{})
	require.NoError(t, s.SetScenario("locked_429"))
	require.Equal(t, 429, f.login().code)
	clock.Add(300*time.Second - 1)
	require.Equal(t, 429, f.login().code)
	clock.Add(300 * time.Second)
	f.signIn()
}

func TestThrottleEnds(t *testing.T) {
	for name, header := range map[string]string{"throttled_429": "120", "throttled_429_date": "Wed, 04 Mar 2026 12:02:00 GMT"} {
		t.Run(name, func(t *testing.T) {
			s, f, clock := signedIn(t, Options{})
			require.NoError(t, s.SetScenario(name))
			answer := f.get(dataPath)
			require.Equal(t, header, answer.header.Get("Retry-After"))
			require.Equal(t, "Wed, 04 Mar 2026 12:00:00 GMT", answer.header.Get("Date"), "the server's own clock")
			clock.Add(120*time.Second - 1)
			require.Equal(t, 429, f.login().code)
			clock.Add(1)
			require.NotNil(t, f.current())
		})
	}
	s, f, _ := signedIn(t, Options{})
	require.NoError(t, s.SetScenario("throttled_429_bare"))
	require.Empty(t, f.get(dataPath).header.Get("Retry-After"))
	require.NoError(t, s.SetScenario("server_503_retry"))
	require.Equal(t, "300", f.get(dataPath).header.Get("Retry-After"))
}

func TestDeadTokenIsRenewedOnce(t *testing.T) {
	for _, name := range []string{"expired_token", "missing_cached_user"} {
		s, f, _ := signedIn(t, Options{})
		require.NoError(t, s.SetScenario(name))
		require.Equal(t, 401, f.get(dataPath).code)
		f.signIn()
		require.NotNil(t, f.current(), name)
	}
}

func TestTickets(t *testing.T) {
	s, f, clock := signedIn(t, Options{})
	_, next := f.connections()
	require.Equal(t, f.header.Get("Authorization"), "Bearer "+next.Token)
	require.EqualValues(t, 15552000000, next.Duration)
	clock.Add(25 * time.Hour)
	_, later := f.connections()
	require.NotEqual(t, next.Token, later.Token)
	require.Greater(t, later.Expires, next.Expires)

	require.NoError(t, s.SetScenario("ticket_refresh"))
	f.signIn()
	for range 3 {
		clock.Add(9 * time.Minute)
		_, next := f.connections()
		f.use(next.Token)
	}
	clock.Add(10 * time.Minute)
	require.Equal(t, 401, f.get(dataPath).code)
}

func TestRedirectScenariosGoSomewhere(t *testing.T) {
	s, f, _ := signedIn(t, Options{Scenario: "ok"})
	require.NoError(t, s.SetScenario("redirect_loop"))
	f.base = s.URL() + "/de"
	require.Contains(t, f.login().body, `"fr"`)
	f.base = s.URL() + "/fr"
	require.Contains(t, f.login().body, `"de"`)
	require.NoError(t, s.SetScenario("redirect_same"))
	require.Contains(t, f.login().body, `"fr"`)
	require.NoError(t, s.SetScenario("redirect_unknown_region"))
	require.Contains(t, f.login().body, `"zz9"`)
	f.base = s.URL() + "/zz9"
	f.signIn()
	f.base = s.URL() + "/evil.com/x"
	require.Equal(t, 404, f.login().code)
	requests := s.Requests()
	require.Equal(t, EndpointOther, requests[len(requests)-1].Endpoint)
}

func TestHTTPRedirectIsSeenWhenFollowed(t *testing.T) {
	s, f, _ := signedIn(t, Options{BasePath: "/base"})
	require.NoError(t, s.SetScenario("http_redirect_307"))
	f.http.CheckRedirect = nil
	require.Equal(t, 200, f.login().code)
	last := s.Requests()[2]
	require.Equal(t, EndpointElsewhere, last.Endpoint)
	require.True(t, last.Token)
	require.Equal(t, http.MethodPost, last.Method)
}

func TestDamagedBodies(t *testing.T) {
	s, f, _ := signedIn(t, Options{})
	set := func(name string) { require.NoError(t, s.SetScenario(name)) }

	set("truncated_json")
	answer := f.get(dataPath)
	require.NoError(t, answer.err)
	require.Contains(t, answer.body, "patientId")
	require.False(t, json.Valid([]byte(answer.body)))

	set("gzip_rubbish")
	require.ErrorContains(t, f.get(dataPath).err, "gzip")

	set("hang_up")
	require.Error(t, f.get(dataPath).err)

	set("huge_body")
	answer = f.get(dataPath)
	require.NoError(t, answer.err)
	require.Greater(t, len(answer.body), 50<<20)
}

func TestStallEndsWithTheClientOrTheServer(t *testing.T) {
	s, f, _ := signedIn(t, Options{})
	require.NoError(t, s.SetScenario("stall"))
	f.http.Timeout = 100 * time.Millisecond
	answer := f.get(dataPath)
	require.Equal(t, 200, answer.code)
	require.Error(t, answer.err)
	require.NotEmpty(t, answer.body)

	f.http.Timeout = 10 * time.Second
	done := make(chan got)
	go func() { done <- f.login() }()
	require.Eventually(t, func() bool { return s.SignIns() == 2 }, 5*time.Second, time.Millisecond)
	s.Close()
	require.Error(t, (<-done).err)
}
