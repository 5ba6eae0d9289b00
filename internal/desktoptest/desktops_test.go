//go:build linux && desktops

package desktoptest

import (
	"embed"
	"fmt"
	"image"
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

func TestSway(t *testing.T)  { everyday(t, Sway) }
func TestLXQt(t *testing.T)  { everyday(t, LXQt) }
func TestKDE(t *testing.T)   { everyday(t, KDE) }
func TestGNOME(t *testing.T) { everyday(t, GNOME) }
func TestXFCE(t *testing.T)  { everyday(t, withNotifyd()) }

//go:embed desktops
var lists embed.FS

// What make test-desktops installs holds what the desktops need.
func TestPackageLists(t *testing.T) {
	for list, s := range map[string]*Shell{"xfce": XFCE, "lxqt": LXQt, "kde": KDE, "gnome": GNOME, "sway": Sway, "windows": Windows} {
		text, err := lists.ReadFile("desktops/" + list + ".txt")
		require.NoError(t, err)
		installed := append(strings.Fields(string(text)), Packages()...)
		for _, tools := range []map[string]string{common, s.Tools} {
			for _, pkg := range tools {
				require.Contains(t, installed, pkg, list)
			}
		}
	}
}

// TestGNOMEWithoutExtension has no tray: the program says what to install, and
// its alarms come all the same.
func TestGNOMEWithoutExtension(t *testing.T) {
	w := newWorld(t, Options{Shell: BareGNOME()})
	var program *Process
	before := w.Still()
	w.parts(
		part{"says what to install", func(w *world) {
			program = w.Start("llutray", built)
			w.Until("a banner", time.Minute, func() bool { return w.Changed(before).Dy() > 40 })
			// GNOME shows one line of it for a moment, and all as long as the mouse is there.
			w.moveMouse(center(w.Changed(before)))
			w.See(before, "llutray runs without an icon", "AppIndicator Support")
			w.Still()
			w.picture("no-tray", Crop(w.Screenshot(), w.Changed(before).Inset(-10)))
			w.Rest()
			w.Until("the message to go", time.Minute, func() bool { return w.Changed(before).Empty() })
		}},
		part{"message and its buttons", func(w *world) {
			require.NoError(w.t, w.server.Push("", libretest.Reading{MgDL: 62, Arrow: libretest.ArrowFalling}))
			w.Until("LOW, at the next request", 3*time.Minute, func() bool { return !w.Changed(before).Empty() })
			w.See(before, "LOW")
			w.Click(center(w.See(before, "Seen")), 1)
			w.Rest()
			w.Until("the message to go once it is answered", patience, func() bool { return w.Changed(before).Empty() })
		}},
		part{"log-out", func(w *world) {
			w.logOut()
			w.gone(program)
		}},
	)
}

// withNotifyd is XFCE with its own messages; make test has it with dunst.
func withNotifyd() *Shell {
	s := *XFCE
	s.Notifications = func(d *Desktop) {
		paths, err := filepath.Glob("/usr/lib/*/xfce4/notifyd/xfce4-notifyd")
		d.must(err)
		require.NotEmpty(d.tb, paths, "install xfce4-notifyd")
		d.Start("notifyd", paths[0])
		d.waitOwned(notifications)
	}
	return &s
}

// everyday is what people do with the program on their desktop. All of it is
// seen on the screen and done with the mouse, whatever draws it.
func everyday(t *testing.T, s *Shell) {
	t.Run("light", func(t *testing.T) {
		w := newWorld(t, Options{Shell: s})
		var program *Process
		w.parts(
			part{"icon", func(w *world) { program = w.Start("llutray", built); w.sees("112", glucose.MgPerDL) }},
			part{"label", (*world).labelled},
			part{"menu opens", (*world).menuSeen},
			part{"item works", (*world).itemWorks},
			part{"every submenu opens", (*world).submenusSeen},
			part{"submenu works", (*world).submenuWorks},
			part{"told once, off duty and back", (*world).carersWork},
			part{"open menu shows what is new", (*world).menuFollows},
			part{"message and its buttons", func(w *world) {
				w.alarmed("Snooze", "Low: snoozed until")
			}},
			part{"panel restart", func(w *world) {
				w.StopPanel()
				w.WaitIcon("", patience)
				w.StartPanel()
				w.WaitIcon("low", patience)
			}},
			part{"submenu after the restart", func(w *world) { w.unitBySubmenu("mg/dL") }},
			part{"quit", func(w *world) {
				w.ClickSeen("Quit")
				w.gone(program)
				w.WaitIcon("", patience)
			}},
			part{"end by signal", func(w *world) {
				program = w.Start("llutray", built)
				w.WaitIcon("low", time.Minute)
				program.Stop()
				w.gone(program)
				w.WaitIcon("", patience)
			}},
		)
	})
	t.Run("invitation", func(t *testing.T) { invited(t, s) })
	t.Run("dark", func(t *testing.T) {
		w := newWorld(t, Options{Shell: s, Dark: true, NoPanel: true})
		var program *Process
		w.parts(
			part{"started before the panel", func(w *world) {
				program = w.Start("llutray", built)
				w.Until("the program to run", patience, func() bool { return w.llutray("status").Code == 0 })
				w.StartPanel()
				w.sees("112", glucose.MgPerDL)
			}},
			part{"menu opens", (*world).menuSeen},
			part{"message and its buttons", func(w *world) { w.alarmed("Seen", "") }},
			part{"killed with an alarm on the screen", func(w *world) { program = w.killedWithAlarm(program) }},
			part{"log-out", func(w *world) {
				w.logOut()
				w.gone(program)
			}},
		)
	})
}

// invited is what somebody sees who has just installed the program: a message,
// and a click on it opens the sign-in in the browser, or on its button where the
// desktop makes one of that.
func invited(t *testing.T, s *Shell) {
	w := newWorld(t, Options{Shell: s})
	for _, name := range []string{"LLUTRAY_EMAIL", "LLUTRAY_PASSWORD"} {
		w.Setenv(name, "")
	}
	dir := t.TempDir()
	opened := filepath.Join(dir, "opened")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "xdg-open"), []byte("#!/bin/sh\necho \"$1\" >"+opened+"\n"), 0o755))
	w.Setenv("PATH", dir+":"+w.Dir("PATH"))
	w.waitOwned(notifications) // or the bus would start another daemon of this computer
	before := w.Still()
	w.Start("llutray", built)
	box := w.See(before, "Nobody is signed in")
	w.Still()
	if rest := findRow(w.Read(w.opened(before)), "Nobody is signed in"); !rest.Empty() {
		box = rest // it came in from beyond the screen; GNOME's may be gone again
	}
	w.picture("invitation", Crop(w.Screenshot(), w.Changed(before).Inset(-10)))
	if button := findRow(w.Read(w.opened(before)), "Sign in"); !button.Empty() {
		box = button
	}
	w.Click(center(box), 1)
	w.Until("the sign-in in the browser", patience, func() bool {
		b, err := os.ReadFile(opened)
		return err == nil && strings.Contains(string(b), "view=signin")
	})
}

