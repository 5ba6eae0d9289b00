package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/packaging"
)

// commit is the revision the program was built from, as the Makefile or the
// Go tool knows it.
var commit = ""

func commitOf() string {
	if commit != "" {
		return commit
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return "unknown"
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: lang.T("Print version, commit, Go version and platform"),
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(c.OutOrStdout(), "llutray %s\ncommit %s\n%s %s/%s\n",
				packaging.Version, commitOf(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
