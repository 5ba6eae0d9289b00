package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/llutray/llutray/packaging/icons"
)

// macos makes llutray.app around a program that was built on a Mac, and zips
// it. Signing it is another step, packaging/macos/sign.sh.
func (b *build) macos(binary string) error {
	if binary == "" {
		return errors.New("say with -binary which program to put in; it is built on a Mac, for the tray needs Cocoa")
	}
	tree := filepath.Join(b.work, "macos")
	if err := b.bundle(filepath.Join(tree, "llutray.app"), binary); err != nil {
		return err
	}
	name := fmt.Sprintf("llutray-%s-macos", b.version)
	return b.zipball(filepath.Join(b.dist, name+".zip"), tree, name)
}

// bundle lays out what macOS takes for a program (Bundle Programming Guide,
// "Anatomy of an Application Bundle").
func (b *build) bundle(app, binary string) error {
	contents := filepath.Join(app, "Contents")
	if err := b.copy(filepath.Join(contents, "MacOS", "llutray"), binary, 0o755); err != nil {
		return err
	}
	if err := b.fill(filepath.Join(contents, "Info.plist"), "macos/Info.plist"); err != nil {
		return err
	}
	if err := b.write(filepath.Join(contents, "PkgInfo"), []byte("APPL????"), 0o644); err != nil {
		return err
	}
	resources := filepath.Join(contents, "Resources")
	if err := b.write(filepath.Join(resources, "llutray.icns"), icons.ICNS(), 0o644); err != nil {
		return err
	}
	if err := b.copy(filepath.Join(resources, "LICENSE.txt"), filepath.Join(b.root, "LICENSE"), 0o644); err != nil {
		return err
	}
	return b.thirdParty(filepath.Join(resources, "THIRD-PARTY.txt"), "darwin")
}
