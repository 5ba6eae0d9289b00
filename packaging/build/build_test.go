package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/packaging"
)

// testBuild is a build in folders of the test's own.
func testBuild(t *testing.T) *build {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("packages are made on Linux and macOS: Windows has no modes")
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	return &build{
		root: root, work: t.TempDir(), dist: t.TempDir(), version: packaging.Version,
		time: time.Date(2026, 11, 20, 10, 30, 0, 0, time.UTC), staged: map[string]string{},
	}
}

// TestProgramIsSmall holds the size that docs/benchmarks.md promises of the
// program as it is released.
func TestProgramIsSmall(t *testing.T) {
	b := testBuild(t)
	exe := filepath.Join(t.TempDir(), "llutray")
	require.NoError(t, b.goBuild(t.Context(), exe, "linux", "amd64"))
	file, err := os.Stat(exe)
	require.NoError(t, err)
	require.LessOrEqual(t, file.Size(), int64(20e6), "see docs/benchmarks.md for what its parts take")
}

// TestArchivesAreTheSameAnywhere packs the same files, written in another
// order, at another time and with another umask.
func TestArchivesAreTheSameAnywhere(t *testing.T) {
	pack := func(names []string, mode os.FileMode) (tarball, zipball []byte) {
		b, dir := testBuild(t), t.TempDir()
		for _, name := range names {
			path := filepath.Join(dir, name)
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
			require.NoError(t, os.WriteFile(path, []byte(name), mode))
		}
		require.NoError(t, os.Chmod(filepath.Join(dir, "bin/x"), mode|0o100))
		require.NoError(t, b.tarball(filepath.Join(b.dist, "a.tar.gz"), dir, "top"))
		require.NoError(t, b.zipball(filepath.Join(b.dist, "a.zip"), dir, "top"))
		tarball, err := os.ReadFile(filepath.Join(b.dist, "a.tar.gz"))
		require.NoError(t, err)
		zipball, err = os.ReadFile(filepath.Join(b.dist, "a.zip"))
		require.NoError(t, err)
		return tarball, zipball
	}
	oneTar, oneZip := pack([]string{"a", "bin/x", "z"}, 0o644)
	twoTar, twoZip := pack([]string{"z", "bin/x", "a"}, 0o600)
	require.Equal(t, oneTar, twoTar)
	require.Equal(t, oneZip, twoZip)

	z, err := gzip.NewReader(bytes.NewReader(oneTar))
	require.NoError(t, err)
	r := tar.NewReader(z)
	modes := map[string]int64{}
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		modes[h.Name] = h.Mode
	}
	require.Equal(t, map[string]int64{"top/a": 0o644, "top/bin/x": 0o755, "top/z": 0o644}, modes)
}

// TestBundleIsWhatMacOSExpects lays out the bundle around any file: the
// program itself needs a Mac.
func TestBundleIsWhatMacOSExpects(t *testing.T) {
	b := testBuild(t)
	binary := filepath.Join(t.TempDir(), "built")
	require.NoError(t, os.WriteFile(binary, []byte("mach-o"), 0o644))
	require.NoError(t, b.macos(binary))

	name := "llutray-" + packaging.Version + "-macos"
	z, err := zip.OpenReader(filepath.Join(b.dist, name+".zip"))
	require.NoError(t, err)
	defer func() { _ = z.Close() }()
	files := map[string]*zip.File{}
	for _, f := range z.File {
		files[strings.TrimPrefix(f.Name, name+"/llutray.app/Contents/")] = f
	}
	require.EqualValues(t, 0o755, files["MacOS/llutray"].Mode().Perm())
	for _, f := range []string{"Info.plist", "PkgInfo", "Resources/llutray.icns", "Resources/LICENSE.txt", "Resources/THIRD-PARTY.txt"} {
		require.Contains(t, files, f)
	}

	plist, err := files["Info.plist"].Open()
	require.NoError(t, err)
	var info struct {
		Dict struct {
			Inner []struct {
				XMLName xml.Name
				Text    string `xml:",chardata"`
			} `xml:",any"`
		} `xml:"dict"`
	}
	require.NoError(t, xml.NewDecoder(plist).Decode(&info))
	values := map[string]string{}
	for i := 0; i+1 < len(info.Dict.Inner); i += 2 {
		value := info.Dict.Inner[i+1]
		values[info.Dict.Inner[i].Text] = value.Text
		if value.Text == "" {
			values[info.Dict.Inner[i].Text] = value.XMLName.Local
		}
	}
	require.Equal(t, "llutray", values["CFBundleExecutable"])
	require.Equal(t, "com.github.llutray", values["CFBundleIdentifier"])
	require.Equal(t, packaging.Version, values["CFBundleShortVersionString"])
	require.Equal(t, "true", values["LSUIElement"])
	require.Equal(t, "true", values["NSHighResolutionCapable"])
}

// TestStagedIsWhatThePackagesList fills the folder of a Linux package without
// building the program, and compares it with nfpm's list: each file in one is
// in the other.
func TestStagedIsWhatThePackagesList(t *testing.T) {
	b := testBuild(t)
	tree := t.TempDir()
	require.NoError(t, b.write(filepath.Join(tree, "usr", "bin", "llutray"), []byte("elf"), 0o755))
	require.NoError(t, b.desktopFiles(t.Context(), tree))
	require.NoError(t, b.manual(t.Context(), tree))
	require.NoError(t, b.debian(t.Context(), tree))

	config, err := os.ReadFile(filepath.Join("..", "linux", "nfpm.yaml"))
	require.NoError(t, err)
	listed := map[string]bool{}
	for line := range strings.Lines(string(config)) {
		src, ok := strings.CutPrefix(strings.TrimSpace(line), "- src: ")
		if !ok {
			continue
		}
		if dir, ok := strings.CutSuffix(src, "/**"); ok {
			require.NoError(t, each(filepath.Join(tree, dir), func(name string, _ os.FileMode, _ []byte) error {
				listed[dir+"/"+name] = true
				return nil
			}))
			continue
		}
		found, err := filepath.Glob(filepath.Join(tree, src))
		require.NoError(t, err)
		require.NotEmpty(t, found, "nfpm.yaml names %s, which is not there", src)
		for _, f := range found {
			name, err := filepath.Rel(tree, f)
			require.NoError(t, err)
			listed[filepath.ToSlash(name)] = true
		}
	}
	require.NoError(t, each(tree, func(name string, _ os.FileMode, _ []byte) error {
		if name != "debian/changelog" { // goes in compressed
			require.True(t, listed[name], "%s is made but in no package", name)
		}
		return nil
	}))
}
