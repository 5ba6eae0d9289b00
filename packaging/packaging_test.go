package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/musthave"
)

// needs ends a test without a tool. Only Linux has these.
func needs(t *testing.T, tool string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("a tool of Linux desktops")
	}
	musthave.Program(t, tool)
}

func TestDesktopEntryIsValid(t *testing.T) {
	needs(t, "desktop-file-validate")
	out, err := exec.Command("desktop-file-validate", "llutray.desktop").CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func TestMetainfoIsValid(t *testing.T) {
	needs(t, "appstreamcli")
	filled := strings.NewReplacer("{{.Version}}", Version, "{{.Date}}", "2026-11-20").Replace(read(t, "linux", "metainfo.xml"))
	file := filepath.Join(t.TempDir(), "io.github.llutray.llutray.metainfo.xml")
	require.NoError(t, os.WriteFile(file, []byte(filled), 0o644))
	out, err := exec.Command("appstreamcli", "validate", "--no-net", "--pedantic", file).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// read returns a text file as git has it, whatever the checkout did to its
// lines.
func read(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	require.NoError(t, err)
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// languages are those of the program's own words in menus of the desktop.
var languages = []string{"de", "fr", "es", "it", "nl", "pt", "pl"}

func TestNoTranslationIsMissing(t *testing.T) {
	entry, metainfo := read(t, "llutray.desktop"), read(t, "linux", "metainfo.xml")
	for _, l := range languages {
		require.Contains(t, entry, "\nComment["+l+"]=")
		require.Contains(t, entry, "\nGenericName["+l+"]=")
		require.Contains(t, metainfo, `<summary xml:lang="`+l+`">`)
	}
	require.Equal(t, 1+len(languages), strings.Count(read(t, "windows", "installer.nsi"), "\n!insertmacro TEXTS "))
}

// TestVersionIsInOnePlace looks for a second version that somebody would
// forget to raise.
func TestVersionIsInOnePlace(t *testing.T) {
	require.Regexp(t, regexp.MustCompile(`^\d+\.\d+\.\d+$`), Version, "Windows takes numbers only")
	require.NoError(t, filepath.WalkDir(".", func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || path == "VERSION" {
			return err
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NotContains(t, string(text), Version, path)
		return nil
	}))
}

// TestUnitAndEntryStartTheSame holds what systemd and the desktop start.
func TestUnitAndEntryStartTheSame(t *testing.T) {
	require.Contains(t, read(t, "linux", "llutray.service"), "\nExecStart=/usr/bin/llutray\n")
	require.Contains(t, read(t, "llutray.desktop"), "\nExec=llutray\n")
}
