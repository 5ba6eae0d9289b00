package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/tray"
)

func watchCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "watch",
		Short: lang.T("Follow in a terminal, one line an event"),
		Long: lang.T(`Follows like the tray program, without a tray: prints a line for each reading,
alarm and fault until interrupted. Readings are stored as usual.`),
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := openProgram(settings.DefaultPaths())
			if errors.Is(err, errRunning) {
				return lang.E("llutray is already running in the tray; quit it first, or use: llutray status")
			}
			if err != nil {
				return err
			}
			defer p.close()
			if p.notice != "" {
				_, _ = fmt.Fprintln(c.ErrOrStderr(), "llutray:", p.notice)
			}
			o := p.options()
			o.Page = p.openPage(o.Clock, 1, false)
			ctx, cancel := context.WithCancel(c.Context())
			actions := make(chan tray.Action, 64)
			o.Actions = actions
			wait := withOutputs(ctx, p, &o, func(a tray.Action) {
				select {
				case actions <- a:
				case <-ctx.Done():
				}
			})
			defer func() { cancel(); wait() }()
			return runTerminal(ctx, c.OutOrStdout(), o, format)
		},
	}
	c.Flags().StringVar(&format, "format", "text", lang.T("text or json"))
	return c
}

// runTerminal runs an app that prints what happens.
func runTerminal(ctx context.Context, w io.Writer, o app.Options, format string) error {
	beFrugal()
	var unit atomic.Value // it may be changed meanwhile
	unit.Store(o.Settings.Unit)
	print, err := printer(w, format, func() glucose.Unit { return unit.Load().(glucose.Unit) })
	if err != nil {
		return err
	}
	if watch := o.WatchSettings; watch != nil {
		o.WatchSettings = func(ctx context.Context, path string, f func(settings.Settings, error)) error {
			return watch(ctx, path, func(s settings.Settings, err error) {
				if err == nil {
					unit.Store(s.Unit)
				}
				f(s, err)
			})
		}
	}
	// A reader that stops reading must not stop the following: lines wait in
	// a queue, and what does not fit is lost to this reader alone.
	lines := make(chan any, 1024)
	go func() {
		for e := range lines {
			print(e)
		}
	}()
	others := o.Events
	o.Events = func(e any) {
		if others != nil {
			others(e)
		}
		select {
		case lines <- e:
		default:
			o.Log.Warn("a line was not printed: nobody reads them")
		}
	}
	o.Notifier = terminalNotifier{o.Events}
	return app.New(o).Run(ctx)
}

// printer returns a function that writes events as lines.
func printer(w io.Writer, format string, unit func() glucose.Unit) (func(any), error) {
	var mu sync.Mutex
	switch format {
	case "json":
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return func(e any) {
			mu.Lock()
			defer mu.Unlock()
			_ = enc.Encode(e)
		}, nil
	case "text":
		return func(e any) {
			mu.Lock()
			defer mu.Unlock()
			_, _ = fmt.Fprintln(w, eventLine(e, unit()))
		}, nil
	}
	return nil, usage(lang.E("there is no format %q; use text or json", format))
}

// eventLine writes an event for a person at a terminal.
func eventLine(e any, u glucose.Unit) string {
	const clock = "15:04:05"
	switch e := e.(type) {
	case app.Status:
		e.Fault = nil // has a line of its own
		return e.Reading.Time.Local().Format(clock) + "  " + textLine(e, u)
	case app.AlarmEvent:
		return e.Time.Local().Format(clock) + "  " + lang.F("ALARM %s", e.Message)
	case app.FaultEvent:
		text := lang.T("Following works.")
		switch {
		case e.Fault != nil:
			text = strings.TrimSpace(e.Fault.Message + " " + e.Fault.Hint)
		case e.Account != "":
			text = lang.F("Following the account %s works.", e.Account)
		}
		var names []string
		if e.Person != nil {
			names = append(names, e.Person.Name)
		}
		for _, p := range e.People {
			names = append(names, p.Name)
		}
		if len(names) > 0 {
			text = lang.F("%s: %s", strings.Join(names, ", "), text)
		}
		return e.Time.Local().Format(clock) + "  " + text
	}
	return fmt.Sprint(e)
}

// terminalNotifier stands in for the desktop: the line on the terminal is the
// message, so each is delivered. Alarms have printed theirs as events; a test
// alarm is none of the engine's and is printed here.
type terminalNotifier struct{ events func(any) }

func (t terminalNotifier) Send(_ context.Context, m notify.Message) error {
	if m.Tag == app.TestMessage().Tag {
		t.events(app.AlarmEvent{
			Event: "alarm", Kind: m.Tag, Level: string(alarm.LevelSoft), Reason: string(alarm.First),
			Time: time.Now().UTC(), Message: m.Title + ". " + m.Body,
		})
	}
	return nil
}

func (terminalNotifier) Withdraw(context.Context, string) error { return nil }
func (terminalNotifier) Events() <-chan notify.Event            { return nil }
