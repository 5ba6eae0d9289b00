//go:build linux

package desktoptest

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/llutray/llutray/internal/musthave"
)

// Options says what the desktop is to look like. The zero value is a light
// XFCE of 1280 by 800.
type Options struct {
	Shell    *Shell
	Size     image.Point // of the screen
	Dark     bool        // panel and menus
	Env      []string    // more of the environment, KEY=VALUE
	NoPanel  bool        // until StartPanel
	Programs bool        // the panel of XFCE has a menu of programs at its left
}

// Desktop is a running desktop. It ends with the test.
type Desktop struct {
	tb        testing.TB
	opt       Options
	shell     *Shell
	dir       string // everything private is below
	home      string
	env       []string
	frame     string // the frame buffer
	address   string // of the bus
	started   int
	processes []*Process
	panel     *Process
	bus       *dbus.Conn
	monitor   *monitor
}

// need ends a test where a tool of the desktop is missing.
func need(tb testing.TB, s *Shell) {
	tb.Helper()
	missing := s.missing()
	if len(missing) == 0 {
		return
	}
	text := s.Name + " needs: sudo apt-get install --no-install-recommends " + strings.Join(missing, " ")
	musthave.Missing(tb, "%s", text)
}

// Start makes a desktop for a test.
func Start(tb testing.TB, o Options) *Desktop {
	tb.Helper()
	if o.Shell == nil {
		o.Shell = XFCE
	}
	need(tb, o.Shell)
	if o.Size == (image.Point{}) {
		o.Size = image.Pt(1280, 800)
	}
	d := &Desktop{tb: tb, opt: o, shell: o.Shell, dir: tb.TempDir()}
	tb.Cleanup(d.end)
	d.environment()
	d.shell.Configure(d)
	d.startX()
	d.startBus()
	d.startKeyring()
	d.shell.Session(d)
	if d.shell.Notifications != nil {
		d.shell.Notifications(d)
	}
	if !o.NoPanel {
		d.StartPanel()
	}
	return d
}

// environment makes the private folders and the environment in which
// everything runs. It comes before the bus: services that the bus starts
// inherit the environment of the bus.
func (d *Desktop) environment() {
	d.tb.Helper()
	for _, sub := range []string{"home", "config", "cache", "data", "state", "run", "frame"} {
		d.must(os.Mkdir(filepath.Join(d.dir, sub), 0o700))
	}
	d.home = filepath.Join(d.dir, "home")
	theme := "Adwaita"
	if d.opt.Dark {
		theme += ":dark"
	}
	d.env = []string{
		"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "TZ=UTC", "HOME=" + d.home,
		"XDG_CONFIG_HOME=" + filepath.Join(d.dir, "config"), "XDG_CACHE_HOME=" + filepath.Join(d.dir, "cache"),
		"XDG_DATA_HOME=" + filepath.Join(d.dir, "data"), "XDG_STATE_HOME=" + filepath.Join(d.dir, "state"),
		"XDG_RUNTIME_DIR=" + filepath.Join(d.dir, "run"), "XDG_CURRENT_DESKTOP=" + d.shell.Name,
		"GTK_THEME=" + theme, "NO_AT_BRIDGE=1", "GTK_A11Y=none", "LIBGL_ALWAYS_SOFTWARE=1", "GSETTINGS_BACKEND=memory",
		"OMP_THREAD_LIMIT=1", // the reader is slower with more
	}
	d.env = append(d.env, slices.Concat(d.shell.Env, d.opt.Env)...)
}

// write makes a file of the user's configuration.
func (d *Desktop) write(name, text string) {
	d.tb.Helper()
	path := filepath.Join(d.Dir("XDG_CONFIG_HOME"), name)
	d.must(os.MkdirAll(filepath.Dir(path), 0o700))
	d.must(os.WriteFile(path, []byte(text), 0o600))
}

// Setenv adds to the environment of what is started from now on.
func (d *Desktop) Setenv(key, value string) { d.env = append(d.env, key+"="+value) }

// Dir is a folder of the desktop by the variable that names it, such as
// XDG_CONFIG_HOME.
func (d *Desktop) Dir(variable string) string {
	for _, kv := range slices.Backward(d.env) {
		if k, v, _ := strings.Cut(kv, "="); k == variable {
			return v
		}
	}
	d.tb.Fatalf("the desktop has no %s", variable)
	return ""
}

