package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/tray"
	"github.com/llutray/llutray/packaging"
)

// runTray is the program without a command: in the tray.
func runTray(c *cobra.Command, _ []string) error {
	paths := settings.DefaultPaths()
	p, err := openProgram(paths)
	if errors.Is(err, errRunning) {
		return tell(c, "show", "", 0)
	}
	if err != nil {
		tellOnDesktop(c.Context(), err)
		return err
	}
	defer p.close()
	o := p.options()
	o.Page = p.openPage(o.Clock, 1, false)
	return runDesktop(c.Context(), p, o)
}

// runDesktop runs an app with the tray, notifications and sound. It must be
// called on the main goroutine: desktops want it so.
func runDesktop(ctx context.Context, p *program, o app.Options) error {
	beFrugal()
	actions := make(chan tray.Action, 64)
	hosted := make(chan bool, 8)
	t := tray.New(tray.Options{Actions: actions, Log: p.log, HostChanged: func(h bool) {
		select {
		case hosted <- h:
		default: // it comes and goes faster than anybody could act on it
		}
	}})
	if _, err := tray.Probe(ctx); err != nil && ctx.Err() == nil { // ended while it starts is no fault
		return lang.E("%w\nWithout a desktop, use: llutray watch", err)
	}
	player := notify.NewPlayer(notify.PlayerOptions{Dir: p.paths.Sounds, Log: p.log})
	defer player.Close()
	_, canPlay := player.Available()
	desktop := notify.New(notify.Options{
		AppName: packaging.AppUserModelID, Dir: p.paths.Sounds, ServerSound: !canPlay, Left: app.StateFile(p.paths.Screen), Log: p.log,
	})
	defer desktop.Close()
	o.Hosted = hosted
	locked := make(chan bool, 8)
	screen := notify.WatchScreen(ctx, notify.ScreenOptions{Log: p.log, Changed: func(l, known bool) {
		select {
		case locked <- l && known:
		case <-ctx.Done():
		}
	}})
	defer screen.Close()
	o.Locked, o.Shared = locked, new(notify.Sharing).Ask
	o.Bedtime = func(ctx context.Context, snoozes []notify.Snooze) notify.Verdict {
		return notify.Bedtime(evening(ctx, desktop, player, snoozes))
	}
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	o.Front, o.Actions, o.Notifier, o.Play = t, actions, desktop, player.Play
	if !o.Demo {
		o.StayAwake = notify.Inhibit
		o.Autostart = app.DesktopAutostart{Exe: trayExe(exe)}
		o.SignIn = func() error {
			if o.Page.Open("signin") == nil {
				return nil
			}
			return openTerminal(consoleExe(exe), "login")
		}
	}
	o.OpenFile = openFile
	o.Speak = notify.NewSpeaker(p.log).Say

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	wait := func() {}
	if !o.Demo {
		wait = withOutputs(ctx, p, &o, func(a tray.Action) {
			select {
			case actions <- a:
			case <-ctx.Done():
			}
		})
	}
	defer func() { cancel(); wait() }()
	done := make(chan error, 1)
	go func() {
		err := app.New(o).Run(ctx)
		cancel() // the user quit from the menu
		done <- err
	}()
	trayErr := t.Run(ctx)
	if trayErr != nil && ctx.Err() == nil {
		// Alarms go on without an icon, as long as somebody can be there.
		p.log.Error("there is no tray", "err", trayErr)
		if sessionEnds(ctx) {
			p.log.Info("the session has ended")
			cancel()
		}
	}
	return <-done
}

// sessionEnds waits until the user has logged out, or ctx ends. What stayed
// behind would keep the next start at the next login from showing an icon.
func sessionEnds(ctx context.Context) bool {
	for !tray.SessionOver() {
		select {
		case <-time.After(sessionEvery):
		case <-ctx.Done():
			return false
		}
	}
	return true
}

const sessionEvery = 2 * time.Second

// tellOnDesktop shows why the program can't start: started with the desktop,
// nobody sees its standard error.
func tellOnDesktop(ctx context.Context, why error) {
	desktop := notify.New(notify.Options{AppName: packaging.AppUserModelID})
	defer desktop.Close()
	_ = desktop.Send(ctx, notify.Message{
		Tag: "start", Title: lang.T("llutray could not start: no alarms will come"), Body: why.Error(), Urgency: notify.Critical,
	}) // where there is no desktop, the terminal has it
}

// evening gathers what decides whether an alarm would be heard tonight.
func evening(ctx context.Context, desktop *notify.Desktop, player *notify.Player, snoozes []notify.Snooze) notify.Evening {
	e := notify.Evening{Now: time.Now(), Snoozes: snoozes, Power: notify.PowerState(ctx)}
	e.Audio, _ = notify.Audio(ctx) // not told is one of its values
	_, e.Player = player.Available()
	status, err := desktop.Check(ctx)
	e.Notified, e.DoNotDisturb = err == nil, status.Paused
	hosted, err := tray.Probe(ctx)
	e.Tray = err == nil && hosted
	e.SleepKnown, e.SleepAfter, _ = notify.WillSleep(ctx)
	return e
}
