package page

import (
	"bytes"
	"encoding/json"
	"html"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/llutray/llutray/internal/lang"
)

// How texts stand in the files of the page; internal/lang/gather finds them
// the same way. A script's other strings are no texts of a catalogue.
var (
	inScript = regexp.MustCompile(`(?:\bc\(\s*"(\w+)",\s*)?("(?:[^"\\\n]|\\.)*")`)
	inMarkup = regexp.MustCompile(`(\sdata-t>)([^<>]*)<`)
)

// ofScripts are the keys of all texts of the scripts.
var ofScripts = sync.OnceValue(func() map[string]bool {
	keys := map[string]bool{}
	for name, f := range files {
		if path.Ext(name) != ".js" {
			continue
		}
		for _, m := range inScript.FindAllSubmatch(f.text, -1) {
			key, err := strconv.Unquote(string(m[2]))
			if err != nil || key == "" {
				continue
			}
			if len(m[1]) > 0 {
				key = string(m[1]) + "|" + key
			}
			keys[key] = true
		}
	}
	return keys
})

// texts is a module with the texts of the scripts in the language in use, and
// how numbers and times are written in it.
func texts(w http.ResponseWriter, _ *http.Request) {
	speech := struct {
		Code   string              `json:"code"`
		Locale string              `json:"locale"`
		Point  string              `json:"point"`  // in a number: "." or ","
		Twelve bool                `json:"twelve"` // the hours of a clock
		Texts  map[string][]string `json:"texts"`
	}{lang.Code(), lang.Locale(), strings.Trim(lang.Decimal("0.0"), "0"), strings.HasSuffix(lang.Clock(time.Time{}), "M"), map[string][]string{}}
	for key := range ofScripts() {
		if forms := lang.Forms(key); forms != nil {
			speech.Texts[key] = forms
		}
	}
	b, err := json.Marshal(speech)
	if err != nil {
		b = []byte("{}")
	}
	w.Header().Set("Content-Type", kindOf("texts.js"))
	_, _ = w.Write(append(append([]byte("export default "), b...), ";\n"...))
}

// inLanguage is the frame of the page with its texts in the language in use.
func inLanguage(page []byte) []byte {
	page = bytes.Replace(page, []byte(`<html lang="en">`), []byte(`<html lang="`+lang.Code()+`">`), 1)
	return inMarkup.ReplaceAllFunc(page, func(found []byte) []byte {
		m := inMarkup.FindSubmatch(found)
		key := strings.Join(strings.Fields(html.UnescapeString(string(m[2]))), " ")
		return []byte(string(m[1]) + html.EscapeString(lang.T(key)) + "<")
	})
}
