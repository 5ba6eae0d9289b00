//go:build !windows

package settings

import "os/exec"

// hideWindow has nothing to hide here.
func hideWindow(*exec.Cmd) {}
