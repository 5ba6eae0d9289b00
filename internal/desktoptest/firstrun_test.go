//go:build linux && packages

package desktoptest

import (
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/libretest"
)

// TestFirstRun is somebody's first minute with the package, from the menu of
// programs to a value, a test alarm and the start with the desktop. All of it is
// seen on the screen and done with mouse and keyboard; docs/first-run.md tells it.
func TestFirstRun(t *testing.T) {
	root := unpacked(t)
	s := *XFCE
	s.Tools = map[string]string{"chromium": "chromium", "xdg-open": "xdg-utils", "gio": "libglib2.0-bin", "tesseract": "tesseract-ocr"}
	for tool, pkg := range XFCE.Tools {
		s.Tools[tool] = pkg
	}
	d := Start(t, Options{Shell: &s, NoPanel: true, Programs: true, Env: []string{
		"XDG_MENU_PREFIX=xfce-", "XDG_DATA_DIRS=" + filepath.Join(root, "usr/share") + ":/usr/local/share:/usr/share",
	}})
	server := libretest.StartTest(t, libretest.Options{Email: email, Password: password, People: []libretest.Person{{
		FirstName: "Robin", LastName: "Example", Source: curve{time.Now().Add(-time.Minute)},
	}}})
	require.NoError(t, server.Push("", libretest.Reading{MgDL: 112, Arrow: libretest.ArrowFlat}))
	d.Setenv("LLUTRAY_SERVER", server.URL())
	heard = loudspeaker(t, d)
	d.Setenv("PATH", filepath.Join(root, "usr/bin")+":"+d.Dir("PATH"))
	browserOfTheUser(t, d)
	d.StartPanel()
	w := &world{t: t, Desktop: d, server: server}

	begin, last := time.Now(), time.Now()
	step := func(what string) {
		t.Helper()
		t.Logf("%5.1f s (%4.1f s): %s", time.Since(begin).Seconds(), time.Since(last).Seconds(), what)
		w.shot("first-"+strings.ReplaceAll(what, " ", "-")+".png", w.Screenshot())
		last = time.Now()
	}
	w.Rest()
	before := w.Still()
	click := func(text string) { t.Helper(); w.Click(center(w.See(before, text)), 1) }

	w.Click(center(find(w.Read(image.Rect(0, 0, w.opt.Size.X/4, PanelHeight)), "Applications")), 1)
	click("Accessories")
	w.See(before, "llutray")
	step("menu of programs")
	click("llutray")
	w.WaitIcon("grey", 20*time.Second)
	w.Rest()
	message := w.See(before, "Nobody is signed in")
	step("icon and invitation")
	w.Click(center(message), 1)
	field := w.See(before, "Password", "E-mail address of the LibreLinkUp account")
	step("sign-in page")
	w.Click(center(field).Add(image.Pt(0, field.Dy()*2)), 1)
	w.xdotool("type", "--delay", "5", email)
	w.Key("Tab")
	w.xdotool("type", "--delay", "5", password)
	step("typed")
	w.Key("Return")
	w.See(before, "You are signed in", "Robin Example", "Limits of your account")
	w.WaitIcon("in range", 20*time.Second)
	step("first value")

	click("Use these limits")
	w.See(before, "These limits are in force")
	click("Start llutray when the computer starts")
	n := len(w.Notifications())
	click("Send a test alarm")
	w.WaitNotification(n, "the test alarm", eyesBound, func(n Notification) bool { return strings.HasPrefix(n.Title, "TEST") })
	w.See(before, "The test alarm was handed to the desktop")
	step("limits, start with the desktop and test alarm")
	w.Key("Tab", "Return") // Show me the value
	w.See(before, "In range, steady")
	step("the page")
	w.Key("alt+F4")
	w.Until("the browser to end", eyesBound, func() bool {
		_, err := os.Lstat(filepath.Join(d.Dir("HOME"), "browser", "SingletonLock"))
		return os.IsNotExist(err)
	})
	require.Equal(t, "240", strings.TrimSpace(w.Run(filepath.Join(root, "usr/bin/llutray"), "settings", "get", "alarms.high.limit").Stdout))

	// The next day.
	entry := filepath.Join(w.Dir("XDG_CONFIG_HOME"), "autostart", "llutray.desktop")
	require.FileExists(t, entry)
	w.ClickMenu("Quit")
	w.WaitIcon("", eyesBound)
	server.ResetRequests()
	r := w.Run("gio", "launch", entry)
	require.Zero(t, r.Code, r.Stderr)
	w.WaitIcon("in range", eyesBound)
	require.Zero(t, server.SignIns(), "the sign-in was kept")
	w.ClickMenu("Quit")
	w.WaitIcon("", eyesBound)
}

// unpacked is the package as it lies on a disk, without the disk of the system.
func unpacked(t *testing.T) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join("..", "..", "dist", "llutray_*_"+runtime.GOARCH+".deb"))
	require.NoError(t, err)
	require.Len(t, found, 1, "run make package first")
	root := t.TempDir()
	out, err := exec.Command("dpkg-deb", "-x", found[0], root).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return root
}

// browserOfTheUser chooses a browser for the desktop that has been used before,
// and that asks nobody but this computer.
func browserOfTheUser(t *testing.T, d *Desktop) {
	t.Helper()
	sandbox := ""
	if os.Getuid() == 0 {
		sandbox = "--no-sandbox"
	}
	path := filepath.Join(t.TempDir(), "browser")
	script := fmt.Sprintf(`#!/bin/sh
exec /usr/bin/chromium %s --test-type --no-first-run --no-default-browser-check --disable-gpu --disable-component-update --disable-background-networking \
	--password-store=basic --host-resolver-rules="MAP * ~NOTFOUND , EXCLUDE 127.0.0.1" --user-data-dir=%q \
	--window-position=0,%d --window-size=%d,%d "$@"
`, sandbox, filepath.Join(d.Dir("HOME"), "browser"), PanelHeight, d.opt.Size.X, d.opt.Size.Y-PanelHeight)
	require.NoError(t, os.WriteFile(path, []byte(script), 0o755))
	applications := filepath.Join(d.Dir("XDG_DATA_HOME"), "applications")
	require.NoError(t, os.MkdirAll(applications, 0o700))
	entry := "[Desktop Entry]\nType=Application\nName=Browser\nNoDisplay=true\nMimeType=x-scheme-handler/http;\nExec=" + path + " %U\n"
	require.NoError(t, os.WriteFile(filepath.Join(applications, "browser.desktop"), []byte(entry), 0o600))
	d.write("mimeapps.list", "[Default Applications]\nx-scheme-handler/http=browser.desktop\n")
}
