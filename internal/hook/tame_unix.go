//go:build !windows

package hook

import (
	"os/exec"
	"syscall"
)

// tame lets the deadline end also what the command has started.
func tame(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
