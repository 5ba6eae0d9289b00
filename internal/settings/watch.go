package settings

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// quiet is how long the folder must be still before the file is read: an
	// editor saves by several steps, some of which leave no file for a moment.
	quiet = 100 * time.Millisecond
	// overdue is when it is read though the folder is never still.
	overdue = time.Second
	// glance is how often the file is read where nothing tells of changes: on
	// some network drives, with too many watches on the system, or while the
	// folder is gone.
	glance = 2 * time.Second
)

// Watch calls deliver with the settings at once and after every change of the
// file, until ctx ends. A file that cannot be used is delivered as an error,
// once; the settings delivered before should stay in force. What is the same
// as before is not delivered again. deliver is called by one goroutine.
func Watch(ctx context.Context, path string, deliver func(Settings, error)) error {
	w := watch{path: path, deliver: deliver}
	n, err := fsnotify.NewWatcher()
	if err != nil {
		w.read()
		return w.poll(ctx)
	}
	defer func() { _ = n.Close() }()
	w.follow(n) // before the first look, so that no change falls between
	w.read()
	return w.run(ctx, n)
}

type watch struct {
	path    string
	deliver func(Settings, error)
	last    *Settings
	lastErr string
}

// read delivers what the file says now, if that is news.
func (w *watch) read() {
	s, err := Load(w.path)
	switch {
	case err != nil:
		if err.Error() != w.lastErr {
			w.lastErr = err.Error()
			w.deliver(Settings{}, err)
		}
	case w.last == nil || !w.last.Equal(s) || w.lastErr != "":
		// Also when an error is over and the file is what it was before.
		w.last, w.lastErr = &s, ""
		w.deliver(s, nil)
	}
}

func (w *watch) poll(ctx context.Context) error {
	tick := time.NewTicker(glance)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			w.read()
		}
	}
}

// run reads the file when its folder tells of a change. The folder is
// watched and not the file, which editors replace by another.
func (w *watch) run(ctx context.Context, n *fsnotify.Watcher) error {
	tick := time.NewTicker(glance)
	defer tick.Stop()
	var still <-chan time.Time // a pending read
	var first time.Time        // when it became pending
	for {
		select {
		case <-ctx.Done():
			return nil
		case e, ok := <-n.Events:
			if !ok {
				return errors.New("watching the settings file ended")
			}
			if !w.concerns(e.Name) {
				continue // a neighbour, or an editor's own file
			}
			if still == nil {
				first = time.Now()
			}
			still = time.After(min(quiet, max(0, overdue-time.Since(first))))
		case err, ok := <-n.Errors:
			if !ok {
				return errors.New("watching the settings file ended")
			}
			_ = err // an overflow lost events: look
			still = time.After(quiet)
		case <-still:
			still = nil
			w.follow(n) // a link may lead elsewhere now; before the look, as at the start
			w.read()
		case <-tick.C:
			// A folder that was removed takes its watch along.
			if len(n.WatchList()) < len(folders(w.path)) {
				w.follow(n)
				w.read()
			}
		}
	}
}

// concerns reports whether a change of that name may be one of the settings.
func (w *watch) concerns(name string) bool {
	base := filepath.Base(name)
	return base == filepath.Base(w.path) || base == filepath.Base(resolve(w.path)) || folders(w.path)[name]
}

// follow watches the folders that matter and no others.
func (w *watch) follow(n *fsnotify.Watcher) {
	want := folders(w.path)
	for _, old := range n.WatchList() {
		if !want[old] {
			_ = n.Remove(old) // gone is gone
		}
	}
	for dir := range want {
		_ = n.Add(dir) // a folder that is missing is tried again by the tick
	}
}

// folders are the folder of the file and, when it is a symbolic link, that of
// the file it leads to.
func folders(path string) map[string]bool {
	return map[string]bool{filepath.Dir(path): true, filepath.Dir(resolve(path)): true}
}

func resolve(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	return path
}
