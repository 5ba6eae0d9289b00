package settings

import (
	"bytes"
	"slices"
)

// RemoveRelay takes the section of a relay out of the file, with what stands
// directly above it to explain it, and changes nothing else. It is no fault if
// there is none.
func RemoveRelay(path, name string) error {
	return remove(path, "relays."+name, func(s *Settings) {
		s.Relays = slices.DeleteFunc(s.Relays, func(r Relay) bool { return r.Name == name })
		if len(s.Relays) == 0 {
			s.Relays = nil // as in a file without any
		}
	})
}

// remove takes a section out of the file, without which it says what cut makes
// of its settings.
func remove(path, section string, cut func(*Settings)) error {
	editing.Lock()
	defer editing.Unlock()
	raw, err := readFile(path)
	if err != nil || raw == nil {
		return err
	}
	d, err := parse(raw)
	if err != nil {
		return at(path, err)
	}
	want := d.settings.clone()
	cut(&want)
	return put(path, d, d.without(section), want)
}

// without is the text without a section.
func (d *document) without(section string) []byte {
	for i, t := range d.tables {
		if t.name != section || t.list {
			continue
		}
		to := len(d.text)
		if i+1 < len(d.tables) {
			to = d.top(d.tables[i+1])
		}
		return splice(d.text, d.top(t), to, "")
	}
	return d.text
}

// top is where a table begins: its header, with the comments directly above.
func (d *document) top(t table) int {
	start := 0
	for range t.line - 1 {
		start += bytes.IndexByte(d.text[start:], '\n') + 1
	}
	for start > 0 {
		above := bytes.LastIndexByte(d.text[:start-1], '\n') + 1
		if !bytes.HasPrefix(bytes.TrimSpace(d.text[above:start]), []byte("#")) {
			break
		}
		start = above
	}
	return start
}
