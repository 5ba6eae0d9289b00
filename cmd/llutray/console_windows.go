package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/windows"
)

// Windows decides at its link whether a program has a console. So there are
// two: llutray.exe without one, for the Start menu and the login, and its twin
// llutray.com with one. A terminal prefers .com to .exe when somebody types
// llutray, and waits for its end, as scripts and prompts need.
const (
	trayExt    = ".exe"
	consoleExt = ".com"
)

func init() {
	// Cobra would end a program that Explorer started, which is how everybody
	// starts this one: from the Start menu or at login.
	cobra.MousetrapHelpText = ""
	if len(os.Args) > 1 { // the tray itself would end with the terminal
		attachConsole()
	}
}

// trayExe is the program to start with the desktop.
func trayExe(exe string) string { return twin(exe, consoleExt, trayExt) }

// consoleExe is the program to run where the user can type.
func consoleExe(exe string) string { return twin(exe, trayExt, consoleExt) }

// twin returns the other of the two programs if it is there.
func twin(exe, from, to string) string {
	ext := filepath.Ext(exe)
	if !strings.EqualFold(ext, from) {
		return exe
	}
	other := strings.TrimSuffix(exe, ext) + to
	if _, err := os.Stat(other); err != nil {
		return exe
	}
	return other
}

var procAttachConsole = windows.NewLazySystemDLL("kernel32.dll").NewProc("AttachConsole")

// attachConsole lets llutray.exe, called with a command in a terminal, print
// there. What the caller has redirected stays as it is.
func attachConsole() {
	if usable(os.Stdout) {
		return
	}
	const parent = ^uintptr(0)
	if ok, _, _ := procAttachConsole.Call(parent); ok == 0 {
		return // it has none
	}
	out, err := os.OpenFile("CONOUT$", os.O_RDWR, 0)
	if err != nil {
		return
	}
	os.Stdout = out
	if !usable(os.Stderr) {
		os.Stderr = out
	}
}

func usable(f *os.File) bool {
	kind, err := windows.GetFileType(windows.Handle(f.Fd()))
	return err == nil && kind != windows.FILE_TYPE_UNKNOWN
}