type part struct {
	name string
	do   func(*world)
}

// parts does one part after the other. Each needs those before it.
func (w *world) parts(all ...part) {
	t := w.t
	ok := true
	for _, p := range all {
		ok = ok && t.Run(p.name, func(t *testing.T) {
			defer w.In(t)()
			w.t = t
			p.do(w)
		})
	}
}

func newWorld(t *testing.T, o Options) *world {
	d := Start(t, o)
	now := time.Now()
	server := libretest.StartTest(t, libretest.Options{Email: email, Password: password, Source: curve{now.Add(-time.Minute)}})
	d.Setenv("LLUTRAY_SERVER", server.URL())
	d.Setenv("LLUTRAY_EMAIL", email)
	d.Setenv("LLUTRAY_PASSWORD", password)
	heard = loudspeaker(t, d)
	remember(t, d, server, now)
	require.NoError(t, server.Push("", libretest.Reading{MgDL: 112, Arrow: libretest.ArrowFlat}))
	w := &world{t: t, Desktop: d, server: server}
	r := w.llutray("settings", "set", "unit", "mg/dL")
	require.Zero(t, r.Code, r.Stderr)
	return w
}

// sees waits until the icon can be read as a number in range, the mouse away.
func (w *world) sees(number string, u glucose.Unit) {
	w.t.Helper()
	w.Rest()
	var box image.Rectangle
	got := ""
	defer func() {
		if w.t.Failed() {
			w.t.Logf("the icon at %v reads %q", box, got)
		}
	}()
	w.Until("an icon as large as the panel draws them with "+number, time.Minute, func() bool {
		var plate string
		plate, box = w.Icon() // a label beside it moves it
		if plate != "in range" || max(box.Dx(), box.Dy()) > w.shell.IconSide+1 || min(box.Dx(), box.Dy()) < w.shell.IconSide-1 {
			return false
		}
		got = w.reads(box, chart.IconSpec{Range: glucose.InRange, Trend: glucose.Flat}, everyNumber(u))
		return got == number
	})
	w.picture("panel", Enlarge(Crop(w.Screenshot(), box.Inset(-w.shell.IconSide).Intersect(w.Panel())), 4))
}

