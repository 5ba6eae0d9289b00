package page

import (
	"embed"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/llutray/llutray/internal/lang"
)

//go:embed all:web
var web embed.FS

// file is one file of the page.
type file struct {
	kind string
	text []byte
}

// files are all of them by the path of their address, read once: an address
// that is not in it is not there, however it is written.
var files = func() map[string]file {
	out := map[string]file{}
	err := fs.WalkDir(web, "web", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := web.ReadFile(name)
		if err != nil {
			return err
		}
		at := "/assets/" + strings.TrimPrefix(strings.TrimPrefix(name, "web/"), "assets/")
		if name == "web/index.html" {
			at = "/"
		}
		out[at] = file{kindOf(name), text}
		return nil
	})
	if err != nil {
		panic(err) // the files are part of the program
	}
	return out
}()

// kindOf does not ask the system, whose tables differ and may be wrong.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".json", ".webmanifest":
		return "application/json"
	}
	return "application/octet-stream"
}

func static(w http.ResponseWriter, r *http.Request) {
	f, ok := files[r.URL.Path]
	if !ok {
		fail(w, r, http.StatusNotFound, lang.T("The page has no such part."), "")
		return
	}
	w.Header().Set("Content-Type", f.kind)
	if r.URL.Path == "/" {
		f.text = inLanguage(f.text)
	}
	_, _ = w.Write(f.text)
}
