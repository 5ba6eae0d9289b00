package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/spf13/cobra"

	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/settings"
)

func settingsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "settings",
		Short: lang.T("Show or change the settings"),
		Long:  lang.T("Prints all settings with their values. A running llutray takes a change over at once."),
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := settings.Load(settings.DefaultPaths().Settings)
			if err != nil {
				return err
			}
			for _, k := range s.Keys() {
				v, err := settings.Get(s, k.Key)
				if err != nil {
					return err
				}
				if _, err := fmt.Fprintf(c.OutOrStdout(), "%s = %s\n", k.Key, v); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.AddCommand(
		&cobra.Command{
			Use: "get KEY", Short: lang.T("Print one setting"), Args: exactArgs(1, "KEY"),
			RunE: func(c *cobra.Command, args []string) error {
				s, err := settings.Load(settings.DefaultPaths().Settings)
				if err != nil {
					return err
				}
				v, err := settings.Get(s, args[0])
				if err != nil {
					return usage(err)
				}
				_, err = fmt.Fprintln(c.OutOrStdout(), v)
				return err
			},
		},
		&cobra.Command{
			Use: "set KEY VALUE", Short: lang.T("Change one setting"), Args: exactArgs(2, "KEY VALUE"),
			Example: "  llutray settings set alarms.low.limit 3.9\n  llutray settings set people.emma.alarms.low.limit 4.2",
			RunE: func(_ *cobra.Command, args []string) error {
				err := settings.Set(settings.DefaultPaths().Settings, args[0], args[1])
				var wrong *settings.Error
				if errors.As(err, &wrong) {
					return usage(err)
				}
				return err
			},
		},
		&cobra.Command{
			Use: "path", Short: lang.T("Print where the settings file is"), Args: noArgs,
			RunE: func(c *cobra.Command, _ []string) error {
				_, err := fmt.Fprintln(c.OutOrStdout(), settings.DefaultPaths().Settings)
				return err
			},
		},
		&cobra.Command{
			Use: "edit", Short: lang.T("Open the settings file in your editor"), Args: noArgs,
			RunE: func(c *cobra.Command, _ []string) error { return editSettings(c) },
		},
	)
	return c
}

// editSettings opens the file in $VISUAL or $EDITOR, else in the program the
// desktop has for it, and says what is wrong with the result.
func editSettings(c *cobra.Command) error {
	path := settings.DefaultPaths().Settings
	if err := settings.Ensure(path); err != nil {
		return err
	}
	editor := os.Getenv("VISUAL")
	if editor == "" {
		editor = os.Getenv("EDITOR")
	}
	if editor == "" {
		return openFile(path)
	}
	words := strings.Fields(editor) // "code --wait"
	if len(words) == 0 {
		return openFile(path)
	}
	if _, err := exec.LookPath(words[0]); err != nil {
		return lang.E("the editor %q of $VISUAL or $EDITOR can't be found: %w", editor, err)
	}
	cmd := exec.CommandContext(c.Context(), words[0], append(words[1:], path)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return err
	}
	if _, err := settings.Load(path); err != nil {
		return errors.Join(err, lang.E("the last good settings stay in force until this is mended"))
	}
	return nil
}
