package chart

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

var update = flag.Bool("update", false, "write the pictures in testdata anew; look at them enlarged before committing")

// drawn is one of everything an icon can say, in the order of the pictures in
// testdata.
var drawn = []IconSpec{
	{Number: "5.4", Range: glucose.InRange, Trend: glucose.Flat},
	{Number: "7.8", Range: glucose.InRange, Trend: glucose.Rising},
	{Number: "104", Range: glucose.InRange, Trend: glucose.Falling},
	{Number: "6.1", Range: glucose.InRange},
	{Number: "3.4", Range: glucose.Low, Trend: glucose.Falling},
	{Number: "68", Range: glucose.Low, Trend: glucose.Flat},
	{Number: "2.7", Range: glucose.UrgentLow, Trend: glucose.FallingFast},
	{Number: "LO", Range: glucose.UrgentLow, Trend: glucose.FallingFast},
	{Number: "12.4", Range: glucose.High, Trend: glucose.Rising},
	{Number: "187", Range: glucose.High, Trend: glucose.Flat},
	{Number: "17.7", Range: glucose.UrgentHigh, Trend: glucose.RisingFast},
	{Number: "HI", Range: glucose.UrgentHigh, Trend: glucose.RisingFast},
	{Number: "5.4", Range: glucose.Low, Trend: glucose.Flat, Stale: true},
	{},
	{Fault: true},
	{Number: "5.4", Range: glucose.InRange, Trend: glucose.Flat, Snoozed: true},
	{Number: "12.4", Range: glucose.High, Trend: glucose.Rising, Snoozed: true},
	{Number: "3.4", Range: glucose.Low, Trend: glucose.FallingFast, Snoozed: true},
	{Number: "5.4", Stale: true, Snoozed: true},
}

func TestIconGolden(t *testing.T) {
	for _, size := range []int{16, 22, 64} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			sheet := image.NewRGBA(image.Rect(0, 0, size*len(drawn), size))
			cell := func(i int) image.Rectangle { return image.Rect(i*size, 0, (i+1)*size, size) }
			for i, spec := range drawn {
				draw.Draw(sheet, cell(i), Icon(spec, size), image.Point{}, draw.Src)
			}
			path := filepath.Join("testdata", fmt.Sprintf("icons-%d.png", size))
			if *update {
				var b bytes.Buffer
				require.NoError(t, png.Encode(&b, sheet))
				require.NoError(t, os.WriteFile(path, b.Bytes(), 0o644))
			}
			want := readPNG(t, path)
			require.Equal(t, sheet.Bounds(), want.Bounds())
			for i, spec := range drawn {
				require.LessOrEqual(t, difference(sheet.SubImage(cell(i)), want, cell(i)), 2, "%+v is drawn differently", spec)
			}
		})
	}
}

// difference is the largest difference of a channel. Rounding may differ by a
// step between processors that fuse multiplication and addition and those
// that don't.
func difference(a, b image.Image, in image.Rectangle) int {
	most := 0
	for y := in.Min.Y; y < in.Max.Y; y++ {
		for x := in.Min.X; x < in.Max.X; x++ {
			p, q := color.NRGBAModel.Convert(a.At(x, y)).(color.NRGBA), color.NRGBAModel.Convert(b.At(x, y)).(color.NRGBA)
			for _, d := range []int{int(p.R) - int(q.R), int(p.G) - int(q.G), int(p.B) - int(q.B), int(p.A) - int(q.A)} {
				most = max(most, d, -d)
			}
		}
	}
	return most
}

func readPNG(t *testing.T, path string) image.Image {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	img, err := png.Decode(bytes.NewReader(data))
	require.NoError(t, err)
	return img
}

func TestIconIsOpaqueOrNothing(t *testing.T) {
	for _, spec := range drawn {
		for _, size := range []int{16, 22, 24, 32, 64} {
			img := Icon(spec, size)
			for i := 3; i < len(img.Pix); i += 4 {
				require.Contains(t, []uint8{0, 255}, img.Pix[i], "%+v at %d", spec, size)
			}
			require.Equal(t, uint8(255), img.RGBAAt(size/2, size/2).A)
		}
	}
}

