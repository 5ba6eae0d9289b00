package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/libretest"
)

// visitor is a browser in the page of a running program.
type visitor struct {
	*testing.T
	http *http.Client
	base string
}

// launch starts the real program; quit ends it as a user does.
func launch(t *testing.T, dir string, env []string, args ...string) (out *buffer, quit func()) {
	out = &buffer{}
	cmd := exec.Command(binary, args...)
	cmd.Env = append(environment(dir), env...)
	cmd.Stdout, cmd.Stderr = out, out
	require.NoError(t, cmd.Start())
	ended := false
	quit = func() {
		if !ended {
			ended = true
			require.NoError(t, interrupt(cmd), "output:\n%s", out)
		}
	}
	t.Cleanup(func() {
		if !ended {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	})
	return out, quit
}

func environment(dir string) (env []string) {
	for k, v := range isolated(dir) {
		env = append(env, k+"="+v)
	}
	return append(env, "PATH="+os.Getenv("PATH"))
}

// command runs another llutray to its end and returns what it printed.
func command(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Env = environment(dir)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

// commandOutput is command for one that may fail.
func commandOutput(t *testing.T, dir string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Env = environment(dir)
	out, _ := cmd.CombinedOutput() // its failure is no matter
	return out
}

// visit opens the page by the address that `page --print` tells.
func visit(t *testing.T, dir string, args ...string) *visitor {
	t.Helper()
	var address string
	require.Eventually(t, func() bool {
		cmd := exec.Command(binary, append([]string{"page", "--print"}, args...)...)
		cmd.Env = environment(dir)
		b, err := cmd.Output()
		address = strings.TrimSpace(string(b))
		return err == nil
	}, 20*time.Second, 50*time.Millisecond)
	jar, _ := cookiejar.New(nil)
	v := &visitor{T: t, http: &http.Client{Jar: jar, Transport: &http.Transport{}}}
	resp, err := v.http.Get(address)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	require.Equal(t, 200, resp.StatusCode, "redirected to the page itself")
	v.base = strings.TrimSuffix(resp.Request.URL.String(), "/")
	require.Regexp(t, "^http://"+resp.Request.URL.Host+`/[\w-]{43}$`, v.base, "without the code")
	return v
}

func (v *visitor) get(path string) (status int, body string, kind string) {
	v.Helper()
	resp, err := v.http.Get(v.base + path)
	require.NoError(v, err)
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	require.NoError(v, err)
	return resp.StatusCode, string(b), resp.Header.Get("Content-Type")
}

func (v *visitor) post(path, body string) (status int, answer map[string]any) {
	v.Helper()
	q, err := http.NewRequest(http.MethodPost, v.base+path, strings.NewReader(body))
	require.NoError(v, err)
	q.Header.Set("Origin", "http://"+q.URL.Host)
	q.Header.Set("Content-Type", "application/json")
	resp, err := v.http.Do(q)
	require.NoError(v, err)
	defer func() { _ = resp.Body.Close() }()
	require.NoError(v, json.NewDecoder(resp.Body).Decode(&answer))
	return resp.StatusCode, answer
}

// events returns a function for the next event of the page's stream.
func (v *visitor) events() func() (event string, state map[string]any) {
	v.Helper()
	resp, err := v.http.Get(v.base + "/api/events")
	require.NoError(v, err)
	v.Cleanup(func() { _ = resp.Body.Close() })
	time.AfterFunc(40*time.Second, func() { _ = resp.Body.Close() }) // a test that waits in vain fails
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	return func() (event string, state map[string]any) {
		v.Helper()
		for lines.Scan() {
			key, value, _ := strings.Cut(lines.Text(), ": ")
			switch {
			case key == "event":
				event = value
			case key == "data":
				require.NoError(v, json.Unmarshal([]byte(value), &state))
			case lines.Text() == "" && event != "":
				return event, state
			}
		}
		require.NoError(v, lines.Err(), "the stream ended")
		require.Fail(v, "the stream ended without a word")
		return "", nil
	}
}

// TestPageOfTheDemo walks through everything the page can ask of the real
// program, and what a stranger can.
func TestPageOfTheDemo(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "demo")
	out, quit := launch(t, dir, nil, "demo", "--folder", folder)
	v := visit(t, dir, "--folder", folder)
	next := v.events()
	event, state := next()
	require.Equal(t, "state", event)
	require.Equal(t, true, state["demo"])

	for path, kind := range map[string]string{
		"/": "text/html; charset=utf-8", "/report?days=14": "text/html; charset=utf-8", "/api/state": "application/json",
		"/api/trace?hours=3": "application/json", "/api/trace?hours=24": "application/json", "/api/days?days=2": "application/json",
		"/api/stats?days=14": "application/json", "/api/night": "application/json", "/api/log?days=7": "application/json",
		"/api/settings": "application/json",
	} {
		status, body, got := v.get(path)
		require.Equal(t, 200, status, "%s: %s", path, body)
		require.Equal(t, kind, got, path)
	}
	_, body, _ := v.get("/api/trace?hours=24")
	require.Greater(t, strings.Count(body, `"origin":"live"`), 1000, "the demo has a day of its own")

	// A change in the page is in the file, in force and in the page.
	status, _ := v.post("/api/settings", `{"key":"unit","value":"mg/dL"}`)
	require.Equal(t, 200, status)
	for state["unit"] != "mg/dL" {
		_, state = next()
	}
	text, err := os.ReadFile(filepath.Join(folder, "config", "settings.toml"))
	require.NoError(t, err)
	require.Contains(t, string(text), `unit = "mg/dL"`)
	status, answer := v.post("/api/settings", `{"key":"alarms.low.limit","value":"30 mg/dL"}`)
	require.Equal(t, 422, status)
	require.Contains(t, answer["error"], "30 mg/dL is not allowed: use 60 to 100")

	status, answer = v.post("/api/action", `{"kind":"snooze","key":"high","minutes":60}`)
	require.Equal(t, 200, status)
	require.Contains(t, answer["text"], "High is snoozed until")
	for len(state["snoozes"].([]any)) == 0 {
		_, state = next()
	}
	status, answer = v.post("/api/replay", `{"days":1,"set":{"alarms.high.limit":"120"}}`)
	require.Equal(t, 200, status)
	require.Contains(t, answer["sentence"], "With 120 you would have heard")
	status, _ = v.post("/api/signin", `{"email":"a","password":"b"}`)
	require.Equal(t, 422, status)

	stranger, err := http.Get(v.base + "/api/state")
	require.NoError(t, err)
	_ = stranger.Body.Close()
	require.Equal(t, 401, stranger.StatusCode)

	quit()
	for event != "bye" {
		event, _ = next()
	}
	_, err = v.http.Get(v.base + "/")
	require.Error(t, err, "nothing listens any more")
	require.NotContains(t, out.String(), "code=")
	requireNoSecrets(t, dir, out.String())
}

// TestSignInThroughThePage goes from nobody signed in to the first value on an
// open page, by way of a wrong password and a legal step.
func TestSignInThroughThePage(t *testing.T) {
	dir := t.TempDir()
	s := libretest.StartTest(t, libretest.Options{Email: testEmail, Password: testPassword, Scenario: "wrong_password", Source: steady{}})
	out, quit := launch(t, dir, []string{"LLUTRAY_SERVER=" + s.RegionURL()}, "watch", "--format", "json")
	v := visit(t, dir)
	next := v.events()
	_, state := next()
	for state["fault"] == nil {
		_, state = next()
	}
	require.Equal(t, false, state["signed_in"])
	require.Equal(t, "sign_in", state["fault"].(map[string]any)["action"])
	require.Nil(t, state["reading"])

	ask := func(file string) string {
		b, _ := json.Marshal(testPassword)
		return `{"email":"` + testEmail + `","password":` + string(b) + `,"region":"","file":` + file + `}`
	}
	status, answer := v.post("/api/signin", ask("false"))
	require.Equal(t, 200, status)
	require.Equal(t, "no_keyring", answer["status"])
	status, answer = v.post("/api/signin", ask("true"))
	require.Equal(t, 422, status, "%v", answer)
	require.NotEmpty(t, answer["hint"])

	require.NoError(t, s.SetScenario("terms"))
	status, answer = v.post("/api/signin", ask("true"))
	require.Equal(t, 200, status, "%v", answer)
	require.Equal(t, "step", answer["status"])
	status, answer = v.post("/api/signin/accept", `{}`)
	require.Equal(t, 200, status, "%v", answer)
	require.Equal(t, "ok", answer["status"], "%v", answer)
	for state["reading"] == nil || state["unit"] != "mg/dL" { // the account's, by way of the file
		_, state = next()
	}
	require.Equal(t, "101", state["reading"].(map[string]any)["text"])
	require.Equal(t, true, state["signed_in"])

	status, _ = v.post("/api/signout", `{}`)
	require.Equal(t, 200, status)
	for state["signed_in"] != false {
		_, state = next()
	}
	quit()
	require.NotContains(t, out.String(), testPassword)
	log, err := os.ReadFile(filepath.Join(dir, "state", "llutray", "llutray.log"))
	require.NoError(t, err)
	u, _ := url.Parse(v.base + "/")
	for _, secret := range []string{testPassword, testEmail, "Battery", v.http.Jar.Cookies(u)[0].Value} {
		require.NotContains(t, string(log), secret)
	}
	require.NotRegexp(t, `\b101\b`, string(log)) // nor the value, which may be among the digits of a time
}
