package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/libre"
	"github.com/llutray/llutray/internal/settings"
)

func loginCommand() *cobra.Command {
	var l login
	c := &cobra.Command{
		Use:   "login",
		Short: lang.T("Sign in to LibreLinkUp"),
		Long: lang.T(`Signs in with the e-mail address and password of a LibreLinkUp account: the
follower's app, not the app with the sensor. Best make an account of its own
for this computer and invite it from the phone.

With --account NAME it signs in to one more account, which is followed beside the
first one: for somebody whose values come through an account of their own.

Asks for what it is not given; the password is not shown while you type.`),
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			l.in, l.out = bufio.NewReader(c.InOrStdin()), c.OutOrStdout()
			return l.run(c.Context())
		},
	}
	f := c.Flags()
	f.StringVar(&l.email, "email", "", lang.T("e-mail address of the account"))
	f.BoolVar(&l.passwordStdin, "password-stdin", false, lang.T("read the password from standard input"))
	f.StringVar(&l.region, "region", "", lang.T("region of the account; needed only for ru and cn"))
	f.StringVar(&l.account, "account", "", lang.T("a name for one more account, which is followed beside the first"))
	f.BoolVar(&l.file, "file", false, lang.T("if there is no keyring, keep the sign-in in a file that only you can read"))
	return c
}

// login is one sign-in at a terminal or from a script.
type login struct {
	email, region       string
	account             string
	passwordStdin, file bool
	in                  *bufio.Reader
	out                 io.Writer
}

func (l *login) run(ctx context.Context) error {
	interactive := term.IsTerminal(int(os.Stdin.Fd())) && !l.passwordStdin
	name, err := accountName(l.account)
	if err != nil {
		return err
	}
	s := newSignIn(settings.DefaultPaths(), l.file, name)
	if err := l.consent(ctx, interactive, s); err != nil {
		return err
	}
	cred, err := l.credentials(interactive)
	if err != nil {
		return err
	}
	if err := l.signIn(ctx, s, cred, interactive); err != nil {
		return err
	}
	first, err := s.Keep(ctx)
	if err != nil {
		return err
	}
	told := s.Reload(ctx)
	return errors.Join(l.greet(ctx, s, first, interactive), told)
}

// newSignIn is a sign-in with the user's own keyring, for a running llutray to
// go on with.
func newSignIn(paths settings.Paths, file bool, account string) *app.SignIn {
	return &app.SignIn{
		Name: account, Paths: paths, Secrets: openSecrets(paths, file),
		Reload: func(context.Context) error {
			_, err := askRunning(paths, "", "reload", account, 0)
			if errors.Is(err, app.ErrNotRunning) {
				return nil
			}
			return err
		},
	}
}

// consent asks before secrets go into a file for want of a keyring.
func (l *login) consent(ctx context.Context, interactive bool, s *app.SignIn) error {
	err := s.Check(ctx)
	if err == nil {
		return nil
	}
	if !interactive {
		return lang.E("%w\nTo keep the sign-in in a file that only you can read instead, add --file", err)
	}
	_, _ = fmt.Fprintf(l.out, "%v\n", err)
	if !l.ask(lang.T("Keep the sign-in in a file that only you can read instead?")) {
		return &exitError{code: exitFailed, err: lang.E("nothing was changed")}
	}
	s.Secrets.AllowFile = true
	return nil
}

// ask puts a question whose answer is no unless the user says yes.
func (l *login) ask(question string) bool {
	_, _ = fmt.Fprintf(l.out, "%s %s ", question, lang.C("answer", "[y/N]"))
	s, _ := l.in.ReadString('\n')
	return yes(s)
}

// yes understands the words of the language in use, one letter or more of
// them, and those of English.
func yes(answer string) bool {
	plain := func(s string) string { return accents.Replace(strings.ToLower(strings.TrimSpace(s))) }
	answer = plain(answer)
	begins := func(word string) bool { return strings.HasPrefix(word, answer) }
	return answer != "" && slices.ContainsFunc([]string{plain(lang.C("answer", "yes")), "yes"}, begins)
}

// accents are what a keyboard may lack for the yes of a language.
var accents = strings.NewReplacer("í", "i", "ì", "i")

