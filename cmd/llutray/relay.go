package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/relay"
	"github.com/llutray/llutray/internal/settings"
)

func relayCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "relay",
		Short: lang.T("Tell alarms to a phone or to somebody else"),
		Long: lang.T(`Carries alarms to places outside this computer: Telegram, ntfy, Pushover, Matrix,
e-mail, a web address and others. Which alarms go where is in the settings, in a
section [relays.NAME] for each.

What is sent is the text of the alarm, with name and value unless the relay's
text is content_free. It goes to the service that you add and to nobody else.`),
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(relayAddCommand(), relayListCommand(), relayRemoveCommand(), relayTestCommand(), relayDeliverCommand())
	return c
}

// relayWait is how long one delivery on demand may take.
const relayWait = 20 * time.Second

func relayChild(secrets settings.Secrets) relay.Child {
	exe, err := os.Executable()
	if err != nil {
		exe = os.Args[0]
	}
	// A keyring that has been locked since, as some are with the screen, must
	// not keep an alarm from where it could go before.
	var mu sync.Mutex
	known := map[string]string{}
	return relay.Child{Exe: []string{exe, "relay", "deliver"}, URL: func(ctx context.Context, name string) (string, error) {
		u, err := secrets.Get(ctx, settings.RelaySecret(name))
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err == nil:
			known[name] = u
		case errors.Is(err, settings.ErrNotFound):
			delete(known, name)
			return "", lang.E("its address is not stored: llutray relay add %s", name)
		case known[name] != "":
			return known[name], nil
		}
		return u, err
	}}
}

func relayAddCommand() *cobra.Command {
	var file bool
	c := &cobra.Command{
		Use:   "add NAME [ADDRESS]",
		Short: lang.T("Add a relay, or give it another address"),
		Long: lang.F(`Keeps the address in the desktop's keyring, because it holds the service's key.
Without ADDRESS it is asked for, or read from standard input, so that it stays
out of the shell's history. Addresses are those of shoutrrr, such as:

  %s`, strings.Join(relayForms(), "\n  ")),
		Example: "  llutray relay add phone ntfy://ntfy.sh/a-topic-nobody-guesses",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return usage(lang.E("use it as: llutray relay add NAME [ADDRESS]"))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			var address string
			if len(args) == 2 {
				address = args[1]
			} else if a, err := askSecret(c, lang.T("Address: ")); err == nil {
				address = a
			} else {
				return err
			}
			paths := settings.DefaultPaths()
			secrets := openSecrets(paths, file)
			ctx, cancel := context.WithTimeout(c.Context(), relayWait)
			defer cancel()
			if err := relayChild(secrets).Check(ctx, address); err != nil {
				return err
			}
			// First the section, which refuses a name that cannot be one.
			if err := settings.Set(paths.Settings, "relays."+args[0]+".on", "true"); err != nil {
				return err
			}
			if err := secrets.Set(ctx, settings.RelaySecret(args[0]), address); err != nil {
				return lang.E("the address could not be kept: %w", err)
			}
			_, err := fmt.Fprintln(c.OutOrStdout(), lang.F("%[1]s is added. Try it: llutray relay test %[1]s\nWhat it carries is in the settings, section [relays.%[1]s]: llutray settings edit", args[0]))
			return err
		},
	}
	c.Flags().BoolVar(&file, "file", false, lang.T("if there is no keyring, keep the address in a file that only you can read"))
	return c
}

func relayForms() (out []string) {
	for _, s := range relay.Services() {
		if f := relay.Form(s); f != "" {
			out = append(out, f)
		}
	}
	return out
}

// askSecret reads a line that is not shown while it is typed, or the first
// line of standard input where that is no terminal.
func askSecret(c *cobra.Command, prompt string) (string, error) {
	if term.IsTerminal(int(os.Stdin.Fd())) {
		_, _ = fmt.Fprint(c.OutOrStdout(), prompt)
		b, err := term.ReadPassword(int(os.Stdin.Fd()))
		_, _ = fmt.Fprintln(c.OutOrStdout())
		return strings.TrimSpace(string(b)), err
	}
	line, err := bufio.NewReader(c.InOrStdin()).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimSpace(line), nil
}

func relayListCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: lang.T("List the relays and what they carry"), Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			paths := settings.DefaultPaths()
			set, err := settings.Load(paths.Settings)
			if err != nil {
				return err
			}
			if len(set.Relays) == 0 {
				_, err := fmt.Fprintln(c.OutOrStdout(), lang.T("There are no relays: alarms stay on this computer. Add one: llutray relay add NAME"))
				return err
			}
			secrets := openSecrets(paths, false)
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, r := range set.Relays {
				if !r.On {
					_, _ = fmt.Fprintf(w, "%s\t-\t%s\n", r.Name, lang.C("relay", "off"))
					continue
				}
				u, err := secrets.Get(c.Context(), settings.RelaySecret(r.Name))
				via := relay.Service(u)
				switch {
				case errors.Is(err, settings.ErrNotFound):
					via = lang.T("no address")
				case err != nil:
					via = lang.T("address not readable")
				case via == "":
					via = lang.T("bad address")
				}
				_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", r.Name, via, relayWords(r))
			}
			return w.Flush()
		},
	}
}

