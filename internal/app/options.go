package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/poll"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/tray"
)

// Store is the history as the loop uses it.
type Store interface {
	Append(ctx context.Context, p glucose.Person, r []glucose.Reading) ([]glucose.Reading, error)
	// Doubt takes readings of times after a moment out of the way of those to
	// come, and keeps them and those that were not stored yet apart.
	Doubt(ctx context.Context, p glucose.Person, after time.Time, unstored []glucose.Reading) (moved int, err error)
	SavePerson(ctx context.Context, p glucose.Person, followed time.Time) error
	LogAlarm(ctx context.Context, personID string, r alarm.Record) error
	SetMeta(ctx context.Context, key, value string) error
}

// Notifier shows messages on the desktop and tells what the user did.
type Notifier interface {
	Send(ctx context.Context, m notify.Message) error
	Withdraw(ctx context.Context, tag string) error
	Events() <-chan notify.Event
}

// Front shows the program's state. Show must not block; the latest view wins.
type Front interface{ Show(tray.View) }

// Options are the parts of a running program. Fields without a comment that
// says otherwise are required.
type Options struct {
	Clock    Clock
	Paths    settings.Paths
	Settings settings.Settings // as loaded at the start
	// SettingsErr is why Settings are not those of the file, nil when they are.
	SettingsErr error
	Store       Store
	Notices     []string                                    // sentences about files that were damaged or can't be written, to be told at the start
	State       State                                       // what survives a restart besides the history; nil for nothing
	Recall      func(ctx context.Context) ([]Memory, error) // what the store knows from before; nil for nothing

	// Connect reads the secrets of an account, "" for the first, and makes the
	// source of its readings. It is called for each at the start, in a goroutine,
	// and again after a sign-in.
	Connect func(ctx context.Context, account string) (poll.Source, error)

	// Relays carry alarms past this computer's screen; nil for none.
	Relays *RelayOptions

	Notifier Notifier
	Play     func(ctx context.Context, s notify.Sound) error // nil for silence
	Speak    func(ctx context.Context, text string) error    // says it aloud, to its end; nil for a program that is silent
	Page     *Page                                           // nil for none
	Front    Front                                           // nil for none
	Outlook  func(Outlook)                                   // is given how everybody does, must not block; nil for none
	Troubles func() []Trouble                                // how those do who are given it, must not block; nil for nobody
	Renew    func()                                          // has them read their secrets anew; nil for nobody
	Actions  <-chan tray.Action                              // nil for none
	Hosted   <-chan bool                                     // something that shows tray icons came or went; nil where that is no question
	Locked   <-chan bool                                     // the screen was locked or unlocked; nil where that is not told
	// Shared asks whether the screen is shown to others, before each message
	// that would tell something; it takes a fraction of a second at most. nil
	// where that is not told.
	Shared func(ctx context.Context) (shared, known bool)
	// Bedtime tells whether alarms would be heard through the night. It may
	// take seconds; nil where it is not asked.
	Bedtime func(ctx context.Context, snoozes []notify.Snooze) notify.Verdict
	// StayAwake keeps the computer from sleeping until release is called; nil
	// where it can't.
	StayAwake func(ctx context.Context, why string) (release func(), err error)
	Requests  <-chan Request          // from the command line, nil for none
	Events    func(any)               // Status, AlarmEvent and FaultEvent as they happen; nil for none
	Autostart Autostart               // nil where it can't be changed
	OpenFile  func(path string) error // opens a file for the user; nil where that can't be done
	SignIn    func() error            // opens a way to sign in; nil where that can't be done

	// WatchSettings calls back with each saved change of the settings file
	// until ctx ends; nil for a file that doesn't change.
	WatchSettings func(ctx context.Context, path string, f func(settings.Settings, error)) error
	// WatchWorld makes what notices sleep, clock, zone and network; nil for a
	// world without.
	WatchWorld func(report func(poll.Wake)) World

	// Notice is what the user must know of the files for as long as the program
	// runs, in sentences; it is shown in the menu, and once as a message.
	Notice  string
	Seed    uint64 // for jitter
	Version string
	Demo    bool
	Log     *slog.Logger // nil for none
	// LogLevel is set to the level in the settings when that changes; nil for a
	// level that stays.
	LogLevel *slog.LevelVar
}

// Autostart starts the program with the desktop.
type Autostart interface {
	Enabled() bool
	Set(on bool) error
}

// State keeps episodes and snoozes over a restart.
type State interface {
	Load(v any) (notice string, err error)
	Save(v any) error
}

// World notices what the program sleeps through.
type World interface {
	Run(ctx context.Context) error
	SetOffline(offline bool)
}

// Memory is what the store knows of one person at the start.
type Memory struct {
	Person   glucose.Person
	Readings []glucose.Reading // of the last day, oldest first
	Alarms   []alarm.Record    // of the last day, oldest first
}
