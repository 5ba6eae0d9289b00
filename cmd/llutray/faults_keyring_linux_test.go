package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/busapi"
	"github.com/llutray/llutray/internal/musthave"
)

// keyring starts gnome-keyring on the desk's bus, with the collection of an
// earlier one in the same folder: unlocked, or locked as after a login without
// a password.
func (d *desk) keyring(unlocked bool) (daemon *exec.Cmd) {
	d.t.Helper()
	cmd := exec.Command(musthave.Program(d.t, "gnome-keyring-daemon"), "--foreground", "--components=secrets")
	if unlocked {
		cmd.Args = append(cmd.Args, "--unlock")
		cmd.Stdin = strings.NewReader("pw")
	}
	home := filepath.Join(d.dir, "keyring")
	require.NoError(d.t, os.MkdirAll(home, 0o700))
	cmd.Env = append(os.Environ(), "DBUS_SESSION_BUS_ADDRESS="+d.where, "HOME="+home, "XDG_DATA_HOME="+home, "XDG_RUNTIME_DIR="+home, "DISPLAY=")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	require.NoError(d.t, cmd.Start())
	d.t.Cleanup(func() { d.end(cmd) })
	d.until(deskPatience, "the keyring on the bus", func() bool { return d.owned("org.freedesktop.secrets") })
	return cmd
}

func (d *desk) end(cmd *exec.Cmd) {
	if cmd.ProcessState == nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
}

// refresh has the program try at once what it would try in a while.
func (d *desk) refresh() {
	d.t.Helper()
	require.NoError(d.t, d.conn.Object(busapi.Name, busapi.Path).Call(busapi.Interface+".Refresh", 0).Err)
}

// signIn keeps the sign-in in the keyring.
func (d *desk) signIn() {
	d.t.Helper()
	command(d.t, d.dir, "settings", "set", "dbus.on", "true")
	login := exec.Command(binary, "login", "--email", testEmail, "--password-stdin")
	login.Env, login.Stdin = d.env(), strings.NewReader(testPassword+"\n")
	out, err := login.CombinedOutput()
	require.NoError(d.t, err, "%s", out)
	require.NoFileExists(d.t, filepath.Join(d.dir, "data/llutray/secrets.json"))
}

// TestKeyringAtTheStart starts with a keyring that is locked, not there, or
// hangs: the program says what to do, asks no password of the service, and
// follows when the keyring is open.
func TestKeyringAtTheStart(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(d *desk) (mend func()){
		"locked": func(d *desk) func() {
			locked := d.keyring(false)
			return func() { d.end(locked); d.keyring(true) }
		},
		"absent": func(d *desk) func() { return func() { d.keyring(true) } },
		"hangs": func(d *desk) func() {
			k := d.keyring(true)
			require.NoError(d.t, k.Process.Signal(syscall.SIGSTOP))
			return func() { require.NoError(d.t, k.Process.Signal(syscall.SIGCONT)) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, "paplay")
			d.notify(nil)
			first := d.keyring(true)
			d.signIn()
			d.end(first)
			d.until(deskPatience, "the keyring is gone", func() bool { return !d.owned("org.freedesktop.secrets") })
			signIns := d.server.SignIns()
			mend := begin(d)
			d.pushed(104)
			cmd := d.runWith()
			d.until(deskPatience, "what to do, in the menu", func() bool { return strings.Contains(d.menu(), "The stored sign-in could not be read.") })
			require.Contains(t, d.menu(), "keyring")
			mend()
			d.until(deskPatience, "the interface", d.offered)
			d.refresh()
			d.follows(104, "the value once the keyring is open")
			require.Equal(t, signIns, d.server.SignIns(), "the token was kept, too")
			require.NoError(t, interrupt(cmd))
		})
	}
}

// TestKeyringInMidRun takes the keyring away, or has it hang, while the program
// follows: it goes on, through a token that dies as well.
func TestKeyringInMidRun(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*exec.Cmd) error{
		"dies":  func(c *exec.Cmd) error { err := c.Process.Kill(); _ = c.Wait(); return err },
		"hangs": func(c *exec.Cmd) error { return c.Process.Signal(syscall.SIGSTOP) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, "paplay")
			d.notify(nil)
			k := d.keyring(true)
			d.signIn()
			d.pushed(104)
			cmd := d.runWith()
			d.follows(104, "the first value")
			require.NoError(t, fail(k))
			d.push(103)
			d.follows(103, "the next value without a keyring")
			require.NoError(t, d.server.SetScenario("expired_token"))
			d.push(102)
			d.follows(102, "a value after a new sign-in without a keyring")
			require.NoError(t, interrupt(cmd))
		})
	}
}

// owned reports whether somebody has a name on the bus.
func (d *desk) owned(name string) bool {
	var has bool
	return d.conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, name).Store(&has) == nil && has
}
