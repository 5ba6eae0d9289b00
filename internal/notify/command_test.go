//go:build !windows && !darwin

package notify

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// programsDir is a PATH with only these scripts on it. Each appends its name,
// its arguments and the bus it was given to the log, one a line.
func programsDir(t *testing.T, scripts map[string]string) (log func() []string) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "log")
	for name, then := range scripts {
		script := "#!/bin/sh\n{ echo \"${0##*/}\"; for a; do echo \"[$a]\"; done; echo \"bus $DBUS_SESSION_BUS_ADDRESS\"; } >>" + file + "\n" + then + "\n"
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700)) //nolint:gosec // must be executable
	}
	t.Setenv("PATH", dir)
	return func() []string {
		data, err := os.ReadFile(file)
		if os.IsNotExist(err) {
			return nil
		}
		require.NoError(t, err)
		return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	}
}

func noBus(t *testing.T) {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
}

func TestWithoutABusNoneIsLaunched(t *testing.T) {
	noBus(t)
	log := programsDir(t, map[string]string{"dbus-launch": "", "notify-send": ""})
	d := New(Options{})
	defer d.Close()
	require.ErrorIs(t, d.Send(t.Context(), alarm("3.4")), ErrNoBus)
	_, err := d.Check(t.Context())
	require.ErrorIs(t, err, ErrNoBus)
	require.NoError(t, d.Withdraw(t.Context(), "low"))
	require.Empty(t, log(), "notify-send would launch one too")
}

func TestKdialogWithoutABus(t *testing.T) {
	noBus(t)
	log := programsDir(t, map[string]string{"kdialog": ""})
	d := New(Options{})
	defer d.Close()
	m := alarm("-0.4; $(touch x) <b>")
	require.NoError(t, d.Send(t.Context(), m))
	require.Equal(t, []string{"kdialog", "[--title=\u22120.4; \uff04(touch x) <b>]",
		"[--passivepopup=\u22120.4; \uff04(touch x) \u2039b\u203a", "17:02, falling]", "[--]", "[120]", "bus disabled:"}, log())
	st, err := d.Check(t.Context())
	require.NoError(t, err)
	require.Equal(t, Status{Via: "kdialog"}, st)
}

func TestCommandThatStays(t *testing.T) {
	noBus(t)
	programsDir(t, map[string]string{"kdialog": "exec /bin/sleep 60"})
	d := New(Options{})
	require.NoError(t, d.Send(t.Context(), alarm("3.4")), "it is showing the message")
	start := time.Now()
	d.Close()
	require.Less(t, time.Since(start), patience, "Close ends it")
}

func TestNotifySendWhereOurClientFails(t *testing.T) {
	noBus(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "tcp:host=localhost,port=1")
	log := programsDir(t, map[string]string{"notify-send": "", "kdialog": ""})
	d := New(Options{AppName: "llutray"})
	defer d.Close()
	m := alarm("--help")
	m.Body = "<b>&"
	require.NoError(t, d.Send(t.Context(), m))
	require.Equal(t, []string{"notify-send", "[--app-name=llutray]", "[--urgency=critical]", "[--expire-time=0]",
		"[--]", "[\u2212-help]", "[\u200b&lt;b&gt;&amp;]", "bus tcp:host=localhost,port=1"}, log())

	log = programsDir(t, map[string]string{"notify-send": "exit 1", "kdialog": "exit 1"})
	require.ErrorIs(t, d.Send(t.Context(), m), ErrNoBus, "the first cause is told")
	require.Contains(t, log(), "kdialog")

	programsDir(t, map[string]string{"notify-send": "exec /bin/sleep 60"})
	bounded, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	require.Error(t, d.Send(bounded, m))
	require.Less(t, time.Since(start), patience)
}

func TestProgramsArePlayedInOrder(t *testing.T) {
	dir := t.TempDir()
	log := programsDir(t, map[string]string{"aplay": "", "paplay": "echo no server >&2; exit 1", "ffplay": ""})
	p := NewPlayer(PlayerOptions{Dir: dir})
	name, ok := p.Available()
	require.True(t, ok)
	require.Equal(t, "paplay", name)
	require.NoError(t, p.Play(t.Context(), SoundLow))
	file := filepath.Join(dir, "alarm-low.wav")
	bus := "bus " + os.Getenv("DBUS_SESSION_BUS_ADDRESS")
	require.Equal(t, []string{"paplay", "[" + file + "]", bus, "aplay", "[-q]", "[" + file + "]", bus}, log())

	data, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, wave(SoundLow), data)
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())

	require.NoError(t, os.WriteFile(file, []byte("damaged"), 0o600))
	require.NoError(t, p.Play(t.Context(), SoundLow))
	data, err = os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, wave(SoundLow), data, "mended")
	p.Close()
	require.FileExists(t, file, "the folder is not ours to empty")
}

func TestPlayerSaysWhatTheProgramSaid(t *testing.T) {
	programsDir(t, map[string]string{"aplay": "echo 'cannot find card\x1b[0m' >&2; exit 1"})
	p := NewPlayer(PlayerOptions{})
	require.ErrorContains(t, p.Play(t.Context(), SoundSoft), "aplay: exit status 1: cannot find card")
	files := p.instruments[0].(*program).files
	require.DirExists(t, files.dir)
	dir := files.dir
	p.Close()
	require.NoDirExists(t, dir, "the temporary folder goes")

	programsDir(t, nil)
	require.ErrorIs(t, NewPlayer(PlayerOptions{}).Play(t.Context(), SoundSoft), ErrNoPlayer)
}

func TestPlayerThatDoesNotEnd(t *testing.T) {
	programsDir(t, map[string]string{"aplay": "/bin/sleep 60"}) // a child that keeps the pipe
	p := NewPlayer(PlayerOptions{})
	defer p.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	require.ErrorIs(t, p.Play(ctx, SoundSoft), context.DeadlineExceeded)
	require.Less(t, time.Since(start), patience)
}
