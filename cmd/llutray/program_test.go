package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/llutray/llutray/internal/libretest"
	"github.com/llutray/llutray/internal/nightscouttest"
)

// binary is the program as it is shipped, built once for all tests here.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "llutray-test")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "llutray")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("the program does not build: %v\n%s", err, out))
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// The secrets of every test account; none of them may appear anywhere.
const (
	testEmail    = "someone.particular@example.org"
	testPassword = "Correct-Horse&Battery<9>"
)

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                "testdata",
		RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", filepath.Dir(binary)+string(os.PathListSeparator)+e.Getenv("PATH"))
			for k, v := range isolated(e.WorkDir) {
				e.Setenv(k, v)
			}
			e.Values["session"] = &session{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"server":    scriptServer,
			"scenario":  scriptScenario,
			"push":      scriptPush,
			"passwords": scriptPasswords,
			"follow":    scriptFollow,
			"until":     scriptUntil,
			"end":       scriptEnd,
			"days":      scriptDays,
			"site":      scriptSite,
			"entry":     scriptEntry,
			"neighbour": scriptNeighbour,
			"other":     scriptOther,
		},
	})
}

// isolated is an environment in which nothing of the user's is touched: no
// desktop, no keyring, no settings, no language.
func isolated(dir string) map[string]string {
	return map[string]string{
		"HOME": dir, "USERPROFILE": dir, "LOCALAPPDATA": filepath.Join(dir, "local"), "APPDATA": filepath.Join(dir, "roaming"),
		"XDG_CONFIG_HOME": filepath.Join(dir, "config"), "XDG_DATA_HOME": filepath.Join(dir, "data"),
		"XDG_STATE_HOME": filepath.Join(dir, "state"), "XDG_RUNTIME_DIR": filepath.Join(dir, "run"),
		"DBUS_SESSION_BUS_ADDRESS": "", "DISPLAY": "", "WAYLAND_DISPLAY": "", "TZ": "UTC",
		"LANG": "C", "LC_ALL": "C", "LC_MESSAGES": "", "LANGUAGE": "",
	}
}

// session is what a script has started.
type session struct {
	names   []string // of who shares with the account
	server  *libretest.Server
	site    *nightscouttest.Server
	running map[string]*exec.Cmd
	other   *account // of two
}

func sessionOf(ts *testscript.TestScript) *session { return ts.Value("session").(*session) }

// server SCENARIO starts a LibreLinkUp server without a sensor of its own.
func scriptServer(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: server SCENARIO [NAME...]")
	}
	names := args[1:]
	if len(names) == 0 {
		names = []string{"Robin"}
	}
	var people []libretest.Person
	for i, name := range names {
		people = append(people, libretest.Person{
			ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i+1), FirstName: name, LastName: "Example", Source: libretest.Nothing,
		})
	}
	s := libretest.New(libretest.Options{Email: testEmail, Password: testPassword, Scenario: args[0], People: people})
	sessionOf(ts).names = names
	ts.Check(s.Start())
	ts.Defer(s.Close)
	sessionOf(ts).server = s
	ts.Setenv("LLUTRAY_SERVER", s.RegionURL())
	ts.Setenv("EMAIL", testEmail)
	ts.Setenv("PASSWORD", testPassword)
}

func scriptScenario(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(sessionOf(ts).server.SetScenario(args[0]))
}

// push MGDL ARROW [AGE [NAME]] publishes a reading of the first or a named
// person.
func scriptPush(ts *testscript.TestScript, _ bool, args []string) {
	value, err := strconv.Atoi(args[0])
	ts.Check(err)
	arrow, err := strconv.Atoi(args[1])
	ts.Check(err)
	var age time.Duration
	if len(args) > 2 {
		age, err = time.ParseDuration(args[2])
		ts.Check(err)
	}
	session, id := sessionOf(ts), ""
	if len(args) > 3 {
		id = session.server.PersonIDs()[slices.Index(session.names, args[3])]
	}
	ts.Check(session.server.Push(id, libretest.Reading{MgDL: value, Arrow: arrow, Time: time.Now().Add(-age)}))
}

