package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/llutray/llutray/internal/lang"
)

// readCatalog reads a catalogue: a text by its key, or a list of texts where
// a number decides. One that is not there yet is empty.
func readCatalog(path string) (map[string][]string, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var raw map[string]any
	if err := toml.Unmarshal(data, &raw); err != nil {
		var at *toml.DecodeError
		if errors.As(err, &at) {
			return nil, fmt.Errorf("%s:\n%s", path, at.String())
		}
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	out := map[string][]string{}
	for key, value := range raw {
		switch v := value.(type) {
		case string:
			out[key] = []string{v}
		case []any:
			for _, form := range v {
				s, ok := form.(string)
				if !ok {
					return nil, fmt.Errorf("%s: %q holds something else than texts", path, key)
				}
				out[key] = append(out[key], s)
			}
		default:
			return nil, fmt.Errorf("%s: %q is no text", path, key)
		}
	}
	return out, nil
}

// writeCatalog writes a catalogue with a line for each text of the source, in
// the source's order.
func writeCatalog(l lang.Language, texts []text, have map[string][]string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s. To the left the English text, to the right the translation; \"\" is none yet.\n", l.Name)
	fmt.Fprintf(&b, "# Signs such as %%s and %%d stand for what is filled in and must stay; %%[2]s is the second of them.\n")
	if l.Forms() == 2 {
		b.WriteString("# In [ , ] are the forms for one and for more. A word before | only tells what is meant.\n")
	} else {
		b.WriteString("# In [ , , ] are the forms for 1, for 2 to 4, and for 5 and more. A word before | only tells what is meant.\n")
	}
	place := ""
	for _, t := range texts {
		if t.place != place {
			place = t.place
			fmt.Fprintf(&b, "\n# %s\n", place)
		}
		forms := have[t.key]
		if !t.plural {
			one := ""
			if len(forms) > 0 {
				one = forms[0]
			}
			fmt.Fprintf(&b, "%s = %s\n", quote(t.key), quote(one))
			continue
		}
		all := make([]string, l.Forms())
		copy(all, forms)
		for i := range all {
			all[i] = quote(all[i])
		}
		fmt.Fprintf(&b, "%s = [%s]\n", quote(t.key), strings.Join(all, ", "))
	}
	return b.Bytes()
}

// quote writes a basic string of TOML, with everything that can be read as
// itself.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case !strconv.IsPrint(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
