package settings

import (
	"bytes"
	"os"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/llutray/llutray/internal/lang"
)

// languageKey is the choice of the language. The languages are called in the
// file and on the page as those call them who look for theirs.
var languageKey = func() key {
	pairs := []pair[string]{{Auto, Auto}}
	names := []string{""}
	for _, l := range lang.Languages {
		pairs = append(pairs, pair[string]{l.Code, l.Code})
		names = append(names, l.Name)
	}
	k := word(languageName, "", func(s *Settings) *string { return &s.Display.Language }, pairs...)
	k.doc = phrase{
		lang.Mark("The language of the menu, the messages, the page and the commands, \"auto\" for that of\nthe system: %s."),
		[]any{strings.Join(names[1:], ", ")},
	}
	k.names = names
	return k
}()

const languageName = "display.language"

// Language is the language that a settings file chooses, Auto where it chooses
// none. It is for the time before the file is loaded: that its errors can be
// told in the language, no error in it keeps the language from being found.
func Language(path string) string {
	raw, err := os.ReadFile(path)
	if err != nil {
		return Auto
	}
	p := unstable.Parser{}
	p.Reset(bytes.TrimPrefix(raw, byteOrderMark))
	prefix := ""
	for p.NextExpression() {
		x := p.Expression()
		switch x.Kind {
		case unstable.Table, unstable.ArrayTable:
			name, _ := dotted(x.Key())
			prefix = name + "."
		case unstable.KeyValue:
			if name, _ := dotted(x.Key()); prefix+name != languageName {
				continue
			}
			if code := strings.ToLower(string(x.Value().Data)); slices.Contains(lang.Codes(), code) {
				return code
			}
		}
	}
	return Auto
}
