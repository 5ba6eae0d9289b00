package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/report"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/packaging"
)

func reportCommand() *cobra.Command {
	var (
		p           period
		out         string
		name, force bool
	)
	c := &cobra.Command{
		Use:   "report -o FILE.html [CSV]",
		Short: lang.T("Write a report for the clinic, to print or to send"),
		Long: lang.T(`Writes the report that clinics know: the profile of the day, time in ranges
with goals, the figures and a strip for each day. It is one HTML file without
script or outside reference, of the stored readings or of a CSV file with the
columns time and mgdl. Open it in a browser to print it or to save it as PDF.

The person's name is left out unless --name is given. An existing file is not
overwritten unless --force is given. FILE may be - for standard output.`),
		Example: "  llutray report --since 14d -o report.html",
		Args:    oneAtMost,
		RunE: func(c *cobra.Command, args []string) error {
			if out == "" {
				return usage(lang.E("say where to: llutray report -o FILE.html"))
			}
			set, err := settings.Load(settings.DefaultPaths().Settings)
			if err != nil {
				return err
			}
			now := time.Now()
			subjects, err := p.load(c.Context(), c.InOrStdin(), args, set, now)
			if err != nil {
				return err
			}
			s, err := onlyOne(subjects)
			if err != nil {
				return err
			}
			if len(s.window.Clip(s.readings)) == 0 {
				return lang.E("there are no readings in this time; try a longer --since or another --until")
			}
			d := report.Data{Readings: s.readings, Window: s.window, Made: now, Unit: set.Unit, Version: packaging.Version}
			if name {
				if d.Name = s.person.Name; d.Name == "" {
					d.Name = s.person.ID
				}
			}
			var page bytes.Buffer
			if err := report.Write(&page, d); err != nil {
				return err
			}
			if out == "-" {
				_, err = page.WriteTo(c.OutOrStdout())
				return err
			}
			if err := writeNew(out, page.Bytes(), force); err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), lang.F("The report of %s is in %s.", periodWords(s.window), out))
			return err
		},
	}
	p.register(c)
	c.Flags().StringVarP(&out, "output", "o", "", lang.T("the file to write, or - for standard output"))
	c.Flags().BoolVar(&name, "name", false, lang.T("put the person's name on it"))
	c.Flags().BoolVar(&force, "force", false, lang.T("overwrite the file if there is one"))
	return c
}

// writeNew writes a file that only the user can read.
func writeNew(path string, data []byte, force bool) error {
	if force {
		return settings.WriteFile(path, data, 0o600)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return lang.E("%s exists already; choose another name, or overwrite it with --force", path)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}
