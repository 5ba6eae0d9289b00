//go:build packages && linux

package installtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/packaging"
)

// everywhere is what every package of Linux brings.
var everywhere = []string{
	"bin/llutray",
	"share/applications/llutray.desktop",
	"share/bash-completion/completions/llutray",
	"share/fish/vendor_completions.d/llutray.fish",
	"share/icons/hicolor/16x16/apps/llutray.png",
	"share/icons/hicolor/256x256/apps/llutray.png",
	"share/icons/hicolor/scalable/apps/llutray.svg",
	"share/icons/hicolor/symbolic/apps/llutray-symbolic.svg",
	"share/man/man1/llutray.1.gz",
	"share/man/man1/llutray-status.1.gz",
	"share/metainfo/io.github.llutray.llutray.metainfo.xml",
	"share/doc/llutray/THIRD-PARTY.txt",
}

func TestLintianIsContent(t *testing.T) {
	needs(t, "lintian")
	out, err := exec.Command("lintian", "--allow-root", "--fail-on", "error,warning", "--info", dist(t, "llutray_VERSION-1_amd64.deb")).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func TestDesktopFindsItself(t *testing.T) {
	needs(t, "dpkg-deb", "appstreamcli", "desktop-file-validate", "mandoc", "zsh", "fish", "bash")
	tree := t.TempDir()
	output(t, "dpkg-deb", "-x", dist(t, "llutray_VERSION-1_amd64.deb"), tree)
	usr := filepath.Join(tree, "usr")
	for _, name := range everywhere {
		require.FileExists(t, filepath.Join(usr, name))
	}
	output(t, "appstreamcli", "validate-tree", "--no-net", tree)
	output(t, "desktop-file-validate", filepath.Join(usr, "share/applications/llutray.desktop"))

	pages, err := filepath.Glob(filepath.Join(usr, "share/man/man1/*.1.gz"))
	require.NoError(t, err)
	for _, page := range pages {
		output(t, "mandoc", "-T", "lint", "-W", "error", page)
	}
	output(t, "bash", "-n", filepath.Join(usr, "share/bash-completion/completions/llutray"))
	output(t, "zsh", "-n", filepath.Join(usr, "share/zsh/vendor-completions/_llutray"))
	output(t, "fish", "-n", filepath.Join(usr, "share/fish/vendor_completions.d/llutray.fish"))
}

func TestRPM(t *testing.T) {
	needs(t, "rpm", "rpm2cpio", "bsdtar")
	pkg := dist(t, "llutray-VERSION-1.x86_64.rpm")
	files := strings.Fields(output(t, "rpm", "-qlp", pkg))
	for _, name := range everywhere {
		require.Contains(t, files, "/usr/"+name)
	}
	require.NotContains(t, files, "/usr/bin", "folders belong to the system")
	require.Contains(t, files, "/usr/share/zsh/site-functions/_llutray")
	require.Empty(t, output(t, "rpm", "-qp", "--scripts", pkg))
	require.Equal(t, "localhost MIT", output(t, "rpm", "-qp", "--qf", "%{BUILDHOST} %{LICENSE}", pkg))
	requireRuns(t, "rpm2cpio "+pkg+" | bsdtar -xf -", "usr/bin/llutray")
}

func TestArch(t *testing.T) {
	needs(t, "bsdtar")
	pkg := dist(t, "llutray-VERSION-1-x86_64.pkg.tar.zst")
	files := strings.Fields(output(t, "bsdtar", "-tf", pkg))
	require.True(t, slices.Contains(files, ".PKGINFO") && slices.Contains(files, ".MTREE"), "pacman reads these")
	for _, name := range everywhere {
		require.Contains(t, files, "usr/"+name)
	}
	require.Contains(t, output(t, "bsdtar", "-xOf", pkg, ".PKGINFO"), "\npkgdesc = Glucose from LibreLinkUp in the tray, with alarms\n")
	requireRuns(t, "bsdtar -xf "+pkg, "usr/bin/llutray")
}

func TestTar(t *testing.T) {
	needs(t, "tar")
	pkg := dist(t, "llutray-VERSION-linux-amd64.tar.gz")
	top := "llutray-" + packaging.Version + "-linux-amd64/"
	files := strings.Fields(output(t, "tar", "-tzf", pkg))
	for _, name := range everywhere {
		require.Contains(t, files, top+name)
	}
	requireRuns(t, "tar -xzf "+pkg, top+"bin/llutray")
}

// requireRuns unpacks a package and starts its program.
func requireRuns(t *testing.T, unpack, program string) {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command("sh", "-ec", unpack)
	cmd.Dir = dir
	outputOf(t, cmd)
	require.Contains(t, output(t, filepath.Join(dir, program), "version"), "llutray "+packaging.Version)
}

func TestChecksumsNameEverything(t *testing.T) {
	sums, err := os.ReadFile(dist(t, "SHA256SUMS"))
	require.NoError(t, err)
	all, err := filepath.Glob(filepath.Join("..", "..", "dist", "*"))
	require.NoError(t, err)
	require.Equal(t, len(all)-1, strings.Count(string(sums), "\n"))
	cmd := exec.Command("sha256sum", "--check", "--strict", "SHA256SUMS")
	cmd.Dir = filepath.Join("..", "..", "dist")
	outputOf(t, cmd)
	for _, system := range []string{"linux-amd64", "linux-arm64", "windows-amd64"} {
		bill, err := os.ReadFile(dist(t, "llutray-VERSION-"+system+".cdx.json"))
		require.NoError(t, err)
		require.Contains(t, string(bill), `"bomFormat": "CycloneDX"`)
		require.Contains(t, string(bill), "modernc.org/sqlite")
	}
}
