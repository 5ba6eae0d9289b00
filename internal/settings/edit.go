package settings

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// editing keeps two changes of one process from losing one of them.
var editing sync.Mutex

// Set changes one setting in the file and nothing else: comments, order and
// all other values stay as the user wrote them. The result is checked before
// it takes the place of the file; a file that is broken already is not
// touched. A missing file is made with all keys and their comments.
func Set(path, name, value string) error {
	name = canonical(name)
	k, ok := find(name)
	if !ok {
		return unknownKey(name)
	}
	return change(path, func(s *Settings) error {
		if err := k.read(s, value); err != nil {
			return &Error{Key: name, Message: err.Error()}
		}
		if _, err := s.check(); err != nil {
			return &Error{Key: name, Message: err.Error()}
		}
		return nil
	})
}

// With is what would be in force if the file had other values, by the rules of
// Set. The file is only read.
func With(path string, values map[string]string) (Settings, error) {
	s, err := Load(path)
	if err != nil {
		return Settings{}, err
	}
	s = s.clone()
	for name, value := range values {
		name = canonical(name)
		k, ok := find(name)
		if !ok {
			return Settings{}, unknownKey(name)
		}
		if err := k.read(&s, value); err != nil {
			return Settings{}, &Error{Key: name, Message: err.Error()}
		}
	}
	// Checked at the end: several keys may only fit together.
	if name, err := s.check(); err != nil {
		return Settings{}, &Error{Key: name, Message: err.Error()}
	}
	return s, nil
}

// Write brings the file to the settings. Of an existing file only the values
// that differ are changed, as by Set.
func Write(path string, want Settings) error {
	return change(path, func(s *Settings) error {
		*s = want
		if name, err := s.check(); err != nil {
			return &Error{Key: name, Message: err.Error()}
		}
		return nil
	})
}

// Ensure makes the file, with all keys and their comments, if it is missing.
func Ensure(path string) error {
	if Exists(path) {
		return nil
	}
	return change(path, func(*Settings) error { return nil })
}

func change(path string, f func(*Settings) error) error {
	editing.Lock()
	defer editing.Unlock()
	raw, err := readFile(path)
	if err != nil {
		return err
	}
	fresh := raw == nil
	if fresh {
		raw = render(Default())
	}
	d, err := parse(raw)
	if err != nil {
		return at(path, err)
	}
	want := d.settings.clone()
	if err := f(&want); err != nil {
		return err
	}
	text := slices.Clone(d.text)
	if fresh {
		text = render(want)
	}
	for _, k := range keysOf(want) {
		if _, rendered := index[k.name]; fresh && rendered || same(k, d.settings, want) {
			continue
		}
		if text, err = edit(text, k, want); err != nil {
			return at(path, err)
		}
	}
	if fresh {
		d.text = nil // a file that is missing is made, also with what is standard
	}
	return put(path, d, text, want)
}

// put gives the file of a document another text, which must mean what is wanted.
func put(path string, d *document, text []byte, want Settings) error {
	if bytes.Equal(text, d.text) && d.settings.Equal(want) {
		return nil
	}
	// What is about to take the place of the user's file is read back first.
	if got, err := parse(text); err != nil {
		return at(path, err)
	} else if !got.settings.Equal(want) {
		return &Error{Path: path, Message: lang.T("it is written in a way that only you can change")}
	}
	if err := replaceFile(path, append(slices.Clone(d.mark), text...)); err != nil {
		return &Error{Path: path, Message: lang.F("it cannot be written: %v", err)}
	}
	return nil
}

// same compares one setting. A limit does not change with the unit in which
// it would be written.
func same(k key, a, b Settings) bool {
	if k.name != "unit" {
		a.Unit, b.Unit = glucose.MgPerDL, glucose.MgPerDL
	}
	return k.isSet(a) == k.isSet(b) && k.text(a) == k.text(b)
}

// WriteFile gives a file that is no secret new content at once, with the mode.
func WriteFile(path string, content []byte, mode os.FileMode) error {
	return replaceFileMode(path, content, mode)
}

