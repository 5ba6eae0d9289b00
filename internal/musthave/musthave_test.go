package musthave_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/musthave"
)

// What is missing skips a test on a laptop and fails it in continuous
// integration. A test that ends this way is run by one that looks on.
func TestMissing(t *testing.T) {
	if os.Getenv("LLUTRAY_WITHOUT") != "" {
		musthave.Program(t, "no-such-program")
	}
	for ci, said := range map[string]string{"true": "--- FAIL: TestMissing", "": "--- SKIP: TestMissing"} {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestMissing$", "-test.v")
		cmd.Env = append(os.Environ(), "LLUTRAY_WITHOUT=1", "CI="+ci)
		out, err := cmd.CombinedOutput()
		require.Equal(t, ci == "true", err != nil, "%s", out)
		require.Contains(t, string(out), said)
		require.Contains(t, string(out), "no-such-program is not installed")
	}
}

func TestProgram(t *testing.T) {
	require.FileExists(t, musthave.Program(t, "go"))
}
