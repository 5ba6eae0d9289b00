// Package licences collects the licence texts of everything that is linked
// into the program, and refuses what has none or one nobody has agreed to.
package licences

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Component is something of others that is linked in.
type Component struct {
	Name    string // a module path
	Version string
	Files   []File
}

// File is a licence text and the kinds of licence found in it, as SPDX names
// them.
type File struct {
	Name  string
	Kinds []string
	Text  string
}

// kinds are the licences that may be linked in, each with a sentence of its
// own. A licence that is not here needs a decision first, not a longer list.
var kinds = []struct{ name, sentence string }{
	{"MIT", "permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files"},
	{"BSD", "redistribution and use in source and binary forms, with or without modification, are permitted provided that the following conditions are met"},
	{"Apache-2.0", "apache license version 2.0, january 2004"},
	{"ISC", "permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted"},
	{"blessing", "all of the code and documentation in sqlite has been dedicated to the public domain by the authors"},
	// Eclipse's two at our choice; we choose the second, which is BSD.
	{"EPL-2.0 OR BSD-3-Clause", "are made available under the terms of the eclipse public license v2.0 and eclipse distribution license v1.0"},
	{"Bitstream-Vera", "permission is hereby granted, free of charge, to any person obtaining a copy of the fonts accompanying this license"},
}

// grants are texts beside a licence that only give more.
var grants = regexp.MustCompile(`^PATENTS$`)

// licenceFile tells by its name whether a file is a licence.
var licenceFile = regexp.MustCompile(`(?i)^(un)?(licen[cs]e|copying|copyright|notice|patents|edl-v10)([-._].*)?$`)

// unwanted are licence files of what is not in the program, by module.
var unwanted = map[string]string{
	"modernc.org/memory LICENSE-LOGO":       "a picture of the module's own page",
	"modernc.org/sqlite LICENSE-SQLITE_VEC": "an extension that is a package of its own",
}

type listed struct {
	Dir      string
	Standard bool
	Module   *struct {
		Path, Version, Dir string
		Main               bool
	}
}

// Collect returns what is linked into the package pkg, seen from dir, on a
// system, in the order of their names: modules, the Go library, and what the
// program's own folders hold of others.
func Collect(dir, goos, pkg string) ([]Component, error) {
	packages, err := list(dir, goos, pkg)
	if err != nil {
		return nil, err
	}
	found := map[string]*Component{}
	seen := map[string]bool{}
	for _, p := range packages {
		if p.Standard || p.Module == nil {
			continue
		}
		if p.Module.Main {
			if err := own(found, p.Dir, p.Module.Dir); err != nil {
				return nil, err
			}
			continue
		}
		c := component(found, p.Module.Path, p.Module.Version)
		// A folder may have a licence of its own, besides its module's.
		for d := p.Dir; ; d = filepath.Dir(d) {
			if !seen[d] {
				seen[d] = true
				if err := c.read(d, p.Module.Dir); err != nil {
					return nil, err
				}
			}
			if d == p.Module.Dir || len(d) <= len(p.Module.Dir) {
				break
			}
		}
	}
	if err := library(found, dir); err != nil {
		return nil, err
	}
	var out []Component
	for _, c := range found {
		slices.SortFunc(c.Files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Component) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func list(dir, goos, pkg string) ([]listed, error) {
	cmd := exec.Command("go", "list", "-deps", "-json=Dir,Standard,Module", pkg) //nolint:noctx // a short tool of the build
	cmd.Dir = dir
	cgo := "0"
	if goos == "darwin" {
		cgo = "1" // the tray needs it there
	}
	cmd.Env = append(os.Environ(), "GOOS="+goos, "CGO_ENABLED="+cgo)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, stderr.Bytes())
	}
	var packages []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, err
		}
		packages = append(packages, p)
	}
}

func component(found map[string]*Component, name, version string) *Component {
	if found[name] == nil {
		found[name] = &Component{Name: name, Version: version}
	}
	return found[name]
}

// own finds data of others in a folder of the program; its licence stands
// beside it as LICENSE-NAME.
func own(found map[string]*Component, dir, root string) error {
	if dir == root {
		return nil
	}
	files, err := filepath.Glob(filepath.Join(dir, "LICENSE-*"))
	if err != nil {
		return err
	}
	for _, f := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(f), "LICENSE-"), filepath.Ext(f))
		if err := component(found, name, "").add(f, filepath.Base(f)); err != nil {
			return err
		}
	}
	return nil
}

// library adds Go's own library, which is in every program.
func library(found map[string]*Component, dir string) error {
	cmd := exec.Command("go", "env", "GOROOT", "GOVERSION") //nolint:noctx // a short tool of the build
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return err
	}
	lines := strings.Split(strings.ReplaceAll(string(out), "\r", ""), "\n")
	return component(found, "Go standard library", lines[1]).read(lines[0], lines[0])
}

func (c *Component) read(dir, root string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() || !licenceFile.MatchString(e.Name()) || strings.HasSuffix(e.Name(), ".go") || unwanted[c.Name+" "+e.Name()] != "" {
			continue
		}
		name, err := filepath.Rel(root, filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		if err := c.add(filepath.Join(dir, e.Name()), filepath.ToSlash(name)); err != nil {
			return err
		}
	}
	return nil
}

func (c *Component) add(path, name string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	clean := strings.ReplaceAll(string(text), "\r\n", "\n")
	c.Files = append(c.Files, File{Name: name, Kinds: Kinds(clean), Text: clean})
	return nil
}

// noise is what texts of one licence differ in: line breaks, the marks of
// lists, quotes and comments.
var noise = regexp.MustCompile(`[\s*#>/_]+`)

// Kinds returns the licences whose words are in a text.
func Kinds(text string) []string {
	words := strings.ToLower(noise.ReplaceAllString(text, " "))
	var found []string
	for _, k := range kinds {
		if strings.Contains(words, noise.ReplaceAllString(k.sentence, " ")) {
			found = append(found, k.name)
		}
	}
	return found
}

// Check returns an error that names every component without a licence, and
// every licence of no kind that is agreed to.
func Check(components []Component) error {
	var errs []error
	for _, c := range components {
		if len(c.Files) == 0 {
			errs = append(errs, fmt.Errorf("%s has no licence file", c.Name))
		}
		for _, f := range c.Files {
			if len(f.Kinds) == 0 && !grants.MatchString(f.Name) {
				errs = append(errs, fmt.Errorf("%s: %s is of no licence that was agreed to", c.Name, f.Name))
			}
		}
	}
	return errors.Join(errs...)
}

const line = "================================================================================\n"

// Write writes the texts of all components, each with its name.
func Write(w io.Writer, components []Component) error {
	var b strings.Builder
	b.WriteString("llutray contains work of others, under these licences.\n")
	for _, c := range components {
		fmt.Fprintf(&b, "  %s %s\n", c.Name, c.Version)
	}
	for _, c := range components {
		for _, f := range c.Files {
			fmt.Fprintf(&b, "\n%s%s %s: %s\n%s\n%s\n", line, c.Name, c.Version, f.Name, line, strings.TrimSpace(f.Text))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
