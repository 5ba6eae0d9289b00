package hook

import (
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

// tame keeps a console from flashing up.
func tame(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: windows.CREATE_NO_WINDOW}
}
