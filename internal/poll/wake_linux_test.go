package poll

import (
	"bufio"
	"context"
	"log/slog"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/musthave"
)

// privateBus starts a bus that stands in for the system's and returns its
// address.
func privateBus(t *testing.T) string {
	t.Helper()
	cmd := exec.Command(musthave.Program(t, "dbus-daemon"), "--session", "--nofork", "--nopidfile", "--print-address=1")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(line)
}

func TestResumeFromLogind(t *testing.T) {
	address := privateBus(t)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	logind, err := dbus.Connect(address)
	require.NoError(t, err)
	defer func() { _ = logind.Close() }()
	_, err = logind.RequestName(login1, dbus.NameFlagDoNotQueue)
	require.NoError(t, err)
	stranger, err := dbus.Connect(address)
	require.NoError(t, err)
	defer func() { _ = stranger.Close() }()

	resumed := resumes(ctx, slog.New(slog.DiscardHandler))
	emit := func(c *dbus.Conn, before bool) {
		require.NoError(t, c.Emit("/org/freedesktop/login1", login1+".Manager.PrepareForSleep", before))
	}
	// When the match is in place cannot be seen from here: say it until heard.
	heard := func() bool {
		emit(logind, false)
		select {
		case _, ok := <-resumed:
			return ok
		case <-time.After(20 * time.Millisecond):
			return false
		}
	}
	require.Eventually(t, heard, 10*time.Second, time.Millisecond)
	for quiet := false; !quiet; { // the ones said in vain may still come
		select {
		case <-resumed:
		case <-time.After(100 * time.Millisecond):
			quiet = true
		}
	}

	emit(logind, true)
	emit(stranger, false)
	select {
	case <-resumed:
		t.Error("only logind, and only after the sleep")
	case <-time.After(200 * time.Millisecond):
	}

	cancel()
	for range resumed { // ends with the context
	}
}

func TestNoSystemBus(t *testing.T) {
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+t.TempDir()+"/none")
	for range resumes(t.Context(), slog.New(slog.DiscardHandler)) {
		t.Error("nobody can have told")
	}
}

func TestAsleepIsKnown(t *testing.T) {
	d, ok := asleep()
	require.True(t, ok)
	assert.GreaterOrEqual(t, d, -time.Second)
}
