package chart

import (
	"image/color"
	"math"

	"github.com/llutray/llutray/internal/glucose"
)

// edgeWidth is the edge of an icon of high contrast: a pixel on small panels.
const edgeWidth = 1

// Where a large number stands. It keeps clear of the corners that are cut off
// at the bottom for a low and at the top for a high, so its place tells the
// range as well. An urgent one leaves room for a bar of two whole pixels.
var (
	largeBox        = box{numberLeft, 1.5, numberRight, 14.5}
	largeLowBox     = box{numberLeft, 0.5, numberRight, 12.5}
	largeHighBox    = box{numberLeft, 3, numberRight, 15}
	largeUrgentLow  = box{numberLeft, 0.5, numberRight, 12}
	largeUrgentHigh = box{numberLeft, 4, numberRight, 15}
)

// large draws the number alone.
func (c *canvas) large(spec IconSpec, ink color.RGBA) {
	in, bar := largeBox, box{}
	switch {
	case claims(spec, glucose.UrgentLow):
		in, bar = largeUrgentLow, box{4, 13, 12, 15}
	case claims(spec, glucose.Low):
		in = largeLowBox
	case claims(spec, glucose.High):
		in = largeHighBox
	case claims(spec, glucose.UrgentHigh):
		in, bar = largeUrgentHigh, box{3, 1, 13, 3}
	}
	if spec.Contrast {
		in.left, in.right = edgeWidth+0.25, grid-edgeWidth-0.25
		in.top, in.bottom = max(in.top, edgeWidth+0.25), min(in.bottom, grid-edgeWidth-0.25)
		// Apart from the edge, or it could not be told from it.
		bar.top, bar.bottom = max(bar.top, edgeWidth+0.75), min(bar.bottom, grid-edgeWidth-0.75)
	}
	c.number(spec.Number, in, ink)
	if bar.right > 0 {
		c.rect(bar.left, bar.top, bar.right, bar.bottom, ink)
	}
}

// Where the shape of a discreet icon stands, and where it makes room for what
// is below it.
var (
	shapeBox = box{3, 3, 13, 13}
	aboveBox = box{4.25, 1.75, 11.75, 9.25}
)

// discreet draws the range as a shape: a disc, a triangle that points to the
// side on which the value is out of range, and two for an urgent one. A value
// that is not the present is a ring, over the blocks that always say so.
func (c *canvas) discreet(spec IconSpec, plate, ink color.RGBA) {
	in := shapeBox
	if spec.Stale || spec.Snoozed {
		in = aboveBox
	}
	arrow, snooze := marks(spec)
	if spec.Stale {
		c.disc(in, ink)
		c.disc(box{in.left + 2, in.top + 2, in.right - 2, in.bottom - 2}, plate)
		if spec.Snoozed {
			c.letterZ(snooze, ink)
			arrow.right = snoozedArrowRight
		}
		c.blocks(arrow, ink)
		return
	}
	upper, lower := in, in
	middle := (in.top + in.bottom) / 2
	upper.bottom, lower.top = middle, middle
	switch spec.Range {
	case glucose.Low:
		c.pointer(in, true, ink)
	case glucose.UrgentLow:
		c.pointer(upper, true, ink)
		c.pointer(lower, true, ink)
	case glucose.High:
		c.pointer(in, false, ink)
	case glucose.UrgentHigh:
		c.pointer(upper, false, ink)
		c.pointer(lower, false, ink)
	default:
		c.disc(in, ink)
	}
	if spec.Snoozed {
		c.letterZ(snooze, ink)
	}
}

// pointer is a triangle that fills a box.
func (c *canvas) pointer(in box, down bool, ink color.RGBA) {
	base, tip := in.bottom, in.top
	if down {
		base, tip = in.top, in.bottom
	}
	c.polygon(ink, vec{in.left, base}, vec{in.right, base}, vec{(in.left + in.right) / 2, tip})
}

// disc fills a box with a circle.
func (c *canvas) disc(in box, ink color.RGBA) {
	const corners = 48
	r, x, y := (in.right-in.left)/2, (in.left+in.right)/2, (in.top+in.bottom)/2
	var outline []vec
	for i := range corners {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / corners)
		outline = append(outline, vec{x + r*float32(cos), y + r*float32(sin)})
	}
	c.polygon(ink, outline...)
}

// edge draws along the outline of the plate, cut corners included.
func (c *canvas) edge(spec IconSpec, ink color.RGBA) {
	top, bottom := cuts(spec)
	for y := range c.size {
		for x := range c.size {
			fx, fy := (float32(x)+0.5)/c.unit, (float32(y)+0.5)/c.unit
			straight := top
			if fy > grid/2 {
				straight = bottom
			}
			fx, fy = min(fx, grid-fx), min(fy, grid-fy)
			if fx < edgeWidth || fy < edgeWidth || straight > 0 && fx+fy < straight+math.Sqrt2*edgeWidth {
				c.img.SetRGBA(x, y, ink)
			}
		}
	}
}
