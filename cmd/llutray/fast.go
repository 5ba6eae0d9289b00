//go:build cost

// The build tag keeps it out of the program.

package main

import (
	"context"
	"os"
	"runtime/pprof"
	"time"

	"github.com/spf13/cobra"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/libre"
	"github.com/llutray/llutray/internal/poll"
	"github.com/llutray/llutray/internal/settings"
)

func init() { moreCommands = append(moreCommands, fastCommand) }

// fastCommand is the whole program in the tray with a clock that began at
// start and runs faster, to measure what weeks cost. All else is as shipped.
func fastCommand() *cobra.Command {
	var speed float64
	var start int64
	var profile string
	c := &cobra.Command{
		Use: "fast", Hidden: true, Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if profile != "" {
				f, err := os.Create(profile)
				if err != nil {
					return err
				}
				if err := pprof.StartCPUProfile(f); err != nil {
					return err
				}
				defer pprof.StopCPUProfile()
			}
			p, err := openProgram(settings.DefaultPaths())
			if err != nil {
				return err
			}
			defer p.close()
			clock := app.FastClockSince(time.Unix(0, start), speed)
			o := p.options()
			o.Clock, o.Page = clock, p.openPage(clock, speed, false)
			o.Recall = func(ctx context.Context) ([]app.Memory, error) { return p.recallAt(ctx, clock.Now()) }
			o.Connect = func(ctx context.Context, _ string) (poll.Source, error) {
				account := &app.Account{Secrets: openSecrets(p.paths, false), Path: p.paths.Session, Log: p.log}
				return libre.New(libre.Options{
					Server: os.Getenv("LLUTRAY_SERVER"), Now: clock.Now, Log: p.log, Credentials: account.Credentials,
				})
			}
			return runDesktop(c.Context(), p, o)
		},
	}
	c.Flags().Float64Var(&speed, "speed", 1, "")
	c.Flags().Int64Var(&start, "start", 0, "nanoseconds since 1970")
	c.Flags().StringVar(&profile, "cpuprofile", "", "file for a profile")
	return c
}
