package chart

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// looked is what is drawn in each row of the pictures in testdata.
var looked = []struct {
	look     Look
	contrast bool
}{{Large, false}, {Discreet, false}, {Numbered, true}, {Large, true}, {Discreet, true}}

func in(spec IconSpec, look Look, contrast bool) IconSpec {
	spec.Look, spec.Contrast = look, contrast
	return spec
}

func TestLooksGolden(t *testing.T) {
	for _, size := range []int{16, 22, 32} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			sheet := image.NewRGBA(image.Rect(0, 0, size*len(drawn), size*len(looked)))
			cell := func(i, row int) image.Rectangle {
				return image.Rect(i*size, row*size, (i+1)*size, (row+1)*size)
			}
			for row, l := range looked {
				for i, spec := range drawn {
					draw.Draw(sheet, cell(i, row), Icon(in(spec, l.look, l.contrast), size), image.Point{}, draw.Src)
				}
			}
			path := filepath.Join("testdata", fmt.Sprintf("looks-%d.png", size))
			if *update {
				var b bytes.Buffer
				require.NoError(t, png.Encode(&b, sheet))
				require.NoError(t, os.WriteFile(path, b.Bytes(), 0o644))
			}
			want := readPNG(t, path)
			require.Equal(t, sheet.Bounds(), want.Bounds())
			for row, l := range looked {
				for i, spec := range drawn {
					require.LessOrEqual(t, difference(sheet.SubImage(cell(i, row)), want, cell(i, row)), 2, "%+v of %+v is drawn differently", l, spec)
				}
			}
		})
	}
}

// every pairs each look with each thing an icon can say.
func every(f func(IconSpec)) {
	for _, l := range looked {
		for _, spec := range drawn {
			f(in(spec, l.look, l.contrast))
		}
	}
}

func TestLooksAreOpaqueOrNothing(t *testing.T) {
	every(func(spec IconSpec) {
		for _, size := range []int{16, 22, 24, 32, 64} {
			img := Icon(spec, size)
			for i := 3; i < len(img.Pix); i += 4 {
				require.Contains(t, []uint8{0, 255}, img.Pix[i], "%+v at %d", spec, size)
			}
		}
	})
}

// No digit of a large number is cut off at a side, nor by a corner of its range.
func TestLargeNumberKeepsToItsBox(t *testing.T) {
	const size = 64
	for _, contrast := range []bool{false, true} {
		check := func(number string, r glucose.Range) {
			spec := IconSpec{Number: number, Range: r, Look: Large, Contrast: contrast}
			blank := spec
			blank.Number = " " // a plate without a number
			with, without := Icon(spec, size), Icon(blank, size)
			small := spec
			small.Look = Numbered
			require.GreaterOrEqual(t, height(with, without), height(Icon(small, size), Icon(in(blank, Numbered, contrast), size)), "%s is not larger", number)
			changed := 0
			for y := range size {
				for x := range size {
					if with.RGBAAt(x, y) == without.RGBAAt(x, y) {
						continue
					}
					changed++
					fx, fy := (float32(x)+0.5)/4, (float32(y)+0.5)/4
					top, bottom := cuts(spec)
					straight := top
					if fy > grid/2 {
						straight = bottom
					}
					require.False(t, outside(min(fx, grid-fx), min(fy, grid-fy), straight), "%s in %v is cut off", number, r)
					require.False(t, x == 0 || x == size-1 || y == 0 || y == size-1, "%s touches the edge", number)
				}
			}
			require.Greater(t, changed, 200, "%s is hardly there", number)
		}
		for v := glucose.MgDL(20); v <= 600; v += 7 {
			for _, r := range []glucose.Range{glucose.UrgentLow, glucose.Low, glucose.InRange, glucose.High, glucose.UrgentHigh} {
				check(glucose.MgPerDL.Format(v), r)
				check(glucose.MmolPerL.Format(v), r)
			}
		}
		check("LO", glucose.UrgentLow)
		check("HI", glucose.UrgentHigh)
	}
}

// height is that of what two pictures differ in, above any arrow.
func height(a, b *image.RGBA) int {
	first, last := -1, -1
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			if a.RGBAAt(x, y) != b.RGBAAt(x, y) {
				if first < 0 {
					first = y
				}
				last = y
			}
		}
	}
	return last - first + 1
}

