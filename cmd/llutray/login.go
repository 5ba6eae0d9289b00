package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

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
	paths := settings.DefaultPaths()
	secrets := openSecrets(paths, l.file)
	if err := l.consent(ctx, interactive, &secrets, paths); err != nil {
		return err
	}
	cred, err := l.credentials(interactive)
	if err != nil {
		return err
	}
	account := &app.Account{Secrets: secrets, Path: paths.Session}
	session, err := account.Load(ctx, cred)
	if err != nil {
		return err
	}
	set, err := settings.Load(paths.Settings)
	if err != nil {
		return err
	}
	region := set.Account.Region
	if l.region != "" {
		region = l.region
	}
	client, err := newClient(account, session, region, func(context.Context) (libre.Credentials, error) { return cred, nil }, time.Now)
	if err != nil {
		return err
	}
	if err := l.signIn(ctx, client, interactive); err != nil {
		return userError(err)
	}
	if err := account.Remember(ctx, cred); err != nil {
		return fmt.Errorf("you are signed in, but the sign-in could not be kept: %w", err)
	}
	first := !settings.Exists(paths.Settings)
	if l.region != "" {
		if err := settings.Set(paths.Settings, "account.region", l.region); err != nil {
			return err
		}
	}
	// The running program goes on with the new sign-in even if what follows
	// fails, as it does when nobody shares yet.
	_, told := app.Tell(paths.Control, "reload", "", 0)
	if errors.Is(told, app.ErrNotRunning) {
		told = nil
	}
	return errors.Join(l.greet(ctx, client, set, paths, first, interactive), told)
}

// consent asks before secrets go into a file for want of a keyring.
func (l *login) consent(ctx context.Context, interactive bool, secrets *settings.Secrets, paths settings.Paths) error {
	err := secrets.Check(ctx)
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
	*secrets = openSecrets(paths, true)
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
func (l *login) signIn(ctx context.Context, client *libre.Client, interactive bool) error {
	err := client.SignIn(ctx)
	for {
		step, pending := client.PendingStep()
		if err == nil || !pending {
			return err
		}
		if !interactive || !step.Acceptable() {
			return err
		}
		_, _ = fmt.Fprintf(l.out, "LibreLinkUp asks you to accept its %s.\nYou can read it in the LibreLinkUp app or at www.librelinkup.com. Accept it now? [y/N] ", step.Title)
		if !l.yes() {
			return err
		}
		err = client.AcceptStep(ctx)
	}
}

// greet proves the sign-in by showing who shares with the account, and takes
// over the unit of a first sign-in.
func (l *login) greet(ctx context.Context, client *libre.Client, set settings.Settings, paths settings.Paths, first, interactive bool) error {
	snapshots, err := client.Current(ctx)
	if err != nil {
		return userError(err)
	}
	_, _ = fmt.Fprintln(l.out, "Signed in.")
	now := time.Now()
	unit := set.Unit
	for i, s := range snapshots {
		if i == 0 && first && s.Account.Unit != "" {
			unit = s.Account.Unit
			if err := settings.Set(paths.Settings, "unit", string(unit)); err != nil {
				return err
			}
		}
		var readings []glucose.Reading
		if s.Current != nil {
			readings = append(readings, *s.Current)
		}
		st := app.NewStatus(s.Person, readings, unit, set.Ranges(), nil, now)
		_, _ = fmt.Fprintln(l.out, textLine(st, unit))
	}
	if first && interactive && len(snapshots) == 1 {
		return l.offerLimits(snapshots[0].Account, unit, paths)
	}
	return nil
}

// offerLimits asks once, at the first sign-in, whether the limits that the
// account has for its own alarms shall be ours. Afterwards the settings file
// rules, whatever changes at the service.
func (l *login) offerLimits(a glucose.Account, unit glucose.Unit, paths settings.Paths) error {
	type offer struct {
		key, name string
		value     glucose.MgDL
	}
	set := settings.Default()
	var offers []offer
	for _, o := range []offer{{"alarms.low.limit", "low", a.AlarmLow}, {"alarms.high.limit", "high", a.AlarmHigh}} {
		if o.value != 0 && o.value != map[string]glucose.MgDL{"low": set.Low.Limit, "high": set.High.Limit}[o.name] {
			offers = append(offers, o)
		}
	}
	if len(offers) == 0 {
		return nil
	}
	_, _ = fmt.Fprintln(l.out, "Your LibreLinkUp account has limits of its own for alarms:")
	for _, o := range offers {
		_, _ = fmt.Fprintf(l.out, "  %s: %s %s\n", o.name, unit.Format(o.value), unit)
	}
	_, _ = fmt.Fprint(l.out, "Use them here too? [y/N] ")
	if !l.yes() {
		return nil
	}
	for _, o := range offers {
		if err := settings.Set(paths.Settings, o.key, fmt.Sprintf("%d mg/dL", o.value)); err != nil {
			// A limit that is right for the phone may be out of our range.
			_, _ = fmt.Fprintln(l.out, err)
		}
	}
	return nil
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
			paths := settings.DefaultPaths()
			account := &app.Account{Secrets: openSecrets(paths, false), Path: paths.Session}
			if err := account.Forget(c.Context()); err != nil {
				return err
			}
			if _, err := app.Tell(paths.Control, "reload", "", 0); err != nil && !errors.Is(err, app.ErrNotRunning) {
				return err
			}
			_, err := fmt.Fprintln(c.OutOrStdout(), "Signed out. Settings and history are kept.")
			return err
		},
	}
}
