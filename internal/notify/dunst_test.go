//go:build !windows && !darwin

package notify

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/musthave"
)

// dunst is a real notification service on a screen nobody looks at.
type dunst struct {
	t   *testing.T
	env []string
}

func startDunst(t *testing.T, b *bus) *dunst {
	t.Helper()
	for _, name := range []string{"Xvfb", "dunst", "dunstctl", "xdotool"} {
		musthave.Program(t, name)
	}
	dir := t.TempDir()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	xvfb := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "800x480x24", "-nolisten", "tcp")
	xvfb.ExtraFiles = []*os.File{w}
	require.NoError(t, xvfb.Start())
	t.Cleanup(func() { _ = xvfb.Process.Kill(); _, _ = xvfb.Process.Wait() })
	_ = w.Close()
	display, err := bufio.NewReader(r).ReadString('\n')
	require.NoError(t, err)
	_ = r.Close()

	// dunst lets a menu program choose among several buttons; this one always
	// takes the snooze.
	menu := filepath.Join(dir, "menu")
	require.NoError(t, os.WriteFile(menu, []byte("#!/bin/sh\ngrep Snooze\n"), 0o700)) //nolint:gosec // must be executable
	config := filepath.Join(dir, "dunstrc")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `[global]
    follow = none
    width = 340
    offset = 10x10
    origin = top-right
    font = Sans 11
    markup = full
    dmenu = %s
    mouse_left_click = close_current
    mouse_middle_click = do_action
[urgency_critical]
    background = "#900000"
    foreground = "#ffffff"
    timeout = 0
`, menu), 0o600))
	d := &dunst{t: t, env: append(os.Environ(), "DBUS_SESSION_BUS_ADDRESS="+b.address,
		"DISPLAY=:"+strings.TrimSpace(display), "HOME="+dir, "XDG_CONFIG_HOME="+dir, "XDG_DATA_HOME="+dir)}
	server := exec.Command("dunst", "-conf", config)
	server.Env = d.env
	require.NoError(t, server.Start())
	t.Cleanup(func() { _ = server.Process.Kill(); _, _ = server.Process.Wait() })
	conn := b.connect()
	eventually(t, func() bool {
		var owned bool
		_ = conn.BusObject().Call(busName+".NameHasOwner", 0, serverName).Store(&owned)
		return owned
	}, "dunst did not start")
	return d
}

func (d *dunst) run(name string, args ...string) string {
	d.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = d.env
	out, err := cmd.CombinedOutput()
	require.NoError(d.t, err, "%s: %s", name, out)
	return strings.TrimSpace(string(out))
}

// shot keeps a picture of the screen where NOTIFY_SHOTS says.
func (d *dunst) shot(name string) {
	if dir := os.Getenv("NOTIFY_SHOTS"); dir != "" {
		d.run("import", "-window", "root", filepath.Join(dir, name+".png"))
	}
}

func (d *dunst) displayed(n string) {
	d.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		have := d.run("dunstctl", "count", "displayed")
		if have == n {
			return
		}
		require.True(d.t, time.Now().Before(end), "%s on the screen instead of %s", have, n)
	}
}

func TestDunst(t *testing.T) {
	b := startBus(t)
	screen := startDunst(t, b)
	d := New(Options{BusAddress: b.address})
	defer d.Close()

	st, err := d.Check(t.Context())
	require.NoError(t, err)
	require.Equal(t, "dunst", st.Server)
	require.True(t, st.Actions)
	require.False(t, st.Paused)

	m := alarm("LOW 3.4 ↓ <John>")
	m.Body, m.Icon = "falling, 17:02 <b>& below 3.9", picture(t, 48)
	require.NoError(t, d.Send(t.Context(), m))
	screen.displayed("1")
	screen.shot("first")

	m.Title = "LOW 3.2 ↓ <John>"
	require.NoError(t, d.Send(t.Context(), m))
	screen.displayed("1")
	screen.shot("replaced")

	// A click in the top right corner, where the notification is.
	screen.run("xdotool", "mousemove", "700", "40", "click", "2")
	require.Equal(t, Event{Tag: "low", Button: "snooze"}, nextEvent(t, d))
	screen.displayed("0") // dunst itself would leave it there

	m.Buttons = []Button{seen}
	require.NoError(t, d.Send(t.Context(), m))
	screen.displayed("1")
	screen.run("xdotool", "mousemove", "700", "40", "click", "2")
	require.Equal(t, Event{Tag: "low", Button: "seen"}, nextEvent(t, d), "one button needs no menu")

	require.NoError(t, d.Send(t.Context(), m))
	screen.displayed("1")
	screen.run("xdotool", "mousemove", "700", "40", "click", "1")
	require.Equal(t, Event{Tag: "low", Closed: true, ByUser: true}, nextEvent(t, d))

	require.NoError(t, d.Send(t.Context(), m))
	screen.displayed("1")
	require.NoError(t, d.Withdraw(t.Context(), "low"))
	screen.displayed("0")

	screen.run("dunstctl", "set-paused", "true")
	st, err = d.Check(t.Context())
	require.NoError(t, err)
	require.True(t, st.Paused)
}
