// Package musthave is what tests can't do without: a program, a right, a
// feature of the system. Where it is missing the test is skipped on somebody's
// laptop, and fails in continuous integration (CI=true): there a test must not
// vanish unseen.
package musthave

import (
	"os"
	"os/exec"
	"testing"
)

// Program returns the path of a program, also of one that only root has in the
// path.
func Program(tb testing.TB, name string) string {
	tb.Helper()
	for _, candidate := range []string{name, "/usr/sbin/" + name, "/usr/local/sbin/" + name} {
		if path, err := exec.LookPath(candidate); err == nil {
			return path
		}
	}
	Missing(tb, "%s is not installed: make deps installs what the tests need", name)
	return ""
}

// Root asks for the rights of root.
func Root(tb testing.TB) {
	tb.Helper()
	if os.Geteuid() != 0 {
		Missing(tb, "this test needs root")
	}
}

// Missing ends a test for want of something that the text names.
func Missing(tb testing.TB, format string, args ...any) {
	tb.Helper()
	if os.Getenv("CI") == "true" {
		tb.Fatalf(format, args...)
	}
	tb.Skipf(format, args...)
}
