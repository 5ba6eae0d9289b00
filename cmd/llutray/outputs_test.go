package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/libretest"
	"github.com/llutray/llutray/internal/musthave"
	"github.com/llutray/llutray/internal/nightscouttest"
)

// freePort is a port of loopback that nobody has now.
func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return port
}

// The real program with everything switched on: one low of the simulated
// server reaches a relay, a real broker, a Nightscout site, the hook's command
// and the endpoint on this computer.
func TestOutputs(t *testing.T) {
	daemon, subscriber := musthave.Program(t, "mosquitto"), musthave.Program(t, "mosquitto_sub")
	dir := t.TempDir()
	env := []string{"PATH=" + os.Getenv("PATH"), "LLUTRAY_EMAIL=" + testEmail, "LLUTRAY_PASSWORD=" + testPassword}
	for k, v := range isolated(dir) {
		env = append(env, k+"="+v)
	}
	llu := libretest.New(libretest.Options{
		Email: testEmail, Password: testPassword, Scenario: "ok",
		People: []libretest.Person{{FirstName: "Robin", LastName: "Example", Source: libretest.Nothing}},
	})
	require.NoError(t, llu.Start())
	defer llu.Close()
	require.NoError(t, llu.Push("", libretest.Reading{MgDL: 62, Arrow: 2, Time: time.Now().Add(-30 * time.Second)}))
	env = append(env, "LLUTRAY_SERVER="+llu.RegionURL())
	site := nightscouttest.New()
	defer site.Close()
	carried := make(chan string, 16)
	phone := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		carried <- string(b)
	}))
	defer phone.Close()

	broker, port := freePort(t), freePort(t)
	other, err := net.Listen("tcp", "127.0.0.1:"+port)
	require.NoError(t, err)
	defer other.Close()
	conf := filepath.Join(dir, "mosquitto.conf")
	require.NoError(t, os.WriteFile(conf, fmt.Appendf(nil, "listener %s 127.0.0.1\nallow_anonymous true\nuser root\n", broker), 0o600))
	mosquitto := exec.Command(daemon, "-c", conf)
	require.NoError(t, mosquitto.Start())
	defer func() { _ = mosquitto.Process.Kill(); _ = mosquitto.Wait() }()

	heard := filepath.Join(dir, "heard")
	command := filepath.Join(dir, "my hook")
	require.NoError(t, os.WriteFile(command, []byte("#!/bin/sh\necho \"$LLUTRAY_EVENT $LLUTRAY_KIND $1 [$LLUTRAY_PASSWORD]\" >>"+heard+"\n"), 0o700)) //nolint:gosec // it is run
	run := func(in string, args ...string) string {
		cmd := exec.Command(binary, args...)
		cmd.Env, cmd.Stdin = env, strings.NewReader(in)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%v: %s", args, out)
		require.NotContains(t, string(out), nightscouttest.Secret)
		return string(out)
	}
	for k, v := range map[string]string{
		"mqtt.broker": "mqtt://127.0.0.1:" + broker, "hook.command": `"` + command + `" "an argument"`, "nightscout.port": port,
		"nightscout.site": site.URL, "nightscout.upload": "true",
	} {
		run("", "settings", "set", k, v)
	}
	token := strings.TrimSpace(run("", "nightscout", "serve-token", "--file"))
	require.Equal(t, token, strings.TrimSpace(run("", "nightscout", "serve-token")))
	run(nightscouttest.Secret+"\n", "nightscout", "token")
	run("", "relay", "add", "phone", "generic+"+phone.URL+"/hook")
	run("", "settings", "set", "relays.phone.people", "robin")
	run("", "settings", "set", "relays.phone.alarms", "low")

	sub := exec.Command(subscriber, "-h", "127.0.0.1", "-p", broker, "-v", "-t", "llutray/#")
	out, err := sub.StdoutPipe()
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", "127.0.0.1:"+broker)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	}, 10*time.Second, 20*time.Millisecond)
	require.NoError(t, sub.Start())
	defer func() { _ = sub.Process.Kill(); _ = sub.Wait() }()
	var mu sync.Mutex
	var told []string
	go func() {
		for s := bufio.NewScanner(out); s.Scan(); {
			mu.Lock()
			told = append(told, s.Text())
			mu.Unlock()
		}
	}()
	said := func(what string) bool {
		mu.Lock()
		defer mu.Unlock()
		return strings.Contains(strings.Join(told, "\n"), what)
	}

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	watch := exec.CommandContext(ctx, binary, "watch")
	var printed bytes.Buffer
	watch.Env, watch.Stdout, watch.Stderr = env, &printed, &printed
	require.NoError(t, watch.Start())
	eventually := func(what string, f func() bool) {
		t.Helper()
		require.Eventually(t, f, 20*time.Second, 50*time.Millisecond, what)
	}
	eventually("MQTT", func() bool { return said(`"mgdl":62`) && said(`"alarm":"low"`) && said("llutray/status online") })
	eventually("hook", func() bool {
		b, _ := os.ReadFile(heard)
		return strings.Contains(string(b), "alarm low an argument []\n")
	})
	select {
	case m := <-carried:
		require.Contains(t, m, "LOW 3.4")
		require.Contains(t, m, "Robin Example")
	case <-time.After(20 * time.Second):
		t.Fatalf("the relay carried nothing: %s", &printed)
	}
	eventually("Nightscout", func() bool { all := site.Entries(); return len(all) > 0 && all[len(all)-1]["sgv"] == 62.0 })
	get := func(path string) string {
		resp, err := http.Get("http://127.0.0.1:" + port + path)
		if err != nil {
			return err.Error()
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		return string(b)
	}
	// Another program had its port until now.
	require.NoError(t, other.Close())
	eventually("endpoint", func() bool { return strings.Contains(get("/api/v1/entries/current.json?token="+token), `"sgv":62`) })
	require.Contains(t, get("/metrics?token="+token), "llutray_glucose_mgdl{person=")
	require.NotContains(t, get("/metrics"), "llutray_glucose")

	// Switched off while it runs: the broker is told so, the rest goes on.
	run("", "settings", "set", "mqtt.broker", "")
	eventually("goodbye", func() bool { return said("llutray/status offline") })
	eventually("endpoint", func() bool { return strings.Contains(get("/pebble?token="+token), `"sgv":"62"`) })
	require.NoError(t, interrupt(watch))
	require.NotContains(t, printed.String(), token)
}
