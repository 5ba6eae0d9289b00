package history_test

import (
	"bufio"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/history"
)

// writerEnv makes the test binary a program that stores readings for ever.
const writerEnv = "LLUTRAY_TEST_HISTORY_WRITER"

func TestMain(m *testing.M) {
	if path := os.Getenv(writerEnv); path != "" {
		if err := writeForEver(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "llutray-history")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	bigDir = dir
	return m.Run()
}

// writeForEver prints the minute of each reading once it is stored: from then
// on it may be shown, and must not be lost.
func writeForEver(path string) error {
	s, notice, err := history.Open(path)
	if err != nil || notice != "" {
		return fmt.Errorf("%s: %w", notice, err)
	}
	last, ok, err := s.Latest(ctx, john.ID)
	if err != nil {
		return err
	}
	minute := 0
	if ok {
		minute = int(last.Time.Sub(noon)/time.Minute) + 1
	}
	for ; ; minute++ {
		if _, err := s.Append(ctx, john, []glucose.Reading{at(time.Duration(minute)*time.Minute, 100, glucose.Live)}); err != nil {
			return err
		}
		fmt.Println(minute)
	}
}

// startWriter runs writeForEver in another process and returns after so many
// acknowledged readings.
func startWriter(t *testing.T, path string, until int) (*exec.Cmd, *bufio.Scanner) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), writerEnv+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may be dead already
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	for range until {
		require.True(t, lines.Scan(), "the writer stopped by itself")
	}
	return cmd, lines
}

func TestKillLosesNothingAcknowledged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	for round := range 5 {
		writer, lines := startWriter(t, path, 7+round)
		require.NoError(t, writer.Process.Kill()) // SIGKILL: no clean-up of any kind
		last := lines.Text()
		for lines.Scan() { // what it still said before it died
			last = lines.Text()
		}
		_ = writer.Wait()

		s, notice, err := history.Open(path)
		require.NoError(t, err)
		require.Empty(t, notice, "a kill damages nothing")
		require.NoError(t, s.Check(ctx))
		got, err := s.Readings(ctx, john.ID, time.Time{}, time.Time{})
		require.NoError(t, err)
		var acknowledged int
		_, err = fmt.Sscan(last, &acknowledged)
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(got), acknowledged+1)
		for i, r := range got {
			require.Equal(t, noon.Add(time.Duration(i)*time.Minute), r.Time, "no hole")
		}
		require.NoError(t, s.Close())
	}
}

// `status` reads while the tray writes in another process, and after that was
// killed too.
func TestReadOnlyBesideAWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	writer, lines := startWriter(t, path, 5)
	for range 10 {
		require.True(t, lines.Scan())
		var acknowledged int
		_, err := fmt.Sscan(lines.Text(), &acknowledged)
		require.NoError(t, err)
		s, err := history.OpenReadOnly(path)
		require.NoError(t, err)
		got, err := s.Readings(ctx, john.ID, time.Time{}, time.Time{})
		require.NoError(t, err)
		require.Greater(t, len(got), acknowledged, "sees what was stored a moment ago")
		_, err = s.Append(ctx, john, []glucose.Reading{at(-time.Hour, 100, glucose.Live)})
		require.Error(t, err, "writes nothing")
		require.NoError(t, s.Close())
	}
	require.NoError(t, writer.Process.Kill())
	_ = writer.Wait()
	s, err := history.OpenReadOnly(path)
	require.NoError(t, err)
	_, ok, err := s.Latest(ctx, john.ID)
	require.NoError(t, err)
	require.True(t, ok)
	require.NoError(t, s.Close())
}

func TestReadOnlyWithoutAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none", "history.db")
	_, err := history.OpenReadOnly(path)
	require.ErrorIs(t, err, history.ErrNoHistory)
	require.NoDirExists(t, filepath.Dir(path), "looking makes nothing")

	empty := filepath.Join(t.TempDir(), "history.db")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	_, err = history.OpenReadOnly(empty)
	require.ErrorIs(t, err, history.ErrNoHistory)
}

func TestDamagedFileIsSetAside(t *testing.T) {
	tests := map[string]func(t *testing.T, path string){
		"not a database": func(t *testing.T, path string) {
			require.NoError(t, os.WriteFile(path, []byte(strings.Repeat("glucose\n", 4096)), 0o600))
		},
		"cut off": func(t *testing.T, path string) {
			info, err := os.Stat(path)
			require.NoError(t, err)
			require.NoError(t, os.Truncate(path, info.Size()/2))
		},
		"a page overwritten, then a crash": func(t *testing.T, path string) {
			overwrite(t, path)
			require.NoError(t, os.WriteFile(path+"-wal", []byte("left over"), 0o600))
		},
	}
	for name, damage := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "history.db")
			fill(t, path)
			damage(t, path)
			broken, err := os.ReadFile(path)
			require.NoError(t, err)

			s, notice, err := history.Open(path)
			require.NoError(t, err)
			defer s.Close()
			aside, err := filepath.Glob(path + ".broken-????????-??????")
			require.NoError(t, err)
			require.Len(t, aside, 1)
			require.Contains(t, notice, aside[0], "the user is told where")
			kept, err := os.ReadFile(aside[0])
			require.NoError(t, err)
			require.Equal(t, broken, kept, "and nothing of it is lost")
			added, err := s.Append(ctx, john, []glucose.Reading{at(0, 100, glucose.Live)})
			require.NoError(t, err)
			require.Len(t, added, 1)
		})
	}
}

