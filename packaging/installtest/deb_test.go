//go:build packages && linux

package installtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/libretest"
	"github.com/llutray/llutray/internal/musthave"
	"github.com/llutray/llutray/packaging"
)

const olderVersion = "0.0.9"

// TestDebInACleanDebian is the life of the package: installed, used, upgraded,
// removed and purged in a system that holds nothing else.
func TestDebInACleanDebian(t *testing.T) {
	needs(t, "debootstrap", "tar", "chroot", "unshare", "apt-get")
	if os.Geteuid() != 0 {
		musthave.Missing(t, "a system of its own needs root")
	}
	older := olderDeb(t)
	newer := dist(t, "llutray_VERSION-1_"+runtime.GOARCH+".deb")
	server := libretest.New(libretest.Options{People: []libretest.Person{{
		FirstName: "Robin", LastName: "Example", Source: libretest.Nothing,
	}}})
	require.NoError(t, server.Start())
	defer server.Close()
	require.NoError(t, server.Push("", libretest.Reading{MgDL: 123, Arrow: 3, Time: time.Now()}))

	d := newDebian(t)
	d.server = server.RegionURL()
	clean := d.snapshot()

	d.install(older)
	require.Contains(t, output(t, "dpkg-deb", "-f", older, "Version"), olderVersion+"-1")
	require.Contains(t, outputOf(t, d.user("llutray", "version")), "llutray "+olderVersion)
	require.Contains(t, exits(t, 4, d.user("llutray", "status")), "no reading yet")
	require.Contains(t, exits(t, 1, d.user("llutray")), "llutray watch", "without a desktop it says what to do")

	login := d.user("llutray", "login", "--email", server.Email(), "--password-stdin", "--file")
	login.Stdin = strings.NewReader(server.Password())
	outputOf(t, login)
	d.until("a value is followed", "123", "llutray", "watch")
	outputOf(t, d.user("llutray", "settings", "set", "alarms.low.limit", "80"))
	outputOf(t, d.user("llutray", "autostart", "on"))
	require.Contains(t, outputOf(t, d.user("llutray", "status")), "123")
	signIns := server.SignIns()

	d.install(newer)
	require.Contains(t, outputOf(t, d.user("llutray", "version")), "llutray "+packaging.Version)
	require.Empty(t, outputOf(t, d.root("dpkg", "--verify", "llutray")))
	require.Equal(t, "80", strings.Fields(outputOf(t, d.user("llutray", "settings", "get", "alarms.low.limit")))[0])
	require.Contains(t, outputOf(t, d.user("llutray", "status")), "123")
	require.NoError(t, server.Push("", libretest.Reading{MgDL: 180, Arrow: 3, Time: time.Now()}))
	d.until("the next value is followed", "180", "llutray", "watch")
	require.Equal(t, signIns, server.SignIns(), "the sign-in was kept")
	require.Contains(t, outputOf(t, d.user("llutray", "history")), "123")
	d.until("the demo runs in the terminal", "no desktop here", "llutray", "demo")

	home := snapshot(t, d.home())
	for _, verb := range []string{"remove", "purge"} {
		d.install(newer)
		outputOf(t, d.root("apt-get", "-qq", "-y", verb, "llutray"))
		require.NoFileExists(t, filepath.Join(d.dir, "usr", "bin", "llutray"))
		require.Equal(t, clean, d.snapshot(), "%s left something behind", verb)
		require.Equal(t, home, snapshot(t, d.home()), "%s touched what is the user's", verb)
	}
}

// olderDeb builds the present program as an older version.
func olderDeb(t *testing.T) string {
	dir := t.TempDir()
	cmd := exec.Command("go", "run", "./packaging/build", "-only", "deb", "-arch", runtime.GOARCH, "-version", olderVersion, "-dist", dir)
	cmd.Dir = filepath.Join("..", "..")
	outputOf(t, cmd)
	found, err := filepath.Glob(filepath.Join(dir, "*.deb"))
	require.NoError(t, err)
	require.Len(t, found, 1)
	return found[0]
}

// debian is a system of its own in a folder, with one user.
type debian struct {
	t      *testing.T
	dir    string
	server string
}

func newDebian(t *testing.T) *debian {
	d := &debian{t: t, dir: t.TempDir()}
	output(t, "tar", "-C", d.dir, "-xf", smallest(t))
	require.NoError(t, os.Chmod(d.dir, 0o755))
	outputOf(t, d.root("useradd", "--create-home", "someone"))
	return d
}

