//go:build linux && desktops

package desktoptest

import (
	"cmp"
	"image"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/libretest"
)

// TestWindows is the Windows program under Wine. Its messages are not among the
// parts: they need what Wine has not.
func TestWindows(t *testing.T) {
	d := Start(t, Options{Shell: Windows})
	now := time.Now()
	server := libretest.StartTest(t, libretest.Options{Email: email, Password: password, Source: curve{now.Add(-time.Minute)}})
	d.Setenv("LLUTRAY_SERVER", server.URL())
	w := &world{t: t, Desktop: d, server: server, command: []string{"wine", built + ".exe"}}
	w.parts(
		part{"sign in", func(w *world) {
			r := w.RunWith(password+"\n", "wine", built+".exe", "login", "--email", email, "--password-stdin")
			require.Zero(w.t, r.Code, "%s%s", r.Stdout, r.Stderr)
			require.Empty(w.t, w.Holds(password), "files with the password: it belongs in the Credential Manager")
			r = w.llutray("settings", "set", "unit", "mg/dL")
			require.Zero(w.t, r.Code, "%s%s", r.Stdout, r.Stderr)
		}},
		part{"icon", func(w *world) {
			require.NoError(w.t, server.Push("", libretest.Reading{MgDL: 112, Arrow: libretest.ArrowFlat}))
			command := explorer(built + ".exe")
			w.Start("llutray", command[0], command[1:]...)
			w.sees("112", glucose.MgPerDL)
		}},
		part{"tooltip", func(w *world) {
			before := w.Still()
			_, icon := w.Icon()
			at := center(icon)
			w.Until("the tooltip", patience, func() bool {
				w.moveMouse(at.Add(image.Pt(2, 2)))
				w.Still()
				w.moveMouse(at)
				for since := time.Now(); time.Since(since) < 3*time.Second; {
					if w.Changed(before).Dx() > 40 {
						return true
					}
				}
				return false
			})
			w.changed("tooltip", before)
			w.See(before, "112")
			w.Rest()
		}},
		part{"menu opens", (*world).menuSeen},
		part{"item works", (*world).itemWorks},
		part{"submenu works", (*world).submenuWorks},
		part{"second start", func(w *world) {
			// Wine 8 has no sockets with names, over which it would tell the
			// first one to show itself; but it ends, and there is one icon.
			r := w.llutray()
			require.NotContains(w.t, r.Stderr, "panic")
			_, icon := w.Icon()
			others := w.Panel()
			others.Max.X = icon.Min.X
			require.True(w.t, FindPlate(w.Screenshot(), others, PlateInRange, w.shell.IconSide).Empty(), "a second icon")
		}},
		part{"quit", func(w *world) {
			w.ClickSeen("Quit")
			w.WaitIcon("", patience)
			r := w.llutray("status", "--format", "json")
			require.Contains(w.t, r.Stdout, "112", "the history is where the next start finds it")
			require.NotEmpty(w.t, w.Holds("112"), strings.Join(w.Private(), " "))
		}},
	)
	require.Equal(t, 1, server.SignIns(), "by the command, whose session is in the Credential Manager")
}

// TestWindowsHandles counts what the tray holds of Windows while views come:
// the tray's own test, under Wine. LLUTRAY_UPDATES says how many.
func TestWindowsHandles(t *testing.T) {
	d := Start(t, Options{Shell: Windows})
	d.Setenv("LLUTRAY_UPDATES", cmp.Or(os.Getenv("LLUTRAY_UPDATES"), "1500"))
	p := d.Start("handles", "wine", built+trayTest, "-test.run", "^TestWindowsHoldsNoMore$", "-test.v")
	code, ended := p.Ended(8 * time.Minute)
	require.True(t, ended, p.Log())
	require.Zero(t, code, p.Log())
	require.Contains(t, p.Log(), "--- PASS: TestWindowsHoldsNoMore")
	t.Log(p.Log())
}
