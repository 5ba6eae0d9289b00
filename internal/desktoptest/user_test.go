//go:build linux && desktops

package desktoptest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Some desktops refuse root, so root runs these tests as a user who owns
// nothing.
func init() { asUser = asNobody }

// trayTest is how the name of the tray's own tests for Windows ends.
const trayTest = "-tray.test.exe"

func buildTrayTest(path string) error {
	cmd := exec.Command("go", "test", "-c", "-o", path, "github.com/llutray/llutray/internal/tray")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=windows")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building the tray's tests: %w\n%s", err, out)
	}
	return nil
}

func asNobody() (code int, err error) {
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return 0, err
	}
	uid, _ := strconv.Atoi(nobody.Uid)
	gid, _ := strconv.Atoi(nobody.Gid)
	dir, err := os.MkdirTemp("", "llutray-user")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program, test := filepath.Join(dir, "llutray"), filepath.Join(dir, "desktop.test")
	home, shots := filepath.Join(dir, "tmp"), filepath.Join(dir, "shots")
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	if err := errors.Join(os.Chmod(dir, 0o755), buildProgram(program), buildProgram(program+".exe"), buildTrayTest(program+trayTest), copyFile(test, self, 0o755),
		os.Mkdir(home, 0o700), os.Chown(home, uid, gid), os.Mkdir(shots, 0o755), os.Chown(shots, uid, gid)); err != nil {
		return 0, err
	}
	args, artifacts := []string{}, ""
	for _, a := range os.Args[1:] {
		switch name, value, _ := strings.Cut(a, "="); name {
		case "-test.testlogfile": // root's
		case "-test.outputdir":
			artifacts = value
			args = append(args, name+"="+home)
		default:
			args = append(args, a)
		}
	}
	cmd := exec.Command(test, args...)
	cmd.Stdout, cmd.Stderr, cmd.Dir = os.Stdout, os.Stderr, home
	cmd.Env = append(os.Environ(), "LLUTRAY_BUILT="+program, "TMPDIR="+home, "HOME="+home)
	keep := os.Getenv("LLUTRAY_SHOTS")
	if keep != "" {
		cmd.Env = append(cmd.Env, "LLUTRAY_SHOTS="+shots)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, Pdeathsig: syscall.SIGKILL,
	}
	if exit := (*exec.ExitError)(nil); errors.As(cmd.Run(), &exit) {
		code = exit.ExitCode()
	}
	if made := filepath.Join(home, "_artifacts"); artifacts != "" {
		err = os.CopyFS(filepath.Join(artifacts, "_artifacts"), os.DirFS(made))
	}
	if keep == "" {
		return code, err
	}
	made, _ := filepath.Glob(filepath.Join(shots, "*"))
	for _, path := range made {
		err = errors.Join(err, copyFile(filepath.Join(keep, filepath.Base(path)), path, 0o644))
	}
	return code, err
}

func copyFile(to, from string, mode os.FileMode) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, mode)
}