func (l *login) credentials(interactive bool) (libre.Credentials, error) {
	c := libre.Credentials{Email: l.email}
	if c.Email == "" {
		if !interactive {
			return c, usage(lang.E("give the e-mail address with --email"))
		}
		_, _ = fmt.Fprint(l.out, lang.T("E-mail address of the LibreLinkUp account: "))
		s, err := l.in.ReadString('\n')
		if err != nil {
			return c, err
		}
		c.Email = s
	}
	c.Email = strings.TrimSpace(c.Email)
	switch {
	case l.passwordStdin:
		s, err := l.in.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return c, err
		}
		c.Password = strings.TrimRight(s, "\r\n")
	case interactive:
		_, _ = fmt.Fprint(l.out, lang.T("Password (it is not shown): "))
		b, err := term.ReadPassword(int(os.Stdin.Fd()))
		_, _ = fmt.Fprintln(l.out)
		if err != nil {
			return c, err
		}
		c.Password = string(b)
	default:
		return c, usage(lang.E("there is no terminal to ask for the password; use --password-stdin"))
	}
	if c.Email == "" || c.Password == "" {
		return c, usage(lang.E("both an e-mail address and a password are needed"))
	}
	return c, nil
}

// signIn signs in and walks through the legal steps, each only with an
// explicit yes of the user.
func (l *login) signIn(ctx context.Context, s *app.SignIn, cred libre.Credentials, interactive bool) error {
	err := s.Start(ctx, cred, l.region)
	for err != nil {
		var f *glucose.Fault
		if !errors.As(err, &f) {
			return err
		}
		step, pending := s.Step()
		if !interactive || !pending {
			return userError(err)
		}
		_, _ = fmt.Fprintln(l.out, lang.F("LibreLinkUp asks you to accept its %s.", step.Title))
		if !l.ask(lang.T("You can read it in the LibreLinkUp app or at www.librelinkup.com. Accept it now?")) {
			return userError(err)
		}
		err = s.Accept(ctx)
	}
	return nil
}

// greet proves the sign-in by showing who shares with the account.
func (l *login) greet(ctx context.Context, s *app.SignIn, first, interactive bool) error {
	g, err := s.Greet(ctx, first)
	if err == nil || glucose.AsFault(err).Kind == glucose.NotShared { // what is missing is on a phone
		_, _ = fmt.Fprintln(l.out, lang.T("Signed in."))
	}
	if err != nil {
		return userError(err)
	}
	for _, p := range g.People {
		_, _ = fmt.Fprintln(l.out, textLine(p, g.Unit))
	}
	if len(g.Offers) > 0 && interactive {
		l.offerLimits(s, g)
	}
	return nil
}

// offerLimits asks once whether the limits that the account has for its own
// alarms shall be ours.
func (l *login) offerLimits(s *app.SignIn, g app.Greeting) {
	_, _ = fmt.Fprintln(l.out, lang.T("Your LibreLinkUp account has limits of its own for alarms:"))
	for _, o := range g.Offers {
		_, _ = fmt.Fprintf(l.out, "  %s: %s %s\n", o.Name, g.Unit.Format(o.Limit), g.Unit)
	}
	if !l.ask(lang.T("Use them here too?")) {
		return
	}
	for _, o := range g.Offers {
		if err := settings.Set(s.Paths.Settings, o.Key, o.Value()); err != nil {
			// A limit that is right for the phone may be out of our range.
			_, _ = fmt.Fprintln(l.out, err)
		}
	}
}

// userError writes a fault as what is wrong and what to do.
func userError(err error) error {
	f := glucose.AsFault(err)
	code := exitFailed
	if f.Kind.NeedsUser() {
		code = exitUserMust
	}
	return &exitError{code, errors.New(strings.TrimSpace(f.Message + "\n" + f.Hint))}
}

func logoutCommand() *cobra.Command {
	var account string
	c := &cobra.Command{
		Use:   "logout [NAME]",
		Short: lang.T("Forget the sign-in; settings and history stay"),
		Long: lang.T(`Forgets the sign-in; settings and history stay.

NAME, or --account NAME, is one of several accounts; without it that is the first.`),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 || len(args) == 1 && account != "" {
				return usage(lang.E("name one account at most"))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			name, err := accountName(cmp.Or(account, strings.Join(args, "")))
			if err != nil {
				return err
			}
			if err := newSignIn(settings.DefaultPaths(), false, name).SignOut(c.Context()); err != nil {
				return err
			}
			text := lang.T("Signed out. Settings and history are kept.")
			if name != "" {
				text = lang.F("Signed out of the account %s. The history is kept.", name)
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), text)
			return err
		},
	}
	c.Flags().StringVar(&account, "account", "", lang.T("the name of the account, of several"))
	return c
}

// accountName is what the settings call an account that somebody named; "" for
// the first.
func accountName(typed string) (string, error) {
	if typed == "" || typed == settings.FirstAccount {
		return "", nil
	}
	if err := settings.CheckAccountName(typed); err != nil {
		return "", usage(err)
	}
	return typed, nil
}
