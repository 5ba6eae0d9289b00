package main

import (
	"bufio"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/libretest"
	"github.com/llutray/llutray/internal/musthave"
)

// privateBus starts a session bus for one test.
func privateBus(t *testing.T) (address string) {
	t.Helper()
	cmd := exec.Command(musthave.Program(t, "dbus-daemon"), "--session", "--nofork", "--print-address=1")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(line)
}

// spies are programs that the desktop would have, which note how they were
// called: their arguments, and what they inherit.
func spies(t *testing.T, names ...string) (dir string, noted func(name string) string) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range names {
		script := "#!/bin/sh\n{ for a; do printf 'ARG %s\\n' \"$a\"; done; /usr/bin/env; umask; } > " + filepath.Join(dir, name+".noted.tmp") +
			"\n/bin/mv " + filepath.Join(dir, name+".noted.tmp") + " " + filepath.Join(dir, name+".noted") + "\n"
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700))
	}
	return dir, func(name string) (text string) {
		t.Helper()
		require.Eventually(t, func() bool {
			b, err := os.ReadFile(filepath.Join(dir, name+".noted"))
			text = string(b)
			return err == nil
		}, 30*time.Second, 20*time.Millisecond, "%s was not called", name)
		return text
	}
}

// A careless user's umask, a hostile environment and a crash: the real program
// in the tray gives nothing away to its children, the list of processes, the
// files of others or its last words.
func TestRealProgramKeepsSecrets(t *testing.T) {
	bus := privateBus(t)
	bin, noted := spies(t, "paplay", "notify-send", "xdg-open")
	dir := t.TempDir()
	server := libretest.StartTest(t, libretest.Options{
		Email: testEmail, Password: testPassword, Seed: 5,
		People: []libretest.Person{{ID: "4e1c0ffe-0000-4000-8000-00000000beef", FirstName: "Zacharias", LastName: "Example", Source: libretest.Nothing}},
	})
	require.NoError(t, server.Push("", libretest.Reading{MgDL: 47, Arrow: 3, Time: time.Now()}))
	command(t, dir, "settings", "set", "privacy.text", "content_free")

	cmd := exec.Command("/bin/sh", "-c", `umask 000; exec "$0"`, binary)
	var out buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	for k, v := range isolated(dir) {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	cmd.Env = append(cmd.Env, "PATH="+bin, "DBUS_SESSION_BUS_ADDRESS="+bus, "DISPLAY=:77", "LANG=C",
		"LLUTRAY_SERVER="+server.RegionURL(), "LLUTRAY_EMAIL="+testEmail, "LLUTRAY_PASSWORD="+testPassword)
	require.NoError(t, cmd.Start())
	defer func() { _ = cmd.Process.Kill() }()

	personal := []string{testPassword, testEmail, "Battery", "eyJ", "Zacharias", "4e1c0ffe", "2.6", " 47"}
	check := func(where, text string) {
		t.Helper()
		for _, secret := range personal {
			require.NotContains(t, text, secret, where)
		}
	}
	for _, name := range []string{"paplay", "notify-send"} {
		check(name+" inherits or is told", noted(name))
		require.NotContains(t, noted(name), "LLUTRAY_PASSWORD")
	}
	address := command(t, dir, "page", "--print")
	check("the page's address", strings.Split(address, "code=")[0])
	require.NotContains(t, address, server.AccountID())
	command(t, dir, "snooze", "high", "30m")
	commandLine, err := os.ReadFile("/proc/" + strconv.Itoa(cmd.Process.Pid) + "/cmdline")
	require.NoError(t, err)
	require.Equal(t, binary+"\x00", string(commandLine))

	sees := 0
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := d.Info()
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077, "%s has mode %v", path, info.Mode())
		sees++
		return nil
	}))
	require.Greater(t, sees, 9, "folders, database with its log, state, session, lock, log, socket, sounds")

	// A crash's last words are what the runtime prints of all goroutines.
	require.NoError(t, cmd.Process.Signal(syscall.SIGQUIT))
	require.Error(t, cmd.Wait())
	require.Contains(t, out.String(), "goroutine ")
	for _, secret := range personal[:6] { // a line number may look like a value
		require.NotContains(t, out.String(), secret, "the crash")
	}
	requireNoSecrets(t, dir, "")
	log, err := os.ReadFile(filepath.Join(dir, "state", "llutray", "llutray.log"))
	require.NoError(t, err)
	for _, secret := range personal[:6] {
		require.NotContains(t, string(log), secret, "the log")
	}
}

// Another user of the computer, who even knows where everything is, can
// neither read nor command the program.
func TestAnotherUserIsLockedOut(t *testing.T) {
	musthave.Root(t) // to act as another user
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Dir(dir), filepath.Dir(binary)} {
		require.NoError(t, os.Chmod(d, 0o755)) // else the test's own folder would keep them out
	}
	server := libretest.StartTest(t, libretest.Options{Email: testEmail, Password: testPassword, Seed: 5, Source: steady{}})
	out, quit := launch(t, dir, []string{"LLUTRAY_SERVER=" + server.RegionURL(), "LLUTRAY_EMAIL=" + testEmail, "LLUTRAY_PASSWORD=" + testPassword}, "watch")
	require.Eventually(t, func() bool { return strings.Contains(out.String(), "5.6") }, 20*time.Second, 20*time.Millisecond)

	stranger := func(name string, args ...string) (string, error) {
		cmd := exec.Command(name, args...)
		cmd.Env, cmd.Dir = environment(dir), "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		b, err := cmd.CombinedOutput()
		return string(b), err
	}
	text, err := stranger(binary, "version")
	require.NoError(t, err, "it can run the program itself: %s", text)
	for _, args := range [][]string{{"status"}, {"history"}, {"snooze", "low", "30m"}, {"page", "--print"}, {"stats"}} {
		text, err := stranger(binary, args...)
		require.Error(t, err, args)
		require.NotContains(t, text, "5.6")
	}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		_, err = stranger("cat", path)
		require.Error(t, err, path)
		return nil
	}))
	require.Contains(t, command(t, dir, "snooze", "low", "30m"), "snoozed", "the user themself can")
	quit()
}
