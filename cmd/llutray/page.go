package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/settings"
)

// openPage makes the local page of the program; it listens when somebody
// first opens it.
func (p *program) openPage(clock app.Clock, speed float64, demo bool) *app.Page {
	o := app.PageOptions{Clock: clock, Speed: speed, Paths: p.paths, Store: p.store, Log: p.log, Browse: browse}
	if !demo {
		o.SignIn = func(account string, file bool) *app.SignIn { return newSignIn(p.paths, file, account) }
	}
	pg := app.NewPage(o)
	p.closers = append(p.closers, pg.Close)
	return pg
}

func pageCommand() *cobra.Command {
	var print bool
	var folder string
	c := &cobra.Command{
		Use:   "page",
		Short: lang.T("Open the page of the running llutray: chart, numbers, settings"),
		Long: lang.T(`Asks the running llutray to open its page in your browser. The page is served
on this computer only, and only to the browser that was opened for it.

With --print it prints the address instead: it opens the page once, within a
minute, in a browser on this computer.`),
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			how := ""
			if print {
				how = app.PrintPage
			}
			var text string
			var err error
			if folder != "" { // a demo, which has no refuge
				text, err = app.Tell(settings.PathsUnder(folder).Control, "page", how, 0)
			} else {
				text, err = askRunning(settings.DefaultPaths(), "", "page", how, 0)
			}
			if errors.Is(err, app.ErrNotRunning) {
				return lang.E("llutray is not running, so there is no page; start it first: llutray, or llutray watch in a terminal")
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), text)
			return err
		},
	}
	c.Flags().BoolVar(&print, "print", false, lang.T("print the address instead of opening it"))
	demoFolder(c, &folder)
	return c
}

// demoFolder is for tests: where a demo keeps its files, so that another
// command can find it.
func demoFolder(c *cobra.Command, folder *string) {
	c.Flags().StringVar(folder, "folder", "", "the folder of a demo")
	_ = c.Flags().MarkHidden("folder")
}
