package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/tray"
	"github.com/llutray/llutray/packaging"
)

func checkCommand() *cobra.Command {
	var report string
	c := &cobra.Command{
		Use:   "check",
		Short: lang.T("Find out whether an alarm would reach you"),
		Long: lang.T(`Looks at everything between the sensor and your ear and prints a line each.

Exit codes: 0 all is well, 1 an alarm could not reach you, 3 the newest reading
is stale, 4 no reading yet, 5 you must act.

With --report it also writes a file for whoever helps you: versions, desktop,
findings, settings and the end of the log, without names, addresses, passwords
and glucose values. Read it before you send it.`),
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runCheck(c.Context(), c.OutOrStdout(), report) },
	}
	c.Flags().StringVar(&report, "report", "", lang.T("the file to write for whoever helps you, or - for standard output"))
	return c
}

// finding is one line of the check.
type finding struct {
	what string // in English, see label
	ok   bool
	text string
	code int // of the whole check when not ok; 0 for a remark
}

// labels are the findings' names for people.
var labels = []string{
	lang.Mark("program"), lang.Mark("settings"), lang.Mark("history"), lang.Mark("keyring"),
	lang.Mark("network"), lang.Mark("server"), lang.Mark("sign-in"), lang.Mark("person"), lang.Mark("sensor"), lang.Mark("freshness"),
	lang.Mark("tray"), lang.Mark("notifications"), lang.Mark("sound"), lang.Mark("sleep"), lang.Mark("power"), lang.Mark("autostart"),
	lang.Mark("snoozes"), lang.Mark("duty"), lang.Mark("proxy"), lang.Mark("voice"), lang.Mark("trouble"),
}

// longLabels are those that may go beyond their column: one in front of few
// lines would widen it for all.
var longLabels = []string{lang.Mark("Nightscout upload"), lang.Mark("Nightscout endpoint"), lang.Mark("Hook")}

// label is what the finding is about, for people.
func (f finding) label() string {
	if slices.Contains(labels, f.what) || slices.Contains(longLabels, f.what) {
		return lang.T(f.what)
	}
	if name, ok := strings.CutPrefix(f.what, "relay "); ok {
		return lang.F("relay %s", name)
	}
	return f.what // a name
}

// widest is the number of letters of the longest text, and at least least.
func widest(least int, texts ...string) int {
	for _, t := range texts {
		least = max(least, utf8.RuneCountInString(t))
	}
	return least
}

func runCheck(ctx context.Context, w io.Writer, report string) error {
	paths := settings.DefaultPaths()
	begun := time.Now()
	if _, err := os.Lstat(report); report != "" && err == nil {
		return lang.E("%s exists already; choose another name", report)
	}
	findings := append(checkService(ctx, paths), checkDesktop(ctx, paths)...)
	findings = append(append(findings, checkRelays(ctx, paths)...), checkBeside(ctx, paths)...)
	if report == "-" {
		return writeDiagnosis(ctx, w, paths, findings, time.Since(begun))
	}
	code := exitFine
	fine, failed := lang.C("check", "ok"), lang.C("check", "FAIL")
	marks := widest(4, fine, failed)
	whats := 13
	for _, f := range findings {
		if slices.Contains(labels, f.what) {
			whats = widest(whats, f.label())
		}
	}
	for _, f := range findings {
		mark := fine
		if !f.ok {
			mark = ""
			if f.code != exitFine {
				mark = failed
				code = graver(code, f.code)
			}
		}
		if _, err := fmt.Fprintf(w, "%-*s %-*s %s\n", marks, mark, whats, f.label(), f.text); err != nil {
			return err
		}
	}
	if report != "" {
		var text bytes.Buffer
		if err := writeDiagnosis(ctx, &text, paths, findings, time.Since(begun)); err != nil {
			return err
		}
		if err := writeNew(report, text.Bytes(), false); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "\n%s\n", lang.F("The report is in %s. Read it before you send it.", report)); err != nil {
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

// checkDesktop looks at the tray, notifications, sound and the start at login.
func checkDesktop(ctx context.Context, paths settings.Paths) []finding {
	var out []finding
	if hosted, err := tray.Probe(ctx); err != nil {
		out = append(out, finding{"tray", false, err.Error(), exitFailed})
	} else if !hosted {
		out = append(out, finding{"tray", false, tray.NoHost(os.Getenv("XDG_CURRENT_DESKTOP")), exitFine})
	} else {
		out = append(out, finding{"tray", true, lang.T("the desktop shows tray icons"), exitFine})
	}
	desktop := notify.New(notify.Options{AppName: packaging.AppUserModelID})
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
	if (app.DesktopAutostart{Exe: trayExe(exe)}).Enabled() {
		return append(out, finding{"autostart", true, lang.T("starts with the desktop"), exitFine})
	}
	return append(out, finding{"autostart", false, lang.T("does not start with the desktop; change it with: llutray autostart on"), exitFine})
}

// notificationFinding tells how messages reach the screen, and whether the
// user has asked the desktop to hold them back.
func notificationFinding(st notify.Status) finding {
	if st.Paused {
		return finding{"notifications", false, lang.T("do not disturb is on: the desktop holds alarms back"), exitFailed}
	}
	server := strings.TrimSpace(st.Server + " " + st.Version)
	var text string
	switch {
	case server != "" && st.Actions:
		text = lang.F("shown by %s", server)
	case server != "":
		text = lang.F("shown by %s, without buttons: answer alarms in the menu", server)
	case st.Actions:
		text = lang.F("shown through %s", st.Via)
	default:
		text = lang.F("shown through %s, without buttons: answer alarms in the menu", st.Via)
	}
	return finding{"notifications", true, text, exitFine}
}
