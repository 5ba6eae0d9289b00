package chart

import (
	"image"
	"image/color"
	"math"

	"golang.org/x/image/math/f32"
	"golang.org/x/image/vector"

	"github.com/llutray/llutray/internal/glucose"
)

// vec is a point in sixteenths of the side, y downwards.
type vec = f32.Vec2

// canvas draws on a square picture in sixteenths of its side, so that one
// description serves every size.
type canvas struct {
	img  *image.RGBA
	size int
	unit float32 // pixels to a sixteenth
	pen  *vector.Rasterizer
}

func newCanvas(size int) *canvas {
	return &canvas{
		img:  image.NewRGBA(image.Rect(0, 0, size, size)),
		size: size,
		unit: float32(size) / grid,
		pen:  vector.NewRasterizer(size, size),
	}
}

func (c *canvas) fill(col color.RGBA) { c.rect(0, 0, grid, grid, col) }

func (c *canvas) rect(left, top, right, bottom float32, col color.RGBA) {
	c.polygon(col, vec{left, top}, vec{right, top}, vec{right, bottom}, vec{left, bottom})
}

func (c *canvas) polygon(col color.RGBA, corners ...vec) {
	for i, p := range corners {
		if i == 0 {
			c.pen.MoveTo(p[0]*c.unit, p[1]*c.unit)
			continue
		}
		c.pen.LineTo(p[0]*c.unit, p[1]*c.unit)
	}
	c.pen.ClosePath()
	c.ink(col)
}

// ink paints what the pen outlined and lifts the pen.
func (c *canvas) ink(col color.RGBA) {
	c.pen.Draw(c.img, c.img.Bounds(), image.NewUniform(col), image.Point{})
	c.pen.Reset(c.size, c.size)
}

// The shapes of the five directions were chosen for being unlike at 16
// pixels, where a shaft makes up and down alike: solid triangles for fast,
// a long shaft for flat, a corner with a short tail for the slopes.
func (c *canvas) arrow(t glucose.Trend, in box, ink color.RGBA) {
	h, width := in.bottom-in.top, in.right-in.left
	middle := (in.left + in.right) / 2
	// Rising is drawn; falling is its mirror image.
	y := func(up float32) float32 { return in.bottom - up*h }
	if t == glucose.Falling || t == glucose.FallingFast {
		y = func(up float32) float32 { return in.top + up*h }
	}
	switch t {
	case glucose.RisingFast, glucose.FallingFast:
		half := 1.9 * h / 2
		c.polygon(ink, vec{middle - half, y(0)}, vec{middle, y(1)}, vec{middle + half, y(0)})
	case glucose.Rising, glucose.Falling:
		const length, head, tail = 1.5, 0.85, 0.34
		end := middle + length*h/2
		c.polygon(ink, vec{end - head*h, y(1)}, vec{end, y(1)}, vec{end, y(1 - head)})
		c.line(ink, vec{end - (length-tail/2)*h, y(tail / 2)}, vec{end - 0.3*h, y(0.7)}, tail*h)
	case glucose.Flat:
		const shaft, head, length = 0.32, 0.55, 0.84
		start, end := middle-length*width/2, middle+length*width/2
		c.rect(start, y(0.5+shaft/2), end-head*h, y(0.5-shaft/2), ink)
		c.polygon(ink, vec{end - head*h, y(1)}, vec{end, y(0.5)}, vec{end - head*h, y(0)})
	}
}

func (c *canvas) line(ink color.RGBA, a, b vec, thick float32) {
	dx, dy := b[0]-a[0], b[1]-a[1]
	l := float32(math.Hypot(float64(dx), float64(dy)))
	nx, ny := -dy/l*thick/2, dx/l*thick/2
	c.polygon(ink, vec{a[0] + nx, a[1] + ny}, vec{b[0] + nx, b[1] + ny}, vec{b[0] - nx, b[1] - ny}, vec{a[0] - nx, a[1] - ny})
}