// smallest returns an archive of the smallest system, made once with the
// mirror that this computer itself uses.
func smallest(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	require.NoError(t, err)
	uri, suite, keyring := mirror(t)
	archive := filepath.Join(cache, "llutray-test", "minbase-"+suite+"-"+runtime.GOARCH+".tar")
	if _, err := os.Stat(archive); err == nil {
		return archive
	}
	require.NoError(t, os.MkdirAll(filepath.Dir(archive), 0o755))
	dir := t.TempDir()
	args := []string{"--variant=minbase"}
	if keyring != "" {
		args = append(args, "--keyring="+keyring)
	}
	output(t, "debootstrap", append(args, suite, dir, uri)...)
	output(t, "tar", "-C", dir, "-cf", archive+".part", ".")
	require.NoError(t, os.Rename(archive+".part", archive))
	return archive
}

// mirror asks apt where this computer has its packages from.
func mirror(t *testing.T) (uri, suite, keyring string) {
	t.Helper()
	release := output(t, "sh", "-c", ". /etc/os-release; echo $VERSION_CODENAME")
	suite = strings.TrimSpace(release)
	targets := output(t, "apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME) $(COMPONENT) $(SIGNED_BY)", "Created-By: Packages")
	for line := range strings.Lines(targets) {
		f := strings.Fields(line)
		if len(f) < 3 || f[1] != suite || f[2] != "main" {
			continue
		}
		if len(f) > 3 && strings.HasPrefix(f[3], "/") {
			keyring = f[3]
		}
		return f[0], suite, keyring
	}
	musthave.Missing(t, "apt knows no %s main to make a clean system from", suite)
	return "", "", ""
}

// inside runs a command in the system. Its /proc is there for that command
// only, so nothing is left to unmount.
func (d *debian) inside(args ...string) *exec.Cmd {
	const script = `mount -t proc proc "$0/proc" && exec chroot "$@"`
	cmd := exec.Command("unshare", append([]string{"--mount", "sh", "-c", script, d.dir}, args...)...)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive"}
	return cmd
}

func (d *debian) root(args ...string) *exec.Cmd {
	return d.inside(append([]string{d.dir}, args...)...)
}

func (d *debian) user(args ...string) *exec.Cmd {
	cmd := d.inside(append([]string{"--userspec=someone", d.dir}, args...)...)
	cmd.Env = append(cmd.Env, "HOME=/home/someone", "LLUTRAY_SERVER="+d.server)
	return cmd
}

func (d *debian) home() string { return filepath.Join(d.dir, "home", "someone") }

// install lets apt do it, without what it only recommends.
func (d *debian) install(deb string) {
	d.t.Helper()
	data, err := os.ReadFile(deb)
	require.NoError(d.t, err)
	inside := filepath.Join("tmp", filepath.Base(deb))
	require.NoError(d.t, os.WriteFile(filepath.Join(d.dir, inside), data, 0o644))
	defer func() { _ = os.Remove(filepath.Join(d.dir, inside)) }()
	outputOf(d.t, d.root("apt-get", "-qq", "-y", "--no-install-recommends", "-o", "APT::Sandbox::User=root", "install", "/"+inside))
}

// until runs a command as the user until it prints something, then ends it as
// Ctrl+C does; it must end well.
func (d *debian) until(what, want string, args ...string) {
	d.t.Helper()
	cmd := d.user(args...)
	out, err := os.Create(filepath.Join(d.t.TempDir(), "out"))
	require.NoError(d.t, err)
	defer func() { _ = out.Close() }()
	cmd.Stdout, cmd.Stderr = out, out
	require.NoError(d.t, cmd.Start())
	defer func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}()
	eventually(d.t, what, func() bool {
		text, err := os.ReadFile(out.Name())
		return err == nil && strings.Contains(string(text), want)
	}, out.Name())
	require.NoError(d.t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(d.t, cmd.Wait())
}

// snapshot is the system without the records that dpkg and apt keep of
// everything they have ever done.
func (d *debian) snapshot() map[string]string {
	return snapshot(d.t, d.dir, "home/someone", "dev", "proc", "sys", "var/log", "var/cache/apt", "var/lib/apt",
		"var/lib/dpkg/status", "var/lib/dpkg/status-old", "var/lib/dpkg/lock", "var/lib/dpkg/lock-frontend", "var/lib/dpkg/available")
}
