// Package icons draws the program's icon: a drop with an arrow, in the colours
// of the tray icon's plate. One description gives SVG, PNG, ICO and ICNS.
package icons

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"

	"golang.org/x/image/vector"
)

// grid is the side of the drawing: the smallest size it is shown at, so that
// whole numbers are whole pixels there.
const grid = 16

// Colours: the plate of a value in range, see chart.InRangeColour, and white.
var (
	blue  = color.RGBA{0x00, 0x72, 0xB2, 0xFF}
	white = color.RGBA{0xFF, 0xFF, 0xFF, 0xFF}
)

// Sizes are the sides in pixels that a desktop's icon theme wants.
var Sizes = []int{16, 22, 24, 32, 48, 64, 128, 256, 512}

// step is a part of an outline, ending at the last point: a line with one
// point, a cubic curve with three.
type step []float32

// shape is a closed outline.
type shape struct {
	x, y  float32
	steps []step
}

// plate is a square with round corners, left inset free on each side.
func plate(inset float32) shape {
	const radius, round = 3, 3 * 0.4477 // the control points of a quarter circle
	a, b := inset, grid-inset
	return shape{a + radius, a, []step{
		{b - radius, a}, {b - round, a, b, a + round, b, a + radius},
		{b, b - radius}, {b, b - round, b - round, b, b - radius, b},
		{a + radius, b}, {a + round, b, a, b - round, a, b - radius},
		{a, a + radius}, {a, a + round, a + round, a, a + radius, a},
	}}
}

// drop is drawn clockwise.
var drop = shape{8, 1, []step{
	{9, 3.4, 13, 6.2, 13, 9.9},
	{13, 12.7, 10.76, 14.9, 8, 14.9},
	{5.24, 14.9, 3, 12.7, 3, 9.9},
	{3, 6.2, 7, 3.4, 8, 1},
}}

// arrow is drawn against the clock, so that it leaves a hole in the drop.
var arrow = shape{5, 9, []step{
	{5, 11}, {8, 11}, {8, 13}, {11.5, 10}, {8, 7}, {8, 9},
}}

// SVG is the icon for sizes that are not in Sizes.
func SVG() []byte {
	return svg(
		path(hex(blue), plate(0)),
		path(hex(white), drop, arrow),
	)
}

// Symbolic is the icon in one colour, which the desktop replaces by its own.
func Symbolic() []byte { return svg(path("#2e3436", drop, arrow)) }

func svg(paths ...string) []byte {
	return fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="%[1]d" viewBox="0 0 %[1]d %[1]d">
%[2]s</svg>
`, grid, strings.Join(paths, ""))
}

func path(fill string, shapes ...shape) string {
	var d strings.Builder
	for _, s := range shapes {
		fmt.Fprintf(&d, "M%g %g", s.x, s.y)
		for _, st := range s.steps {
			command := "L"
			if len(st) == 6 {
				command = "C"
			}
			d.WriteString(command)
			for i, v := range st {
				if i > 0 {
					d.WriteByte(' ')
				}
				fmt.Fprintf(&d, "%g", v)
			}
		}
		d.WriteByte('Z')
	}
	return fmt.Sprintf("  <path fill=%q d=%q/>\n", fill, d.String())
}

func hex(c color.RGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// Draw returns the icon size pixels high and wide. The plate keeps inset
// sixteenths of its place free on each side.
func Draw(size int, inset float32) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	fill := func(c color.RGBA, scale, move float32, shapes ...shape) {
		pen := vector.NewRasterizer(size, size)
		unit := float32(size) / grid
		at := func(v float32) float32 { return (v*scale + move) * unit }
		for _, s := range shapes {
			pen.MoveTo(at(s.x), at(s.y))
			for _, p := range s.steps {
				if len(p) == 2 {
					pen.LineTo(at(p[0]), at(p[1]))
				} else {
					pen.CubeTo(at(p[0]), at(p[1]), at(p[2]), at(p[3]), at(p[4]), at(p[5]))
				}
			}
			pen.ClosePath()
		}
		pen.Draw(img, img.Bounds(), image.NewUniform(c), image.Point{})
	}
	fill(blue, 1, 0, plate(inset))
	fill(white, (grid-2*inset)/grid, inset, drop, arrow)
	return img
}

// PNG returns the icon as a file.
func PNG(size int) []byte { return encode(Draw(size, 0)) }

func encode(img image.Image) []byte {
	var b bytes.Buffer
	_ = png.Encode(&b, img) // a valid picture into memory does not fail
	return b.Bytes()
}

// icoSizes are the frames of the Windows icon: those of 100 to 200 % and the
// large one of the Explorer.
var icoSizes = []int{16, 20, 24, 32, 40, 48, 64, 256}

// ICO returns the icon for Windows, its frames as PNG, which every Windows
// since Vista reads.
func ICO() []byte {
	const header, entry = 6, 16
	le := binary.LittleEndian
	out := le.AppendUint16(nil, 0)
	out = le.AppendUint16(out, 1) // an icon, not a cursor
	out = le.AppendUint16(out, uint16(len(icoSizes)))
	offset := header + entry*len(icoSizes)
	var frames []byte
	for _, size := range icoSizes {
		frame := PNG(size)
		out = append(out, byte(size), byte(size), 0, 0) // 256 is written as 0
		out = le.AppendUint16(out, 1)                   // colour planes
		out = le.AppendUint16(out, 32)                  // bits a pixel
		out = le.AppendUint32(out, uint32(len(frame)))
		out = le.AppendUint32(out, uint32(offset+len(frames)))
		frames = append(frames, frame...)
	}
	return append(out, frames...)
}

// icnsTypes are the entries of a macOS icon that hold a PNG, and their sides.
var icnsTypes = []struct {
	name string
	size int
}{
	{"ic11", 32}, {"ic12", 64}, {"ic07", 128}, {"ic13", 256},
	{"ic08", 256}, {"ic14", 512}, {"ic09", 512}, {"ic10", 1024},
}

// macInset leaves the margin that icons of macOS have: a plate of 824 in 1024.
const macInset = grid * (1024 - 824) / 2048.0

// ICNS returns the icon for macOS.
func ICNS() []byte {
	var body []byte
	be := binary.BigEndian
	for _, t := range icnsTypes {
		frame := encode(Draw(t.size, macInset))
		body = append(body, t.name...)
		body = be.AppendUint32(body, uint32(8+len(frame)))
		body = append(body, frame...)
	}
	out := append([]byte{}, "icns"...)
	out = be.AppendUint32(out, uint32(8+len(body)))
	return append(out, body...)
}
