package lang

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io"
	"strings"
)

//go:generate go run ./gather

//go:embed words
var words embed.FS

// In a packed catalogue each entry ends in a zero byte, and so does each of
// its parts, the key first; an entry of texts alone is no use to anybody, so
// an empty part ends it.

// unpack reads the packed catalogue of a language. One that is damaged, which
// the tests exclude, leaves the texts English.
func unpack(code string) map[string][]string {
	packed, err := words.ReadFile("words/" + code + ".gz")
	if err != nil {
		return nil
	}
	zip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil
	}
	all, err := io.ReadAll(zip)
	if err != nil {
		return nil
	}
	texts := map[string][]string{}
	for entry := range strings.SplitSeq(string(all), "\x00\x00") {
		if parts := strings.Split(entry, "\x00"); len(parts) > 1 {
			texts[parts[0]] = parts[1:]
		}
	}
	return texts
}
