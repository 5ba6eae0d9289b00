package chart

import "image/color"

// point is a place in font units.
type point [2]int

// segment is one stroke of an outline: to its last point, by way of the first
// when it is a curve.
type segment struct {
	op     int
	points [2]point
}

const (
	move = iota
	line
	quad
)

// The ink of the digits in font units, with the overshoot of the round ones,
// the same for all numbers so that digits do not jump when the value changes.
const (
	inkTop    = 1520
	inkBottom = -29
)

// How a number fills its box. Glyphs are set by their ink with a gap of our
// own, since a font's side bearings vanish at 16 pixels; and the decimal point
// is a square of two pixels there, because the font's own is lost.
const (
	glyphGap  = 0.055 * grid
	pointSide = 0.13 * grid
	widest    = 1.1  // of the natural width at full height
	narrowest = 0.50 // below this the number becomes smaller instead
	// Tall digits are read worse than small ones of the same width, and the
	// point between them is lost: beyond the height of a number above an arrow
	// they may not become as slim.
	slim      = 0.62
	inkHeight = inkTop - inkBottom

	// A comma is the point with a tail, in sides of the point: lifted, since
	// below the number there is no room for all of the tail.
	commaLift, commaDrop = 0.35, 0.2
)

// number writes digits with a decimal point or comma, LO or HI into a box.
func (c *canvas) number(text string, in box, ink color.RGBA) {
	boxWidth, boxHeight := in.right-in.left, in.bottom-in.top
	// A point that does not grow with the digits is lost between them: 4.2
	// was read as 42. Between three digits it has room upwards only.
	pointHigh := pointSide * max(1, boxHeight/(numberBottom-numberTop))
	pointWide := pointHigh
	if len(text) > len("4.2") {
		pointWide = pointSide
	}
	var fixed, scaled float32 // widths, in sixteenths and font units
	for i, r := range text {
		if i > 0 {
			fixed += glyphGap
		}
		if r == '.' || r == ',' {
			fixed += pointWide
			continue
		}
		left, right := extent(r)
		scaled += right - left
	}
	sy := boxHeight / inkHeight // sixteenths to a font unit
	sx := min(widest*sy, (boxWidth-fixed)/scaled)
	if sx < slim*sy {
		sy = max(sx/slim, min(sx/narrowest, (numberBottom-numberTop)/inkHeight))
	}
	x := in.left + (boxWidth-fixed-scaled*sx)/2
	baseline := in.top + (boxHeight+inkHeight*sy)/2 + inkBottom*sy
	for _, r := range text {
		if r == '.' || r == ',' {
			foot := baseline
			if r == ',' {
				foot -= commaLift * pointHigh
				tail := baseline + commaDrop*pointHigh
				c.polygon(ink, vec{x + 0.35*pointWide, foot}, vec{x + pointWide, foot}, vec{x + 0.5*pointWide, tail}, vec{x - 0.1*pointWide, tail})
			}
			c.rect(x, foot-pointHigh, x+pointWide, foot, ink)
			x += pointWide + glyphGap
			continue
		}
		left, right := extent(r)
		c.glyph(r, x-left*sx, baseline, sx, sy, ink)
		x += (right-left)*sx + glyphGap
	}
}

// extent returns where a glyph's ink begins and ends, in font units. The
// control points of these glyphs' curves do not reach beyond their ink.
func extent(r rune) (left, right float32) {
	first := true
	for _, s := range glyphs[r] {
		n := 1
		if s.op == quad {
			n = 2
		}
		for _, p := range s.points[:n] {
			x := float32(p[0])
			if first {
				left, right, first = x, x, false
			}
			left, right = min(left, x), max(right, x)
		}
	}
	return left, right
}

func (c *canvas) glyph(r rune, x, baseline, sx, sy float32, ink color.RGBA) {
	at := func(p point) (float32, float32) {
		return (x + float32(p[0])*sx) * c.unit, (baseline - float32(p[1])*sy) * c.unit
	}
	for i, s := range glyphs[r] {
		ax, ay := at(s.points[0])
		switch s.op {
		case move:
			if i > 0 {
				c.pen.ClosePath()
			}
			c.pen.MoveTo(ax, ay)
		case line:
			c.pen.LineTo(ax, ay)
		case quad:
			bx, by := at(s.points[1])
			c.pen.QuadTo(ax, ay, bx, by)
		}
	}
	c.pen.ClosePath()
	c.ink(ink)
}
