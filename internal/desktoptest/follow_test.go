//go:build linux

package desktoptest

import (
	"encoding/base64"
	"encoding/hex"
	"image"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/chart"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/libretest"
)

// TestFollow is a day with the program on a real desktop, in the order in which
// people meet it. Each part needs those before it.
func TestFollow(t *testing.T) {
	d := Start(t, Options{})
	now := time.Now()
	server := libretest.StartTest(t, libretest.Options{
		Email: email, Password: password, Source: curve{now.Add(-time.Minute)},
	})
	d.Setenv("LLUTRAY_SERVER", server.URL())
	heard = loudspeaker(t, d)
	w := &world{t: t, Desktop: d, server: server}
	var program *Process

	ok := true
	part := func(name string, f func(w *world)) {
		ok = ok && t.Run(name, func(t *testing.T) {
			defer d.In(t)()
			w.t = t
			f(w)
		})
	}

	part("sign in", (*world).signIn)
	remember(t, d, server, now)
	part("icon", func(w *world) {
		require.NoError(w.t, server.Push("", libretest.Reading{MgDL: 112, Arrow: libretest.ArrowFlat}))
		program = w.Start("llutray", built)
		w.iconShown()
	})
	part("menu", (*world).menuReads)
	part("click", (*world).menuClicked)
	part("second start", (*world).secondStart)
	part("low", (*world).low)
	part("urgent low", (*world).urgentLow)
	part("killed with an alarm on the screen", func(w *world) {
		program = w.killed(program, func() bool { return w.Displayed() == 0 })
		w.PressButton("Seen")
		w.Until("the message to go once it is answered", 5*time.Second, func() bool { return w.Displayed() == 0 })
	})
	part("panel restart", (*world).panelRestart)
	part("commands", (*world).commands)
	part("submenus after the restart", (*world).lateSubmenus)
	part("quit", func(w *world) { w.quits(program) })
}

// signIn keeps the password in the keyring and nowhere else.
func (w *world) signIn() {
	r := w.RunWith(password+"\n", built, "login", "--email", email, "--password-stdin")
	require.Zero(w.t, r.Code, "%s%s", r.Stdout, r.Stderr)
	require.Contains(w.t, r.Stdout, "Signed in.")
	require.Equal(w.t, 1, w.server.SignIns())

	kept := false
	for _, s := range w.Secrets() {
		kept = kept || strings.Contains(string(s.Value), password)
	}
	require.True(w.t, kept, "the keyring holds no password")
	for _, form := range []string{
		password, url.QueryEscape(password), hex.EncodeToString([]byte(password)),
		strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(password)), "="),
	} {
		require.Empty(w.t, w.Holds(form), "files with the password")
	}
}

// iconShown finds the number on the panel as pixels.
func (w *world) iconShown() {
	box := w.WaitIcon("in range", 10*time.Second)
	require.InDelta(w.t, 22, box.Dx(), 1, "as wide as the panel draws icons")
	require.InDelta(w.t, 22, box.Dy(), 1)
	like := chart.IconSpec{Range: glucose.InRange, Trend: glucose.Flat}
	w.Until("112 on the icon", 10*time.Second, func() bool {
		return w.reads(box, like, everyNumber(glucose.MgPerDL)) == "112"
	})
	w.Until("the value in words for those who hear the screen", 5*time.Second, func() bool {
		return strings.Contains(w.Title(), "112 mg/dL")
	})
	require.Contains(w.t, w.Tooltip(), "112 mg/dL →")
	w.panelShot("panel-in-range.png", box)
}

// menuReads opens the menu as people do, and reads it as a panel does.
func (w *world) menuReads() {
	menu := w.OpenMenu()
	require.Greater(w.t, menu.Dy(), 200, "a menu of more than a few lines")
	w.menuShot("menu.png", menu)
	w.CloseMenu()

	labels := w.MenuLabels()
	at := -1
	for _, part := range []string{
		"112 mg/dL →", "in 3 h", "Recent readings", "Today:", "Alarms", "Settings", "Refresh", "not a medical device", "Quit",
	} {
		next := -1
		for i, l := range labels {
			if strings.Contains(l, part) {
				next = i
				break
			}
		}
		require.Greater(w.t, next, at, "%q is missing or in the wrong place of %q", part, labels)
		at = next
	}
	for _, l := range labels {
		require.NotContains(w.t, l, "⚠", "all is well")
	}
	w.Reach("Recent readings", "")
	w.menuShot("recent-menu.png", w.Popups()...)
	w.CloseMenu()
	require.Contains(w.t, w.MenuLabels("Recent readings")[0], "112 →")
}

