package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/lang"
)

func offCommand() *cobra.Command {
	var who, length string
	c := &cobra.Command{
		Use:   "off",
		Short: lang.T("Hand over: another carer is on, this computer keeps to the gravest alarms"),
		Long: lang.T(`Says that another carer is on. Until the next 7:00, or for the time given, at
most 24h, this computer is silent but for two alarms: an urgent low that has
lasted 15 minutes, and an hour without data ([alarms.off_duty] in the settings).
Its relays carry no more than these two either.

It ends by itself, and with llutray on. The two computers do not talk to each
other: make sure that the other carer knows.`),
		Example: "  llutray off\n  llutray off --for 8h\n  llutray off --person Emma",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var d time.Duration
			if length != "" {
				var err error
				if d, err = parseDuration(length); err != nil {
					return err
				}
				if d < time.Minute || d > alarm.LongestOff {
					return usage(lang.E("you can be off duty for 1m to 24h; say it again then"))
				}
			}
			return tellAbout(c, who, "off", "", d)
		},
	}
	c.Flags().StringVar(&length, "for", "", lang.T("how long, like 8h; without it until the next 7:00"))
	c.Flags().StringVar(&who, "person", "", lang.T("name or id of the person, if several share with you; without it, for all"))
	return c
}

func onCommand() *cobra.Command {
	var who string
	c := &cobra.Command{
		Use:   "on",
		Short: lang.T("Take the duty back: all alarms are heard here again"),
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return tellAbout(c, who, "on", "", 0) },
	}
	c.Flags().StringVar(&who, "person", "", lang.T("name or id of the person, if several share with you; without it, for all"))
	return c
}

func tellCommand() *cobra.Command {
	var who string
	var above, below bool
	c := &cobra.Command{
		Use:   "tell VALUE",
		Short: lang.T("Be told once when the value passes another"),
		Long: lang.T(`Asks the running llutray to tell you once when the value passes VALUE, in your
unit. Without --above or --below it is the side on which the value is not now.

It ends when you were told, after 24 hours, and with llutray untell. Quiet hours
do not hold it back, for you asked for it. There is one wish of each direction.`),
		Example: "  llutray tell 8.0\n  llutray tell 6.0 --below\n  llutray tell 10 --above --person Emma",
		Args:    onOneSide(&above, &below, exactArgs(1, lang.T("VALUE, for example: llutray tell 8.0"))),
		RunE: func(c *cobra.Command, args []string) error {
			if _, err := strconv.ParseFloat(strings.Replace(args[0], ",", ".", 1), 64); err != nil {
				return usage(lang.E("%q is not a number; write it like 8.0", args[0]))
			}
			return tellAbout(c, who, "tell", strings.TrimSpace(direction(above, below)+" "+args[0]), 0)
		},
	}
	sides(c, &above, &below)
	c.Flags().StringVar(&who, "person", "", lang.T("name or id of the person, if several share with you"))
	return c
}

func untellCommand() *cobra.Command {
	var who string
	var above, below bool
	c := &cobra.Command{
		Use:   "untell",
		Short: lang.T("Take back what you asked to be told of once"),
		Args:  onOneSide(&above, &below, noArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			return tellAbout(c, who, "untell", direction(above, below), 0)
		},
	}
	sides(c, &above, &below)
	c.Flags().StringVar(&who, "person", "", lang.T("name or id of the person, if several share with you; without it, of all"))
	return c
}

func sides(c *cobra.Command, above, below *bool) {
	c.Flags().BoolVar(above, "above", false, lang.T("when it rises above the value"))
	c.Flags().BoolVar(below, "below", false, lang.T("when it falls below the value"))
	c.MarkFlagsMutuallyExclusive("above", "below")
}

// onOneSide refuses both flags before cobra does so in its own words.
func onOneSide(above, below *bool, args cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, given []string) error {
		if *above && *below {
			return usage(lang.E("say --above or --below, not both"))
		}
		return args(c, given)
	}
}

func direction(above, below bool) string {
	switch {
	case above:
		return "above"
	case below:
		return "below"
	}
	return ""
}