// labelled reads the text beside the icon where there is one.
func (w *world) labelled() {
	_, icon := w.Icon()
	beside := image.Rect(icon.Max.X+1, w.Panel().Min.Y, icon.Max.X+40, w.Panel().Max.Y)
	if w.shell.Label {
		w.Until("112 beside the icon", patience, func() bool { return !find(w.Read(beside), "112").Empty() })
		return
	}
	require.Empty(w.t, find(w.Read(beside), "112"), "a text beside the icon that nobody looks after")
}

// menuSeen opens the menu with the mouse and reads in it what matters.
func (w *world) menuSeen() {
	before := w.OpenSeen()
	w.See(before, "112", "Recent readings", "Today:", "Alarms", "Settings", "Refresh now", "medical device", "Quit")
	w.changed("menu", before)
	w.CloseSeen(before)
}

// changed keeps a picture of what has opened, with the icon.
func (w *world) changed(name string, before *image.RGBA) {
	_, icon := w.Icon()
	w.picture(name, Crop(w.Screenshot(), w.Changed(before).Union(icon).Inset(-10)))
}

func (w *world) picture(name string, m *image.RGBA) {
	w.t.Helper()
	theme := "light"
	if w.opt.Dark {
		theme = "dark"
	}
	w.shot(fmt.Sprintf("%s-%s-%s.png", strings.ToLower(w.shell.Name), name, theme), m)
}

// itemWorks presses Refresh.
func (w *world) itemWorks() {
	all := w.server.Requests()
	w.Until("the program to take a wish again", patience, func() bool { return time.Since(all[len(all)-1].Time) > refreshGap })
	all = w.server.Requests()
	w.ClickSeen("Refresh now")
	w.Until("a request after the click on Refresh", patience, func() bool { return len(w.server.Requests()) > len(all) })
}

// submenuWorks changes the unit, which changes the icon.
func (w *world) submenuWorks() {
	w.unitBySubmenu("mmol/L")
	w.sees("6.2", glucose.MmolPerL)
	r := w.llutray("settings", "set", "unit", "mg/dL")
	require.Zero(w.t, r.Code, r.Stderr)
	w.sees("112", glucose.MgPerDL)
	r = w.llutray("settings", "set", "unit", "mmol/L")
	require.Zero(w.t, r.Code, r.Stderr)
	w.sees("6.2", glucose.MmolPerL)
}

// submenusSeen opens each submenu at the first try, whole on the screen or its
// beginning where long ones scroll.
func (w *world) submenusSeen() {
	for _, s := range []struct {
		name  string
		texts []string
	}{
		{"Recent readings", []string{"112"}},
		{"Alarms", []string{"Snooze urgent low for 30 minutes", "Send a test alarm"}},
		{"Tell me once", []string{"When it rises above 120 mg/dL", "When it falls below 90 mg/dL"}},
		{"Hand over to another carer", []string{"Another carer is on", "off duty for 2 hours", "off duty for 8 hours"}},
		{"Settings", []string{"Show mmol/L", "Urgent low alarm below 54", "Start with the desktop", "Open the settings file"}},
	} {
		before := w.OpenSeen()
		w.clickThrough(before, s.name)
		if w.shell.Scrolls {
			s.texts = s.texts[:1]
		}
		w.See(before, s.texts...)
		w.Still()
		if strings.HasPrefix(s.name, "Hand") {
			w.changed("submenu", before)
		}
		w.CloseSeen(before)
	}
}

