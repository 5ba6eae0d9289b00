// Package chart draws: the tray icon, the line of blocks in the menu, and the
// pictures of the page and the report as SVG. All of it is pure functions of
// the data, without clock, file or network.
package chart

import (
	"image"
	"image/color"
	"math"

	"github.com/llutray/llutray/internal/glucose"
)

// Colours of the plates, as scripts and bars write them. They are the blue,
// orange and vermillion of Okabe and Ito's palette for colour-blind readers,
// the vermillion darkened until white on it has a contrast of 5.2:1. Any two
// stay apart under simulated protanopia, deuteranopia and tritanopia (CIE76
// distance at least 30); the palette's green would come too near the grey.
const (
	LowColour     = "#B84A00"
	InRangeColour = "#0072B2"
	HighColour    = "#E69F00"
	StaleColour   = "#5A5A5A"
)

var (
	white = color.RGBA{0xFF, 0xFF, 0xFF, 0xFF}
	black = color.RGBA{0, 0, 0, 0xFF}

	// Contrast of at least 7:1 to what is written with, as WCAG asks for the
	// enhanced level; orange has it already.
	deepVermillion = color.RGBA{0x8A, 0x33, 0x00, 0xFF}
	deepBlue       = color.RGBA{0x00, 0x4F, 0x80, 0xFF}
	deepGrey       = color.RGBA{0x40, 0x40, 0x40, 0xFF}

	vermillion = color.RGBA{0xB8, 0x4A, 0x00, 0xFF} // LowColour
	blue       = color.RGBA{0x00, 0x72, 0xB2, 0xFF} // InRangeColour
	orange     = color.RGBA{0xE6, 0x9F, 0x00, 0xFF} // HighColour
	grey       = color.RGBA{0x5A, 0x5A, 0x5A, 0xFF} // StaleColour
	yellow     = color.RGBA{0xF0, 0xE4, 0x42, 0xFF} // on grey only, never a plate
)

// IconSpec says what an icon shows. Equal specs give equal pictures, so a
// spec can be compared to tell whether anything visible changed.
type IconSpec struct {
	Number  string // "5.4", "104", "LO" or "HI"; "" when no value is known
	Range   glucose.Range
	Trend   glucose.Trend
	Stale   bool // the number is not the present: grey, and no direction
	Fault   bool // the user must act: an exclamation mark and nothing else
	Snoozed bool // an alarm is held back

	Look     Look
	Contrast bool // stronger colours, and an edge that every panel shows
}

// Look is a choice of the user.
type Look int

// The looks of an icon. A number that is not the present, or whose alarm is
// held back, needs room for the mark that says so and is never larger.
const (
	Numbered Look = iota // the number above its arrow
	Large                // the number alone
	Discreet             // a shape for the range, and no number
)

// Geometry in sixteenths of the side, the size at which most panels draw. A
// row of plate is left below the arrow: a white arrow that touches the edge
// melts into a light panel.
const (
	grid = 16

	cornerRadius = 0.12 * grid
	// Cut corners tell low (bottom) and high (top) without colour. The cut at
	// the top is smaller, for the number reaches there.
	lowCut  = 3.5
	highCut = 2.5

	numberLeft, numberRight = 0.03 * grid, 0.97 * grid
	numberTop, numberBottom = 0.5, 9.5

	// An urgent icon's lower field leaves a row below the number, and plate at
	// its sides and cut corners: without, a white one melts into a light panel
	// and a black one into a dark panel. At its bottom the arrow needs the room.
	stripTop = 11
	margin   = 1
)

// Where the arrow stands, and where the mark of a snooze does, on whole pixels
// of the smallest size. In an urgent icon both keep clear of the edge of their
// field. An arrow beside the mark is shorter.
var (
	arrowBox       = box{1, 10.5, 15, 15}
	urgentArrowBox = box{1.5, 11.5, 14.5, 15.5}
	snoozeBox      = box{10, 11, 14, 15}
	urgentSnooze   = box{9, 12, 13, 16}
)

const snoozedArrowRight = 9.5

// box is a place on the plate, in sixteenths.
type box struct{ left, top, right, bottom float32 }

// Icon draws the icon size pixels high and wide. Every pixel is either opaque
// or fully transparent, because not all hosts and libraries on the way agree
// on what half-transparent means; edges are smoothed against the plate only.
func Icon(spec IconSpec, size int) *image.RGBA {
	c := newCanvas(size)
	plate, ink := palette(spec)
	c.fill(plate)
	switch {
	case spec.Fault:
		c.warning()
	case spec.Number == "":
		c.rect(2, 7, 7, 9, ink)
		c.rect(9, 7, 14, 9, ink)
	case spec.Look == Discreet:
		c.discreet(spec, plate, ink)
	case spec.Look == Large && !spec.Stale && !spec.Snoozed:
		c.large(spec, ink)
	default:
		c.numbered(spec, plate, ink)
	}
	if spec.Contrast {
		_, edge := palette(spec)
		c.edge(spec, edge)
	}
	c.cut(spec)
	return c.img
}

