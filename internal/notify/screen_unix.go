//go:build !windows && !darwin

package notify

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/llutray/llutray/internal/lang"
)

// Of logind, the service that knows who sits at the computer.
const (
	loginName    = "org.freedesktop.login1"
	loginPath    = "/org/freedesktop/login1"
	loginManager = loginName + ".Manager"
	loginSession = loginName + ".Session"
	sigProps     = "org.freedesktop.DBus.Properties.PropertiesChanged"
	lockedHint   = "LockedHint"
)

// saver is a desktop's screen saver. They differ in the name only.
type saver struct {
	name string // also its interface
	path dbus.ObjectPath
}

// savers: KDE and others; GNOME; and its offspring, which keep the shape.
var savers = []saver{
	{"org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"},
	{"org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"},
	{"org.cinnamon.ScreenSaver", "/org/cinnamon/ScreenSaver"},
	{"org.mate.ScreenSaver", "/org/mate/ScreenSaver"},
	{"org.xfce.ScreenSaver", "/org/xfce/ScreenSaver"},
}

// Between attempts to reach a bus. The system's is restarted by updates at
// most; without one there never will be.
const (
	firstLook = time.Second
	lastLook  = 5 * time.Minute
)

// busTimeout bounds a question to the login service or a screen saver.
const busTimeout = 4 * time.Second

func (s *Screen) watch(ctx context.Context) {
	s.wg.Go(func() {
		s.again(ctx, "login service", func(ctx context.Context) (bool, error) { return s.watchLogin(ctx) })
	})
	s.wg.Go(func() {
		s.again(ctx, "screen saver", func(ctx context.Context) (bool, error) { return s.watchSavers(ctx) })
	})
}

// again watches anew after each failure, with growing pauses until it worked.
func (s *Screen) again(ctx context.Context, whom string, once func(context.Context) (worked bool, err error)) {
	pause := firstLook
	for {
		worked, err := once(ctx)
		if ctx.Err() != nil {
			return
		}
		if worked {
			pause = firstLook
		}
		s.opts.Log.Debug("the "+whom+" does not tell whether the screen is locked", "err", err, "again", pause)
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		pause = min(2*pause, lastLook)
	}
}

var errBusEnded error = lang.Error("the connection ended")

// open connects for as long as ctx lasts.
func open(ctx context.Context, addresses string, ready func(*link, context.Context) error) (*link, func(), error) {
	bound, cancel := context.WithTimeout(ctx, busTimeout)
	defer cancel()
	l, err := dial(bound, addresses, ready)
	if err != nil {
		return nil, nil, err
	}
	stop := context.AfterFunc(ctx, l.close)
	return l, func() { stop(); l.close() }, nil
}

// watchLogin listens to logind until the connection ends.
func (s *Screen) watchLogin(ctx context.Context) (worked bool, err error) {
	l, closeLink, err := open(ctx, s.opts.systemBus(), func(l *link, ctx context.Context) error {
		return errors.Join(l.matchOwner(ctx, loginName),
			l.match(ctx, dbus.WithMatchSender(loginName), dbus.WithMatchMember("PropertiesChanged"), dbus.WithMatchArg(0, loginSession)))
	})
	if err != nil {
		return false, err
	}
	defer closeLink()
	defer s.lose(loginName)
	var owner string
	var session dbus.ObjectPath
	look := func() error {
		bound, cancel := context.WithTimeout(ctx, busTimeout)
		defer cancel()
		if session, err = ownSession(bound, l); err != nil {
			return err
		}
		if owner, err = l.owner(bound, loginName); err != nil {
			return err
		}
		locked, err := l.property(bound, loginName, session, loginSession, lockedHint)
		if err != nil && !isAnswer(err) { // an old one without the hint does not know it
			return err
		}
		if hint, ok := locked.(bool); ok {
			s.hear(loginName, hint)
		}
		return nil
	}
	if err := look(); err != nil {
		return false, err
	}
	for sig := range l.signals {
		if name, now, ok := newOwner(sig); ok && name == loginName {
			s.lose(loginName)
			if owner = now; now == "" {
				continue
			}
			if err := look(); err != nil {
				return true, err
			}
		} else if locked, ok := hintOf(sig, owner, session); ok {
			s.hear(loginName, locked)
		}
	}
	return true, errBusEnded
}