// The rows between number and arrow stay empty for every value there is, so
// that the two never grow together, and no digit is cut off at the sides.
func TestIconNumberKeepsToItsBox(t *testing.T) {
	const size = 64
	check := func(number string) {
		img := Icon(IconSpec{Number: number, Range: glucose.InRange, Trend: glucose.RisingFast}, size)
		for x := range size {
			for y := 39; y < 42; y++ { // 9.75 to 10.5 sixteenths
				require.Equal(t, blue, img.RGBAAt(x, y), "%s touches the arrow at %d", number, x)
			}
		}
		for y := 8; y < 39; y++ {
			require.Equal(t, blue, img.RGBAAt(0, y), "%s touches the left edge", number)
			require.Equal(t, blue, img.RGBAAt(size-1, y), "%s touches the right edge", number)
		}
		ink := 0
		for y := range 39 {
			for x := range size {
				if img.RGBAAt(x, y) == white {
					ink++
				}
			}
		}
		require.Greater(t, ink, 200, "%s is hardly there", number)
	}
	for v := glucose.MgDL(20); v <= 600; v++ {
		check(glucose.MgPerDL.Format(v))
		check(glucose.MmolPerL.Format(v))
	}
	check("LO")
	check("HI")
}

// The smallest difference of any two directions, in fully changed pixels at
// the size where it matters.
func TestIconDirectionsAreUnlike(t *testing.T) {
	trends := []glucose.Trend{glucose.TrendUnknown, glucose.FallingFast, glucose.Falling, glucose.Flat, glucose.Rising, glucose.RisingFast}
	for _, snoozed := range []bool{false, true} {
		for i, a := range trends {
			for _, b := range trends[:i] {
				one := Icon(IconSpec{Number: "5.4", Range: glucose.InRange, Trend: a, Snoozed: snoozed}, 16)
				two := Icon(IconSpec{Number: "5.4", Range: glucose.InRange, Trend: b, Snoozed: snoozed}, 16)
				require.Greater(t, inkDifference(one, two), 10.0, "%s and %s, snoozed %t", a, b, snoozed)
			}
		}
	}
}

// inkDifference counts changed pixels, partly changed ones in part.
func inkDifference(a, b *image.RGBA) float64 {
	sum := 0.0
	for i := 0; i < len(a.Pix); i += 4 {
		sum += max(float64(a.Pix[i])-float64(b.Pix[i]), float64(b.Pix[i])-float64(a.Pix[i])) / 255
	}
	return sum
}

func TestIconUnknownTrendShowsNoArrow(t *testing.T) {
	img := Icon(IconSpec{Number: "5.4", Range: glucose.InRange}, 16)
	for y := 10; y < 16; y++ {
		for x := 2; x < 14; x++ {
			require.Equal(t, blue, img.RGBAAt(x, y))
		}
	}
}

// Stale beats everything that came with the value: an old low is grey, and
// its direction is not shown.
func TestIconStaleClaimsNothing(t *testing.T) {
	plain := Icon(IconSpec{Number: "3.4", Stale: true}, 64)
	for _, r := range []glucose.Range{glucose.UrgentLow, glucose.Low, glucose.InRange, glucose.High, glucose.UrgentHigh} {
		for _, trend := range []glucose.Trend{glucose.FallingFast, glucose.Flat, glucose.Rising} {
			require.Equal(t, plain, Icon(IconSpec{Number: "3.4", Range: r, Trend: trend, Stale: true}, 64))
		}
	}
	require.Equal(t, grey, plain.RGBAAt(32, 2))
}

// Without any colour: low, in range and high differ in outline, and the
// urgent ones in what is dark and what is light.
func TestIconRangesDifferWithoutColour(t *testing.T) {
	shape := func(r glucose.Range) string {
		img := Icon(IconSpec{Number: "5.4", Range: r, Trend: glucose.Flat}, 16)
		outline := ""
		for y := range 16 {
			for x := range 16 {
				outline += fmt.Sprint(img.RGBAAt(x, y).A / 255)
			}
		}
		return outline
	}
	require.NotEqual(t, shape(glucose.Low), shape(glucose.InRange))
	require.NotEqual(t, shape(glucose.High), shape(glucose.InRange))
	require.NotEqual(t, shape(glucose.Low), shape(glucose.High))

	lightness := func(r glucose.Range) int {
		// Below the number, where the arrow would be.
		p := Icon(IconSpec{Number: "5.4", Range: r}, 64).RGBAAt(32, 50)
		return int(color.GrayModel.Convert(p).(color.Gray).Y)
	}
	require.Greater(t, lightness(glucose.UrgentLow), lightness(glucose.Low)+100)
	require.Less(t, lightness(glucose.UrgentHigh), lightness(glucose.High)-100)
}

func TestIconPointIsNotLost(t *testing.T) {
	for _, n := range [][2]string{{"12.4", "124"}, {"5.4", "54"}, {"10.0", "100"}, {"12,4", "124"}, {"5,4", "54"}, {"10,0", "100"}} {
		with := Icon(IconSpec{Number: n[0], Range: glucose.High}, 16)
		without := Icon(IconSpec{Number: n[1], Range: glucose.High}, 16)
		require.Greater(t, inkDifference(with, without), 12.0, n)
	}
}

