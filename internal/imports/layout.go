package imports

import (
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/llutray/llutray/internal/glucose"
)

// layout says where in a file's rows a reading is. A column that is not there
// is -1.
type layout struct {
	format Format
	comma  rune
	header int // records up to the header and with it
	names  []string

	time, kind      int
	historic, scan  int // LibreView's two, Clarity's and our own one in historic
	historicIn      glucose.Unit
	scanIn          glucose.Unit
	id, trend, edge int // of our own CSV; edge is its limit
}

// headerWithin is how many records may come before the header: exports begin
// with a line or two about the person.
const headerWithin = 30

// recognise finds the header, and by it the format and the separator.
func recognise(file io.ReadSeeker) (layout, error) {
	for _, comma := range []rune{',', ';', '\t'} {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return layout{}, err
		}
		r := newRows(file, comma)
		for n := 1; n <= headerWithin; n++ {
			record, err := r.next()
			if errors.Is(err, io.EOF) {
				break
			}
			var bad *Rejected
			if errors.As(err, &bad) {
				continue
			}
			if err != nil {
				return layout{}, err
			}
			for _, f := range []func([]string) (layout, bool){own, clarity, libreView} {
				if l, ok := f(normal(record)); ok {
					l.comma, l.header, l.names = comma, n, slices.Clone(record)
					return l, nil
				}
			}
		}
	}
	return layout{}, ErrUnknownFormat
}

// rows reads the file behind the header.
func (l layout) rows(file io.ReadSeeker) (*rows, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	r := newRows(file, l.comma)
	for range l.header {
		var bad *Rejected
		if _, err := r.next(); err != nil && !errors.As(err, &bad) {
			return nil, err
		}
	}
	return r, nil
}

func (l layout) unit() glucose.Unit { return l.historicIn }

// normal is a header in small letters, without what spreadsheets and
// languages add to it.
func normal(header []string) []string {
	out := make([]string, len(header))
	for i, h := range header {
		h = strings.Join(strings.FieldsFunc(strings.ToLower(h), unicode.IsSpace), " ")
		out[i] = strings.Trim(strings.ReplaceAll(h, "’", "'"), `" `)
	}
	return out
}

// unitOf tells the unit that a column's name ends with, in brackets or
// without; rest is the name before it.
func unitOf(name string) (rest string, u glucose.Unit) {
	for _, end := range []struct {
		text string
		unit glucose.Unit
	}{{"mg/dl", glucose.MgPerDL}, {"mmol/l", glucose.MmolPerL}} {
		for _, form := range []string{end.text, "(" + end.text + ")", "[" + end.text + "]"} {
			if rest, ok := strings.CutSuffix(name, form); ok {
				return strings.TrimSpace(rest), end.unit
			}
		}
	}
	return name, ""
}

func own(header []string) (layout, bool) {
	l := layout{
		format: Own, time: slices.Index(header, "time"), historic: slices.Index(header, "mgdl"), historicIn: glucose.MgPerDL,
		kind: -1, scan: -1, id: slices.Index(header, "id"), trend: slices.Index(header, "trend"), edge: slices.Index(header, "limit"),
	}
	return l, l.time >= 0 && l.historic >= 0
}

// clarity knows a Dexcom export in any language: its first column with a time
// says how the time is written, with YYYY or another word for the year, and
// its glucose is the first column with a unit in brackets.
func clarity(header []string) (layout, bool) {
	l := layout{format: Clarity, historic: -1, scan: -1, id: -1, trend: -1, edge: -1}
	l.time = slices.IndexFunc(header, func(h string) bool { return strings.HasSuffix(h, "thh:mm:ss)") })
	l.historic = slices.IndexFunc(header, func(h string) bool {
		_, u := unitOf(h)
		return u != "" && strings.HasSuffix(h, ")")
	})
	l.kind = l.time + 1
	if l.time < 0 || l.historic <= l.kind {
		return layout{}, false
	}
	_, l.historicIn = unitOf(header[l.historic])
	return l, true
}

// The names of LibreView's columns: English, German, French, Spanish, Italian
// and Dutch, and those of the older program for the reader.
var (
	timeNames = []string{
		"device timestamp", "meter timestamp", "gerätezeitstempel", "horodatage de l'appareil", "horodatage du lecteur",
		"sello de tiempo del dispositivo", "timestamp del dispositivo", "tijdstempel apparaat", "time", "hora", "zeit", "uhrzeit", "heure", "ora", "tijd",
	}
	kindNames = []string{
		"record type", "aufzeichnungstyp", "type d'enregistrement", "tipo de registro", "tipo di registrazione", "gegevenstype",
	}
	historicNames = []string{
		"historic glucose", "glukosewert-verlauf", "historique de la glycémie", "historial de glucosa", "histórico glucosa",
		"storico del glucosio", "historische glucose",
	}
	scanNames = []string{
		"scan glucose", "glukose-scan", "numérisation de la glycémie", "scan de glycémie", "escaneo de glucosa", "glucosa leída",
		"scansione del glucosio",
	}
)

// libreView knows an export by the names of its columns, and one in another
// language by their places: the historic glucose, the scanned and the strip's
// follow each other, each with its unit, and before them are the kind of
// record and the time.
func libreView(header []string) (layout, bool) {
	l := layout{format: LibreView, id: -1, trend: -1, edge: -1}
	named := func(names []string) int {
		return slices.IndexFunc(header, func(h string) bool {
			rest, _ := unitOf(h)
			return slices.Contains(names, rest)
		})
	}
	var units []int // columns with a unit
	for i, h := range header {
		if _, u := unitOf(h); u != "" {
			units = append(units, i)
		}
	}
	l.historic, l.scan, l.kind, l.time = named(historicNames), named(scanNames), named(kindNames), named(timeNames)
	if l.historic < 0 && len(units) >= 3 && units[1] == units[0]+1 {
		l.historic = units[0]
	}
	if l.historic < 0 {
		return layout{}, false
	}
	_, l.historicIn = unitOf(header[l.historic])
	if next := l.historic + 1; l.scan < 0 && slices.Contains(units, next) {
		l.scan = next
	}
	if l.scan >= 0 {
		_, l.scanIn = unitOf(header[l.scan])
	}
	if l.kind < 0 {
		l.kind = l.historic - 1
	}
	if l.time < 0 {
		l.time = l.kind - 1
	}
	return l, l.time >= 0 && l.kind >= 0 && l.historicIn != "" && (l.scan < 0 || l.scanIn != "")
}
