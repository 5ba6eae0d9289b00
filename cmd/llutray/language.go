package main

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/llutray/llutray/internal/lang"
)

// speak puts what cobra says of itself into the language in use: the frame of
// the help, the commands it adds, and its errors. In English it is word for
// word cobra's own.
func speak(root *cobra.Command) {
	root.SetUsageFunc(func(c *cobra.Command) error { return writeUsage(c.OutOrStderr(), c) })
	root.SetHelpFunc(func(c *cobra.Command, _ []string) {
		about := c.Long
		if about == "" {
			about = c.Short
		}
		if about = strings.TrimRight(about, " \n"); about != "" {
			_, _ = fmt.Fprint(c.OutOrStdout(), about, "\n\n")
		}
		if c.Runnable() || c.HasSubCommands() {
			_ = writeUsage(c.OutOrStdout(), c)
		}
	})
	root.SetHelpCommand(helpCommand())
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			speakOfCompletion(c)
		}
	}
	for _, c := range withAll(root) {
		c.InitDefaultHelpFlag()
		c.Flags().Lookup("help").Usage = lang.F("help for %s", c.DisplayName())
	}
}

// withAll is a command with all below it.
func withAll(c *cobra.Command) []*cobra.Command {
	out := []*cobra.Command{c}
	for _, sub := range c.Commands() {
		out = append(out, withAll(sub)...)
	}
	return out
}

func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: lang.T("Help about any command"),
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			about, _, err := c.Root().Find(args)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var out []cobra.Completion
			for _, sub := range about.Commands() {
				if sub.IsAvailableCommand() {
					out = append(out, cobra.CompletionWithDesc(sub.Name(), sub.Short))
				}
			}
			return out, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			about, rest, err := c.Root().Find(args)
			if about == nil || err != nil || len(rest) > 0 {
				return usage(lang.E("there is no command %q; see llutray --help", strings.Join(args, " ")))
			}
			return about.Help()
		},
	}
}

// speakOfCompletion says of cobra's command for the shells what is needed.
func speakOfCompletion(c *cobra.Command) {
	c.Short = lang.T("Generate the autocompletion script for the specified shell")
	c.Long = lang.T(`Prints the script with which a shell completes the commands of llutray. The help
of each command below says where to put it.`)
	for _, shell := range c.Commands() {
		shell.Short = lang.F("Generate the autocompletion script for %s", shell.Name())
		shell.Args = noArgs
		form, ok := completions[shell.Name()]
		if !ok {
			continue
		}
		shell.Long = lang.F("Prints the script with which %s completes the commands of llutray.", shell.Name()) + "\n\n" +
			lang.F("For this session:\n\n  %s\n\nFor each new one:\n\n  %s", form.now, form.always)
		if f := shell.Flags().Lookup("no-descriptions"); f != nil {
			f.Usage = lang.T("disable completion descriptions")
		}
	}
}

// completions is how each shell takes its script, now and from now on.
var completions = map[string]struct{ now, always string }{
	"bash": {"source <(llutray completion bash)", "llutray completion bash > ~/.local/share/bash-completion/completions/llutray"},
	"zsh":  {"source <(llutray completion zsh)", `llutray completion zsh > "${fpath[1]}/_llutray"`},
	"fish": {"llutray completion fish | source", "llutray completion fish > ~/.config/fish/completions/llutray.fish"},
	"powershell": {
		"llutray completion powershell | Out-String | Invoke-Expression", "llutray completion powershell >> $PROFILE",
	},
}

// writeUsage is the frame of the help.
func writeUsage(w io.Writer, c *cobra.Command) error {
	var b strings.Builder
	head := func(text string) { b.WriteString("\n\n" + text) }
	b.WriteString(lang.T("Usage:"))
	if c.Runnable() {
		b.WriteString("\n  " + inWords(c.UseLine()))
	}
	if c.HasAvailableSubCommands() {
		b.WriteString("\n  " + lang.F("%s [command]", c.CommandPath()))
	}
	if c.HasExample() {
		head(lang.T("Examples:"))
		b.WriteString("\n" + c.Example)
	}
	if c.HasAvailableSubCommands() {
		head(lang.T("Available Commands:"))
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() || sub.Name() == "help" {
				fmt.Fprintf(&b, "\n  %-*s %s", sub.NamePadding(), sub.Name(), sub.Short)
			}
		}
	}
	if c.HasAvailableLocalFlags() {
		head(lang.T("Flags:"))
		b.WriteString("\n" + flagLines(c.LocalFlags()))
	}
	if c.HasAvailableInheritedFlags() {
		head(lang.T("Global Flags:"))
		b.WriteString("\n" + flagLines(c.InheritedFlags()))
	}
	if c.HasAvailableSubCommands() {
		head(lang.F(`Use "%s [command] --help" for more information about a command.`, c.CommandPath()))
	}
	_, err := fmt.Fprintln(w, b.String())
	return err
}

// inWords is a line of usage with the word that cobra puts in it.
func inWords(line string) string {
	if rest, ok := strings.CutSuffix(line, " [flags]"); ok {
		return lang.F("%s [flags]", rest)
	}
	return line
}

var defaults = regexp.MustCompile(`(?m) \(default (.*)\)$`)

// flagLines are the flags, each with its word for what it is without it.
func flagLines(f *pflag.FlagSet) string {
	lines := strings.TrimRight(f.FlagUsages(), " \n")
	return defaults.ReplaceAllStringFunc(lines, func(s string) string {
		return " " + lang.F("(default %s)", defaults.FindStringSubmatch(s)[1])
	})
}

// flagError is what pflag says of a wrong flag, in the language in use.
func flagError(err error) error {
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var wrong *pflag.InvalidValueError
	var syntax *pflag.InvalidSyntaxError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return lang.E("unknown shorthand flag: %q in -%s", rune(unknown.GetSpecifiedName()[0]), unknown.GetSpecifiedShortnames())
	case errors.As(err, &unknown):
		return lang.E("unknown flag: --%s", unknown.GetSpecifiedName())
	case errors.As(err, &missing) && missing.GetSpecifiedShortnames() != "":
		return lang.E("flag needs an argument: %q in -%s", rune(missing.GetSpecifiedName()[0]), missing.GetSpecifiedShortnames())
	case errors.As(err, &missing):
		return lang.E("flag needs an argument: --%s", missing.GetSpecifiedName())
	case errors.As(err, &wrong):
		return lang.E("%q is not allowed for --%s", wrong.GetValue(), wrong.GetFlag().Name)
	case errors.As(err, &syntax):
		return lang.E("bad flag syntax: %s", syntax.GetSpecifiedFlag())
	}
	return err
}
