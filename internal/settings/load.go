package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/llutray/llutray/internal/lang"
)

// Error tells what is wrong in a settings file, and where.
type Error struct {
	Path    string // "" when no file was read
	Line    int    // 0 when it is not about a line
	Key     string // "" when it is not about a key
	Message string // with what is allowed

	// document is set when every value is allowed alone and only do not fit
	// together.
	document *document
}

// Error writes it as editors understand it: path:line: key: message.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Path != "" {
		b.WriteString(e.Path)
		if e.Line > 0 {
			fmt.Fprintf(&b, ":%d", e.Line)
		}
		b.WriteString(": ")
	}
	if e.Key != "" {
		b.WriteString(e.Key + ": ")
	}
	b.WriteString(e.Message)
	return b.String()
}

// LogValue keeps names out of the log: a section may bear a person's.
func (e *Error) LogValue() slog.Value {
	if !strings.HasPrefix(e.Key, "people.") && !strings.HasPrefix(e.Key, "accounts.") {
		return slog.StringValue(e.Error())
	}
	return slog.StringValue((&Error{Path: e.Path, Line: e.Line, Message: "what it says of a person is not allowed"}).Error())
}

// Load reads the settings file. Keys that are missing have their default, and
// so has everything when the file is missing. An error is an *Error.
func Load(path string) (Settings, error) {
	raw, err := readFile(path)
	if err != nil {
		return Settings{}, err
	}
	d, err := parse(raw)
	if err != nil {
		return Settings{}, at(path, err)
	}
	return d.settings, nil
}

// Exists reports whether there is a settings file.
func Exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// readFile returns nil for a missing file.
func readFile(path string) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		var cause *fs.PathError
		if errors.As(err, &cause) {
			err = cause.Err // without the path a second time
		}
		return nil, &Error{Path: path, Message: lang.F("it cannot be read: %v", err)}
	}
	return raw, nil
}

func at(path string, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return &Error{Path: path, Message: err.Error()}
	}
	located := *e
	located.Path = path
	return &located
}

// document is a settings file that was understood: its text, and where in it
// everything stands.
type document struct {
	text     []byte // without a byte order mark
	mark     []byte // the byte order mark, which some editors on Windows write
	settings Settings
	entries  []entry
	tables   []table
}

// entry is one "key = value".
type entry struct {
	name       string // dotted, in full
	line       int
	start, end int // of the value, in bytes
	inline     bool
}

// table is one "[header]" or, with an empty name, the beginning of the file.
type table struct {
	name string
	line int
	end  int // of the header, or of the last entry below it
	list bool
}

var byteOrderMark = []byte("\ufeff")

// parse understands the text of a settings file. Its errors are *Error
// without a path.
func parse(raw []byte) (*document, error) {
	d := &document{settings: Default()}
	d.text, _ = bytes.CutPrefix(raw, byteOrderMark)
	d.mark = raw[:len(raw)-len(d.text)]
	values := map[string]any{}
	if err := toml.Unmarshal(d.text, &values); err != nil {
		return nil, syntaxError(err)
	}
	d.locate()
	for _, t := range d.tables {
		account, named := strings.CutPrefix(t.name, "accounts.")
		if named && !t.list && (!strings.Contains(account, ".") || account[0] == '"') {
			if err := CheckAccountName(strings.Trim(account, "\"")); err != nil {
				return nil, &Error{Line: t.line, Key: t.name, Message: err.Error()}
			}
			d.settings.account(account) // its section may have nothing in it
		}
		if t.list || t.name != "" && !knownSection(t.name) {
			return nil, unknownSection(t)
		}
	}
	for _, e := range d.entries {
		k, ok := find(e.name)
		if !ok {
			unknown := unknownKey(e.name)
			unknown.Line = e.line
			return nil, unknown
		}
		if err := k.read(&d.settings, lookup(values, e.name)); err != nil {
			return nil, &Error{Line: e.line, Key: e.name, Message: err.Error()}
		}
	}
	if err := d.checkWindows(); err != nil {
		return nil, err
	}
	if name, err := d.settings.check(); err != nil {
		return nil, &Error{Line: d.line(name), Key: name, Message: err.Error(), document: d}
	}
	return d, nil
}

