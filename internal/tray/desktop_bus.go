//go:build !windows && !darwin

package tray

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/llutray/llutray/internal/lang"
)

const (
	watcherName = "org.kde.StatusNotifierWatcher"
	watcherPath = "/StatusNotifierWatcher"
	itemPath    = "/StatusNotifierItem"
	itemName    = "org.kde.StatusNotifierItem"

	// busDeadline bounds everything asked of the bus at the start.
	busDeadline = 3 * time.Second
	// busEvery is how often a bus that is gone is looked for.
	busEvery = time.Second

	// widestLabel tells hosts that reserve room how much the label may need.
	widestLabel = "27.8 ↗"
)

// bus watches the session bus for what shows tray icons. It has a connection
// of its own: the tray library shares its connection with whoever asks for
// it, and stops noticing restarted panels once any other signal arrives there.
type bus struct {
	conn    *dbus.Conn
	present chan bool
	stop    context.CancelFunc
}

func connect(ctx context.Context) (desktop, error) {
	conn, err := privateConn(ctx)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	b := &bus{conn: conn, present: make(chan bool), stop: stop}
	if err := conn.AddMatchSignal(
		dbus.WithMatchInterface("org.freedesktop.DBus"),
		dbus.WithMatchMember("NameOwnerChanged"),
		dbus.WithMatchArg(0, watcherName),
	); err != nil {
		b.close()
		return nil, fmt.Errorf("%w: %w", ErrNoTray, err)
	}
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	present, err := hasWatcher(ctx, conn)
	if err != nil {
		b.close()
		return nil, fmt.Errorf("%w: %w", ErrNoTray, err)
	}
	go b.watch(ctx, present, signals)
	return b, nil
}

func (b *bus) watch(ctx context.Context, present bool, signals <-chan *dbus.Signal) {
	for {
		select {
		case b.present <- present:
		case <-ctx.Done():
			return
		}
		for known := false; !known; {
			select {
			case <-ctx.Done():
				return
			case s, open := <-signals:
				if !open {
					return
				}
				present, known = newOwner(s)
			}
		}
	}
}

// newOwner reads a NameOwnerChanged signal of the watcher.
func newOwner(s *dbus.Signal) (present, ok bool) {
	if s.Name != "org.freedesktop.DBus.NameOwnerChanged" || len(s.Body) != 3 || s.Body[0] != watcherName {
		return false, false
	}
	owner, ok := s.Body[2].(string)
	return owner != "", ok
}

func (b *bus) hosts() <-chan bool    { return b.present }
func (b *bus) lost() <-chan struct{} { return b.conn.Context().Done() }

// again waits for a bus at the same address, which is one of the same session:
// a session that ends takes the screen with it.
func (b *bus) again(ctx context.Context) (desktop, error) {
	for {
		if d, err := connect(ctx); err == nil {
			if sharedWorks(ctx) {
				return d, nil
			}
			d.close()
		}
		if SessionOver() {
			return nil, ErrLost
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(busEvery):
		}
	}
}

// sharedWorks reports whether the connection that the tray library will take
// is a new one. It may not have noticed yet that the former one is dead.
func sharedWorks(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, busDeadline)
	defer cancel()
	shared, err := dbus.SessionBus() //nolint:forbidigo // only to call, nothing is listened for
	return err == nil && shared.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetId", 0).Err == nil
}

func (b *bus) close() {
	b.stop()
	_ = b.conn.Close() // nothing is left to be sent
}

// introduce registers the item with a watcher that does not have it. The
// library registers once at its start and then begins to look out for new
// watchers; one that appears in between, as at the login, it misses for good.
func (b *bus) introduce() {
	go func() {
		ctx, cancel := context.WithTimeout(b.conn.Context(), busDeadline)
		defer cancel()
		shared, err := dbus.SessionBus() //nolint:forbidigo // only to call, nothing is listened for
		if err != nil {
			return
		}
		var items []string
		if b.conn.Object(watcherName, watcherPath).CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0,
			watcherName, "RegisteredStatusNotifierItems").Store(&items) != nil {
			return // there is no watcher, or it is none that can be asked
		}
		for _, item := range items {
			// A name on the bus and a path, which watchers join as they please.
			if end := strings.IndexAny(item, "/@"); end >= 0 {
				item = item[:end]
			}
			if slices.Contains(shared.Names(), item) {
				return
			}
		}
		// Should it fail, the next watcher is told by the library.
		shared.Object(watcherName, watcherPath).CallWithContext(ctx, watcherName+".RegisterStatusNotifierItem", 0, itemPath)
	}()
}

// setLabel tells hosts of the Ayatana kind, above all GNOME's extension, the
// text beside the icon. The library knows no label, so it is emitted on the
// library's connection, where hosts expect it from; emitting does not disturb
// it. PropertiesChanged comes first: older extensions fail on a NewLabel for
// a property that they have never seen.
func (b *bus) setLabel(text string) error {
	conn, err := dbus.SessionBus() //nolint:forbidigo // only to emit
	if err != nil {
		return err
	}
	changed := map[string]dbus.Variant{"XAyatanaLabel": dbus.MakeVariant(text)}
	return errors.Join(
		conn.Emit(itemPath, "org.freedesktop.DBus.Properties.PropertiesChanged", itemName, changed, []string{}),
		conn.Emit(itemPath, itemName+".XAyatanaNewLabel", text, widestLabel),
	)
}

// privateConn connects to the session bus if there is one. The bus library,
// left alone, would start one that no desktop listens on.
func privateConn(ctx context.Context) (*dbus.Conn, error) {
	if !haveBus() {
		return nil, fmt.Errorf("%w: %s", ErrNoTray, lang.T("this session's D-Bus cannot be reached"))
	}
	type result struct {
		conn *dbus.Conn
		err  error
	}
	done := make(chan result, 1)
	go func() {
		conn, err := dbus.ConnectSessionBus()
		done <- result{conn, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNoTray, r.err)
		}
		return r.conn, nil
	case <-ctx.Done():
	case <-time.After(busDeadline):
	}
	go func() { // a bus that answers late
		if r := <-done; r.conn != nil {
			_ = r.conn.Close()
		}
	}()
	return nil, fmt.Errorf("%w: %s", ErrNoTray, lang.T("this session's D-Bus does not answer"))
}

func haveBus() bool {
	if a := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); a != "" && a != "autolaunch:" {
		return true
	}
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		return false
	}
	_, err := os.Stat(filepath.Join(dir, "bus"))
	return err == nil
}

func hasWatcher(ctx context.Context, conn *dbus.Conn) (present bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, busDeadline)
	defer cancel()
	err = conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, watcherName).Store(&present)
	return present, err
}
