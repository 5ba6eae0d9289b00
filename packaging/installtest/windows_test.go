//go:build packages && linux

package installtest

import (
	"debug/pe"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/packaging"
)

const (
	runKey       = `Software\Microsoft\Windows\CurrentVersion\Run`
	uninstallKey = `Software\Microsoft\Windows\CurrentVersion\Uninstall\llutray`
)

// TestWindowsSetup is the life of the program on Windows, under Wine:
// installed, used from a terminal, started as from the Start menu, updated
// while it runs, removed with and without its data.
func TestWindowsSetup(t *testing.T) {
	needs(t, "wine", "Xvfb")
	w := newWine(t)
	setup := dist(t, "llutray-VERSION-setup.exe")
	w.env = append(w.env, "WINEDEBUG=-all,fixme+shell")
	said := w.run(setup, "/S")
	w.env = append(w.env, "WINEDEBUG=-all")
	w.wait()
	home := w.local("Programs", "llutray")
	for _, name := range []string{"llutray.exe", "llutray.com", "LICENSE.txt", "THIRD-PARTY.txt", "llutray.ps1", "uninstall.exe"} {
		require.FileExists(t, filepath.Join(home, name))
	}
	shortcut := filepath.Join(w.user(), "AppData", "Roaming", "Microsoft", "Windows", "Start Menu", "Programs", "llutray.lnk")
	requireNamed(t, shortcut, said)
	require.Equal(t, packaging.Version, w.query(uninstallKey, "DisplayVersion"))

	com, exe := filepath.Join(home, "llutray.com"), filepath.Join(home, "llutray.exe")
	require.Contains(t, outputOf(t, w.command(com, "version")), "llutray "+packaging.Version)
	require.Contains(t, exits(t, 4, w.command(com, "status")), "no reading yet")
	require.Contains(t, exits(t, 4, w.command(exe, "status")), "no reading yet", "redirected, it prints too")

	require.Empty(t, w.query(runKey, "llutray"), "nobody has asked for the start at login")
	outputOf(t, w.command(com, "autostart", "on"))
	require.Contains(t, w.query(runKey, "llutray"), `llutray.exe`, "at login it must open no terminal")

	w.screen()
	w.startFromExplorer(exe)
	state := w.local("llutray", "state.json")
	eventually(t, "the program runs", func() bool { _, err := os.Stat(state); return err == nil })
	time.Sleep(7 * time.Second) // cobra would have ended it after five
	require.True(t, w.running(), "what the Explorer starts must stay")

	w.run(setup, "/S")
	eventually(t, "the updated program runs", w.running)
	require.FileExists(t, state)

	w.uninstall("/S")
	require.False(t, w.running())
	require.NoDirExists(t, home)
	require.NoFileExists(t, shortcut)
	require.Empty(t, w.query(uninstallKey, "DisplayVersion"))
	require.Empty(t, w.query(runKey, "llutray"))
	require.FileExists(t, w.local("llutray", "history.db"), "removing it keeps what is the user's")

	w.run(setup, "/S")
	w.uninstall("/S", "/DELETEDATA")
	require.NoDirExists(t, home)
	require.NoDirExists(t, w.local("llutray"))
}

// requireNamed holds that the shortcut has the name of the notifications. The
// shortcuts of Wine 8 forget their properties, and it says so: then it is enough
// that the installer has handed them over.
func requireNamed(t *testing.T, shortcut, said string) {
	t.Helper()
	link, err := os.ReadFile(shortcut)
	require.NoError(t, err)
	if strings.Contains(string(link), propertyStore) {
		require.Contains(t, string(link), wide(packaging.AppUserModelID+"\x00"))
		return
	}
	require.Regexp(t, `(?s)shell:propertystore_SetValue .*: stub.*shell:propertystore_Commit .*: stub`, said)
}

// propertyStore marks the block of properties in a shortcut, PropertyStoreDataBlock
// of [MS-SHLLINK] 2.5.7.
const propertyStore = "\x09\x00\x00\xa0"

