//go:build !windows && !darwin

package busapi

import (
	"context"
	"os"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/llutray/llutray/internal/lang"
)

// Errors of Run, for people.
var (
	ErrNoBus error = lang.Error("this session's D-Bus cannot be reached")
	ErrTaken error = lang.Error("another program offers llutray's values on the D-Bus already")
)

// hangs is how long the bus may take to read. A program that stops reading
// never hangs us: the bus takes its messages.
const hangs = 10 * time.Second

// Run offers the interface until ctx ends or the bus is gone.
func (s *Server) Run(ctx context.Context) error {
	address := os.Getenv("DBUS_SESSION_BUS_ADDRESS")
	if address == "" {
		return ErrNoBus // the library would start one
	}
	conn, err := dbus.Connect(address) // of our own, see the package
	if err != nil {
		return ErrNoBus
	}
	// The library writes without a deadline, and cannot close a connection
	// whose other end does not read: nobody may wait for it.
	defer func() { go func() { _ = conn.Close() }() }()
	told := s.properties()
	for iface, methods := range map[string]any{Interface: calls{s}, properties: standard{s}, "org.freedesktop.DBus.Introspectable": introspection{}} {
		if err := conn.Export(methods, Path, iface); err != nil {
			return err
		}
	}
	var reply dbus.RequestNameReply
	asked, cancel := context.WithTimeout(ctx, hangs)
	err = conn.BusObject().CallWithContext(asked, "org.freedesktop.DBus.RequestName", 0, Name, dbus.NameFlagDoNotQueue).Store(&reply)
	cancel()
	if err != nil {
		return ErrNoBus
	}
	if reply != dbus.RequestNameReplyPrimaryOwner {
		return ErrTaken
	}
	for {
		done := make(chan error, 1)
		go func() { done <- s.tell(conn, &told) }()
		timer := time.NewTimer(hangs)
		select {
		case err := <-done:
			timer.Stop()
			if err != nil {
				return ErrNoBus
			}
		case <-timer.C:
			return lang.E("this session's D-Bus does not answer")
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-conn.Context().Done():
			return ErrNoBus
		case <-s.poke:
		}
	}
}

// tell emits what has changed since told, and the alarms.
func (s *Server) tell(conn *dbus.Conn, told *map[string]dbus.Variant) error {
	s.mu.Lock()
	now, alarms := s.now, s.alarms
	s.alarms = nil
	s.mu.Unlock()
	if diff := changed(*told, now); len(diff) > 0 {
		if err := conn.Emit(Path, properties+".PropertiesChanged", Interface, diff, []string{}); err != nil {
			return err
		}
	}
	*told = now
	for _, a := range alarms {
		if err := conn.Emit(Path, Interface+".AlarmRaised", a.Person.ID, a.Person.Name, string(a.Kind), string(a.Level), a.Message); err != nil {
			return err
		}
	}
	return nil
}
