//go:build linux

package desktoptest

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/image/draw"
)

// Word is a word that can be read on the screen.
type Word struct {
	Text string
	Box  image.Rectangle
}

// glasses is how much text is enlarged before it is read: panels write as small
// as 10 pixels, and the reader was taught on print.
const glasses = 3

// Read reads an area of the screen as a person would, line by line. Any menu of
// any desktop is read in this way, whatever draws it.
func (d *Desktop) Read(area image.Rectangle) (lines [][]Word) {
	d.tb.Helper()
	part := Crop(d.Screenshot(), area)
	large := image.NewGray(image.Rect(0, 0, part.Rect.Dx()*glasses, part.Rect.Dy()*glasses))
	draw.CatmullRom.Scale(large, large.Rect, part, part.Rect, draw.Src, nil)
	var picture bytes.Buffer
	d.must(png.Encode(&picture, large))
	r := d.RunWith(picture.String(), "tesseract", "stdin", "stdout", "--psm", "11", "--dpi", "200", "tsv")
	if r.Code != 0 {
		d.tb.Fatalf("tesseract: %s", r.Stderr)
	}
	last := ""
	for row := range strings.Lines(r.Stdout) {
		// level page block paragraph line word left top width height confidence text
		f := strings.Split(strings.TrimSuffix(row, "\n"), "\t")
		if len(f) != 12 || f[0] != "5" || strings.TrimSpace(f[11]) == "" {
			continue
		}
		var n [4]int
		for i := range n {
			n[i], _ = strconv.Atoi(f[6+i])
		}
		box := image.Rect(n[0]/glasses, n[1]/glasses, (n[0]+n[2])/glasses, (n[1]+n[3])/glasses).Add(area.Intersect(d.screen()).Min)
		if line := strings.Join(f[1:5], " "); line != last || len(lines) == 0 {
			lines, last = append(lines, nil), line
		}
		lines[len(lines)-1] = append(lines[len(lines)-1], Word{f[11], box})
	}
	return lines
}

func (d *Desktop) screen() image.Rectangle { return image.Rectangle{Max: d.opt.Size} }

// letters are what of a text the reader is held to: marks and spaces are easily
// mistaken, and case tells nothing here.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// find is the box of the words that make a text, empty if it is not there.
func find(lines [][]Word, text string) image.Rectangle {
	var rests [][]Word
	for _, line := range lines {
		for from := range line {
			rests = append(rests, line[from:])
		}
	}
	return findRow(rests, text)
}

// findRow is find for what begins a line, as the rows of a menu do.
func findRow(lines [][]Word, text string) image.Rectangle {
	want := letters(text)
	for _, line := range lines {
		got, box := "", image.Rectangle{}
		for _, w := range line {
			got, box = got+letters(w.Text), box.Union(w.Box)
			if strings.HasPrefix(got, want) {
				return box
			}
			if !strings.HasPrefix(want, got) {
				break
			}
		}
	}
	return image.Rectangle{}
}

// Changed is the box of all that looks different from an earlier picture of the
// screen, the panel left out: what has opened since.
func (d *Desktop) Changed(before *image.RGBA) image.Rectangle {
	d.tb.Helper()
	now, panel := d.Screenshot(), d.Panel()
	var box image.Rectangle
	for y := range d.opt.Size.Y {
		for x := range d.opt.Size.X {
			i := now.PixOffset(x, y)
			for c := range 3 {
				// Less is the edge of a shadow.
				if a, b := now.Pix[i+c], before.Pix[i+c]; max(a, b)-min(a, b) > 24 && !image.Pt(x, y).In(panel) {
					box = box.Union(image.Rect(x, y, x+1, y+1))
				}
			}
		}
	}
	return box
}