// menuClicked presses lines of the menu with keyboard and mouse.
func (w *world) menuClicked() {
	before := len(w.server.Requests())
	last := w.server.Requests()[before-1].Time
	w.Until("the program to take a wish again", 10*time.Second, func() bool { return time.Since(last) > refreshGap })
	line := w.Reach("Refresh")
	w.Click(center(line), 1)
	w.Until("a request after the click on Refresh", 5*time.Second, func() bool { return len(w.server.Requests()) > before })
	w.CloseMenu()

	line = w.Reach("Settings", "Show mmol/L")
	w.menuShot("settings-menu.png", w.Popups()...)
	for _, p := range w.Popups() {
		if line.In(p) {
			w.settings = p.Size()
		}
	}
	require.NotZero(w.t, w.settings, "the line is in one of the open menus")
	w.Click(center(line), 1)
	w.CloseMenu()
	w.Until("the unit in the settings file", 5*time.Second, func() bool {
		return strings.TrimSpace(w.llutray("settings", "get", "unit").Stdout) == "mmol/L"
	})
	_, box := w.Icon()
	like := chart.IconSpec{Range: glucose.InRange, Trend: glucose.Flat}
	w.Until("6.2 on the icon", 5*time.Second, func() bool {
		return w.reads(box, like, everyNumber(glucose.MmolPerL)) == "6.2"
	})
	require.Contains(w.t, w.Tooltip(), "6.2 mmol/L")

	r := w.llutray("settings", "set", "unit", "mg/dL")
	require.Zero(w.t, r.Code, r.Stderr)
	w.Until("the unit back, by hand", 5*time.Second, func() bool { return strings.Contains(w.Tooltip(), "112 mg/dL") })
}

// secondStart starts the program again while it runs.
func (w *world) secondStart() {
	n := len(w.Notifications())
	r := w.llutray()
	require.Zero(w.t, r.Code, r.Stderr)
	w.WaitNotification(n, "of the second start", 5*time.Second, func(n Notification) bool {
		return strings.Contains(n.Title+n.Body, "112")
	})
	w.Run("dunstctl", "close-all")
}

// heard is the file in which the loudspeaker notes what it was given.
var heard string

// loudspeaker puts a player on the PATH that notes what it plays: a machine
// that runs tests has no sound.
func loudspeaker(t *testing.T, d *Desktop) (notes string) {
	t.Helper()
	bin := t.TempDir()
	notes = filepath.Join(bin, "heard")
	script := "#!/bin/sh\necho \"$@\" >> '" + notes + "'\n"
	require.NoError(t, os.WriteFile(filepath.Join(bin, "paplay"), []byte(script), 0o700))
	d.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	return notes
}

// low raises an alarm, and the button of its message snoozes it.
func (w *world) low() {
	n := len(w.Notifications())
	w.upload(62, libretest.ArrowFalling)
	got := w.WaitNotification(n, "LOW", 5*time.Second, func(n Notification) bool { return strings.HasPrefix(n.Title, "LOW 62") })
	require.Equal(w.t, byte(2), got.Urgency, "an alarm is critical, or the desktop may hold it back")
	require.Zero(w.t, got.Expire, "an alarm stays until it is answered")
	w.Until("the sound", 5*time.Second, func() bool {
		b, err := os.ReadFile(heard)
		return err == nil && strings.Contains(string(b), "low")
	})
	w.WaitIcon("low", 5*time.Second)
	window := w.NotificationWindow()
	m := w.Screenshot()
	w.shot("notification-low.png", Crop(m, window.Inset(-12)))

	offered := w.PressButton("Snooze")
	require.Contains(w.t, offered, "Seen")
	w.Until("the snooze in the menu", 5*time.Second, func() bool {
		return strings.Contains(strings.Join(w.MenuLabels("Alarms"), "\n"), "Low: snoozed until")
	})
	w.Until("the message to go once it is answered", 5*time.Second, func() bool { return w.Displayed() == 0 })
	w.Reach("Alarms", "Low: snoozed until")
	w.menuShot("alarms-menu.png", w.Popups()...)
	w.CloseMenu()
	n = len(w.Notifications())
	w.upload(61, libretest.ArrowFlat)
	_, box := w.Icon()
	like := chart.IconSpec{Range: glucose.Low, Trend: glucose.Flat, Snoozed: true}
	w.Until("61 on the icon", 5*time.Second, func() bool { return w.reads(box, like, everyNumber(glucose.MgPerDL)) == "61" })
	require.Len(w.t, w.Notifications(), n, "a snoozed alarm keeps silent")
}

// urgentLow breaks through the snooze of the low.
func (w *world) urgentLow() {
	n := len(w.Notifications())
	w.upload(50, libretest.ArrowFallingFast)
	w.WaitNotification(n, "URGENT LOW", 5*time.Second, func(n Notification) bool { return strings.HasPrefix(n.Title, "URGENT LOW 50") })
	require.Equal(w.t, 1, w.Displayed())
	box := w.WaitIcon("low", 5*time.Second)
	w.panelShot("panel-urgent-low.png", box)
}

// killed has the program killed and started again. What it left on the screen goes,
// and comes back with buttons that somebody hears.
func (w *world) killed(program *Process, gone func() bool) *Process {
	w.t.Helper()
	title := w.Notifications()[len(w.Notifications())-1].Title
	program.Kill()
	n := len(w.Notifications())
	program = w.Start("llutray", built)
	w.Until("the message of the killed run to go", patience, gone)
	w.WaitNotification(n, "the alarm again", patience, func(n Notification) bool { return n.Title == title })
	return program
}