// Private are the folders in which a program can have left something.
func (d *Desktop) Private() []string {
	var out []string
	for _, v := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"} {
		out = append(out, d.Dir(v))
	}
	return out
}

// startX lets the X server find a free display itself and tell it.
func (d *Desktop) startX() {
	d.tb.Helper()
	r, w, err := os.Pipe()
	d.must(err)
	defer func() { _ = r.Close() }()
	frames := filepath.Join(d.dir, "frame")
	screen := fmt.Sprintf("%dx%dx24", d.opt.Size.X, d.opt.Size.Y)
	background := "-wr"
	if d.opt.Dark {
		background = "-br"
	}
	d.start("xvfb", nil, []*os.File{w}, "Xvfb", "-displayfd", "3", "-screen", "0", screen, "-fbdir", frames,
		"-nolisten", "tcp", "-nocursor", background)
	d.must(w.Close())
	d.must(r.SetReadDeadline(time.Now().Add(10 * time.Second)))
	var display int
	if _, err := fmt.Fscanln(r, &display); err != nil {
		d.tb.Fatalf("the X server did not start: %v", err)
	}
	d.frame = filepath.Join(frames, "Xvfb_screen0")
	d.Setenv("DISPLAY", fmt.Sprintf(":%d", display))
}

// startKeyring unlocks the keyring before anybody asks for it: a client that
// comes first has the bus start a locked one, which stays locked.
func (d *Desktop) startKeyring() {
	d.tb.Helper()
	d.start("keyring", strings.NewReader("keyring of the test"), nil, "gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
	d.waitOwned("org.freedesktop.secrets")
}

// Until waits for a condition and fails the test when it does not come true.
func (d *Desktop) Until(what string, within time.Duration, condition func() bool) {
	d.tb.Helper()
	ctx, cancel := context.WithTimeout(d.tb.Context(), within)
	defer cancel()
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			d.tb.Fatalf("waited %v in vain for: %s", within, what)
		}
	}
}

func (d *Desktop) must(err error) {
	d.tb.Helper()
	if err != nil {
		d.tb.Fatal(err)
	}
}

// In hands the desktop to a subtest: what fails then fails there.
func (d *Desktop) In(tb testing.TB) func() {
	outer := d.tb
	d.tb = tb
	return func() {
		if tb.Failed() {
			d.explain(tb)
		}
		d.tb = outer
	}
}

// explain leaves what is needed to understand a failure: the screen and the
// ends of the logs.
func (d *Desktop) explain(tb testing.TB) {
	if _, err := os.Stat(d.frame); err == nil { // the X server may be gone
		path := filepath.Join(tb.ArtifactDir(), "screen.png")
		d.SavePNG(path, d.Screenshot())
		tb.Logf("the screen: %s (kept with go test -artifacts)", path)
	}
	seen := map[string]bool{}
	for _, p := range d.processes {
		if seen[p.log] {
			continue
		}
		seen[p.log] = true
		lines := strings.Split(strings.TrimSpace(p.Log()), "\n")
		if lines = lines[max(0, len(lines)-15):]; lines[0] != "" {
			tb.Logf("%s wrote last:\n%s", p.Name, strings.Join(lines, "\n"))
		}
	}
}

// end stops everything in the reverse order of its start.
func (d *Desktop) end() {
	if d.tb.Failed() && d.started > 0 {
		d.explain(d.tb)
	}
	if d.monitor != nil {
		d.monitor.close()
	}
	if d.bus != nil {
		_ = d.bus.Close()
	}
	for _, p := range slices.Backward(d.processes) {
		p.Stop()
	}
}

// Holds finds the files of the private folders that hold a text.
func (d *Desktop) Holds(text string) []string {
	d.tb.Helper()
	var out []string
	for _, root := range d.Private() {
		d.must(filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() {
				return nil //nolint:nilerr // files come and go while we look
			}
			if b, err := os.ReadFile(path); err == nil && bytes.Contains(b, []byte(text)) {
				out = append(out, path)
			}
			return nil
		}))
	}
	return out
}
