package imports

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/llutray/llutray/internal/lang"
)

// rows reads the records of a CSV one by one. Unlike encoding/csv alone it
// takes up again after a broken line, and a quote that is never closed costs
// one line and neither the rest of the file nor the memory for it.
type rows struct {
	in    *bufio.Reader
	comma rune
	line  int      // of the last record, from 1
	read  int      // lines read
	ahead []string // lines read in search of a closing quote, to be read again
}

const (
	maxLine   = 64 << 10 // bytes
	maxRecord = 64       // lines: notes may hold line breaks
)

// newRows decodes UTF-8 and UTF-16, which LibreView and spreadsheets write
// with a mark; what is not valid becomes a replacement character.
func newRows(r io.Reader, comma rune) *rows {
	decoded := transform.NewReader(r, unicode.BOMOverride(unicode.UTF8.NewDecoder()))
	return &rows{in: bufio.NewReaderSize(decoded, maxLine), comma: comma}
}

// next returns the next record that is not empty, io.EOF after the last, or a
// *Rejected for one that is broken.
func (r *rows) next() ([]string, error) {
	for {
		text, err := r.nextLine()
		if err != nil {
			return nil, err
		}
		r.line = r.read
		if strings.TrimSpace(text) == "" {
			continue
		}
		if !strings.Contains(text, `"`) {
			return strings.Split(text, string(r.comma)), nil
		}
		return r.quoted(text)
	}
}

// quoted reads a record with quotes, which may go on over several lines.
func (r *rows) quoted(text string) ([]string, error) {
	record := text
	var more []string
	for strings.Count(record, `"`)%2 == 1 {
		if len(more) == maxRecord || len(record) > maxLine {
			r.again(more)
			return nil, &Rejected{Reason: lang.T("a quotation mark is never closed")}
		}
		next, err := r.nextLine()
		if err != nil { // the end, or a line that can't be part of a record
			r.again(more)
			return nil, &Rejected{Reason: lang.T("a quotation mark is never closed")}
		}
		more = append(more, next)
		record += "\n" + next
	}
	c := csv.NewReader(strings.NewReader(record))
	c.Comma, c.FieldsPerRecord, c.LazyQuotes = r.comma, -1, true
	fields, err := c.Read()
	if err != nil {
		r.again(more)
		return nil, &Rejected{Reason: lang.T("the quotation marks do not match")}
	}
	return fields, nil
}

// again puts lines back.
func (r *rows) again(lines []string) {
	r.ahead = append(lines, r.ahead...)
	r.read -= len(lines)
}

func (r *rows) nextLine() (string, error) {
	if len(r.ahead) > 0 {
		text := r.ahead[0]
		r.ahead = r.ahead[1:]
		r.read++
		return text, nil
	}
	b, err := r.in.ReadSlice('\n')
	tooLong := false
	for errors.Is(err, bufio.ErrBufferFull) {
		tooLong = true
		b, err = r.in.ReadSlice('\n')
	}
	if err != nil && (!errors.Is(err, io.EOF) || len(b) == 0 && !tooLong) {
		return "", err
	}
	r.read++
	if tooLong {
		r.line = r.read
		return "", &Rejected{Reason: lang.T("the line is longer than any export writes")}
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}
