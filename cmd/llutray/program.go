package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/history"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/poll"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/packaging"
)

// program is what the tray, the terminal and the demo have in common: the
// files, opened, and the options of an app that works on them.
type program struct {
	paths   settings.Paths
	log     *slog.Logger
	level   slog.LevelVar // of the log, as the settings have it
	store   *history.Store
	lock    *flock.Flock
	control *app.Control
	notices []string // what became of its files
	closers []func()
	notice  string // what the user must know of the files; "" when all is well
}

// unlockable reports whether the file system of a lock keeps none.
func unlockable(err error) bool {
	return errors.Is(err, syscall.ENOLCK) || errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.EOPNOTSUPP) || errors.Is(err, syscall.ENOSYS)
}

// errRunning tells that another llutray of this user holds the lock.
var errRunning error = lang.Error("llutray is already running")

// beFrugal is for a program that runs for months, unless GOMAXPROCS and GOGC say
// otherwise. It computes nothing that is worth sharing, and each further
// processor joins every garbage collection and is woken for every event: a
// fifth of the CPU time, a third of the wake-ups, a megabyte. And it throws so
// little away that collecting at half of the usual garbage costs a tenth of a
// second an hour, and saves two megabytes.
func beFrugal() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(1)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}

// openProgram takes the lock and opens log, history and the control socket, in
// the refuge when the home can't be written.
func openProgram(paths settings.Paths) (*program, error) {
	err := paths.Make()
	var p *program
	if err == nil {
		p, err = openAt(paths, false)
	}
	why := cannotWrite(err)
	if err == nil || errors.Is(err, errRunning) || why == "" {
		return p, err
	}
	p, second := openRefuge(paths, why)
	if errors.Is(second, errRunning) {
		return nil, second
	}
	if second != nil {
		// Not even a refuge: alarms matter more than any file.
		if p, second = openAt(paths, true); second != nil {
			return nil, err
		}
	}
	return p, nil
}

// openAt does so in folders that are there; in the last resort with a history
// that passes, if its own can't be written.
func openAt(paths settings.Paths, last bool) (*program, error) {
	p := &program{paths: paths, lock: flock.New(paths.Lock)}
	held, err := p.lock.TryLock()
	if unlockable(err) {
		// A home on a network whose server keeps no locks: two programs on
		// this computer still meet at one lock.
		if err = private(runtimeDir()); err == nil {
			p.lock = flock.New(filepath.Join(runtimeDir(), "llutray.lock"))
			held, err = p.lock.TryLock()
		}
	}
	if err != nil {
		return nil, lang.E("the lock file can't be used: %w", err)
	}
	if !held {
		return nil, errRunning
	}
	p.closers = append(p.closers, func() { _ = p.lock.Unlock() })
	if err := p.open(last); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *program) open(last bool) error {
	logFile, err := app.OpenLog(p.paths.Log)
	if err != nil {
		return err
	}
	p.closers = append(p.closers, func() { _ = logFile.Close() })
	if s, err := settings.Load(p.paths.Settings); err == nil {
		p.level.Set(s.Level)
	}
	p.log = app.NewLogger(logFile, &p.level)
	slog.SetDefault(p.log)
	p.rescueSettings()
	store, notice, err := history.Open(p.paths.History)
	if err != nil && cannotWrite(err) != "" && !last {
		return err // a refuge keeps more of what was there
	}
	if err != nil {
		if store, err = p.passingHistory(err); err != nil {
			return err
		}
	}
	p.store = store
	p.closers = append(p.closers, func() { _ = store.Close() })
	if notice != "" {
		p.note(notice)
	}
	if p.control, err = app.ListenControl(p.paths.Control); err != nil {
		p.control, err = listenInRefuge(p.paths)
	}
	if err != nil {
		p.log.Warn("commands can't reach this program", "err", err)
		return nil // following matters more
	}
	p.closers = append(p.closers, p.control.Close)
	return nil
}

// note tells what became of a file.
func (p *program) note(text string) {
	p.log.Warn(text)
	_, _ = fmt.Fprintln(os.Stderr, "llutray:", text)
	p.notices = append(p.notices, text)
}

// passingHistory stands in for a history that can't be opened, because the
// disk is full or the folder read-only: alarms matter more than the record.
func (p *program) passingHistory(why error) (*history.Store, error) {
	for _, in := range []string{filepath.Dir(p.paths.Control), os.TempDir()} {
		dir, err := os.MkdirTemp(in, "llutray-")
		if err != nil {
			continue
		}
		store, _, err := history.Open(filepath.Join(dir, "history.db"))
		if err != nil {
			_ = os.RemoveAll(dir)
			continue
		}
		p.closers = append(p.closers, func() { _ = os.RemoveAll(dir) })
		p.note(lang.F("%v. Until then readings are kept only as long as llutray runs; start it again afterwards.", why))
		return store, nil
	}
	return nil, why
}