// numbered draws the number above its arrow, or above what stands in for it.
func (c *canvas) numbered(spec IconSpec, plate, ink color.RGBA) {
	c.number(spec.Number, numberBox(spec.Contrast), ink)
	arrow, snooze := marks(spec)
	if urgent(spec) {
		// Plate and ink change places below the number: a difference in
		// kind, not by a shade, that leaves the number as readable as any.
		c.field(spec, ink)
		ink = plate
	}
	if spec.Snoozed {
		c.letterZ(snooze, ink)
		arrow.right = snoozedArrowRight
	}
	switch {
	case spec.Stale:
		c.blocks(arrow, ink)
	case spec.Look == Numbered:
		c.arrow(spec.Trend, arrow, ink)
	}
}

// marks are where the arrow and the mark of a snooze stand, clear of an edge.
func marks(spec IconSpec) (arrow, snooze box) {
	arrow, snooze = arrowBox, snoozeBox
	if urgent(spec) {
		arrow, snooze = urgentArrowBox, urgentSnooze
	}
	if spec.Contrast {
		arrow.top, arrow.bottom = arrow.top-0.25, arrow.bottom-0.75
		snooze.top, snooze.bottom = snooze.top-1, snooze.bottom-1 // on whole pixels
	}
	return arrow, snooze
}

// numberBox is where the number stands above an arrow.
func numberBox(edged bool) box {
	if edged {
		return box{edgeWidth + 0.25, numberTop + 0.75, grid - edgeWidth - 0.25, numberBottom}
	}
	return box{numberLeft, numberTop, numberRight, numberBottom}
}

// palette returns the colour of the plate and the one that is written with.
func palette(spec IconSpec) (plate, ink color.RGBA) {
	dim, low, in := grey, vermillion, blue
	if spec.Contrast {
		dim, low, in = deepGrey, deepVermillion, deepBlue
	}
	if spec.Fault || spec.Stale || spec.Number == "" {
		return dim, white
	}
	switch spec.Range {
	case glucose.UrgentLow, glucose.Low:
		return low, white
	case glucose.InRange:
		return in, white
	case glucose.High, glucose.UrgentHigh:
		return orange, black
	}
	return dim, white
}

func urgent(spec IconSpec) bool {
	return claims(spec, glucose.UrgentLow) || claims(spec, glucose.UrgentHigh)
}

// claims reports whether the icon says that the value is in range r now.
func claims(spec IconSpec, r glucose.Range) bool {
	return !spec.Fault && !spec.Stale && spec.Number != "" && spec.Range == r
}

// field fills the lower field of an urgent icon.
func (c *canvas) field(spec IconSpec, ink color.RGBA) {
	_, corner := cuts(spec)
	if corner > 0 {
		corner += (math.Sqrt2 - 1) * margin // as far inside the slope as inside the sides
	}
	l, r, b := float32(margin), float32(grid-margin), float32(grid)
	if spec.Contrast {
		l, r, b = l+edgeWidth, r-edgeWidth, b-edgeWidth
		corner -= 0.4 * edgeWidth
	}
	c.polygon(ink, vec{l, stripTop}, vec{r, stripTop}, vec{r, b - corner}, vec{r - corner, b}, vec{l + corner, b}, vec{l, b - corner})
}

// blocks stand where the arrow was: the number is not the present, and its
// direction is not known. Struck out, it could not be read at 16 pixels.
func (c *canvas) blocks(in box, ink color.RGBA) {
	for x := in.left; x+2 <= in.right; x += 4 {
		c.rect(x, 12, x+2, 14, ink)
	}
}

// letterZ is the mark of a snooze.
func (c *canvas) letterZ(in box, ink color.RGBA) {
	c.rect(in.left, in.top, in.right, in.top+1, ink)
	c.rect(in.left, in.bottom-1, in.right, in.bottom, ink)
	c.polygon(ink, vec{in.right - 1.5, in.top + 1}, vec{in.right, in.top + 1}, vec{in.left + 1.5, in.bottom - 1}, vec{in.left, in.bottom - 1})
}

// warning draws the sign that everybody knows from the road.
func (c *canvas) warning() {
	c.polygon(yellow, vec{8, 1}, vec{15.4, 14.5}, vec{0.6, 14.5})
	c.rect(7, 5, 9, 10, black)
	c.rect(7, 11.5, 9, 13.5, black)
}

// cuts tells how far the corners at the top and at the bottom are cut off.
func cuts(spec IconSpec) (top, bottom float32) {
	switch {
	case claims(spec, glucose.UrgentLow), claims(spec, glucose.Low):
		return 0, lowCut
	case claims(spec, glucose.High), claims(spec, glucose.UrgentHigh):
		return highCut, 0
	}
	return 0, 0
}

// cut makes the corners of the plate transparent.
func (c *canvas) cut(spec IconSpec) {
	top, bottom := cuts(spec)
	for y := range c.size {
		for x := range c.size {
			// The pixel's middle, as seen from the nearest corner.
			fx, fy := (float32(x)+0.5)/c.unit, (float32(y)+0.5)/c.unit
			straight := top
			if fy > grid/2 {
				straight = bottom
			}
			if outside(min(fx, grid-fx), min(fy, grid-fy), straight) {
				c.img.SetRGBA(x, y, color.RGBA{})
			}
		}
	}
}

// outside reports whether a point lies beyond a corner at the origin that is
// cut off straight, or rounded when cut is 0.
func outside(x, y, cut float32) bool {
	if cut > 0 {
		return x+y < cut
	}
	dx, dy := cornerRadius-x, cornerRadius-y
	return dx > 0 && dy > 0 && dx*dx+dy*dy > cornerRadius*cornerRadius
}