// edit gives one key the value it has in want, in place where it has a line,
// else on a new line where it belongs.
func edit(text []byte, k key, want Settings) ([]byte, error) {
	d, err := parseLoosely(text)
	if err != nil {
		return nil, err
	}
	for _, e := range d.entries {
		switch {
		case e.name != k.name:
		case e.inline:
			return nil, &Error{Line: e.line, Key: k.name, Message: lang.T("it stands in braces { }, where only you can change it")}
		default:
			return splice(text, e.start, e.end, k.toml(want)), nil
		}
	}
	for _, try := range places(d, k, want) {
		next := splice(text, try.at, try.at, try.text)
		if got, err := parseLoosely(next); err == nil && slices.ContainsFunc(got.entries, func(e entry) bool { return e.name == k.name }) {
			return next, nil
		}
	}
	return nil, &Error{Key: k.name, Message: lang.F("there is no place for it: write %s = %s into the file yourself", tomlName(k.name), k.toml(want))}
}

// parseLoosely locates the entries of a text whose values need not fit
// together yet, since several keys may be on their way to new values.
func parseLoosely(text []byte) (*document, error) {
	d, err := parse(text)
	if err == nil {
		return d, nil
	}
	var e *Error
	if errors.As(err, &e) && e.document != nil {
		return e.document, nil
	}
	return nil, err
}

type place struct {
	at   int
	text string
}

// places are where a missing key can be added, the most readable first.
func places(d *document, k key, want Settings) (out []place) {
	eol := "\n"
	if bytes.Contains(d.text, []byte("\r\n")) {
		eol = "\r\n"
	}
	lines := func(name string) string {
		return strings.ReplaceAll(comment(k)+tomlName(name)+" = "+k.toml(want)+"\n", "\n", eol)
	}
	after := func(t table) (at int, lead string) {
		if t.end == 0 {
			return 0, ""
		}
		end := bytes.IndexByte(d.text[t.end:], '\n')
		if end < 0 {
			return len(d.text), eol
		}
		return t.end + end + 1, ""
	}
	section := k.section()
	for _, t := range d.tables {
		if t.name == section && !t.list {
			at, lead := after(t)
			out = append(out, place{at, lead + lines(k.last())})
		}
	}
	lead := ""
	if len(d.text) > 0 && !bytes.HasSuffix(d.text, []byte("\n")) {
		lead = eol
	}
	if section != "" {
		out = append(out, place{len(d.text), lead + eol + strings.ReplaceAll(header(section), "\n", eol) + lines(k.last())})
	}
	// The section may stand as dotted keys below another header, where a
	// header of its own is not allowed.
	for _, t := range d.tables {
		if rest, ok := strings.CutPrefix(k.name, t.name+"."); ok || t.name == "" {
			if t.name == "" {
				rest = k.name
			}
			at, lead := after(t)
			out = append(out, place{at, lead + lines(rest)})
		}
	}
	return out
}

func splice(text []byte, from, to int, with string) []byte {
	return slices.Concat(text[:from], []byte(with), text[to:])
}

// render writes the whole file.
func render(s Settings) []byte {
	var b bytes.Buffer
	b.WriteString(`# Settings of llutray. A change is picked up when the file is saved.
# Limits are numbers in mg/dL or in mmol/L: 70 and 3.9 are the same, whatever the
# unit below. Durations are written like "30m" or "1h30m".
#
# More quiet hours: add a section [quiet.school], or another name, with the keys of
# [quiet.night]. Several people: add a section [people.emma], or another name, with
# name, order or follow, and below it what differs for them, such as
#     [people.emma.alarms.low]
#     limit = 4.2
`)
	section := ""
	for _, k := range keys {
		if k.section() != section {
			section = k.section()
			b.WriteString("\n" + header(section))
		} else {
			b.WriteString("\n")
		}
		b.WriteString(comment(k) + k.last() + " = " + k.toml(s) + "\n")
	}
	return b.Bytes()
}

func header(section string) string {
	return hashes(sectionDoc(section).english()) + "[" + tomlName(section) + "]\n"
}

// comment is what stands above a key.
func comment(k key) string {
	doc := k.doc.english()
	if allowed := k.allowed.english(); allowed != "" {
		doc += "\nAllowed: " + allowed + "."
	}
	standard := k.standard
	if standard != asForEveryone {
		standard = k.toml(Default())
	}
	return hashes(doc + " Default: " + standard + ".")
}

func hashes(doc string) string {
	return "# " + strings.ReplaceAll(doc, "\n", "\n# ") + "\n"
}
