//go:build linux

package costtest

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/llutray/llutray/internal/libretest"
)

// binaries are built once: the program as it is shipped, the same with a
// faster clock, and the floor.
type binaries struct{ shipped, fast, floor string }

func build(b testing.TB) binaries {
	dir := b.TempDir()
	out := binaries{filepath.Join(dir, "llutray"), filepath.Join(dir, "fast"), filepath.Join(dir, "floor")}
	flags := []string{"build", "-trimpath", "-ldflags", "-s -w"}
	text, err := os.ReadFile(filepath.Join("..", "..", "packaging", "build", "gcflags"))
	must(b, err)
	for l := range strings.Lines(string(text)) {
		if !strings.HasPrefix(l, "#") {
			flags = append(flags, "-gcflags="+strings.TrimSpace(l))
		}
	}
	for _, args := range [][]string{
		{"-o", out.shipped, "../../cmd/llutray"}, {"-tags", "cost", "-o", out.fast, "../../cmd/llutray"}, {"-o", out.floor, "./floor"},
	} {
		cmd := exec.Command("go", append(slices.Clone(flags), args...)...)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if text, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, text)
		}
	}
	return out
}

// program is one that runs on a desk of its own.
type program struct {
	*desk
	cmd     *exec.Cmd
	dir     string
	started time.Time
}

// run starts a program with nothing of the user's.
func (d *desk) run(dir string, env []string, name string, args ...string) *program {
	d.b.Helper()
	p := &program{desk: d, dir: dir, cmd: exec.Command(name, args...)}
	p.cmd.Env = append(environment(dir, d.address), env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	log, err := os.OpenFile(filepath.Join(dir, "stderr"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	must(d.b, err)
	p.cmd.Stderr = log
	p.started = time.Now()
	must(d.b, p.cmd.Start())
	_ = log.Close()
	d.b.Cleanup(p.end)
	return p
}

func (p *program) end() {
	if p.cmd.ProcessState != nil {
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	kill := time.AfterFunc(5*time.Second, func() { _ = p.cmd.Process.Kill() })
	_ = p.cmd.Wait()
	kill.Stop()
}

func environment(dir, bus string) (env []string) {
	for _, name := range []string{"CONFIG_HOME", "DATA_HOME", "STATE_HOME", "RUNTIME_DIR"} {
		env = append(env, "XDG_"+name+"="+filepath.Join(dir, strings.ToLower(name)))
	}
	return append(env, "HOME="+dir, "PATH=/nowhere", "LANG=C.UTF-8", "TZ=UTC", "DBUS_SESSION_BUS_ADDRESS="+bus)
}

// usage is what a process has used so far.
type usage struct {
	resident, anonymous int64 // bytes, now
	cpu                 time.Duration
	wakeups             int64 // times that a thread had waited and was woken
	threads             int
}

func (p *program) usage() (u usage) {
	root := fmt.Sprintf("/proc/%d", p.cmd.Process.Pid)
	u.resident, u.anonymous = field(root+"/status", "VmRSS:")<<10, field(root+"/status", "RssAnon:")<<10
	stat, err := os.ReadFile(root + "/stat")
	must(p.b, err)
	_, rest, _ := strings.Cut(string(stat), ") ")
	f := strings.Fields(rest)
	for _, i := range []int{11, 12} { // user and system time, in hundredths of a second
		n, err := strconv.ParseInt(f[i], 10, 64)
		must(p.b, err)
		u.cpu += time.Duration(n) * 10 * time.Millisecond
	}
	tasks, err := filepath.Glob(root + "/task/*/status")
	must(p.b, err)
	for _, t := range tasks {
		u.wakeups += field(t, "voluntary_ctxt_switches:")
	}
	u.threads = len(tasks)
	return u
}

func field(path, name string) int64 {
	text, _ := os.ReadFile(path) // a thread may have ended meanwhile
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			n, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return n
		}
	}
	return 0
}

const (
	email    = "follower@example.org"
	password = "Tr0ub4dor-and-3-staples"
	personID = "00000000-0000-4000-8000-000000000001"
)

// service is a LibreLinkUp server that counts bytes.
type service struct {
	*libretest.Server
	url      string
	in, out  atomic.Int64
	mu       sync.Mutex
	answers  []time.Time // when each was complete
	requests atomic.Int64
	first    atomic.Int64 // when the first answer since it was 0 was complete, in nanoseconds since 1970
}

func newService(b testing.TB, now func() time.Time) *service {
	s := &service{Server: libretest.New(libretest.Options{
		Now: now, Seed: 3, Email: email, Password: password,
		People: []libretest.Person{{ID: personID, FirstName: "Robin", LastName: "Example"}},
	})}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	must(b, err)
	inner := s.Handler()
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, r)
		s.requests.Add(1)
		s.first.CompareAndSwap(0, time.Now().UnixNano())
		s.mu.Lock()
		s.answers = append(s.answers, time.Now())
		s.mu.Unlock()
	})}
	go func() { _ = server.Serve(counting{l, s}) }()
	b.Cleanup(func() { _ = server.Close() })
	s.url = "http://" + l.Addr().String() + "/{region}"
	return s
}

func (s *service) env() []string {
	return []string{"LLUTRAY_SERVER=" + s.url, "LLUTRAY_EMAIL=" + email, "LLUTRAY_PASSWORD=" + password}
}

type counting struct {
	net.Listener
	s *service
}

// Accept is the listener's, with every byte counted.
func (c counting) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	return countedConn{conn, c.s}, err
}

type countedConn struct {
	net.Conn
	s *service
}

func (c countedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.s.in.Add(int64(n))
	return n, err
}

func (c countedConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.s.out.Add(int64(n))
	return n, err
}
