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
	d.Setenv("BROWSER", browserOfTheUser(t, d))
	heard = loudspeaker(t, d)
	d.Setenv("PATH", filepath.Join(root, "usr/bin")+":"+d.Dir("PATH"))
	d.StartPanel()
	w := &world{t: t, Desktop: d, server: server}

	begin, last := time.Now(), time.Now()
	step := func(what string) {
		t.Logf("%5.1f s (%4.1f s): %s", time.Since(begin).Seconds(), time.Since(last).Seconds(), what)
		last = time.Now()
		w.shot(fmt.Sprintf("step-%s.png", strings.ReplaceAll(what, " ", "-")), w.Screenshot())
	}
	w.Rest()
	before := w.Still()
	bar := image.Rect(0, 0, 200, PanelHeight)
	w.Click(center(find(w.Read(bar), "Applications")), 1)
	w.Click(center(w.See(before, "Accessories")), 1)
	step("menu of programs")
	w.Click(center(w.See(before, "llutray")), 1)
	w.WaitIcon("grey", 20*time.Second)
	w.Still()
	step("icon")
	time.Sleep(5 * time.Second)
	step("after five seconds")
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

// browserOfTheUser is a browser that has been used before, and that asks nobody
// but this computer.
func browserOfTheUser(t *testing.T, d *Desktop) string {
	t.Helper()
	sandbox := ""
	if os.Getuid() == 0 {
		sandbox = "--no-sandbox"
	}
	path := filepath.Join(t.TempDir(), "browser")
	script := fmt.Sprintf(`#!/bin/sh
exec chromium %s --no-first-run --no-default-browser-check --disable-gpu --disable-component-update --disable-background-networking \
	--password-store=basic --host-resolver-rules="MAP * ~NOTFOUND , EXCLUDE 127.0.0.1" --user-data-dir=%q \
	--window-position=0,%d --window-size=%d,%d "$@"
`, sandbox, filepath.Join(d.Dir("HOME"), "browser"), PanelHeight, d.opt.Size.X, d.opt.Size.Y-PanelHeight)
	require.NoError(t, os.WriteFile(path, []byte(script), 0o755))
	return path
}