// See waits until texts can be read in what has opened since an earlier
// picture, and returns where the last of them is.
func (d *Desktop) See(before *image.RGBA, texts ...string) (box image.Rectangle) {
	d.tb.Helper()
	var lines [][]Word
	defer func() {
		if d.tb.Failed() {
			d.tb.Logf("read on the screen: %s", lines)
		}
	}()
	d.Until(fmt.Sprintf("%q to be read on the screen", texts), eyesBound, func() bool {
		area := d.Changed(before)
		if area.Dx() < 40 || area.Dy() < 10 {
			return false
		}
		lines = nil
		// The reader may see nothing at all where a message ends right below a
		// dark panel, and both are in the picture.
		for _, where := range []image.Rectangle{d.opened(before), area.Inset(-2)} {
			lines = append(lines, d.Read(where)...)
			missing := slices.ContainsFunc(texts, func(text string) bool { box = find(lines, text); return box.Empty() })
			if !missing {
				return true
			}
		}
		return false
	})
	return box
}

// eyesBound is how long something may take to appear and to be read where two
// processors serve many.
const eyesBound = 45 * time.Second

// around is how much more than what has changed is read, in pixels.
const around = 24

// opened is the area of what has opened since an earlier picture. A menu that
// reaches the panel may reach over it.
func (d *Desktop) opened(before *image.RGBA) image.Rectangle {
	d.tb.Helper()
	area, panel := d.Changed(before), d.Panel()
	if over := image.Rect(area.Min.X, panel.Min.Y, area.Max.X, panel.Max.Y); area.Inset(-2).Overlaps(over) {
		area = area.Union(over)
	}
	return area.Inset(-around)
}

// Rest takes the mouse away from all that could react to it.
func (d *Desktop) Rest() {
	d.tb.Helper()
	d.moveMouse(center(d.screen()))
}

func (d *Desktop) moveMouse(to image.Point) {
	d.tb.Helper()
	d.xdotool("mousemove", strconv.Itoa(to.X), strconv.Itoa(to.Y))
}

// Still waits until the screen has stopped changing, and returns it.
func (d *Desktop) Still() *image.RGBA {
	d.tb.Helper()
	last, since := d.Screenshot(), time.Now()
	d.Until("the screen to stand still", eyesBound, func() bool {
		now := d.Screenshot()
		if !bytes.Equal(now.Pix, last.Pix) {
			last, since = now, time.Now()
		}
		return time.Since(since) > stillFor
	})
	return last
}

// stillFor is longer than the pauses within an animation.
const stillFor = 400 * time.Millisecond

// OpenSeen opens the menu with the mouse and returns the screen as it was
// before.
func (d *Desktop) OpenSeen() (before *image.RGBA) {
	d.tb.Helper()
	d.Rest()
	before = d.Still()
	_, icon := d.Icon()
	if icon.Empty() {
		d.tb.Fatal("there is no icon to click on")
	}
	d.Click(center(icon), d.shell.MenuButton)
	d.Until("the menu to open", eyesBound, func() bool { return d.Changed(before).Dy() > 200 })
	d.Still()
	return before
}

// CloseSeen closes what has opened since an earlier picture, as people do: with
// Escape, or where the keyboard is elsewhere by a click beside it.
func (d *Desktop) CloseSeen(before *image.RGBA) {
	d.tb.Helper()
	d.Until("the menu to close", eyesBound, func() bool {
		if d.Changed(before).Dy() < 100 {
			return true
		}
		d.Key("Escape")
		d.Still()
		if d.Changed(before).Dy() >= 100 {
			d.Click(image.Pt(10, d.opt.Size.Y/2), 1)
			d.Still()
		}
		d.Rest()
		return false
	})
}

// ClickSeen opens the menu and clicks on one text after the other, each once it
// can be read.
func (d *Desktop) ClickSeen(path ...string) {
	d.tb.Helper()
	before := d.OpenSeen()
	d.clickThrough(before, path...)
	d.Rest()
	d.CloseSeen(before)
}

func (d *Desktop) clickThrough(before *image.RGBA, path ...string) {
	d.tb.Helper()
	for _, text := range path {
		var box image.Rectangle
		for deadline := time.Now().Add(eyesBound); box.Empty(); {
			area := d.Changed(before)
			if area.Dy() < 100 {
				d.tb.Fatalf("the menu closed before %q could be clicked", text)
			}
			lines := d.Read(d.opened(before))
			if box = findRow(lines, text); box.Empty() && time.Now().After(deadline) {
				d.tb.Fatalf("%q can't be read in the menu, but %s", text, lines)
			}
		}
		d.Click(center(box), 1)
		d.Still()
	}
}
