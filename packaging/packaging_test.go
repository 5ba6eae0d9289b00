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

	"github.com/llutray/llutray/internal/lang"
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

// inNSIS are the languages as the installer for Windows calls them.
var inNSIS = map[string]string{
	"en": "English", "de": "German", "es": "Spanish", "fr": "French", "it": "Italian", "nl": "Dutch", "pl": "Polish", "pt": "Portuguese",
}

// What packages say themselves is in the languages of the program, and in no
// other.
func TestPackagesSpeakAllLanguages(t *testing.T) {
	entry, metainfo, installer := read(t, "llutray.desktop"), read(t, "linux", "metainfo.xml"), read(t, "windows", "installer.nsi")
	found := func(text, pattern string) (out []string) {
		for _, m := range regexp.MustCompile("(?m)"+pattern).FindAllStringSubmatch(text, -1) {
			out = append(out, m[1])
		}
		return out
	}
	translated := lang.Codes()[1:]
	require.ElementsMatch(t, translated, found(entry, `^GenericName\[(\w+)\]=.`))
	require.ElementsMatch(t, translated, found(entry, `^Comment\[(\w+)\]=.`))
	require.ElementsMatch(t, translated, found(metainfo, `<summary xml:lang="(\w+)">.`))
	var nsis []string
	for _, code := range lang.Codes() {
		require.Contains(t, inNSIS, code, "say how NSIS calls it")
		nsis = append(nsis, inNSIS[code])
	}
	require.ElementsMatch(t, nsis, found(installer, `^!insertmacro TEXTS (\w+) ".+" ".+"$`))
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
