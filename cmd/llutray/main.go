// Command llutray follows a person's glucose from LibreLinkUp and shows it in
// the tray of the desktop, with alarms for lows, highs and missing data.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/settings"
)

// Exit codes, fixed for scripts.
const (
	exitFine      = 0
	exitFailed    = 1
	exitUsage     = 2
	exitStale     = 3 // the newest reading is stale
	exitNoReading = 4 // no reading yet
	exitUserMust  = 5 // nothing comes before the user acts
)

// exitError ends the program with a code; its message, if any, has been or
// is yet to be printed.
type exitError struct {
	code int
	err  error // nil when all is said
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usage marks an error as the caller's.
func usage(err error) error { return &exitError{exitUsage, err} }

func main() { os.Exit(run(os.Args[1:])) }

// run is the whole program; it returns the exit code.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl+C ends what does not listen
	app.HideCredentials()
	// Before the first text is made. What is wrong in the file is told by
	// whoever needs it in force.
	lang.Use(settings.Language(settings.DefaultPaths().Settings))
	root := rootCommand()
	root.SetArgs(args)
	root.SetOut(inert{os.Stdout})
	root.SetErr(inert{os.Stderr})
	return exitCode(root.ErrOrStderr(), root.ExecuteContext(ctx))
}

func exitCode(stderr io.Writer, err error) int {
	if err == nil {
		return exitFine
	}
	var exit *exitError
	if errors.As(err, &exit) {
		if exit.err != nil {
			_, _ = fmt.Fprintln(stderr, "llutray:", exit.err)
		}
		return exit.code
	}
	_, _ = fmt.Fprintln(stderr, "llutray:", err)
	return exitFailed
}

// moreCommands are those of a build tag.
var moreCommands []func() *cobra.Command

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "llutray",
		Short: lang.T("Glucose from LibreLinkUp in the tray, with alarms"),
		Long: lang.T(`llutray shows the glucose value that somebody shares with you through
LibreLinkUp in the tray of your desktop, and raises alarms for lows, highs and
missing data. Without a command it starts in the tray.

It is not a medical device: never decide a treatment by it alone.`),
		Args:          noArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          runTray,
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usage(lang.E("%w; see %s --help", flagError(err), c.CommandPath()))
	})
	root.AddCommand(
		demoCommand(), watchCommand(),
		loginCommand(), logoutCommand(),
		statusCommand(), historyCommand(), importCommand(), settingsCommand(),
		pageCommand(), snoozeCommand(), unsnoozeCommand(), offCommand(), onCommand(), tellCommand(), untellCommand(), replayCommand(),
		statsCommand(), reportCommand(),
		checkCommand(), testAlarmCommand(), autostartCommand(),
		relayCommand(), mqttCommand(), nightscoutCommand(),
		versionCommand(), keyringCommand(),
	)
	for _, more := range moreCommands {
		root.AddCommand(more())
	}
	speak(root)
	return root
}

// noArgs, exactArgs and oneAtMost are cobra's checks with the exit code of a
// wrong call.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage(lang.E("there is no command or argument %q; see llutray --help", args[0]))
	}
	return nil
}

func exactArgs(n int, form string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != n {
			return usage(lang.E("use it as: %s %s", c.CommandPath(), form))
		}
		return nil
	}
}

func oneAtMost(c *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usage(lang.E("use it as: %s", c.UseLine()))
	}
	return nil
}
