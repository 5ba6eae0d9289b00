package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/libretest"
)

// want is what a person sees of a scenario: a value, or the kind of the fault.
type want struct {
	fault string // "" when a reading comes
	text  string // a part of the reading's text, "" for any
	or    string // or this fault, where it depends on the hour
	asks  int    // sign-ins with the password; 0 stands for 1
}

// TestEveryScenario runs the real program against everything the service is
// known to do, and looks at what a person is told. Secrets must be nowhere:
// not in the output, the log or any file.
func TestEveryScenario(t *testing.T) {
	for _, sc := range libretest.Scenarios() {
		expected, known := scenarios[sc.Name]
		t.Run(sc.Name, func(t *testing.T) {
			require.True(t, known, "say here what a person sees of it")
			t.Parallel()
			dir := t.TempDir()
			s := libretest.StartTest(t, libretest.Options{Email: testEmail, Password: testPassword, Scenario: sc.Name, Seed: 5, Source: steady{}})
			out, first := watchFirst(t, dir, s)
			if expected.or != "" && first.kind == expected.or {
				expected.fault = expected.or
			}
			if expected.fault != "" {
				require.Equal(t, expected.fault, first.kind, "output:\n%s", out)
				require.NotEmpty(t, first.message)
			} else {
				require.Empty(t, first.kind, "output:\n%s", out)
				require.Equal(t, expected.text, first.text)
			}
			require.Equal(t, max(1, expected.asks), s.SignIns(), "sign-ins with the password")
			for _, r := range s.Requests() {
				require.Equal(t, 1, r.Concurrent, "one request at a time")
			}
			require.Zero(t, s.Counts()[libretest.EndpointElsewhere], "followed a redirect")
			requireNoSecrets(t, dir, out)
		})
	}
}

// nonsense are answers that no program can read.
var nonsense = []string{"stall", "huge_body", "server_502_html", "gzip_rubbish", "truncated_json", "empty_body", "hang_up"}

// spoilt is a run of the program against a server of its own.
type spoilt struct {
	*libretest.Server
	scenario, dir string
	out           *buffer
	page          *visitor
	quit          func()
}

// spoilAll starts the program once for each kind of nonsense. All go through it
// together, since most of it is waiting: five seconds between two requests, and
// for what a silent server may still have to say.
func spoilAll(t *testing.T, start func(r *spoilt)) (runs []*spoilt, until func(text string)) {
	for _, name := range nonsense {
		r := &spoilt{scenario: name, dir: t.TempDir()}
		r.Server = libretest.StartTest(t, libretest.Options{Email: testEmail, Password: testPassword, Seed: 5, People: []libretest.Person{{Source: libretest.Nothing}}})
		require.NoError(t, r.Push("", libretest.Reading{MgDL: 101}))
		start(r)
		r.out, r.quit = launch(t, r.dir, []string{"LLUTRAY_SERVER=" + r.RegionURL(), "LLUTRAY_EMAIL=" + testEmail, "LLUTRAY_PASSWORD=" + testPassword}, "watch", "--format", "json")
		r.page = visit(t, r.dir)
		runs = append(runs, r)
	}
	return runs, func(text string) {
		t.Helper()
		for _, r := range runs {
			require.Eventually(t, func() bool {
				if len(r.Requests()) == 0 {
					r.page.post("/api/action", `{"kind":"refresh"}`) // refused if too soon
				}
				return strings.Contains(r.out.String(), text)
			}, 2*time.Minute, 100*time.Millisecond, "%s: no %s", r.scenario, text)
		}
	}
}

// TestFollowsOnAfterNonsense gives programs that follow already an answer nobody
// can read. Each says so and goes on once the service is well. Only html_200 is
// not here: after that the service is left alone for a while.
func TestFollowsOnAfterNonsense(t *testing.T) {
	t.Parallel()
	runs, until := spoilAll(t, func(*spoilt) {})
	until(`"text":"5.6`)
	for _, r := range runs {
		require.NoError(t, r.SetScenario(r.scenario))
		r.ResetRequests()
	}
	until(`"kind":"server_error"`)
	for _, r := range runs {
		require.NoError(t, r.SetScenario("ok"))
		require.NoError(t, r.Push("", libretest.Reading{MgDL: 117}))
		r.ResetRequests()
	}
	until(`"text":"6.5`)
	for _, r := range runs {
		r.quit()
		require.Zero(t, r.SignIns(), "%s: a session was lost", r.scenario)
		requireNoSecrets(t, r.dir, r.out.String())
	}
}

// A sign-in that is answered by nonsense is no refusal: the same run signs in by
// itself a minute later, once.
func TestSignsInAfterNonsense(t *testing.T) {
	t.Parallel()
	runs, until := spoilAll(t, func(r *spoilt) { require.NoError(t, r.SetScenario(r.scenario)) })
	until(`"kind":"server_error"`)
	for _, r := range runs {
		require.NoError(t, r.SetScenario("ok"))
		r.ResetRequests()
	}
	until(`"text":"5.6`)
	for _, r := range runs {
		r.quit()
		require.Equal(t, 1, r.SignIns(), r.scenario)
		requireNoSecrets(t, r.dir, r.out.String())
	}
}

// steady is a sensor that reads 101 mg/dL each minute.
type steady struct{}

func (steady) Readings(after, until time.Time) (out []libretest.Reading) {
	for at := after.Truncate(time.Minute).Add(time.Minute); !at.After(until); at = at.Add(time.Minute) {
		out = append(out, libretest.Reading{Time: at, MgDL: 101})
	}
	return out
}

