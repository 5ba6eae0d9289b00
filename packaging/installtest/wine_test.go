//go:build packages && linux

package installtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/desktoptest"
)

// wine is a Windows of its own in a folder.
type wine struct {
	t      *testing.T
	prefix string
	env    []string
}

// newWine makes a Windows without a screen.
func newWine(t *testing.T) *wine {
	w := &wine{t: t, prefix: filepath.Join(t.TempDir(), "prefix")}
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if name != "DISPLAY" && name != "WAYLAND_DISPLAY" && name != "HOME" && !strings.HasPrefix(name, "XDG_") {
			w.env = append(w.env, v)
		}
	}
	w.env = append(w.env,
		"HOME="+t.TempDir(), "WINEPREFIX="+w.prefix, "WINEDEBUG=-all", "USER=someone", "LC_ALL=C.UTF-8",
		"WINEDLLOVERRIDES=mscoree,mshtml=", // asks to download nothing
	)
	// Without its server no program of this Windows goes on.
	t.Cleanup(func() { _, _ = w.server("-k").CombinedOutput() })
	outputOf(t, w.command("wineboot", "--init"))
	w.wait()
	require.NoError(t, desktoptest.GiveRandom(w.prefix))
	return w
}

func (w *wine) command(args ...string) *exec.Cmd {
	cmd := exec.Command("wine", args...)
	cmd.Env = w.env
	return cmd
}

// run runs what leaves programs behind that go on. It has a file for its
// output, which it returns: a pipe would stay open as long as they do.
func (w *wine) run(args ...string) string {
	w.t.Helper()
	out, err := os.Create(filepath.Join(w.t.TempDir(), "out"))
	require.NoError(w.t, err)
	defer func() { _ = out.Close() }()
	cmd := w.command(args...)
	cmd.Stdout, cmd.Stderr = out, out
	err = cmd.Run()
	text, _ := os.ReadFile(out.Name())
	require.NoError(w.t, err, "%s\n%s", cmd, text)
	return string(text)
}

func (w *wine) server(args ...string) *exec.Cmd {
	name := "wineserver"
	if _, err := exec.LookPath(name); err != nil {
		name = "/usr/lib/wine/wineserver64" // where Debian hides it
	}
	cmd := exec.Command(name, args...)
	cmd.Env = w.env
	return cmd
}

// wait waits until nothing runs any more.
func (w *wine) wait() {
	w.t.Helper()
	outputOf(w.t, w.server("--wait"))
}

// local returns a path below %LOCALAPPDATA%.
func (w *wine) local(path ...string) string {
	return filepath.Join(append([]string{w.user(), "AppData", "Local"}, path...)...)
}

func (w *wine) user() string {
	w.t.Helper()
	found, err := filepath.Glob(filepath.Join(w.prefix, "drive_c", "users", "*", "AppData"))
	require.NoError(w.t, err)
	require.Len(w.t, found, 1)
	return filepath.Dir(found[0])
}

// query returns a value of the user's registry, or "".
func (w *wine) query(key, value string) string {
	w.t.Helper()
	out, err := w.command("reg", "query", `HKCU\`+key, "/v", value).CombinedOutput()
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(out)) {
		for _, kind := range []string{"REG_SZ", "REG_DWORD"} {
			if name, data, ok := strings.Cut(line, kind); ok && strings.TrimSpace(name) == value {
				return strings.TrimSpace(data)
			}
		}
	}
	return ""
}
