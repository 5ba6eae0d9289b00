package chart

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	xdraw "golang.org/x/image/draw"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/musthave"
)

// readable is how many in a hundred icons a reader must read rightly from
// readableFrom pixels up, the size of all panels but GNOME's, whose label says
// the value again.
const (
	readable     = 99
	readableFrom = 22
)

// glances are the sizes, in pixels a side, at which the reader is shown each
// icon. What it reads most often counts: it was taught on print, and at any one
// size fails on a few numbers as clear as the others, now these, now those.
var glances = []int{64, 80, 96}

// BenchmarkIconIsRead has a program for printed text read the number of every
// icon there is, as panels draw it, and tells how many in a hundred it gets
// exactly right. That program knows nothing of our drawing; it stands for eyes,
// and proves nothing about them.
func BenchmarkIconIsRead(b *testing.B) {
	musthave.Program(b, "tesseract")
	for _, panel := range []struct {
		name   string
		colour color.Color
	}{{"light", color.Gray{0xF5}}, {"dark", color.Gray{0x24}}} {
		for _, size := range []int{16, 22, 24, 32, 48} {
			b.Run(fmt.Sprintf("%dpx/%s", size, panel.name), func(b *testing.B) {
				for b.Loop() {
					for _, c := range []struct{ language, name string }{{"en", "mmol/L"}, {"de", "mmol/L,comma"}, {"en", "mg/dL"}} {
						unit, _, _ := strings.Cut(c.name, ",")
						lang.Use(c.language)
						right := share(b, glucose.Unit(unit), size, panel.colour)
						lang.Use(lang.English)
						b.ReportMetric(right, "%read:"+c.name)
						if size >= readableFrom && right < readable {
							b.Errorf("%.1f %% of the values in %s are read at %d pixels on a %s panel", right, c.name, size, panel.name)
						}
					}
				}
				b.ReportMetric(0, "ns/op") // the reader's time, not ours
			})
		}
	}
}

// share is how many in a hundred values of a unit are read rightly.
func share(b *testing.B, u glucose.Unit, size int, panel color.Color) float64 {
	b.Helper()
	dir := b.TempDir()
	var list bytes.Buffer
	var want []string
	limits := glucose.DefaultLimits
	for v := glucose.MgDL(40); v <= 500; v++ {
		number := u.Format(v)
		if len(want) > 0 && want[len(want)-1] == number {
			continue
		}
		want = append(want, number)
		spec := IconSpec{Number: number, Range: limits.Of(glucose.Reading{Value: v}), Trend: glucose.Flat}
		for _, at := range glances {
			path := filepath.Join(dir, fmt.Sprintf("%s-%d.png", number, at))
			f, err := os.Create(path)
			require.NoError(b, err)
			require.NoError(b, png.Encode(f, printed(spec, size, at, panel)))
			require.NoError(b, f.Close())
			fmt.Fprintln(&list, path)
		}
	}
	cmd := exec.Command("tesseract", "stdin", "stdout", "--psm", "7", "--dpi", "300", "-c", "tessedit_char_whitelist=0123456789.,")
	cmd.Stdin = &list
	cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1")
	out, err := cmd.Output()
	require.NoError(b, err)
	pages := strings.Split(strings.TrimSuffix(string(out), "\f"), "\f")
	require.Len(b, pages, len(want)*len(glances))
	right := 0
	var wrong []string
	for i, number := range want {
		got := mostOften(pages[i*len(glances):][:len(glances)])
		// A comma that is taken for a point is the same number.
		if strings.Replace(got, ",", ".", 1) == strings.Replace(number, ",", ".", 1) {
			right++
		} else {
			wrong = append(wrong, fmt.Sprintf("%s as %q", number, got))
		}
	}
	b.Logf("%d px, misread: %s", size, strings.Join(wrong, ", "))
	return 100 * float64(right) / float64(len(want))
}

// mostOften is the text that most pages have, the first of those that as many
// have. Nothing read is no text.
func mostOften(pages []string) (text string) {
	count := map[string]int{}
	for _, page := range pages {
		page = strings.TrimSpace(page)
		count[page]++
		if page != "" && (text == "" || count[page] > count[text]) {
			text = page
		}
	}
	return text
}

// printed is the number of an icon as a panel draws it, as dark print on a
// light page, at pixels a side. The corners, through which the panel shows, are
// filled: a reader of print takes them for strokes.
func printed(spec IconSpec, size, at int, panel color.Color) image.Image {
	whole := Icon(spec, pngSize)
	scaled := image.NewRGBA(image.Rect(0, 0, size, size))
	xdraw.CatmullRom.Scale(scaled, scaled.Rect, whole, whole.Rect, draw.Src, nil)
	shown := image.NewRGBA(scaled.Rect)
	draw.Draw(shown, shown.Rect, image.NewUniform(panel), image.Point{}, draw.Src)
	draw.Draw(shown, shown.Rect, scaled, image.Point{}, draw.Over)
	plate, ink := palette(spec)
	for y := range size {
		for x := range size {
			if scaled.RGBAAt(x, y).A < 128 {
				shown.SetRGBA(x, y, plate)
			}
		}
	}
	number := shown.SubImage(image.Rect(0, 0, size, (size*10+8)/16))
	large := image.NewGray(image.Rect(0, 0, at, at*number.Bounds().Dy()/size))
	xdraw.CatmullRom.Scale(large, large.Rect, number, number.Bounds(), draw.Src, nil)
	if ink == white {
		for i, v := range large.Pix {
			large.Pix[i] = 255 - v
		}
	}
	const margin = 10
	page := image.NewGray(large.Rect.Inset(-margin))
	draw.Draw(page, page.Rect, image.NewUniform(large.GrayAt(at/2, 0)), image.Point{}, draw.Src)
	draw.Draw(page, large.Rect, large, image.Point{}, draw.Src)
	return page
}
