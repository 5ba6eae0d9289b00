//go:build linux

package pagetest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/libretest"
)

const (
	email    = "follower@example.org"
	password = "Tr0ub4dor-and-3-staples"
)

// patience is how long anything on this machine may take.
const patience = 20 * time.Second

// program is a running llutray, without a desktop.
type program struct {
	t      *testing.T
	cmd    *exec.Cmd
	out    *buffer
	dir    string
	folder []string // how other commands find it
}

// demo starts the demo.
func demo(t *testing.T, args ...string) *program {
	t.Helper()
	need(t)
	p := &program{t: t, dir: t.TempDir()}
	p.folder = []string{"--folder", filepath.Join(p.dir, "demo")}
	p.start(nil, append(append([]string{"demo"}, p.folder...), args...)...)
	return p
}

// watch starts the program on a LibreLinkUp server, signed in or not, with so
// many days behind it.
func watch(t *testing.T, s *libretest.Server, signedIn bool, days int) *program {
	t.Helper()
	p := &program{t: t, dir: t.TempDir()}
	if days > 0 {
		remember(t, p.dir, s, days)
	}
	env := []string{"LLUTRAY_SERVER=" + s.RegionURL()}
	if signedIn {
		env = append(env, "LLUTRAY_EMAIL="+email, "LLUTRAY_PASSWORD="+password)
	}
	p.start(env, "watch", "--format", "json")
	return p
}

// service starts a LibreLinkUp server with one person and no sensor of its own.
func service(t *testing.T, scenario string) *libretest.Server {
	t.Helper()
	need(t)
	s := libretest.New(libretest.Options{
		Email: email, Password: password, Scenario: scenario,
		People: []libretest.Person{{FirstName: "Robin", LastName: "Example", Source: libretest.Nothing}},
	})
	require.NoError(t, s.Start())
	t.Cleanup(s.Close)
	return s
}

// push publishes a reading of that age.
func push(t *testing.T, s *libretest.Server, mgdl, arrow int, age time.Duration) {
	t.Helper()
	require.NoError(t, s.Push("", libretest.Reading{MgDL: mgdl, Arrow: arrow, Time: time.Now().Add(-age)}))
}

func (p *program) start(env []string, args ...string) {
	p.t.Helper()
	p.out = &buffer{}
	p.cmd = p.command(args...)
	p.cmd.Env = append(p.cmd.Env, env...)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	require.NoError(p.t, p.cmd.Start())
	p.t.Cleanup(func() {
		p.kill()
		if p.t.Failed() {
			p.t.Logf("llutray said:\n%s", p.out)
		}
	})
}

// command is the program in a world of its own: no desktop, no keyring, no
// settings of the user's.
func (p *program) command(args ...string) *exec.Cmd {
	cmd := exec.Command(built, args...)
	cmd.Dir = p.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.dir, "TZ=UTC", "LANG=C.UTF-8", "DBUS_SESSION_BUS_ADDRESS="}
	for key, sub := range map[string]string{"CONFIG": "config", "DATA": "data", "STATE": "state", "CACHE": "cache", "RUNTIME": "run"} {
		name := "XDG_" + key + "_HOME"
		if key == "RUNTIME" {
			name = "XDG_RUNTIME_DIR"
		}
		cmd.Env = append(cmd.Env, name+"="+filepath.Join(p.dir, sub))
	}
	return cmd
}

// address is a new one that opens the page once. The program may still be
// starting.
func (p *program) address(t *testing.T) string {
	t.Helper()
	var out []byte
	require.Eventually(t, func() bool {
		var err error
		out, err = p.command(append([]string{"page", "--print"}, p.folder...)...).Output()
		return err == nil
	}, patience, 100*time.Millisecond, "the page has no address: %s", p.out)
	return strings.TrimSpace(string(out))
}

// settings is the text of the settings file.
func (p *program) settings() string {
	p.t.Helper()
	path := filepath.Join(p.dir, "config", "llutray", "settings.toml")
	if len(p.folder) > 0 {
		path = filepath.Join(p.dir, "demo", "config", "settings.toml")
	}
	b, err := os.ReadFile(path)
	if !os.IsNotExist(err) {
		require.NoError(p.t, err)
	}
	return string(b)
}

// quit ends the program as a user does.
func (p *program) quit() {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(p.t, p.cmd.Wait())
}

// kill ends it as a crash does.
func (p *program) kill() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	}
}

// buffer collects output of a process that is still running.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) { b.mu.Lock(); defer b.mu.Unlock(); return b.b.Write(p) }
func (b *buffer) String() string              { b.mu.Lock(); defer b.mu.Unlock(); return b.b.String() }
