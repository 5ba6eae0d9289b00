package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/packaging"
)

func testAlarmCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "test-alarm",
		Short: lang.T("Send a real test alarm through every channel"),
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			paths := settings.DefaultPaths()
			text, err := askRunning(paths, "", "test-alarm", "", 0)
			if errors.Is(err, app.ErrNotRunning) {
				text, err = sendTestAlarm(c.Context(), paths)
			}
			if err != nil {
				return lang.E("the test alarm failed in part or whole: %w", err)
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), text)
			return err
		},
	}
}

// sendTestAlarm raises the alarm by itself when no llutray is running.
func sendTestAlarm(ctx context.Context, paths settings.Paths) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	desktop := notify.New(notify.Options{AppName: packaging.AppUserModelID})
	defer desktop.Close()
	m := app.TestMessage()
	m.Buttons = nil // nobody would be left to hear them
	if err := desktop.Send(ctx, m); err != nil {
		return "", err
	}
	if err := notify.NewPlayer(notify.PlayerOptions{Dir: paths.Sounds}).Play(ctx, m.Sound); err != nil {
		return "", lang.E("the message was shown, but without a sound: %w", err)
	}
	return lang.T("The test alarm was handed to the desktop."), nil
}
