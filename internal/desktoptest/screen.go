//go:build linux

package desktoptest

import (
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
)

// Screenshot is the screen as it is now. It is read from the frame buffer that
// the X server keeps in a file, so that waiting for a pixel costs next to
// nothing.
func (d *Desktop) Screenshot() *image.RGBA {
	d.tb.Helper()
	b, err := os.ReadFile(d.frame)
	d.must(err)
	// The format is that of xwd (XWDFile.h): 32-bit words, the most significant
	// byte first, whatever the order of the pixels.
	word := func(i int) int { return int(binary.BigEndian.Uint32(b[4*i:])) }
	header, width, height, msbFirst := word(0), word(4), word(5), word(7) == 1
	bits, line, colours := word(11), word(12), word(19)
	if bits != 32 {
		d.tb.Fatalf("the X server has %d bits a pixel, not 32", bits)
	}
	pixels := b[header+12*colours:]
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		row := pixels[y*line:]
		for x := range width {
			p := row[4*x : 4*x+4]
			v := binary.LittleEndian.Uint32(p)
			if msbFirst {
				v = binary.BigEndian.Uint32(p)
			}
			out.SetRGBA(x, y, color.RGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 255})
		}
	}
	return out
}

// FindColour is the box around all pixels of a colour within an area, empty if
// there is none. Scaling and themes move a colour a little: near allows it.
func FindColour(m *image.RGBA, area image.Rectangle, c color.RGBA) image.Rectangle {
	var box image.Rectangle
	area = area.Intersect(m.Rect)
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			if near(m.RGBAAt(x, y), c) {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return box
}

// FindPlate is the box of an icon with a plate of this colour, empty if there is
// none. Letters beside it may have the colour here and there, but only a plate
// has much of it in little room. side is how large the panel draws icons.
func FindPlate(m *image.RGBA, area image.Rectangle, c color.RGBA, side int) image.Rectangle {
	width, least := side+2, side*side*leastPlate/100
	area = area.Intersect(m.Rect)
	columns := make([]int, area.Dx())
	for x := range columns {
		for y := area.Min.Y; y < area.Max.Y; y++ {
			if near(m.RGBAAt(area.Min.X+x, y), c) {
				columns[x]++
			}
		}
	}
	at, most, sum := 0, 0, 0
	for x := range columns {
		sum += columns[x]
		if x >= width {
			sum -= columns[x-width]
		}
		if sum > most {
			at, most = x, sum
		}
	}
	if most < least {
		return image.Rectangle{}
	}
	right := area.Min.X + at + 1
	return FindColour(m, image.Rect(right-width, area.Min.Y, right, area.Max.Y), c)
}

// leastPlate is how much of an icon its plate's colour has at least, in per
// cent: of an urgent one it is about 18, the rest is number, arrow and blend.
const leastPlate = 8

// colourSlack is how far apart two values of one colour may be, of 255.
const colourSlack = 6

func near(a, b color.RGBA) bool {
	off := func(a, b uint8) bool { return max(a, b)-min(a, b) <= colourSlack }
	return off(a.R, b.R) && off(a.G, b.G) && off(a.B, b.B)
}

// Crop is a part of a picture, as a picture of its own.
func Crop(m *image.RGBA, r image.Rectangle) *image.RGBA {
	r = r.Intersect(m.Rect)
	out := image.NewRGBA(image.Rect(0, 0, r.Dx(), r.Dy()))
	draw.Draw(out, out.Rect, m, r.Min, draw.Src)
	return out
}

// Enlarge makes each pixel a square of n by n: what a reader needs to see what
// a panel shows.
func Enlarge(m *image.RGBA, n int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, m.Rect.Dx()*n, m.Rect.Dy()*n))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			out.SetRGBA(x, y, m.RGBAAt(m.Rect.Min.X+x/n, m.Rect.Min.Y+y/n))
		}
	}
	return out
}

// SavePNG writes a picture.
func (d *Desktop) SavePNG(path string, m image.Image) {
	d.tb.Helper()
	d.must(os.MkdirAll(filepath.Dir(path), 0o755))
	f, err := os.Create(path)
	d.must(err)
	// Written once and downloaded by every reader of the README.
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	d.must(encoder.Encode(f, m))
	d.must(f.Close())
}
