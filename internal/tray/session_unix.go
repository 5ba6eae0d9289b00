//go:build !windows && !darwin

package tray

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// displayDeadline bounds the question whether a display is there; a socket of
// the same machine answers at once or never.
const displayDeadline = time.Second

// SessionOver reports whether the screen is gone on which the program was
// started: the user has logged out. A display on another machine can't be told
// from one that is slow, and counts as there.
func SessionOver() bool {
	if name := os.Getenv("WAYLAND_DISPLAY"); name != "" {
		if !filepath.IsAbs(name) {
			name = filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), name)
		}
		if listens(name) {
			return false
		}
	}
	host, display, ok := strings.Cut(os.Getenv("DISPLAY"), ":")
	if !ok {
		return true
	}
	if host != "" && host != "unix" {
		return false
	}
	number, _, _ := strings.Cut(display, ".") // of the screen
	socket := "/tmp/.X11-unix/X" + number
	return !listens(socket) && !listens("@"+socket) // X servers may listen at the abstract name alone
}

func listens(socket string) bool {
	conn, err := net.DialTimeout("unix", socket, displayDeadline)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}
