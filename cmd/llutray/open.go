package main

import (
	"os/exec"
	"runtime"

	"github.com/llutray/llutray/internal/lang"
)

// openFile opens a file in the program the desktop has for it.
func openFile(path string) error {
	switch runtime.GOOS {
	case "windows":
		return start("rundll32", "url.dll,FileProtocolHandler", path)
	case "darwin":
		return start("open", "-t", path)
	}
	return start("xdg-open", path)
}

// openTerminal runs a command of this program where the user can type.
func openTerminal(exe string, args ...string) error {
	switch runtime.GOOS {
	case "windows":
		return start("cmd", append([]string{"/c", "start", "llutray", exe}, args...)...)
	case "darwin":
		return lang.E("open Terminal and type: llutray login")
	}
	for _, t := range terminals {
		if path, err := exec.LookPath(t[0]); err == nil {
			return start(path, append(append(append([]string{}, t[1:]...), exe), args...)...)
		}
	}
	return lang.E("no terminal was found; open one and type: llutray login")
}

// terminals are tried in order, each with the option before a command.
var terminals = [][]string{
	{"x-terminal-emulator", "-e"}, {"gnome-terminal", "--"}, {"kgx", "--"}, {"ptyxis", "--"}, {"konsole", "-e"},
	{"xfce4-terminal", "-x"}, {"qterminal", "-e"}, {"mate-terminal", "-x"}, {"foot"}, {"kitty"}, {"alacritty", "-e"}, {"xterm", "-e"},
}

// start runs a program without waiting for its end.
func start(name string, args ...string) error {
	cmd := exec.Command(name, args...) //nolint:noctx // it is to outlive us
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() { _ = cmd.Wait() }() // no zombies
	return nil
}
