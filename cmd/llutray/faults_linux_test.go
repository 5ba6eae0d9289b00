package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/libretest"
	"github.com/llutray/llutray/internal/musthave"
)

// runWatch starts `llutray watch --format json` in a folder of its own.
func runWatch(t *testing.T, dir string, s *libretest.Server, env ...string) (*exec.Cmd, *buffer) {
	out := &buffer{}
	cmd := exec.Command(binary, "watch", "--format", "json")
	cmd.Env = isolatedEnv(dir)
	cmd.Env = append(cmd.Env, "LLUTRAY_SERVER="+s.RegionURL(), "LLUTRAY_EMAIL="+testEmail, "LLUTRAY_PASSWORD="+testPassword)
	cmd.Env = append(cmd.Env, env...)
	cmd.Stdout, cmd.Stderr = out, out
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	})
	return cmd, out
}

func isolatedEnv(dir string) (env []string) {
	for k, v := range isolated(dir) {
		env = append(env, k+"="+v)
	}
	return env
}

var readingLine = regexp.MustCompile(`"reading":\{"time":"([^"]+)"`)

func awaitReading(t *testing.T, out *buffer) string {
	t.Helper()
	var found []string
	require.Eventually(t, func() bool {
		found = readingLine.FindStringSubmatch(out.String())
		return found != nil
	}, 20*time.Second, time.Millisecond, "no reading")
	return found[1]
}

func quietServer(t *testing.T) *libretest.Server {
	return libretest.StartTest(t, libretest.Options{Email: testEmail, Password: testPassword, Seed: 5, People: []libretest.Person{{Source: libretest.Nothing}}})
}

// startsAnHour is how often the program may be started in a home within an hour, and
// still ask at once: more would be beyond what it may ask of the service.
const startsAnHour = 30

// TestKilledAgainAndAgain kills the program while readings arrive: what was
// once shown is in the store. LLUTRAY_KILLS says how often.
func TestKilledAgainAndAgain(t *testing.T) {
	t.Parallel()
	kills := 12
	if v := os.Getenv("LLUTRAY_KILLS"); v != "" {
		var err error
		kills, err = strconv.Atoi(v)
		require.NoError(t, err)
	}
	rnd, shown := rand.New(rand.NewPCG(1, 2)), 0
	for left := kills; left > 0; left -= startsAnHour {
		shown += killInOneHome(t, rnd, min(left, startsAnHour))
	}
	require.Positive(t, shown)
	t.Logf("%d kills, %d readings shown, none lost", kills, shown)
}

// killInOneHome returns how many readings were shown.
func killInOneHome(t *testing.T, rnd *rand.Rand, kills int) int {
	dir, s := t.TempDir(), quietServer(t)
	var shown []string
	for i := range kills {
		require.NoError(t, s.Push("", libretest.Reading{Time: time.Now().Add(time.Duration(i-kills) * time.Second), MgDL: 80 + i%100}))
		cmd, out := runWatch(t, dir, s)
		if i%3 == 0 { // before anything is shown, perhaps in the middle of a change
			time.Sleep(time.Duration(rnd.IntN(150)) * time.Millisecond)
		} else {
			awaitReading(t, out)
			time.Sleep(time.Duration(rnd.IntN(3000)) * time.Microsecond)
		}
		require.NoError(t, cmd.Process.Signal(syscall.SIGKILL))
		_ = cmd.Wait()
		for _, m := range readingLine.FindAllStringSubmatch(out.String(), -1) {
			shown = append(shown, m[1])
		}
	}
	history := exec.Command(binary, "history", "--format", "csv", "--since", "2h")
	history.Env = isolatedEnv(dir)
	kept, err := history.CombinedOutput()
	require.NoError(t, err, string(kept))
	for _, at := range shown {
		require.Contains(t, string(kept), at, "it was shown")
	}
	return len(shown)
}

// TestSettingsComeBack has a power cut leave zeros of the settings: the limits and
// the language of before are in force and in their place.
func TestSettingsComeBack(t *testing.T) {
	t.Parallel()
	dir, s := t.TempDir(), quietServer(t)
	path := filepath.Join(dir, "config", "llutray", "settings.toml")
	mine := "# mine\n[alarms.low]\nlimit = 80\n[display]\nlanguage = \"de\"\n"
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	for i, text := range []string{mine, "\x00\x00\x00\x00"} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		require.NoError(t, s.Push("", libretest.Reading{Time: time.Now().Add(time.Duration(i-2) * time.Second), MgDL: 104 - i*28}))
		cmd, out := runWatch(t, dir, s)
		awaitReading(t, out)
		if text != mine {
			require.Eventually(t, func() bool { return strings.Contains(out.String(), "NIEDRIG") }, 20*time.Second, 10*time.Millisecond, "a low by the limit of before: %s", out)
		}
		require.NoError(t, interrupt(cmd))
		if text != mine {
			require.Contains(t, out.String(), "the settings of before are in its place")
		}
	}
	kept, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, mine, string(kept))
}

