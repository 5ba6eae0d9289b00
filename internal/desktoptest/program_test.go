//go:build linux

package desktoptest

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/draw"

	"github.com/llutray/llutray/internal/chart"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/history"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/libretest"
)

const (
	email    = "follower@example.org"
	password = "Tr0ub4dor-and-3-staples"
)

// built is the program as it is shipped, built once.
var built string

// asUser runs the tests again as a user who is not root, where desktops insist
// on one; nil where none does.
var asUser func() (code int, err error)

func TestMain(m *testing.M) {
	run := func() (int, error) { return build(m) }
	if asUser != nil && os.Getuid() == 0 {
		run = asUser
	}
	code, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func build(m *testing.M) (int, error) {
	if built = os.Getenv("LLUTRAY_BUILT"); built != "" {
		return m.Run(), nil
	}
	dir, err := os.MkdirTemp("", "llutray-desktop")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	built = filepath.Join(dir, "llutray")
	if err := buildProgram(built); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

func buildProgram(path string) error {
	args, system := []string{"build", "-o", path}, runtime.GOOS
	if filepath.Ext(path) == ".exe" {
		args, system = append(args, "-ldflags=-H=windowsgui"), "windows"
	}
	cmd := exec.Command("go", append(args, "github.com/llutray/llutray/cmd/llutray")...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building the program: %w\n%s", err, out)
	}
	return nil
}

// curve is a sensor's day that the test knows beforehand: one reading a minute
// until an instant, falling gently at its end.
type curve struct{ end time.Time }

func (c curve) Readings(after, until time.Time) (out []libretest.Reading) {
	for i := 24 * 60; i >= 0; i-- {
		t := c.end.Add(-time.Duration(i) * time.Minute).Truncate(time.Second)
		if t.After(after) && !t.After(until) {
			out = append(out, libretest.Reading{Time: t, MgDL: day(float64(i)), Published: t})
		}
	}
	return out
}

// day is the glucose so many minutes before the end of the curve: three meals
// on a level of 110, the last of them nearly over.
func day(before float64) int {
	value := 110.0
	for _, meal := range []struct{ peak, height, width float64 }{{95, 68, 38}, {330, 95, 55}, {700, 60, 50}, {1130, 45, 60}} {
		off := (before - meal.peak) / meal.width
		value += meal.height * math.Exp(-off*off/2)
	}
	return int(math.Round(value))
}

// remember gives the program the day as it would have followed it, had it been
// running.
func remember(t *testing.T, d *Desktop, s *libretest.Server, until time.Time) {
	t.Helper()
	path := filepath.Join(d.Dir("XDG_DATA_HOME"), "llutray", "history.db")
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	store, _, err := history.Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	var readings []glucose.Reading
	for _, r := range s.Readings(s.PersonIDs()[0], until.Add(-24*time.Hour), until) {
		readings = append(readings, glucose.Reading{Time: r.Time, Value: glucose.MgDL(r.MgDL), Trend: glucose.Flat, Origin: glucose.Live})
	}
	require.NotEmpty(t, readings)
	_, err = store.Append(context.Background(), glucose.Person{ID: s.PersonIDs()[0], Name: "Alex Example"}, readings)
	require.NoError(t, err)
}

// patience is how long the program may take for what it does at once: two
// processors may serve a whole desktop and its neighbours.
const patience = 30 * time.Second

// world is the service, the desktop and the program on it.
type world struct {
	t *testing.T
	*Desktop
	server  *libretest.Server
	command []string // the program where it is not built

	settings image.Point // the size of the submenu Settings
}

// llutray runs a command of the program.
func (w *world) llutray(args ...string) Result {
	command := append(slices.Clone(w.command), args...)
	if len(w.command) == 0 {
		command = append([]string{built}, args...)
	}
	return w.Run(command[0], command[1:]...)
}

// upload has the sensor's phone upload a reading, and the user refresh until
// the program has asked for it.
func (w *world) upload(mgdl, arrow int) {
	w.t.Helper()
	require.NoError(w.t, w.server.Push("", libretest.Reading{MgDL: mgdl, Arrow: arrow}))
	w.refresh(len(w.server.Requests()))
}

// refreshGap is how long after a request the program takes no wish for another:
// the service is not to be asked too often.
const refreshGap = 5500 * time.Millisecond

// refresh presses Refresh when the program will listen, until the server has
// answered more than so many requests.
func (w *world) refresh(before int) {
	w.t.Helper()
	pressed := false
	w.Until("the program to ask the service", 15*time.Second, func() bool {
		all := w.server.Requests()
		if len(all) > before {
			return all[len(all)-1].Status != 0
		}
		if !pressed && time.Since(all[len(all)-1].Time) > refreshGap {
			w.ClickMenu(lang.T("Refresh now"))
			pressed = true
		}
		return false
	})
}

// reads is the number on the icon as a reader would tell it: of all numbers
// that it could be, the one whose drawing is most like the pixels of the panel.
func (w *world) reads(box image.Rectangle, like chart.IconSpec, numbers []string) string {
	w.t.Helper()
	seen := w.Screenshot()
	best, least := "", math.Inf(1)
	for _, n := range numbers {
		like.Number = n
		drawn := image.NewRGBA(image.Rect(0, 0, box.Dx(), box.Dy()))
		whole := chart.Icon(like, 64)
		draw.CatmullRom.Scale(drawn, drawn.Rect, whole, whole.Rect, draw.Src, nil)
		sum := 0.0
		for y := range box.Dy() * 10 / 16 { // the rows of the number
			for x := range box.Dx() {
				sum += apart(drawn.RGBAAt(x, y), seen.RGBAAt(box.Min.X+x, box.Min.Y+y))
			}
		}
		if sum < least {
			best, least = n, sum
		}
	}
	return best
}

func apart(a, b color.RGBA) float64 {
	square := func(a, b uint8) float64 { d := float64(a) - float64(b); return d * d }
	return square(a.R, b.R) + square(a.G, b.G) + square(a.B, b.B)
}

// everyNumber is what an icon can show in a unit.
func everyNumber(u glucose.Unit) (out []string) {
	for m := glucose.MgDL(40); m <= 400; m++ {
		if n := u.Format(m); len(out) == 0 || out[len(out)-1] != n {
			out = append(out, n)
		}
	}
	return out
}

// shot keeps a picture for the README where LLUTRAY_SHOTS says.
func (w *world) shot(name string, m *image.RGBA) {
	w.t.Helper()
	if dir := os.Getenv("LLUTRAY_SHOTS"); dir != "" {
		w.SavePNG(filepath.Join(dir, name), m)
	}
}

// panelShot is the part of the panel with the icon and the clock, as large as a
// reader needs it.
func (w *world) panelShot(name string, icon image.Rectangle) {
	w.t.Helper()
	m := w.Screenshot()
	w.shot(name, Enlarge(Crop(m, image.Rect(icon.Min.X-16, 0, icon.Max.X+80, PanelHeight)), 4))
}

// menuShot is a part of the panel and what is open below it.
func (w *world) menuShot(name string, open ...image.Rectangle) {
	w.t.Helper()
	m := w.Screenshot()
	_, all := w.Icon()
	all.Max.X += 80 // with the clock
	for _, r := range open {
		all = all.Union(r)
	}
	all = all.Inset(-12)
	all.Min.Y = 0
	w.shot(name, Crop(m, all))
}
