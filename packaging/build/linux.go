package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/llutray/llutray/packaging/icons"
)

// What package managers show. A blank line parts paragraphs.
const (
	summary     = "Glucose from LibreLinkUp in the tray, with alarms"
	description = `llutray follows the glucose value that somebody shares through LibreLinkUp,
the follower service of FreeStyle Libre sensors. It shows the value and its
arrow in the tray of the desktop and raises alarms for lows, highs and
missing data.

It is not a medical device: never decide a treatment by it alone.`
)

// linux makes one kind of package for every machine.
func (b *build) linux(ctx context.Context, kind string) error {
	for _, arch := range b.archs {
		tree, err := b.stage(ctx, arch)
		if err != nil {
			return err
		}
		if kind == "tar" {
			name := fmt.Sprintf("llutray-%s-linux-%s", b.version, arch)
			if err := b.tarball(filepath.Join(b.dist, name+".tar.gz"), filepath.Join(tree, "tar"), name); err != nil {
				return err
			}
			if err := b.sbom(ctx, filepath.Join(tree, "usr", "bin", "llutray"), "linux-"+arch); err != nil {
				return err
			}
			continue
		}
		config := filepath.Join(b.root, "packaging", "linux", "nfpm.yaml")
		env := []string{"ARCH=" + arch, "VERSION=" + b.version, "DESCRIPTION=" + summary}
		if kind != "archlinux" {
			env[2] += "\n" + description
		}
		if err := b.tool(ctx, tree, env, toolNFPM, "package", "--config", config, "--packager", kind, "--target", b.dist); err != nil {
			return err
		}
	}
	return nil
}

// stage fills a folder with what comes to /usr, once for each machine, and
// beside it with what only Debian wants and with the tree of the tar.
func (b *build) stage(ctx context.Context, arch string) (string, error) {
	if tree := b.staged[arch]; tree != "" {
		return tree, nil
	}
	tree := filepath.Join(b.work, "linux-"+arch)
	exe := filepath.Join(tree, "usr", "bin", "llutray")
	if err := b.goBuild(ctx, exe, "linux", arch); err != nil {
		return "", err
	}
	if err := b.settle(exe, 0o755); err != nil {
		return "", err
	}
	for _, step := range []func(context.Context, string) error{b.desktopFiles, b.manual, b.debian, b.tarTree} {
		if err := step(ctx, tree); err != nil {
			return "", err
		}
	}
	b.staged[arch] = tree
	return tree, nil
}

// desktopFiles are what a desktop looks for.
func (b *build) desktopFiles(_ context.Context, tree string) error {
	share := filepath.Join(tree, "usr", "share")
	hicolor := filepath.Join(share, "icons", "hicolor")
	for _, size := range icons.Sizes {
		folder := fmt.Sprintf("%dx%d", size, size)
		if err := b.write(filepath.Join(hicolor, folder, "apps", "llutray.png"), icons.PNG(size), 0o644); err != nil {
			return err
		}
	}
	for path, data := range map[string][]byte{
		"scalable/apps/llutray.svg":          icons.SVG(),
		"symbolic/apps/llutray-symbolic.svg": icons.Symbolic(),
	} {
		if err := b.write(filepath.Join(hicolor, path), data, 0o644); err != nil {
			return err
		}
	}
	for to, from := range map[string]string{
		"share/applications/llutray.desktop": "llutray.desktop",
		"lib/systemd/user/llutray.service":   "linux/llutray.service",
	} {
		if err := b.copy(filepath.Join(tree, "usr", to), filepath.Join(b.root, "packaging", from), 0o644); err != nil {
			return err
		}
	}
	return b.fill(filepath.Join(share, "metainfo", "io.github.llutray.llutray.metainfo.xml"), "linux/metainfo.xml")
}

// manual is what a person or a shell reads.
func (b *build) manual(ctx context.Context, tree string) error {
	docs, err := b.docs(ctx)
	if err != nil {
		return err
	}
	share := filepath.Join(tree, "usr", "share")
	err = each(filepath.Join(docs, "man"), func(name string, _ fs.FileMode, data []byte) error {
		packed, err := compress(data)
		if err != nil {
			return err
		}
		return b.write(filepath.Join(share, "man", "man1", name+".gz"), packed, 0o644)
	})
	if err != nil {
		return err
	}
	for to, from := range map[string]string{
		"bash-completion/completions/llutray":    "llutray.bash",
		"zsh/site-functions/_llutray":            "_llutray",
		"fish/vendor_completions.d/llutray.fish": "llutray.fish",
		"powershell/completions/llutray.ps1":     "llutray.ps1",
	} {
		if err := b.copy(filepath.Join(share, to), filepath.Join(docs, "completions", from), 0o644); err != nil {
			return err
		}
	}
	changes, err := os.ReadFile(filepath.Join(b.root, "CHANGELOG.md"))
	if err != nil {
		return err
	}
	if changes, err = compress(changes); err != nil {
		return err
	}
	if err := b.write(filepath.Join(share, "doc", "llutray", "CHANGELOG.md.gz"), changes, 0o644); err != nil {
		return err
	}
	if err := b.copy(filepath.Join(share, "licenses", "llutray", "LICENSE"), filepath.Join(b.root, "LICENSE"), 0o644); err != nil {
		return err
	}
	return b.thirdParty(filepath.Join(share, "doc", "llutray", "THIRD-PARTY.txt"), "linux")
}

func (b *build) debian(_ context.Context, tree string) error {
	dir := filepath.Join(tree, "debian")
	changelog := filepath.Join(dir, "changelog")
	if err := b.fill(changelog, "linux/changelog"); err != nil {
		return err
	}
	text, err := os.ReadFile(changelog)
	if err != nil {
		return err
	}
	if text, err = compress(text); err != nil {
		return err
	}
	if err := b.write(changelog+".gz", text, 0o644); err != nil {
		return err
	}
	for _, name := range []string{"copyright", "lintian-overrides"} {
		if err := b.copy(filepath.Join(dir, name), filepath.Join(b.root, "packaging", "linux", name), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// tarTree is usr with its folders at the top, for /usr/local or ~/.local. The
// systemd unit stays away: it names /usr/bin.
func (b *build) tarTree(_ context.Context, tree string) error {
	to := filepath.Join(tree, "tar")
	err := each(filepath.Join(tree, "usr"), func(name string, mode fs.FileMode, data []byte) error {
		if filepath.Base(name) == "llutray.service" {
			return nil
		}
		return b.write(filepath.Join(to, filepath.FromSlash(name)), data, mode)
	})
	if err != nil {
		return err
	}
	if err := b.copy(filepath.Join(to, "LICENSE"), filepath.Join(b.root, "LICENSE"), 0o644); err != nil {
		return err
	}
	return b.fill(filepath.Join(to, "README.txt"), "linux/README.txt")
}
