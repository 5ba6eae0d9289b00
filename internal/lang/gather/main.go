// Gather finds the texts for people in the source, brings the catalogues up
// to date with them, and packs the catalogues for the program: texts that are
// new are added without a translation, those that are gone leave.
package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/llutray/llutray/internal/lang"
)

func main() {
	log.SetFlags(0)
	if err := run(".."); err != nil {
		log.Fatal(err)
	}
}

// run works in the folder of package lang, which go generate runs us in.
func run(home string) error {
	if _, err := os.Stat("catalog"); err == nil {
		home = "."
	}
	texts, err := gather(filepath.Join(home, "..", ".."))
	if err != nil {
		return err
	}
	for _, l := range lang.Languages[1:] {
		path := filepath.Join(home, "catalog", l.Code+".toml")
		have, err := readCatalog(path)
		if err != nil {
			return err
		}
		if err := os.WriteFile(path, writeCatalog(l, texts, have), 0o644); err != nil {
			return err
		}
		packed, err := compress(pack(texts, have))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(home, "words", l.Code+".gz"), packed, 0o644); err != nil {
			return err
		}
		missing := 0
		for _, t := range texts {
			if !translated(have[t.key]) {
				missing++
			}
		}
		fmt.Printf("%s %-10s %4d texts, %d not translated\n", l.Code, l.Name, len(texts), missing)
	}
	return nil
}

func translated(forms []string) bool { return len(forms) > 0 && forms[0] != "" }

// pack writes a catalogue as package lang reads it.
func pack(texts []text, have map[string][]string) []byte {
	var b bytes.Buffer
	for _, t := range texts {
		if !translated(have[t.key]) {
			continue
		}
		b.WriteString(t.key)
		for _, f := range have[t.key] {
			b.WriteByte(0)
			b.WriteString(f)
		}
		b.WriteString("\x00\x00")
	}
	return b.Bytes()
}

func compress(data []byte) ([]byte, error) {
	var b bytes.Buffer
	zip, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := zip.Write(data); err != nil {
		return nil, err
	}
	if err := zip.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