// ownSession finds the session at whose screen the user sits. A program that
// the user's service manager started belongs to none; "auto" is then the one
// on the display, and older logind knows that only by the session's id.
func ownSession(ctx context.Context, l *link) (dbus.ObjectPath, error) {
	var path dbus.ObjectPath
	err := l.call(ctx, loginName, loginPath, loginManager+".GetSessionByPID", uint32(os.Getpid())).Store(&path)
	for _, id := range []string{"auto", os.Getenv("XDG_SESSION_ID")} {
		if err == nil && path.IsValid() {
			return path, nil
		}
		if id == "" || ctx.Err() != nil {
			break
		}
		err = l.call(ctx, loginName, loginPath, loginManager+".GetSession", id).Store(&path)
	}
	if err == nil && !path.IsValid() {
		err = lang.E("the login service answers nonsense")
	}
	return path, err
}

// newOwner reads the bus's word that a name changed hands.
func newOwner(sig *dbus.Signal) (name, owner string, ok bool) {
	if sig == nil || sig.Name != sigOwner || sig.Sender != busName || len(sig.Body) < 3 {
		return "", "", false
	}
	name, ok1 := sig.Body[0].(string)
	owner, ok2 := sig.Body[2].(string)
	return name, owner, ok1 && ok2
}

// hintOf reads logind's word that the session was locked or unlocked. Anybody
// may send us a signal of that name.
func hintOf(sig *dbus.Signal, owner string, session dbus.ObjectPath) (locked, ok bool) {
	if sig == nil || sig.Name != sigProps || owner == "" || sig.Sender != owner || sig.Path != session || len(sig.Body) < 2 {
		return false, false
	}
	iface, _ := sig.Body[0].(string)
	changed, _ := sig.Body[1].(map[string]dbus.Variant)
	if iface != loginSession {
		return false, false
	}
	locked, ok = changed[lockedHint].Value().(bool)
	return locked, ok
}

// activeOf reads a screen saver's word, by the owners of the savers' names.
func activeOf(sig *dbus.Signal, owners map[string]string) (name string, active, ok bool) {
	if sig == nil || len(sig.Body) < 1 {
		return "", false, false
	}
	name, is := strings.CutSuffix(sig.Name, ".ActiveChanged")
	if owner := owners[name]; !is || owner == "" || sig.Sender != owner {
		return "", false, false
	}
	active, ok = sig.Body[0].(bool)
	return name, active, ok
}

// watchSavers listens to the session's screen savers until the connection
// ends. None is started for it.
func (s *Screen) watchSavers(ctx context.Context) (worked bool, err error) {
	l, closeLink, err := open(ctx, s.opts.sessionBus(), func(l *link, ctx context.Context) error {
		for _, sv := range savers {
			err := errors.Join(l.matchOwner(ctx, sv.name),
				l.match(ctx, dbus.WithMatchSender(sv.name), dbus.WithMatchInterface(sv.name), dbus.WithMatchMember("ActiveChanged")))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	defer closeLink()
	names := make([]string, 0, len(savers))
	owners := map[string]string{}
	for _, sv := range savers {
		names = append(names, sv.name)
		bound, cancel := context.WithTimeout(ctx, busTimeout)
		owners[sv.name], _ = l.owner(bound, sv.name)
		cancel()
		s.askSaver(ctx, l, sv, owners[sv.name])
	}
	defer func() { s.lose(names...) }()
	for sig := range l.signals {
		if name, owner, ok := newOwner(sig); ok {
			for _, sv := range savers {
				if sv.name == name {
					owners[name] = owner
					s.lose(name)
					s.askSaver(ctx, l, sv, owner)
				}
			}
		} else if name, active, ok := activeOf(sig, owners); ok {
			s.hear(name, active)
		}
	}
	return true, errBusEnded
}

// askSaver asks one whether it is on. GNOME has one that refuses to say, beside
// the one that does.
func (s *Screen) askSaver(ctx context.Context, l *link, sv saver, owner string) {
	if owner == "" {
		return
	}
	bound, cancel := context.WithTimeout(ctx, busTimeout)
	defer cancel()
	var active bool
	l.writeBy(bound)
	call := l.conn.Object(owner, sv.path).CallWithContext(bound, sv.name+".GetActive", dbus.FlagNoAutoStart)
	if call.Store(&active) == nil {
		s.hear(sv.name, active)
	}
}

func (o ScreenOptions) sessionBus() string {
	if o.SessionBus != "" {
		return o.SessionBus
	}
	return sessionAddress()
}

func (o ScreenOptions) systemBus() string {
	if o.SystemBus != "" {
		return o.SystemBus
	}
	return systemAddress()
}

// systemAddress is where the system's bus listens.
func systemAddress() string {
	if a := os.Getenv("DBUS_SYSTEM_BUS_ADDRESS"); a != "" {
		return a
	}
	return "unix:path=/run/dbus/system_bus_socket;unix:path=/var/run/dbus/system_bus_socket"
}