// panelRestart kills the panel, as a crash or an update does.
func (w *world) panelRestart() {
	w.StopPanel()
	w.WaitIcon("", 5*time.Second)
	w.StartPanel()
	w.WaitIcon("low", 10*time.Second)
	require.Contains(w.t, w.Tooltip(), "50 mg/dL ↓ urgent low")
}

// lateSubmenus opens a submenu in the restarted panel, which has built the menu
// anew out of what it was told at once. It may be told again soon after.
func (w *world) lateSubmenus() {
	var size image.Point
	defer func() {
		if w.t.Failed() {
			w.t.Logf("the submenu had a size of %v in the first panel, and %v in the second", w.settings, size)
		}
	}()
	w.Until("the whole submenu in the restarted panel", 15*time.Second, func() bool {
		w.CloseMenu()
		w.Reach("Settings")
		menu := w.Popups()[0]
		w.Key("Right")
		for opened := time.Now(); time.Since(opened) < time.Second; {
			for _, p := range w.Popups() {
				if p != menu {
					size = p.Size()
				}
			}
			if size == w.settings {
				return true
			}
		}
		return false
	})
	w.CloseMenu()
}

// commands are those that speak to the running program, or to the desktop.
func (w *world) commands() {
	r := w.llutray("status")
	require.Zero(w.t, r.Code, r.Stderr)
	require.Contains(w.t, r.Stdout, "50 mg/dL ↓")

	r = w.llutray("snooze", "low", "30m")
	require.Zero(w.t, r.Code, r.Stderr)
	require.Contains(w.t, r.Stdout, "snoozed until")

	n := len(w.Notifications())
	r = w.llutray("test-alarm")
	require.Zero(w.t, r.Code, r.Stderr)
	w.WaitNotification(n, "the test alarm", 5*time.Second, func(n Notification) bool { return strings.Contains(n.Title, "TEST") })
	require.Positive(w.t, w.Displayed())
	w.Run("dunstctl", "close-all")

	r = w.llutray("autostart", "on")
	require.Zero(w.t, r.Code, r.Stderr)
	entry, err := os.ReadFile(filepath.Join(w.Dir("XDG_CONFIG_HOME"), "autostart", "llutray.desktop"))
	require.NoError(w.t, err)
	require.Contains(w.t, string(entry), built)
}

// quits leaves with the mouse, as people do.
func (w *world) quits(program *Process) {
	line := w.Reach("Quit")
	w.Click(center(line), 1)
	code, ended := program.Ended(10 * time.Second)
	require.True(w.t, ended, "Quit ends the program")
	require.Zero(w.t, code, program.Log())
	w.WaitIcon("", 5*time.Second)
	require.Equal(w.t, 1, w.server.SignIns(), "one sign-in served the whole day")
}

// TestFollowStale has the service go away while the newest reading ages: a
// number must not be taken for the present when it is not.
func TestFollowStale(t *testing.T) {
	d := Start(t, Options{Dark: true})
	// The value goes stale after ten minutes; so that it does so before our
	// eyes, the newest reading is nearly as old already.
	newest := time.Now().Add(-10*time.Minute + 12*time.Second)
	server := libretest.StartTest(t, libretest.Options{Email: email, Password: password, Source: curve{newest}})
	w := &world{t: t, Desktop: d, server: server}
	d.Setenv("LLUTRAY_SERVER", server.URL())
	d.Setenv("LLUTRAY_EMAIL", email)
	d.Setenv("LLUTRAY_PASSWORD", password)
	remember(t, d, server, newest)

	program := w.Start("llutray", built)
	w.WaitIcon("in range", 10*time.Second)
	w.Until("the service to be asked", 5*time.Second, func() bool { return len(server.Requests()) > 1 })
	server.Down()

	box := w.WaitIcon("grey", time.Until(newest.Add(10*time.Minute+5*time.Second)))
	require.False(t, time.Now().Before(newest.Truncate(time.Second).Add(10*time.Minute)), "not before its time")
	like := chart.IconSpec{Stale: true}
	require.Equal(t, glucose.MmolPerL.Format(glucose.MgDL(day(0))), w.reads(box, like, everyNumber(glucose.MmolPerL)), "an old number is still worth knowing")
	require.Contains(t, w.Tooltip(), "10 minutes old")
	require.NotContains(t, w.Tooltip(), "→", "an arrow beside an old number would be believed")

	w.ClickMenu("Refresh")
	w.Until("the menu to say what is broken", 30*time.Second, func() bool {
		return strings.Contains(strings.Join(w.MenuLabels(), "\n"), "⚠")
	})
	t.Logf("the menu says %q", w.MenuLabels())
	menu := w.OpenMenu()
	w.menuShot("stale.png", menu)
	w.CloseMenu()
	w.ClickMenu("Quit")
	code, ended := program.Ended(10 * time.Second)
	require.True(t, ended)
	require.Zero(t, code, program.Log())
}
