package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/libre"
	"github.com/llutray/llutray/internal/settings"
)

func loginCommand() *cobra.Command {
	var l login
	c := &cobra.Command{
		Use:   "login",
		Short: "Sign in to LibreLinkUp",
		Long: `Signs in with the e-mail address and password of a LibreLinkUp account: the
follower's app, not the app with the sensor. Best make an account of its own
for this computer and invite it from the phone.

Asks for what it is not given; the password is not shown while you type.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			l.in, l.out = bufio.NewReader(c.InOrStdin()), c.OutOrStdout()
			return l.run(c.Context())
		},
	}
	f := c.Flags()
	f.StringVar(&l.email, "email", "", "e-mail address of the account")
	f.BoolVar(&l.passwordStdin, "password-stdin", false, "read the password from standard input")
	f.StringVar(&l.region, "region", "", "region of the account; needed only for ru and cn")
	f.BoolVar(&l.file, "file", false, "if there is no keyring, keep the sign-in in a file that only you can read")
	return c
}

// login is one sign-in at a terminal or from a script.
type login struct {
	email, region       string
	passwordStdin, file bool
	in                  *bufio.Reader
	out                 io.Writer
}

func (l *login) run(ctx context.Context) error {
	interactive := term.IsTerminal(int(os.Stdin.Fd())) && !l.passwordStdin
	s := newSignIn(settings.DefaultPaths(), l.file)
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
func newSignIn(paths settings.Paths, file bool) *app.SignIn {
	return &app.SignIn{
		Paths: paths, Secrets: openSecrets(paths, file),
		Reload: func(context.Context) error {
			_, err := app.Tell(paths.Control, "reload", "", 0)
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
		return fmt.Errorf("%w\nTo keep the sign-in in a file that only you can read instead, add --file", err)
	}
	_, _ = fmt.Fprintf(l.out, "%v\nKeep the sign-in in a file that only you can read instead? [y/N] ", err)
	if !l.yes() {
		return &exitError{code: exitFailed, err: errors.New("nothing was changed")}
	}
	s.Secrets.AllowFile = true
	return nil
}

func (l *login) yes() bool {
	s, _ := l.in.ReadString('\n')
	s = strings.ToLower(strings.TrimSpace(s))
	return s == "y" || s == "yes"
}

func (l *login) credentials(interactive bool) (libre.Credentials, error) {
	c := libre.Credentials{Email: l.email}
	if c.Email == "" {
		if !interactive {
			return c, usage("give the e-mail address with --email")
		}
		_, _ = fmt.Fprint(l.out, "E-mail address of the LibreLinkUp account: ")
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
		_, _ = fmt.Fprint(l.out, "Password (it is not shown): ")
		b, err := term.ReadPassword(int(os.Stdin.Fd()))
		_, _ = fmt.Fprintln(l.out)
		if err != nil {
			return c, err
		}
		c.Password = string(b)
	default:
		return c, usage("there is no terminal to ask for the password; use --password-stdin")
	}
	if c.Email == "" || c.Password == "" {
		return c, usage("both an e-mail address and a password are needed")
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
		_, _ = fmt.Fprintf(l.out, "LibreLinkUp asks you to accept its %s.\nYou can read it in the LibreLinkUp app or at www.librelinkup.com. Accept it now? [y/N] ", step.Title)
		if !l.yes() {
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
		_, _ = fmt.Fprintln(l.out, "Signed in.")
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
	_, _ = fmt.Fprintln(l.out, "Your LibreLinkUp account has limits of its own for alarms:")
	for _, o := range g.Offers {
		_, _ = fmt.Fprintf(l.out, "  %s: %s %s\n", o.Name, g.Unit.Format(o.Limit), g.Unit)
	}
	_, _ = fmt.Fprint(l.out, "Use them here too? [y/N] ")
	if !l.yes() {
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
	return &cobra.Command{
		Use:   "logout",
		Short: "Forget the sign-in; settings and history stay",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := newSignIn(settings.DefaultPaths(), false).SignOut(c.Context()); err != nil {
				return err
			}
			_, err := fmt.Fprintln(c.OutOrStdout(), "Signed out. Settings and history are kept.")
			return err
		},
	}
}
