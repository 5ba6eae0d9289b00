package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A text is one that people read, as the source has it.
type text struct {
	key    string
	place  string // the file it stands in first
	plural bool
	one    string // where plural: the form for 1
}

// gather finds all texts below the root of the module, in the order of the
// files and of their places there.
func gather(root string) ([]text, error) {
	var all []text
	seen := map[string]int{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if strings.HasPrefix(d.Name(), ".") && path != root || d.Name() == "node_modules" || d.Name() == "testdata" {
				return filepath.SkipDir
			}
			return nil
		}
		if !slices.Contains([]string{".go", ".js", ".html"}, filepath.Ext(path)) {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		place, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		place = filepath.ToSlash(place)
		var found []text
		switch {
		case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
			found, err = ofGo(place, data)
		case strings.HasSuffix(path, ".js") && strings.HasPrefix(place, "internal/page/web/"):
			found, err = ofScript(string(data))
		case strings.HasSuffix(path, ".html"):
			found, err = ofMarkup(string(data))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", place, err)
		}
		for _, t := range found {
			if i, ok := seen[t.key]; ok {
				if all[i].plural != t.plural || all[i].one != t.one {
					return fmt.Errorf("%s: %q is there with other forms in %s", place, t.key, all[i].place)
				}
				continue
			}
			t.place = place
			seen[t.key] = len(all)
			all = append(all, t)
		}
		return nil
	})
	return all, err
}

// ofGo finds the calls of package lang in a file of Go.
func ofGo(name string, data []byte) ([]text, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, data, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var out []text
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || err != nil {
			return err == nil
		}
		var t text
		if t, ok, err = ofCall(file.Name.Name, call); err != nil {
			err = fmt.Errorf("line %d: %w", files.Position(call.Pos()).Line, err)
		}
		if ok {
			out = append(out, t)
		}
		return err == nil
	})
	return out, err
}

func ofCall(pkg string, call *ast.CallExpr) (t text, ok bool, err error) {
	name := ""
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok && x.Name == "lang" {
			name = f.Sel.Name
		}
	case *ast.Ident:
		if pkg == "lang" && slices.Contains([]string{"Mark", "T", "F", "N", "C"}, f.Name) {
			name = f.Name
		}
	}
	var args []string
	for _, a := range call.Args {
		s, constant := literal(a)
		if !constant {
			break
		}
		args = append(args, s)
	}
	want := map[string]int{"F": 1, "E": 1, "Mark": 1, "Error": 1, "C": 2}[name]
	switch name {
	default:
		return text{}, false, nil
	case "T":
		if len(args) == 0 {
			return text{}, false, nil // marked where it stands
		}
	case "N":
		if len(call.Args) < 3 {
			return text{}, false, fmt.Errorf("lang.N wants a number and two texts")
		}
		one, ok1 := literal(call.Args[1])
		many, ok2 := literal(call.Args[2])
		if !ok1 || !ok2 {
			return text{}, false, fmt.Errorf("lang.N wants texts that are written out")
		}
		return text{key: many, plural: true, one: one}, true, nil
	case "F", "E", "Mark", "Error", "C":
		if len(args) < want && pkg == "lang" {
			return text{}, false, nil // from a table of the package's own
		}
		if len(args) < want {
			return text{}, false, fmt.Errorf("lang.%s wants a text that is written out", name)
		}
	}
	if name == "C" {
		return text{key: args[0] + "|" + args[1]}, true, nil
	}
	return text{key: args[0]}, args[0] != "", nil
}

// literal is a text that is written out, perhaps in several parts.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		s, err := strconv.Unquote(e.Value)
		return s, err == nil
	case *ast.BinaryExpr:
		left, ok1 := literal(e.X)
		right, ok2 := literal(e.Y)
		return left + right, ok1 && ok2 && e.Op == token.ADD
	case *ast.ParenExpr:
		return literal(e.X)
	}
	return "", false
}

// In the scripts of the page texts stand in double quotes: t("…"),
// c("context", "…") and n(count, "one", "many").
var (
	quoted = `"(?:[^"\\\n]|\\.)*"`
	script = regexp.MustCompile(`\bt\(\s*(` + quoted + `)|\bc\(\s*"(\w+)",\s*(` + quoted + `)|\bn\(\s*[^"\n]*?,\s*(` + quoted + `)\s*,\s*(` + quoted + `)`)
	markup = regexp.MustCompile(`\sdata-t>([^<>]*)<|\{\{-?\s*(?:[^{}]*[ (])?t (` + quoted + `)`)
)

func ofScript(code string) (out []text, err error) {
	for _, m := range script.FindAllStringSubmatch(code, -1) {
		if single := m[1] + m[3]; single != "" {
			key, err := strconv.Unquote(single)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", single, err)
			}
			if m[2] != "" {
				key = m[2] + "|" + key
			}
			out = append(out, text{key: key})
			continue
		}
		one, err1 := strconv.Unquote(m[4])
		many, err2 := strconv.Unquote(m[5])
		if err1 != nil || err2 != nil {
			return nil, fmt.Errorf("%s, %s: not a text", m[4], m[5])
		}
		out = append(out, text{key: many, plural: true, one: one})
	}
	return out, nil
}

// ofMarkup finds the elements whose last attribute is data-t, and the texts of
// templates.
func ofMarkup(code string) (out []text, err error) {
	for _, m := range markup.FindAllStringSubmatch(code, -1) {
		key := strings.Join(strings.Fields(m[1]), " ")
		if m[2] != "" {
			if key, err = strconv.Unquote(m[2]); err != nil {
				return nil, err
			}
		}
		if key != "" {
			out = append(out, text{key: key})
		}
	}
	return out, nil
}
