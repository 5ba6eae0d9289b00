package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"text/template"

	"github.com/llutray/llutray/packaging/licences"
)

const program = "./cmd/llutray"

// thirdParty writes the licences of what is linked into the program on a
// system. What has none, or one that nobody agreed to, ends the build.
func (b *build) thirdParty(to, goos string) error {
	components, err := licences.Collect(b.root, goos, program)
	if err != nil {
		return err
	}
	if err := licences.Check(components); err != nil {
		return err
	}
	var text bytes.Buffer
	if err := licences.Write(&text, components); err != nil {
		return err
	}
	return b.write(to, text.Bytes(), 0o644)
}

// docs makes man pages and completions, once, and returns their folder.
func (b *build) docs(ctx context.Context) (string, error) {
	dir := filepath.Join(b.work, "docs")
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	overlay, err := b.overlay()
	if err != nil {
		return "", err
	}
	return dir, b.run(ctx, b.root, nil, "go", "run", "-overlay", overlay, "-tags", "docs", program, "docs", dir)
}

// fill writes a file of packaging with what belongs to this version in it.
func (b *build) fill(to, from string) error {
	t, err := template.ParseFiles(filepath.Join(b.root, "packaging", filepath.FromSlash(from)))
	if err != nil {
		return err
	}
	var out bytes.Buffer
	err = t.Execute(&out, map[string]string{
		"Version": b.version,
		"Date":    b.time.Format("2006-01-02"),
		"Stamp":   b.time.Format("Mon, 02 Jan 2006 15:04:05 -0700"),
		"Year":    b.time.Format("2006"),
	})
	if err != nil {
		return err
	}
	return b.write(to, out.Bytes(), 0o644)
}
