package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/libretest"
	"github.com/llutray/llutray/internal/musthave"
)

// TestFoldersThatCannotBeWritten has each of the program's folders, and all, on
// a file system that is read-only, and without the right to write there. What
// cannot be kept is said, following and alarms go on by the user's own limits,
// and what was stored before is there afterwards.
func TestFoldersThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	musthave.Root(t) // to be another user, whom modes stop, and to mount
	const nobody = 65534
	for name, folders := range map[string][]string{
		"config": {"config"}, "data": {"data"}, "state": {"state"}, "all": {"config", "data", "state"},
	} {
		for _, how := range []string{"is read-only", "may not be written"} {
			t.Run(name+" "+how, func(t *testing.T) {
				t.Parallel()
				dir, run := t.TempDir(), t.TempDir()
				for _, d := range []string{dir, filepath.Dir(dir), run, filepath.Dir(run), filepath.Dir(binary)} {
					require.NoError(t, os.Chmod(d, 0o755)) // else the test's own folders would keep it out
				}
				require.NoError(t, os.Chown(dir, nobody, nobody))
				require.NoError(t, os.Chown(run, nobody, nobody))
				s := quietServer(t)
				asNobody := func(prepare, args string) (*exec.Cmd, *buffer) {
					out := &buffer{}
					script := prepare + `exec setpriv --reuid 65534 --regid 65534 --clear-groups "$LLUTRAY" ` + args
					cmd := exec.Command(musthave.Program(t, "unshare"), "--mount", "sh", "-ec", script)
					cmd.Env = append(isolatedEnv(dir), "XDG_RUNTIME_DIR="+run, "PATH="+os.Getenv("PATH"), "LLUTRAY="+binary, "LLUTRAY_SERVER="+s.RegionURL())
					cmd.Dir, cmd.Stdout, cmd.Stderr = "/", out, out
					cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
					return cmd, out
				}
				login, out := asNobody("", "login --password-stdin --file --email "+testEmail)
				login.Stdin = strings.NewReader(testPassword + "\n")
				require.NoError(t, login.Run(), "%s", out)
				start := func(prepare string, mgdl int) string {
					t.Helper()
					cmd, out := asNobody(prepare, "watch --format json")
					require.NoError(t, cmd.Start())
					defer func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }()
					require.Eventually(t, func() bool {
						return strings.Contains(out.String(), fmt.Sprintf(`"mgdl":%d,`, mgdl)) && (mgdl > 80 || strings.Contains(out.String(), `"kind":"low"`))
					}, pollInterval, 50*time.Millisecond, "by the user's own limit: %s", out)
					check, checked := asNobody("", "check")
					_ = check.Run() // there is no desktop
					status, told := asNobody("", "status --format json")
					require.NoError(t, status.Run(), "%s", told)
					require.Contains(t, told.String(), fmt.Sprintf(`"mgdl":%d,`, mgdl), "wherever it is kept")
					require.NoError(t, syscall.Kill(-cmd.Process.Pid, syscall.SIGINT))
					require.NoError(t, cmd.Wait(), "%s", out)
					return out.String() + checked.String()
				}
				require.NoError(t, s.Push("", libretest.Reading{MgDL: 104, Time: time.Now().Add(-3 * time.Minute)}))
				start("", 104)
				command(t, dir, "settings", "set", "alarms.low.limit", "80 mg/dL")
				require.NoError(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
					require.NoError(t, err)
					return os.Chown(path, nobody, nobody)
				}))

				var prepare strings.Builder
				for _, folder := range folders {
					path := filepath.Join(dir, folder, "llutray")
					if how == "is read-only" {
						prepare.WriteString("mount --bind " + path + " " + path + "; mount -o remount,bind,ro " + path + "\n")
					} else {
						require.NoError(t, os.Chmod(path, 0o500))
					}
				}
				require.NoError(t, s.Push("", libretest.Reading{MgDL: 77, Time: time.Now().Add(-time.Minute)}))
				said := start(prepare.String(), 77)
				switch {
				case name == "config": // it is only read
					require.NotRegexp(t, "(Nothing can|cannot) be kept", said)
				case name == "state" && how == "may not be written": // what is there can be written
					require.Contains(t, said, "Snoozes and what was said cannot be kept for the next start")
				default:
					require.Regexp(t, "Nothing can be kept: your home folder (is read-only|may not be written)", said)
				}

				for _, folder := range folders { // mended
					require.NoError(t, os.Chmod(filepath.Join(dir, folder, "llutray"), 0o700))
				}
				require.NoError(t, s.Push("", libretest.Reading{MgDL: 99, Time: time.Now()}))
				require.NotRegexp(t, "(Nothing can|cannot) be kept", start("", 99))
				csv := command(t, dir, "history", "--format", "csv", "--since", "2h")
				require.Contains(t, csv, ",104")
				require.Contains(t, csv, ",99")
			})
		}
	}
}
