package chart

import (
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/llutray/llutray/internal/glucose"
)

// Drawing is a picture as SVG, with what a script or a screen reader needs to
// make sense of it. The SVG has no script, style element or style attribute,
// so that it stands under a strict content security policy; every part carries
// a class for a page to restyle it, and attributes that look right on white.
//
// The root has the class chart and one of trace, day, agp and tir. Parts of a
// trace: band, grid, midnight, axis, limit, alarm-limit, bell, gap, gap-label,
// trace-line, point with range-in, range-low, range-urgent-low, range-high or
// range-urgent-high (the first drawn by its stroke, the others by fill and
// stroke), out-of-scale, now, now-label, alarm-mark (and urgent). Of a
// profile: percentiles-5-95, percentiles-25-75, median, percentile-label,
// empty. Of a bar: part with a range, leader, share, bound, empty.
type Drawing struct {
	SVG   string
	Plot  Plot
	Scale Scale  // of Plot.Bottom and Plot.Top
	Words string // what is to be seen, in a sentence or two; the SVG's <desc>
	Gaps  []Gap  // times without data, of a trace
}

// Plot is where the data is drawn, in units of the view box. Left to Right is
// linear in time, Bottom to Top in mg/dL.
type Plot struct {
	Left   float64 `json:"left"`
	Right  float64 `json:"right"`
	Top    float64 `json:"top"`
	Bottom float64 `json:"bottom"`
	Width  float64 `json:"width"` // of the whole view box
	Height float64 `json:"height"`
}

// Scale are the values at the bottom and the top of a plot.
type Scale struct {
	Bottom glucose.MgDL `json:"bottom"`
	Top    glucose.MgDL `json:"top"`
}

// Gap is a time without readings that the feed's step does not explain.
type Gap struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// fontSize of all text. A view box is as wide as the picture will be in
// pixels, so this is a size in pixels too.
const fontSize = 12

// wide is about how wide a text becomes at most: letters differ, and so do
// fonts.
func wide(text string) float64 { return fontSize * .6 * float64(utf8.RuneCountInString(text)) }

// svg writes a document.
type svg struct{ strings.Builder }

// open begins the document with its name and description for those who hear
// it.
func (s *svg) open(f frame, class, title, words string) {
	s.put(`<svg xmlns="http://www.w3.org/2000/svg" class="chart %s" role="img" viewBox="0 0 %s %s" width="%[2]s" height="%[3]s" font-family="system-ui,sans-serif" font-size="%[4]d">`,
		class, num(f.Width), num(f.Height), fontSize)
	s.put(`<title>%s</title><desc>%s</desc>`, escape(title), escape(words))
}

func (s *svg) close() string {
	s.WriteString("</svg>")
	return s.String()
}

func (s *svg) put(format string, args ...any) { _, _ = fmt.Fprintf(s, format, args...) }

// label writes text at a place; attributes is the rest of the element.
func (s *svg) label(x, y float64, text, attributes string) {
	s.put(`<text x="%s" y="%s"%s>%s</text>`, num(x), num(y), prefix(attributes), escape(text))
}

func (s *svg) line(x1, y1, x2, y2 float64, attributes string) {
	s.put(`<path d="M%s %sL%s %s"%s/>`, num(x1), num(y1), num(x2), num(y2), prefix(attributes))
}

func (s *svg) rect(left, top, right, bottom float64, attributes string) {
	s.put(`<rect x="%s" y="%s" width="%s" height="%s"%s/>`, num(left), num(top), num(right-left), num(bottom-top), prefix(attributes))
}

func prefix(attributes string) string {
	if attributes == "" {
		return ""
	}
	return " " + attributes
}

func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder does not fail
	return b.String()
}

// num writes a coordinate to a tenth of a unit.
func num(f float64) string { return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64) }

// path collects the data of a path element compactly: relative coordinates in
// tenths, measured from rounded points so that nothing drifts.
type path struct {
	data []byte
	x, y int // the pen, in tenths
}

func tenths(f float64) int { return int(math.Round(f * 10)) }

func (p *path) move(x, y float64) {
	p.x, p.y = tenths(x), tenths(y)
	p.data = append(p.data, 'M')
	p.numbers(p.x, p.y)
}

func (p *path) line(x, y float64) {
	dx, dy := tenths(x)-p.x, tenths(y)-p.y
	p.x, p.y = p.x+dx, p.y+dy
	p.data = append(p.data, 'l')
	p.numbers(dx, dy)
}

// shape adds a closed figure or a dot around a point, given as path data.
func (p *path) shape(x, y float64, relative string) {
	p.move(x, y)
	p.data = append(p.data, relative...)
}

func (p *path) end() { p.data = append(p.data, 'z') }

func (p *path) numbers(a, b int) {
	p.data = appendTenths(p.data, a)
	if b >= 0 {
		p.data = append(p.data, ' ')
	}
	p.data = appendTenths(p.data, b)
}

func appendTenths(to []byte, n int) []byte {
	if n < 0 {
		to, n = append(to, '-'), -n
	}
	if n >= 10 || n == 0 {
		to = strconv.AppendInt(to, int64(n/10), 10)
	}
	if n%10 != 0 {
		to = append(to, '.', byte('0'+n%10))
	}
	return to
}

func (s *svg) path(p path, attributes string) {
	if len(p.data) > 0 {
		s.put(`<path d="%s"%s/>`, p.data, prefix(attributes))
	}
}

// to moves to a place or draws a line to it.
func (p *path) to(move bool, x, y float64) {
	if move {
		p.move(x, y)
	} else {
		p.line(x, y)
	}
}