// Damage that a start does not see is met by a query; the next start then
// sets the file aside.
func TestDamageMetLaterIsFoundByTheNextStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	fill(t, path)
	overwrite(t, path)
	s, notice, err := history.Open(path)
	require.NoError(t, err)
	require.Empty(t, notice)
	_, err = s.Readings(ctx, john.ID, time.Time{}, time.Time{})
	require.ErrorContains(t, err, "the file is damaged; start llutray again")
	require.NoError(t, s.Close())

	s, notice, err = history.Open(path)
	require.NoError(t, err)
	require.Contains(t, notice, "was damaged")
	require.NoError(t, s.Close())
	s, notice, err = history.Open(path)
	require.NoError(t, err)
	require.Empty(t, notice, "once")
	require.NoError(t, s.Close())
}

// fill makes a closed file of some dozen pages.
func fill(t *testing.T, path string) {
	s, _, err := history.Open(path)
	require.NoError(t, err)
	var days []glucose.Reading
	for i := range 5_000 {
		days = append(days, at(time.Duration(i)*time.Minute, glucose.MgDL(60+i%200), glucose.Live))
	}
	_, err = s.Append(ctx, john, days)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.NoFileExists(t, path+"-wal", "closing empties the log")
}

// overwrite damages pages in the middle of the file.
func overwrite(t *testing.T, path string) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	require.NoError(t, err)
	defer f.Close()
	info, err := f.Stat()
	require.NoError(t, err)
	_, err = f.WriteAt([]byte(strings.Repeat("\xfe", 4*4096)), info.Size()/2/4096*4096)
	require.NoError(t, err)
}

func TestOpenRefuses(t *testing.T) {
	tests := []struct {
		name string
		make func(t *testing.T, path string)
		want string
	}{
		{"a newer version", func(t *testing.T, path string) {
			fill(t, path)
			execute(t, path, "PRAGMA user_version = 99")
		}, "newer llutray"},
		{"somebody else's database", func(t *testing.T, path string) {
			execute(t, path, "CREATE TABLE bookmarks (url TEXT)")
		}, "another program"},
		{"a folder in its place", func(t *testing.T, path string) {
			require.NoError(t, os.Mkdir(path, 0o700))
		}, "is a directory"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "history.db")
			tt.make(t, path)
			_, _, err := history.Open(path)
			require.ErrorContains(t, err, tt.want)
			require.ErrorContains(t, err, path)
			aside, err := filepath.Glob(path + ".broken-*")
			require.NoError(t, err)
			require.Empty(t, aside, "what is not damaged stays where it is")
			if tt.name != "a folder in its place" {
				_, err = history.OpenReadOnly(path)
				require.ErrorContains(t, err, tt.want)
			}
		})
	}
}

func execute(t *testing.T, path string, statements ...string) {
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer db.Close()
	for _, s := range statements {
		_, err := db.Exec(s)
		require.NoError(t, err)
	}
}

func TestFolderThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	parents := map[string]string{"a file in the folder's place": file}
	if os.Geteuid() > 0 { // root may write everywhere, Windows has other rights
		readOnly := filepath.Join(dir, "readonly")
		require.NoError(t, os.Mkdir(readOnly, 0o500))
		parents["a read-only folder"] = readOnly
	}
	for name, parent := range parents {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(parent, "history.db")
			_, _, err := history.Open(path)
			require.ErrorContains(t, err, "the history "+path+" cannot be opened: ")
		})
	}
}

func TestFilesAreForTheUserAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "llutray", "history.db")
	s, _, err := history.Open(path)
	require.NoError(t, err)
	defer s.Close()
	_, err = s.Append(ctx, john, []glucose.Reading{at(0, 100, glucose.Live)})
	require.NoError(t, err)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		requireMode(t, path+suffix, 0o600)
	}
	requireMode(t, filepath.Dir(path), 0o700)
}

// A look at a closed file leaves nothing that would make the next start
// suspect a crash, and costs it a full check.
func TestReaderLeavesNoSuspicion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	fill(t, path)
	r, err := history.OpenReadOnly(path)
	require.NoError(t, err)
	_, _, err = r.Latest(ctx, john.ID)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	overwrite(t, path) // which only a full check sees
	s, notice, err := history.Open(path)
	require.NoError(t, err)
	require.Empty(t, notice)
	require.NoError(t, s.Close())
}

// A folder may be called anything.
func TestOddPaths(t *testing.T) {
	for _, name := range []string{"100%25?mode=memory", "a#b", "Ünïcode 😀", "with space", "a&b;c"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), strings.ReplaceAll(name, "?", oddRune), "history.db")
			s, _, err := history.Open(path)
			require.NoError(t, err)
			require.NoError(t, s.Close())
			require.FileExists(t, path)
			s, err = history.OpenReadOnly(path)
			require.NoError(t, err)
			require.NoError(t, s.Close())
		})
	}
}
