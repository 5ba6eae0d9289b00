package hook

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The test binary is the hook's command when its first argument says so.
func TestMain(m *testing.M) {
	if len(os.Args) < 2 || !strings.HasPrefix(os.Args[1], "as-") {
		_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // else each command waits for a second at its end
		os.Exit(m.Run())
	}
	file := os.Args[2]
	add := func(s string) {
		f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err == nil {
			_, _ = f.WriteString(s + "\n")
			_ = f.Close()
		}
	}
	switch os.Args[1] {
	case "as-record":
		in, _ := io.ReadAll(os.Stdin)
		env := slices.DeleteFunc(os.Environ(), func(v string) bool { return !strings.HasPrefix(v, "LLUTRAY_") })
		slices.Sort(env)
		add(strings.Join(os.Args[3:], "|") + "\n" + strings.Join(env, "\n") + "\n" + string(in))
		fmt.Println(strings.Repeat("out ", 4<<10))
	case "as-slow":
		add("begin")
		time.Sleep(20 * time.Millisecond)
		add("end")
	case "as-hang":
		child := exec.Command(os.Args[0], "as-late", file)
		child.Stdout = os.Stdout // holds the pipe open
		_ = child.Start()
		time.Sleep(time.Hour)
	case "as-late":
		time.Sleep(time.Second)
		add("the grandchild lives")
	case "as-fail":
		os.Exit(3)
	}
}

type alarmEvent struct {
	Event   string         `json:"event"`
	Kind    string         `json:"kind"`
	Message string         `json:"message"`
	Reading map[string]any `json:"reading,omitempty"`
	Fault   any            `json:"fault"`
}

func start(t *testing.T, o Options) *Hook {
	h := New(o)
	ctx, cancel := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() { h.Run(ctx) })
	t.Cleanup(func() { cancel(); done.Wait() })
	return h
}

func read(file string) string {
	b, _ := os.ReadFile(file)
	return string(b)
}

func TestCommandGetsTheEvent(t *testing.T) {
	t.Setenv("LLUTRAY_PASSWORD", "s3cret")
	t.Setenv("llutray_email", "me@example.org")
	file := filepath.Join(t.TempDir(), "out")
	var log bytes.Buffer
	var mu sync.Mutex
	h := start(t, Options{
		Argv: []string{os.Args[0], "as-record", file, "$(touch x)", "a b"}, Events: []string{"alarm"},
		Log: slog.New(slog.NewTextHandler(writer(func(p []byte) { mu.Lock(); log.Write(p); mu.Unlock() }), &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	h.Fire(alarmEvent{Event: "fault"})
	h.Fire(alarmEvent{Event: "alarm", Kind: "low", Message: "LOW 62 $(touch x)\n'; rm -rf \"", Reading: map[string]any{"mgdl": 62, "mmol": 3.4}})
	require.Eventually(t, func() bool { return strings.HasSuffix(read(file), "}\n\n") }, 5*time.Second, 5*time.Millisecond)
	require.Equal(t, "$(touch x)|a b\n"+
		"LLUTRAY_EVENT=alarm\nLLUTRAY_FAULT=\nLLUTRAY_KIND=low\nLLUTRAY_MESSAGE=LOW 62 $(touch x)\n'; rm -rf \"\n"+
		"LLUTRAY_READING_MGDL=62\nLLUTRAY_READING_MMOL=3.4\n"+
		`{"event":"alarm","kind":"low","message":"LOW 62 $(touch x)\n'; rm -rf \"","reading":{"mgdl":62,"mmol":3.4},"fault":null}`+"\n\n", read(file))
	require.Eventually(t, func() bool { mu.Lock(); defer mu.Unlock(); return strings.Contains(log.String(), "was run") }, 5*time.Second, 5*time.Millisecond)
	mu.Lock()
	defer mu.Unlock()
	require.Less(t, log.Len(), mostOutput+1000)
	require.NotContains(t, log.String(), "s3cret")
}

type writer func([]byte)

func (w writer) Write(p []byte) (int, error) { w(p); return len(p), nil }

func TestOneAtATime(t *testing.T) {
	file := filepath.Join(t.TempDir(), "out")
	h := start(t, Options{Argv: []string{os.Args[0], "as-slow", file}, Events: []string{"alarm"}})
	for range 5 {
		h.Fire(alarmEvent{Event: "alarm"})
	}
	require.Eventually(t, func() bool { return read(file) == strings.Repeat("begin\nend\n", 5) }, 10*time.Second, 5*time.Millisecond)
}

func TestDeadlineEndsAllOfIt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows ends the command alone")
	}
	file := filepath.Join(t.TempDir(), "out")
	failed := make(chan error, 8)
	h := start(t, Options{Argv: []string{os.Args[0], "as-hang", file}, Events: []string{"alarm"}, Wait: 300 * time.Millisecond, Failed: func(err error) { failed <- err }})
	h.Fire(alarmEvent{Event: "alarm"})
	begun := time.Now()
	require.EqualError(t, <-failed, "the hook's command did not end within 300ms")
	require.Less(t, time.Since(begun), 2*time.Second)
	require.Never(t, func() bool { return read(file) != "" }, 1500*time.Millisecond, 100*time.Millisecond, "what it started was ended with it")
}

func TestFailures(t *testing.T) {
	failed := make(chan error, 8)
	o := Options{Argv: []string{os.Args[0], "as-fail", "x"}, Events: []string{"alarm"}, Failed: func(err error) { failed <- err }}
	h := start(t, o)
	h.Fire(alarmEvent{Event: "alarm"})
	require.EqualError(t, <-failed, "the hook's command failed (exit status 3)")
	o.Argv = []string{"/nonexistent/command", "--password=s3cret"}
	h = start(t, o)
	h.Fire(alarmEvent{Event: "alarm"})
	require.ErrorContains(t, <-failed, "cannot be started")
}

func TestWaitingIsBounded(t *testing.T) {
	h := New(Options{Argv: []string{"x"}, Events: []string{"alarm", "reading"}})
	for i := range 10 {
		h.Fire(map[string]any{"event": "reading", "n": i})
	}
	require.Len(t, h.waiting, 1)
	require.JSONEq(t, `{"event":"reading","n":9}`, string(h.waiting[0].payload), "only the latest reading is of interest")
	for range 100 {
		h.Fire(alarmEvent{Event: "alarm"})
	}
	require.Len(t, h.waiting, mostWaiting)
}

func TestWords(t *testing.T) {
	for text, want := range map[string][]string{
		"":                          nil,
		"notify-send  low":          {"notify-send", "low"},
		`/bin/x "a b" 'c "d"' e"f"`: {"/bin/x", "a b", `c "d"`, "ef"},
		`x "" $HOME | y > z; *`:     {"x", "", "$HOME", "|", "y", ">", "z;", "*"},
	} {
		got, err := Words(text)
		require.NoError(t, err)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{`x "a`, "./x", "bin/x"} {
		_, err := Words(text)
		require.Error(t, err, text)
	}
}