// Whatever the look, in grey alone: each range, the present and the past, and
// an alarm that is held back can be told from one another.
func TestLooksDifferWithoutColour(t *testing.T) {
	states := []IconSpec{
		{Number: "5.4", Range: glucose.UrgentLow}, {Number: "5.4", Range: glucose.Low}, {Number: "5.4", Range: glucose.InRange},
		{Number: "5.4", Range: glucose.High}, {Number: "5.4", Range: glucose.UrgentHigh},
		{Number: "5.4", Range: glucose.InRange, Stale: true}, {Number: "5.4", Range: glucose.InRange, Snoozed: true}, {}, {Fault: true},
	}
	for _, l := range append(looked, struct {
		look     Look
		contrast bool
	}{Numbered, false}) {
		for i, a := range states {
			for _, b := range states[:i] {
				one, two := Icon(in(a, l.look, l.contrast), 16), Icon(in(b, l.look, l.contrast), 16)
				require.Greater(t, markDifference(one, two), 5.0, "%+v: %+v and %+v", l, a, b)
			}
		}
	}
}

// markDifference counts the pixels in which two icons differ in shape: what is
// plate, what is written on it and what is cut off, whatever their colours.
func markDifference(a, b *image.RGBA) float64 {
	sum := 0.0
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			sum += math.Abs(mark(a, x, y) - mark(b, x, y))
		}
	}
	return sum
}

// mark is 0 for the plate and nothing, 1 for what is written, and 2 for a corner
// that is cut off.
func mark(img *image.RGBA, x, y int) float64 {
	p := img.RGBAAt(x, y)
	if p.A == 0 {
		return 2
	}
	counts := map[color.RGBA]int{}
	for i := 0; i < len(img.Pix); i += 4 {
		counts[color.RGBA{img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3]}]++
	}
	plate, most := color.RGBA{}, 0
	for c, n := range counts {
		if n > most && c.A > 0 && c != white && c != black {
			plate, most = c, n
		}
	}
	return min(1, math.Abs(luminance(p)-luminance(plate))/0.3)
}

// luminance is relative, as WCAG 2 defines it.
func luminance(c color.RGBA) float64 {
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

func ratio(a, b color.RGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// WCAG 2: 4.5:1 is asked for, 7:1 for those who need more.
func TestContrast(t *testing.T) {
	for _, spec := range drawn {
		plate, ink := palette(in(spec, Numbered, false))
		require.GreaterOrEqual(t, ratio(plate, ink), 4.5, "%+v", spec)
		plate, ink = palette(in(spec, Numbered, true))
		require.GreaterOrEqual(t, ratio(plate, ink), 7.0, "%+v", spec)
	}
}

// A discreet icon is the same for all values of a range, and for all trends.
func TestDiscreetTellsNoNumber(t *testing.T) {
	for _, r := range []glucose.Range{glucose.UrgentLow, glucose.Low, glucose.InRange, glucose.High, glucose.UrgentHigh} {
		for _, contrast := range []bool{false, true} {
			want := Icon(IconSpec{Number: "5.4", Range: r, Look: Discreet, Contrast: contrast}, 32)
			for _, number := range []string{"3.4", "104", "LO", "HI"} {
				for _, trend := range []glucose.Trend{glucose.FallingFast, glucose.Flat, glucose.Rising} {
					require.Equal(t, want, Icon(IconSpec{Number: number, Range: r, Trend: trend, Look: Discreet, Contrast: contrast}, 32))
				}
			}
		}
	}
}

// On a panel of the plate's own colour, or of the ink's, the edge shows the
// outline with its cut corners.
func TestContrastHasAnEdge(t *testing.T) {
	for _, l := range looked {
		if !l.contrast {
			continue
		}
		for _, spec := range drawn {
			spec = in(spec, l.look, true)
			_, ink := palette(spec)
			for _, size := range []int{16, 22, 32, 64} {
				img := Icon(spec, size)
				for y := range size {
					first := 0
					for first < size && img.RGBAAt(first, y).A == 0 {
						first++
					}
					require.Equal(t, ink, img.RGBAAt(first, y), "%+v at %d, row %d", spec, size, y)
				}
			}
		}
	}
}

// A large number is told from another at least as well as one above an arrow:
// in every place every pair of digits differs by as many pixels or more.
func TestLargeDigitsAreAsUnlike(t *testing.T) {
	for _, size := range []int{16, 22, 32} {
		for _, pattern := range []string{"%d.4", "5.%d", "1%d.4", "12.%d", "%d04", "1%d4", "10%d"} {
			for a := range 10 {
				for b := range a {
					draw := func(digit int, look Look) *image.RGBA {
						return Icon(IconSpec{Number: fmt.Sprintf(pattern, digit), Range: glucose.InRange, Look: look}, size)
					}
					numbered := inkDifference(draw(a, Numbered), draw(b, Numbered))
					large := inkDifference(draw(a, Large), draw(b, Large))
					require.Greater(t, large, 0.95*numbered, "%d and %d in %s at %d", a, b, pattern, size)
				}
			}
		}
	}
}
