package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/llutray/llutray/internal/lang"
)

// progress is a file whose reading a terminal shows in one line.
type progress struct {
	io.ReadSeeker
	out   io.Writer // nil when nobody looks
	title string
	at    int64
	size  int64
	shown int // letters on the line
}

func newProgress(out io.Writer, f *os.File, title string) *progress {
	p := &progress{ReadSeeker: f, title: harmless(title)}
	info, err := f.Stat()
	if i, ok := out.(inert); ok {
		out = i.to // which would let no line be drawn anew
	}
	if tty, ok := out.(*os.File); ok && err == nil && term.IsTerminal(int(tty.Fd())) {
		p.out, p.size = out, info.Size()
	}
	return p
}

func (p *progress) Read(b []byte) (int, error) {
	n, err := p.ReadSeeker.Read(b)
	p.at += int64(n)
	return n, err
}

func (p *progress) Seek(offset int64, whence int) (at int64, err error) {
	at, err = p.ReadSeeker.Seek(offset, whence)
	p.at = at
	return at, err
}

// show draws the line anew.
func (p *progress) show(readings int) {
	if p.out == nil || p.size == 0 {
		return
	}
	const width = 24
	done := min(int(p.at*width/p.size), width)
	line := fmt.Sprintf("%s  %s%s  %d %%  %s", p.title,
		strings.Repeat("█", done), strings.Repeat("░", width-done), p.at*100/p.size, lang.N(readings, "%d reading", "%d readings"))
	p.clear()
	_, _ = fmt.Fprint(p.out, line)
	p.shown = utf8.RuneCountInString(line)
}

// clear takes the line away: with spaces, since not every terminal of Windows
// knows more.
func (p *progress) clear() {
	if p.shown > 0 {
		_, _ = fmt.Fprintf(p.out, "\r%*s\r", p.shown, "")
		p.shown = 0
	}
}
