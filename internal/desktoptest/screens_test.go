//go:build linux

package desktoptest

import (
	"image"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/chart"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/libretest"
)

// following is a desktop with the program on it, showing 112.
func following(t *testing.T, o Options) (*world, image.Rectangle) {
	t.Helper()
	d := Start(t, o)
	server := libretest.StartTest(t, libretest.Options{Email: email, Password: password, Source: libretest.Nothing})
	require.NoError(t, server.Push("", libretest.Reading{MgDL: 112, Arrow: libretest.ArrowFlat}))
	d.Setenv("LLUTRAY_SERVER", server.URL())
	d.Setenv("LLUTRAY_EMAIL", email)
	d.Setenv("LLUTRAY_PASSWORD", password)
	heard = loudspeaker(t, d)
	w := &world{t: t, Desktop: d, server: server}
	require.Zero(t, w.llutray("settings", "set", "unit", "mg/dL").Code)
	w.Start("llutray", built)
	return w, w.shows112()
}

// shows112 waits until the number can be read on an icon as large as the panel
// draws them.
func (w *world) shows112() (box image.Rectangle) {
	w.t.Helper()
	w.Until("112 on the icon", 30*time.Second, func() bool {
		var plate string
		plate, box = w.Icon()
		return plate == "in range" && max(box.Dx()-w.shell.IconSide, w.shell.IconSide-box.Dx()) <= 1 &&
			w.reads(box, chart.IconSpec{Range: glucose.InRange, Trend: glucose.Flat}, everyNumber(glucose.MgPerDL)) == "112"
	})
	return box
}

// TestDenseScreen has everything twice as large, as on a screen with twice the
// dots: the icon is drawn from more of its own, not blown up.
func TestDenseScreen(t *testing.T) {
	s := *XFCE
	s.IconSide *= 2
	s.Area = func(screen image.Point) image.Rectangle { return image.Rect(0, 0, screen.X, 2*PanelHeight) }
	w, icon := following(t, Options{Shell: &s, Size: image.Pt(1920, 1200), Env: []string{"GDK_SCALE=2"}})
	m := w.Screenshot()
	w.shot("dense-panel.png", Enlarge(Crop(m, icon.Inset(-16).Intersect(w.Panel())), 4))
	// Blown up, each dot would be four of one colour.
	same, all := 0, 0
	for y := icon.Min.Y; y+1 < icon.Max.Y; y += 2 {
		for x := icon.Min.X; x+1 < icon.Max.X; x += 2 {
			a := m.RGBAAt(x, y)
			all++
			if a == m.RGBAAt(x+1, y) && a == m.RGBAAt(x, y+1) && a == m.RGBAAt(x+1, y+1) {
				same++
			}
		}
	}
	require.Less(t, same, all*8/10, "the icon is a small one blown up")
	w.ClickMenu("Quit")
	w.WaitIcon("", 10*time.Second)
}
