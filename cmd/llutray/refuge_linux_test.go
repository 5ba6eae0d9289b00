package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/libretest"
	"github.com/llutray/llutray/internal/musthave"
	"github.com/llutray/llutray/internal/settings"
)

// apart runs a shell script in a namespace of its own, where it may mount what
// it likes, and skips the test where that is not allowed.
func apart(t *testing.T, env []string, script string) *exec.Cmd {
	t.Helper()
	if out, err := exec.Command("unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt").CombinedOutput(); err != nil {
		musthave.Missing(t, "a file system cannot be mounted for the test: %s", out)
	}
	cmd := exec.Command("unshare", "--user", "--map-root-user", "--mount", "sh", "-ec", script)
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// A home that cannot be written keeps nothing, but no alarm away either.
func TestHomeThatCannotBeWritten(t *testing.T) {
	for name, c := range map[string]struct{ mount, said string }{
		"read-only":           {"mount -t tmpfs tmpfs $HOME; mkdir $HOME/state $HOME/data $HOME/config; mount -o remount,ro $HOME", "your home folder is read-only"},
		"empty and read-only": {"mount -t tmpfs -o ro tmpfs $HOME", "your home folder is read-only"},
		"full":                {"mount -t tmpfs -o size=32k tmpfs $HOME; head -c 1M /dev/zero > $HOME/ballast", "the disk with your home folder is full"},
		// It ends in order: the log of changes that a killed one leaves is room to write in.
		"full, with a history": {"mount -t tmpfs -o size=2m tmpfs $HOME; llutray watch --format json > $HOME.out & p=$!; until grep -q '\"reading\"' $HOME.out; do sleep 0.1; done; kill $p; wait $p; head -c 5M /dev/zero > $HOME/ballast", "the disk with your home folder is full"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, run := t.TempDir(), t.TempDir()
			home := filepath.Join(dir, "home")
			require.NoError(t, os.Mkdir(home, 0o700))
			s := libretest.StartTest(t, libretest.Options{Email: testEmail, Password: testPassword, Seed: 5, Source: steady{}})
			var env []string
			for k, v := range isolated(home) {
				env = append(env, k+"="+v)
			}
			env = append(env, "XDG_RUNTIME_DIR="+run, "PATH="+filepath.Dir(binary)+":"+os.Getenv("PATH"),
				"LLUTRAY_SERVER="+s.RegionURL(), "LLUTRAY_EMAIL="+testEmail, "LLUTRAY_PASSWORD="+testPassword)
			var out buffer
			cmd := apart(t, env, "set +e; ("+c.mount+") >/dev/null 2>&1\nexec llutray watch --format json")
			cmd.Stdout, cmd.Stderr = &out, &out
			require.NoError(t, cmd.Start())
			defer func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }()
			line := regexp.MustCompile(`(?m)^\{"schema":1,"event":"reading".*\}$`)
			require.Eventually(t, func() bool { return line.MatchString(out.String()) }, 30*time.Second, 50*time.Millisecond, "no reading:\n%s", &out)
			// A worker brings the message, and a value of before may be there first.
			told := func() bool { return strings.Contains(out.String(), "Nothing can be kept: "+c.said) }
			require.Eventually(t, told, 30*time.Second, 50*time.Millisecond, "not told:\n%s", &out)
			require.Contains(t, out.String(), "alarms work")

			require.NoError(t, syscall.Kill(-cmd.Process.Pid, syscall.SIGINT))
			_ = cmd.Wait()
			requireNoSecrets(t, run, out.String())
			_, err := os.Stat(filepath.Join(run, "llutray-refuge", "data", "history.db"))
			require.NoError(t, err)
		})
	}
}

// The alarms, snoozes and values of before are known in the refuge.
func TestRefugeKnowsWhatWasBefore(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	require.NoError(t, os.WriteFile(from, []byte(`{"x":1}`), 0o600))
	keep(from, to)
	b, err := os.ReadFile(to)
	require.NoError(t, err)
	require.JSONEq(t, `{"x":1}`, string(b))

	require.NoError(t, os.WriteFile(to, []byte(`{"x":2}`), 0o600)) // newer
	require.NoError(t, os.Chtimes(from, time.Now(), time.Now().Add(-time.Hour)))
	keep(from, to)
	b, err = os.ReadFile(to)
	require.NoError(t, err)
	require.JSONEq(t, `{"x":2}`, string(b), "a second start in the refuge forgets nothing")
	keep(filepath.Join(dir, "missing"), to)
}

// A wait that the service asked for is kept with the session, of each account.
func TestRefugeKnowsEachAccount(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	paths := settings.PathsUnder(t.TempDir())
	require.NoError(t, paths.Make())
	require.NoError(t, os.WriteFile(paths.Settings, []byte("[accounts.mum]\n"), 0o600))
	for _, name := range []string{"", "mum"} {
		require.NoError(t, os.WriteFile(paths.SessionOf(name), []byte(`{"of":"`+name+`"}`), 0o600))
	}
	p, err := openRefuge(paths, "it is a test")
	require.NoError(t, err)
	defer p.close()
	for _, name := range []string{"", "mum"} {
		b, err := os.ReadFile(p.paths.SessionOf(name))
		require.NoError(t, err)
		require.JSONEq(t, `{"of":"`+name+`"}`, string(b))
	}
}

func TestRefugeOfSomebodyElse(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "llutray-1000")
	require.NoError(t, private(dir))
	require.NoError(t, private(dir), "it is ours")
	require.NoError(t, os.Chmod(dir, 0o777)) //nolint:gosec // as an attacker would
	require.Error(t, private(dir))
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(t.TempDir(), link))
	require.Error(t, private(link))
}

func TestCannotWrite(t *testing.T) {
	for err, want := range map[error]string{
		syscall.ENOSPC: "full", syscall.EDQUOT: "full", syscall.EROFS: "read-only", syscall.EACCES: "may not be written",
	} {
		require.Contains(t, cannotWrite(&os.PathError{Op: "open", Path: "x", Err: err}), want)
	}
	for _, other := range []error{nil, errRunning, errors.New("the history is of a newer llutray"), syscall.ENOENT} {
		require.Empty(t, cannotWrite(other))
	}
	for _, err := range []error{syscall.ENOLCK, syscall.EOPNOTSUPP, syscall.ENOSYS} {
		require.True(t, unlockable(&os.PathError{Op: "flock", Path: "x", Err: err}))
	}
	require.False(t, unlockable(nil))
	require.False(t, unlockable(syscall.EACCES))
}

// Two users have a lock, a socket and a refuge each.
func TestTwoUsersOfOneComputer(t *testing.T) {
	anna, ben := settings.PathsUnder(t.TempDir()), settings.PathsUnder(t.TempDir())
	first, err := openProgram(anna)
	require.NoError(t, err)
	defer first.close()
	second, err := openProgram(ben)
	require.NoError(t, err, "another user's program is no reason not to start")
	defer second.close()
	_, err = openProgram(anna)
	require.ErrorIs(t, err, errRunning)
	require.NotEqual(t, first.paths.Control, second.paths.Control)
	held, err := flock.New(ben.Lock).TryLock()
	require.NoError(t, err)
	require.False(t, held)
}
