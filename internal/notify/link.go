//go:build !windows && !darwin

package notify

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	busPath     = "/org/freedesktop/DBus"
	getProperty = "org.freedesktop.DBus.Properties.Get"
)

// link is one private connection to a bus. The socket is opened here
// and not by the D-Bus library, because the library writes without a deadline
// and cannot even close a connection whose other end has stopped reading.
type link struct {
	sock    *net.UnixConn
	conn    *dbus.Conn
	signals chan *dbus.Signal
	bus     string // its ID; known to those who subscribe
	once    sync.Once
}

// sessionAddress is where the session's bus listens, "" when it has none. One
// is never launched: a bus of our own would have nobody on it.
func sessionAddress() string {
	if a := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); a != "" {
		return a
	}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); strings.HasPrefix(dir, "/") {
		path := dir + "/bus"
		if info, err := os.Stat(path); err == nil && info.Mode()&os.ModeSocket != 0 {
			return "unix:path=" + dbus.EscapeBusAddressValue(path)
		}
	}
	return ""
}

// subscribe asks for the notification service's signals.
func (l *link) subscribe(ctx context.Context) error {
	_ = l.call(ctx, busName, busPath, busName+".GetId").Store(&l.bus) // not told is one of its values
	return errors.Join(
		l.match(ctx, dbus.WithMatchSender(serverName), dbus.WithMatchInterface(serverName)),
		l.matchOwner(ctx, serverName),
	)
}

// dial connects to the first of the addresses that answers. What the
// connection must hear is asked for by ready, within ctx.
func dial(ctx context.Context, addresses string, ready func(*link, context.Context) error) (*link, error) {
	if addresses == "" {
		return nil, ErrNoBus
	}
	var errs []error
	for address := range strings.SplitSeq(addresses, ";") {
		l, err := dialOne(ctx, address, ready)
		if err == nil {
			return l, nil
		}
		errs = append(errs, err)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	err := errors.Join(errs...)
	if late(err) {
		return nil, err
	}
	return nil, fmt.Errorf("%w (%w)", ErrNoBus, err)
}

func dialOne(ctx context.Context, address string, ready func(*link, context.Context) error) (*link, error) {
	path, err := socketPath(address)
	if err != nil {
		return nil, err
	}
	c, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	sock := c.(*net.UnixConn)
	// Also ends the handshake below when the context does.
	hangUp := context.AfterFunc(ctx, func() { _ = sock.Close() })
	conn, err := dbus.ConnectUnix(sock, dbus.WithSignalHandler(dbus.NewSequentialSignalHandler()))
	if err != nil {
		_ = sock.Close()
		hangUp()
		return nil, err
	}
	l := &link{sock: sock, conn: conn, signals: make(chan *dbus.Signal, 16)}
	conn.Signal(l.signals)
	err = ready(l, ctx)
	if !hangUp() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

// socketPath reads a bus address of the unix kind. Others are left to the
// commands that stand in for us.
func socketPath(address string) (string, error) {
	keys, ok := strings.CutPrefix(address, "unix:")
	if !ok {
		return "", errors.New("not the address of a Unix socket")
	}
	for pair := range strings.SplitSeq(keys, ",") {
		key, value, _ := strings.Cut(pair, "=")
		value, err := dbus.UnescapeBusAddressValue(value)
		if err != nil {
			return "", errors.New("the bus address is malformed")
		}
		switch key {
		case "path":
			return value, nil
		case "abstract":
			return "@" + value, nil
		case "runtime":
			return os.Getenv("XDG_RUNTIME_DIR") + "/bus", nil
		}
	}
	return "", errors.New("the bus address names no socket")
}

func (l *link) match(ctx context.Context, options ...dbus.MatchOption) error {
	l.writeBy(ctx)
	return l.conn.AddMatchSignalContext(ctx, options...)
}

// matchOwner asks to be told when a name changes hands.
func (l *link) matchOwner(ctx context.Context, name string) error {
	return l.match(ctx, dbus.WithMatchSender(busName), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, name))
}

// writeBy bounds the writing of the next message.
func (l *link) writeBy(ctx context.Context) {
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(sendTimeout)
	}
	_ = l.sock.SetWriteDeadline(deadline)
}

// call asks and waits for the reply.
func (l *link) call(ctx context.Context, dest string, path dbus.ObjectPath, method string, args ...any) *dbus.Call {
	l.writeBy(ctx)
	return l.conn.Object(dest, path).CallWithContext(ctx, method, 0, args...)
}

// property reads one, without starting a service that does not run.
func (l *link) property(ctx context.Context, dest string, path dbus.ObjectPath, iface, name string) (any, error) {
	return l.get(ctx, dbus.FlagNoAutoStart, dest, path, iface, name)
}

// startedProperty reads one, of a service that is started if need be.
func (l *link) startedProperty(ctx context.Context, dest string, path dbus.ObjectPath, iface, name string) (any, error) {
	return l.get(ctx, 0, dest, path, iface, name)
}

func (l *link) get(ctx context.Context, flags dbus.Flags, dest string, path dbus.ObjectPath, iface, name string) (any, error) {
	var v dbus.Variant
	l.writeBy(ctx)
	err := l.conn.Object(dest, path).CallWithContext(ctx, getProperty, flags, iface, name).Store(&v)
	return v.Value(), err
}

// owner is who has a name now, "" if nobody.
func (l *link) owner(ctx context.Context, name string) (string, error) {
	var owner string
	err := l.call(ctx, busName, busPath, busName+".GetNameOwner", name).Store(&owner)
	if isAnswer(err) {
		return "", nil
	}
	return owner, err
}

// start asks; the reply comes in its time, or an error when the connection ends.
func (l *link) start(ctx context.Context, dest string, path dbus.ObjectPath, method string, args ...any) <-chan *dbus.Call {
	l.writeBy(ctx)
	replies := make(chan *dbus.Call, 1)
	l.conn.Object(dest, path).Go(method, 0, replies, args...)
	return replies
}

// post asks without wanting a reply.
func (l *link) post(dest string, path dbus.ObjectPath, method string, args ...any) {
	_ = l.sock.SetWriteDeadline(time.Now().Add(time.Second))
	l.conn.Object(dest, path).Go(method, dbus.FlagNoReplyExpected|dbus.FlagNoAutoStart, nil, args...)
}

// flag reads a boolean property of the server, false if it has none such.
func (l *link) flag(ctx context.Context, iface, name string) bool {
	var v dbus.Variant
	if l.call(ctx, serverName, serverPath, getProperty, iface, name).Store(&v) != nil {
		return false
	}
	set, _ := v.Value().(bool)
	return set
}

func (l *link) close() {
	l.once.Do(func() {
		_ = l.sock.Close() // first: it frees a writer the library's Close would wait for
		_ = l.conn.Close()
	})
}
