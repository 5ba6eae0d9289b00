//go:build packages

package installtest

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/musthave"
	"github.com/llutray/llutray/packaging"
)

func needs(t *testing.T, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		musthave.Program(t, tool)
	}
}

// dist returns the one package that make package made of that name.
func dist(t *testing.T, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join("..", "..", "dist", strings.ReplaceAll(pattern, "VERSION", packaging.Version)))
	require.NoError(t, err)
	require.Len(t, found, 1, "%s: run make package first", pattern)
	path, err := filepath.Abs(found[0])
	require.NoError(t, err)
	return path
}

// output runs a command and returns all it printed; it must end well.
func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	return outputOf(t, exec.Command(name, args...))
}

func outputOf(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s\n%s", cmd, out)
	return string(out)
}

// exits runs a command that must end with a code and returns what it printed.
func exits(t *testing.T, code int, cmd *exec.Cmd) string {
	t.Helper()
	out, err := cmd.CombinedOutput()
	require.NotNil(t, cmd.ProcessState, "%v", err)
	require.Equal(t, code, cmd.ProcessState.ExitCode(), "%s\n%s", cmd, out)
	return string(out)
}

// eventually waits for something that another program does, and else shows
// what that has written to files.
func eventually(t *testing.T, what string, f func() bool, files ...string) {
	t.Helper()
	for end := time.Now().Add(40 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if f() {
			return
		}
	}
	for _, name := range files {
		content, _ := os.ReadFile(name)
		t.Logf("%s:\n%s", name, content)
	}
	t.Fatalf("it never came that %s", what)
}

// snapshot names every file below dir with what is in it, but for the folders
// and files to leave out.
func snapshot(t *testing.T, dir string, without ...string) map[string]string {
	t.Helper()
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		for _, w := range without {
			if name == w {
				if e.IsDir() {
					return filepath.SkipDir
				}
				return nil
			}
		}
		all[name] = e.Type().String()
		if e.Type().IsRegular() {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			all[name] = fmt.Sprintf("%x", sha256.Sum256(data))
		}
		return nil
	}))
	return all
}
