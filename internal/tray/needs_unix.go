//go:build !windows && !darwin

package tray

import (
	"context"
	"time"

	"github.com/godbus/dbus/v5"
)

// The desktop portal tells a wish for contrast, in its own key and in GNOME's;
// the accessibility bus whether a screen reader runs.
const (
	portalName = "org.freedesktop.portal.Desktop"
	portalPath = "/org/freedesktop/portal/desktop"
	portalFace = "org.freedesktop.portal.Settings"
	appearance = "org.freedesktop.appearance"
	gnomeA11y  = "org.gnome.desktop.a11y.interface"

	a11yName   = "org.a11y.Bus"
	a11yPath   = "/org/a11y/bus"
	a11yStatus = "org.a11y.Status"

	propsFace = "org.freedesktop.DBus.Properties"
)

// watchNeeds tells what the desktop says of its user, and each change of it,
// until ctx ends. Where nobody says anything it tells nothing. It starts none
// of the services it asks.
func watchNeeds(ctx context.Context, changed func(Needs)) {
	conn, err := privateConn(ctx)
	if err != nil {
		return
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	defer func() { _ = conn.Close() }()
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchInterface(portalFace), dbus.WithMatchMember("SettingChanged"), dbus.WithMatchObjectPath(portalPath)},
		{dbus.WithMatchInterface(propsFace), dbus.WithMatchMember("PropertiesChanged"), dbus.WithMatchObjectPath(a11yPath)},
		// They may come up after us.
		{dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, portalName)},
		{dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, a11yName)},
	} {
		if conn.AddMatchSignal(match...) != nil {
			return
		}
	}
	var told Needs
	for {
		if now := askNeeds(ctx, conn); now != told {
			told = now
			changed(now)
		}
		select {
		case <-ctx.Done():
			return
		case _, open := <-signals:
			if !open {
				return
			}
			// A change of theme is a burst of signals.
			for settled := time.After(100 * time.Millisecond); settled != nil; {
				select {
				case _, open := <-signals:
					if !open {
						return
					}
				case <-settled:
					settled = nil
				}
			}
		}
	}
}

func askNeeds(ctx context.Context, conn *dbus.Conn) (n Needs) {
	ctx, cancel := context.WithTimeout(ctx, busDeadline)
	defer cancel()
	read := func(space, key string) any {
		var v dbus.Variant
		err := conn.Object(portalName, portalPath).CallWithContext(ctx, portalFace+".Read", dbus.FlagNoAutoStart, space, key).Store(&v)
		if err != nil {
			return nil
		}
		value := v.Value()
		for { // Read wraps the value once more
			inner, ok := value.(dbus.Variant)
			if !ok {
				return value
			}
			value = inner.Value()
		}
	}
	if higher, ok := read(appearance, "contrast").(uint32); ok && higher == 1 {
		n.Contrast = true
	} else if high, ok := read(gnomeA11y, "high-contrast").(bool); ok {
		n.Contrast = high
	}
	var v dbus.Variant
	if conn.Object(a11yName, a11yPath).CallWithContext(ctx, propsFace+".Get", dbus.FlagNoAutoStart, a11yStatus, "ScreenReaderEnabled").Store(&v) == nil {
		n.Reader, _ = v.Value().(bool)
	}
	return n
}
