package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/llutray/llutray/internal/imports"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/settings"
)

func importCommand() *cobra.Command {
	var i importer
	var dates, zone string
	c := &cobra.Command{
		Use:   "import FILE…",
		Short: lang.T("Add readings from LibreView, Dexcom Clarity and llutray's own files"),
		Long: lang.T(`Adds the sensor readings of LibreView and Dexcom Clarity exports, and of CSV files
with the header time,mgdl or id,time,mgdl, to what is stored. FILE may be - for
standard input. They fill pictures and statistics where llutray was not
listening, and never raise an alarm. Importing a file twice adds nothing.

Exports write the time of the clock on the wall: that of this computer's zone,
unless --zone says otherwise.`),
		Example: "  llutray import --dry-run export.csv\n  llutray import --zone Europe/Berlin --dates dmy export.csv",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(lang.E("say which file: %s FILE", c.CommandPath()))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			i.out, i.errs = c.OutOrStdout(), c.ErrOrStderr()
			i.read = imports.Options{Zone: time.Local, Dates: imports.Order(strings.ToLower(dates)), Now: time.Now()}
			switch i.read.Dates {
			case imports.OrderUnknown, imports.DayFirst, imports.MonthFirst:
			default:
				return usage(lang.E("--dates is dmy or mdy, not %q", dates))
			}
			if zone != "" {
				var err error
				if i.read.Zone, err = time.LoadLocation(zone); err != nil {
					return usage(lang.E("there is no zone %q; write it like Europe/Berlin", zone))
				}
			}
			return i.run(c.Context(), c.InOrStdin(), args)
		},
	}
	f := c.Flags()
	f.StringVar(&i.who, "person", "", lang.T("name or id of the person whose readings they are"))
	f.StringVar(&dates, "dates", "", lang.T("dmy or mdy, where the file does not tell"))
	f.StringVar(&zone, "zone", "", lang.T("zone of the file's times, such as Europe/Berlin (default: this computer's)"))
	f.BoolVar(&i.dry, "dry-run", false, lang.T("say what would be added, and add nothing"))
	return c
}

// importer is one call of the command.
type importer struct {
	who       string
	read      imports.Options
	dry       bool
	out, errs io.Writer
}

func (i *importer) run(ctx context.Context, stdin io.Reader, files []string) (err error) {
	t, err := newTarget(settings.DefaultPaths(), i.dry)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	for _, name := range files {
		if err := i.file(ctx, t, stdin, name); err != nil {
			return err
		}
	}
	return nil
}

// file imports one file and says what became of it.
func (i *importer) file(ctx context.Context, t *target, stdin io.Reader, name string) error {
	in, title, err := openImport(stdin, name)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	bar := newProgress(i.errs, in.File, title)
	whose, err := t.whose(ctx, i.who)
	if err != nil {
		return err
	}
	batches := newBatches(ctx, t, whose)
	rejected := 0
	sum, err := imports.Read(bar, i.read, func(e imports.Entry) error {
		flushed, err := batches.add(e)
		if flushed {
			bar.show(batches.read)
		}
		return err
	}, func(r imports.Rejected) {
		if rejected++; rejected <= shownRejected {
			bar.clear()
			_, _ = fmt.Fprintf(i.errs, "%s: %s\n", title, r)
		}
	})
	if err == nil {
		err = batches.flush()
	}
	bar.clear()
	if more := rejected - shownRejected; more > 0 {
		_, _ = fmt.Fprintln(i.errs, lang.N(more, "%[1]s: and %[2]d more line that could not be read", "%[1]s: and %[2]d more lines that could not be read", title, more))
	}
	switch {
	case errors.Is(err, imports.ErrDates):
		return usage(lang.E("%s: %w. Which is it? Say --dates dmy or --dates mdy", title, err))
	case errors.Is(err, context.Canceled):
		return lang.E("%s: stopped. What was added stays; importing it again adds the rest", title)
	case err != nil:
		return fmt.Errorf("%s: %w", title, err)
	}
	i.report(title, sum, batches)
	if sum.Rejected > 0 && sum.Entries == 0 {
		return lang.E("%s: none of its lines could be read", title)
	}
	return nil
}

