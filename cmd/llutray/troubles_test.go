package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/libretest"
	"github.com/llutray/llutray/internal/musthave"
	"github.com/llutray/llutray/internal/nightscouttest"
)

// A broker and a site that refuse are told of by the check, and take the right
// secrets while the program runs. So are a proxy and a voice.
func TestTroublesElsewhere(t *testing.T) {
	dir := t.TempDir()
	passwords := filepath.Join(dir, "passwords")
	out, err := exec.Command(musthave.Program(t, "mosquitto_passwd"), "-b", "-c", passwords, "llutray", "s3cret").CombinedOutput()
	require.NoError(t, err, "%s", out)
	port, conf := freePort(t), filepath.Join(dir, "mosquitto.conf")
	require.NoError(t, os.WriteFile(conf, fmt.Appendf(nil, "listener %s 127.0.0.1\nallow_anonymous false\npassword_file %s\nuser root\n", port, passwords), 0o600))
	broker := exec.Command(musthave.Program(t, "mosquitto"), "-c", conf)
	require.NoError(t, broker.Start())
	defer func() { _ = broker.Process.Kill(); _ = broker.Wait() }()
	site := nightscouttest.New()
	defer site.Close()
	site.Denied = true
	for k, v := range map[string]string{
		"mqtt.broker": "mqtt://127.0.0.1:" + port, "mqtt.user": "llutray", "nightscout.site": site.URL, "nightscout.upload": "true",
		"network.proxy": "http://proxy.example.org:3128", "speech.alarms": "true",
	} {
		command(t, dir, "settings", "set", k, v)
	}
	check := func() string { return string(commandOutput(t, dir, "check")) }
	keep := func(secret string, args ...string) string {
		cmd := exec.Command(binary, append(args, "--file")...)
		cmd.Env, cmd.Stdin = environment(dir), strings.NewReader(secret+"\n")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		return string(out)
	}
	said := check()
	require.Contains(t, said, "     MQTT          there is no keyring on this desktop")
	require.Contains(t, keep("wrong", "mqtt", "password"), "llutray reads it when it starts.")
	said = check()
	require.Contains(t, said, "ok   proxy         LibreLinkUp is reached through http://proxy.example.org:3128\n")
	require.Regexp(t, `(?m)^(ok  |    ) voice         (spoken by|nothing here can speak)`, said)
	require.Contains(t, said, "ok   MQTT          set up; whether the broker answers is known while llutray runs\n")
	require.Regexp(t, `(?m)^     Nightscout upload .*token`, said)

	s := libretest.StartTest(t, libretest.Options{Email: testEmail, Password: testPassword, Seed: 5, Source: steady{}})
	watch, quit := launch(t, dir, []string{"LLUTRAY_SERVER=" + s.RegionURL(), "LLUTRAY_EMAIL=" + testEmail, "LLUTRAY_PASSWORD=" + testPassword}, "watch")
	until := func(what string, lines ...string) {
		t.Helper()
		require.Eventually(t, func() bool {
			said = check()
			for _, line := range lines {
				if !strings.Contains(said, line) {
					return false
				}
			}
			return true
		}, 20*time.Second, 200*time.Millisecond, "%s:\n%s", what, watch)
	}
	until("both refuse", "     MQTT          the broker refuses the user or the password\n", "     Nightscout upload ")
	require.Contains(t, keep("s3cret", "mqtt", "password"), "It is in force.")
	require.Contains(t, keep(nightscouttest.Secret, "nightscout", "token"), "It is in force.")
	until("both take what they are told", "ok   MQTT          works\n", "ok   Nightscout upload works\n")
	require.NotEmpty(t, site.Entries())
	quit()
}
