package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/libretest"
	"github.com/llutray/llutray/internal/settings"
)

// A report of a whole life with known names, values and secrets holds none of
// them, whichever way they could have got in.
func TestReportCanBeMailed(t *testing.T) {
	const id = "4e1c0ffe-0000-4000-8000-00000000beef"
	dir := t.TempDir()
	server := libretest.StartTest(t, libretest.Options{
		Email: testEmail, Password: testPassword, Seed: 5,
		People: []libretest.Person{{ID: id, FirstName: "Zacharias", LastName: "Quillfeather", Source: libretest.Nothing}},
	})
	require.NoError(t, server.Push("", libretest.Reading{MgDL: 277, Arrow: 3, Time: time.Now()}))
	env := []string{"LLUTRAY_SERVER=" + server.RegionURL()}
	login := exec.Command(binary, "login", "--email", testEmail, "--password-stdin", "--file")
	login.Env, login.Stdin = append(environment(dir), env...), strings.NewReader(testPassword+"\n")
	text, err := login.CombinedOutput()
	require.NoError(t, err, "%s", text)
	for _, kv := range [][]string{
		{"log.level", "debug"}, {"alarms.low.limit", "85"}, {"unit", "mg/dL"}, {"person", id},
		{"people.zacharias.name", "Zacki"}, {"quiet.zackischool.from", "08:00"}, {"network.proxy", "http://proxy.example.org:1"},
	} {
		command(t, dir, "settings", "set", kv[0], kv[1])
	}
	logPath := filepath.Join(dir, "state", "llutray", "llutray.log")
	require.NoError(t, os.WriteFile(logPath, []byte("time=x level=INFO msg=\"an older version wrote Zacharias Quillfeather 277 mg/dL, 15.4 mmol/L, "+
		testEmail+" other@example.org "+testPassword+" eyJhbGciOi.payload.sig "+id+" https://api.example/llu/"+id+" "+dir+"\x1b[2J\"\n"), 0o600))
	out, quit := launch(t, dir, env, "watch")
	require.Eventually(t, func() bool { return strings.Contains(out.String(), "277") }, 20*time.Second, 20*time.Millisecond)

	check := func(text string) {
		t.Helper()
		for _, secret := range []string{
			"Zach", "Quill", "Zacki", "zacki", "277", "15.4", testEmail, "other@", "example", testPassword, "Battery", "eyJ", "4e1c0ffe", dir, server.AccountID(), "\x1b",
		} {
			require.NotContains(t, text, secret)
		}
	}
	report := filepath.Join(dir, "report.txt")
	printed := string(commandOutput(t, dir, "check", "--report", report))
	require.Contains(t, printed, report)
	b, err := os.ReadFile(report)
	require.NoError(t, err)
	info, err := os.Stat(report)
	require.NoError(t, err)
	require.Zero(t, info.Mode().Perm()&0o077)
	check(string(b))
	for _, has := range []string{
		"llutray 0.", "alarms.low.limit = 85", "1 people with settings of their own", "person 1: 1 live", "fault none", "an older version wrote",
		"request answered", "freshness", "true  network",
	} {
		require.Contains(t, string(b), has)
	}
	require.Contains(t, string(commandOutput(t, dir, "check", "--report", report)), "exists already")

	// While it runs and after it, with the account refused as well.
	quit()
	require.NoError(t, server.SetScenario("wrong_password"))
	again := exec.Command(binary, "check", "--report", "-")
	again.Env = append(environment(dir), env...)
	text, err = again.CombinedOutput()
	require.NoError(t, err, "%s", text)
	require.Contains(t, string(text), "== Log")
	check(string(text))
}

func TestReportOfNothing(t *testing.T) {
	text := string(commandOutput(t, t.TempDir(), "check", "--report", "-"))
	require.Contains(t, text, "nothing is stored")
	require.Contains(t, text, "== Log")
}

func TestScrub(t *testing.T) {
	t.Setenv("LLUTRAY_EMAIL", "")
	set := settings.Default()
	set.People = []settings.Personal{{ID: "p1", Section: "em", Name: "Emmi"}}
	paths := settings.PathsUnder(t.TempDir())
	s := newScrub(t.Context(), paths, set, []glucose.Person{{ID: "p1-long", Name: "Emma Thompson"}})
	for in, want := range map[string]string{
		"Emma Thompson and Thompson": struck + " and " + struck,
		"of p1-long":                 "of " + struck,
		"Emmi":                       struck,
		"is 5.6 mmol/L now":          "is " + struck + " now",
		"request failed next=2026-11-28T04:00:00.123Z kind=offline": "request failed next=2026-11-28T04:00:00.123Z kind=offline",
	} {
		require.Equal(t, want, s.text(in))
	}
	require.Equal(t, "offline since 2026-01-02T03:04:05Z", faultWords(app.ParseStoredFault(`{"kind":"offline","since":"2026-01-02T03:04:05Z","message":"Emma"}`)))
}
