package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/history"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/settings"
)

func statusCommand() *cobra.Command {
	var format, who string
	var follow bool
	c := &cobra.Command{
		Use:   "status",
		Short: lang.T("Print the newest reading from the local store"),
		Long: lang.F(`Prints the newest reading that a running llutray has stored; asks no network.

Exit codes of the text and json formats: 0 fresh, 3 stale, 4 no reading yet,
5 the user must act. The formats for bars (%s)
always exit with 0, because a bar hides what exits otherwise; they show staleness
instead. With --follow it goes on and prints a line whenever something changes.`, strings.Join(barFormats, ", ")),
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if follow {
				return followStatus(c.Context(), c.OutOrStdout(), format, who)
			}
			st, set, err := loadStatus(c.Context(), who)
			if err != nil {
				return err
			}
			return printStatus(c.OutOrStdout(), format, st, set)
		},
	}
	c.Flags().StringVar(&format, "format", "text", wordList(statusFormats))
	c.Flags().BoolVar(&follow, "follow", false, lang.T("go on, and print a line whenever something changes"))
	c.Flags().StringVar(&who, "person", "", lang.T("name or id of the person, if several share with you"))
	return c
}

// loadStatus reads the store as the running program leaves it.
func loadStatus(ctx context.Context, who string) (app.Status, settings.Settings, error) {
	paths := settings.DefaultPaths()
	set, err := settings.Load(paths.Settings)
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "llutray:", err)
		set = settings.Default()
	}
	now := time.Now()
	store, err := history.OpenReadOnly(inUse(paths).History)
	if errors.Is(err, history.ErrNoHistory) {
		return app.NewStatus(glucose.Person{}, nil, set.Unit, set.Ranges(), nil, now), set, nil
	}
	if err != nil {
		return app.Status{}, set, err
	}
	defer func() { _ = store.Close() }()
	person, err := choosePerson(ctx, store, who, set.Person)
	if err != nil {
		return app.Status{}, set, err
	}
	readings, err := store.Readings(ctx, person.ID, now.Add(-24*time.Hour), now.Add(time.Hour))
	if err != nil {
		return app.Status{}, set, err
	}
	if len(readings) == 0 {
		if r, ok, err := store.Latest(ctx, person.ID); err != nil {
			return app.Status{}, set, err
		} else if ok {
			readings = append(readings, r)
		}
	}
	shown, _, err := store.Meta(ctx, app.MetaFault)
	if err != nil {
		return app.Status{}, set, err
	}
	own, known, err := store.Meta(ctx, app.MetaFaultOf(person.ID))
	if err != nil {
		return app.Status{}, set, err
	}
	set = identified(ctx, store, set).For(person.ID)
	fault := app.StoredFaultOf(own, known, shown)
	person.Name = set.Call(person)
	st := app.NewStatus(person, readings, set.Unit, set.Ranges(), fault, now)
	if len(set.Accounts) > 0 {
		text, _, err := store.Meta(ctx, app.MetaAccounts)
		if err != nil {
			return app.Status{}, set, err
		}
		st.Accounts = app.ParseStoredTroubles(text)
	}
	return st, set, nil
}

// identified finds out whom the sections of the settings are about.
func identified(ctx context.Context, store *history.Store, set settings.Settings) settings.Settings {
	people, err := store.People(ctx)
	if err != nil {
		return set // whoever needs the store as well reports it
	}
	return identifiedAmong(people, set)
}

// identifiedAmong is the same among people that are known already. A file's
// person takes no section from the one whom the service tells of.
func identifiedAmong(people []glucose.Person, set settings.Settings) settings.Settings {
	return set.Identify(rather(people))
}

// rather are those whom the service tells of, in want of any those of files.
func rather(people []glucose.Person) []glucose.Person {
	if told := slices.DeleteFunc(slices.Clone(people), history.IsImported); len(told) > 0 {
		return told
	}
	return people
}

// identifiedByStore is the same for a command that may have no store, such as
// one about a file.
func identifiedByStore(ctx context.Context, set settings.Settings) settings.Settings {
	store, err := history.OpenReadOnly(settings.DefaultPaths().History)
	if err != nil {
		return set
	}
	defer func() { _ = store.Close() }()
	return identified(ctx, store, set)
}

// choosePerson finds whom the command is about: by a name or id, else whoever
// is followed, else the one there is.
func choosePerson(ctx context.Context, store *history.Store, who, followed string) (glucose.Person, error) {
	people, err := store.People(ctx)
	if err != nil {
		return glucose.Person{}, err
	}
	set, err := settings.Load(settings.DefaultPaths().Settings)
	if err != nil {
		set = settings.Default() // only what the user calls them is missed
	}
	set = identifiedAmong(people, set)
	var names []string
	var found []glucose.Person
	for _, p := range people {
		if who != "" && set.Means(p, who) || who == "" && p.ID == followed {
			found = append(found, p)
		}
		names = append(names, set.Call(p))
	}
	switch found = rather(found); {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return glucose.Person{}, usage(lang.E("%q may be one of several; use their id, as llutray history --format json prints it", who))
	case who != "":
		return glucose.Person{}, usage(lang.E("nobody called %q is known; there is: %s", who, strings.Join(names, ", ")))
	case len(people) > 0:
		return people[0], nil
	}
	return glucose.Person{}, nil
}

func statusCode(st app.Status) int {
	switch {
	case st.Fault != nil && st.Fault.Kind.NeedsUser():
		return exitUserMust
	case st.Reading == nil:
		return exitNoReading
	case st.Stale:
		return exitStale
	}
	return exitFine
}

func printStatus(w io.Writer, format string, st app.Status, set settings.Settings) error {
	line, err := statusText(format, st, set)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(w, line); err != nil {
		return err
	}
	if code := statusCode(st); code != exitFine && !isBar(format) {
		return &exitError{code: code}
	}
	return nil
}

// textLine is the status for a person at a terminal.
func textLine(st app.Status, u glucose.Unit) string {
	var line string
	switch number := shortText(st, u); {
	case st.Reading == nil:
		line = lang.T("no reading yet")
	case st.Stale:
		line = strings.Replace(st.Text, number, number+" "+string(u), 1)
	default:
		parts := []string{number, string(u)}
		if arrow := glucose.ParseTrend(st.Reading.Trend).Arrow(); arrow != "" {
			parts = append(parts, arrow)
		}
		if st.Delta != nil {
			parts = append(parts, lang.F("(%s in %d min)", u.FormatDifference(glucose.MgDL(st.Delta.MgDL)), st.Delta.Minutes))
		}
		line = strings.Join(parts, " ")
	}
	if st.Person.Name != "" {
		line = lang.F("%s: %s", st.Person.Name, line)
	}
	if st.Fault != nil {
		line += "\n" + strings.TrimSpace(st.Fault.Message+" "+st.Fault.Hint)
	}
	for _, t := range st.Accounts {
		offline := st.Fault != nil && st.Fault.Kind == glucose.Offline && t.Fault.Kind == glucose.Offline // of all
		if !offline && (st.Fault == nil || st.Fault.Account != t.Name) {
			line += "\n" + t.Text()
		}
	}
	return line
}