// TestShortcutIsNamed writes the name of the notifications as the installer
// does, into a store in memory: what Wine's shortcuts forget.
func TestShortcutIsNamed(t *testing.T) {
	needs(t, "wine", "makensis")
	const vtLPWSTR = "31"
	dir := t.TempDir()
	program := filepath.Join(dir, "appid.exe")
	script, err := filepath.Abs(filepath.Join("..", "windows", "appid.nsh"))
	require.NoError(t, err)
	output(t, "makensis", "-V2", "-WX", "-DOUT="+program, "-DAUMID="+packaging.AppUserModelID, "-DAPPID="+script,
		filepath.Join("testdata", "appid.nsi"))
	w := newWine(t)
	outputOf(t, w.command(program))
	got, err := os.ReadFile(filepath.Join(dir, "result.txt"))
	require.NoError(t, err)
	require.Equal(t, "0 "+vtLPWSTR+" "+packaging.AppUserModelID, string(got))
}

// TestWindowsResources reads what Windows reads from the programs.
func TestWindowsResources(t *testing.T) {
	needs(t, "bsdtar")
	dir := t.TempDir()
	output(t, "bsdtar", "-C", dir, "-xf", dist(t, "llutray-VERSION-windows-amd64.zip"))
	const gui, console = 2, 3 // IMAGE_SUBSYSTEM_WINDOWS_GUI and _CUI
	for name, subsystem := range map[string]uint16{"llutray.exe": gui, "llutray.com": console} {
		f, err := pe.Open(filepath.Join(dir, "llutray-"+packaging.Version+"-windows-amd64", name))
		require.NoError(t, err)
		defer func() { _ = f.Close() }()
		require.Equal(t, subsystem, f.OptionalHeader.(*pe.OptionalHeader64).Subsystem, name)
		section := f.Section(".rsrc")
		require.NotNil(t, section, name)
		data, err := section.Data()
		require.NoError(t, err)
		all := string(data)
		require.Contains(t, all, "PerMonitorV2")
		require.Contains(t, all, ">UTF-8<")
		require.Contains(t, all, `level="asInvoker"`)
		require.Contains(t, all, "\x89PNG", "the icon")
		for _, text := range []string{"ProductVersion", packaging.Version, "FileDescription", "llutray"} {
			require.Contains(t, all, wide(text))
		}
	}
}

// wide is a text as Windows writes it.
func wide(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		b.WriteByte(byte(u))
		b.WriteByte(byte(u >> 8))
	}
	return b.String()
}

// screen gives this Windows a screen for what it starts from now on.
func (w *wine) screen() {
	w.t.Helper()
	number := filepath.Join(w.t.TempDir(), "display")
	f, err := os.Create(number)
	require.NoError(w.t, err)
	defer func() { _ = f.Close() }()
	x := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "800x480x24", "-nolisten", "tcp")
	x.ExtraFiles = []*os.File{f}
	w.start(x)
	var display string
	eventually(w.t, "a screen is there", func() bool {
		b, err := os.ReadFile(number)
		display = strings.TrimSpace(string(b))
		return err == nil && strings.HasSuffix(string(b), "\n")
	})
	w.env = append(w.env, "DISPLAY=:"+display)
}

// startFromExplorer starts a program as the Start menu and the login do.
func (w *wine) startFromExplorer(exe string) {
	w.t.Helper()
	w.start(w.command("explorer", "/desktop=test,800x480", exe))
}

func (w *wine) start(cmd *exec.Cmd) {
	w.t.Helper()
	require.NoError(w.t, cmd.Start())
	w.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

func (w *wine) running() bool {
	out, _ := w.command("winedbg", "--command", "info proc").CombinedOutput()
	return strings.Contains(string(out), "'llutray.exe'")
}

// uninstall removes the program. The uninstaller works in a copy of itself.
func (w *wine) uninstall(args ...string) {
	w.t.Helper()
	home := w.local("Programs", "llutray")
	w.run(append([]string{filepath.Join(home, "uninstall.exe")}, args...)...)
	eventually(w.t, "the program is removed", func() bool { _, err := os.Stat(home); return os.IsNotExist(err) })
}
