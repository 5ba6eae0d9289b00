//go:build packages && linux

package installtest

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
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
	w.random()
	return w
}

func (w *wine) command(args ...string) *exec.Cmd {
	cmd := exec.Command("wine", args...)
	cmd.Env = w.env
	return cmd
}

// run runs what leaves programs behind that go on. It has a file for its
// output: a pipe would stay open as long as they do.
func (w *wine) run(args ...string) {
	w.t.Helper()
	out, err := os.Create(filepath.Join(w.t.TempDir(), "out"))
	require.NoError(w.t, err)
	defer func() { _ = out.Close() }()
	cmd := w.command(args...)
	cmd.Stdout, cmd.Stderr = out, out
	err = cmd.Run()
	text, _ := os.ReadFile(out.Name())
	require.NoError(w.t, err, "%s\n%s", cmd, text)
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

// random gives an old Wine what Go asks Windows for: bcryptprimitives.dll,
// whose ProcessPrng came to Wine with 8.14. This one holds a single export
// that forwards to the same thing of advapi32.
func (w *wine) random() {
	w.t.Helper()
	path := filepath.Join(w.prefix, "drive_c", "windows", "system32", "bcryptprimitives.dll")
	if _, err := os.Stat(path); err == nil {
		return
	}
	require.NoError(w.t, os.WriteFile(path, forwarder("bcryptprimitives.dll", "ProcessPrng", "ADVAPI32.SystemFunction036"), 0o644))
}

// forwarder is the smallest library of Windows (PE/COFF, x86-64) with one
// export that forwards to another library's.
func forwarder(library, name, target string) []byte {
	const base, align = 0x1000, 0x200
	const directory, tables = 40, 4 + 4 + 2 + 2 // export directory; address, name, ordinal
	le := binary.LittleEndian
	u16 := func(b []byte, vs ...uint16) []byte {
		for _, v := range vs {
			b = le.AppendUint16(b, v)
		}
		return b
	}
	u32 := func(b []byte, vs ...uint32) []byte {
		for _, v := range vs {
			b = le.AppendUint32(b, v)
		}
		return b
	}
	at := func(texts ...string) uint32 {
		n := base + directory + tables
		for _, s := range texts {
			n += len(s) + 1
		}
		return uint32(n)
	}

	section := u32(nil, 0, 0, 0, at(), 1, 1, 1, base+directory, base+directory+4, base+directory+8)
	section = u32(section, at(library, name), at(library)) // an address inside the directory forwards
	section = u16(section, 0, 0)
	section = append(section, library+"\x00"+name+"\x00"+target+"\x00"...)
	size := uint32(len(section))

	out := append([]byte("MZ"), make([]byte, 58)...)
	out = u32(out, 64)
	out = append(out, "PE\x00\x00"...)
	out = u16(out, 0x8664, 1)
	out = u32(out, 0, 0, 0)
	out = u16(out, 240, 0x2022) // a library, executable, large addresses
	out = u16(out, 0x20b, 14)
	out = u32(out, 0, align, 0, 0, 0)
	out = le.AppendUint64(out, 0x180000000)
	out = u32(out, base, align)
	out = u16(out, 6, 0, 0, 0, 6, 0)
	out = u32(out, 0, 2*base, align, 0)
	out = u16(out, 3, 0x100)
	for _, v := range []uint64{0x100000, 0x1000, 0x100000, 0x1000} {
		out = le.AppendUint64(out, v)
	}
	out = u32(out, 0, 16, base, size)
	out = append(out, make([]byte, 8*15)...)
	out = append(out, ".rdata\x00\x00"...)
	out = u32(out, size, base, align, align, 0, 0, 0, 0x40000040)
	out = append(out, make([]byte, align-len(out))...)
	return append(append(out, section...), make([]byte, align-len(section))...)
}
