package settings_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/musthave"
	"github.com/llutray/llutray/internal/settings"
)

// onDesktop tells the test that it runs beside a real keyring, and how that is.
const onDesktop = "LLUTRAY_TEST_DESKTOP"

// A real gnome-keyring on a bus of its own, unlocked and without a collection
// that could be unlocked.
func TestRealKeyring(t *testing.T) {
	switch os.Getenv(onDesktop) {
	case "unlocked":
		t.Setenv(childEnv, "real")
		k := settings.ChildKeyring{Exe: []string{os.Args[0]}, Wait: 20 * time.Second}
		_, err := k.Get(ctx, "token")
		require.ErrorIs(t, err, settings.ErrNotFound)
		require.NoError(t, settings.Secrets{Keyring: k}.Check(ctx))
		for _, want := range []string{"päss\"wörd\n", strings.Repeat("0123456789", 700)} {
			require.NoError(t, k.Set(ctx, "token", want))
			got, err := k.Get(ctx, "token")
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
		require.NoError(t, k.Delete(ctx, "token"))
		require.ErrorIs(t, k.Delete(ctx, "token"), settings.ErrNotFound)
		return
	case "locked":
		t.Setenv(childEnv, "real")
		k := settings.ChildKeyring{Exe: []string{os.Args[0]}}
		require.ErrorIs(t, k.Set(ctx, "token", "secret"), settings.ErrLocked)
		return
	}
	for _, program := range []string{"dbus-run-session", "gnome-keyring-daemon"} {
		musthave.Program(t, program)
	}
	for state, daemon := range map[string]string{
		"unlocked": "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null",
		"locked":   "gnome-keyring-daemon --start --components=secrets >/dev/null </dev/null",
	} {
		t.Run(state, func(t *testing.T) {
			bounded, cancel := context.WithTimeout(ctx, time.Minute)
			defer cancel()
			home := t.TempDir()
			cmd := exec.CommandContext(bounded, "dbus-run-session", "--", "sh", "-c", daemon+` && exec "$0" -test.run '^TestRealKeyring$' -test.v`, os.Args[0])
			cmd.Env = append(os.Environ(), onDesktop+"="+state, "HOME="+home, "XDG_DATA_HOME="+home, "XDG_RUNTIME_DIR="+home, "XDG_CONFIG_HOME="+home)
			cmd.WaitDelay = time.Second
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, string(out))
			require.Contains(t, string(out), "--- PASS: TestRealKeyring")
		})
	}
}
