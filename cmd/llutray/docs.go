//go:build docs

// The build tag keeps the generators out of the program.

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/packaging"
)

func init() { moreCommands = append(moreCommands, docsCommand) }

// docsCommand writes the man pages and the completions that packages ship.
// Their date is SOURCE_DATE_EPOCH's, so that they are the same every time.
func docsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "docs DIR", Hidden: true, Args: exactArgs(1, "DIR"),
		RunE: func(_ *cobra.Command, args []string) error {
			lang.Use(lang.English) // a package is one for all languages, and the same wherever it is built
			return writeDocs(rootCommand(), args[0])
		},
	}
}

func writeDocs(root *cobra.Command, dir string) error {
	root.DisableAutoGenTag = true
	man, completions := filepath.Join(dir, "man"), filepath.Join(dir, "completions")
	for _, d := range []string{man, completions} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return err
		}
	}
	header := &doc.GenManHeader{
		Section: "1", Source: "llutray " + packaging.Version, Manual: "User Commands",
	}
	if err := doc.GenManTree(root, header, man); err != nil {
		return err
	}
	if err := appendTo(filepath.Join(man, "llutray.1"), manMore); err != nil {
		return err
	}
	for name, write := range map[string]func(string) error{
		"llutray.bash": func(f string) error { return root.GenBashCompletionFileV2(f, true) },
		"_llutray":     root.GenZshCompletionFile,
		"llutray.fish": func(f string) error { return root.GenFishCompletionFile(f, true) },
		"llutray.ps1":  root.GenPowerShellCompletionFileWithDesc,
	} {
		if err := write(filepath.Join(completions, name)); err != nil {
			return fmt.Errorf("completion %s: %w", name, err)
		}
	}
	return nil
}

func appendTo(file, text string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(strings.TrimRight(string(b), "\n")+"\n"+text), 0o644)
}

// manMore is what cobra can't know.
const manMore = `.SH EXIT STATUS
.TP
0
fine
.TP
1
failed
.TP
2
wrong call
.TP
3
of status and check: the newest reading is stale
.TP
4
of status and check: there is no reading yet
.TP
5
of status and check: you must act, for example sign in
.SH ENVIRONMENT
.TP
LLUTRAY_EMAIL, LLUTRAY_PASSWORD
sign in without storing anything; they win over a stored sign\-in
.TP
LLUTRAY_SERVER
a base URL to use instead of LibreLinkUp's own hosts
.SH FILES
.TP
~/.config/llutray/settings.toml
the settings, every key explained
.TP
~/.local/share/llutray/history.db
readings and alarms, an SQLite database
.TP
~/.local/state/llutray/
the log, and what is remembered between starts
`