// TestDamagedFiles begins with rubbish in each of the program's files: it is
// kept under a name with the date, said, and following goes on.
func TestDamagedFiles(t *testing.T) {
	for _, name := range []string{"data/llutray/history.db", "state/llutray/state.json", "state/llutray/session.json", "config/llutray/settings.toml"} {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			dir, s := t.TempDir(), quietServer(t)
			path := filepath.Join(dir, name)
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
			require.NoError(t, os.WriteFile(path, []byte(strings.Repeat("rubbish = [\x00", 2000)), 0o600))
			require.NoError(t, s.Push("", libretest.Reading{MgDL: 104}))
			cmd, out := runWatch(t, dir, s)
			awaitReading(t, out)
			require.NoError(t, interrupt(cmd))
			aside, err := filepath.Glob(path + "*" + fmt.Sprint(time.Now().Year()) + "*")
			require.NoError(t, err)
			require.Len(t, aside, 1)
			require.Contains(t, out.String(), filepath.Base(name), "the user is told")
		})
	}
}

// smallDisk has a folder of 3 MB, which fill leaves without a byte and clear
// makes room in.
func smallDisk(t *testing.T, dir string) (fill, clear func()) {
	t.Helper()
	musthave.Root(t) // to make a small file system
	require.NoError(t, syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=3m"))
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	path := filepath.Join(dir, "fill")
	return func() {
		f, err := os.Create(path)
		require.NoError(t, err)
		for chunk := make([]byte, 64<<10); len(chunk) > 0; {
			if _, err := f.Write(chunk); err != nil {
				chunk = chunk[:len(chunk)/2]
			}
		}
		require.NoError(t, f.Close())
	}, func() { require.NoError(t, os.Remove(path)) }
}

// TestFullDisk starts on a file system without a byte left.
func TestFullDisk(t *testing.T) {
	dir, s := t.TempDir(), quietServer(t)
	fill, clear := smallDisk(t, dir)
	require.NoError(t, s.Push("", libretest.Reading{MgDL: 104}))
	same := filepath.Join(dir, "run")
	require.NoError(t, os.Mkdir(same, 0o700))
	other := t.TempDir()
	// Full from the start, full after a first run, and full where the refuge is.
	for _, c := range []struct{ when, runtime string }{{"from the start", other}, {"later", other}, {"also the refuge", same}} {
		refuge := "XDG_RUNTIME_DIR=" + c.runtime
		fill()
		cmd, out := runWatch(t, dir, s, refuge)
		awaitReading(t, out)
		require.NoError(t, interrupt(cmd), c.when)
		clear()
		cmd, out = runWatch(t, dir, s, refuge)
		at := awaitReading(t, out)
		require.NoError(t, interrupt(cmd))
		require.Contains(t, command(t, dir, "history", "--format", "csv"), at, c.when)
	}
}

// TestDiskFillsUp takes the room away while the program follows, and gives it
// back: what was shown meanwhile is stored by the same run.
func TestDiskFillsUp(t *testing.T) {
	t.Parallel()
	dir, s := t.TempDir(), quietServer(t)
	fill, clear := smallDisk(t, dir)
	push := func(mgdl int, age time.Duration) {
		t.Helper()
		require.NoError(t, s.Push("", libretest.Reading{MgDL: mgdl, Time: time.Now().Add(-age)}))
	}
	push(103, 55*time.Second)
	cmd, out := runWatch(t, dir, s)
	shows := func(mgdl string) {
		t.Helper()
		require.Eventually(t, func() bool { return strings.Contains(out.String(), `"mgdl":`+mgdl+",") }, pollInterval, 20*time.Millisecond, "%s: %s", mgdl, out)
	}
	shows("103")
	fill()
	push(102, 0)
	shows("102")
	csv := command(t, dir, "history", "--format", "csv")
	require.Contains(t, csv, ",103,")
	require.NotContains(t, csv, ",102,", "there is room left")
	clear()
	push(101, 0)
	shows("101")
	require.NoError(t, interrupt(cmd), "%s", out)
	csv = command(t, dir, "history", "--format", "csv")
	for _, mgdl := range []string{",103,", ",102,", ",101,"} {
		require.Contains(t, csv, mgdl)
	}
}

// TestSettingsSavedAllTheTime saves the settings a hundred times a second, half
// of the times in the middle of a change, while the program follows.
func TestSettingsSavedAllTheTime(t *testing.T) {
	t.Parallel()
	dir, s := t.TempDir(), quietServer(t)
	require.NoError(t, s.Push("", libretest.Reading{MgDL: 104, Time: time.Now().Add(-55 * time.Second)}))
	path := filepath.Join(dir, "config/llutray/settings.toml")
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	cmd, out := runWatch(t, dir, s)
	awaitReading(t, out)
	for i := range 300 {
		text := fmt.Sprintf("[alarms.low]\nlimit = \"%d mg/dL\"\n", 62+i%30)
		if i%2 == 1 {
			text = text[:len(text)/2]
		}
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		time.Sleep(10 * time.Millisecond)
	}
	// The last one is in force: 93 is a low by it alone.
	require.NotContains(t, out.String(), `"kind":"low"`)
	require.NoError(t, os.WriteFile(path, []byte("[alarms.low]\nlimit = \"95 mg/dL\"\n"), 0o600))
	time.Sleep(time.Second)
	require.NoError(t, s.Push("", libretest.Reading{MgDL: 93, Time: time.Now()}))
	require.Eventually(t, func() bool { return strings.Contains(out.String(), `"kind":"low"`) }, pollInterval, 20*time.Millisecond, "%s", out)
	require.NoError(t, interrupt(cmd), out.String())
	require.NotContains(t, out.String(), "panic")
}