// carersWork chooses in the submenus for carers.
func (w *world) carersWork() {
	says := func(text string, path ...string) {
		w.t.Helper()
		w.Until(text+" in the menu", patience, func() bool { return strings.Contains(strings.Join(w.MenuLabels(path...), "\n"), text) })
	}
	w.ClickSeen("Tell me once", "When it rises above 10.0 mmol/L")
	says("When it rises above 10.0, until", "Tell me once")
	w.ClickSeen("Tell me once", "When it rises above 10.0, until")
	w.Until("the wish to be taken back", patience, func() bool {
		return !strings.Contains(strings.Join(w.MenuLabels("Tell me once"), "\n"), "take back")
	})
	w.ClickSeen("Hand over", "I'm off duty for 2 hours")
	says("Off duty")
	before := w.OpenSeen()
	w.See(before, "Off duty until", "I'm back on duty")
	w.CloseSeen(before)
	w.ClickSeen("I'm back on duty")
	w.Until("the line to go", patience, func() bool { return !strings.Contains(strings.Join(w.MenuLabels(), "\n"), "Off duty") })
}

// menuFollows has a new value come while the menu is open: it stays open and
// shows it.
func (w *world) menuFollows() {
	before := w.OpenSeen()
	w.See(before, "6.2", "Quit")
	w.upload(117, libretest.ArrowFlat)
	w.See(before, "6.5", "Recent readings") // the last row may be out of sight where the menu can't grow, as on Wayland
	w.CloseSeen(before)
	w.upload(112, libretest.ArrowFlat)
	w.sees("6.2", glucose.MmolPerL)
}

func (w *world) unitBySubmenu(unit string) {
	w.ClickSeen("Settings", "Show "+unit)
	w.Until("the unit in the settings file", patience, func() bool {
		return strings.TrimSpace(w.llutray("settings", "get", "unit").Stdout) == unit
	})
}

// alarmed has the value go low, reads the message on the screen, and answers it
// with a button. The menu then has a line about it, and the message goes.
func (w *world) alarmed(button, line string) {
	w.Rest()
	before := w.Still()
	n := len(w.Notifications())
	w.upload(62, libretest.ArrowFalling)
	w.WaitNotification(n, "LOW", patience, func(n Notification) bool { return strings.HasPrefix(n.Title, "LOW ") })
	w.See(before, "LOW")
	w.Still()
	w.picture("message", Crop(w.Screenshot(), w.Changed(before).Inset(-10)))
	w.press(before, button)
	if line != "" {
		w.Until(line+" in the menu", patience, func() bool {
			return strings.Contains(strings.Join(w.MenuLabels("Alarms"), "\n"), line)
		})
	}
	w.WaitIcon("low", patience)
}

// press answers the message on the screen.
func (w *world) press(before *image.RGBA, button string) {
	w.t.Helper()
	if press := w.shell.Press; press != nil {
		press(w.Desktop, before, button)
	} else {
		w.Click(center(w.See(before, button)), 1)
	}
	w.Rest()
	w.Until("the message to go once it is answered", patience, func() bool { return w.Changed(before).Empty() })
}

// killedWithAlarm has the value go lower, and the program killed.
func (w *world) killedWithAlarm(program *Process) *Process {
	w.Rest()
	before := w.Still()
	n := len(w.Notifications())
	w.upload(50, libretest.ArrowFalling)
	w.WaitNotification(n, "URGENT LOW", patience, func(n Notification) bool { return strings.HasPrefix(n.Title, "URGENT LOW ") })
	w.See(before, "URGENT")
	program = w.killed(program, func() bool { return w.Changed(before).Empty() })
	w.See(before, "URGENT")
	w.Still()
	w.picture("message-again", Crop(w.Screenshot(), w.Changed(before).Inset(-10)))
	w.press(before, "Seen")
	return program
}

// logOut takes the desktop away under the program, as a session that ends does.
func (w *world) logOut() {
	for _, name := range []string{"panel", strings.ToLower(w.shell.Name), "xvfb", "dbus"} {
		for _, p := range w.processes {
			if p.Name == name {
				p.Stop()
			}
		}
	}
}

// gone waits until the program has ended as it should, and has left nothing.
func (w *world) gone(program *Process) {
	w.t.Helper()
	code, ended := program.Ended(patience)
	require.True(w.t, ended, "the program ends")
	require.Zero(w.t, code, program.Log())
	left, err := filepath.Glob("/proc/[0-9]*/exe")
	require.NoError(w.t, err)
	for _, link := range left {
		exe, err := os.Readlink(link)
		require.False(w.t, err == nil && exe == built, "%s still runs", link)
	}
	left, err = filepath.Glob(filepath.Join(w.Dir("XDG_RUNTIME_DIR"), "*llutray*"))
	require.NoError(w.t, err)
	require.Empty(w.t, left)
}
