//go:build !windows

package notify

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"
)

// talker is a program that says its last argument. No shell is asked, and the
// text comes after "--", so that it is never taken for an option.
type talker struct {
	program string
	args    []string
}

func (t talker) name() string { return t.program }

func (t talker) present() bool {
	_, err := exec.LookPath(t.program)
	return err == nil
}

func (t talker) say(ctx context.Context, text string) error {
	args := append(append([]string(nil), t.args...), "--", text)
	cmd := exec.CommandContext(ctx, t.program, args...)
	cmd.WaitDelay = time.Second // for a child that outlives it and keeps the pipe
	var said limited
	cmd.Stderr = &said
	err := cmd.Run()
	if err != nil && ctx.Err() != nil {
		return errors.New("it did not end in time")
	}
	if words := line(said.String(), maxTitle); err != nil && words != "" {
		return fmt.Errorf("%w: %s", err, words)
	}
	return err
}
