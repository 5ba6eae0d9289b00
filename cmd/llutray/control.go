package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/settings"
)

// tell asks the running program something and prints its answer.
func tell(c *cobra.Command, command, kind string, d time.Duration) error {
	return tellAbout(c, "", command, kind, d)
}

// tellAbout is tell about one person of several.
func tellAbout(c *cobra.Command, person, command, kind string, d time.Duration) error {
	text, err := askRunning(settings.DefaultPaths(), person, command, kind, d)
	if errors.Is(err, app.ErrNotRunning) {
		return lang.E("llutray is not running, so there is nothing to answer; start it first")
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.OutOrStdout(), text)
	return err
}

func kindNames() string {
	var names []string
	for _, k := range alarm.Kinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

func parseKind(s string) (string, error) {
	k, err := alarm.ParseKind(strings.ReplaceAll(s, "-", "_"))
	if err != nil {
		return "", usage(lang.E("there is no alarm %q; the alarms are %s", s, kindNames()))
	}
	return string(k), nil
}

func snoozeCommand() *cobra.Command {
	var who string
	c := &cobra.Command{
		Use:   "snooze KIND DURATION",
		Short: lang.T("Hold an alarm back for a while in the running llutray"),
		Long: lang.F(`Holds an alarm and the milder ones on its side back for a while. It ends by
itself, and a worse alarm always breaks through.

KIND is one of %s; DURATION is like 30m or 2h.

When several people are followed, --person says for whom, "all" for everybody.
Without it the snooze is for the one whose alarm stands; where that is not plain
nothing is held back.`, kindNames()),
		Example: "  llutray snooze high 2h\n  llutray snooze low 30m --person Emma",
		Args:    exactArgs(2, lang.T("KIND DURATION, for example: llutray snooze high 2h")),
		RunE: func(c *cobra.Command, args []string) error {
			kind, err := parseKind(args[0])
			if err != nil {
				return err
			}
			d, err := parseDuration(args[1])
			if err != nil {
				return err
			}
			if err := alarm.Kind(kind).CheckSnooze(d); err != nil {
				return usage(err)
			}
			return tellAbout(c, who, "snooze", kind, d)
		},
	}
	c.Flags().StringVar(&who, "person", "", lang.T("name or id of the person, or all, if several share with you"))
	return c
}

func unsnoozeCommand() *cobra.Command {
	var who string
	c := &cobra.Command{
		Use:   "unsnooze KIND",
		Short: lang.T("Take a snooze back in the running llutray"),
		Args:  exactArgs(1, lang.F("KIND, one of %s", kindNames())),
		RunE: func(c *cobra.Command, args []string) error {
			kind, err := parseKind(args[0])
			if err != nil {
				return err
			}
			return tellAbout(c, who, "unsnooze", kind, 0)
		},
	}
	c.Flags().StringVar(&who, "person", "", lang.T("name or id of the person, if several share with you; without it, of all"))
	return c
}

// parseDuration reads 90m, 24h or 14d.
func parseDuration(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := time.ParseDuration(days + "h"); err == nil && n > 0 && n < 100*365*time.Hour {
			return 24 * n, nil
		}
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return 0, usage(lang.E("%q is not a duration: write 90m, 24h or 14d", s))
	}
	return d, nil
}
