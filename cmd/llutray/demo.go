package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/libre"
	"github.com/llutray/llutray/internal/libretest"
	"github.com/llutray/llutray/internal/poll"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/tray"
)

func demoCommand() *cobra.Command {
	var speed float64
	var folder string
	c := &cobra.Command{
		Use:   "demo",
		Short: lang.T("Show the whole program on a simulated sensor"),
		Long: lang.T(`Runs the whole program against a LibreLinkUp server of its own on this
computer, with a simulated sensor. It touches no settings, history or keyring
of yours. Without a desktop it shows the same in the terminal.

With --speed 60 an hour passes in a minute: you see a low, its alarm and the
recovery.`),
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if speed < 1 || speed > 600 {
				return usage(lang.E("--speed is a number from 1 to 600"))
			}
			return runDemo(c.Context(), c.OutOrStdout(), speed, folder)
		},
	}
	c.Flags().Float64Var(&speed, "speed", 1, lang.T("how many times faster than life time passes, 1 to 600"))
	demoFolder(c, &folder)
	return c
}

func runDemo(ctx context.Context, out io.Writer, speed float64, root string) error {
	if root == "" {
		var err error
		if root, err = os.MkdirTemp("", "llutray-demo-"); err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(root) }()
	}
	p, err := openProgram(settings.PathsUnder(root))
	if err != nil {
		return err
	}
	defer p.close()
	clock := app.NewFastClock(speed)
	server := demoServer(clock)
	defer server.Close()
	if err := server.Start(); err != nil {
		return err
	}
	o := p.options()
	o.Clock, o.Demo = clock, true
	o.Page = p.openPage(clock, speed, true)
	o.Connect = func(context.Context, string) (poll.Source, error) {
		return libre.New(libre.Options{
			Server: server.RegionURL(), Now: clock.Now, Log: p.log, Save: func(libre.Session) error { return nil },
			Credentials: func(context.Context) (libre.Credentials, error) {
				return libre.Credentials{Email: server.Email(), Password: server.Password()}, nil
			},
		})
	}
	if err := demoPast(ctx, p, server, clock.Now()); err != nil {
		return err
	}
	o.Recall = func(ctx context.Context) ([]app.Memory, error) { return p.recallAt(ctx, clock.Now()) }
	if _, err := tray.Probe(ctx); err == nil {
		_, _ = fmt.Fprintln(out, lang.T("The demo is in the tray of your desktop: look for the number. Quit it from its menu, or here with Ctrl+C."))
		return runDesktop(ctx, p, o)
	}
	_, _ = fmt.Fprintln(out, lang.T("There is no desktop here, so the demo runs in the terminal. Stop it with Ctrl+C."))
	return runTerminal(ctx, out, o, "text")
}

// demoServer is a LibreLinkUp server with one simulated person. The sensor's
// own second is chosen so that a new value comes within the first half minute.
func demoServer(clock app.Clock) *libretest.Server {
	const seed = 7
	start := clock.Now()
	return libretest.New(libretest.Options{
		Now: clock.Now, Seed: seed,
		People: []libretest.Person{{
			FirstName: "Demo", LastName: "Person", Zone: time.Local,
			Glucose: libretest.NewDemo(start, seed, time.Local),
		}},
		Feed: libretest.Feed{
			Step:  time.Minute,
			Phase: start.Add(3 * time.Second).Sub(start.Add(3 * time.Second).Truncate(time.Minute)).Truncate(time.Second),
		},
	})
}

// pastDays is the demo's history: two periods of the two weeks that clinics
// look at, so that its page has a profile and something to compare it with.
const pastDays = 28

// demoPast gives the demo a history, as a program has that ran before.
func demoPast(ctx context.Context, p *program, server *libretest.Server, now time.Time) error {
	id := server.PersonIDs()[0]
	var readings []glucose.Reading
	for _, r := range server.Readings(id, now.AddDate(0, 0, -pastDays), now.Add(-time.Minute)) {
		x := glucose.Reading{Time: r.Time, Value: glucose.MgDL(r.MgDL)}
		switch {
		case r.High:
			x.Limit = glucose.LimitHigh
		case r.Low:
			x.Limit = glucose.LimitLow
		case r.Arrow >= libretest.ArrowFallingFast && r.Arrow <= libretest.ArrowRisingFast:
			x.Trend = glucose.Trend(r.Arrow) // numbered alike
		}
		readings = append(readings, x)
	}
	_, err := p.store.Append(ctx, glucose.Person{ID: id, Name: "Demo Person"}, readings)
	return err
}