// site starts a Nightscout site that anybody may read; site end ends it, and
// site CODE has it answer everything with that code.
func scriptSite(ts *testscript.TestScript, _ bool, args []string) {
	s := sessionOf(ts)
	if len(args) == 0 {
		s.site = nightscouttest.New()
		ts.Defer(s.site.Close)
		ts.Setenv("SITE", s.site.URL)
		return
	}
	if args[0] == "end" {
		s.site.CloseClientConnections()
		s.site.Close()
		return
	}
	code, err := strconv.Atoi(args[0])
	ts.Check(err)
	s.site.FailWith(func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(code); return true })
}

// entry MGDL DIRECTION [AGE] stores an entry at the site, as an uploader does.
func scriptEntry(ts *testscript.TestScript, _ bool, args []string) {
	value, err := strconv.Atoi(args[0])
	ts.Check(err)
	at := time.Now()
	if len(args) > 2 {
		age, err := time.ParseDuration(args[2])
		ts.Check(err)
		at = at.Add(-age)
	}
	sessionOf(ts).site.Put(nightscouttest.Entry{
		"type": "sgv", "sgv": float64(value), "date": float64(at.UnixMilli()), "dateString": at.UTC().Format(time.RFC3339Nano),
		"direction": args[1], "device": "xDrip",
	})
}

// passwords N checks how often the password was sent.
func scriptPasswords(ts *testscript.TestScript, _ bool, args []string) {
	if got := strconv.Itoa(sessionOf(ts).server.SignIns()); got != args[0] {
		ts.Fatalf("%s sign-ins with the password, want %s", got, args[0])
	}
}

// follow FILE ARGS... starts llutray in the background with its output in FILE.
func scriptFollow(ts *testscript.TestScript, _ bool, args []string) {
	out, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	cmd := exec.Command(binary, args[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = ts.MkAbs("."), out, out
	for _, k := range []string{"PATH", "LLUTRAY_SERVER", "LLUTRAY_EMAIL", "LLUTRAY_PASSWORD"} {
		cmd.Env = append(cmd.Env, k+"="+ts.Getenv(k))
	}
	for k := range isolated("") {
		cmd.Env = append(cmd.Env, k+"="+ts.Getenv(k))
	}
	ts.Check(cmd.Start())
	_ = out.Close()
	s := sessionOf(ts)
	if s.running == nil {
		s.running = map[string]*exec.Cmd{}
	}
	s.running[args[0]] = cmd
	ts.Defer(func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	})
}

// until FILE PATTERN waits for the pattern to appear in the file.
func scriptUntil(ts *testscript.TestScript, _ bool, args []string) {
	pattern := regexp.MustCompile("(?m)" + args[1])
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if pattern.MatchString(ts.ReadFile(args[0])) {
			return
		}
	}
	ts.Fatalf("%s never held %q; it holds:\n%s", args[0], args[1], ts.ReadFile(args[0]))
}

// end FILE interrupts what follow started; it must exit with 0.
func scriptEnd(ts *testscript.TestScript, _ bool, args []string) {
	if err := interrupt(sessionOf(ts).running[args[0]]); err != nil {
		ts.Fatalf("llutray did not end well: %v\n%s", err, ts.ReadFile(args[0]))
	}
}

// interrupt ends a running llutray as a user does and returns how it exited.
// Windows knows no signals between processes: there it is killed.
func interrupt(cmd *exec.Cmd) error {
	if runtime.GOOS == "windows" {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return nil
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return cmd.Wait()
}

// buffer collects output of a process that is still running.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) { b.mu.Lock(); defer b.mu.Unlock(); return b.b.Write(p) }
func (b *buffer) String() string              { b.mu.Lock(); defer b.mu.Unlock(); return b.b.String() }
