package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/llutray/llutray/packaging"
	"github.com/llutray/llutray/packaging/icons"
)

// windows makes the zip, and the installer out of the same folder.
func (b *build) windows(ctx context.Context) error {
	tree := filepath.Join(b.work, "windows")
	if err := b.resources(ctx); err != nil {
		return err
	}
	defer func() { _ = os.Remove(filepath.Join(b.root, filepath.FromSlash(syso))) }()
	// Two programs, see cmd/llutray/console_windows.go.
	for name, flags := range map[string][]string{"llutray.exe": {"-H=windowsgui"}, "llutray.com": nil} {
		if err := b.goBuild(ctx, filepath.Join(tree, name), "windows", "amd64", flags...); err != nil {
			return err
		}
		if err := b.settle(filepath.Join(tree, name), 0o755); err != nil {
			return err
		}
	}
	docs, err := b.docs(ctx)
	if err != nil {
		return err
	}
	for to, from := range map[string]string{
		"LICENSE.txt": filepath.Join(b.root, "LICENSE"),
		"llutray.ps1": filepath.Join(docs, "completions", "llutray.ps1"),
	} {
		if err := b.copy(filepath.Join(tree, to), from, 0o644); err != nil {
			return err
		}
	}
	if err := b.thirdParty(filepath.Join(tree, "THIRD-PARTY.txt"), "windows"); err != nil {
		return err
	}
	if err := b.fill(filepath.Join(tree, "README.txt"), "windows/README.txt"); err != nil {
		return err
	}
	name := fmt.Sprintf("llutray-%s-windows-amd64", b.version)
	if err := b.zipball(filepath.Join(b.dist, name+".zip"), tree, name); err != nil {
		return err
	}
	if err := b.installer(ctx, tree); err != nil {
		return err
	}
	return b.sbom(ctx, filepath.Join(tree, "llutray.exe"), "windows-amd64")
}

// syso is where the Go tool looks for Windows resources; it overlays no such
// file. It is made for each build, ignored by git, and goes again.
const syso = "cmd/llutray/resources_windows_amd64.syso"

// resources makes what Windows reads from the program itself: its icon, its
// version, and the manifest.
func (b *build) resources(ctx context.Context) error {
	dir := filepath.Join(b.work, "resources")
	if err := b.write(filepath.Join(dir, "llutray.ico"), icons.ICO(), 0o644); err != nil {
		return err
	}
	for _, name := range []string{"llutray.manifest", "versioninfo.json"} {
		if err := b.fill(filepath.Join(dir, name), "windows/"+name); err != nil {
			return err
		}
	}
	out := filepath.Join(dir, "resources.syso")
	if err := b.tool(ctx, dir, nil, toolResources, "-64", "-icon", "llutray.ico", "-manifest", "llutray.manifest",
		"-propagate-ver-strings", "-o", out, "versioninfo.json"); err != nil {
		return err
	}
	return b.copy(filepath.Join(b.root, filepath.FromSlash(syso)), out, 0o644)
}

func (b *build) installer(ctx context.Context, tree string) error {
	nsis, err := exec.LookPath("makensis")
	if err != nil {
		return fmt.Errorf("the installer needs NSIS: install nsis: %w", err)
	}
	if err := b.write(filepath.Join(tree, "llutray.ico"), icons.ICO(), 0o644); err != nil {
		return err
	}
	defer func() { _ = os.Remove(filepath.Join(tree, "llutray.ico")) }()
	out := filepath.Join(b.dist, fmt.Sprintf("llutray-%s-setup.exe", b.version))
	if err := b.run(ctx, b.root, nil, nsis, "-V2", "-WX", "-INPUTCHARSET", "UTF8",
		"-DVERSION="+b.version, "-DSOURCE="+tree, "-DOUT="+out, "-DAUMID="+packaging.AppUserModelID,
		filepath.Join(b.root, "packaging", "windows", "installer.nsi")); err != nil {
		return err
	}
	return b.settle(out, 0o644)
}