type seen struct{ kind, message, text string }

// watchFirst runs `llutray watch` until its first reading or fault.
func watchFirst(t *testing.T, dir string, s *libretest.Server) (output string, first seen) {
	var out buffer
	cmd := exec.Command(binary, "watch", "--format", "json")
	for k, v := range isolated(dir) {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	cmd.Env = append(cmd.Env, "LLUTRAY_SERVER="+s.RegionURL(), "LLUTRAY_EMAIL="+testEmail, "LLUTRAY_PASSWORD="+testPassword)
	cmd.Stdout, cmd.Stderr = &out, &out
	require.NoError(t, cmd.Start())
	defer func() { _ = cmd.Process.Kill() }()
	line := regexp.MustCompile(`(?m)^\{"(schema":1,"event":"reading|event":"fault").*\}$`)
	var found string
	require.Eventually(t, func() bool { found = line.FindString(out.String()); return found != "" }, 40*time.Second, 20*time.Millisecond, "neither a reading nor a fault")
	require.NoError(t, interrupt(cmd), "ends with 0 when interrupted:\n%s", out.String())
	var event struct {
		Text  string
		Fault *struct{ Kind, Message, Hint string }
	}
	require.NoError(t, json.Unmarshal([]byte(found), &event))
	first.text = event.Text
	if event.Fault != nil {
		first.kind, first.message = event.Fault.Kind, event.Fault.Message
	}
	return out.String(), first
}

// requireNoSecrets looks for the password, the e-mail address and tokens in
// the output and in every file that the program wrote.
func requireNoSecrets(t *testing.T, dir, output string) {
	check := func(where, text string) {
		for _, secret := range []string{testPassword, testEmail, "eyJ", "Battery"} {
			require.NotContains(t, text, secret, where)
		}
	}
	check("output", output)
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		check(path, string(b))
		if strings.HasSuffix(path, ".log") {
			require.NotContains(t, string(b), "Example", "no name in the log")
		}
		if runtime.GOOS == "windows" {
			return nil // owners there, not modes
		}
		info, err := d.Info()
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077, "%s can be read by others", path)
		return nil
	}))
}

var scenarios = map[string]want{
	"ok":                      {text: "5.6 →"},
	"wrong_password":          {fault: "wrong_password"},
	"wrong_password_text":     {fault: "wrong_password"},
	"redirect":                {text: "5.6 →", asks: 2},
	"redirect_unknown_region": {text: "5.6 →", asks: 2},
	"redirect_same":           {fault: "server_error", asks: 2},
	"redirect_loop":           {fault: "server_error", asks: 3},
	"redirect_hostile":        {fault: "server_error"},
	"terms":                   {fault: "terms"},
	"terms_and_privacy":       {fault: "terms"},
	"verify_email":            {fault: "verify_email"},
	"unknown_step":            {fault: "terms"},
	"locked_200":              {fault: "locked"},
	"locked_429":              {fault: "locked"},
	"status_430":              {fault: "throttled"},
	"throttled_429":           {fault: "throttled"},
	"throttled_429_date":      {fault: "throttled"},
	"throttled_429_bare":      {fault: "throttled"},
	"too_old":                 {text: "5.6 →"},
	"too_old_5":               {fault: "closed"},
	"too_old_reason":          {fault: "too_old"},
	"header_missing":          {fault: "server_error"},
	"cloudflare_403":          {fault: "blocked"},
	"cloudflare_1015":         {fault: "blocked"},
	"expired_token":           {text: "5.6 →"},
	"token_always_refused":    {fault: "server_error"},
	"missing_cached_user":     {text: "5.6 →"},
	"ticket_refresh":          {text: "5.6 →"},
	"maintenance_911_json":    {fault: "maintenance"},
	"maintenance_http911":     {fault: "maintenance"},
	"server_500":              {fault: "server_error"},
	"server_502_html":         {fault: "server_error"},
	"server_503_retry":        {fault: "server_error"},
	"empty_body":              {fault: "server_error"},
	"truncated_json":          {fault: "server_error"},
	"captive_portal":          {fault: "offline"},
	"html_200":                {fault: "blocked"},
	"stall":                   {fault: "server_error"},
	"huge_body":               {fault: "server_error"},
	"gzip_rubbish":            {fault: "server_error"},
	"hang_up":                 {fault: "server_error"},
	"http_redirect":           {fault: "server_error"},
	"http_redirect_307":       {fault: "server_error"},
	"empty_connections":       {fault: "not_shared"},
	"invited":                 {fault: "not_shared"},
	"could_not_load_patient":  {text: "5.6 →"},
	"two_people":              {text: "5.6 →"},
	"mmol_account":            {text: "5.6 →"},
	"null_measurement":        {fault: "no_sensor"},
	"null_data":               {fault: "server_error"},
	"null_everything":         {fault: "no_sensor"},
	"missing_fields":          {text: "5.6"},
	"no_sensor":               {fault: "no_sensor"},
	"warming_up":              {fault: "warming_up"},
	"sensor_ended":            {fault: "sensor_ended"},
	"upload_delayed":          {fault: "upload_delayed"},
	"upload_batches":          {text: "5.6 →", or: "upload_delayed"},
	"future_clock":            {fault: "clock"},
	"hi":                      {text: "HI"},
	"lo":                      {text: "LO"},
	"unknown_trend":           {text: "5.6"},
	"unknown_trend_null":      {text: "5.6"},
	"unknown_trend_absent":    {text: "5.6"},
}
