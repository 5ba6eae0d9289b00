package notify

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"

	"github.com/llutray/llutray/internal/lang"
)

// toaster shows messages through a library call that knows neither deadlines
// nor contexts and may not return: one call at a time, each waited for only as
// long as the caller wants to. It can neither replace nor take back, and hears
// of no button.
type toaster struct {
	opts Options
	log  *slog.Logger
	turn chan struct{}
	// show is the library's call; icon is a path or "".
	show func(app, title, body, icon string, audible bool) error
}

func newToaster(opts Options, show func(app, title, body, icon string, audible bool) error) *toaster {
	return &toaster{opts: opts, log: opts.Log, turn: make(chan struct{}, 1), show: show}
}

func (t *toaster) send(ctx context.Context, m Message) error {
	icon, err := t.iconFile(m.Icon)
	if err != nil {
		t.log.Warn("notifications go without an icon", "err", err)
	}
	select {
	case t.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	audible := t.opts.ServerSound && m.Sound != SoundNone && m.Sound != ""
	ended := make(chan error, 1)
	go func() {
		defer func() { <-t.turn }()
		defer func() {
			if v := recover(); v != nil { // COM and the registry are beyond us
				ended <- lang.E("the desktop's notification library failed")
			}
		}()
		ended <- t.show(inert(t.opts.AppName), inert(m.Title), inert(m.Body), icon, audible)
	}()
	select {
	case err := <-ended:
		if err != nil {
			return lang.E("the desktop refused the notification: check that notifications are allowed for this program: %w", err)
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// iconFile keeps the icon where its path stays good: Windows remembers the path
// and reads it whenever it shows a notification again.
func (t *toaster) iconFile(icon []byte) (string, error) {
	if t.opts.Dir == "" || len(icon) == 0 {
		return "", nil
	}
	return storeFile(t.opts.Dir, "notification.png", icon)
}

func (t *toaster) withdraw(context.Context, string) error { return nil }

func (t *toaster) check(context.Context) (Status, error) {
	if runtime.GOOS == "darwin" {
		return Status{Via: "Notification Center"}, nil
	}
	return Status{Via: "toast"}, nil
}

func (t *toaster) close() {}

// storeFile puts data into dir/name, readable by the user alone, unless it is
// there already. The file appears whole or not at all.
func storeFile(dir, name string, data []byte) (string, error) {
	path := filepath.Join(dir, name)
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, data) {
		return path, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, name+".*") // 0600 from birth
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return "", err
	}
	return path, nil
}