// locate finds where everything stands. The text is known to be good TOML.
func (d *document) locate() {
	p := unstable.Parser{}
	p.Reset(d.text)
	d.tables = []table{{}}
	line := func(offset int) int { return 1 + bytes.Count(d.text[:offset], []byte("\n")) }
	for p.NextExpression() {
		x := p.Expression()
		switch x.Kind {
		case unstable.Table, unstable.ArrayTable:
			name, end := dotted(x.Key())
			d.tables = append(d.tables, table{
				name: name, line: line(end), end: end + bytes.IndexByte(d.text[end:], ']') + 1,
				list: x.Kind == unstable.ArrayTable,
			})
		case unstable.KeyValue:
			t := &d.tables[len(d.tables)-1]
			prefix := ""
			if t.name != "" {
				prefix = t.name + "."
			}
			t.end = int(x.Raw.Offset + x.Raw.Length)
			name, end := dotted(x.Key())
			equals := end + bytes.IndexByte(d.text[end:], '=') + 1
			value := equals + len(d.text[equals:]) - len(bytes.TrimLeft(d.text[equals:], " \t"))
			d.add(entry{name: prefix + name, line: line(end), start: value, end: t.end}, x.Value())
		}
	}
}

// add notes an entry, and those within when it is an inline table.
func (d *document) add(e entry, value *unstable.Node) {
	if value.Kind != unstable.InlineTable {
		d.entries = append(d.entries, e)
		return
	}
	children := value.Children()
	for children.Next() {
		x := children.Node()
		if x.Kind != unstable.KeyValue {
			continue // a comment
		}
		name, _ := dotted(x.Key())
		d.add(entry{name: e.name + "." + name, line: e.line, inline: true}, x.Value())
	}
}

// dotted joins the parts of a key and returns where in the text they end.
func dotted(parts unstable.Iterator) (name string, end int) {
	var names []string
	for parts.Next() {
		n := parts.Node()
		part := string(n.Data)
		if strings.Contains(part, ".") {
			part = quote(part) // which no key of ours has
		}
		names = append(names, part)
		end = int(n.Raw.Offset + n.Raw.Length)
	}
	return strings.Join(names, "."), end
}

// line is where a key is set, or of a person's the first of their own; 0 when
// nowhere.
func (d *document) line(name string) int {
	own := ""
	if parts := strings.SplitN(name, ".", 3); len(parts) == 3 && parts[0] == "people" {
		own = "people." + parts[1] + "."
	}
	first := 0
	for _, e := range d.entries {
		if e.name == name {
			return e.line
		}
		if first == 0 && own != "" && strings.HasPrefix(e.name, own) {
			first = e.line
		}
	}
	return first
}

func lookup(values map[string]any, name string) any {
	var v any = values
	for part := range strings.SplitSeq(name, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[part]
	}
	return v
}

func syntaxError(err error) *Error {
	var e *toml.DecodeError
	if !errors.As(err, &e) {
		return &Error{Message: lang.F("it is not TOML: %s", strings.TrimPrefix(err.Error(), "toml: "))}
	}
	line, _ := e.Position()
	return &Error{
		Line: line, Key: strings.Join(e.Key(), "."),
		Message: lang.F("it is not TOML: %s", strings.TrimPrefix(e.Error(), "toml: ")),
	}
}

func unknownSection(t table) *Error {
	e := &Error{Line: t.line, Key: t.name, Message: lang.T("there is no such section")}
	best, least := "", len(t.name)/3+1
	for _, s := range nearSections(t.name) {
		if d := distance(t.name, s); d <= least && (best == "" || d < least || s < best) {
			best, least = s, d
		}
	}
	if best != "" {
		e.Message = lang.F("there is no such section: did you mean [%s]?", best)
	}
	return e
}
