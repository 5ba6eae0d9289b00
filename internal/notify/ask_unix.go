//go:build !windows && !darwin

package notify

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/llutray/llutray/internal/lang"
)

// askTimeout bounds one question to a program. They answer in milliseconds,
// or never when the service behind them hangs.
const askTimeout = 2 * time.Second

// maxAnswer in bytes. A studio's list of outputs is about 100 KB, the graph of
// a desktop with all its formats one of some 400.
const maxAnswer = 4 << 20

// errNotThere says that a program is not installed.
var errNotThere error = lang.Error("not installed")

// ask runs a program and returns what it said, also when it failed: some
// explain themselves on the one stream, some on the other, with any exit code.
func ask(ctx context.Context, name string, args ...string) (string, error) {
	return askStreams(ctx, true, name, args...)
}

// askQuietly is the same without what the program complains of beside its
// answer, and without an answer when it fails.
func askQuietly(ctx context.Context, name string, args ...string) (string, error) {
	said, err := askStreams(ctx, false, name, args...)
	if err != nil {
		return "", err
	}
	return said, nil
}

func askStreams(ctx context.Context, both bool, name string, args ...string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, errNotThere)
	}
	bound, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	cmd := exec.CommandContext(bound, path, args...)
	cmd.WaitDelay = 200 * time.Millisecond // for a child that outlives it and keeps the pipe
	cmd.Env = append(os.Environ(), "LC_ALL=C", "LANGUAGE=")
	if sessionAddress() == "" {
		// Or the program's own D-Bus library would launch a bus and leave it.
		cmd.Env = append(cmd.Env, "DBUS_SESSION_BUS_ADDRESS=disabled:")
	}
	said := answer{}
	cmd.Stdout = &said
	if both {
		cmd.Stderr = &said
	}
	err = cmd.Run()
	switch {
	case bound.Err() != nil:
		return "", lang.E("%s does not answer", name)
	case said.more:
		return "", lang.E("%s answers without end", name)
	case err != nil:
		return said.String(), fmt.Errorf("%s: %w: %s", name, err, line(said.String(), maxTitle))
	}
	return said.String(), nil
}

// answer keeps what a program says up to a limit.
type answer struct {
	bytes.Buffer
	more bool
}

func (a *answer) Write(b []byte) (int, error) {
	room := max(maxAnswer-a.Len(), 0)
	if len(b) > room {
		a.more = true
	}
	a.Buffer.Write(b[:min(room, len(b))])
	return len(b), nil
}
