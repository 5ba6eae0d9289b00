package licences

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDependenciesAreJustified compares docs/dependencies.md with what the Go
// tool says: each module that is linked on any system, and each that go.mod
// asks for, has its line, in its place; nothing else has one.
func TestDependenciesAreJustified(t *testing.T) {
	page, err := os.ReadFile("../../docs/dependencies.md")
	require.NoError(t, err)
	listed := map[string][]string{} // modules by heading
	heading := ""
	for line := range strings.Lines(string(page)) {
		if h, ok := strings.CutPrefix(line, "## "); ok {
			heading = strings.TrimSpace(h)
		}
		if cells := strings.Split(line, "|"); len(cells) > 3 && strings.Contains(cells[1], "/") {
			require.Greater(t, len(strings.TrimSpace(cells[len(cells)-2])), 8, "say why: %s", line)
			listed[heading] = append(listed[heading], strings.TrimSpace(cells[1]))
		}
	}

	linked := map[string]bool{}
	count := map[string]int{}
	for _, goos := range []string{"linux", "windows", "darwin"} {
		components, err := Collect(".", goos, program)
		require.NoError(t, err)
		for _, c := range components {
			if strings.Contains(c.Name, "/") && c.Version != "" {
				linked[c.Name] = true
				count[goos]++
			}
		}
	}
	direct, err := exec.Command("go", "list", "-m", "-f", "{{if not (or .Main .Indirect)}}{{.Path}}{{end}}", "all").Output()
	require.NoError(t, err)
	var chosen, brought, tests []string
	asked := strings.Fields(string(bytes.TrimSpace(direct)))
	for _, m := range asked {
		if linked[m] {
			chosen = append(chosen, m)
		} else {
			tests = append(tests, m)
		}
	}
	for m := range linked {
		if !slices.Contains(asked, m) {
			brought = append(brought, m)
		}
	}
	require.ElementsMatch(t, chosen, listed["Chosen and linked"])
	require.ElementsMatch(t, brought, listed["Linked because those need them"])
	require.ElementsMatch(t, tests, listed["For tests alone"])

	numbers := fmt.Sprintf("Numbers: %d modules that we chose are linked; with what those bring, %d on Linux, %d on Windows, %d on macOS.",
		len(chosen), count["linux"], count["windows"], count["darwin"])
	words := regexp.MustCompile(`\s+`).ReplaceAllString(string(page), " ")
	require.True(t, strings.Contains(words, numbers), "the page must say: %s", numbers)
}
