package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/llutray/llutray/internal/settings"
)

// keyringCommand is the child that talks to the desktop's keyring on behalf of
// the program: a keyring that hangs or prompts hangs the child only.
func keyringCommand() *cobra.Command {
	return &cobra.Command{
		Use: "keyring", Hidden: true,
		RunE: func(_ *cobra.Command, args []string) error {
			if code := settings.ServeKeyring(args, os.Stdin, os.Stdout); code != exitFine {
				return &exitError{code: code}
			}
			return nil
		},
	}
}
