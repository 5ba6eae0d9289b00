package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/lang"
)

func autostartCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "autostart on|off",
		Short: lang.T("Start with the desktop, or not"),
		Args:  exactArgs(1, "on|off"),
		RunE: func(c *cobra.Command, args []string) error {
			if args[0] != "on" && args[0] != "off" {
				return usage(lang.E("use it as: llutray autostart on|off"))
			}
			exe, err := os.Executable()
			if err != nil {
				return err
			}
			on := args[0] == "on"
			if err := (app.DesktopAutostart{Exe: trayExe(exe)}).Set(on); err != nil {
				return err
			}
			text := lang.T("llutray no longer starts with the desktop.")
			if on {
				text = lang.T("llutray starts with the desktop from the next login on.")
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), text)
			return err
		},
	}
}