// tellingState is the state file, and tells on the terminal when it was damaged.
type tellingState struct{ app.StateFile }

// Load reads the file into v.
func (f tellingState) Load(v any) (notice string, err error) {
	if notice, err = f.StateFile.Load(v); notice != "" {
		_, _ = fmt.Fprintln(os.Stderr, "llutray:", notice)
	}
	return notice, err
}

// close ends everything in the reverse order of its opening.
func (p *program) close() {
	for i := len(p.closers) - 1; i >= 0; i-- {
		p.closers[i]()
	}
}

// options fills in what every front needs; the caller adds its own.
func (p *program) options() app.Options {
	set, err := settings.Load(p.paths.Settings)
	if err != nil {
		// A broken file must not keep the alarms away, nor bring back limits
		// that the user had changed; the watch on it will report it in the tray.
		p.log.Error("the settings file is not in force", "err", err)
		_, _ = fmt.Fprintln(os.Stderr, "llutray:", err)
		var lastErr error
		if set, lastErr = settings.Load(p.lastGood()); lastErr != nil {
			set = settings.Default()
		}
		lang.Use(set.Display.Language) // as all else that is in force
	} else {
		p.keepGood()
	}
	o := app.Options{
		Clock: app.SystemClock{}, Paths: p.paths, Settings: set, SettingsErr: err,
		Store: p.store, Notices: p.notices, State: tellingState{app.StateFile(p.paths.State)}, Recall: p.recall, Connect: p.connect(set),
		WatchSettings: func(ctx context.Context, path string, f func(settings.Settings, error)) error {
			return settings.Watch(ctx, path, func(s settings.Settings, err error) {
				if err == nil {
					p.keepGood()
				}
				f(s, err)
			})
		},
		WatchWorld: func(report func(poll.Wake)) app.World {
			return poll.NewWatcher(poll.WatchOptions{Report: report, Log: p.log})
		},
		Notice: p.notice,
		Seed:   uint64(time.Now().UnixNano()), Version: packaging.Version, Log: p.log, LogLevel: &p.level,
	}
	if p.control != nil {
		o.Requests = p.control.Requests
	}
	return o
}

// lastGood is a copy of the settings file as it was last in force, for a start
// that finds it broken.
func (p *program) lastGood() string {
	return filepath.Join(filepath.Dir(p.paths.State), "settings-last-good.toml")
}

// rescueSettings mends a settings file that was damaged. One that can't be mended
// is broken like any other.
func (p *program) rescueSettings() {
	notice, err := settings.Rescue(p.paths.Settings, p.lastGood())
	switch {
	case err != nil:
		p.log.Error("the settings file could not be rescued", "err", err)
	case notice != "":
		p.note(notice)
		if s, err := settings.Load(p.paths.Settings); err == nil { // what was read before was none
			p.level.Set(s.Level)
			lang.Use(s.Display.Language)
		}
	}
}

func (p *program) keepGood() {
	text, err := os.ReadFile(p.paths.Settings)
	if os.IsNotExist(err) {
		err = os.Remove(p.lastGood())
		if os.IsNotExist(err) {
			err = nil
		}
	} else if err == nil {
		err = settings.WriteFile(p.lastGood(), text, 0o600)
	}
	if err != nil {
		p.log.Warn("the good settings could not be kept beside", "err", err)
	}
}

// recall reads the last day of everybody known.
func (p *program) recall(ctx context.Context) ([]app.Memory, error) {
	return p.recallAt(ctx, time.Now())
}

func (p *program) recallAt(ctx context.Context, now time.Time) ([]app.Memory, error) {
	people, err := p.store.People(ctx)
	if err != nil {
		return nil, err
	}
	var out []app.Memory
	for _, who := range people {
		if history.IsImported(who) {
			continue // the service knows no such person, and would call it a share that ended
		}
		readings, err := p.store.Readings(ctx, who.ID, now.Add(-28*time.Hour), now.Add(time.Hour))
		if err != nil {
			return nil, err
		}
		alarms, err := p.store.Alarms(ctx, who.ID, now.Add(-28*time.Hour), now)
		if err != nil {
			return nil, err
		}
		out = append(out, app.Memory{Person: who, Readings: readings, Alarms: alarms})
	}
	return out, nil
}

// openSecrets is the keyring, reached through a short-lived child of this
// program, and with consent a file.
func openSecrets(paths settings.Paths, allowFile bool) settings.Secrets {
	exe, err := os.Executable()
	if err != nil {
		exe = os.Args[0]
	}
	return settings.Secrets{
		Keyring: settings.ChildKeyring{Exe: []string{exe, "keyring"}},
		File:    paths.Secrets, AllowFile: allowFile,
	}
}