// A comma has a tail, and moves no digit: where the language has one, every
// number is as wide as with a point.
func TestIconComma(t *testing.T) {
	for _, look := range []Look{Numbered, Large} {
		for _, contrast := range []bool{false, true} {
			for _, n := range [][2]string{{"5,4", "5.4"}, {"12,4", "12.4"}, {"27,7", "27.7"}} {
				spec := IconSpec{Number: n[0], Range: glucose.InRange, Trend: glucose.RisingFast, Look: look, Contrast: contrast}
				comma := Icon(spec, 64)
				spec.Number = n[1]
				point := Icon(spec, 64)
				left, right := 64, 0
				for y := range 64 {
					for x := range 64 {
						if comma.RGBAAt(x, y) != point.RGBAAt(x, y) {
							left, right = min(left, x), max(right, x)
						}
					}
				}
				require.Less(t, left, right, "%+v: there is no tail", spec)
				require.Less(t, right-left, 16, "%+v: only the sign differs", spec)
			}
		}
	}
}

func TestColourNamesAreThoseDrawn(t *testing.T) {
	for name, c := range map[string]color.RGBA{LowColour: vermillion, InRangeColour: blue, HighColour: orange, StaleColour: grey} {
		require.Equal(t, name, fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B))
	}
}

func TestIconPNG(t *testing.T) {
	spec := drawn[8]
	img, err := png.Decode(bytes.NewReader(IconPNG(spec)))
	require.NoError(t, err)
	require.Equal(t, image.Rect(0, 0, 64, 64), img.Bounds())
	require.Zero(t, difference(img, Icon(spec, 64), img.Bounds()))
	require.Equal(t, IconPNG(spec), IconPNG(spec), "equal specs must give equal bytes")
}

func TestIconICO(t *testing.T) {
	spec := drawn[8]
	ico := IconICO(spec)
	le := binary.LittleEndian
	require.Equal(t, []byte{0, 0, 1, 0, 4, 0}, ico[:6])
	end := 6 + 4*16
	for i, want := range []struct{ side, drawn int }{{16, 16}, {32, 16}, {48, 24}, {64, 32}} {
		entry := ico[6+16*i:][:16]
		require.Equal(t, []byte{byte(want.side), byte(want.side)}, entry[:2])
		length, offset := int(le.Uint32(entry[8:])), int(le.Uint32(entry[12:]))
		require.Equal(t, end, offset, "frames follow each other")
		end += length
		frame := ico[offset:end]
		require.Equal(t, []uint32{40, uint32(want.side), uint32(2 * want.side)},
			[]uint32{le.Uint32(frame), le.Uint32(frame[4:]), le.Uint32(frame[8:])})
		require.Equal(t, uint16(32), le.Uint16(frame[14:]))
		native := Icon(spec, want.drawn)
		by := want.side / want.drawn
		maskRow := (want.side + 31) / 32 * 4
		mask := frame[40+want.side*want.side*4:]
		require.Len(t, mask, want.side*maskRow)
		for y := range want.side {
			for x := range want.side {
				line := want.side - 1 - y // bottom up
				p := frame[40+(line*want.side+x)*4:][:4]
				c := native.RGBAAt(x/by, y/by)
				require.Equal(t, []byte{c.B, c.G, c.R, c.A}, p)
				hidden := mask[line*maskRow+x/8]&(0x80>>(x%8)) != 0
				require.Equal(t, c.A == 0, hidden)
			}
		}
	}
	require.Len(t, ico, end)
}

func BenchmarkIconPNG(b *testing.B) {
	for b.Loop() {
		IconPNG(drawn[8])
	}
}

// On a panel of the field's own colour the icon keeps its outline.
func TestUrgentFieldHasAnOutline(t *testing.T) {
	for _, spec := range []IconSpec{
		{Number: "2.7", Range: glucose.UrgentLow, Trend: glucose.Flat, Snoozed: true},
		{Number: "17.7", Range: glucose.UrgentHigh, Trend: glucose.RisingFast},
	} {
		plate, _ := palette(spec)
		for _, size := range []int{16, 22, 24, 32, 64} {
			img := Icon(spec, size)
			for y := range size {
				row := []color.RGBA{}
				for x := range size {
					if p := img.RGBAAt(x, y); p.A > 0 {
						row = append(row, p)
					}
				}
				if at := float32(y) * grid / float32(size); at < stripTop || at > grid-cornerRadius {
					continue
				}
				require.Equal(t, plate, row[0], "%d: row %d begins", size, y)
				require.Equal(t, plate, row[len(row)-1], "%d: row %d ends", size, y)
			}
		}
	}
}
