package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/history"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/settings"
)

// A home folder that cannot be written, because its disk is full or went
// read-only, must not keep the alarms away. What would be written then goes to
// a refuge, which is in memory on most systems and ends with the session.

// largestCopy is how much of a history is worth its memory: some ten years.
const largestCopy = 512 << 20

// refugeOf are the places to go to in place of the user's own. The settings and
// the secrets stay where they are, to be read.
func refugeOf(paths settings.Paths) settings.Paths {
	root := filepath.Join(runtimeDir(), "llutray-refuge")
	refuge := settings.PathsUnder(root)
	refuge.Settings, refuge.Secrets = paths.Settings, paths.Secrets
	return refuge
}

// inUse are the places that a running program uses: the refuge while it is
// there, else the user's own.
func inUse(paths settings.Paths) settings.Paths {
	refuge := refugeOf(paths)
	if _, err := os.Stat(refuge.Lock); err != nil || !haveRefuge() {
		return paths // asking for a lock would make the file
	}
	lock := flock.New(refuge.Lock)
	if held, err := lock.TryLock(); err != nil || held {
		_ = lock.Unlock()
		return paths
	}
	return refuge
}

// askRunning sends a command to the running program, wherever it keeps its
// socket, and returns its answer or app.ErrNotRunning.
func askRunning(paths settings.Paths, person, command, kind string, d time.Duration) (string, error) {
	text, err := app.TellAbout(paths.Control, person, command, kind, d)
	if errors.Is(err, app.ErrNotRunning) && haveRefuge() {
		text, err = app.TellAbout(refugeOf(paths).Control, person, command, kind, d)
	}
	return text, err
}

// haveRefuge reports whether what is in the refuge is of this user.
func haveRefuge() bool {
	info, err := os.Lstat(runtimeDir())
	return err == nil && info.IsDir() && ours(info)
}

// listenInRefuge takes the commands of other processes where the folder that
// they usually come through can't be written.
func listenInRefuge(paths settings.Paths) (*app.Control, error) {
	refuge := refugeOf(paths)
	if err := private(runtimeDir()); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(refuge.Control), 0o700); err != nil {
		return nil, err
	}
	return app.ListenControl(refuge.Control)
}

// runtimeDir is a folder of this user's that is not in the home.
func runtimeDir() string {
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return dir
		}
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("llutray-%d", os.Getuid()))
}

// cannotWrite tells what keeps files from being written, in a clause for the
// user; "" when that is not what is wrong.
func cannotWrite(err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), history.Full(err):
		return lang.T("the disk with your home folder is full")
	case errors.Is(err, syscall.EROFS), history.ReadOnly(err):
		return lang.T("your home folder is read-only")
	case errors.Is(err, syscall.EIO), history.Failing(err):
		return lang.T("the disk with your home folder fails")
	case errors.Is(err, fs.ErrPermission):
		return lang.T("your home folder may not be written")
	}
	return ""
}

// openRefuge opens the program in the refuge, with what can be read of the home.
func openRefuge(paths settings.Paths, why string) (*program, error) {
	refuge := refugeOf(paths)
	if err := private(runtimeDir()); err != nil {
		return nil, err
	}
	for _, file := range []string{refuge.History, refuge.State} {
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return nil, err
		}
	}
	keep(paths.State, refuge.State)
	keep(paths.History, refuge.History)
	keep(paths.Screen, refuge.Screen)
	keep(paths.Session, refuge.Session)
	if set, err := settings.Load(paths.Settings); err == nil {
		for _, name := range set.AccountNames() {
			keep(paths.SessionOf(name), refuge.SessionOf(name))
		}
	}
	p, err := openAt(refuge, false)
	if err != nil {
		return nil, err
	}
	p.notice = lang.F("Nothing can be kept: %s. Values and snoozes last until you log out; alarms work. Make room or mend it, then start llutray again.", why)
	p.log.Error("the home folder cannot be written", "why", why)
	return p, nil
}

// keep copies a file of the home into the refuge, unless what is there is newer.
// A file that can't be copied is done without.
func keep(from, to string) {
	source, err := os.Stat(from)
	if err != nil || source.Size() > largestCopy {
		return
	}
	if there, err := os.Stat(to); err == nil && !source.ModTime().After(there.ModTime()) {
		return
	}
	in, err := os.Open(from)
	if err != nil {
		return
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Close()); err != nil {
		_ = os.Remove(to)
	}
}

// private makes a folder that nobody else can look into. In a folder that all
// may write to, another user could have made it first.
func private(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() || !ours(info) {
		return lang.E("%s belongs to somebody else", dir)
	}
	return nil
}