// shownRejected is how many rejected lines are shown; the rest are counted.
const shownRejected = 20

// report says what a file was and what it gave to whom.
func (i *importer) report(title string, sum imports.Summary, b *batches) {
	say := func(text string) { _, _ = fmt.Fprintln(i.out, text) }
	point := func(text string) { say("  " + text) }
	switch sum.Dates {
	case imports.DayFirst:
		say(lang.F("%s: %s in %s, dates day-month-year", title, sum.Format, sum.Unit))
	case imports.MonthFirst:
		say(lang.F("%s: %s in %s, dates month-day-year", title, sum.Format, sum.Unit))
	default:
		say(lang.F("%s: %s in %s", title, sum.Format, sum.Unit))
	}
	for _, id := range slices.Sorted(maps.Keys(b.tallies)) {
		point(b.tallies[id].words(i.dry))
	}
	if len(b.tallies) == 0 {
		point(lang.T("no readings"))
	}
	if len(sum.Skipped) > 0 {
		var parts []string
		for _, what := range slices.Sorted(maps.Keys(sum.Skipped)) {
			parts = append(parts, fmt.Sprintf("%d %s", sum.Skipped[what], imports.SkippedText(what)))
		}
		point(lang.F("passed over: %s", strings.Join(parts, ", ")))
	}
	if sum.Rejected > 0 {
		point(lang.F("lines that could not be read: %d", sum.Rejected))
	}
	if sum.Twice > 0 {
		point(lang.N(sum.Twice, "%d is of the hour that the end of summer time repeats; it was told apart by its order",
			"%d are of the hour that the end of summer time repeats; they were told apart by their order"))
	}
	if sum.Never > 0 {
		point(lang.N(sum.Never, "%d is of the hour that the beginning of summer time leaves out; it was taken by the clock before it",
			"%d are of the hour that the beginning of summer time leaves out; they were taken by the clock before it"))
	}
	if i.dry {
		point(lang.T("nothing was changed"))
	}
}

// words is what an import gave to one person, or in a dry run would give.
func (t *tally) words(dry bool) string {
	there := t.read - t.added
	if t.added == 0 {
		if dry {
			return lang.F("%s: 0 to add; %d there already", t.name, there)
		}
		return lang.F("%s: 0 added; %d there already", t.name, there)
	}
	first, last := t.first.Local().Format(momentLayout), t.last.Local().Format(momentLayout)
	if dry {
		return lang.F("%s: %d to add, from %s to %s; %d there already", t.name, t.added, first, last, there)
	}
	return lang.F("%s: %d added, from %s to %s; %d there already", t.name, t.added, first, last, there)
}

const momentLayout = "2006-01-02 15:04"

// openImport opens a file that can be read twice; standard input is kept in a
// file of the user's own meanwhile.
func openImport(stdin io.Reader, name string) (f *importFile, title string, err error) {
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, "", err
		}
		if info, err := file.Stat(); err != nil || info.IsDir() {
			return nil, "", errors.Join(err, file.Close(), lang.E("%s is a folder: say which file in it", name))
		}
		return &importFile{File: file}, name, nil
	}
	file, err := os.CreateTemp("", "llutray-import-*")
	if err != nil {
		return nil, "", err
	}
	f = &importFile{File: file, passing: true}
	if _, err := io.Copy(f, stdin); err != nil {
		return nil, "", errors.Join(err, f.Close())
	}
	return f, lang.T("standard input"), nil
}

// importFile is an open file, removed when it is closed if it was ours.
type importFile struct {
	*os.File
	passing bool
}

func (f *importFile) Close() error {
	err := f.File.Close()
	if f.passing {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}
