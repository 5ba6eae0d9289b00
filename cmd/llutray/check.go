package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/spf13/cobra"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/libre"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/tray"
)

func checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Find out whether an alarm would reach you",
		Long: `Looks at everything between the sensor and your ear and prints a line each.

Exit codes: 0 all is well, 1 an alarm could not reach you, 3 the newest reading
is stale, 4 no reading yet, 5 you must act.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runCheck(c.Context(), c.OutOrStdout()) },
	}
}

// finding is one line of the check.
type finding struct {
	what string
	ok   bool
	text string
	code int // of the whole check when not ok; 0 for a remark
}

func runCheck(ctx context.Context, w io.Writer) error {
	paths := settings.DefaultPaths()
	findings := append(checkService(ctx, paths), checkDesktop(ctx, paths)...)
	code := exitFine
	for _, f := range findings {
		mark := "ok  "
		if !f.ok {
			mark = "    "
			if f.code != exitFine {
				mark = "FAIL"
				code = graver(code, f.code)
			}
		}
		if _, err := fmt.Fprintf(w, "%s %-13s %s\n", mark, f.what, f.text); err != nil {
			return err
		}
	}
	if code != exitFine {
		return &exitError{code: code}
	}
	return nil
}

// graver decides which code speaks for the whole check: what the user must
// do, then what keeps an alarm from them, then what is only missing.
func graver(a, b int) int {
	order := []int{exitFine, exitNoReading, exitStale, exitFailed, exitUserMust}
	for i := len(order) - 1; i >= 0; i-- {
		if order[i] == a || order[i] == b {
			return order[i]
		}
	}
	return exitFailed
}

// checkService looks at sign-in, server, person, sensor and freshness. With a
// running program it reads what that stored, because a second client on the
// same account gets people locked out.
func checkService(ctx context.Context, paths settings.Paths) []finding {
	secrets := openSecrets(paths, false)
	out := []finding{checkKeyring(ctx, secrets)}
	// Asked and given back at once: a tray that starts while a slow service is
	// checked must not take this for a running program.
	lock := flock.New(paths.Lock)
	if held, err := lock.TryLock(); err == nil && !held {
		out = append(out, finding{"program", true, "llutray is running; what follows is what it knows", exitFine})
		return append(out, checkStored(ctx, paths)...)
	}
	_ = lock.Unlock()
	return append(out, checkLive(ctx, paths, secrets)...)
}

func checkKeyring(ctx context.Context, secrets settings.Secrets) finding {
	if err := secrets.Check(ctx); err != nil {
		return finding{"keyring", false, err.Error(), exitFine}
	}
	return finding{"keyring", true, "secrets can be kept", exitFine}
}

func checkStored(ctx context.Context, paths settings.Paths) []finding {
	st, _, err := loadStatus(ctx, "")
	if err != nil {
		return []finding{{"history", false, err.Error(), exitFailed}}
	}
	out := []finding{}
	if st.Fault != nil {
		code := exitFailed
		if st.Fault.Kind.NeedsUser() {
			code = exitUserMust
		}
		out = append(out, finding{"server", false, strings.TrimSpace(st.Fault.Message + " " + st.Fault.Hint), code})
	} else {
		out = append(out, finding{"server", true, "the service answers", exitFine})
	}
	out = append(out, freshness(st))
	if held, err := app.Tell(paths.Control, "snoozes", "", 0); err == nil && held != "" {
		out = append(out, finding{"snoozes", false, "in force: " + held, exitFine})
	}
	return out
}

func checkLive(ctx context.Context, paths settings.Paths, secrets settings.Secrets) []finding {
	set, err := settings.Load(paths.Settings)
	if err != nil {
		return []finding{{"settings", false, err.Error(), exitFailed}}
	}
	account := &app.Account{Secrets: secrets, Path: paths.Session}
	cred, err := account.Credentials(ctx)
	if err != nil {
		f := glucose.AsFault(err)
		return []finding{{"sign-in", false, f.Message + " " + f.Hint, exitUserMust}}
	}
	session, err := account.Load(ctx, cred)
	if err != nil {
		return []finding{{"sign-in", false, err.Error(), exitFailed}}
	}
	client, err := newClient(account, session, set.Account.Region, func(context.Context) (libre.Credentials, error) { return cred, nil }, time.Now)
	if err != nil {
		return []finding{{"server", false, err.Error(), exitFailed}}
	}
	snapshots, err := client.Current(ctx)
	if err != nil {
		return []finding{serviceFinding(glucose.AsFault(err))}
	}
	out := []finding{
		{"network", true, "the service can be reached", exitFine},
		{"server", true, "LibreLinkUp answers", exitFine},
		{"sign-in", true, "accepted", exitFine},
	}
	var people []glucose.Person
	for _, s := range snapshots {
		people = append(people, s.Person)
	}
	set = set.Identify(people)
	out = append(out, finding{"person", true, fmt.Sprintf("%d shared with you", len(snapshots)), exitFine})
	for _, s := range snapshots {
		out = append(out, checkPerson(s, set.For(s.Person.ID), len(snapshots) > 1)...)
	}
	return out
}

// checkPerson looks at the sensor and the value of one person, named where
// several share.
func checkPerson(s glucose.Snapshot, set settings.Settings, named bool) []finding {
	who := ""
	if named {
		who = set.Call(s.Person) + ": "
	}
	if !set.Personal(s.Person.ID).Follow {
		return []finding{{"person", true, who + "not followed, as the settings say: no alarm comes for them", exitFine}}
	}
	sensor := finding{"sensor", false, who + "no active sensor is known", exitFine}
	if s.Sensor != nil {
		text := strings.TrimSpace(s.Sensor.Model + " sensor")
		if !s.Sensor.Activated.IsZero() {
			text += ", started " + s.Sensor.Activated.Local().Format("2 January 15:04")
		}
		sensor = finding{"sensor", true, who + text, exitFine}
	}
	var readings []glucose.Reading
	if s.Current != nil {
		readings = append(readings, *s.Current)
	}
	fresh := freshness(app.NewStatus(s.Person, readings, set.Unit, set.Ranges(), nil, time.Now()))
	fresh.text = who + fresh.text
	return []finding{sensor, fresh}
}

// serviceFinding files a fault under the link that is broken.
func serviceFinding(f *glucose.Fault) finding {
	what, code := "server", exitFailed
	switch f.Kind {
	case glucose.Offline:
		what = "network"
	case glucose.WrongPassword, glucose.Terms, glucose.VerifyEmail, glucose.SignedOut, glucose.Locked:
		what = "sign-in"
	case glucose.NotShared, glucose.ShareRevoked:
		what = "person"
	}
	if f.Kind.NeedsUser() {
		code = exitUserMust
	}
	return finding{what, false, strings.TrimSpace(f.Message + " " + f.Hint), code}
}

func freshness(st app.Status) finding {
	switch {
	case st.Reading == nil:
		return finding{"freshness", false, "there is no reading yet", exitNoReading}
	case st.Stale:
		return finding{"freshness", false, "the newest reading is old: " + st.Text, exitStale}
	}
	return finding{"freshness", true, fmt.Sprintf("the newest reading is %d s old", *st.AgeSeconds), exitFine}
}

// checkDesktop looks at the tray, notifications, sound and the start at login.
func checkDesktop(ctx context.Context, paths settings.Paths) []finding {
	var out []finding
	if hosted, err := tray.Probe(ctx); err != nil {
		out = append(out, finding{"tray", false, err.Error(), exitFailed})
	} else if !hosted {
		out = append(out, finding{"tray", false, tray.NoHost(os.Getenv("XDG_CURRENT_DESKTOP")), exitFine})
	} else {
		out = append(out, finding{"tray", true, "the desktop shows tray icons", exitFine})
	}
	desktop := notify.New(notify.Options{AppName: "llutray"})
	defer desktop.Close()
	if st, err := desktop.Check(ctx); err != nil {
		out = append(out, finding{"notifications", false, err.Error(), exitFailed})
	} else {
		out = append(out, notificationFinding(st))
	}
	player := notify.NewPlayer(notify.PlayerOptions{Dir: paths.Sounds})
	for _, f := range notify.Bedtime(evening(ctx, desktop, player, nil)).Findings {
		switch f.What {
		case "sound", "sleep", "power":
			code := exitFine
			if f.Severity == notify.Unheard {
				code = exitFailed
			}
			out = append(out, finding{f.What, f.OK(), f.Text, code})
		}
	}
	exe, _ := os.Executable()
	if (app.DesktopAutostart{Exe: exe}).Enabled() {
		return append(out, finding{"autostart", true, "starts with the desktop", exitFine})
	}
	return append(out, finding{"autostart", false, "does not start with the desktop; change it with: llutray autostart on", exitFine})
}

// notificationFinding tells how messages reach the screen, and whether the
// user has asked the desktop to hold them back.
func notificationFinding(st notify.Status) finding {
	if st.Paused {
		return finding{"notifications", false, "do not disturb is on: the desktop holds alarms back", exitFailed}
	}
	text := "shown by " + strings.TrimSpace(st.Server+" "+st.Version)
	if st.Server == "" {
		text = "shown through " + st.Via
	}
	if !st.Actions {
		text += ", without buttons: answer alarms in the menu"
	}
	return finding{"notifications", true, text, exitFine}
}