// checkRelays looks at the relays' addresses. Only a test message would tell
// whether anything arrives.
func checkRelays(ctx context.Context, paths settings.Paths) (out []finding) {
	set, err := settings.Load(paths.Settings)
	if err != nil {
		return nil // others report it
	}
	child := relayChild(openSecrets(paths, false))
	for _, r := range set.Relays {
		if !r.On {
			continue
		}
		address, err := child.URL(ctx, r.Name)
		if err == nil {
			bound, cancel := context.WithTimeout(ctx, relayWait)
			err = child.Check(bound, address)
			cancel()
		}
		if err != nil {
			out = append(out, finding{"relay " + r.Name, false, err.Error(), exitFailed})
			continue
		}
		out = append(out, finding{"relay " + r.Name, true, lang.F("%s, %s; to try it: llutray relay test %s", relay.Service(address), relayWords(r), r.Name), exitFine})
	}
	return out
}

// relayWords is what a relay carries, for people.
func relayWords(r settings.Relay) string {
	var out []string
	if r.After > 0 {
		out = append(out, lang.F("when nobody answers for %d min", int(r.After.Minutes())))
	} else {
		out = append(out, lang.T("at once"))
	}
	kinds := lang.T("all alarms")
	if k := r.Kinds(); len(k) > 0 {
		var names []string
		for _, k := range k {
			names = append(names, lang.Lower(k.Label()))
		}
		kinds = strings.Join(names, ", ")
	}
	out = append(out, kinds)
	if n := r.Names(); len(n) > 0 {
		out = append(out, lang.F("of %s", strings.Join(n, ", ")))
	}
	if w, ok := r.Hours(); ok {
		out = append(out, lang.F("from %s to %s, %s", w.From, w.To, dayWords(w.Days)))
	}
	if r.Text == settings.TextContentFree {
		out = append(out, lang.T("without content"))
	}
	return strings.Join(out, "; ")
}

// dayWords are the days of a window; none are all of them.
func dayWords(days []time.Weekday) string {
	if len(days) == 0 {
		return lang.T("every day")
	}
	var out []string
	for _, d := range days {
		out = append(out, lang.Lower(lang.Weekday(d)))
	}
	return strings.Join(out, " ")
}

func relayRemoveCommand() *cobra.Command {
	return &cobra.Command{
		Use: "remove NAME", Short: lang.T("Take a relay out of the settings and forget its address"), Args: exactArgs(1, "NAME"),
		RunE: func(c *cobra.Command, args []string) error {
			name, paths := args[0], settings.DefaultPaths()
			set, err := settings.Load(paths.Settings)
			if err != nil {
				return err
			}
			secrets := openSecrets(paths, false)
			if !slices.ContainsFunc(set.Relays, func(r settings.Relay) bool { return r.Name == name }) {
				// Whoever took the section out by hand has left the address behind.
				if _, err := secrets.Get(c.Context(), settings.RelaySecret(name)); err != nil {
					return usage(lang.E("there is no relay %q; see llutray relay list", name))
				}
			}
			// The address first: without its section nobody would look for it.
			if err := secrets.Delete(c.Context(), settings.RelaySecret(name)); err != nil {
				return err
			}
			if err := settings.RemoveRelay(paths.Settings, name); err != nil {
				return lang.E("the address is forgotten, so nothing is sent any more, but the section [relays.%s] is still in the settings: %w", name, err)
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), lang.F("%s is removed, and its address forgotten.", name))
			return err
		},
	}
}

func relayTestCommand() *cobra.Command {
	return &cobra.Command{
		Use: "test NAME", Short: lang.T("Send a test message through a relay"), Args: exactArgs(1, "NAME"),
		RunE: func(c *cobra.Command, args []string) error {
			ctx, cancel := context.WithTimeout(c.Context(), relayWait)
			defer cancel()
			err := relayChild(openSecrets(settings.DefaultPaths(), false)).Send(ctx, args[0], relay.Message{
				Text: relay.Text{Title: lang.T("TEST of llutray"), Body: lang.T("This is how an alarm would reach you. No value is meant.")},
			})
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), lang.T("The service has taken it. Look whether it has arrived."))
			return err
		},
	}
}

// relayDeliverCommand is the child that speaks with a service on behalf of the
// program.
func relayDeliverCommand() *cobra.Command {
	return &cobra.Command{
		Use: "deliver", Hidden: true, Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			if code := relay.Serve(os.Stdin, os.Stdout); code != exitFine {
				return &exitError{code: code}
			}
			return nil
		},
	}
}

// relayRules are the settings' relays that are on. people are those known, by
// whom names are understood; a name of nobody is kept, so that the rule does
// not become one for everybody.
func relayRules(set settings.Settings, people []glucose.Person) (out []relay.Rule) {
	for _, r := range set.Relays {
		if !r.On {
			continue
		}
		rule := relay.Rule{
			Name: r.Name, Kinds: r.Kinds(), After: r.After, Every: r.Every,
			ContentFree: r.Text == settings.TextContentFree, Recovered: r.Recovered,
		}
		if w, ok := r.Hours(); ok {
			rule.Hours = []alarm.Window{w}
		}
		for _, name := range r.Names() {
			id := name
			for _, p := range people {
				if set.Means(p, name) {
					id = p.ID
				}
			}
			rule.People = append(rule.People, id)
		}
		out = append(out, rule)
	}
	return out
}
