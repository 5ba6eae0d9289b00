package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/history"
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
	closers []func()
	notice  string // what the user must know of the files; "" when all is well
}

// unlockable reports whether the file system of a lock keeps none.
func unlockable(err error) bool {
	return errors.Is(err, syscall.ENOLCK) || errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.EOPNOTSUPP) || errors.Is(err, syscall.ENOSYS)
}

// errRunning tells that another llutray of this user holds the lock.
var errRunning = errors.New("llutray is already running")

// openProgram takes the lock and opens log, history and the control socket, in
// the refuge when the home can't be written.
func openProgram(paths settings.Paths) (*program, error) {
	err := paths.Make()
	var p *program
	if err == nil {
		p, err = openAt(paths)
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
		return nil, err
	}
	return p, nil
}

// openAt does so in folders that are there.
func openAt(paths settings.Paths) (*program, error) {
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
		return nil, fmt.Errorf("the lock file can't be used: %w", err)
	}
	if !held {
		return nil, errRunning
	}
	p.closers = append(p.closers, func() { _ = p.lock.Unlock() })
	if err := p.open(); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *program) open() error {
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
	store, notice, err := history.Open(p.paths.History)
	if err != nil {
		return err
	}
	p.store = store
	p.closers = append(p.closers, func() { _ = store.Close() })
	if notice != "" {
		p.log.Warn(notice)
	}
	p.control, err = app.ListenControl(p.paths.Control)
	if err != nil {
		p.log.Warn("commands can't reach this program", "err", err)
		return nil // following matters more
	}
	p.closers = append(p.closers, p.control.Close)
	return nil
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
	} else {
		p.keepGood()
	}
	o := app.Options{
		Clock: app.SystemClock{}, Paths: p.paths, Settings: set, SettingsErr: err,
		Store: p.store, State: app.StateFile(p.paths.State), Recall: p.recall, Connect: p.connect(set),
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

// connect makes the client out of the stored sign-in.
func (p *program) connect(set settings.Settings) func(ctx context.Context) (poll.Source, error) {
	secrets := openSecrets(p.paths, false)
	return func(ctx context.Context) (poll.Source, error) {
		account := &app.Account{Secrets: secrets, Path: p.paths.Session, Log: p.log}
		cred, err := account.Credentials(ctx)
		if err != nil {
			return nil, err
		}
		session, err := account.Load(ctx, cred)
		if err != nil {
			return nil, err
		}
		if s, err := settings.Load(p.paths.Settings); err == nil {
			set = s // the region or the proxy may have been changed since
		}
		return app.NewClient(account, session, set.Account.Region, set.Proxy, cred, p.log)
	}
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
