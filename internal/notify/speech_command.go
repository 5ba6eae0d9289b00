//go:build !windows

package notify

import (
	"context"
	"fmt"
	"os/exec"
	"time"

	"github.com/llutray/llutray/internal/lang"
)

// inLanguage stands for the language in use among a talker's arguments.
const inLanguage = "{language}"

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
	args := make([]string, 0, len(t.args)+2)
	for _, a := range t.args {
		if a == inLanguage {
			a = voiceLanguage()
		}
		args = append(args, a)
	}
	args = append(args, "--", text)
	cmd := exec.CommandContext(ctx, t.program, args...)
	cmd.WaitDelay = time.Second // for a child that outlives it and keeps the pipe
	var said limited
	cmd.Stderr = &said
	err := cmd.Run()
	if err != nil && ctx.Err() != nil {
		return lang.E("it did not end in time")
	}
	if words := line(said.String(), maxTitle); err != nil && words != "" {
		return fmt.Errorf("%w: %s", err, words)
	}
	return err
}
